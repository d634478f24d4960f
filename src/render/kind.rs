//! Which format, with which columns.

use std::fmt;
use std::str::FromStr;

use super::{Column, Shape};

/// The formats of `-o`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OutputFormat {
    /// Aligned columns for people; what a command prints unless told otherwise.
    #[default]
    Table,
    /// A table with more columns.
    Wide,
    /// One document, as the reference tool prints it.
    Json,
    /// One flat object a line.
    Ndjson,
    /// Comma-separated values.
    Csv,
    /// Tab-separated values.
    Tsv,
    /// A Markdown table.
    Md,
    /// One name a line.
    Name,
}

impl OutputFormat {
    /// The names of all formats, in the order of the help text.
    pub const NAMES: [&'static str; 8] = ["table", "wide", "json", "ndjson", "csv", "tsv", "md", "name"];

    /// The name that `-o` takes.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Wide => "wide",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Md => "md",
            Self::Name => "name",
        }
    }
}

impl fmt::Display for OutputFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A word after `-o` that is no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the formats are {all}", all = OutputFormat::NAMES.join(", "))]
pub struct UnknownFormat(pub String);

impl FromStr for OutputFormat {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        Ok(match text {
            // The reference tool calls its tables so.
            "table" | "console" => Self::Table,
            "wide" => Self::Wide,
            "json" => Self::Json,
            "ndjson" => Self::Ndjson,
            "csv" => Self::Csv,
            "tsv" => Self::Tsv,
            "md" => Self::Md,
            "name" => Self::Name,
            other => return Err(UnknownFormat(other.to_owned())),
        })
    }
}

/// A column name that a shape does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownColumn {
    /// What was asked for.
    pub name: String,
    /// Columns whose names are like it, the best first.
    pub near: Vec<&'static str>,
    /// Every column of the shape.
    pub all: Vec<&'static str>,
}

impl fmt::Display for UnknownColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown column '{}'", self.name)?;
        if !self.near.is_empty() {
            write!(f, ", did you mean {}?", self.near.join(" or "))?;
        }
        write!(f, "; the columns are {}", self.all.join(", "))
    }
}

impl std::error::Error for UnknownColumn {}

impl Shape {
    /// The places of the columns in a list such as `id,name`; a column named twice is taken once.
    ///
    /// # Errors
    /// [`UnknownColumn`] for the first name that is none of this shape's.
    pub fn pick(&self, names: &str) -> Result<Vec<usize>, UnknownColumn> {
        let mut places = Vec::new();
        for name in names.split(',') {
            let place = self.place(name.trim())?;
            if !places.contains(&place) {
                places.push(place);
            }
        }
        Ok(places)
    }

    /// The place of the column of this name.
    ///
    /// # Errors
    /// [`UnknownColumn`] when there is none.
    pub fn place(&self, name: &str) -> Result<usize, UnknownColumn> {
        self.columns.iter().position(|column| column.name == name).ok_or_else(|| self.unknown(name))
    }

    /// The columns that a format shows unless told otherwise.
    #[must_use]
    pub fn default_columns(&self, kind: OutputFormat) -> &'static [usize] {
        match kind {
            OutputFormat::Table | OutputFormat::Md => self.table,
            OutputFormat::Wide => self.wide,
            OutputFormat::Ndjson | OutputFormat::Csv | OutputFormat::Tsv => self.flat,
            OutputFormat::Json | OutputFormat::Name => &[],
        }
    }

    /// The columns at these places, without places that this shape does not have.
    pub(super) fn at(&self, places: &[usize]) -> Vec<(usize, &'static Column)> {
        places.iter().filter_map(|&place| Some((place, self.columns.get(place)?))).collect()
    }

    fn unknown(&self, name: &str) -> UnknownColumn {
        let all: Vec<_> = self.columns.iter().map(|column| column.name).collect();
        UnknownColumn { name: name.to_owned(), near: near(name, &all), all }
    }
}

/// Up to three names that begin or end as the word does, or differ from it by a slip of the hand.
fn near(word: &str, names: &[&'static str]) -> Vec<&'static str> {
    let word = word.to_lowercase().replace(['-', ' '], "_");
    if word.is_empty() {
        return Vec::new();
    }
    let mut scored: Vec<_> = names
        .iter()
        .filter_map(|&name| {
            let slips = strsim::damerau_levenshtein(&word, name);
            let part = name.starts_with(&word) || name.ends_with(&format!("_{word}"));
            (part || slips <= (word.chars().count() / 4).max(1)).then_some((slips, name))
        })
        .collect();
    scored.sort_by_key(|&(slips, _)| slips);
    scored.into_iter().take(3).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::SHAPE;
    use super::*;

    #[test]
    fn formats_have_names() {
        for name in OutputFormat::NAMES {
            assert_eq!(name.parse::<OutputFormat>().unwrap().name(), name);
        }
        assert_eq!("console".parse(), Ok(OutputFormat::Table));
        assert_eq!(
            "JSON".parse::<OutputFormat>().unwrap_err().to_string(),
            "the formats are table, wide, json, ndjson, csv, tsv, md, name"
        );
    }

    #[test]
    fn columns_are_picked_by_name() {
        assert_eq!(SHAPE.pick("note, id,note"), Ok(vec![5, 0]));
    }

    #[test]
    fn an_unknown_column_hears_of_near_ones() {
        let error = SHAPE.pick("id,coutn").unwrap_err();
        assert_eq!(
            error.to_string(),
            "unknown column 'coutn', did you mean count?; the columns are id, tags, count, ok, at, note"
        );
        assert_eq!(SHAPE.pick("").unwrap_err().near, Vec::<&str>::new());
        assert_eq!(SHAPE.pick("colour").unwrap_err().near, Vec::<&str>::new());
    }

    #[test]
    fn near_names_are_parts_or_slips() {
        let names = ["principal_type", "principal_id", "principal_name", "id"];
        assert_eq!(near("name", &names), ["principal_name"]);
        assert_eq!(near("Principal-Id", &names), ["principal_id"]);
        assert_eq!(near("principal", &names).len(), 3);
    }
}

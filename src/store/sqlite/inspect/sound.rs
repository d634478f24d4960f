//! Whether the database is whole: its header, and what SQLite itself finds when it checks every page.

use rusqlite::Connection;

use super::super::connection::{self, Steps};
use super::pages::{Pages, u32_at};
use super::{Bytes, Tables};

/// Something that is wrong with the database as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseFault {
    /// What it is about: `header`, `page 17`, `freelist`.
    pub place: String,
    /// Where that stands in the database, in bytes.
    pub offset: Option<u64>,
    /// What is wrong.
    pub message: String,
    /// Odd, but nothing is lost by it.
    pub harmless: bool,
}

/// Faults that SQLite lists.
const MOST: usize = 1000;

impl Tables {
    /// Bytes of a page and their number, if the header says so.
    pub(crate) fn pages(&self) -> Option<(u64, u64)> {
        Pages::of(self.bytes()).map(|pages| (pages.size as u64, pages.count()))
    }

    /// Bytes of the database that are there.
    pub(crate) fn size(&self) -> u64 {
        self.bytes().len() as u64
    }

    /// What is wrong with the header.
    pub(crate) fn check_header(&self) -> Vec<DatabaseFault> {
        let image = self.bytes();
        let mut faults = Vec::new();
        if image.is_empty() {
            return faults;
        }
        let mut fault = |offset: u64, message: String, harmless| {
            faults.push(DatabaseFault { place: "header".into(), offset: Some(offset), message, harmless });
        };
        let Some(pages) = Pages::of(image) else {
            fault(16, "it states an impossible size of pages".into(), false);
            return faults;
        };
        let word = |at| u32_at(image, at).unwrap_or_default();
        if image.get(21..24) != Some(&[64, 32, 32]) {
            fault(21, "the fractions of payload are not 64, 32 and 32".into(), false);
        }
        let (stated, found) = (u64::from(word(28)), pages.count());
        let valid = stated > 0 && word(24) == word(92);
        // That pages are missing is for those to tell who know how many bytes there should be.
        if valid && stated < found {
            fault(28, format!("it states {stated} pages, but there are {found}"), true);
        }
        if !image.len().is_multiple_of(pages.size) {
            let whole = (image.len() - image.len() % pages.size) as u64;
            fault(
                whole,
                format!("the last page has only {} of {} bytes", image.len() as u64 - whole, pages.size),
                false,
            );
        }
        let untouched = word(44) == 0 && word(40) == 0;
        if !untouched && !(1..=4).contains(&word(44)) {
            fault(44, format!("it states schema format {}, which is not known", word(44)), false);
        }
        if !matches!(word(56), 0 | 1) {
            fault(56, format!("texts are not in UTF-8 but in encoding {}", word(56)), false);
        }
        if image.get(72..92).is_some_and(|rest| rest.iter().any(|byte| *byte != 0)) {
            fault(72, "bytes that are kept for the future are not zero".into(), true);
        }
        faults
    }

    /// What SQLite finds wrong when it looks at every page.
    pub(crate) fn check_pages(&self) -> Vec<DatabaseFault> {
        let image = self.bytes();
        if image.is_empty() {
            return Vec::new();
        }
        let steps = Steps::default();
        let opened = match &self.image {
            Bytes::Owned(image) => connection::open_copy(image, &steps),
            Bytes::Lent(image) => connection::open_lent(image, &steps),
        };
        match opened.and_then(|connection| quick_check(&connection)) {
            Ok(lines) => lines.iter().map(|line| self.located(line)).collect(),
            Err(error) => {
                let message = format!("SQLite cannot check it: {error}");
                vec![DatabaseFault { place: "database".into(), offset: None, message, harmless: false }]
            }
        }
    }

    /// A line of SQLite's check with its place.
    fn located(&self, line: &str) -> DatabaseFault {
        let message = line.to_owned();
        let lower = line.to_ascii_lowercase();
        let number = lower.split("page ").nth(1).and_then(|rest| {
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            digits.parse::<u32>().ok().filter(|page| *page > 0)
        });
        // A page that is in no tree and not in the list of free ones.
        let harmless = lower.ends_with("never used") || lower.contains("is never used");
        match (number, Pages::of(self.bytes())) {
            (Some(page), Some(pages)) => DatabaseFault {
                place: format!("page {page}"),
                offset: Some(pages.offset(page)),
                message,
                harmless,
            },
            _ => DatabaseFault { place: "database".into(), offset: None, message, harmless },
        }
    }
}

fn quick_check(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare(&format!("PRAGMA quick_check({MOST})"))?;
    let mut rows = statement.query([])?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        let text: String = row.get(0)?;
        let found = text.lines().filter(|line| *line != "ok" && !line.starts_with("***"));
        lines.extend(found.map(str::to_owned));
    }
    Ok(lines)
}

//! `--stat`: how many records of each type came, went and changed.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use super::survey::{Subject, Survey, Turn};
use super::{Difference, Error, record_word};
use crate::diff::Records;
use crate::model::protojson::{Notes, push_string};
use crate::model::wire::Malformed;
use crate::render::{Cell, Column, Options, OutputFormat, Row, RowError, Shape, format};

const fn column(name: &'static str, title: &'static str) -> Column {
    Column { name, title, cut: false }
}

/// The columns of the counts. The type of grants and entitlements is that of the resource that offers them.
pub static STAT: Shape = Shape {
    key: "stat",
    columns: &[
        column("record", "Record"),
        column("type", "Type"),
        column("created", "Added"),
        column("deleted", "Removed"),
        column("modified", "Changed"),
    ],
    flat: &[0, 1, 2, 3, 4],
    table: &[0, 1, 2, 3, 4],
    wide: &[0, 1, 2, 3, 4],
};

pub(super) fn write(
    out: &mut dyn Write,
    difference: &Difference<'_>,
    survey: &Survey,
    kind: OutputFormat,
    options: &Options,
) -> Result<(), Error> {
    let rows = rows(survey);
    let people = matches!(kind, OutputFormat::Table | OutputFormat::Wide);
    if kind == OutputFormat::Md {
        super::md::write_head(out, difference, survey)?;
        out.write_all(b"\n")?;
    }
    if !rows.is_empty() || !people {
        let mut format = format(kind, &STAT, options, out);
        rows.iter().try_for_each(|row| only_io(format.row(row)))?;
        format.finish()?;
    }
    match people {
        true if rows.is_empty() => Ok(writeln!(out, "{}", survey.summary())?),
        true => Ok(write!(out, "\n{}\n", survey.summary())?),
        false => Ok(()),
    }
}

/// Counts hold no records that could be malformed.
fn only_io(written: Result<Notes, RowError>) -> io::Result<()> {
    match written {
        Err(RowError::Io(error)) => Err(error),
        Err(RowError::Malformed(error)) => Err(io::Error::other(error)),
        Ok(_) => Ok(()),
    }
}

/// Grants come first, then what they are about.
fn rows(survey: &Survey) -> Vec<StatRow> {
    let mut rows: BTreeMap<(Subject, &[u8]), [u64; 3]> = BTreeMap::new();
    for (subject, kind, counts) in survey.kinds() {
        let subject = if subject == Subject::Accounts { Subject::Resources } else { subject };
        let [created, deleted, modified] = rows.entry((subject, kind)).or_default();
        for (turn, count) in counts {
            *match turn {
                Turn::Added => &mut *created,
                Turn::Removed => &mut *deleted,
                Turn::Disabled | Turn::Enabled | Turn::Modified => &mut *modified,
            } += count;
        }
    }
    let row = |((subject, kind), counts): ((Subject, &[u8]), _)| StatRow {
        records: subject.records(),
        kind: kind.to_vec(),
        counts,
    };
    rows.into_iter().map(row).collect()
}

/// The counts of one type.
struct StatRow {
    records: Records,
    kind: Vec<u8>,
    counts: [u64; 3],
}

impl Row for StatRow {
    fn cell(&self, column: usize) -> Cell<'_> {
        match column {
            0 => Cell::Text(Cow::Borrowed(record_word(self.records).as_bytes())),
            1 => Cell::Text(Cow::Borrowed(&self.kind)),
            _ => {
                let count = self.counts.get(column.wrapping_sub(2)).copied().unwrap_or_default();
                Cell::Int(i64::try_from(count).unwrap_or(i64::MAX))
            }
        }
    }

    fn name(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.kind)
    }

    fn json(&self, out: &mut Vec<u8>) -> Result<Notes, Malformed> {
        let [created, deleted, modified] = self.counts;
        out.extend_from_slice(format!("{{\"record\":\"{}\",\"type\":", record_word(self.records)).as_bytes());
        let start = out.len();
        push_string(out, &self.kind);
        let replaced_text = crate::model::protojson::mend(out, start);
        let counts = format!(",\"created\":{created},\"deleted\":{deleted},\"modified\":{modified}}}");
        out.extend_from_slice(counts.as_bytes());
        Ok(Notes { replaced_text, ..Notes::default() })
    }
}

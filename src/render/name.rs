//! `-o name`: one name a line, to feed other commands: `type/id` for resources and principals, else the id.
//!
//! A name is always one line: what does not print is escaped as in tables.

use std::io::{self, Write};

use super::text::utf8;
use super::{Format, Row, RowError};
use crate::model::protojson::Notes;
use crate::model::visible::push_visible;

pub(super) struct Name<'w> {
    out: &'w mut dyn Write,
    line: String,
}

impl<'w> Name<'w> {
    pub(super) fn new(out: &'w mut dyn Write) -> Self {
        Self { out, line: String::new() }
    }
}

impl Format for Name<'_> {
    fn row(&mut self, row: &dyn Row) -> Result<Notes, RowError> {
        let mut notes = Notes::default();
        self.line.clear();
        push_visible(&mut self.line, &utf8(&row.name(), &mut notes));
        self.line.push('\n');
        self.out.write_all(self.line.as_bytes())?;
        Ok(notes)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::super::OutputFormat::Name;
    use super::super::testing::{TestRow, print};

    #[test]
    fn one_line_a_row() {
        let rows = [TestRow::new("user/u1"), TestRow::new("a\nb\u{1b}"), TestRow::new(b"x\xff".to_vec())];
        assert_eq!(print(Name, &rows), "user/u1\na\\nb\\x1b\nx\u{fffd}\n");
        assert_eq!(print(Name, &[]), "");
    }
}

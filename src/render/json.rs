//! `-o json`: one document, as the reference tool prints it.
//!
//! ```text
//! {"grants":[row,row,…]}⏎      {}⏎ when there is no row
//! ```
//!
//! Compact, with one final newline; jq scripts written for the reference work unchanged. Rows bring their own JSON.

use std::io::{self, Write};

use super::{Format, Row, RowError, Shape};
use crate::model::protojson::{Notes, push_string};

pub(super) struct Json<'w> {
    out: &'w mut dyn Write,
    key: &'static str,
    row: Vec<u8>,
    open: bool,
}

impl<'w> Json<'w> {
    pub(super) fn new(shape: &'static Shape, out: &'w mut dyn Write) -> Self {
        Self { out, key: shape.key, row: Vec::new(), open: false }
    }
}

impl Format for Json<'_> {
    fn row(&mut self, row: &dyn Row) -> Result<Notes, RowError> {
        self.row.clear();
        if self.open {
            self.row.push(b',');
        } else {
            self.row.push(b'{');
            push_string(&mut self.row, self.key.as_bytes());
            self.row.extend_from_slice(b":[");
        }
        let notes = row.json(&mut self.row)?;
        self.out.write_all(&self.row)?;
        self.open = true;
        Ok(notes)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.out.write_all(if self.open { b"]}\n" } else { b"{}\n" })?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::super::OutputFormat::Json;
    use super::super::testing::{TestRow, print};

    #[test]
    fn rows_stand_in_one_list() {
        let rows = [TestRow::new("a").json("{\"a\":1}"), TestRow::new("b").json("{}")];
        assert_eq!(print(Json, &rows), "{\"things\":[{\"a\":1},{}]}\n");
    }

    #[test]
    fn no_row_is_an_empty_object() {
        assert_eq!(print(Json, &[]), "{}\n");
    }

    #[test]
    fn malformed_rows_leave_no_trace() {
        let bad = || TestRow::new("bad").malformed();
        let good = |json| TestRow::new("good").json(json);
        assert_eq!(print(Json, &[bad(), good("1"), bad(), good("2"), bad()]), "{\"things\":[1,2]}\n");
        assert_eq!(print(Json, &[bad()]), "{}\n");
    }
}

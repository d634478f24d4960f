//! A principal with the verdict of a comparison.

use std::borrow::Cow;
use std::io;
use std::ops::ControlFlow;

use super::{Sink, column, cut, text};
use crate::model::protojson::Notes;
use crate::model::wire::Malformed;
use crate::render::{Cell, Row, Shape};
use crate::store::Place;

/// The columns of a comparison: the verdict, then those of principals.
pub static PRINCIPALS_COMPARED: Shape = Shape {
    key: "principals",
    columns: &[
        column("result", "Result"),
        column("type", "Type"),
        column("id", "ID"),
        column("name", "Display Name"),
        column("parent_type", "Parent Type"),
        column("parent_id", "Parent ID"),
        column("status", "Status"),
        column("email", "Email"),
        column("login", "Login"),
        column("account_type", "Account Type"),
        column("last_login", "Last Login"),
        column("created_at", "Created At"),
        cut("description", "Description"),
        column("resource_type", "Resource Type"),
        column("parent", "Parent Resource"),
    ],
    flat: &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
    table: &[0, 2, 3, 13, 14],
    wide: &[0, 1, 2, 3, 13, 14, 6, 7, 8, 9, 10, 11, 12],
};

/// What a comparison found about somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Holds only the first entitlement.
    Missing,
    /// Holds only the second.
    Extra,
}

/// Puts a verdict in front of the rows of another sink.
pub struct Compared<'s> {
    verdict: Verdict,
    sink: &'s mut dyn Sink,
}

impl<'s> Compared<'s> {
    /// Rows go on to `sink` with `verdict`.
    pub fn new(verdict: Verdict, sink: &'s mut dyn Sink) -> Self {
        Self { verdict, sink }
    }
}

impl std::fmt::Debug for Compared<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Compared").field("verdict", &self.verdict).finish_non_exhaustive()
    }
}

impl Sink for Compared<'_> {
    fn row(&mut self, row: &dyn Row, place: Place<'_>) -> io::Result<ControlFlow<()>> {
        self.sink.row(&ComparedRow { verdict: self.verdict, row }, place)
    }
}

struct ComparedRow<'a> {
    verdict: Verdict,
    row: &'a dyn Row,
}

impl Row for ComparedRow<'_> {
    fn cell(&self, column: usize) -> Cell<'_> {
        match (column.checked_sub(1), self.verdict) {
            (Some(column), _) => self.row.cell(column),
            (None, Verdict::Missing) => text(b"missing"),
            (None, Verdict::Extra) => text(b"extra"),
        }
    }

    fn name(&self) -> Cow<'_, [u8]> {
        self.row.name()
    }

    fn json(&self, out: &mut Vec<u8>) -> Result<Notes, Malformed> {
        self.row.json(out)
    }
}

#[cfg(test)]
mod tests {
    use super::super::resource::COLUMNS;
    use super::PRINCIPALS_COMPARED;

    #[test]
    fn the_other_columns_are_those_of_resources() {
        assert_eq!(&PRINCIPALS_COMPARED.columns[1..], COLUMNS);
    }
}

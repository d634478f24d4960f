//! Faults as rows of a list, for the formats that have one.

use std::borrow::Cow;

use super::report::Fault;
use crate::model::protojson::{Notes, push_string};
use crate::model::wire::Malformed;
use crate::render::{Cell, Column, Row, Shape};

const fn column(name: &'static str, title: &'static str) -> Column {
    Column { name, title, cut: false }
}

/// What is wrong with a file.
pub static FAULTS: Shape = Shape {
    key: "faults",
    columns: &[
        column("layer", "Layer"),
        column("place", "Place"),
        column("offset", "At byte"),
        column("message", "What is wrong"),
        column("harmless", "Harmless"),
    ],
    flat: &[0, 1, 2, 3, 4],
    table: &[0, 1, 2, 3],
    wide: &[0, 1, 2, 3, 4],
};

impl Row for Fault {
    fn cell(&self, column: usize) -> Cell<'_> {
        let text = |text: &str| Cell::Text(Cow::Owned(text.as_bytes().to_vec()));
        match column {
            0 => text(self.layer.name()),
            1 => text(&self.place),
            2 => self.offset.and_then(|at| i64::try_from(at).ok()).map_or(Cell::Empty, Cell::Int),
            3 => text(&self.message),
            _ => Cell::Bool(self.harmless),
        }
    }

    fn name(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(self.place.as_bytes())
    }

    fn json(&self, out: &mut Vec<u8>) -> Result<Notes, Malformed> {
        let mut field = |key: &str, text: &str| {
            out.extend_from_slice(key.as_bytes());
            push_string(out, text.as_bytes());
        };
        field("{\"layer\":", self.layer.name());
        field(",\"place\":", &self.place);
        field(",\"message\":", &self.message);
        if let Some(offset) = self.offset {
            out.extend_from_slice(format!(",\"offset\":{offset}").as_bytes());
        }
        out.extend_from_slice(format!(",\"harmless\":{}}}", self.harmless).as_bytes());
        Ok(Notes::default())
    }
}

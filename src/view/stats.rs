//! The counts of one resource type.

use std::borrow::Cow;

use super::{column, text};
use crate::model::protojson::{Notes, push_string};
use crate::model::wire::Malformed;
use crate::render::{Cell, Row, Shape};

/// The columns of counts.
pub static STATS: Shape = Shape {
    key: "stats",
    columns: &[
        column("resource_type", "Resource Type"),
        column("resources", "Resources"),
        column("entitlements", "Entitlements"),
        column("grants", "Grants"),
    ],
    flat: &[0, 1, 2, 3],
    table: &[0, 1, 2, 3],
    wide: &[0, 1, 2, 3],
};

/// How many records one resource type has.
#[derive(Debug, Clone, Copy)]
pub struct StatsRow<'a> {
    /// The id of the type.
    pub resource_type: &'a str,
    /// Resources of the type; entitlements that they offer; grants of these.
    pub counts: [i64; 3],
}

impl Row for StatsRow<'_> {
    fn cell(&self, column: usize) -> Cell<'_> {
        match column.checked_sub(1).and_then(|place| self.counts.get(place)) {
            Some(count) => Cell::Int(*count),
            None => text(self.resource_type.as_bytes()),
        }
    }

    fn name(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(self.resource_type.as_bytes())
    }

    /// `{"resourceType": …, "resources": "3", …}`; `baton stats -o json` prints the whole sync run instead.
    fn json(&self, out: &mut Vec<u8>) -> Result<Notes, Malformed> {
        out.extend_from_slice(b"{\"resourceType\":");
        push_string(out, self.resource_type.as_bytes());
        let [resources, entitlements, grants] = self.counts;
        out.extend_from_slice(
            format!(
                ",\"resources\":\"{resources}\",\"entitlements\":\"{entitlements}\",\"grants\":\"{grants}\"}}"
            )
            .as_bytes(),
        );
        Ok(Notes::default())
    }
}

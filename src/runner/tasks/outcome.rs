//! What became of a task: one line of JSON on standard output.

use std::io::Write;

use serde::Serialize;

use crate::model::v2;
use crate::ui::CommandError;

/// A resource as outcomes name it, in the keys of connector messages.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Named<'a> {
    pub(super) resource_type: &'a str,
    pub(super) resource: &'a str,
}

impl<'a> Named<'a> {
    pub(super) fn of(id: &'a v2::ResourceId) -> Self {
        Self { resource_type: &id.resource_type, resource: &id.resource }
    }
}

/// Writes an object and a line end.
pub(super) fn print(out: &mut dyn Write, outcome: &impl Serialize) -> Result<(), CommandError> {
    serde_json::to_writer(&mut *out, outcome).map_err(std::io::Error::from)?;
    out.write_all(b"\n")?;
    Ok(out.flush()?)
}

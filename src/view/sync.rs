//! A sync run with its counts.

use std::borrow::Cow;

use prost::Message as _;

use super::{column, cut, text};
use crate::model::descriptor::{BATON_V1_SYNCOUTPUT, C1_READER_V2_SYNCRUN};
use crate::model::proto::baton::v1::SyncOutput;
use crate::model::proto::c1::reader::v2::{SyncRun as SyncRunMessage, SyncStats};
use crate::model::protojson::{Notes, Writer};
use crate::model::time::Instant;
use crate::model::wire::Malformed;
use crate::render::{Cell, Row, Shape};
use crate::store::SyncRun;

/// The columns of sync runs.
pub static SYNCS: Shape = Shape {
    key: "syncs",
    columns: &[
        column("id", "ID"),
        column("type", "Type"),
        column("started_at", "Started At"),
        column("ended_at", "Ended At"),
        column("parent_id", "Parent ID"),
        column("engine", "Engine"),
        column("resources", "Resources"),
        column("entitlements", "Entitlements"),
        column("grants", "Grants"),
        cut("token", "Token"),
    ],
    flat: &[0, 1, 2, 3, 4, 5, 6, 7, 8],
    table: &[0, 2, 3, 1, 4, 9],
    wide: &[0, 2, 3, 1, 4, 5, 6, 7, 8, 9],
};

/// One sync run.
#[derive(Debug)]
pub struct SyncRow<'a> {
    run: &'a SyncRun,
    engine: &'static str,
    stats: Option<SyncStats>,
}

impl<'a> SyncRow<'a> {
    /// `stats`: its counts, where they are wanted.
    #[must_use]
    pub fn new(run: &'a SyncRun, engine: &'static str, stats: Option<SyncStats>) -> Self {
        Self { run, engine, stats }
    }

    fn count(&self, of: impl Fn(&SyncStats) -> i64) -> Cell<'_> {
        self.stats.as_ref().map_or(Cell::Empty, |stats| Cell::Int(of(stats)))
    }
}

fn time(instant: Option<Instant>) -> Cell<'static> {
    instant.map_or(Cell::Empty, Cell::Time)
}

impl Row for SyncRow<'_> {
    fn cell(&self, column: usize) -> Cell<'_> {
        match column {
            0 => text(self.run.id.as_bytes()),
            1 => text(self.run.kind.as_bytes()),
            2 => time(self.run.started_at),
            3 => time(self.run.ended_at),
            4 => text(self.run.parent_id.as_bytes()),
            5 => text(self.engine.as_bytes()),
            6 => self.count(|stats| stats.resources),
            7 => self.count(|stats| stats.entitlements),
            8 => self.count(|stats| stats.grants),
            9 => text(self.run.token.as_bytes()),
            _ => Cell::Empty,
        }
    }

    fn name(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(self.run.id.as_bytes())
    }

    fn json(&self, out: &mut Vec<u8>) -> Result<Notes, Malformed> {
        let message = SyncOutput {
            id: self.run.id.clone(),
            started_at: self.run.started_at.map(Instant::to_proto),
            ended_at: self.run.ended_at.map(Instant::to_proto),
            sync_token: self.run.token.clone(),
            sync_type: self.run.kind.clone(),
            parent_sync_id: self.run.parent_id.clone(),
        };
        let mut writer = Writer::new();
        writer.message(out, &BATON_V1_SYNCOUTPUT, &message.encode_to_vec())?;
        Ok(writer.take_notes())
    }
}

/// Appends a sync run with its counts, the JSON of `baton stats`.
///
/// # Errors
/// [`Malformed`] never for a run that was read from a file.
pub fn push_sync_run(out: &mut Vec<u8>, run: &SyncRun, stats: SyncStats) -> Result<(), Malformed> {
    let message = SyncRunMessage {
        id: run.id.clone(),
        started_at: run.started_at.map(Instant::to_proto),
        ended_at: run.ended_at.map(Instant::to_proto),
        sync_token: run.token.clone(),
        sync_type: run.kind.clone(),
        parent_sync_id: run.parent_id.clone(),
        stats: Some(stats),
    };
    Writer::new().message(out, &C1_READER_V2_SYNCRUN, &message.encode_to_vec())
}

#[cfg(test)]
mod tests {
    use super::SYNCS;

    #[test]
    fn the_flat_columns_are_as_documented() {
        assert_eq!(
            super::super::flat_names(&SYNCS).join(", "),
            "id, type, started_at, ended_at, parent_id, engine, resources, entitlements, grants"
        );
    }
}

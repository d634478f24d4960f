//! From the tables of a damaged Pebble database to the rows of a new file.
//!
//! A database is the sum of its tables: newer rows replace older ones, and delete them. Where a part of a table is gone,
//! what it held may be missing, and what it deleted or replaced may come back as it was before. Which keys that concerns
//! is known, and told; a grant that comes back although an index that is whole does not know it is left out.

use std::collections::BTreeSet;

use prost_types::Timestamp;

use super::super::dump::key_range;
use super::lost::{Losses, Lost};
use crate::c1z::Archive;
use crate::model::keys::ResourceKey;
use crate::model::proto::c1::storage::v3::{SyncRunRecord, SyncType};
use crate::model::time::Instant;
use crate::pebble::Gap;
use crate::store::{
    Asset, CopiedSyncs, Entitlement, Grant, PageValue as Value, Pairs, Piece, Place, Resource, ResourceType,
    WriteError, Writer, split_expansion,
};

/// Copies every record that can be read.
pub(super) fn copy(
    archive: Archive,
    writer: &mut Writer,
    losses: &mut Losses,
) -> Result<CopiedSyncs, WriteError> {
    let first_engine = archive.engine() == "pebble";
    let (pairs, faults) = Pairs::open(archive);
    for fault in &faults {
        losses.add(of_file(fault.file(), fault.offset(), fault.kind().to_string()));
    }
    let Some(pairs) = pairs else {
        losses.add(of_file("tables", None, "there are none left".into()));
        return Ok(CopiedSyncs::default());
    };
    let guessed = pairs.is_guessed();
    if guessed {
        losses.add(of_file(
            "tables",
            None,
            "which of them are live is not known, so all are read, those with higher numbers as newer: rows that were \
             deleted or replaced may come back as they were"
                .into(),
        ));
    }
    if pairs.is_known_keyspace() == Some(false) || (first_engine && pairs.is_known_keyspace().is_none()) {
        losses.add(of_file(
            "keyspace",
            None,
            "its version is not known, so keys cannot be told apart".into(),
        ));
        return Ok(CopiedSyncs::default());
    }
    let gaps = tables(&pairs, losses);
    let Some(run) = pairs.run_record() else {
        if !losses.is_empty() || any_record(&pairs) {
            losses.add(of_file("sync run", None, "it is gone, and nothing else names it".into()));
        }
        return Ok(CopiedSyncs::default());
    };
    if !pairs.has_run_row() {
        losses.add(of_file(
            "sync run",
            None,
            "its row is gone: type, times and parent are those of the manifest, and its token is lost".into(),
        ));
    }
    let mut copy = Copy { writer, run: &run, started: time(run.started_at), failed: None, damaged: 0 };
    copy.run(&pairs)?;
    let (indexed, mut revoked) = (!guessed && pairs.indexes_principals(), 0);
    let rest = pairs.records(&mut |piece| match &piece {
        Piece::Grant(Grant { place: Place::Key { key, .. }, .. }) if indexed && gaps.revoke(&pairs, key) => {
            revoked += 1;
        }
        _ => copy.piece(piece),
    });
    for rest in rest {
        losses.add(of_file(&rest.place, rest.offset, rest.message));
    }
    if revoked > 0 {
        let mut lost =
            of_file("grants", None, "the index by principal does not know them: they were deleted".into());
        lost.count = Some(revoked);
        losses.add(lost);
    }
    pairs.sessions(&mut |key, value| {
        copy.put(
            "v1_connector_sessions",
            &[("key", Value::Text(key.as_bytes())), ("value", Value::Blob(value))],
            false,
        );
    });
    let (failed, damaged) = (copy.failed, copy.damaged);
    if let Some(error) = failed {
        return Err(error);
    }
    if damaged > 0 {
        let mut lost = of_file("records", None, "they do not parse".into());
        lost.count = Some(damaged);
        losses.add(lost);
    }
    for (table, rows) in writer.index_copies()? {
        let mut lost = of_file(table, None, "there is another of the same id, of another resource".into());
        lost.count = Some(rows);
        losses.add(lost);
    }
    writer.settle_copies(false)
}

fn of_file(place: &str, offset: Option<u64>, reason: String) -> Lost {
    Lost { what: "database".into(), place: place.into(), offset, count: None, reason }
}

fn any_record(pairs: &Pairs) -> bool {
    let mut any = false;
    pairs.records(&mut |_| any = true);
    any
}

/// What is wrong with the tables, and which keys that concerns.
fn tables(pairs: &Pairs, losses: &mut Losses) -> Gaps {
    let database = pairs.database();
    let mut gaps = Vec::new();
    let mut lose = |file: String, gap: Gap| {
        losses.add(Lost {
            what: "keys".into(),
            place: file,
            offset: None,
            count: None,
            reason: format!(
                "{}: rows may be missing, and rows that were deleted or replaced may come back as they were",
                key_range(&gap)
            ),
        });
        gaps.push(gap);
    };
    let mut told = BTreeSet::new();
    let mut faults = Vec::new();
    for table in database.tables() {
        let checkup = database.check(table);
        for fault in checkup.faults {
            let fault = of_file(fault.file(), fault.offset(), fault.kind().to_string());
            // Virtual tables have the faults of their file.
            if told.insert((fault.place.clone(), fault.offset, fault.reason.clone())) {
                faults.push(fault);
            }
        }
        checkup.gaps.into_iter().for_each(|gap| lose(table.file_name(), gap));
    }
    database.lost_tables().iter().for_each(|table| lose(table.file_name(), Gap::of(table)));
    faults.into_iter().for_each(|fault| losses.add(fault));
    Gaps(gaps)
}

/// Keys of which a version may be lost.
struct Gaps(Vec<Gap>);

impl Gaps {
    fn contain(&self, key: &[u8]) -> bool {
        self.0.iter().any(|gap| gap.contains(key))
    }

    /// Whether a grant must have been deleted: it is one of those whose newest version may be lost, the index by
    /// principal is whole where it would have it, and does not.
    fn revoke(&self, pairs: &Pairs, grant: &[u8]) -> bool {
        let Some(index) = Pairs::by_principal(grant).filter(|_| self.contain(grant)) else { return false };
        !self.contain(&index) && !pairs.has(&index)
    }
}

struct Copy<'w> {
    writer: &'w mut Writer,
    run: &'w SyncRunRecord,
    started: String,
    failed: Option<WriteError>,
    damaged: u64,
}

/// A time as the new file holds it.
fn time(timestamp: Option<Timestamp>) -> String {
    let instant = timestamp.and_then(|time| Instant::new(time.seconds, time.nanos));
    instant.map(Instant::to_sqlite).unwrap_or_default()
}

impl Copy<'_> {
    fn run(&mut self, pairs: &Pairs) -> Result<(), WriteError> {
        let run = self.run;
        let kind = match SyncType::try_from(run.r#type) {
            Ok(SyncType::Unspecified) => String::new(),
            Ok(kind) => kind.as_str_name().trim_start_matches("SYNC_TYPE_").to_ascii_lowercase(),
            Err(_) => run.r#type.to_string(),
        };
        let ended = time(run.ended_at);
        let mut counts = None;
        pairs.state(&mut |stated| {
            counts.get_or_insert_with(|| Writer::counts_text(stated, &run.sync_token));
        });
        // Counts of nothing are not true, so that they are made anew.
        let counts = run.ended_at.map(|_| counts.unwrap_or_else(|| "{}".into()));
        let columns = [
            ("sync_id", Value::Text(run.sync_id.as_bytes())),
            ("started_at", Value::Text(self.started.as_bytes())),
            ("ended_at", run.ended_at.map_or(Value::Null, |_| Value::Text(ended.as_bytes()))),
            ("sync_token", Value::Text(run.sync_token.as_bytes())),
            ("sync_type", Value::Text(kind.as_bytes())),
            ("parent_sync_id", Value::Text(run.parent_sync_id.as_bytes())),
            ("linked_sync_id", Value::Text(run.linked_sync_id.as_bytes())),
            ("supports_diff", Value::Integer(i64::from(run.supports_diff))),
            ("grants_backfilled", Value::Integer(1)),
            ("stats", counts.as_deref().map_or(Value::Null, |counts| Value::Text(counts.as_bytes()))),
        ];
        self.writer.copy_row("v1_sync_runs", None, &columns).map(drop)
    }

    fn piece(&mut self, piece: Piece<'_>) {
        match piece {
            Piece::ResourceType(record) => self.resource_type(&record),
            Piece::Resource(record) => self.resource(&record),
            Piece::Entitlement(record) => self.entitlement(&record),
            Piece::Grant(record) => self.grant(&record),
            Piece::Asset(record) => self.asset(&record),
            Piece::Damaged(..) => self.damaged += 1,
        }
    }

    fn resource_type(&mut self, record: &ResourceType<'_>) {
        let columns = [("external_id", Value::Text(record.id)), ("data", Value::Blob(record.message))];
        self.put("v1_resource_types", &columns, true);
    }

    fn resource(&mut self, record: &Resource<'_>) {
        let external = [record.key.kind, b":", record.key.id].concat();
        let parent = |part: fn(ResourceKey<'_>) -> &[u8]| match record.parent {
            Some(parent) => Value::Text(part(parent)),
            None => Value::Null,
        };
        let columns = [
            ("resource_type_id", Value::Text(record.key.kind)),
            ("external_id", Value::Text(&external)),
            ("parent_resource_type_id", parent(|key| key.kind)),
            ("parent_resource_id", parent(|key| key.id)),
            ("data", Value::Blob(record.message)),
        ];
        self.put("v1_resources", &columns, true);
    }

    fn entitlement(&mut self, record: &Entitlement<'_>) {
        let columns = [
            ("resource_type_id", Value::Text(record.resource.kind)),
            ("resource_id", Value::Text(record.resource.id)),
            ("external_id", Value::Text(record.id)),
            ("data", Value::Blob(record.message)),
        ];
        self.put("v1_entitlements", &columns, true);
    }

    /// What a grant expands to stands beside it, no longer inside.
    fn grant(&mut self, record: &Grant<'_>) {
        let (mut rest, mut moved) = (Vec::new(), Vec::new());
        let split = split_expansion(record.message, &mut rest, &mut moved).unwrap_or(false);
        let message = if split { &*rest } else { record.message };
        let expansion = if record.expansion.is_empty() { &*moved } else { record.expansion };
        let columns = [
            ("resource_type_id", Value::Text(record.resource.kind)),
            ("resource_id", Value::Text(record.resource.id)),
            ("entitlement_id", Value::Text(record.entitlement)),
            ("principal_resource_type_id", Value::Text(record.principal.kind)),
            ("principal_resource_id", Value::Text(record.principal.id)),
            ("external_id", Value::Text(record.id)),
            ("expansion", if expansion.is_empty() { Value::Null } else { Value::Blob(expansion) }),
            ("needs_expansion", Value::Integer(i64::from(!expansion.is_empty()))),
            ("data", Value::Blob(message)),
        ];
        self.put("v1_grants", &columns, true);
    }

    fn asset(&mut self, record: &Asset<'_>) {
        let columns = [
            ("external_id", Value::Text(record.id)),
            ("content_type", Value::Text(record.content_type)),
            ("data", Value::Blob(record.data)),
        ];
        self.put("v1_assets", &columns, true);
    }

    /// Stores a row of the sync, `found` at its start: nothing tells when it really was.
    fn put(&mut self, table: &'static str, columns: &[(&'static str, Value<'_>)], found: bool) {
        if self.failed.is_some() {
            return;
        }
        let mut row = columns.to_vec();
        row.push(("sync_id", Value::Text(self.run.sync_id.as_bytes())));
        if found {
            row.push(("discovered_at", Value::Text(self.started.as_bytes())));
        }
        self.failed = self.writer.copy_row(table, None, &row).err();
    }
}

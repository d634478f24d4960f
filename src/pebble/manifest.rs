//! The manifest: from its version edits to the set of live tables.
//!
//! Edits are applied in the order of the file: of each, first what it takes away, then what it adds. The last value
//! of the counters holds, even if it is lower than one before.

use std::collections::BTreeMap;

use super::error::{Error, ErrorKind, Fault, Feature, Structure};
use super::live_table::LiveTable;
use super::record_log::Records;
use super::version_edit::VersionEdit;

/// The only order of keys that is known: unsigned bytes, the shorter first.
pub(super) const COMPARER: &str = "leveldb.BytewiseComparator";

/// What a manifest comes to.
#[derive(Debug, Default)]
pub(super) struct Manifest {
    pub(super) comparer: Option<String>,
    pub(super) oldest_log: u64,
    pub(super) next_file: u64,
    pub(super) last_sequence: u64,
    tables: BTreeMap<u64, LiveTable>,
    backings: BTreeMap<u64, u64>,
}

impl Manifest {
    /// Replays the manifest `name`.
    pub(super) fn read(name: &str, bytes: &[u8], verify: bool) -> Result<Self, Error> {
        let mut manifest = Self::default();
        let mut records = Records::new(bytes, verify);
        loop {
            let start = records.position() as u64;
            let Some(record) = records.next_record().map_err(|fault| fault.within(name, 0))? else { break };
            let edit = VersionEdit::parse(&record).map_err(|fault| fault.in_block(name, start))?;
            manifest.apply(edit).map_err(|kind| Error::new(name, start, kind))?;
        }
        manifest.check().map_err(|kind| Error::new(name, None, kind))?;
        Ok(manifest)
    }

    /// Replays the manifest `name` up to what is damaged in it, and says what that is.
    pub(super) fn read_damaged(name: &str, bytes: &[u8]) -> (Self, Option<Error>) {
        let mut manifest = Self::default();
        let mut records = Records::new(bytes, true);
        let fault = loop {
            let start = records.position() as u64;
            let edit = match records.next_record() {
                Ok(None) => break manifest.check().err().map(|kind| Error::new(name, None, kind)),
                Ok(Some(record)) => VersionEdit::parse(&record).map_err(|fault| fault.in_block(name, start)),
                Err(fault) => Err(fault.within(name, 0)),
            };
            let applied =
                edit.and_then(|edit| manifest.apply(edit).map_err(|kind| Error::new(name, start, kind)));
            if let Err(fault) = applied {
                break Some(fault);
            }
        };
        (manifest, fault)
    }

    /// As [`Manifest::into_tables`], without the tables whose files are not known, and with what is wrong.
    pub(super) fn into_remaining_tables(mut self) -> (Vec<(LiveTable, u64)>, Vec<ErrorKind>) {
        let tables = std::mem::take(&mut self.tables);
        let mut sized: Vec<(LiveTable, u64)> = tables
            .into_values()
            .filter_map(|table| {
                let size = self.size_of(&table).ok()?;
                Some((table, size))
            })
            .collect();
        let wrong = sort(&mut sized).err().into_iter().collect();
        (sized, wrong)
    }

    fn apply(&mut self, edit: VersionEdit) -> Result<(), ErrorKind> {
        if let Some(comparer) = edit.comparer {
            if comparer != COMPARER {
                return Err(ErrorKind::Unsupported(Feature::Comparer(comparer)));
            }
            self.comparer = Some(comparer);
        }
        self.oldest_log = edit.oldest_log.unwrap_or(self.oldest_log);
        self.next_file = edit.next_file.unwrap_or(self.next_file);
        self.last_sequence = edit.last_sequence.unwrap_or(self.last_sequence);
        for (level, number) in edit.removed {
            match self.tables.get(&number) {
                Some(table) if table.level == level => drop(self.tables.remove(&number)),
                _ => return Err(ErrorKind::NoSuchTable { level, number }),
            }
        }
        for file in edit.removed_backings {
            self.backings.remove(&file);
        }
        self.backings.extend(edit.backings);
        for table in edit.added {
            let number = table.number;
            if self.tables.insert(number, table).is_some() {
                return Err(ErrorKind::TableTwice { number });
            }
        }
        Ok(())
    }

    fn check(&self) -> Result<(), ErrorKind> {
        if self.comparer.is_none() {
            let missing = Fault::malformed(Structure::VersionEdit, 0, "none names a comparer");
            return Err(missing.kind);
        }
        for table in self.tables.values() {
            self.size_of(table)?;
        }
        Ok(())
    }

    /// The size that the file of a table must have.
    fn size_of(&self, table: &LiveTable) -> Result<u64, ErrorKind> {
        let Some(backing) = table.backing else { return Ok(table.size) };
        let size = self.backings.get(&backing).copied();
        size.ok_or(ErrorKind::NoSuchBacking { number: table.number, backing })
    }

    /// The live tables with the sizes that their files must have, ordered by level and first key.
    pub(super) fn into_tables(mut self) -> Result<Vec<(LiveTable, u64)>, ErrorKind> {
        let tables = std::mem::take(&mut self.tables);
        let mut sized = Vec::with_capacity(tables.len());
        for table in tables.into_values() {
            let size = self.size_of(&table)?;
            sized.push((table, size));
        }
        sort(&mut sized)?;
        Ok(sized)
    }
}

/// Orders tables by level and first key; those of a level other than 0 may not overlap.
fn sort(sized: &mut [(LiveTable, u64)]) -> Result<(), ErrorKind> {
    sized.sort_by(|(a, _), (b, _)| {
        a.level.cmp(&b.level).then_with(|| a.smallest.user_key.cmp(&b.smallest.user_key))
    });
    for pair in sized.windows(2) {
        let [(first, _), (second, _)] = pair else { continue };
        let level = first.level;
        if level > 0 && level == second.level && !first.is_before(second) {
            return Err(ErrorKind::Overlap { level, first: first.number, second: second.number });
        }
    }
    Ok(())
}

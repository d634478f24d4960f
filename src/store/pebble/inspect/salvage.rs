//! What a salvage asks of a damaged database beside its records.

use prost::Message as _;

use super::super::keys::{BY_PRINCIPAL_PENDING, SYNC_RUN, Space};
use super::super::stamps::Layout;
use super::Pairs;
use crate::model::proto::c1::c1z::v3::C1zManifestV3;
use crate::model::proto::c1::storage::v3::{SessionRecord, SyncRunRecord};

impl Pairs {
    /// Whether nothing tells which tables are live, so that all of them are read.
    pub(crate) fn is_guessed(&self) -> bool {
        self.database.facts().manifest.is_empty()
    }

    /// What the row of the sync run says, if it can be read, else as much as the manifest in front of the file repeats.
    pub(crate) fn run_record(&self) -> Option<SyncRunRecord> {
        let row = self.get(SYNC_RUN).and_then(|row| SyncRunRecord::decode(&*row).ok());
        let row = row.filter(|row| !row.sync_id.is_empty());
        row.or_else(|| {
            let manifest = C1zManifestV3::decode(&*self.manifest).ok()?;
            let told = manifest.sync_runs.into_iter().next().filter(|told| !told.sync_id.is_empty())?;
            Some(SyncRunRecord {
                sync_id: told.sync_id,
                r#type: told.r#type,
                parent_sync_id: told.parent_sync_id,
                started_at: told.started_at,
                ended_at: told.ended_at,
                ..SyncRunRecord::default()
            })
        })
    }

    /// Whether the row of the sync run can be read.
    pub(crate) fn has_run_row(&self) -> bool {
        self.get(SYNC_RUN).is_some_and(|row| SyncRunRecord::decode(&*row).is_ok())
    }

    /// Whether the keyspace is one that is known: `None` when the stamp that says so is gone.
    pub(crate) fn is_known_keyspace(&self) -> Option<bool> {
        let stamp = self.keyspace.as_deref()?;
        Some(<[u8; 4]>::try_from(stamp).is_ok_and(|bytes| u32::from_be_bytes(bytes) == 2))
    }

    /// Hands the scratch data of the connector to `f`: keys and values.
    pub(crate) fn sessions(&self, f: &mut dyn FnMut(&str, &[u8])) {
        let mut scan = self.database.scan(&[3, 9, 0], Some(&[3, 9, 1]));
        while let Ok(Some((_, value))) = scan.next() {
            if let Ok(session) = SessionRecord::decode(value) {
                f(&session.key, &session.value);
            }
        }
    }

    /// Whether every grant has a row in the index by principal, as far as nothing is lost.
    pub(crate) fn indexes_principals(&self) -> bool {
        self.layout == Layout::Structured && self.get(BY_PRINCIPAL_PENDING).is_none()
    }

    /// The key under which the index by principal knows the grant of this key; `None` when it is none of a grant.
    pub(crate) fn by_principal(grant: &[u8]) -> Option<Vec<u8>> {
        let parts: Vec<&[u8]> = Space::Grants.parts(grant)?.split(|byte| *byte == 0).collect();
        let [kind, id, flag, tail, principal_kind, principal] = parts[..] else { return None };
        // The parts are encoded already.
        let parts = [principal_kind, principal, kind, id, flag, tail].join(&0);
        Some([Space::ByPrincipal.prefix(&[]), parts].concat())
    }

    /// Whether there is a row with this key.
    pub(crate) fn has(&self, key: &[u8]) -> bool {
        self.get(key).is_some()
    }
}

//! Whether the sync run agrees with what the manifest tells of it, and the kept counts with the records.

use prost::Message as _;

use super::super::super::sync::SyncRun;
use super::super::super::tally::differences;
use super::super::keys::{STATS, SYNC_RUN};
use super::super::runs;
use super::check::{Check, Concern};
use crate::model::ksuid::Ksuid;
use crate::model::proto::c1::c1z::v3::C1zManifestV3;
use crate::model::proto::c1::storage::v3::{SyncRunRecord, SyncStatsRecord};

impl Check<'_, '_> {
    pub(super) fn sync(&mut self, whole: bool) {
        let concern = Concern::Sync;
        if let Some(problem) = &self.pairs.run_fault {
            return self.fault(concern, "sync run", problem.clone());
        }
        let Some(run) = self.pairs.run.clone() else {
            if whole && self.findings.tally.readable.iter().sum::<u64>() > 0 {
                self.fault(concern, "sync run", "there are records, but no sync run");
            }
            return;
        };
        if let Err(error) = run.id.parse::<Ksuid>() {
            self.fault(concern, "sync run", format!("its id is {:?}, and {error}", run.id));
        }
        let row = self.pairs.get(SYNC_RUN).unwrap_or_default();
        if let Err(error) = SyncRunRecord::decode(&*row) {
            self.odd(concern, "sync run", format!("it does not parse in every field: {error}"));
        }
        self.manifest(&run);
        if whole {
            self.counts(&run);
        }
    }

    /// Compares the summary in the manifest with the sync run.
    fn manifest(&mut self, run: &SyncRun) {
        let concern = Concern::Sync;
        let manifest = match C1zManifestV3::decode(&*self.pairs.manifest) {
            Ok(manifest) => manifest,
            Err(error) => return self.fault(concern, "manifest", format!("it does not parse: {error}")),
        };
        if manifest.sync_runs.len() > 1 {
            let count = manifest.sync_runs.len();
            self.fault(concern, "manifest", format!("it tells of {count} sync runs, and there is one"));
        }
        let row = self.pairs.get(SYNC_RUN).unwrap_or_default();
        let Ok(record) = SyncRunRecord::decode(&*row) else { return };
        for summary in manifest.sync_runs {
            let same = [
                ("id", summary.sync_id == record.sync_id),
                ("type", summary.r#type == record.r#type),
                ("start", summary.started_at == record.started_at),
                ("end", summary.ended_at == record.ended_at),
                ("parent", summary.parent_sync_id == record.parent_sync_id),
            ];
            for (what, _) in same.into_iter().filter(|(_, same)| !same) {
                let message =
                    format!("the {what} that it tells of the sync is not that of the sync run {}", run.id);
                self.fault(concern, "manifest", message);
            }
        }
        let stamp = self.pairs.id_format.as_deref().and_then(|value| <[u8; 4]>::try_from(value).ok());
        let stamp = stamp.map_or(0, u32::from_be_bytes);
        let agrees = match manifest.pebble_id_index_format {
            1 => matches!(stamp, 0 | 1),
            2 => stamp == 2,
            number => number == 0,
        };
        if !agrees {
            let said = manifest.pebble_id_index_format;
            self.odd(concern, "manifest", format!("it names the id format {said}, the database {stamp}"));
        }
    }

    /// Compares the counts that are kept with the records.
    fn counts(&mut self, run: &SyncRun) {
        let counted = self.findings.tally.pebble_stats();
        let kept = self.pairs.get(STATS).map(|value| SyncStatsRecord::decode(&*value));
        match kept {
            Some(Err(error)) => self.fault(Concern::Sync, "counts in the database", error.to_string()),
            Some(Ok(record)) if record.sync_id == run.id && run.finished => {
                for line in differences(&runs::stats(record), &counted) {
                    self.fault(Concern::Sync, "counts in the database", line);
                }
            }
            _ => {}
        }
        let told = runs::told(&self.pairs.manifest, &run.id);
        for line in told.iter().flat_map(|told| differences(told, &counted)) {
            self.fault(Concern::Sync, "counts in the manifest", line);
        }
    }
}

//! Icons and logos, which resources name and the file holds apart.

use std::collections::BTreeMap;

use super::Record;
use super::interner::Interner;
use super::known::thing_record;
use super::notes::{Tally, text};
use super::rules::Code;
use super::state::State;
use crate::store::{Error, KeptPlace, Resource, Snapshot};

/// The assets that resources name.
#[derive(Debug, Default)]
pub(super) struct Assets {
    ids: Interner,
    /// Whether each is there.
    held: Vec<bool>,
    /// How many there are, also of those that nothing names; `None` before they were read.
    pub(super) count: Option<u64>,
}

impl Assets {
    pub(super) fn resource(&mut self, state: &mut State, resource: &Resource<'_>, named: &[&[u8]]) {
        if !state.notes.wants(Code::AssetMissing) || !state.scope.closed {
            return;
        }
        for id in named {
            let (number, new) = self.ids.intern(0, id);
            if new {
                self.held.push(false);
            }
            state.notes.count(Code::AssetMissing, number, resource.place, || thing_record(resource.key));
        }
    }

    /// Reads which assets there are.
    pub(super) fn read(&mut self, snapshot: Snapshot<'_>) -> Result<(), Error> {
        let mut count = 0;
        snapshot.assets(&mut |id| {
            count += 1;
            let held = self.ids.find(0, id).and_then(|number| self.held.get_mut(number as usize));
            if let Some(held) = held {
                *held = true;
            }
        })?;
        self.count = Some(count);
        Ok(())
    }

    /// What is named and not there. A finding is about the first resource that shows an asset.
    pub(super) fn conclude(&self, state: &mut State) {
        // Most engines leave all assets to those who show them.
        if self.count.is_none_or(|count| count == 0) {
            return;
        }
        let mut missing: BTreeMap<Record, Vec<(String, Tally)>> = BTreeMap::new();
        for (number, tally) in state.notes.take(Code::AssetMissing) {
            if let (Some(false), Some(first)) = (self.held.get(number as usize), tally.examples.first()) {
                let id = text(self.ids.get(number).1);
                missing.entry(first.clone()).or_default().push((id, tally));
            }
        }
        for (record, mut assets) in missing {
            assets.sort_by(|a, b| a.0.cmp(&b.0));
            let Some((_, tally)) = assets.first() else { continue };
            let ids: Vec<_> = assets.iter().map(|(id, _)| id.as_str()).collect();
            let what = if ids.len() == 1 { "asset" } else { "assets" };
            let (who, ids) = (tally.who("shows", "show"), ids.join(" and "));
            let message = format!("{who} {what} {ids}, which the file does not hold");
            let mut records = vec![record];
            records.extend(tally.examples.iter().skip(1).cloned());
            let place = tally.place.as_ref().map(KeptPlace::place);
            state.notes.add(Code::AssetMissing, &records, &message, place);
        }
    }
}

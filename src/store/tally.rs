//! Counting the records of a sync while they are looked at one by one.

use std::collections::BTreeMap;

use crate::model::proto::c1::reader::v2::SyncStats;

/// The records of one sync by family and type. Families are numbered as in [`Tally::FAMILIES`].
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Records that can be read.
    pub readable: [u64; 5],
    /// Records that are there and cannot be read.
    pub damaged: [u64; 5],
    by_type: [BTreeMap<Vec<u8>, i64>; 5],
}

impl Tally {
    /// What is counted.
    pub const FAMILIES: [&'static str; 5] =
        ["resource types", "resources", "entitlements", "grants", "assets"];

    /// Counts a record of a family, under a type: its own id for a resource type.
    pub(crate) fn add(&mut self, family: usize, kind: &[u8], readable: bool) {
        let counts = if readable { &mut self.readable } else { &mut self.damaged };
        if let Some(count) = counts.get_mut(family) {
            *count += 1;
        }
        // Kept counts are those of rows, whether they can be read or not.
        let Some(types) = self.by_type.get_mut(family) else { return };
        match types.get_mut(kind) {
            Some(count) => *count += 1,
            None => drop(types.insert(kind.to_vec(), 1)),
        }
    }

    /// The counts as a writer of SQLite files keeps them: of declared types only, and without entitlements and grants
    /// for a sync of resources.
    pub(crate) fn sqlite_stats(&self, kind: &str) -> SyncStats {
        let [declared, resources, entitlements, grants, assets] = self.texts();
        let mut stats = SyncStats {
            resource_types: declared.values().sum(),
            resources_by_resource_type: declared
                .into_keys()
                .map(|id| (id.clone(), resources.get(&id).copied().unwrap_or(0)))
                .collect(),
            assets: assets.values().sum(),
            ..SyncStats::default()
        };
        stats.resources = stats.resources_by_resource_type.values().sum();
        if kind != "resources_only" {
            stats.entitlements = entitlements.values().sum();
            stats.entitlements_by_resource_type = entitlements;
            stats.grants = grants.values().sum();
            stats.grants_by_resource_type = grants;
        }
        stats
    }

    /// The counts as a writer of Pebble files keeps them.
    pub(crate) fn pebble_stats(&self) -> SyncStats {
        let [declared, resources, entitlements, grants, assets] = self.texts();
        SyncStats {
            resource_types: declared.values().sum(),
            resources: resources.values().sum(),
            resources_by_resource_type: resources,
            entitlements: entitlements.values().sum(),
            entitlements_by_resource_type: entitlements,
            grants: grants.values().sum(),
            grants_by_resource_type: grants,
            assets: assets.values().sum(),
            ..SyncStats::default()
        }
    }

    fn texts(&self) -> [BTreeMap<String, i64>; 5] {
        self.by_type.each_ref().map(|types| {
            let mut texts: BTreeMap<String, i64> = BTreeMap::new();
            for (kind, count) in types {
                *texts.entry(String::from_utf8_lossy(kind).into_owned()).or_default() += count;
            }
            texts
        })
    }
}

/// One line for each kept count that differs from the records, the absent ones counting as 0.
pub(crate) fn differences(kept: &SyncStats, counted: &SyncStats) -> Vec<String> {
    let totals = [
        ("resource types", kept.resource_types, counted.resource_types),
        ("resources", kept.resources, counted.resources),
        ("entitlements", kept.entitlements, counted.entitlements),
        ("grants", kept.grants, counted.grants),
        ("assets", kept.assets, counted.assets),
    ];
    let maps = [
        ("resources", &kept.resources_by_resource_type, &counted.resources_by_resource_type),
        ("entitlements", &kept.entitlements_by_resource_type, &counted.entitlements_by_resource_type),
        ("grants", &kept.grants_by_resource_type, &counted.grants_by_resource_type),
    ];
    let of_types = maps.into_iter().flat_map(|(what, kept, counted)| {
        let mut ids: Vec<&String> = kept.keys().chain(counted.keys()).collect();
        ids.sort();
        ids.dedup();
        let count = |counts: &BTreeMap<String, i64>, id: &String| counts.get(id).copied().unwrap_or(0);
        ids.into_iter().map(move |id| (format!("{what} of type {id}"), count(kept, id), count(counted, id)))
    });
    let totals = totals.into_iter().map(|(what, kept, counted)| (what.to_owned(), kept, counted));
    totals
        .chain(of_types)
        .filter(|(_, kept, counted)| kept != counted)
        .map(|(what, kept, counted)| format!("the kept count of {what} is {kept}, there are {counted}"))
        .collect()
}

//! Counting the records of a file that keeps no counts, or whose counts are in doubt.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::super::Error;
use super::super::record::{EntitlementFilter, Entitlements, GrantFilter, Grants};
use super::keys::{Space, split, unescape};
use super::query::{self, Range};
use super::scan::Scan;
use super::{Engine, Layout};
use crate::model::proto::c1::reader::v2::SyncStats;

/// Counts the records. Those of types that the sync does not declare count as well, as they do for the reference in
/// files of this engine.
pub(super) fn count(engine: &Engine) -> Result<SyncStats, Error> {
    let layout = engine.layout()?;
    let mut stats = SyncStats {
        resource_types: keys(engine, Space::ResourceTypes)?.total(),
        resources_by_resource_type: keys(engine, Space::Resources)?.by_type(),
        assets: keys(engine, Space::Assets)?.total(),
        ..SyncStats::default()
    };
    let (entitlements, grants) = match layout {
        Layout::Structured => (keys(engine, Space::Entitlements)?, keys(engine, Space::Grants)?),
        Layout::Legacy => (entitlements(engine)?, grants(engine)?),
    };
    stats.resources = stats.resources_by_resource_type.values().sum();
    (stats.entitlements, stats.entitlements_by_resource_type) =
        (entitlements.total(), entitlements.by_type());
    (stats.grants, stats.grants_by_resource_type) = (grants.total(), grants.by_type());
    Ok(stats)
}

/// Records by the type of their resource. Most follow another of the same type.
#[derive(Debug, Default)]
struct Counts {
    counts: BTreeMap<Vec<u8>, i64>,
    last: Vec<u8>,
    run: i64,
}

impl Counts {
    fn add(&mut self, kind: &[u8]) {
        if self.last != kind {
            self.end_run();
            self.last = kind.to_vec();
        }
        self.run += 1;
    }

    fn end_run(&mut self) {
        if self.run > 0 {
            *self.counts.entry(std::mem::take(&mut self.last)).or_default() += self.run;
            self.run = 0;
        }
    }

    fn total(&self) -> i64 {
        self.counts.values().sum::<i64>() + self.run
    }

    fn by_type(mut self) -> BTreeMap<String, i64> {
        self.end_run();
        let mut by_type: BTreeMap<String, i64> = BTreeMap::new();
        for (kind, count) in self.counts {
            *by_type.entry(String::from_utf8_lossy(&kind).into_owned()).or_default() += count;
        }
        by_type
    }
}

/// Counts by the first part of the keys.
fn keys(engine: &Engine, space: Space) -> Result<Counts, Error> {
    let mut counts = Counts::default();
    let range = Range::of(space.prefix(&[]));
    let mut scan = engine.database.scan(&range.lower, range.upper.as_deref());
    while let Some((key, _)) = scan.next().map_err(|source| engine.failed(source))? {
        let parts = space.parts(key).unwrap_or_default();
        let first = split(parts, 1).map_or(parts, |(first, _)| first);
        counts.add(&unescape(first).unwrap_or(Cow::Borrowed(first)));
    }
    Ok(counts)
}

/// Hands the id of each asset to `f`.
pub(super) fn asset_ids(engine: &Engine, f: &mut dyn FnMut(&[u8])) -> Result<(), Error> {
    let space = Space::Assets;
    let range = Range::of(space.prefix(&[]));
    let mut scan = engine.database.scan(&range.lower, range.upper.as_deref());
    while let Some((key, _)) = scan.next().map_err(|source| engine.failed(source))? {
        let id = space.parts(key).unwrap_or_default();
        f(&unescape(id).unwrap_or(Cow::Borrowed(id)));
    }
    Ok(())
}

/// Counts entitlements by what their values say, where their keys do not.
fn entitlements(engine: &Engine) -> Result<Counts, Error> {
    let mut counts = Counts::default();
    let query = query::entitlements(engine, &EntitlementFilter::default())?;
    let mut scan: Scan<'_, Entitlements> = Scan::new(engine, query);
    let mut rows = scan.rows();
    while rows.next(|entitlement| counts.add(entitlement.resource.kind))?.is_some() {}
    Ok(counts)
}

/// Counts grants by what their values say, where their keys do not.
fn grants(engine: &Engine) -> Result<Counts, Error> {
    let mut counts = Counts::default();
    let query = query::grants(engine, &GrantFilter::default())?;
    let mut scan: Scan<'_, Grants> = Scan::new(engine, query);
    let mut rows = scan.rows();
    while rows.next(|grant| counts.add(grant.resource.kind))?.is_some() {}
    Ok(counts)
}

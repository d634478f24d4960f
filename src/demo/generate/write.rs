//! Writing the syncs of a company.
//!
//! Rows stand in the order in which a connector lists them: types, resources and entitlements of each type,
//! then direct grants by entitlement, then inherited ones by entitlement.

use super::grants::{Encoded, Encoder};
use super::plan::{Plan, Topic};
use super::records::Types;
use super::sort::{Link, Sorted, Sorter, Source};
use super::wishes::Wishes;
use super::{DAY, FIRST_DAY, GenerateError};
use crate::model::ksuid::Ksuid;
use crate::model::proto::c1::reader::v2::SyncStats;
use crate::model::time::Instant;
use crate::store::{NewSync, RawValue, SyncKind, Writer};

/// Rows stored at one time of discovery, and grants between two calls of an observer.
const BATCH: u64 = 1_000;
/// How long each of these takes, in milliseconds of the company's clock.
const BATCH_TAKES: u64 = 40;

/// Writes all syncs: their ids, and what they hold.
pub(super) fn all(
    plan: &Plan,
    writer: &mut Writer,
    observer: &mut dyn FnMut(u64, u64),
) -> Result<Vec<(String, SyncStats)>, GenerateError> {
    let (types, mut wishes) = (Types::new(), Wishes::new(plan));
    let expected = plan.grants * u64::from(plan.syncs);
    let mut progress = Progress { written: 0, expected, observer };
    let mut syncs = Vec::new();
    for sync in 0..plan.syncs {
        let start = FIRST_DAY + i64::from(sync) * DAY;
        let day = Day { plan, types: &types, writer, sync, rows: 0, start };
        syncs.push(day.write(&mut wishes, &mut progress)?);
    }
    progress.tell();
    Ok(syncs)
}

/// How far it is.
struct Progress<'a> {
    /// Grants of all syncs.
    written: u64,
    expected: u64,
    observer: &'a mut dyn FnMut(u64, u64),
}

impl Progress<'_> {
    fn count(&mut self) {
        self.written += 1;
        if self.written.is_multiple_of(BATCH) {
            self.tell();
        }
    }

    fn tell(&mut self) {
        (self.observer)(self.written, self.expected.max(self.written));
    }
}

/// What comes after the last row takes as long as so many rows.
const ENDING: u64 = 50 * BATCH;

/// A sync that is being written.
struct Day<'a> {
    plan: &'a Plan,
    types: &'a Types,
    writer: &'a mut Writer,
    sync: u32,
    /// Rows so far.
    rows: u64,
    /// In Unix seconds.
    start: i64,
}

impl Day<'_> {
    fn write(
        mut self,
        wishes: &mut Wishes<'_>,
        progress: &mut Progress<'_>,
    ) -> Result<(String, SyncStats), GenerateError> {
        let id = self.id();
        self.writer.begin_sync(NewSync::new(id.clone(), SyncKind::Full, self.now()))?;
        self.objects()?;
        let mut links = self.links(wishes).map_err(GenerateError::Sort)?;
        let expandable = self.grants(&mut links, true, progress)?;
        self.grants(&mut links, false, progress)?;
        self.writer.set_sync_token(&self.token(expandable))?;
        self.writer.set_supports_diff()?;
        self.rows += ENDING;
        let stats = self.writer.end_sync(self.now())?;
        Ok((id, stats))
    }

    /// From the time of the start and the seed.
    fn id(&self) -> String {
        let chance = self.plan.chance(Topic::SyncId).of(self.sync.into());
        let payload = u128::from(chance.of(0).bits()) << 64 | u128::from(chance.of(1).bits());
        // No sync of a company is later than June 2150.
        Ksuid::from_parts(self.start, payload.to_be_bytes()).map(|id| id.to_string()).unwrap_or_default()
    }

    /// The company's clock.
    fn now(&self) -> Instant {
        let millis = self.rows / BATCH * BATCH_TAKES;
        let seconds = self.start + (millis / 1_000).cast_signed();
        Instant::new(seconds, (millis % 1_000) as i32 * 1_000_000).unwrap_or_default()
    }

    /// Counts a row that is about to be stored.
    fn tick(&mut self) {
        if self.rows.is_multiple_of(BATCH) {
            self.writer.set_time(self.now());
        }
        self.rows += 1;
    }

    fn objects(&mut self) -> Result<(), GenerateError> {
        let (plan, types, sync) = (self.plan, self.types, self.sync);
        for kind in types.all() {
            self.tick();
            self.writer.put_resource_type(kind)?;
        }
        let users = (0..plan.users).map(|place| plan.user(types, plan.person(place, sync)));
        let groups = (0..plan.groups).map(|group| plan.group(types, group));
        let roles = (0..plan.roles).map(|role| plan.role(types, role));
        let repos = (0..plan.repos).map(|repo| plan.repo(types, repo));
        let resources = std::iter::once(types.company()).chain(users).chain(groups).chain(roles).chain(repos);
        for resource in resources {
            self.tick();
            self.writer.put_resource(&resource)?;
        }
        for number in 0..plan.entitlements() {
            self.tick();
            self.writer.put_entitlement(&plan.entitlement(types, plan.right(number)))?;
        }
        Ok(())
    }

    /// Who holds what.
    fn links(&self, wishes: &mut Wishes<'_>) -> std::io::Result<Sorted> {
        let mut links = Sorter::new();
        for place in 0..self.plan.users {
            wishes.add_user(place, self.sync, &mut links)?;
        }
        for group in 0..self.plan.groups {
            wishes.add_group(group, &mut links)?;
        }
        Ok(links.sorted())
    }

    /// Stores the direct grants, or the inherited ones: whether any of them is expandable.
    fn grants(
        &mut self,
        links: &mut Sorted,
        direct: bool,
        progress: &mut Progress<'_>,
    ) -> Result<bool, GenerateError> {
        let mut encoder = Encoder::new(self.plan, self.types, self.sync);
        let mut links = links.links().map_err(GenerateError::Sort)?;
        let mut next = links.next().map_err(GenerateError::Sort)?;
        let (mut expandable, mut sources) = (false, Vec::new());
        while let Some(first) = next {
            sources.clear();
            while let Some(link) = next.filter(|link| is_same_grant(*link, first)) {
                sources.push(link.source);
                next = links.next().map_err(GenerateError::Sort)?;
            }
            if sources.contains(&Source::OWN) == direct {
                self.tick();
                let grant = encoder.encode(first, &sources);
                expandable |= grant.expansion.is_some();
                put(self.writer, &grant)?;
                progress.count();
            }
        }
        Ok(expandable)
    }

    /// The checkpoint that a finished sync leaves behind: some actions for the whole, and two for each
    /// resource that offers something.
    fn token(&self, expandable: bool) -> String {
        let resources = [1, self.plan.groups, self.plan.roles, self.plan.repos];
        let actions = 8 + 2 * resources.into_iter().map(u64::from).sum::<u64>();
        let expansion = if expandable { r#""needs_expansion":true,"# } else { "" };
        format!(
            r#"{{"current_action_id":{actions},{expansion}"completed_actions_count":{actions},"ingest_quality":{{}},"version":1}}"#
        )
    }
}

fn is_same_grant(a: Link, b: Link) -> bool {
    (a.entitlement, a.principal) == (b.entitlement, b.principal)
}

fn put(writer: &mut Writer, grant: &Encoded<'_>) -> Result<(), GenerateError> {
    let expansion = grant.expansion.map_or(RawValue::Null, RawValue::Blob);
    let columns = [
        ("external_id", RawValue::Text(grant.id)),
        ("entitlement_id", RawValue::Text(grant.entitlement)),
        ("resource_type_id", RawValue::Text(grant.resource_type)),
        ("resource_id", RawValue::Text(grant.resource)),
        ("principal_resource_type_id", RawValue::Text(grant.principal_type)),
        ("principal_resource_id", RawValue::Text(grant.principal)),
        ("data", RawValue::Blob(grant.data)),
        ("expansion", expansion),
        ("needs_expansion", RawValue::Integer(grant.expansion.is_some().into())),
    ];
    Ok(writer.put_raw("v1_grants", &columns)?)
}

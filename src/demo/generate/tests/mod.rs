//! The promises of the generator, kept by whole files.

mod churn;
mod company;
mod files;
mod sizes;

use std::collections::BTreeMap;
use std::path::PathBuf;

use prost::Message as _;
use tempfile::TempDir;

use super::*;
use crate::model::keys::ResourceKey;
use crate::model::v2;
use crate::store::{GrantFilter, OpenOptions, Reader, Snapshot, Source};

/// A company with a bit of everything.
pub(super) const SMALL: Company = Company {
    users: 120,
    groups: 24,
    roles: 9,
    repos: 40,
    grants_per_user: 17,
    seed: 5,
    syncs: 1,
    churn: 0.0,
};

/// A company in a file.
pub(super) struct Made {
    _directory: TempDir,
    pub(super) path: PathBuf,
    pub(super) summary: Summary,
}

pub(super) fn make(company: &Company) -> Made {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("made.c1z");
    let summary = generate(company, &path, false, &mut |_, _| {}).unwrap();
    Made { _directory: directory, path, summary }
}

/// A grant as its row has it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) grant: v2::Grant,
    pub(super) expandable: Option<v2::GrantExpandable>,
    /// The entitlement, its resource and the principal of the columns.
    pub(super) columns: [String; 3],
}

/// All records of a sync, by id; resources by `type/id`.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Content {
    pub(super) types: BTreeMap<String, v2::ResourceType>,
    pub(super) resources: BTreeMap<String, v2::Resource>,
    pub(super) entitlements: BTreeMap<String, v2::Entitlement>,
    pub(super) grants: BTreeMap<String, Row>,
}

impl Content {
    /// The resources of a type.
    pub(super) fn of_type(&self, kind: &str) -> impl Iterator<Item = &v2::Resource> {
        self.resources.values().filter(move |resource| resource.id.as_ref().unwrap().resource_type == kind)
    }

    /// The ids of the grants to users, or to groups.
    pub(super) fn grants_to(&self, kind: &str) -> impl Iterator<Item = (&String, &Row)> {
        let start = format!("{kind}/");
        self.grants.iter().filter(move |(_, row)| row.columns[2].starts_with(&start))
    }
}

impl Row {
    pub(super) fn is_inherited(&self) -> bool {
        self.grant.sources.as_ref().is_some_and(|sources| !sources.sources.contains_key(&self.columns[0]))
    }
}

/// What each sync of a file holds. Nothing has the id of another.
pub(super) fn read(made: &Made) -> Vec<Content> {
    let source = Source::Path(made.path.clone());
    let reader = Reader::open(&source, &OpenOptions::default(), &mut |_, _| {}).unwrap();
    let contents: Vec<Content> = reader.runs().iter().map(|run| content(reader.at(run))).collect();
    assert_eq!(contents.len(), made.summary.syncs.len());
    for (run, (id, stats)) in reader.runs().iter().zip(&made.summary.syncs) {
        assert_eq!(&run.id, id);
        assert_eq!(run.stats.as_ref(), Some(stats));
        assert_eq!(&reader.at(run).count().unwrap(), stats);
    }
    contents
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn name(key: ResourceKey<'_>) -> String {
    text(&key.to_name())
}

/// Reads all rows of a scan into a map; `$read` gives the key and the value.
macro_rules! collect {
    ($scan:expr, $read:expr) => {{
        let mut scan = $scan.unwrap();
        let mut rows = scan.rows().unwrap();
        let mut map = BTreeMap::new();
        while let Some((key, value)) = rows.next($read).unwrap() {
            assert!(!key.is_empty());
            assert!(map.insert(key.clone(), value).is_none(), "{key} is there twice");
        }
        map
    }};
}

fn content(at: Snapshot<'_>) -> Content {
    Content {
        types: collect!(at.resource_types(), |row| (text(row.id), decode(row.message))),
        resources: collect!(at.resources(&Default::default()), |row| (name(row.key), decode(row.message))),
        entitlements: collect!(at.entitlements(&Default::default()), |row| {
            let entitlement: v2::Entitlement = decode(row.message);
            assert_eq!(entitlement.id.as_bytes(), row.id);
            (text(row.id), entitlement)
        }),
        grants: collect!(at.grants(&GrantFilter::default()), |row| {
            let expandable = (!row.expansion.is_empty()).then(|| decode(row.expansion));
            let columns = [text(row.entitlement), name(row.resource), name(row.principal)];
            (text(row.id), Row { grant: decode(row.message), expandable, columns })
        }),
    }
}

fn decode<M: prost::Message + Default>(bytes: &[u8]) -> M {
    M::decode(bytes).unwrap()
}

/// The name of a resource that a record refers to.
pub(super) fn name_of(id: Option<&v2::ResourceId>) -> String {
    let id = id.unwrap();
    format!("{}/{}", id.resource_type, id.resource)
}

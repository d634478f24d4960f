//! Looking at the database below its records, and reading what is left of a damaged one.

mod check;
mod indexes;
mod keyed;
mod salvage;
mod told;

use std::fmt;
use std::sync::Arc;

use prost::Message as _;

pub(crate) use check::Concern;

use super::super::lost::Lost;
use super::super::place::Place;
use super::super::record::{
    Entitlement, Entitlements, Grant, Grants, Resource, ResourceType, ResourceTypes, Resources,
};
use super::super::sync::SyncRun;
use super::files::DamagedFiles;
use super::keys::{ID_FORMAT, KEYSPACE_VERSION, STATS, SYNC_RUN, Space};
use super::stamps::Layout;
use super::translate::{Translate, translate};
use crate::c1z::Archive;
use crate::model::proto::c1::reader::v2::SyncStats;
use crate::model::proto::c1::storage::v3::SyncStatsRecord;
use crate::model::wire::{Fields, Malformed, Value};
use crate::pebble::{self, Database};

/// The keys and values of a database that may be damaged.
pub struct Pairs {
    database: Arc<Database<'static>>,
    manifest: Vec<u8>,
    files: Vec<String>,
    layout: Layout,
    keyspace: Option<Vec<u8>>,
    id_format: Option<Vec<u8>>,
    run: Option<SyncRun>,
    run_fault: Option<String>,
}

/// A record of a v3 file, as connectors know it.
#[derive(Debug)]
pub enum Piece<'a> {
    /// A resource type.
    ResourceType(ResourceType<'a>),
    /// A resource.
    Resource(Resource<'a>),
    /// An entitlement.
    Entitlement(Entitlement<'a>),
    /// A grant.
    Grant(Grant<'a>),
    /// An asset.
    Asset(Asset<'a>),
    /// One that does not parse: where it stands, and what is wrong.
    Damaged(Place<'a>, String),
}

/// An asset.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asset<'a> {
    /// Its id.
    pub id: &'a [u8],
    /// Its media type.
    pub content_type: &'a [u8],
    /// Its bytes.
    pub data: &'a [u8],
}

impl<'a> Asset<'a> {
    /// Reads an `AssetRecord`.
    fn read(value: &'a [u8]) -> Result<Self, Malformed> {
        let mut asset = Self::default();
        let mut walk = Fields::of(value);
        while let Some((number, value)) = walk.next_field()? {
            match (number, value) {
                (2, Value::Bytes(text)) => asset.id = text,
                (3, Value::Bytes(text)) => asset.content_type = text,
                (4, Value::Bytes(bytes)) => asset.data = bytes,
                _ => {}
            }
        }
        Ok(asset)
    }
}

impl Pairs {
    /// What is left of the database in an archive, and what is wrong with the database as a whole. `None` when nothing
    /// leads to its tables any more.
    pub(crate) fn open(archive: Archive) -> (Option<Self>, Vec<pebble::Error>) {
        let manifest = archive.manifest().to_vec();
        let files = archive.entries().iter().map(|entry| entry.name.clone()).collect();
        let (database, faults) = Database::open_damaged(DamagedFiles(archive));
        let pairs = database.map(|database| {
            let mut pairs = Self {
                database: Arc::new(database),
                manifest,
                files,
                layout: Layout::Structured,
                keyspace: None,
                id_format: None,
                run: None,
                run_fault: None,
            };
            pairs.keyspace = pairs.get(KEYSPACE_VERSION);
            pairs.id_format = pairs.get(ID_FORMAT);
            let number = pairs.id_format.as_deref().and_then(|value| <[u8; 4]>::try_from(value).ok());
            // A stamp that is gone says nothing; one that is not there at all does.
            if pairs.keyspace.is_some() && number.is_none_or(|bytes| u32::from_be_bytes(bytes) == 0) {
                pairs.layout = Layout::Legacy;
            }
            (pairs.run, pairs.run_fault) = pairs.read_run();
            pairs
        });
        (pairs, faults)
    }

    /// The sync run, if it can be read.
    #[must_use]
    pub fn run(&self) -> Option<&SyncRun> {
        self.run.as_ref()
    }

    /// The names of all files.
    pub(crate) fn files(&self) -> &[String] {
        &self.files
    }

    /// The database.
    pub(crate) fn database(&self) -> &Database<'static> {
        &self.database
    }

    /// Hands the counts that the file states to `f`.
    pub(crate) fn state(&self, f: &mut dyn FnMut(&SyncStats)) {
        let told = self.run.as_ref().and_then(|run| super::runs::told(&self.manifest, &run.id));
        let kept = self.get(STATS).and_then(|value| SyncStatsRecord::decode(&*value).ok());
        let kept = kept.map(super::runs::stats);
        told.iter().chain(&kept).for_each(f);
    }

    /// The value of a key. Tables that are damaged are passed over.
    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        let mut scan = self.database.scan(key, None);
        let (found, value) = scan.next().ok()??;
        (found == key).then(|| value.to_vec())
    }

    fn read_run(&self) -> (Option<SyncRun>, Option<String>) {
        let Some(row) = self.get(SYNC_RUN) else { return (None, None) };
        match super::runs::run(&row) {
            Ok(run) => (Some(run), None),
            Err(error) => (None, Some(error.to_string())),
        }
    }

    /// Hands every record that can be read to `f`: resource types, resources, entitlements, grants, assets. What could
    /// not be read is returned, without what is passed over in tables that are damaged: [`Database::check`] tells.
    ///
    /// Where a part of a table is gone, a row that it deleted or replaced may come back as it was before.
    pub fn records(&self, f: &mut dyn FnMut(Piece<'_>)) -> Vec<Lost> {
        let mut lost = Vec::new();
        lost.extend(self.each::<ResourceTypes>(Space::ResourceTypes, &mut |record| {
            f(piece(record, Piece::ResourceType))
        }));
        lost.extend(
            self.each::<Resources>(Space::Resources, &mut |record| f(piece(record, Piece::Resource))),
        );
        lost.extend(
            self.each::<Entitlements>(Space::Entitlements, &mut |record| {
                f(piece(record, Piece::Entitlement))
            }),
        );
        lost.extend(self.each::<Grants>(Space::Grants, &mut |record| f(piece(record, Piece::Grant))));
        lost.extend(self.scan(Space::Assets, "assets", &mut |key, value| {
            f(match Asset::read(value) {
                Ok(asset) => Piece::Asset(asset),
                Err(error) => Piece::Damaged(Place::Key { family: "assets", key }, error.to_string()),
            });
        }));
        lost
    }

    fn each<F: Translate>(&self, space: Space, f: Translated<'_, F>) -> Option<Lost> {
        let mut message = Vec::new();
        self.scan(space, F::NAME, &mut |key, value| {
            message.clear();
            let place = Place::Key { family: F::NAME, key };
            match translate::<F>(value, &mut message) {
                Ok(spans) => f(Ok(F::record(&spans, &message, place))),
                Err(fault) => f(Err((place, fault.to_string()))),
            }
        })
    }

    fn scan(&self, space: Space, name: &str, f: &mut dyn FnMut(&[u8], &[u8])) -> Option<Lost> {
        let prefix = space.prefix(&[]);
        let mut scan = self.database.scan(&prefix, super::keys::above(&prefix).as_deref());
        loop {
            match scan.next() {
                Ok(Some((key, value))) => f(key, value),
                Ok(None) => return None,
                Err(error) => {
                    let place = format!("{name}, the rest of them");
                    return Some(Lost { place, offset: None, message: error.to_string() });
                }
            }
        }
    }
}

/// Takes a record, or where it stands and why there is none.
type Translated<'f, F> =
    &'f mut dyn FnMut(Result<<F as crate::store::Family>::Record<'_>, (Place<'_>, String)>);

fn piece<'a, R>(record: Result<R, (Place<'a>, String)>, of: impl FnOnce(R) -> Piece<'a>) -> Piece<'a> {
    match record {
        Ok(record) => of(record),
        Err((place, problem)) => Piece::Damaged(place, problem),
    }
}

impl fmt::Debug for Pairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pairs").field("run", &self.run).finish_non_exhaustive()
    }
}

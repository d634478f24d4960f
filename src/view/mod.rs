//! The joined record: a grant with its entitlement, resource, resource type and principal, a resource with its type
//! and its parent, and so on. Every list and every question goes through here.
//!
//! A [`View`] reads one sync. Its lists hand rows to a [`Sink`], one by one; a row borrows the record from the engine
//! and what it is joined with from bounded caches.

mod access;
mod cache;
mod compared;
mod entitlement;
mod grant;
mod lookup;
mod principal;
mod resource;
mod resource_type;
mod standin;
mod stats;
mod sync;

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::io;
use std::ops::ControlFlow;

pub use access::{Access, AccessTo};
pub use compared::{Compared, PRINCIPALS_COMPARED, Verdict};
pub use entitlement::{ENTITLEMENTS, EntitlementRow};
pub use grant::{GRANTS, GrantRow};
pub use lookup::Need;
pub use principal::{Identity, Match, Person, PrincipalError, compare_by};
pub use resource::{RESOURCES, ResourceRow};
pub use resource_type::{RESOURCE_TYPES, ResourceTypeRow};
pub use stats::{STATS, StatsRow};
pub use sync::{SYNCS, SyncRow, push_sync_run};

use crate::model::descriptor::Message;
use crate::model::keys::ResourceKey;
pub use crate::model::near::Near;
use crate::model::protojson::{Notes, Writer};
use crate::model::wire::Malformed;
use crate::render::{Cell, Column, Row};
use crate::store::{self, Entitlement, EntitlementFilter, GrantFilter, Place, ResourceFilter, Snapshot};
use lookup::{Entry, Lookup, cache_key};

/// Takes the rows of a list.
pub trait Sink {
    /// One row; `Break` to hear no more.
    ///
    /// # Errors
    /// When the output cannot be written.
    fn row(&mut self, row: &dyn Row, place: Place<'_>) -> io::Result<ControlFlow<()>>;
}

/// A list that ended early.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The output cannot be written.
    #[error(transparent)]
    Output(#[from] io::Error),
}

/// Which records, in the words of the command line; all conditions hold together.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// `-t`, without `-r`.
    pub kind: Option<String>,
    /// `-t` and `-r`.
    pub resource: Option<(String, String)>,
    /// `-e`
    pub entitlement: Option<String>,
    /// `-p`, resolved.
    pub principal: Option<Person>,
}

impl Filter {
    fn resource_key(&self) -> Option<ResourceKey<'_>> {
        let (kind, id) = self.resource.as_ref()?;
        Some(ResourceKey { kind: kind.as_bytes(), id: id.as_bytes() })
    }

    fn grants(&self) -> GrantFilter<'_> {
        GrantFilter {
            kind: self.kind.as_deref(),
            resource: self.resource_key(),
            entitlement: self.entitlement.as_deref(),
            principal: self.principal.as_ref().map(Person::key),
        }
    }
}

/// One sync, joined.
#[derive(Debug)]
pub struct View<'r> {
    snapshot: Snapshot<'r>,
    lookup: Lookup<'r>,
}

impl<'r> View<'r> {
    /// A view of `snapshot`; `need` says what rows will be asked for.
    #[must_use]
    pub fn new(snapshot: Snapshot<'r>, need: Need) -> Self {
        Self { snapshot, lookup: Lookup::new(snapshot, need) }
    }

    /// The records themselves.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot<'r> {
        self.snapshot
    }

    /// All resource types.
    ///
    /// # Errors
    /// [`Error`], as for every list below.
    pub fn resource_types(&self, sink: &mut dyn Sink) -> Result<(), Error> {
        let mut scan = self.snapshot.resource_types()?;
        let mut rows = scan.rows()?;
        until_break(|| rows.next(|kind| hand(sink, ResourceTypeRow::new(&self.lookup, kind), kind.place)))
            .map(drop)
    }

    /// Resources: of a type, the children of one, those that offer an entitlement, a principal itself.
    ///
    /// # Errors
    /// [`Error`]
    pub fn resources(&self, filter: &Filter, sink: &mut dyn Sink) -> Result<(), Error> {
        let Some(id) = &filter.entitlement else {
            return self.resources_of(filter, filter.principal.as_ref(), sink).map(drop);
        };
        for offering in self.offering(id)? {
            if filter.principal.as_ref().is_none_or(|only| *only == offering)
                && self.resources_of(filter, Some(&offering), sink)?.is_break()
            {
                break;
            }
        }
        Ok(())
    }

    /// The resources that offer an entitlement with this id.
    fn offering(&self, id: &str) -> Result<Vec<Person>, Error> {
        let mut offering = Vec::new();
        let mut scan =
            self.snapshot.entitlements(&EntitlementFilter { id: Some(id), ..Default::default() })?;
        let mut rows = scan.rows()?;
        while rows.next(|item| offering.push(Person::of(item.resource)))?.is_some() {}
        Ok(offering)
    }

    fn resources_of(
        &self,
        filter: &Filter,
        only: Option<&Person>,
        sink: &mut dyn Sink,
    ) -> Result<ControlFlow<()>, Error> {
        let mut scan = self.snapshot.resources(&ResourceFilter {
            kind: filter.kind.as_deref(),
            key: only.map(Person::key),
            parent: filter.resource_key(),
        })?;
        let mut rows = scan.rows()?;
        until_break(|| {
            rows.next(|resource| hand(sink, ResourceRow::new(&self.lookup, resource)?, resource.place))
        })
    }

    /// Entitlements: of a resource or of resources of a type, one of them, those that a principal holds.
    ///
    /// # Errors
    /// [`Error`]
    pub fn entitlements(&self, filter: &Filter, sink: &mut dyn Sink) -> Result<(), Error> {
        let held = filter.principal.as_ref().map(|_| self.held(filter)).transpose()?;
        let mut scan = self.snapshot.entitlements(&EntitlementFilter {
            kind: filter.kind.as_deref(),
            resource: filter.resource_key(),
            id: filter.entitlement.as_deref(),
        })?;
        let mut rows = scan.rows()?;
        until_break(|| {
            rows.next(|entitlement| {
                if held.as_ref().is_some_and(|held| !held.contains(&Held::of(entitlement))) {
                    return Ok(ControlFlow::Continue(()));
                }
                hand(sink, EntitlementRow::new(&self.lookup, entitlement)?, entitlement.place)
            })
        })
        .map(drop)
    }

    /// The entitlements that the filter's grants are of. One that is missing is noted.
    fn held(&self, filter: &Filter) -> Result<HashSet<Held>, Error> {
        let mut named = BTreeSet::new();
        let mut scan = self.snapshot.grants(&filter.grants())?;
        let mut rows = scan.rows()?;
        while rows
            .next(|grant| named.insert((Person::of(grant.resource), grant.entitlement.to_vec())))?
            .is_some()
        {}
        let mut held = HashSet::new();
        for (resource, id) in named {
            match self.snapshot.entitlement_of(resource.key(), &id, Held::of)? {
                Some(found) => drop(held.insert(found)),
                None => drop(self.lookup.entitlement(&id, resource.key())?),
            }
        }
        Ok(held)
    }

    /// Grants.
    ///
    /// # Errors
    /// [`Error`]
    pub fn grants(&self, filter: &Filter, sink: &mut dyn Sink) -> Result<(), Error> {
        let mut scan = self.snapshot.grants(&filter.grants())?;
        let mut rows = scan.rows()?;
        until_break(|| rows.next(|grant| hand(sink, GrantRow::new(&self.lookup, grant)?, grant.place)))
            .map(drop)
    }

    /// The resource type that stands at `place`; nothing is handed on when none does, as in the calls below.
    ///
    /// # Errors
    /// [`Error`], as for every call below.
    pub fn resource_type_at(&self, place: Place<'_>, sink: &mut dyn Sink) -> Result<ControlFlow<()>, Error> {
        let found = self
            .snapshot
            .resource_type_at(place, |kind| hand(sink, ResourceTypeRow::new(&self.lookup, kind), kind.place));
        found?.unwrap_or(Ok(ControlFlow::Continue(())))
    }

    /// The resource that stands at `place`.
    ///
    /// # Errors
    /// [`Error`]
    pub fn resource_at(&self, place: Place<'_>, sink: &mut dyn Sink) -> Result<ControlFlow<()>, Error> {
        let found = self.snapshot.resource_at(place, |resource| {
            hand(sink, ResourceRow::new(&self.lookup, resource)?, resource.place)
        });
        found?.unwrap_or(Ok(ControlFlow::Continue(())))
    }

    /// The entitlement that stands at `place`.
    ///
    /// # Errors
    /// [`Error`]
    pub fn entitlement_at(&self, place: Place<'_>, sink: &mut dyn Sink) -> Result<ControlFlow<()>, Error> {
        let found = self.snapshot.entitlement_at(place, |entitlement| {
            hand(sink, EntitlementRow::new(&self.lookup, entitlement)?, entitlement.place)
        });
        found?.unwrap_or(Ok(ControlFlow::Continue(())))
    }

    /// The grant that stands at `place`.
    ///
    /// # Errors
    /// [`Error`]
    pub fn grant_at(&self, place: Place<'_>, sink: &mut dyn Sink) -> Result<ControlFlow<()>, Error> {
        let found = self
            .snapshot
            .grant_at(place, |grant| hand(sink, GrantRow::new(&self.lookup, grant)?, grant.place));
        found?.unwrap_or(Ok(ControlFlow::Continue(())))
    }

    /// The resources that hold something, each once, in the order of their first grants.
    ///
    /// # Errors
    /// [`Error`]
    pub fn principals(&self, filter: &Filter, sink: &mut dyn Sink) -> Result<(), Error> {
        self.distinct_principals(filter, &mut |key, place| self.resource(key, place, sink))
    }

    fn distinct_principals(&self, filter: &Filter, found: &mut Found<'_>) -> Result<(), Error> {
        let mut seen: hashbrown::HashSet<Box<[u8]>> = hashbrown::HashSet::new();
        let mut name = Vec::new();
        let mut scan = self.snapshot.grants(&filter.grants())?;
        let mut rows = scan.rows()?;
        until_break(|| {
            rows.next(|grant| {
                cache_key(&mut name, grant.principal);
                if seen.contains(name.as_slice()) {
                    return Ok(ControlFlow::Continue(()));
                }
                seen.insert(name.as_slice().into());
                found(grant.principal, grant.place)
            })
        })
        .map(drop)
    }

    /// One principal, or a stand-in for it.
    ///
    /// # Errors
    /// [`Error`]
    pub fn person(&self, person: &Person, sink: &mut dyn Sink) -> Result<ControlFlow<()>, Error> {
        self.resource(person.key(), Place::Row { table: "resources", row: 0 }, sink)
    }

    /// One resource, or a stand-in for it; `place` is where it is named.
    fn resource(
        &self,
        key: ResourceKey<'_>,
        place: Place<'_>,
        sink: &mut dyn Sink,
    ) -> Result<ControlFlow<()>, Error> {
        let found = self.snapshot.resource(key, |resource| {
            hand(sink, ResourceRow::new(&self.lookup, resource)?, resource.place)
        })?;
        match found {
            Some(flow) => flow,
            None => Ok(sink.row(&ResourceRow::missing(&self.lookup, key)?, place)?),
        }
    }
}

/// An entitlement that somebody holds: the resource that offers it, and its id.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Held(Person, Vec<u8>);

impl Held {
    fn of(entitlement: Entitlement<'_>) -> Self {
        Self(Person::of(entitlement.resource), entitlement.id.to_vec())
    }
}

/// Calls `next` until there is nothing more, or nothing more is wanted.
fn until_break(
    mut next: impl FnMut() -> Result<Option<Result<ControlFlow<()>, Error>>, store::Error>,
) -> Result<ControlFlow<()>, Error> {
    while let Some(flow) = next()? {
        if flow?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// Hands a row to the sink; one that does not parse has been noted and is passed over.
fn hand(sink: &mut dyn Sink, row: Option<impl Row>, place: Place<'_>) -> Result<ControlFlow<()>, Error> {
    match row {
        Some(row) => Ok(sink.row(&row, place)?),
        None => Ok(ControlFlow::Continue(())),
    }
}

/// Takes a principal and where it was named first; `Break` to hear of no more.
type Found<'f> = dyn FnMut(ResourceKey<'_>, Place<'_>) -> Result<ControlFlow<()>, Error> + 'f;

const fn column(name: &'static str, title: &'static str) -> Column {
    Column { name, title, cut: false }
}

/// A column whose long values tables may cut.
const fn cut(name: &'static str, title: &'static str) -> Column {
    Column { name, title, cut: true }
}

fn text(bytes: &[u8]) -> Cell<'_> {
    if bytes.is_empty() { Cell::Empty } else { Cell::Text(Cow::Borrowed(bytes)) }
}

/// The members of a joined record in JSON.
struct Object<'o> {
    out: &'o mut Vec<u8>,
    writer: Writer<'o>,
    notes: Notes,
}

impl Object<'_> {
    fn key(&mut self, name: &str) {
        if self.out.last() != Some(&b'{') {
            self.out.push(b',');
        }
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    fn message(&mut self, name: &str, message: &'static Message, bytes: &[u8]) -> Result<(), Malformed> {
        self.key(name);
        self.writer.message(self.out, message, bytes)
    }

    fn entry(&mut self, name: &str, entry: &Entry) {
        self.key(name);
        self.notes.join(entry.push_json(self.out));
    }
}

/// Appends `{…}`; nothing on error.
fn json_object(
    out: &mut Vec<u8>,
    writer: Writer<'_>,
    members: impl FnOnce(&mut Object<'_>) -> Result<(), Malformed>,
) -> Result<Notes, Malformed> {
    let start = out.len();
    out.push(b'{');
    let mut object = Object { out, writer, notes: Notes::default() };
    let written = members(&mut object);
    let mut notes = object.notes;
    notes.join(object.writer.take_notes());
    match written {
        Ok(()) => {
            out.push(b'}');
            Ok(notes)
        }
        Err(error) => {
            out.truncate(start);
            Err(error)
        }
    }
}

#[cfg(test)]
fn flat_names(shape: &crate::render::Shape) -> Vec<&'static str> {
    shape.flat.iter().map(|&place| shape.columns[place].name).collect()
}

//! Joining: the records that others name, looked up once and kept in bounded caches.

use std::cell::RefCell;
use std::rc::Rc;

use super::cache::Cache;
use super::{Person, standin};
use crate::model::descriptor::{
    C1_CONNECTOR_V2_ENTITLEMENT, C1_CONNECTOR_V2_RESOURCE, C1_CONNECTOR_V2_RESOURCETYPE, Message,
};
use crate::model::facts::{EntitlementFacts, ResourceFacts, ResourceTypeFacts};
use crate::model::keys::ResourceKey;
use crate::model::protojson::{Known, Notes, Writer};
use crate::model::wire::Malformed;
use crate::store::{
    Entitlement, EntitlementFilter, Error, KeptPlace, Place, Problems, Resource, ResourceFilter, Snapshot,
};

/// What a list needs of the records that its rows name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// Names and the like.
    pub cells: bool,
    /// The records as JSON.
    pub json: bool,
}

/// A record that others name. Texts are absent when cells are not needed, the JSON when that is not.
#[derive(Debug, Default)]
pub(super) struct Entry {
    /// The sync has no such record.
    pub(super) missing: bool,
    /// Where it stands.
    place: Option<KeptPlace>,
    /// The display name; empty for a missing record.
    pub(super) name: Box<[u8]>,
    /// How people know it, never empty.
    pub(super) label: Box<[u8]>,
    /// A user's e-mail address, an entitlement's slug.
    pub(super) detail: Box<[u8]>,
    /// The record's bytes, when its JSON is needed: grants repeat them.
    message: Box<[u8]>,
    json: Box<[u8]>,
    notes: Notes,
}

impl Entry {
    /// Appends the record's JSON.
    pub(super) fn push_json(&self, out: &mut Vec<u8>) -> Notes {
        out.extend_from_slice(&self.json);
        self.notes
    }

    /// Notes what is odd about the record where no row does it, as when its label stands in a tree.
    pub(super) fn tell(&self, problems: &mut Problems) {
        let Some(place) = self.place.as_ref().map(KeptPlace::place) else { return };
        if self.notes.replaced_text || std::str::from_utf8(&self.label).is_err() {
            problems.replaced_text(place);
        }
        if self.notes.kept_payload {
            problems.kept_payload(place);
        }
    }

    /// The record's bytes with their text. One that has something to tell, or has no JSON, stands as an empty message,
    /// so that its text is written anew.
    pub(super) fn known(&self, message: &'static Message) -> Known<'_> {
        Known {
            message,
            bytes: &self.message,
            json: if self.message.is_empty() { b"{}" } else { &self.json },
        }
    }

    fn size(&self) -> usize {
        let place = self.place.as_ref().map_or(0, KeptPlace::size);
        place + self.name.len() + self.label.len() + self.detail.len() + self.message.len() + self.json.len()
    }
}

/// What a grant is of: an entitlement, the resource that offers it, and that one's type.
#[derive(Debug, Clone)]
pub(super) struct Offer {
    pub(super) entitlement: Rc<Entry>,
    pub(super) resource: Rc<Entry>,
    pub(super) kind: Rc<Entry>,
}

/// The offer of the last grant: connectors list the grants of one entitlement after the other.
#[derive(Debug)]
struct LastOffer {
    entitlement: Vec<u8>,
    resource: Person,
    offer: Offer,
}

/// The caches of one snapshot.
#[derive(Debug)]
pub(super) struct Lookup<'r> {
    snapshot: Snapshot<'r>,
    need: Need,
    types: RefCell<Cache<Entry>>,
    resources: RefCell<Cache<Entry>>,
    entitlements: RefCell<Cache<Entry>>,
    last_offer: RefCell<Option<LastOffer>>,
    key: RefCell<Vec<u8>>,
}

/// After this many look-ups one by one, all records that fit are read in one scan, which costs less than as many
/// more.
const PATIENCE: usize = 1500;

impl<'r> Lookup<'r> {
    pub(super) fn new(snapshot: Snapshot<'r>, need: Need) -> Self {
        const MIB: usize = 1 << 20;
        Self {
            snapshot,
            need,
            types: RefCell::new(Cache::new(MIB)),
            resources: RefCell::new(Cache::new(19 * MIB)),
            entitlements: RefCell::new(Cache::new(12 * MIB)),
            last_offer: RefCell::default(),
            key: RefCell::default(),
        }
    }

    pub(super) fn resource_type(&self, id: &[u8]) -> Result<Rc<Entry>, Error> {
        if let Some(entry) = self.types.borrow_mut().get(id) {
            return Ok(entry);
        }
        let found = self.snapshot.resource_type(id, |kind| {
            self.entry(&C1_CONNECTOR_V2_RESOURCETYPE, kind.message, kind.place, |message, entry| {
                entry.name = ResourceTypeFacts::read(message)?.name.into();
                Ok(())
            })
        })?;
        let entry = self.or_missing(found.flatten(), &C1_CONNECTOR_V2_RESOURCETYPE, || {
            (standin::resource_type(id), format!("resource type {}", text(id)))
        });
        Ok(keep(&self.types, id, id, entry))
    }

    pub(super) fn resource(&self, key: ResourceKey<'_>) -> Result<Rc<Entry>, Error> {
        let mut bytes = self.key.borrow_mut();
        cache_key(&mut bytes, key);
        if let Some(entry) = self.resources.borrow_mut().get(&bytes) {
            return Ok(entry);
        }
        if self.resources.borrow().misses == PATIENCE {
            self.read_resources()?;
        }
        let found = self.snapshot.resource(key, |resource| self.resource_entry(resource))?;
        let entry = self.or_missing(found.flatten(), &C1_CONNECTOR_V2_RESOURCE, || {
            (standin::resource(key), format!("resource {}", text(&key.to_name())))
        });
        Ok(keep(&self.resources, &bytes, key.id, entry))
    }

    fn resource_entry(&self, resource: Resource<'_>) -> Option<Entry> {
        self.entry(&C1_CONNECTOR_V2_RESOURCE, resource.message, resource.place, |message, entry| {
            let facts = ResourceFacts::read(message)?;
            entry.name = facts.name.into();
            entry.label = facts.label().into();
            entry.detail = facts.email.into();
            Ok(())
        })
    }

    /// Keeps all resources, as far as there is room.
    fn read_resources(&self) -> Result<(), Error> {
        let mut key = Vec::new();
        let _muted = Muted::new(self.snapshot);
        let mut scan = self.snapshot.resources(&ResourceFilter::default())?;
        let mut rows = scan.rows()?;
        while rows
            .next(|resource| {
                cache_key(&mut key, resource.key);
                self.keep_first(&self.resources, &key, resource.key.id, || self.resource_entry(resource))
            })?
            .unwrap_or(false)
        {}
        Ok(())
    }

    /// An entitlement together with the resource that a grant says it is of.
    pub(super) fn offer(&self, entitlement: &[u8], resource: ResourceKey<'_>) -> Result<Offer, Error> {
        if let Some(last) = &*self.last_offer.borrow()
            && last.entitlement == entitlement
            && last.resource.key() == resource
        {
            return Ok(last.offer.clone());
        }
        let offer = Offer {
            entitlement: self.entitlement(entitlement, resource)?,
            resource: self.resource(resource)?,
            kind: self.resource_type(resource.kind)?,
        };
        let (entitlement, resource) = (entitlement.to_vec(), Person::of(resource));
        *self.last_offer.borrow_mut() = Some(LastOffer { entitlement, resource, offer: offer.clone() });
        Ok(offer)
    }

    /// The entitlement that `resource` offers, or another with its id.
    pub(super) fn entitlement(&self, id: &[u8], resource: ResourceKey<'_>) -> Result<Rc<Entry>, Error> {
        let mut bytes = self.key.borrow_mut();
        offer_key(&mut bytes, id, resource);
        if let Some(entry) = self.entitlements.borrow_mut().get(&bytes) {
            return Ok(entry);
        }
        if self.entitlements.borrow().misses == PATIENCE {
            self.read_entitlements()?;
        }
        let entry = |entitlement: Entitlement<'_>| self.entitlement_entry(entitlement);
        let found = self.snapshot.entitlement_of(resource, id, entry)?;
        let entry = self.or_missing(found.flatten(), &C1_CONNECTOR_V2_ENTITLEMENT, || {
            (standin::entitlement(id), format!("entitlement {}", text(id)))
        });
        Ok(keep(&self.entitlements, &bytes, id, entry))
    }

    fn entitlement_entry(&self, entitlement: Entitlement<'_>) -> Option<Entry> {
        self.entry(&C1_CONNECTOR_V2_ENTITLEMENT, entitlement.message, entitlement.place, |message, entry| {
            let facts = EntitlementFacts::read(message)?;
            entry.name = facts.name.into();
            entry.detail = facts.slug.into();
            entry.label = facts.slug.into();
            Ok(())
        })
    }

    /// Keeps all entitlements, as far as there is room.
    fn read_entitlements(&self) -> Result<(), Error> {
        let mut key = Vec::new();
        let _muted = Muted::new(self.snapshot);
        let mut scan = self.snapshot.entitlements(&EntitlementFilter::default())?;
        let mut rows = scan.rows()?;
        while rows
            .next(|item| {
                offer_key(&mut key, item.id, item.resource);
                self.keep_first(&self.entitlements, &key, item.id, || self.entitlement_entry(item))
            })?
            .unwrap_or(false)
        {}
        Ok(())
    }

    /// Keeps a record that is not kept yet: of several with one id the first counts. False when there is no room.
    fn keep_first(
        &self,
        cache: &RefCell<Cache<Entry>>,
        key: &[u8],
        id: &[u8],
        entry: impl FnOnce() -> Option<Entry>,
    ) -> bool {
        if cache.borrow().contains(key) {
            return true;
        }
        // One that does not parse is noted when it is asked for, so it is not kept here.
        let Some(entry) = entry() else { return true };
        let entry = labelled(entry, id);
        let size = entry.size();
        cache.borrow_mut().keep(key, &Rc::new(entry), size)
    }

    /// What was read; `None`, with a note of it, when it does not parse.
    pub(super) fn parsed<T>(&self, place: Place<'_>, read: Result<T, Malformed>) -> Option<T> {
        let mut problems = self.snapshot.reader().problems();
        read.inspect_err(|error| problems.damaged(place, &error.to_string())).ok()
    }

    /// `None` when the record does not parse: it is noted, and a stand-in takes its place.
    fn entry(
        &self,
        message: &'static Message,
        bytes: &[u8],
        place: Place<'_>,
        read: impl FnOnce(&[u8], &mut Entry) -> Result<(), Malformed>,
    ) -> Option<Entry> {
        let mut entry = Entry { place: Some(place.keep()), ..Entry::default() };
        let result = if self.need.cells { read(bytes, &mut entry) } else { Ok(()) };
        let filled = result.and_then(|()| self.fill_json(&mut entry, message, bytes));
        self.parsed(place, filled).map(|()| entry)
    }

    fn fill_json(&self, entry: &mut Entry, message: &'static Message, bytes: &[u8]) -> Result<(), Malformed> {
        if self.need.json {
            let mut writer = Writer::new();
            let mut json = Vec::with_capacity(bytes.len() * 3);
            writer.message(&mut json, message, bytes)?;
            entry.json = json.into();
            entry.notes = writer.take_notes();
            if entry.notes == Notes::default() {
                entry.message = bytes.into();
            }
        }
        Ok(())
    }

    /// The entry, or a stand-in for what is missing: in JSON the reference's, in cells the bare id.
    fn or_missing(
        &self,
        found: Option<Entry>,
        message: &'static Message,
        standin: impl FnOnce() -> (Vec<u8>, String),
    ) -> Entry {
        found.unwrap_or_else(|| {
            let (bytes, what) = standin();
            self.snapshot.reader().problems().missing(what);
            let mut entry = Entry { missing: true, ..Entry::default() };
            // Cannot fail: we just made the bytes.
            let _ = self.fill_json(&mut entry, message, &bytes);
            entry
        })
    }
}

/// Keeps quiet about damaged rows as long as it lives: they may never be asked for.
struct Muted<'r>(Snapshot<'r>);

impl<'r> Muted<'r> {
    fn new(snapshot: Snapshot<'r>) -> Self {
        snapshot.reader().problems().mute(true);
        Self(snapshot)
    }
}

impl Drop for Muted<'_> {
    fn drop(&mut self) {
        self.0.reader().problems().mute(false);
    }
}

/// The bytes that a resource is kept under. The length keeps type and id apart, whatever text they hold.
pub(super) fn cache_key(out: &mut Vec<u8>, key: ResourceKey<'_>) {
    out.clear();
    out.extend_from_slice(&(key.kind.len() as u64).to_le_bytes());
    out.extend_from_slice(key.kind);
    out.extend_from_slice(key.id);
}

/// The bytes that an entitlement is kept under: its resource's, its id, and how long that is.
fn offer_key(out: &mut Vec<u8>, id: &[u8], resource: ResourceKey<'_>) {
    cache_key(out, resource);
    out.extend_from_slice(id);
    out.extend_from_slice(&(id.len() as u64).to_le_bytes());
}

/// Completes the label, by name and at last by id.
fn labelled(mut entry: Entry, id: &[u8]) -> Entry {
    if entry.label.is_empty() {
        entry.label = if entry.name.is_empty() { id.into() } else { entry.name.clone() };
    }
    entry
}

fn keep(cache: &RefCell<Cache<Entry>>, key: &[u8], id: &[u8], entry: Entry) -> Rc<Entry> {
    let entry = labelled(entry, id);
    let size = entry.size();
    let entry = Rc::new(entry);
    let mut cache = cache.borrow_mut();
    if !cache.keep(key, &entry, size) {
        cache.remember(key, &entry);
    }
    entry
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).escape_debug().to_string()
}

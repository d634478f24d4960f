//! Writing what an entitlement inherits.

use std::collections::BTreeMap;

use prost::Message as _;
use prost_types::Any;

use super::heirs::{Heir, Heirs, Row};
use super::{ExpandError, ExpandStore, Report, malformed_grant, read_grants};
use crate::model::v2;
use crate::model::v2::grant_sources::GrantSource;

/// Gives every heir a grant on `entitlement`, or the sources that its grants lack.
pub(super) fn complete<S: ExpandStore>(
    entitlement: v2::Entitlement,
    heirs: &Heirs,
    store: &mut S,
    report: &mut Report,
) -> Result<(), ExpandError<S::Error>> {
    if heirs.is_empty() {
        return Ok(());
    }
    let Holders { held, lacking } = Holders::of(&entitlement.id, heirs, store)?;
    for (place, message) in lacking {
        let mut grant =
            v2::Grant::decode(&*message).map_err(|source| malformed_grant(&entitlement.id, source))?;
        let Some(heir) = heirs.get(place) else { continue };
        let sources = &mut grant.sources.get_or_insert_default().sources;
        if add_sources(sources, &entitlement.id, heirs, heir) {
            store.put(&grant).map_err(ExpandError::Store)?;
            report.updated += 1;
        }
    }
    create(entitlement, heirs, &held, store, report)
}

/// The grants that an entitlement has already.
struct Holders {
    /// Which heirs have one, by place.
    held: Vec<bool>,
    /// Places of heirs and grants that lack sources.
    lacking: Vec<(usize, Box<[u8]>)>,
}

impl Holders {
    fn of<S: ExpandStore>(
        entitlement: &str,
        heirs: &Heirs,
        store: &mut S,
    ) -> Result<Self, ExpandError<S::Error>> {
        let mut holders = Self { held: vec![false; heirs.len()], lacking: Vec::new() };
        read_grants(store, entitlement, |message| {
            let Some(row) = Row::read(message)? else { return Ok(()) };
            let Some(place) = heirs.find(row.key) else { return Ok(()) };
            if let Some(held) = holders.held.get_mut(place) {
                *held = true;
            }
            let mut sources = v2::GrantSources::decode(row.sources)?.sources;
            if heirs.get(place).is_some_and(|heir| add_sources(&mut sources, entitlement, heirs, heir)) {
                holders.lacking.push((place, message.into()));
            }
            Ok(())
        })?;
        Ok(holders)
    }
}

/// Adds what `heir` inherits to the sources of its grant on `entitlement`; true if that changes anything. A grant
/// without sources is one that it holds by itself, and must say so once it has others.
fn add_sources(
    sources: &mut BTreeMap<String, GrantSource>,
    entitlement: &str,
    heirs: &Heirs,
    heir: &Heir,
) -> bool {
    let mut changed = false;
    if sources.is_empty() {
        sources.insert(entitlement.to_owned(), GrantSource { is_direct: true });
        changed = true;
    }
    for (source, is_direct) in heirs.sources(heir) {
        match sources.get_mut(source) {
            Some(known) => {
                changed |= is_direct && !known.is_direct;
                known.is_direct |= is_direct;
            }
            None => {
                sources.insert(source.to_owned(), GrantSource { is_direct });
                changed = true;
            }
        }
    }
    changed
}

/// Stores a new grant for each heir without one.
fn create<S: ExpandStore>(
    entitlement: v2::Entitlement,
    heirs: &Heirs,
    held: &[bool],
    store: &mut S,
    report: &mut Report,
) -> Result<(), ExpandError<S::Error>> {
    let id = entitlement.id.clone();
    let mut grant =
        v2::Grant { entitlement: Some(entitlement), annotations: vec![immutable()], ..v2::Grant::default() };
    for (_, heir) in heirs.sorted().filter(|&(place, _)| held.get(place) == Some(&false)) {
        let principal =
            v2::Resource::decode(&*heir.principal).map_err(|source| malformed_grant(&id, source))?;
        let key = principal.id.clone().unwrap_or_default();
        grant.id = format!("{id}:{}:{}", key.resource_type, key.resource);
        grant.principal = Some(principal);
        let sources = heirs.sources(heir);
        let sources = sources.map(|(source, is_direct)| (source.to_owned(), GrantSource { is_direct }));
        grant.sources = Some(v2::GrantSources { sources: sources.collect() });
        store.put(&grant).map_err(ExpandError::Store)?;
        report.created += 1;
    }
    Ok(())
}

/// What tells people that an inherited grant cannot be revoked by itself.
fn immutable() -> Any {
    Any { type_url: "type.googleapis.com/c1.connector.v2.GrantImmutable".into(), value: Vec::new() }
}

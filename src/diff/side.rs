//! The records of one side of a comparison, as far as they are wanted.

use std::collections::HashSet;

use super::ignore::matches;
use super::join::{Open, Walk};
use super::record::{Family, Narrow, Record};
use super::{Options, Records};
use crate::model::facts::EntitlementFacts;
use crate::store::{Cursor, EntitlementFilter, Error, Scan, Snapshot};
use crate::view::Person;

/// Which records are compared.
#[derive(Debug)]
pub(super) struct Wanted<'o> {
    options: &'o Options,
    kinds: HashSet<&'o [u8]>,
    /// The ids of the entitlements that are asked for, on either side; `None`: all.
    entitlements: Option<HashSet<Box<[u8]>>>,
}

impl<'o> Wanted<'o> {
    /// Reads the entitlements of both sides when some are asked for.
    pub(super) fn new(options: &'o Options, old: Snapshot<'_>, new: Snapshot<'_>) -> Result<Self, Error> {
        let mut entitlements = None;
        if !options.entitlements.is_empty() {
            let ids = entitlements.insert(HashSet::new());
            collect(old, &options.entitlements, ids)?;
            collect(new, &options.entitlements, ids)?;
        }
        let kinds = options.kinds.iter().map(String::as_bytes).collect();
        Ok(Self { options, kinds, entitlements })
    }

    /// Whether there can be any of these records.
    pub(super) fn any_of(&self, records: Records) -> bool {
        let named = self.options.only.is_empty() || self.options.only.contains(&records);
        let of_principal =
            self.options.principal.is_none() || matches!(records, Records::Resources | Records::Grants);
        let of_entitlement =
            self.entitlements.is_none() || matches!(records, Records::Entitlements | Records::Grants);
        named && of_principal && of_entitlement
    }

    /// Bytes that records which wait for their counterparts may take.
    pub(super) fn room(&self) -> usize {
        self.options.room.unwrap_or(64 << 20)
    }

    /// What the store can see to. The rest is seen to here.
    fn narrow(&self) -> Narrow<'o> {
        let kind = match self.options.kinds.as_slice() {
            [one] => Some(one.as_str()),
            _ => None,
        };
        Narrow { kind, principal: self.options.principal.as_ref().map(Person::key) }
    }

    #[inline]
    fn admits(&self, record: &Record<'_>) -> bool {
        self.admits_kind(record) && self.admits_entitlement(record)
    }

    #[inline]
    fn admits_kind(&self, record: &Record<'_>) -> bool {
        self.kinds.is_empty()
            || self.kinds.contains(match record {
                Record::ResourceType(kind) => kind.id,
                Record::Resource(resource) => resource.key.kind,
                Record::Entitlement(entitlement) => entitlement.resource.kind,
                Record::Grant(grant) => grant.resource.kind,
            })
    }

    #[inline]
    fn admits_entitlement(&self, record: &Record<'_>) -> bool {
        let Some(ids) = &self.entitlements else { return true };
        match record {
            Record::Entitlement(entitlement) => ids.contains(entitlement.id),
            // The entitlement itself may be missing.
            Record::Grant(grant) => ids.contains(grant.entitlement) || self.is_called(grant.entitlement),
            _ => true,
        }
    }

    fn is_called(&self, id: &[u8]) -> bool {
        called(&self.options.entitlements, id)
    }
}

fn called(patterns: &[String], text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    patterns.iter().any(|pattern| matches(pattern, &text))
}

/// The ids of the entitlements whose id or slug matches one of the patterns.
fn collect(snapshot: Snapshot<'_>, patterns: &[String], ids: &mut HashSet<Box<[u8]>>) -> Result<(), Error> {
    let mut scan = snapshot.entitlements(&EntitlementFilter::default())?;
    let mut rows = scan.rows()?;
    while rows
        .next(|entitlement| {
            // One that does not parse is noted when it is compared.
            let slug = EntitlementFacts::read(entitlement.message).map_or(&b""[..], |facts| facts.slug);
            let is_called = called(patterns, entitlement.id) || (!slug.is_empty() && called(patterns, slug));
            if is_called && !ids.contains(entitlement.id) {
                ids.insert(entitlement.id.into());
            }
        })?
        .is_some()
    {}
    Ok(())
}

/// The records of one kind on one side.
pub(super) struct Side<'r, 'w, F: Family> {
    scan: Scan<'r, F>,
    wanted: &'w Wanted<'w>,
}

impl<'r, 'w, F: Family> Side<'r, 'w, F> {
    pub(super) fn new(snapshot: Snapshot<'r>, wanted: &'w Wanted<'w>) -> Result<Self, Error> {
        Ok(Self { scan: F::scan(snapshot, wanted.narrow())?, wanted })
    }
}

impl<F: Family> Open for Side<'_, '_, F> {
    type Walk<'s>
        = Rows<'s, F>
    where
        Self: 's;

    fn open(&mut self) -> Result<Rows<'_, F>, Error> {
        Ok(Rows { cursor: self.scan.rows()?, wanted: self.wanted })
    }
}

/// A walk over the records of one kind on one side.
pub(super) struct Rows<'s, F: Family> {
    cursor: Cursor<'s, F>,
    wanted: &'s Wanted<'s>,
}

impl<F: Family> Walk for Rows<'_, F> {
    #[inline]
    fn next<R>(&mut self, f: impl FnOnce(&Record<'_>) -> R) -> Result<Option<R>, Error> {
        let mut f = Some(f);
        let wanted = self.wanted;
        loop {
            let found = self.cursor.next(|record| {
                let record = F::record(record);
                if wanted.admits(&record) { f.take().map(|f| f(&record)) } else { None }
            })?;
            match found {
                Some(None) => {}
                Some(Some(answer)) => return Ok(Some(answer)),
                None => return Ok(None),
            }
        }
    }
}

//! Whether every record parses and stands under the key that it should, and everything else agrees with the records.

use std::borrow::Cow;

use super::super::super::place::Place;
use super::super::super::record::{Entitlements, Grants, ResourceTypes, Resources};
use super::super::super::tally::Tally;
use super::super::keys::{BY_PRINCIPAL_PENDING, Space, shown, split, unescape};
use super::super::stamps::Layout;
use super::super::translate::translate;
use super::indexes::Indexes;
use super::keyed::Judged;
use super::{Asset, Pairs};
use crate::model::descriptor::{self, Message};
use crate::model::protojson::Writer;

/// What a fault is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Concern {
    /// How keys are made, and the indexes.
    Keyspace,
    /// A record.
    Record,
    /// The sync run and its counts.
    Sync,
}

/// Something that is wrong with the keys and values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PairFault {
    pub(crate) concern: Concern,
    pub(crate) place: String,
    pub(crate) message: String,
    pub(crate) harmless: bool,
}

/// What a look at all keys and values came to.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// The records.
    pub(crate) tally: Tally,
    /// All keys.
    pub(crate) keys: u64,
    /// Bytes of them and their values.
    pub(crate) bytes: u64,
    /// Rows of indexes.
    pub(crate) indexed: u64,
    /// Why the walk ended before the last key.
    pub(crate) broken_off: Option<crate::pebble::Error>,
}

/// Takes a fault.
type Sink<'f> = &'f mut dyn FnMut(PairFault);

impl Pairs {
    /// Looks at every key and value. `whole`: whether all tables can be read, so that the indexes and the counts must
    /// agree with the records. `progress` is called with the bytes so far now and then.
    pub(crate) fn check(&self, whole: bool, progress: &mut dyn FnMut(u64), sink: Sink<'_>) -> Findings {
        let mut check = Check::of(self, sink);
        check.stamps(whole);
        let mut scan = self.database.scan(&[], None);
        loop {
            match scan.next() {
                Ok(Some((key, value))) => check.pair(key, value),
                Ok(None) => break,
                Err(error) => {
                    check.findings.broken_off = Some(error);
                    break;
                }
            }
            if check.findings.keys.is_multiple_of(4096) {
                progress(check.findings.bytes);
            }
        }
        let whole = whole && check.findings.broken_off.is_none();
        if whole {
            check.indexes();
        }
        check.sync(whole);
        check.findings
    }
}

/// A look at all keys and values on its way.
pub(super) struct Check<'p, 's> {
    pub(super) pairs: &'p Pairs,
    sink: Sink<'s>,
    pub(super) findings: Findings,
    indexes: Indexes,
    /// Scratch space.
    message: Vec<u8>,
    json: Vec<u8>,
}

impl<'p, 's> Check<'p, 's> {
    fn of(pairs: &'p Pairs, sink: Sink<'s>) -> Self {
        Self {
            pairs,
            sink,
            findings: Findings::default(),
            indexes: Indexes::default(),
            message: Vec::new(),
            json: Vec::new(),
        }
    }

    pub(super) fn fault(&mut self, concern: Concern, place: impl Into<String>, message: impl Into<String>) {
        (self.sink)(PairFault { concern, place: place.into(), message: message.into(), harmless: false });
    }

    pub(super) fn odd(&mut self, concern: Concern, place: impl Into<String>, message: impl Into<String>) {
        (self.sink)(PairFault { concern, place: place.into(), message: message.into(), harmless: true });
    }

    fn stamps(&mut self, whole: bool) {
        let number = |value: &Option<Vec<u8>>| {
            let bytes = <[u8; 4]>::try_from(value.as_deref()?);
            Some(bytes.map(u32::from_be_bytes).map_err(|_| ()))
        };
        let concern = Concern::Keyspace;
        match number(&self.pairs.keyspace) {
            Some(Ok(2)) => {}
            None => {
                let empty = matches!(self.pairs.database.scan(&[], None).next(), Ok(None));
                if whole && !empty {
                    self.fault(concern, "keyspace_version", "it is not there, so that nobody reads the keys");
                }
            }
            Some(Ok(other)) => {
                self.fault(concern, "keyspace_version", format!("it is {other}, which is not supported"));
            }
            Some(Err(())) => self.fault(concern, "keyspace_version", "it is no number of four bytes"),
        }
        match number(&self.pairs.id_format) {
            Some(Ok(0 | 2)) | None => {}
            Some(Ok(other)) => {
                self.fault(
                    concern,
                    "grant_entitlement_id_format",
                    format!("it is {other}, which is not supported"),
                );
            }
            Some(Err(())) => {
                self.fault(concern, "grant_entitlement_id_format", "it is no number of four bytes")
            }
        }
    }

    fn pair(&mut self, key: &[u8], value: &[u8]) {
        self.findings.keys += 1;
        self.findings.bytes += (key.len() + value.len()) as u64;
        match key {
            [3, 1, 0, ..] => self.record::<ResourceTypes>(0, Space::ResourceTypes, key, value),
            [3, 2, 0, ..] => self.record::<Resources>(1, Space::Resources, key, value),
            [3, 3, 0, ..] => self.record::<Entitlements>(2, Space::Entitlements, key, value),
            [3, 4, 0, ..] => self.record::<Grants>(3, Space::Grants, key, value),
            [3, 5, 0, ..] => self.asset(key, value),
            [3, 7, index, 0, ..] => self.index(*index, key, value),
            [3, 6 | 8 | 9 | 10 | 0xff, ..] => self.indexes.pending |= key == BY_PRINCIPAL_PENDING,
            [3, ..] => {}
            _ => self.odd(Concern::Keyspace, shown(key), "its key is of no known keyspace"),
        }
    }

    fn index(&mut self, index: u8, key: &[u8], value: &[u8]) {
        self.findings.indexed += 1;
        let Some(name) = self.indexes.found(index, key) else { return };
        if !value.is_empty() {
            let message = format!("a row of {} bytes, where none should have any", value.len());
            self.odd(Concern::Keyspace, name, message);
        }
    }

    fn record<F: Judged>(&mut self, family: usize, space: Space, key: &[u8], value: &[u8]) {
        let place = Place::Key { family: F::NAME, key };
        let parts = space.parts(key).unwrap_or_default();
        let first = split(parts, 1).map_or(parts, |(first, _)| first);
        let kind = unescape(first).unwrap_or(Cow::Borrowed(first)).into_owned();
        let mut message = std::mem::take(&mut self.message);
        message.clear();
        let mut counted_as = None;
        let readable = match translate::<F>(value, &mut message) {
            Err(fault) => {
                self.fault(Concern::Record, place.to_string(), fault.to_string());
                false
            }
            Ok(spans) => {
                let record = F::record(&spans, &message, place);
                let expected = F::key(&record, self.pairs.layout);
                if expected != key {
                    let expected = shown(&expected);
                    self.fault(
                        Concern::Record,
                        place.to_string(),
                        format!("its record belongs under the key {expected}"),
                    );
                }
                F::indexed(&record, self.pairs.layout, &mut self.indexes);
                if self.pairs.layout == Layout::Legacy {
                    counted_as = F::kind(&record).map(<[u8]>::to_vec);
                }
                self.parse(F::MESSAGE, &message, place)
            }
        };
        self.message = message;
        self.findings.tally.add(family, &counted_as.unwrap_or(kind), readable);
    }

    /// Reads a whole message, payloads of known types included.
    fn parse(&mut self, name: &[u8], message: &[u8], place: Place<'_>) -> bool {
        let Some(kind): Option<&'static Message> = descriptor::find(name) else { return true };
        let mut writer = Writer::new();
        self.json.clear();
        if let Err(error) = writer.message(&mut self.json, kind, message) {
            self.fault(Concern::Record, place.to_string(), error.to_string());
            return false;
        }
        let notes = writer.take_notes();
        if notes.replaced_text {
            self.odd(Concern::Record, place.to_string(), "a text in it is not UTF-8");
        }
        if notes.kept_payload {
            self.odd(Concern::Record, place.to_string(), "a value in it does not parse");
        }
        true
    }

    fn asset(&mut self, key: &[u8], value: &[u8]) {
        let place = Place::Key { family: "assets", key };
        let readable = match Asset::read(value) {
            Err(error) => {
                self.fault(Concern::Record, place.to_string(), error.to_string());
                false
            }
            Ok(asset) => {
                if Space::Assets.key(&[asset.id]) != key {
                    self.fault(Concern::Record, place.to_string(), "its record has another id");
                }
                true
            }
        };
        self.findings.tally.add(4, b"", readable);
    }

    fn indexes(&mut self) {
        let [_, _, _, grants, _] = self.findings.tally.readable;
        for (name, problem, harmless) in self.indexes.problems(grants) {
            match harmless {
                true => self.odd(Concern::Keyspace, name, problem),
                false => self.fault(Concern::Keyspace, name, problem),
            }
        }
    }
}

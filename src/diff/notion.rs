//! What it means that two records are the same.
//!
//! | | as they mean | as they are stored (`strict`) |
//! |---|---|---|
//! | copies of other records inside | by their ids | whole |
//! | order of annotations of different types | means nothing | matters |
//! | payloads of annotations | by what they say | by their bytes |
//! | expansion of a grant beside it | as if it were in it | left out |
//! | what only one of the engines keeps | left out between two engines | matters |
//! | fields that are unknown | left out | matter |
//!
//! Equal bytes are equal either way, and nothing is decoded then.

use std::hash::{BuildHasher, Hasher, RandomState};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::flat::{self, Flat, message_of};
use super::join::{Judge, Met, Which};
use super::record::{Family, Record};
use super::{Change, Field, Options};
use crate::model::canonical::push_canonical;
use crate::model::wire::Malformed;
use crate::store::{Error, KeptPlace, Snapshot};

/// The path of a difference that no field shows: in the bytes of an annotation, in a field that is unknown.
const MESSAGE: &str = "message";

/// What is the same between two syncs.
#[derive(Debug)]
pub(super) struct Notion<'r, 'o> {
    old: Snapshot<'r>,
    new: Snapshot<'r>,
    options: &'o Options,
    /// The engines differ.
    mixed: bool,
    keys: [RandomState; 2],
}

impl<'r, 'o> Notion<'r, 'o> {
    pub(super) fn new(old: Snapshot<'r>, new: Snapshot<'r>, options: &'o Options) -> Self {
        let mixed = old.reader().engine() != new.reader().engine();
        Self { old, new, options, mixed, keys: [RandomState::new(), RandomState::new()] }
    }

    pub(super) fn side(&self, which: Which) -> Snapshot<'r> {
        match which {
            Which::Old => self.old,
            Which::New => self.new,
        }
    }

    /// The change that was met; `None` when two records are the same after all.
    pub(super) fn change<F: Family>(&self, met: Met) -> Result<Option<Change>, Error> {
        let kind = met.kind();
        let fields = match (met.fields, &met.old, &met.new) {
            (Some(fields), ..) => fields,
            (None, Some(old), Some(new)) => match self.look_up::<F>(old, new)? {
                Some(fields) => fields,
                None => return Ok(None),
            },
            _ => Vec::new(),
        };
        let name = match F::RECORDS {
            super::Records::Resources => met.name.key().to_name(),
            _ => met.name.key().id.to_vec(),
        };
        Ok(Some(Change { records: F::RECORDS, kind, name, old: met.old, new: met.new, fields }))
    }

    /// What differs between two records of which the places are known.
    fn look_up<F: Family>(&self, old: &KeptPlace, new: &KeptPlace) -> Result<Option<Vec<Field>>, Error> {
        let found = self.old.at::<F, _>(old.place(), |a| {
            let a = F::record(a);
            self.new.at::<F, _>(new.place(), |b| self.differences(&a, &F::record(b)))
        })?;
        Ok(found.transpose()?.flatten().flatten())
    }

    /// What was read; `None`, with a note of it, when the record does not parse.
    fn parsed<T>(&self, which: Which, record: &Record<'_>, read: Result<T, Malformed>) -> Option<T> {
        let mut problems = self.side(which).reader().problems();
        read.inspect_err(|error| problems.damaged(record.place(), &error.to_string())).ok()
    }

    fn flat(&self, record: &Record<'_>) -> Result<Flat, Malformed> {
        if self.options.strict { flat::stored(record) } else { flat::fields(record, self.mixed) }
    }

    /// What the digest is made of.
    fn content(&self, record: &Record<'_>) -> Result<Vec<u8>, Malformed> {
        let mut content = Vec::with_capacity(record.message().len());
        match record {
            _ if self.options.strict => {
                push_canonical(&mut content, message_of(record.records()), record.message())?;
            }
            Record::Grant(grant) => super::grant::push_content(&mut content, grant)?,
            _ => {
                for (path, value) in flat::fields(record, self.mixed)? {
                    push(&mut content, &path);
                    push(&mut content, &value.to_string());
                }
            }
        }
        Ok(content)
    }

    /// False also for records that are the same in a way that takes longer to see.
    fn is_same_at_once(&self, old: &Record<'_>, new: &Record<'_>) -> bool {
        if old.message() == new.message() && (self.options.strict || old.expansion() == new.expansion()) {
            return true;
        }
        let by_content = self.options.strict || matches!(old, Record::Grant(_));
        by_content && matches!((self.content(old), self.content(new)), (Ok(old), Ok(new)) if old == new)
    }
}

impl Judge for Notion<'_, '_> {
    fn differences(&self, old: &Record<'_>, new: &Record<'_>) -> Option<Vec<Field>> {
        if self.is_same_at_once(old, new) {
            return None;
        }
        let before = self.parsed(Which::Old, old, self.flat(old));
        let after = self.parsed(Which::New, new, self.flat(new));
        let mut fields = compare(before?, after?);
        if fields.is_empty() && self.options.strict {
            let base64 = |record: &Record<'_>| Some(Value::from(STANDARD.encode(record.message())));
            fields.push(Field { path: MESSAGE.to_owned(), old: base64(old), new: base64(new) });
        }
        fields.retain(|field| !self.options.ignore.covers(&field.path));
        (!fields.is_empty()).then_some(fields)
    }

    fn digest(&self, _: Which, record: &Record<'_>) -> [u64; 2] {
        // One that does not parse is noted when it differs.
        let content = self.content(record).unwrap_or_else(|_| record.message().to_vec());
        self.keys.each_ref().map(|key| {
            let mut hasher = key.build_hasher();
            hasher.write(&content);
            hasher.finish()
        })
    }
}

/// A text and how long it is: it may hold any bytes.
fn push(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(&(text.len() as u64).to_le_bytes());
    out.extend_from_slice(text.as_bytes());
}

/// The fields of which the values differ, by their paths.
fn compare(old: Flat, mut new: Flat) -> Vec<Field> {
    let mut fields = Vec::new();
    for (path, before) in old {
        let after = new.remove(&path);
        if after.as_ref() != Some(&before) {
            fields.push(Field { path, old: Some(before), new: after });
        }
    }
    fields.extend(new.into_iter().map(|(path, after)| Field { path, old: None, new: Some(after) }));
    fields.sort_by(|a, b| a.path.cmp(&b.path));
    fields
}

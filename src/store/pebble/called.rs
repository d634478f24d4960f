//! Which entitlements have an id. Their keys start with the resource that offers them, and nothing leads from an id
//! to that.
//!
//! Most ids are `TYPE:ID:REST`, so that the resource can be guessed and the key asked for. For any other id, all
//! entitlements are read once and their keys noted under a hash of their ids. Several can have one id, when their
//! resources differ.

use std::hash::BuildHasher as _;

use hashbrown::{DefaultHashBuilder, HashMap};

use super::super::Error;
use super::super::place::Place;
use super::super::record::Entitlements;
use super::Engine;
use super::identity::splits;
use super::keys::Space;
use super::query::Range;
use super::translate::{Translate, translate};

/// The most keys that an id is guessed to have.
const GUESSES: usize = 28;

/// The encoded parts of all entitlements, by a hash of their ids.
#[derive(Debug, Default)]
pub(super) struct Called {
    hasher: DefaultHashBuilder,
    /// In the order of their keys.
    keys: HashMap<u64, Vec<Box<[u8]>>>,
}

/// The encoded parts of the entitlements that are called `id`, in the order of their keys.
///
/// Of two ids with one hash, both are given; whoever reads the records compares.
pub(super) fn find(engine: &Engine, id: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
    let guessed = guess(engine, id)?;
    if !guessed.is_empty() {
        return Ok(guessed);
    }
    let called = match engine.called.get() {
        Some(called) => called,
        None => {
            let called = Called::read(engine)?;
            engine.called.get_or_init(|| called)
        }
    };
    let found = called.keys.get(&called.hasher.hash_one(id));
    Ok(found.into_iter().flatten().map(|parts| parts.to_vec()).collect())
}

fn guess(engine: &Engine, id: &[u8]) -> Result<Vec<Vec<u8>>, Error> {
    let mut found = Vec::new();
    for identity in splits(id, GUESSES).unwrap_or_default() {
        if engine.get(&identity.key())?.is_some() {
            found.push(identity.encoded());
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

impl Called {
    fn read(engine: &Engine) -> Result<Self, Error> {
        let mut called = Self::default();
        let range = Range::of(Space::Entitlements.prefix(&[]));
        let mut scan = engine.database.scan(&range.lower, range.upper.as_deref());
        let mut message = Vec::new();
        while let Some((key, value)) = scan.next().map_err(|source| engine.failed(source))? {
            message.clear();
            // One that does not parse is told of by whoever asks for it.
            let Ok(spans) = translate::<Entitlements>(value, &mut message) else { continue };
            let place = Place::Key { family: Entitlements::NAME, key };
            let record = Entitlements::record(&spans, &message, place);
            let hash = called.hasher.hash_one(record.id);
            let parts = Space::Entitlements.parts(key).unwrap_or_default();
            called.keys.entry(hash).or_default().push(parts.into());
        }
        Ok(called)
    }
}

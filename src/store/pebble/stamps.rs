//! What the engine notes about its own keys, and what of it can be read here.
//!
//! | stamp | value | |
//! |---|---|---|
//! | `keyspace_version` | 2 | keys without a sync id, as one file holds one sync |
//! | | absent, or another | an older or a newer keyspace: refused |
//! | `grant_entitlement_id_format` | 2 | entitlements and grants are keyed by what they join |
//! | | absent, or 0 | by their own ids: the layout before that |
//! | | 1, or another | refused |
//!
//! Stamps are big-endian numbers of four bytes.

use super::super::Error;
use super::Engine;
use super::keys::{BY_PRINCIPAL_PENDING, ID_FORMAT, KEYSPACE_VERSION};

/// How entitlements and grants are keyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// By what they join.
    Structured,
    /// By their own ids.
    Legacy,
}

/// The keyspace that is read.
const KEYSPACE: u32 = 2;

/// Checks the stamps.
pub(super) fn layout(engine: &Engine) -> Result<Layout, Error> {
    let version = stamp(engine, KEYSPACE_VERSION, "keyspace_version")?;
    match version {
        Some(KEYSPACE) => {}
        // Without rows there is nothing to be misread.
        None if is_empty(engine)? => return Ok(Layout::Structured),
        found => return Err(Error::Keyspace { file: engine.file.clone(), found }),
    }
    match stamp(engine, ID_FORMAT, "grant_entitlement_id_format")? {
        Some(2) => Ok(Layout::Structured),
        None | Some(0) => Ok(Layout::Legacy),
        Some(found) => Err(Error::IdFormat { file: engine.file.clone(), found }),
    }
}

fn stamp(engine: &Engine, key: &[u8], name: &'static str) -> Result<Option<u32>, Error> {
    let Some(value) = engine.get(key)? else { return Ok(None) };
    match <[u8; 4]>::try_from(&*value) {
        Ok(bytes) => Ok(Some(u32::from_be_bytes(bytes))),
        Err(_) => Err(Error::Stamp { file: engine.file.clone(), name, length: value.len() }),
    }
}

fn is_empty(engine: &Engine) -> Result<bool, Error> {
    let mut scan = engine.database.scan(&[], None);
    let row = scan.next().map_err(|source| engine.failed(source))?;
    Ok(row.is_none())
}

/// Whether the index of grants by principal has all of them. It is built last, so in a sync that did not end it may
/// not.
pub(super) fn has_principal_index(engine: &Engine) -> Result<bool, Error> {
    Ok(engine.get(BY_PRINCIPAL_PENDING)?.is_none())
}

//! What a grant holds, without turning it into JSON: there are many.

use super::flat::EXPANDABLE;
use crate::model::any;
use crate::model::keys::ResourceKey;
use crate::model::wire::{Fields, Malformed, Value};
use crate::store::Grant;

/// Appends what a grant holds, in such a way that grants of equal content are the same. Others nearly always differ;
/// the same annotation can be written in several ways.
///
/// # Errors
/// [`Malformed`] when the grant does not parse.
pub(super) fn push_content(out: &mut Vec<u8>, grant: &Grant<'_>) -> Result<(), Malformed> {
    push(out, grant.entitlement);
    push_key(out, grant.resource);
    push_key(out, grant.principal);
    let mut expansion = grant.expansion;
    let mut sources = Vec::new();
    let mut walk = Fields::of(grant.message);
    while let Some((number, value)) = walk.next_field()? {
        match (number, value) {
            (4, Value::Bytes(annotation)) => {
                let (url, payload) = any::parts(annotation)?;
                if any::type_name(url) != EXPANDABLE {
                    push(out, any::type_name(url));
                    push(out, payload);
                } else if grant.expansion.is_empty() {
                    expansion = payload;
                }
            }
            (5, Value::Bytes(message)) => read_sources(message, &mut sources)?,
            _ => {}
        }
    }
    // A length that no text has stands between the annotations and the rest.
    out.extend_from_slice(&u64::MAX.to_le_bytes());
    push(out, expansion);
    push_sources(out, sources);
    Ok(())
}

/// The id of an entitlement, and whether the grant comes from it directly.
type Source<'a> = (&'a [u8], bool);

fn read_sources<'a>(message: &'a [u8], sources: &mut Vec<Source<'a>>) -> Result<(), Malformed> {
    let mut walk = Fields::of(message);
    while let Some((number, value)) = walk.next_field()? {
        if let (1, Value::Bytes(entry)) = (number, value) {
            sources.push(source(entry)?);
        }
    }
    Ok(())
}

/// By id; of several with one id the last counts.
fn push_sources(out: &mut Vec<u8>, mut sources: Vec<Source<'_>>) {
    sources.reverse();
    sources.sort_by_key(|(id, _)| *id);
    sources.dedup_by_key(|(id, _)| *id);
    for (id, direct) in sources {
        push(out, id);
        out.push(u8::from(direct));
    }
}

fn source(entry: &[u8]) -> Result<Source<'_>, Malformed> {
    let (mut id, mut direct): (&[u8], bool) = (&[], false);
    let mut walk = Fields::of(entry);
    while let Some((number, value)) = walk.next_field()? {
        match (number, value) {
            (1, Value::Bytes(text)) => id = text,
            (2, Value::Bytes(source)) => direct = is_direct(source)?.unwrap_or(direct),
            _ => {}
        }
    }
    Ok((id, direct))
}

fn is_direct(source: &[u8]) -> Result<Option<bool>, Malformed> {
    let mut direct = None;
    let mut walk = Fields::of(source);
    while let Some((number, value)) = walk.next_field()? {
        if let (1, Value::Varint(flag)) = (number, value) {
            direct = Some(flag != 0);
        }
    }
    Ok(direct)
}

fn push_key(out: &mut Vec<u8>, key: ResourceKey<'_>) {
    push(out, key.kind);
    push(out, key.id);
}

fn push(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    out.extend_from_slice(bytes);
}

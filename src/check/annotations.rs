//! What records carry in their annotations.

use crate::model::any;
use crate::model::wire::{Fields, Malformed, Value};

/// The package of all annotations that matter here.
const PACKAGE: &[u8] = b"c1.connector.v2.";

/// Hands the name, without its package, and the payload of each annotation in a field of a message to `f`. Annotations of
/// other packages are passed over.
pub(super) fn each<'a>(
    message: &'a [u8],
    field: u32,
    mut f: impl FnMut(&'a [u8], &'a [u8]),
) -> Result<(), Malformed> {
    let mut walk = Fields::of(message);
    while let Some((number, value)) = walk.next_field()? {
        if let (true, Value::Bytes(annotation)) = (number == field, value) {
            let (url, payload) = any::parts(annotation)?;
            if let Some(name) = any::type_name(url).strip_prefix(PACKAGE) {
                f(name, payload);
            }
        }
    }
    Ok(())
}

/// The last text in a field of a message; empty when there is none, or the message does not parse.
pub(super) fn text_in(message: &[u8], field: u32) -> &[u8] {
    let mut text: &[u8] = &[];
    let mut walk = Fields::of(message);
    while let Ok(Some((number, value))) = walk.next_field() {
        if let (true, Value::Bytes(bytes)) = (number == field, value) {
            text = bytes;
        }
    }
    text
}

/// What the annotations of a grant say about what it refers to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct GrantMarks {
    /// It came with resources and entitlements that are found elsewhere.
    pub(super) brings_resources: bool,
    /// Its principal is still to be found in another system.
    pub(super) matches_elsewhere: bool,
}

impl GrantMarks {
    /// Reads them from a `c1.connector.v2.Grant`.
    pub(super) fn read(grant: &[u8]) -> Result<Self, Malformed> {
        let mut marks = Self::default();
        each(grant, 4, |name, _| match name {
            b"InsertResourceGrants" => marks.brings_resources = true,
            b"ExternalResourceMatch" | b"ExternalResourceMatchAll" | b"ExternalResourceMatchID" => {
                marks.matches_elsewhere = true;
            }
            _ => {}
        })?;
        Ok(marks)
    }
}

//! The keys of a grant as places in its message, for a message that is copied somewhere else.

use std::ops::Range;

use crate::model::keys::{EntitlementKeys, GrantKeys, ResourceKey};

/// [`GrantKeys`] without the message that they borrow from.
#[derive(Debug, Clone)]
pub(super) struct KeySpans {
    id: Option<Range<usize>>,
    entitlement: Option<(Option<Range<usize>>, Option<KeySpan>)>,
    principal: Option<KeySpan>,
    sources: Range<usize>,
}

/// The type and the id of a resource.
type KeySpan = (Range<usize>, Range<usize>);

impl KeySpans {
    /// Where the parts of `keys` stand in `message`, from which they were read.
    pub(super) fn of(message: &[u8], keys: &GrantKeys<'_>) -> Self {
        let key = |key: ResourceKey<'_>| (span(message, key.kind), span(message, key.id));
        Self {
            id: keys.id.map(|id| span(message, id)),
            entitlement: keys
                .entitlement
                .map(|keys| (keys.id.map(|id| span(message, id)), keys.resource.map(key))),
            principal: keys.principal.map(key),
            sources: span(message, keys.sources),
        }
    }

    /// The keys in a copy of the message.
    pub(super) fn keys<'a>(&self, message: &'a [u8]) -> GrantKeys<'a> {
        let cut = |span: &Range<usize>| message.get(span.clone()).unwrap_or_default();
        let key = |(kind, id): &KeySpan| ResourceKey { kind: cut(kind), id: cut(id) };
        GrantKeys {
            id: self.id.as_ref().map(cut),
            entitlement: self.entitlement.as_ref().map(|(id, resource)| EntitlementKeys {
                id: id.as_ref().map(cut),
                resource: resource.as_ref().map(key),
            }),
            principal: self.principal.as_ref().map(key),
            sources: cut(&self.sources),
        }
    }
}

/// Where `part`, a piece of `message`, stands in it. An empty one may lie anywhere.
fn span(message: &[u8], part: &[u8]) -> Range<usize> {
    let start = part.as_ptr().addr().wrapping_sub(message.as_ptr().addr());
    if part.is_empty() { 0..0 } else { start..start.wrapping_add(part.len()) }
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;
    use crate::model::v2;

    #[test]
    fn keys_are_the_same_in_a_copy() {
        let resource = |kind: &str, id: &str| v2::Resource {
            id: Some(v2::ResourceId {
                resource_type: kind.into(),
                resource: id.into(),
                ..Default::default()
            }),
            ..Default::default()
        };
        let whole = v2::Grant {
            id: "g".into(),
            entitlement: Some(v2::Entitlement {
                id: "e".into(),
                resource: Some(resource("app", "a")),
                ..Default::default()
            }),
            principal: Some(resource("user", "")),
            sources: Some(v2::GrantSources { sources: [("s".into(), Default::default())].into() }),
            ..Default::default()
        };
        let slim = v2::Grant { entitlement: None, principal: None, ..whole.clone() };
        for grant in [whole, slim, v2::Grant::default()] {
            let message = grant.encode_to_vec();
            let keys = GrantKeys::read(&message).unwrap();
            let spans = KeySpans::of(&message, &keys);
            let copy = message.clone();
            let copied = spans.keys(&copy);
            assert_eq!(format!("{keys:?}"), format!("{copied:?}"));
        }
    }
}

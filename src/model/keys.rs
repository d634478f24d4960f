//! The identity of each record, taken from its message by a partial walk.
//!
//! Texts are borrowed bytes: a file may hold some that are no UTF-8. `None` means that the message lacks the
//! sub-message altogether, which is different from an empty text in it.

use super::wire::{Fields, Malformed, Value, push_bytes};

/// The type and the id of a resource. Both may hold any text, `:` and `/` included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ResourceKey<'a> {
    /// The id of the resource's type.
    pub kind: &'a [u8],
    /// The id within its type.
    pub id: &'a [u8],
}

impl<'a> ResourceKey<'a> {
    /// Reads a `c1.connector.v2.ResourceId`.
    ///
    /// # Errors
    /// [`Malformed`] when the bytes do not parse.
    pub fn read(resource_id: &'a [u8]) -> Result<Self, Malformed> {
        let mut key = Self::default();
        let mut walk = Fields::of(resource_id);
        while let Some((number, value)) = walk.next_field()? {
            match (number, value) {
                (1, Value::Bytes(text)) => key.kind = text,
                (2, Value::Bytes(text)) => key.id = text,
                _ => {}
            }
        }
        Ok(key)
    }

    /// The message bytes of a `c1.connector.v2.ResourceId`.
    #[must_use]
    pub fn to_message(self) -> Vec<u8> {
        let mut out = Vec::new();
        push_text(&mut out, 1, self.kind);
        push_text(&mut out, 2, self.id);
        out
    }

    /// `type/id`, as `-o name` prints it and `--principal` reads it.
    #[must_use]
    pub fn to_name(self) -> Vec<u8> {
        [self.kind, b"/", self.id].concat()
    }
}

/// Appends a text field the way proto3 does: nothing for an empty text.
pub fn push_text(out: &mut Vec<u8>, number: u32, text: &[u8]) {
    if !text.is_empty() {
        push_bytes(out, number, text);
    }
}

/// The id of a `c1.connector.v2.Resource`; its first field, so the walk ends there in nearly all cases.
///
/// # Errors
/// [`Malformed`] when the bytes before it do not parse.
fn resource_id(resource: &[u8]) -> Result<Option<ResourceKey<'_>>, Malformed> {
    let mut walk = Fields::of(resource);
    while let Some((number, value)) = walk.next_field()? {
        if let (1, Value::Bytes(id)) = (number, value) {
            return ResourceKey::read(id).map(Some);
        }
    }
    Ok(None)
}

/// The identity of a resource type.
#[derive(Debug, Clone, Copy, Default)]
pub struct ResourceTypeKeys<'a> {
    /// Its id.
    pub id: Option<&'a [u8]>,
}

impl<'a> ResourceTypeKeys<'a> {
    /// Reads a `c1.connector.v2.ResourceType`.
    ///
    /// # Errors
    /// [`Malformed`] when the bytes do not parse.
    pub fn read(message: &'a [u8]) -> Result<Self, Malformed> {
        let mut keys = Self::default();
        let mut walk = Fields::of(message);
        while let Some((number, value)) = walk.next_field()? {
            if let (1, Value::Bytes(text)) = (number, value) {
                keys.id = Some(text);
            }
        }
        Ok(keys)
    }
}

/// The identity of a resource.
#[derive(Debug, Clone, Copy, Default)]
pub struct ResourceKeys<'a> {
    /// Its type and id.
    pub key: Option<ResourceKey<'a>>,
    /// Type and id of the resource that it belongs to.
    pub parent: Option<ResourceKey<'a>>,
}

impl<'a> ResourceKeys<'a> {
    /// Reads a `c1.connector.v2.Resource`.
    ///
    /// # Errors
    /// [`Malformed`] when the bytes do not parse.
    pub fn read(message: &'a [u8]) -> Result<Self, Malformed> {
        let mut keys = Self::default();
        let mut walk = Fields::of(message);
        while let Some((number, value)) = walk.next_field()? {
            match (number, value) {
                (1, Value::Bytes(id)) => keys.key = Some(ResourceKey::read(id)?),
                (2, Value::Bytes(id)) => keys.parent = Some(ResourceKey::read(id)?),
                _ => {}
            }
        }
        Ok(keys)
    }
}

/// The identity of an entitlement.
#[derive(Debug, Clone, Copy, Default)]
pub struct EntitlementKeys<'a> {
    /// Its id.
    pub id: Option<&'a [u8]>,
    /// The resource that offers it.
    pub resource: Option<ResourceKey<'a>>,
}

impl<'a> EntitlementKeys<'a> {
    /// Reads a `c1.connector.v2.Entitlement`.
    ///
    /// # Errors
    /// [`Malformed`] when the bytes do not parse.
    pub fn read(message: &'a [u8]) -> Result<Self, Malformed> {
        let mut keys = Self::default();
        let mut walk = Fields::of(message);
        while let Some((number, value)) = walk.next_field()? {
            match (number, value) {
                (1, Value::Bytes(resource)) => keys.resource = resource_id(resource)?.or(keys.resource),
                (2, Value::Bytes(text)) => keys.id = Some(text),
                _ => {}
            }
        }
        Ok(keys)
    }
}

/// The identity of a grant, and what it joins.
#[derive(Debug, Clone, Copy, Default)]
pub struct GrantKeys<'a> {
    /// Its id.
    pub id: Option<&'a [u8]>,
    /// The entitlement that is granted.
    pub entitlement: Option<EntitlementKeys<'a>>,
    /// Who holds it; `None` also for a principal without an id.
    pub principal: Option<ResourceKey<'a>>,
    /// The `c1.connector.v2.GrantSources`: where an inherited grant comes from.
    pub sources: &'a [u8],
}

impl<'a> GrantKeys<'a> {
    /// Reads a `c1.connector.v2.Grant`.
    ///
    /// # Errors
    /// [`Malformed`] when the bytes do not parse.
    pub fn read(message: &'a [u8]) -> Result<Self, Malformed> {
        let mut keys = Self::default();
        let mut walk = Fields::of(message);
        while let Some((number, value)) = walk.next_field()? {
            match (number, value) {
                (1, Value::Bytes(entitlement)) => {
                    keys.entitlement = Some(EntitlementKeys::read(entitlement)?)
                }
                (2, Value::Bytes(principal)) => keys.principal = resource_id(principal)?.or(keys.principal),
                (3, Value::Bytes(text)) => keys.id = Some(text),
                (5, Value::Bytes(sources)) => keys.sources = sources,
                _ => {}
            }
        }
        Ok(keys)
    }
}

#[cfg(test)]
mod tests {
    use super::super::v2;
    use super::*;
    use prost::Message as _;

    fn resource(kind: &str, id: &str) -> v2::Resource {
        let id = v2::ResourceId { resource_type: kind.into(), resource: id.into(), ..Default::default() };
        v2::Resource { id: Some(id), display_name: "name".into(), ..Default::default() }
    }

    #[test]
    fn finds_what_a_grant_joins() {
        let grant = v2::Grant {
            id: "g".into(),
            entitlement: Some(v2::Entitlement {
                id: "e".into(),
                resource: Some(resource("app", "a:1")),
                ..Default::default()
            }),
            principal: Some(resource("user", "")),
            ..Default::default()
        }
        .encode_to_vec();
        let keys = GrantKeys::read(&grant).unwrap();
        assert_eq!(keys.id, Some(&b"g"[..]));
        let entitlement = keys.entitlement.unwrap();
        assert_eq!(entitlement.id, Some(&b"e"[..]));
        assert_eq!(entitlement.resource, Some(ResourceKey { kind: b"app", id: b"a:1" }));
        assert_eq!(keys.principal, Some(ResourceKey { kind: b"user", id: b"" }));
    }

    #[test]
    fn an_absent_message_is_not_an_empty_one() {
        assert!(GrantKeys::read(b"").unwrap().entitlement.is_none());
        assert!(GrantKeys::read(b"\x0a\x00").unwrap().entitlement.is_some());
        assert!(ResourceKeys::read(b"").unwrap().key.is_none());
        assert_eq!(ResourceKeys::read(b"\x0a\x00").unwrap().key, Some(ResourceKey::default()));
    }
}

//! The ids of records, which are the ids of what they join, joined by colons.
//!
//! ```text
//! entitlement   TYPE:ID:SLUG
//! grant         TYPE:ID:SLUG:PRINCIPAL-TYPE:PRINCIPAL-ID
//! ```
//!
//! Nothing is escaped, so an id with a colon in it makes two readings of the same text. These ids are therefore made and
//! compared, never taken apart; the fields of a record say what it joins.

use crate::model::v2;

/// The id of a resource within its type: a text, taken as it is, or a whole number.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ObjectId(String);

impl From<ObjectId> for String {
    fn from(id: ObjectId) -> Self {
        id.0
    }
}

impl From<&str> for ObjectId {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<&String> for ObjectId {
    fn from(text: &String) -> Self {
        Self(text.clone())
    }
}

impl From<String> for ObjectId {
    fn from(text: String) -> Self {
        Self(text)
    }
}

macro_rules! whole_numbers {
    ($($number:ty)*) => {$(
        impl From<$number> for ObjectId {
            fn from(number: $number) -> Self {
                Self(number.to_string())
            }
        }
    )*};
}

whole_numbers!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);

/// What stands for a resource: the resource itself, or just its id.
pub trait AsResource {
    /// The resource as far as it is known.
    fn to_resource(&self) -> v2::Resource;

    /// Its id.
    fn resource_id(&self) -> Option<&v2::ResourceId>;
}

impl AsResource for v2::Resource {
    fn to_resource(&self) -> v2::Resource {
        self.clone()
    }

    fn resource_id(&self) -> Option<&v2::ResourceId> {
        self.id.as_ref()
    }
}

impl AsResource for v2::ResourceId {
    fn to_resource(&self) -> v2::Resource {
        v2::Resource { id: Some(self.clone()), ..Default::default() }
    }

    fn resource_id(&self) -> Option<&v2::ResourceId> {
        Some(self)
    }
}

impl<R: AsResource + ?Sized> AsResource for &R {
    fn to_resource(&self) -> v2::Resource {
        (**self).to_resource()
    }

    fn resource_id(&self) -> Option<&v2::ResourceId> {
        (**self).resource_id()
    }
}

/// The id of a resource: its type's id, and its own within that type.
///
/// ```
/// use baton::sync::build;
/// let ada = build::id("user", 7);
/// assert_eq!((ada.resource_type.as_str(), ada.resource.as_str()), ("user", "7"));
/// ```
pub fn id(kind: impl Into<String>, object: impl Into<ObjectId>) -> v2::ResourceId {
    v2::ResourceId { resource_type: kind.into(), resource: object.into().0, ..Default::default() }
}

/// The id of the entitlement `slug` of a resource.
#[must_use]
pub fn entitlement_id(resource: &v2::ResourceId, slug: &str) -> String {
    format!("{}:{}:{slug}", resource.resource_type, resource.resource)
}

/// The id of the grant of an entitlement to a principal.
#[must_use]
pub fn grant_id(entitlement_id: &str, principal: &v2::ResourceId) -> String {
    format!("{entitlement_id}:{}:{}", principal.resource_type, principal.resource)
}

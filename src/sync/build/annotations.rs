//! Annotations: messages of any type that a record or an answer carries beside its fields.
//!
//! A list may hold several of one type. Types are told apart by their full names, whatever stands before those in
//! the type URL; annotations of types that nobody knows are kept.

use prost::{DecodeError, Name};
use prost_types::Any;

use crate::model::any::type_name;

/// A message as an annotation.
///
/// ```
/// use baton::model::v2;
/// use baton::sync::build::annotations;
/// let annotation = annotations::any(&v2::RawId { id: "7".into() });
/// assert_eq!(annotation.type_url, "type.googleapis.com/c1.connector.v2.RawId");
/// ```
#[must_use]
pub fn any<M: Name>(message: &M) -> Any {
    Any { type_url: M::type_url(), value: message.encode_to_vec() }
}

/// Adds an annotation at the end, whatever is there.
pub fn append<M: Name>(list: &mut Vec<Any>, message: &M) {
    list.push(any(message));
}

/// Puts an annotation in the place of the first of its type and removes the others; without any, adds it at the end.
pub fn update<M: Name>(list: &mut Vec<Any>, message: &M) {
    replace(list, any(message));
}

/// As [`update`], for one that is an [`Any`] already.
pub(super) fn replace(list: &mut Vec<Any>, annotation: Any) {
    let of_type = |other: &Any| same_type(&other.type_url, &annotation.type_url);
    let Some(place) = list.iter().position(of_type) else {
        list.push(annotation);
        return;
    };
    let mut seen = 0;
    list.retain(|other| {
        let matches = of_type(other);
        seen += usize::from(matches);
        !matches || seen == 1
    });
    if let Some(first) = list.get_mut(place) {
        *first = annotation;
    }
}

/// Removes all annotations of a type.
pub fn remove<M: Name>(list: &mut Vec<Any>) {
    list.retain(|annotation| !is::<M>(annotation));
}

/// Whether an annotation is of a type, parsable or not.
#[must_use]
pub fn is<M: Name>(annotation: &Any) -> bool {
    same_type(&annotation.type_url, &M::full_name())
}

/// Whether there is an annotation of a type, parsable or not.
#[must_use]
pub fn has<M: Name>(list: &[Any]) -> bool {
    of_type::<M>(list).next().is_some()
}

/// The first annotation of a type; an error when it does not parse.
#[must_use]
pub fn pick<M: Name + Default>(list: &[Any]) -> Option<Result<M, DecodeError>> {
    all(list).next()
}

/// All annotations of a type, in their order; an error for each that does not parse.
pub fn all<M: Name + Default>(list: &[Any]) -> impl Iterator<Item = Result<M, DecodeError>> {
    of_type::<M>(list).map(|annotation| M::decode(&*annotation.value))
}

fn of_type<M: Name>(list: &[Any]) -> impl Iterator<Item = &Any> {
    let name = M::full_name();
    list.iter().filter(move |annotation| same_type(&annotation.type_url, &name))
}

fn same_type(url: &str, other: &str) -> bool {
    type_name(url.as_bytes()) == type_name(other.as_bytes())
}

//! What the builders promise: ids, defaults, annotations, bytes.

mod annotations;
mod grants;
mod ids;
mod resources;
mod users;
mod values;

use prost::Name;
use prost_types::{Any, Timestamp};

use super::*;
use crate::model::v2;

fn user_type() -> v2::ResourceType {
    resource_type("User").trait_(Trait::User).build()
}

fn group_type() -> v2::ResourceType {
    resource_type("Group").trait_(Trait::Group).build()
}

/// The last names of the types of annotations.
fn names(list: &[Any]) -> Vec<&str> {
    list.iter().map(|any| any.type_url.rsplit('.').next().unwrap()).collect()
}

/// The only annotation of a type.
fn only<M: Name + Default>(list: &[Any]) -> M {
    let mut all = super::annotations::all::<M>(list);
    let first = all.next().unwrap().unwrap();
    assert!(all.next().is_none());
    first
}

fn at(seconds: i64) -> Timestamp {
    Timestamp { seconds, nanos: 0 }
}

//! Lists of annotations.

use prost::Message as _;

use super::*;
use crate::sync::build::annotations::{all, any, append, has, is, pick, remove, update};

fn child(kind: &str) -> v2::ChildResourceType {
    v2::ChildResourceType { resource_type_id: kind.into() }
}

#[test]
fn append_keeps_what_is_there() {
    let mut list = Vec::new();
    append(&mut list, &child("a"));
    append(&mut list, &v2::SkipGrants {});
    append(&mut list, &child("a"));
    assert_eq!(names(&list), ["ChildResourceType", "SkipGrants", "ChildResourceType"]);
}

#[test]
fn update_leaves_one_in_the_place_of_the_first() {
    let mut list = vec![any(&v2::SkipGrants {}), any(&child("a")), any(&v2::BatonId {}), any(&child("b"))];
    update(&mut list, &child("c"));
    assert_eq!(names(&list), ["SkipGrants", "ChildResourceType", "BatonID"]);
    assert_eq!(only::<v2::ChildResourceType>(&list), child("c"));
    update(&mut list, &v2::SkipEntitlements {});
    assert_eq!(names(&list).last(), Some(&"SkipEntitlements"));
}

#[test]
fn pick_takes_the_first_and_all_take_all() {
    let list = [any(&v2::SkipGrants {}), any(&child("a")), any(&child("b"))];
    assert_eq!(pick::<v2::ChildResourceType>(&list).unwrap().unwrap(), child("a"));
    let kinds: Vec<_> =
        all::<v2::ChildResourceType>(&list).map(|one| one.unwrap().resource_type_id).collect();
    assert_eq!(kinds, ["a", "b"]);
    assert!(pick::<v2::BatonId>(&list).is_none());
    assert!(has::<v2::SkipGrants>(&list) && !has::<v2::BatonId>(&list));
    assert!(is::<v2::SkipGrants>(&list[0]) && !is::<v2::SkipGrants>(&list[1]));
}

#[test]
fn remove_takes_all_of_a_type_and_no_other() {
    let mut list = vec![any(&child("a")), any(&v2::SkipGrants {}), any(&child("b"))];
    remove::<v2::ChildResourceType>(&mut list);
    assert_eq!(names(&list), ["SkipGrants"]);
}

#[test]
fn what_stands_before_the_name_of_a_type_means_nothing() {
    let value = child("a").encode_to_vec();
    for url in [
        "c1.connector.v2.ChildResourceType",
        "/c1.connector.v2.ChildResourceType",
        "x/y/c1.connector.v2.ChildResourceType",
    ] {
        let mut list = vec![Any { type_url: url.into(), value: value.clone() }];
        assert_eq!(pick::<v2::ChildResourceType>(&list).unwrap().unwrap(), child("a"));
        update(&mut list, &child("b"));
        assert_eq!(list, [any(&child("b"))]);
    }
}

#[test]
fn a_broken_annotation_is_there_but_cannot_be_picked() {
    let list = [Any { type_url: v2::RawId::type_url(), value: vec![0xff] }];
    assert!(has::<v2::RawId>(&list));
    assert!(pick::<v2::RawId>(&list).unwrap().is_err());
}

#[test]
fn foreign_annotations_stay() {
    let foreign = Any { type_url: "type.googleapis.com/acme.Thing".into(), value: vec![1, 2, 3] };
    let mut list = vec![foreign.clone()];
    update(&mut list, &child("a"));
    remove::<v2::ChildResourceType>(&mut list);
    assert_eq!(list, [foreign]);
}

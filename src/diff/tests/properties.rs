//! What holds for any records and any two syncs.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use prost::Message as _;
use prost_types::Any;

use super::stores::{Pair, entitlement, grant, packed, resource, told};
use crate::diff::flat;
use crate::diff::grant::push_content;
use crate::diff::record::Record;
use crate::diff::{Change, Options};
use crate::model::canonical::push_canonical;
use crate::model::descriptor::C1_CONNECTOR_V2_GRANT;
use crate::model::keys::GrantKeys;
use crate::model::v2;
use crate::store::{Grant, Place, Writer};

fn annotation() -> impl Strategy<Value = Any> {
    let expandable = |ids: Vec<String>| v2::GrantExpandable { entitlement_ids: ids, ..Default::default() };
    prop_oneof![
        Just(packed("GrantImmutable", &v2::GrantImmutable::default())),
        vec("[ ab]", 0..2).prop_map(move |ids| packed("GrantExpandable", &expandable(ids))),
        "[ab]".prop_map(|url| packed("ExternalLink", &v2::ExternalLink { url })),
    ]
}

fn sources() -> impl Strategy<Value = Option<v2::GrantSources>> {
    let source = any::<bool>().prop_map(|is_direct| v2::grant_sources::GrantSource { is_direct });
    proptest::option::of(btree_map("[ab]", source, 0..3).prop_map(|sources| v2::GrantSources { sources }))
}

/// The bytes of a grant, in pieces that a reader puts together.
fn message() -> impl Strategy<Value = Vec<u8>> {
    let piece = (vec(annotation(), 0..3), sources()).prop_map(|(annotations, sources)| {
        let member = entitlement(&resource("group", "g1"), "member");
        v2::Grant { annotations, sources, ..grant(&member, &resource("user", "ada")) }.encode_to_vec()
    });
    vec(piece, 1..3).prop_map(|pieces| pieces.concat())
}

fn record<'a>(message: &'a [u8], expansion: &'a [u8]) -> Grant<'a> {
    let keys = GrantKeys::read(message).unwrap();
    let entitlement = keys.entitlement.unwrap();
    Grant {
        id: keys.id.unwrap(),
        entitlement: entitlement.id.unwrap(),
        resource: entitlement.resource.unwrap(),
        principal: keys.principal.unwrap(),
        sources: keys.sources,
        expansion,
        message,
        place: Place::Row { table: "v1_grants", row: 1 },
    }
}

fn expansion() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![Just(Vec::new()), Just(b"\x0a\x01a".to_vec()), Just(b"\x0a\x01b".to_vec())]
}

/// A few of something, by number.
type Few = BTreeMap<u8, u8>;

fn few() -> impl Strategy<Value = Few> {
    btree_map(0_u8..12, 0_u8..3, 0..10)
}

/// A sync of users and of grants to them.
fn sync(users: &Few, grants: &Few, backwards: bool) -> impl FnOnce(&mut Writer) {
    let member = entitlement(&resource("group", "g1"), "member");
    let mut users: Vec<v2::Resource> = users
        .iter()
        .map(|(id, content)| v2::Resource {
            description: content.to_string(),
            ..resource("user", &format!("u{id}"))
        })
        .collect();
    let mut grants: Vec<v2::Grant> = grants
        .iter()
        .map(|(id, content)| {
            let sources = (0..*content).map(|number| (number.to_string(), Default::default())).collect();
            let sources = Some(v2::GrantSources { sources });
            v2::Grant { sources, ..grant(&member, &resource("user", &format!("u{id}"))) }
        })
        .collect();
    if backwards {
        users.reverse();
        grants.reverse();
    }
    move |writer| {
        for user in &users {
            writer.put_resource(user).unwrap();
        }
        for grant in &grants {
            writer.put_grant(grant).unwrap();
        }
    }
}

/// What happened to what, by the book.
fn expected(what: &str, old: &Few, new: &Few) -> Vec<String> {
    let mut lines = Vec::new();
    for id in 0_u8..12 {
        let sign = match (old.get(&id), new.get(&id)) {
            (None, Some(_)) => '+',
            (Some(_), None) => '-',
            (old, new) if old != new => '~',
            _ => continue,
        };
        lines.push(format!("{sign} {what}{id}"));
    }
    lines
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Otherwise the short way would hide a change.
    #[test]
    fn grants_of_equal_content_have_equal_fields(
        (a, b) in (message(), message()),
        (x, y) in (expansion(), expansion()),
    ) {
        let (a, b) = (record(&a, &x), record(&b, &y));
        let content = |grant: &Grant<'_>| {
            let mut out = Vec::new();
            push_content(&mut out, grant).unwrap();
            out
        };
        let fields = |grant: Grant<'_>| flat::fields(&Record::Grant(grant), true).unwrap();
        if content(&a) == content(&b) {
            prop_assert_eq!(fields(a), fields(b));
        }
    }

    #[test]
    fn canonical_bytes_are_equal_for_equal_messages((a, b) in (message(), message())) {
        let canonical = |bytes: &[u8]| {
            let mut out = Vec::new();
            push_canonical(&mut out, &C1_CONNECTOR_V2_GRANT, bytes).unwrap();
            out
        };
        let decoded = |bytes: &[u8]| v2::Grant::decode(bytes).unwrap();
        prop_assert_eq!(canonical(&a) == canonical(&b), decoded(&a) == decoded(&b));
        // Written anew, it is still the same.
        prop_assert_eq!(canonical(&a), canonical(&decoded(&a).encode_to_vec()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_two_syncs_are_compared_by_the_book(
        (old_users, new_users) in (few(), few()),
        (old_grants, new_grants) in (few(), few()),
        backwards in any::<bool>(),
        room in prop_oneof![Just(None), Just(Some(2_000))],
    ) {
        let pair =
            Pair::of(sync(&old_users, &old_grants, false), sync(&new_users, &new_grants, backwards));
        let mut lines = expected("resources user/u", &old_users, &new_users);
        lines.extend(expected("grants group:g1:member:user:u", &old_grants, &new_grants));
        lines.sort();
        for strict in [false, true] {
            let changes = pair.compare(&Options { strict, room, ..Options::default() });
            let mut found: Vec<String> = changes.iter().map(told).collect();
            prop_assert!(changes.is_sorted_by_key(|change: &Change| change.records));
            found.sort();
            prop_assert_eq!(&found, &lines);
        }
    }
}

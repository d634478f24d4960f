//! Any small company, written and read back, is the same.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// Few ids, so that records meet; odd ones, so that quoting, joining and comparing are put to the test.
fn id() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[ab]{1,2}",
        1 => prop::sample::select(vec![":", "a:b", "a/b", "'", "\"", "\0", "%", "A", "ä", "\u{1f9f8}", "1", "01"])
            .prop_map(str::to_owned),
        1 => any::<String>().prop_filter("ids are not empty", |text| !text.is_empty()),
    ]
}

/// What a grant looks like on disk.
#[derive(Debug, Clone, Copy)]
enum Shape {
    Whole,
    Slim,
    Expandable,
}

/// Type and id of a resource.
type Key = (String, String);

#[derive(Debug, Clone)]
struct Company {
    types: Vec<String>,
    resources: Vec<(String, String, Option<Key>)>,
    entitlements: Vec<(String, Key)>,
    grants: Vec<(String, usize, Key, Shape)>,
    deleted: BTreeSet<usize>,
}

fn any_company() -> impl Strategy<Value = Company> {
    let key = || (id(), id());
    let shape = prop::sample::select(vec![Shape::Whole, Shape::Slim, Shape::Expandable]);
    (
        vec(id(), 0..5),
        vec((id(), id(), proptest::option::of(key())), 0..12),
        vec((id(), key()), 1..8),
        vec((id(), any::<usize>(), key(), shape), 0..30),
        proptest::collection::btree_set(0..30_usize, 0..5),
    )
        .prop_map(|(types, resources, entitlements, grants, deleted)| Company {
            types,
            resources,
            entitlements,
            grants,
            deleted,
        })
}

/// What a reader should give: row id, keys, message and expansion, in the order of insertion.
type Expected = Vec<Seen>;

fn bare(key: &Key) -> v2::Resource {
    v2::Resource { id: Some(id_of(&key.0, &key.1)), ..Default::default() }
}

fn put_types(writer: &mut Writer, company: &Company) -> Expected {
    let mut seen = BTreeSet::new();
    let ids = company.types.iter().filter(|id| seen.insert((*id).clone()));
    ids.map(|id| {
        writer.put_resource_type(&kind(id)).unwrap();
        Seen { row: 0, keys: texts(&[id]), message: kind(id).encode_to_vec(), expansion: Vec::new() }
    })
    .collect()
}

fn put_resources(writer: &mut Writer, company: &Company) -> Expected {
    let mut seen = BTreeSet::new();
    let new = company.resources.iter().filter(|(kind, id, _)| seen.insert(format!("{kind}:{id}")));
    new.map(|(kind, id, parent)| {
        let mut record = resource(kind, id);
        record.parent_resource_id = parent.as_ref().map(|(kind, id)| id_of(kind, id));
        writer.put_resource(&record).unwrap();
        let (parent_kind, parent_id) = parent.clone().unwrap_or_default();
        let keys = texts(&[kind, id, &parent_kind, &parent_id]);
        Seen { row: 0, keys, message: record.encode_to_vec(), expansion: Vec::new() }
    })
    .collect()
}

fn put_entitlements(writer: &mut Writer, company: &Company) -> Expected {
    let mut seen = BTreeSet::new();
    let new = company.entitlements.iter().filter(|(id, _)| seen.insert(id.clone()));
    new.map(|(id, key)| {
        let record = v2::Entitlement { id: id.clone(), resource: Some(bare(key)), ..Default::default() };
        writer.put_entitlement(&record).unwrap();
        let keys = texts(&[id, &key.0, &key.1]);
        Seen { row: 0, keys, message: record.encode_to_vec(), expansion: Vec::new() }
    })
    .collect()
}

fn put_grants(writer: &mut Writer, company: &Company) -> Expected {
    let mut seen = BTreeSet::new();
    let new = company.grants.iter().filter(|(id, ..)| seen.insert(id.clone()));
    new.map(|(id, number, holder, shape)| {
        let (entitlement, key) = &company.entitlements[number % company.entitlements.len()];
        let mut record = v2::Grant {
            id: id.clone(),
            entitlement: Some(v2::Entitlement {
                id: entitlement.clone(),
                resource: Some(bare(key)),
                ..Default::default()
            }),
            principal: Some(bare(holder)),
            ..Default::default()
        };
        let message = record.encode_to_vec();
        let mut expansion = Vec::new();
        match shape {
            Shape::Whole => drop(writer.put_grant(&record).unwrap()),
            // Entitlement and principal have nothing but ids, so the hydrated record is the whole one.
            Shape::Slim => put_slim(writer, &record),
            Shape::Expandable => {
                let value = expandable(&[entitlement]);
                record.annotations.push(annotation("GrantExpandable", &value));
                writer.put_grant(&record).unwrap();
                if !entitlement.trim().is_empty() {
                    expansion = value.encode_to_vec();
                }
            }
        }
        let keys = texts(&[id, entitlement, &key.0, &key.1, &holder.0, &holder.1, ""]);
        Seen { row: 0, keys, message, expansion }
    })
    .collect()
}

/// Writes a company, then deletes some of its grants.
fn write(writer: &mut Writer, id: &str, company: &Company) -> [Expected; 4] {
    writer.begin_sync(new_sync(id, SyncKind::Full)).unwrap();
    let mut all = [
        put_types(writer, company),
        put_resources(writer, company),
        put_entitlements(writer, company),
        put_grants(writer, company),
    ];
    for place in company.deleted.iter().rev().filter(|place| **place < all[3].len()) {
        let sql = format!(
            "DELETE FROM v1_grants WHERE id = (SELECT id FROM v1_grants WHERE sync_id = '{id}' ORDER BY id LIMIT 1 OFFSET {place})"
        );
        writer.execute(&sql).unwrap();
    }
    let mut place = 0;
    all[3].retain(|_| {
        place += 1;
        !company.deleted.contains(&(place - 1))
    });
    writer.end_sync(time("2026-11-22 12:00:00")).unwrap();
    all
}

/// What `found` is without its row ids, which must ascend.
fn without_rows(mut found: Vec<Seen>) -> Vec<Seen> {
    assert!(found.windows(2).all(|pair| pair[0].row < pair[1].row), "storage order");
    found.iter_mut().for_each(|seen| seen.row = 0);
    found
}

fn only(all: &[Seen], wanted: &[(usize, &[u8])]) -> Vec<Seen> {
    let matches = |seen: &&Seen| wanted.iter().all(|(place, key)| seen.keys[*place] == *key);
    all.iter().filter(matches).cloned().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read(companies in vec(any_company(), 1..3), pick in any::<usize>()) {
        let mut expected = Vec::new();
        let reader = read(|writer| {
            for (number, company) in companies.iter().enumerate() {
                expected.push(write(writer, &format!("sync{number}"), company));
            }
        });
        for (run, expected) in reader.runs().iter().zip(expected) {
            let at = reader.at(run);
            prop_assert_eq!(&everything(at).map(without_rows), &expected);
            let [types, _, offers, held] = &expected;
            // Counts without resource types are not trusted.
            let counted = run.stats.as_ref().map(|stats| stats.grants);
            prop_assert_eq!(counted, (!types.is_empty()).then_some(held.len() as i64));
            prop_assert_eq!(at.count().unwrap().resource_types, types.len() as i64);
            if let Some(wanted) = held.get(pick % held.len().max(1)) {
                let text = |place: usize| std::str::from_utf8(&wanted.keys[place]).unwrap();
                let key = |place: usize| ResourceKey { kind: &wanted.keys[place], id: &wanted.keys[place + 1] };
                let k = &wanted.keys;
                for (filter, by_hand) in [
                    (GrantFilter { kind: Some(text(2)), ..Default::default() }, vec![(2, &*k[2])]),
                    (GrantFilter { resource: Some(key(2)), ..Default::default() }, vec![(2, &*k[2]), (3, &*k[3])]),
                    (GrantFilter { entitlement: Some(text(1)), ..Default::default() }, vec![(1, &*k[1])]),
                    (GrantFilter { principal: Some(key(4)), ..Default::default() }, vec![(4, &*k[4]), (5, &*k[5])]),
                ] {
                    let by_hand = only(held, &by_hand);
                    let first = at.grant(&filter, seen_grant).unwrap().map(|seen| Seen { row: 0, ..seen });
                    prop_assert_eq!(first.as_ref(), by_hand.first());
                    prop_assert_eq!(without_rows(grants(at, &filter)), by_hand);
                }
            }
            for wanted in offers {
                let found = at.entitlement(&wanted.keys[0], seen_entitlement).unwrap();
                prop_assert_eq!(found.map(|seen| Seen { row: 0, ..seen }), Some(wanted.clone()));
            }
        }
        assert_sound(&reader);
    }
}

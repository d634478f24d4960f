//! Any small company, in tables of any kind, is read as it was written.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::keys::Space;
use super::file::{seal, try_open};
use super::*;
use crate::pebble::testing::Random;

/// Few ids, so that records meet; odd ones, so that escaping and splitting are put to the test.
fn id() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[ab]{1,2}",
        1 => prop::sample::select(vec![":", "a:b", "a/b", "\0", "\u{1}", "\u{1}\u{1}", "\0\u{2}", "a\0b", "ä", "|"])
            .prop_map(str::to_owned),
        1 => any::<String>().prop_filter("ids are not empty", |text| !text.is_empty()),
    ]
}

type Key = (String, String);

/// An entitlement: its resource, and whether its id starts with that.
type Offer = (Key, String, bool);

#[derive(Debug, Clone)]
struct Company {
    types: Vec<String>,
    resources: Vec<(Key, Option<Key>)>,
    offers: Vec<Offer>,
    /// Which entitlement, whether its record is missing, who holds it.
    grants: Vec<(usize, bool, Key)>,
    legacy: bool,
    pending: bool,
    seed: u64,
}

fn any_company() -> impl Strategy<Value = Company> {
    let key = || (id(), id());
    (
        vec(id(), 0..5),
        vec((key(), proptest::option::of(key())), 0..12),
        vec((key(), id(), any::<bool>()), 1..8),
        vec((any::<usize>(), prop::bool::weighted(0.1), key()), 0..30),
        (any::<bool>(), any::<bool>(), any::<u64>()),
    )
        .prop_map(|(types, resources, offers, grants, (legacy, pending, seed))| Company {
            types,
            resources,
            offers,
            grants,
            legacy,
            pending,
            seed,
        })
}

fn id_of((resource, tail, starts_with_it): &Offer) -> String {
    if *starts_with_it { format!("{}:{}:{tail}", resource.0, resource.1) } else { tail.clone() }
}

/// What a reader should give, by the keys of the rows.
#[derive(Debug, Default)]
struct Expected {
    types: BTreeMap<Vec<u8>, Vec<String>>,
    resources: BTreeMap<Vec<u8>, Vec<String>>,
    offers: BTreeMap<Vec<u8>, Vec<String>>,
    grants: BTreeMap<Vec<u8>, Vec<String>>,
}

fn write(company: &Company) -> (Store, Expected) {
    let mut store = if company.legacy { Store::new().legacy() } else { Store::new() };
    let mut expected = Expected::default();
    for id in company.types.iter() {
        store.put_type(&kind(id));
        expected.types.insert(Space::ResourceTypes.key(&[id.as_bytes()]), vec![id.clone()]);
    }
    let mut seen = BTreeSet::new();
    for (key, parent) in company.resources.iter().filter(|(key, _)| seen.insert(key.clone())) {
        let mut record = resource(&key.0, &key.1);
        record.parent = parent.as_ref().map(|parent| reference(&parent.0, &parent.1));
        store.put_resource(&record);
        let parent = parent.clone().unwrap_or_default();
        let keys = [key.0.clone(), key.1.clone(), parent.0, parent.1];
        expected.resources.insert(Space::Resources.key(&[key.0.as_bytes(), key.1.as_bytes()]), keys.into());
    }
    let missing: BTreeSet<usize> =
        company.grants.iter().filter(|grant| grant.1).map(|grant| grant.0 % company.offers.len()).collect();
    for (number, offer) in company.offers.iter().enumerate() {
        let record = entitlement((&offer.0.0, &offer.0.1), &id_of(offer));
        if !missing.contains(&number) {
            store.put_entitlement(&record);
            let keys = [id_of(offer), offer.0.0.clone(), offer.0.1.clone()];
            expected.offers.insert(store.entitlement_key(&record), keys.into());
        }
    }
    for (number, _, holder) in &company.grants {
        let offer = &company.offers[number % company.offers.len()];
        let mut record = grant((&offer.0.0, &offer.0.1), &id_of(offer), (&holder.0, &holder.1));
        // In the layout before, several grants of one entitlement to one principal were told apart by their ids.
        record.external_id =
            format!("{}|{}|{}|{}|{}", id_of(offer), offer.0.0, offer.0.1, holder.0, holder.1);
        store.put_grant(&record);
        let keys = [
            record.external_id.clone(),
            id_of(offer),
            offer.0.0.clone(),
            offer.0.1.clone(),
            holder.0.clone(),
            holder.1.clone(),
            String::new(),
        ];
        expected.grants.insert(store.grant_key(&record), keys.into());
    }
    if company.pending {
        store.defer_principal_index();
    }
    (store, expected)
}

fn found(all: Vec<Seen>) -> Vec<(Vec<u8>, Vec<String>)> {
    let text = |key: Vec<u8>| String::from_utf8(key).unwrap();
    all.into_iter().map(|seen| (seen.place, seen.keys.into_iter().map(text).collect())).collect()
}

fn only(all: &BTreeMap<Vec<u8>, Vec<String>>, wanted: &[(usize, &str)]) -> Vec<(Vec<u8>, Vec<String>)> {
    let matches = |keys: &[String]| wanted.iter().all(|(place, key)| keys[*place] == *key);
    all.iter().filter(|(_, keys)| matches(keys)).map(|(key, keys)| (key.clone(), keys.clone())).collect()
}

fn key<'a>(kind: &'a str, id: &'a str) -> ResourceKey<'a> {
    ResourceKey { kind: kind.as_bytes(), id: id.as_bytes() }
}

fn check_lists(at: Snapshot<'_>, expected: &Expected) {
    assert_eq!(found(types(at)), only(&expected.types, &[]));
    assert_eq!(found(resources(at, &ResourceFilter::default())), only(&expected.resources, &[]));
    assert_eq!(found(entitlements(at, &EntitlementFilter::default())), only(&expected.offers, &[]));
    assert_eq!(found(grants(at, &GrantFilter::default())), only(&expected.grants, &[]));
    let stats = at.count().unwrap();
    let counts = [stats.resource_types, stats.resources, stats.entitlements, stats.grants];
    let lens = [expected.types.len(), expected.resources.len(), expected.offers.len(), expected.grants.len()];
    assert_eq!(counts, lens.map(|len| len as i64));
    let mut by_type: BTreeMap<String, i64> = BTreeMap::new();
    expected.grants.values().for_each(|keys| *by_type.entry(keys[2].clone()).or_default() += 1);
    assert_eq!(stats.grants_by_resource_type, by_type);
}

fn check_resources(at: Snapshot<'_>, expected: &Expected) {
    for k in expected.resources.values() {
        let parent = Some(key(&k[2], &k[3]));
        let by_parent = [(2, &*k[2]), (3, &*k[3])];
        for (filter, by_hand) in [
            (ResourceFilter { kind: Some(&k[0]), ..Default::default() }, vec![(0, &*k[0])]),
            (
                ResourceFilter { key: Some(key(&k[0], &k[1])), ..Default::default() },
                vec![(0, &*k[0]), (1, &*k[1])],
            ),
            (ResourceFilter { parent, ..Default::default() }, by_parent.to_vec()),
            (
                ResourceFilter { parent, kind: Some(&k[0]), key: None },
                [&by_parent[..], &[(0, &*k[0])]].concat(),
            ),
        ] {
            if filter.parent.is_none() || !k[3].is_empty() {
                assert_eq!(found(resources(at, &filter)), only(&expected.resources, &by_hand), "{filter:?}");
            }
        }
    }
}

fn check_entitlements(at: Snapshot<'_>, expected: &Expected) {
    for k in expected.offers.values() {
        let resource = Some(key(&k[1], &k[2]));
        let by_resource = [(1, &*k[1]), (2, &*k[2])];
        let all = only(&expected.offers, &[(0, &*k[0])]);
        for (filter, by_hand) in [
            (EntitlementFilter { kind: Some(&k[1]), ..Default::default() }, vec![(1, &*k[1])]),
            (EntitlementFilter { resource, ..Default::default() }, by_resource.to_vec()),
            (
                EntitlementFilter { resource, id: Some(&k[0]), kind: None },
                [&by_resource[..], &[(0, &*k[0])]].concat(),
            ),
        ] {
            assert_eq!(found(entitlements(at, &filter)), only(&expected.offers, &by_hand), "{filter:?}");
        }
        let called = found(entitlements(at, &EntitlementFilter { id: Some(&k[0]), ..Default::default() }));
        // One whose id starts with its resource is found by that, without looking for others.
        assert!(called == all || called.iter().all(|found| all.contains(found)) && !called.is_empty());
        let one = at.entitlement_of(key(&k[1], &k[2]), k[0].as_bytes(), seen_entitlement).unwrap().unwrap();
        assert_eq!(found(vec![one])[0].1, *k);
    }
}

fn check_grants(at: Snapshot<'_>, expected: &Expected) {
    for k in expected.grants.values() {
        let (resource, principal) = (Some(key(&k[2], &k[3])), Some(key(&k[4], &k[5])));
        let by_resource = [(2, &*k[2]), (3, &*k[3])];
        let by_principal = [(4, &*k[4]), (5, &*k[5])];
        let exact = GrantFilter { resource, entitlement: Some(&k[1]), ..Default::default() };
        let by_exact = [&by_resource[..], &[(1, &*k[1])]].concat();
        for (filter, by_hand) in [
            (GrantFilter { kind: Some(&k[2]), ..Default::default() }, vec![(2, &*k[2])]),
            (GrantFilter { resource, ..Default::default() }, by_resource.to_vec()),
            (GrantFilter { principal, ..Default::default() }, by_principal.to_vec()),
            (
                GrantFilter { principal, kind: Some(&k[2]), ..Default::default() },
                [&by_principal[..], &[(2, &*k[2])]].concat(),
            ),
            (GrantFilter { principal, resource, ..Default::default() }, [by_principal, by_resource].concat()),
            (exact, by_exact.clone()),
            (GrantFilter { principal, ..exact }, [&by_principal[..], &by_exact].concat()),
        ] {
            let by_hand = only(&expected.grants, &by_hand);
            let first = at.grant(&filter, seen_grant).unwrap().map(|seen| found(vec![seen]).remove(0));
            assert_eq!(first.as_ref(), by_hand.first());
            assert_eq!(found(grants(at, &filter)), by_hand, "{filter:?}");
        }
        // Where several resources offer entitlements of one id, one of which starts with its resource, that one is it.
        let offers = only(&expected.offers, &[(0, &*k[1])]);
        let missing = expected
            .grants
            .values()
            .any(|other| other[1] == k[1] && !offers.iter().any(|offer| offer.1[1..] == other[2..4]));
        if !missing && offers.len() == 1 || offers.is_empty() {
            let filter = GrantFilter { entitlement: Some(&k[1]), ..Default::default() };
            assert_eq!(found(grants(at, &filter)), only(&expected.grants, &[(1, &*k[1])]));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read(company in any_company()) {
        let (store, expected) = write(&company);
        let files = store.scattered(&mut Random::new(company.seed));
        let reader = try_open(&seal(&files, &store.manifest)).unwrap();
        let at = snapshot(&reader);
        check_lists(at, &expected);
        check_resources(at, &expected);
        check_grants(at, &expected);
        if !company.legacy {
            check_entitlements(at, &expected);
        }
        assert_sound(&reader);
    }
}

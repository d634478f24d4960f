//! Against a slow and obvious expansion, which applies the definition to everything until nothing changes.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use prost::Message as _;

use super::*;
use crate::model::v2;
use crate::model::v2::grant_sources::GrantSource;
use crate::sync::expand::testing::{grant, show};

/// What may be named in lines.
const GROUPS: [&str; 5] = ["a", "b", "c", "d", "a/owner"];
const PRINCIPALS: [&str; 5] = ["user:u", "user:u", "user:v", "app:p", "group:b"];

/// A grant by itself: direct, or left by an earlier expansion, or by something else.
fn any_member() -> impl Strategy<Value = String> {
    let source = (prop::sample::select(&GROUPS[..]), any::<bool>())
        .prop_map(|(group, direct)| format!(" {group}={direct}"));
    let extra = prop_oneof![
        2 => Just(String::new()),
        1 => prop::collection::vec(source, 1..3).prop_map(|sources| format!(" from{}", sources.concat())),
    ];
    let note = prop::sample::select(vec!["", "", "", " immutable", " annotated", " annotated immutable"]);
    (prop::sample::select(&PRINCIPALS[..]), prop::sample::select(&GROUPS[..]), extra, note)
        .prop_map(|(principal, group, extra, note)| format!("{principal} in {group}{extra}{note}"))
}

/// A grant that expands.
fn any_expandable() -> impl Strategy<Value = String> {
    let ends = (prop::sample::select(&GROUPS[..4]), prop::sample::select(&GROUPS[..]), 0..4);
    let shallow = prop::sample::select(vec!["", "", " shallow"]);
    let kinds = prop::sample::select(vec!["", "", " for user", " for user group", " for app"]);
    let rest = prop::sample::select(vec!["", "", "", " from a=true", " annotated"]);
    (ends, shallow, kinds, rest).prop_map(|((source, to, by), shallow, kinds, rest)| {
        let by = match by {
            0 => format!("{source}/owner"),
            1 => format!("{source} {source}/owner"),
            _ => source.to_owned(),
        };
        format!("group:{source} in {to} by {by}{shallow}{kinds}{rest}")
    })
}

/// A company, and the entitlements that are missing in it.
type Company = (Vec<String>, Vec<&'static str>);

fn any_company() -> impl Strategy<Value = Company> {
    let members = prop::collection::vec((any_member(), 0..8), 0..16);
    let expandables = prop::collection::vec((any_expandable(), 0..8), 1..12);
    let missing = prop::collection::vec(prop::sample::select(&GROUPS[..]), 0..2);
    (members, expandables, missing).prop_map(|(members, expandables, missing)| {
        let mut seen = BTreeSet::new();
        let mut lines = Vec::new();
        for (place, (line, own_id)) in members.into_iter().chain(expandables).enumerate() {
            // A pair may have several grants, but an id only one.
            let pair: String = line.split(' ').take(3).collect();
            if own_id == 0 {
                lines.push(format!("{line} as x{place}"));
            } else if seen.insert(pair) {
                lines.push(line);
            }
        }
        (lines, missing)
    })
}

fn memory((lines, missing): &Company) -> Memory {
    let mut memory = Memory::of(lines);
    missing.iter().for_each(|group| memory.forget(group));
    memory
}

/// An edge by the ids of its ends: source, destination, shallow, types.
type Link = (String, String, bool, BTreeSet<String>);

fn links(memory: &Memory) -> Vec<Link> {
    let mut links = Vec::new();
    for (grant, expandable) in &memory.rows {
        let grant = v2::Grant::decode(&**grant).unwrap();
        let Some(expandable) = expandable else { continue };
        let expandable = v2::GrantExpandable::decode(&**expandable).unwrap();
        for source in expandable.entitlement_ids {
            let to = grant.entitlement.as_ref().unwrap().id.clone();
            if memory.entitlements.contains_key(&source) {
                links.push((
                    source,
                    to,
                    expandable.shallow,
                    expandable.resource_type_ids.iter().cloned().collect(),
                ));
            }
        }
    }
    links
}

/// Who reaches whom along links.
fn reaches(links: &[Link]) -> BTreeSet<(String, String)> {
    let mut pairs: BTreeSet<(String, String)> = BTreeSet::new();
    for (source, to, ..) in links {
        pairs.extend(
            [(source, to), (source, source), (to, to)].map(|(one, other)| (one.clone(), other.clone())),
        );
    }
    loop {
        let known = pairs.len();
        let further: Vec<_> = pairs
            .iter()
            .flat_map(|(from, by)| {
                pairs
                    .iter()
                    .filter(move |(start, _)| start == by)
                    .map(move |(_, to)| (from.clone(), to.clone()))
            })
            .collect();
        pairs.extend(further);
        if pairs.len() == known {
            return pairs;
        }
    }
}

/// For each destination, its sources, and whether the way is shallow and for which types.
fn ways(memory: &Memory) -> Vec<Link> {
    let links = links(memory);
    let reaches = reaches(&links);
    let same = |one: &String, other: &String| {
        reaches.contains(&(one.clone(), other.clone())) && reaches.contains(&(other.clone(), one.clone()))
    };
    let ends: BTreeSet<&String> = links.iter().flat_map(|(source, to, ..)| [source, to]).collect();
    let mut ways = Vec::new();
    for &source in &ends {
        for &to in ends.iter().filter(|to| !same(source, to)) {
            let parallel: Vec<&Link> =
                links.iter().filter(|(from, dest, ..)| same(from, source) && same(dest, to)).collect();
            if parallel.is_empty() {
                continue;
            }
            let everybody = parallel.iter().any(|link| link.3.is_empty());
            let kinds = parallel.iter().flat_map(|link| link.3.clone()).filter(|_| !everybody).collect();
            ways.push((source.clone(), to.clone(), parallel.iter().all(|link| link.2), kinds));
        }
    }
    ways
}

fn is_on(grant: &v2::Grant, entitlement: &str) -> bool {
    grant.entitlement.as_ref().unwrap().id == entitlement
}

fn sources(grant: &v2::Grant) -> BTreeMap<String, GrantSource> {
    grant.sources.clone().unwrap_or_default().sources
}

/// What one grant on the source of a way gives to its destination: nothing, or whether it is direct.
fn gives(grant: &v2::Grant, (source, _, shallow, kinds): &Link) -> Option<bool> {
    let kind = &grant.principal.as_ref().unwrap().id.as_ref().unwrap().resource_type;
    let direct = sources(grant).is_empty() || sources(grant).contains_key(source);
    let passes = is_on(grant, source) && (kinds.is_empty() || kinds.contains(kind)) && (direct || !shallow);
    passes.then_some(direct)
}

/// Adds a source to the grants of a principal, or makes one; true if that changes anything.
fn give(
    grants: &mut Vec<v2::Grant>,
    principal: &v2::Resource,
    (source, to, ..): &Link,
    direct: bool,
) -> bool {
    let mut found = false;
    let mut changed = false;
    for grant in grants.iter_mut() {
        if !is_on(grant, to) || grant.principal.as_ref() != Some(principal) {
            continue;
        }
        found = true;
        let mut sources = sources(grant);
        if sources.is_empty() {
            sources.insert(to.clone(), GrantSource { is_direct: true });
        }
        let is_direct = direct || sources.get(source).is_some_and(|known| known.is_direct);
        sources.insert(source.clone(), GrantSource { is_direct });
        let sources = Some(v2::GrantSources { sources });
        changed |= grant.sources != sources;
        grant.sources = sources;
    }
    if !found {
        let key = principal.id.as_ref().unwrap();
        let group = to.strip_prefix("group:").unwrap().replace(':', "/");
        let mut new = grant(&group, &format!("{}:{}", key.resource_type, key.resource));
        new.sources =
            Some(v2::GrantSources { sources: [(source.clone(), GrantSource { is_direct: direct })].into() });
        new.annotations = vec![prost_types::Any {
            type_url: "type.googleapis.com/c1.connector.v2.GrantImmutable".into(),
            value: Vec::new(),
        }];
        grants.push(new);
    }
    changed || !found
}

/// All grants after expansion.
fn slowly(memory: &Memory) -> Vec<String> {
    let mut grants: Vec<v2::Grant> = memory.grants().collect();
    let mut ways = ways(memory);
    ways.retain(|way| memory.entitlements.contains_key(&way.1));
    loop {
        let mut changed = false;
        for way in &ways {
            let given: Vec<(v2::Resource, bool)> = grants
                .iter()
                .filter_map(|grant| Some((grant.principal.clone().unwrap(), gives(grant, way)?)))
                .collect();
            for (principal, direct) in given {
                changed |= give(&mut grants, &principal, way, direct);
            }
        }
        if !changed {
            let mut lines: Vec<String> = grants.iter().map(show).collect();
            lines.sort();
            return lines;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn the_slow_way_leads_to_the_same(company in any_company()) {
        let mut memory = memory(&company);
        let slow = slowly(&memory);
        let before = memory.rows.len();
        let report = expand(&mut memory).unwrap();
        prop_assert_eq!(memory.show(), slow);
        prop_assert_eq!((memory.rows.len() - before) as u64, report.created);
        prop_assert_eq!(memory.puts.len() as u64, report.created + report.updated);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn the_order_of_storage_is_no_matter(
        (company, shuffled) in any_company()
            .prop_flat_map(|(lines, missing)| (Just((lines.clone(), missing)), Just(lines).prop_shuffle()))
    ) {
        let (mut one, mut other) = (memory(&company), memory(&(shuffled, company.1.clone())));
        let reports = (expand(&mut one).unwrap(), expand(&mut other).unwrap());
        prop_assert_eq!(one.show(), other.show());
        prop_assert_eq!(one.done, other.done);
        prop_assert_eq!((reports.0.created, reports.0.updated), (reports.1.created, reports.1.updated));
    }

    #[test]
    fn twice_is_once(company in any_company()) {
        let mut memory = memory(&company);
        let first = expand(&mut memory).unwrap();
        let rows = memory.rows.clone();
        memory.puts.clear();
        let second = expand(&mut memory).unwrap();
        prop_assert_eq!(memory.rows, rows);
        prop_assert_eq!(memory.puts, Vec::<String>::new());
        prop_assert_eq!(second, Report { created: 0, updated: 0, ..first });
    }

    #[test]
    fn a_stop_changes_nothing(company in any_company()) {
        let mut whole = memory(&company);
        let total = expand(&mut whole).unwrap().destinations;
        for stop in 1..=total {
            let mut memory = memory(&company);
            memory.stop_after = Some(stop);
            let report = expand(&mut memory).unwrap();
            prop_assert_eq!((report.stopped, memory.done.len()), (stop < total, stop));
            memory.stop_after = None;
            expand(&mut memory).unwrap();
            prop_assert_eq!(&memory.rows, &whole.rows);
        }
    }

    #[test]
    fn a_failure_changes_nothing(company in any_company()) {
        let mut whole = memory(&company);
        expand(&mut whole).unwrap();
        for room in 0..whole.puts.len() {
            let mut memory = memory(&company);
            memory.room = Some(room);
            expand(&mut memory).unwrap_err();
            prop_assert_eq!(&memory.puts, &whole.puts[..room]);
            memory.room = None;
            expand(&mut memory).unwrap();
            prop_assert_eq!(&memory.rows, &whole.rows);
            prop_assert_eq!(&memory.puts, &whole.puts, "what was done is not done again");
        }
    }
}

//! The company hangs together, and its inherited grants are those that expansion makes.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::ops::ControlFlow;

use super::*;
use crate::sync::build::annotations;
use crate::sync::expand::{ExpandStore, Expandable, Report, expand};

/// Checks that every reference leads somewhere, and that grants say the same in columns and message.
pub(super) fn check(content: &Content) {
    for (name, resource) in &content.resources {
        let id = resource.id.as_ref().unwrap();
        assert!(content.types.contains_key(&id.resource_type), "{name}");
        if let Some(parent) = &resource.parent_resource_id {
            assert!(content.resources.contains_key(&name_of(Some(parent))), "{name}");
        }
        assert!(!resource.display_name.is_empty(), "{name}");
        assert!(resource.created_at.is_some(), "{name}");
    }
    for (id, entitlement) in &content.entitlements {
        let resource = entitlement.resource.as_ref().unwrap();
        assert!(content.resources.contains_key(&name_of(resource.id.as_ref())), "{id}");
        assert!(id.ends_with(&format!(":{}", entitlement.slug)), "{id}");
        assert!((1..=3).contains(&entitlement.purpose), "{id}");
        assert!(!entitlement.grantable_to.is_empty(), "{id}");
        for kind in &entitlement.grantable_to {
            assert_eq!(content.types.get(&kind.id), Some(kind), "{id}");
        }
    }
    content.grants.iter().for_each(|(id, row)| check_grant(content, id, row));
}

fn check_grant(content: &Content, id: &str, row: &Row) {
    let [entitlement_id, resource, principal] = &row.columns;
    let entitlement = &content.entitlements[entitlement_id];
    let inner = row.grant.entitlement.as_ref().unwrap();
    let key = |resource: Option<&v2::Resource>| name_of(resource.unwrap().id.as_ref());
    assert_eq!((&inner.id, &row.grant.id), (entitlement_id, &id.to_owned()));
    assert_eq!(inner.resource, entitlement.resource, "{id}");
    assert_eq!(&key(inner.resource.as_ref()), resource, "{id}");
    assert_eq!(&key(row.grant.principal.as_ref()), principal, "{id}");
    let (kind, name) = principal.split_once('/').unwrap();
    assert_eq!(id, format!("{entitlement_id}:{kind}:{name}"));
    assert!(content.resources.contains_key(principal), "{id}");
    assert!(entitlement.grantable_to.iter().any(|to| to.id == kind), "{id}");
    let sources = row.grant.sources.iter().flat_map(|sources| &sources.sources);
    for (source, _) in sources {
        assert!(content.entitlements.contains_key(source), "{id} from {source}");
    }
    assert_eq!(annotations::has::<v2::GrantImmutable>(&row.grant.annotations), row.is_inherited(), "{id}");
    assert_eq!(row.grant.annotations.len(), usize::from(row.is_inherited()), "{id}");
    assert_eq!(row.expandable.is_some(), kind == "group" && !row.is_inherited(), "{id}");
    if row.is_inherited() {
        assert_eq!(inner, entitlement, "{id}");
    }
}

/// The grants of a sync as they are expanded.
struct Unexpanded<'a> {
    content: &'a Content,
    grants: BTreeMap<String, v2::Grant>,
    of: BTreeMap<String, BTreeSet<String>>,
}

impl<'a> Unexpanded<'a> {
    /// Everything as it is.
    fn whole(content: &'a Content) -> Self {
        let mut store = Self { content, grants: BTreeMap::new(), of: BTreeMap::new() };
        content.grants.values().for_each(|row| store.insert(row.grant.clone()));
        store
    }

    /// What the connector said: direct grants, without sources.
    fn direct(content: &'a Content) -> Self {
        let mut store = Self { content, grants: BTreeMap::new(), of: BTreeMap::new() };
        for row in content.grants.values().filter(|row| !row.is_inherited()) {
            store.insert(v2::Grant { sources: None, ..row.grant.clone() });
        }
        store
    }

    fn insert(&mut self, grant: v2::Grant) {
        let entitlement = grant.entitlement.as_ref().unwrap().id.clone();
        self.of.entry(entitlement).or_default().insert(grant.id.clone());
        self.grants.insert(grant.id.clone(), grant);
    }

    fn expand(&mut self) -> Report {
        let report = expand(self).unwrap();
        assert_eq!((report.cycles, report.dropped_edges.count, report.skipped_destinations.count), (0, 0, 0));
        report
    }
}

impl ExpandStore for Unexpanded<'_> {
    type Error = Infallible;

    fn expandable_grants(&mut self, each: &mut dyn FnMut(Expandable<'_>)) -> Result<(), Infallible> {
        for row in self.content.grants.values() {
            if let Some(expandable) = &row.expandable {
                let (grant, expandable) = (row.grant.encode_to_vec(), expandable.encode_to_vec());
                each(Expandable { grant: &grant, expandable: &expandable });
            }
        }
        Ok(())
    }

    fn entitlement(&mut self, id: &str) -> Result<Option<v2::Entitlement>, Infallible> {
        Ok(self.content.entitlements.get(id).cloned())
    }

    fn grants_of(&mut self, entitlement: &str, each: &mut dyn FnMut(&[u8])) -> Result<(), Infallible> {
        for id in self.of.get(entitlement).into_iter().flatten() {
            each(&self.grants[id].encode_to_vec());
        }
        Ok(())
    }

    fn put(&mut self, grant: &v2::Grant) -> Result<(), Infallible> {
        self.insert(grant.clone());
        Ok(())
    }

    fn destination_done(&mut self, _: usize, _: usize) -> Result<ControlFlow<()>, Infallible> {
        Ok(ControlFlow::Continue(()))
    }
}

/// Companies of different shapes.
fn companies() -> impl Iterator<Item = Company> {
    let shapes = [
        Company { syncs: 2, churn: 15.0, ..SMALL },
        Company { groups: 150, seed: 77, ..SMALL },
        Company { groups: 3, roles: 1, repos: 2, grants_per_user: 9, ..SMALL },
        Company { users: 12, groups: 300, grants_per_user: 120, ..SMALL },
        Company { roles: 0, repos: 0, groups: 60, seed: 4, ..SMALL },
    ];
    shapes.into_iter()
}

#[test]
fn every_reference_leads_somewhere() {
    for company in companies() {
        read(&make(&company)).iter().for_each(check);
    }
}

#[test]
fn expanding_the_direct_grants_gives_the_inherited_ones() {
    for company in companies() {
        for content in read(&make(&company)) {
            let mut store = Unexpanded::direct(&content);
            let report = store.expand();
            assert!(report.created > 0);
            for (id, row) in &content.grants {
                assert_eq!(store.grants.get(id), Some(&row.grant), "{company:?}");
            }
            assert_eq!(store.grants.len(), content.grants.len(), "{company:?}");
        }
    }
}

#[test]
fn a_file_is_expanded_already() {
    for content in read(&make(&SMALL)) {
        let report = Unexpanded::whole(&content).expand();
        assert_eq!((report.created, report.updated), (0, 0));
    }
}

#[test]
fn grants_come_in_all_kinds() {
    let [content] = &read(&make(&Company { groups: 60, ..SMALL }))[..] else { panic!() };
    let count = |wanted: &dyn Fn(&Row) -> bool| content.grants.values().filter(|row| wanted(row)).count();
    let to_group = |row: &Row| row.columns[2].starts_with("group/");
    let on = |row: &Row, kind: &str| row.columns[1].starts_with(kind);
    let sources = |row: &Row| row.grant.sources.as_ref().map_or(0, |sources| sources.sources.len());
    let expandable = |row: &Row| row.expandable.clone().unwrap_or_default();
    let inherited = count(&Row::is_inherited);
    assert!((700..1400).contains(&inherited), "about half of 2040: {inherited}");
    assert!(count(&|row| !row.is_inherited() && sources(row) > 0) > 20, "held both ways");
    assert!(count(&|row| row.is_inherited() && sources(row) > 1) > 20, "held through several groups");
    assert!(count(&|row| row.is_inherited() && to_group(row)) > 5, "inherited by groups");
    assert!(count(&|row| row.is_inherited() && on(row, "group/")) > 50, "inherited membership");
    assert!(count(&|row| to_group(row) && on(row, "group/")) > 10, "groups in groups");
    assert!(count(&|row| expandable(row).shallow) > 5);
    assert!(count(&|row| !expandable(row).resource_type_ids.is_empty()) > 30);
    assert!(count(&|row| row.expandable.is_some() && expandable(row).resource_type_ids.is_empty()) > 20);
    for kind in ["org/", "group/", "role/", "repo/"] {
        assert!(count(&|row| on(row, kind)) > 50, "{kind}");
    }
}

#[test]
fn people_are_of_all_kinds() {
    let [content] = &read(&make(&Company { users: 600, ..SMALL }))[..] else { panic!() };
    let users: Vec<_> = content.of_type("user").collect();
    let accounts: Vec<v2::UserTrait> =
        users.iter().map(|user| annotations::pick(&user.annotations).unwrap().unwrap()).collect();
    let count = |wanted: &dyn Fn(&v2::UserTrait) -> bool| accounts.iter().filter(|user| wanted(user)).count();
    assert!((10..50).contains(&count(&|user| user.account_type == 2)), "programs");
    assert!((10..50).contains(&count(&|user| user.status.as_ref().unwrap().status == 2)), "disabled");
    assert!((10..50).contains(&count(&|user| user.last_login.is_none())), "never there");
    assert!(
        count(&|user| user.last_login.map(|at| at.seconds) >= user.created_at.map(|at| at.seconds)) > 500
    );
    assert!(users.iter().filter(|user| !user.display_name.is_ascii()).count() > 100, "other scripts");
    for (user, account) in users.iter().zip(&accounts) {
        let id = &user.id.as_ref().unwrap().resource;
        assert_eq!(&account.login, id);
        assert_eq!(user.profile, account.profile);
        assert!(user.profile.as_ref().unwrap().fields.contains_key("department"), "{id}");
        assert_eq!(account.emails.len(), usize::from(account.account_type == 1), "{id}");
        assert!(account.emails.iter().all(|email| email.is_primary && email.address.starts_with(id)));
    }
}

#[test]
fn some_groups_and_repositories_are_far_more_popular() {
    let [content] = &read(&make(&Company { users: 500, groups: 100, repos: 200, ..SMALL }))[..] else {
        panic!()
    };
    for kind in ["group/", "repo/"] {
        let mut of_each: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, row) in content.grants_to("user").filter(|(_, row)| row.columns[1].starts_with(kind)) {
            *of_each.entry(&row.columns[1]).or_default() += 1;
        }
        let mut sizes: Vec<usize> = of_each.into_values().collect();
        sizes.sort_unstable_by(|a, b| b.cmp(a));
        let (tenth, all): (usize, usize) = (sizes[..sizes.len() / 10].iter().sum(), sizes.iter().sum());
        assert!(tenth * 4 > all, "{kind}: {sizes:?}");
    }
}

//! A made-up system, and what a file about it must hold.

use std::collections::{BTreeMap, BTreeSet};

use baton::model::v2;
use baton::sync::build::{self, Trait};

use crate::random::Random;

/// Everything that there is. Groups are numbered so that a group is only within groups of greater numbers.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) kinds: Vec<v2::ResourceType>,
    /// By type and parent (empty for none), in the order of the system.
    pub(crate) resources: BTreeMap<(String, String), Vec<v2::Resource>>,
    /// By resource.
    pub(crate) entitlements: BTreeMap<String, Vec<v2::Entitlement>>,
    /// By resource.
    pub(crate) grants: BTreeMap<String, Vec<v2::Grant>>,
}

/// How a resource is called in these tests.
pub(crate) fn name(id: &v2::ResourceId) -> String {
    format!("{}/{}", id.resource_type, id.resource)
}

fn id_of(resource: &v2::Resource) -> &v2::ResourceId {
    resource.id.as_ref().unwrap()
}

impl World {
    /// A system of about `size` users.
    pub(crate) fn new(seed: u64, size: usize) -> Self {
        let mut random = Random::new(seed);
        let kinds = vec![
            build::resource_type("Org").build(),
            build::resource_type("User").trait_(Trait::User).skip_entitlements_and_grants().build(),
            build::resource_type("Group").trait_(Trait::Group).build(),
            build::resource_type("Project").build(),
            build::resource_type("Folder").build(),
        ];
        let mut world = Self {
            kinds,
            resources: BTreeMap::new(),
            entitlements: BTreeMap::new(),
            grants: BTreeMap::new(),
        };
        world.people(&mut random, size);
        world.places(&mut random, size);
        world
    }

    fn kind(&self, id: &str) -> v2::ResourceType {
        self.kinds.iter().find(|kind| kind.id == id).unwrap().clone()
    }

    fn add(&mut self, parent: &str, resource: v2::Resource) -> v2::Resource {
        let list = (id_of(&resource).resource_type.clone(), parent.to_owned());
        self.resources.entry(list).or_default().push(resource.clone());
        resource
    }

    fn offer(&mut self, resource: &v2::Resource, slug: &str) {
        let entitlement = build::assignment(resource, slug).grantable_to([&self.kind("user")]).build();
        self.entitlements.entry(name(id_of(resource))).or_default().push(entitlement);
    }

    fn give(&mut self, resource: &v2::Resource, grant: v2::Grant) {
        let list = self.grants.entry(name(id_of(resource))).or_default();
        if !list.iter().any(|other| other.id == grant.id) {
            list.push(grant);
        }
    }

    /// Users and groups, and who is in which.
    fn people(&mut self, random: &mut Random, size: usize) {
        let (user, group) = (self.kind("user"), self.kind("group"));
        let users: Vec<_> = (0..size)
            .map(|n| {
                let account = build::user().email(format!("u{n}@example.com")).login(format!("u{n}"));
                self.add(
                    "",
                    build::resource(&user, format!("u{n}"), format!("User {n}")).user(account).build(),
                )
            })
            .collect();
        let mut groups: Vec<v2::Resource> = Vec::new();
        for n in 0..size / 4 + 2 {
            let one = build::resource(&group, format!("g:{n}"), format!("Group {n}")).group(build::group());
            let one = self.add("", one.build());
            self.offer(&one, "member");
            for _ in 0..random.below(5) {
                self.give(&one, build::grant(&one, "member", &users[random.below(users.len())]).build());
            }
            if !groups.is_empty() && random.one_in(2) {
                let within = &groups[random.below(groups.len())];
                let source = build::entitlement_id(id_of(within), "member");
                self.give(&one, build::grant(&one, "member", within).expandable([source]).build());
            }
            groups.push(one);
        }
    }

    /// Organisations, their projects, and folders within folders.
    fn places(&mut self, random: &mut Random, size: usize) {
        let org = build::resource(&self.kind("org"), "acme", "Acme").child_type("project").build();
        let org = self.add("", org);
        for n in 0..size / 5 + 1 {
            let project = build::resource(&self.kind("project"), format!("p{n}"), format!("Project {n}"));
            let project = project.parent(id_of(&org)).child_type("folder").build();
            let project = self.add(&name(id_of(&org)), project);
            self.offer(&project, "read");
            self.offer(&project, "write");
            for slug in ["read", "write"] {
                let user = build::id("user", format!("u{}", random.below(size)));
                self.give(&project, build::grant(&project, slug, &user).build());
                let group = build::id("group", format!("g:{}", random.below(size / 4 + 2)));
                let source = build::entitlement_id(&group, "member");
                self.give(&project, build::grant(&project, slug, &group).expandable([source]).build());
            }
            let mut parent = project;
            for depth in 0..random.below(4) {
                let folder = build::resource(&self.kind("folder"), format!("p{n}/{depth}"), "Folder");
                let folder = folder.parent(id_of(&parent)).child_type("folder").build();
                parent = self.add(&name(id_of(&parent)), folder);
            }
        }
    }

    /// All resources, in no order.
    pub(crate) fn all_resources(&self) -> impl Iterator<Item = &v2::Resource> {
        self.resources.values().flatten()
    }

    /// The ids of all grants that a file must hold: the system's own, and those that follow.
    pub(crate) fn grant_ids(&self) -> BTreeSet<String> {
        let mut holders: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
        for grant in self.grants.values().flatten() {
            let principal = grant.principal.as_ref().unwrap().id.as_ref().unwrap();
            let entitlement = grant.entitlement.as_ref().unwrap().id.clone();
            let principal = (principal.resource_type.clone(), principal.resource.clone());
            holders.entry(entitlement).or_default().insert(principal);
        }
        // Whoever is in a group that holds something holds it too, until nothing changes any more.
        loop {
            let before: usize = holders.values().map(BTreeSet::len).sum();
            for (entitlement, principals) in holders.clone() {
                let groups = principals.iter().filter(|(kind, _)| kind == "group");
                for (_, group) in groups {
                    let members = holders.get(&format!("group:{group}:member")).cloned().unwrap_or_default();
                    holders.get_mut(&entitlement).unwrap().extend(members);
                }
            }
            if holders.values().map(BTreeSet::len).sum::<usize>() == before {
                break;
            }
        }
        let each = |(entitlement, principals): (String, BTreeSet<(String, String)>)| {
            principals.into_iter().map(move |(kind, id)| format!("{entitlement}:{kind}:{id}"))
        };
        holders.into_iter().flat_map(each).collect()
    }
}

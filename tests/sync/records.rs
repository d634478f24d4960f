//! What the engine lets in: a verdict for every shape of record that a connector may hand out.

use std::cell::Cell;

use baton::model::v2;
use baton::sync::build::{self, Trait, annotations};
use baton::sync::{
    Answer, Connector, Event, Observer, Page, Request, ResourceSyncer, StaticEntitlements, Sync, SyncError,
};

use crate::file::{self, Content};
use crate::time::TestClock;

/// A connector of users and groups that hands out exactly these records.
#[derive(Default)]
pub(crate) struct Listed {
    pub(crate) users: Vec<v2::Resource>,
    pub(crate) groups: Vec<v2::Resource>,
    pub(crate) entitlements: Vec<v2::Entitlement>,
    pub(crate) grants: Vec<v2::Grant>,
    /// Annotations of each page of grants.
    pub(crate) annotations: Vec<prost_types::Any>,
    pub(crate) templates: Vec<v2::Entitlement>,
    /// Annotations of the type `group`.
    pub(crate) of_groups: Vec<prost_types::Any>,
    pub(crate) asked: Cell<usize>,
}

pub(crate) fn user(id: &str) -> v2::Resource {
    let kind = build::resource_type("User").trait_(Trait::User).build();
    build::resource(&kind, id, id).user(build::user().login(id)).build()
}

pub(crate) fn group(id: &str) -> v2::Resource {
    let kind = build::resource_type("Group").trait_(Trait::Group).build();
    build::resource(&kind, id, id).group(build::group()).build()
}

impl Listed {
    /// A sound little system: the user `u`, the group `g`, and `u` in `g`.
    pub(crate) fn sound() -> Self {
        let (u, g) = (user("u"), group("g"));
        Self {
            entitlements: vec![build::assignment(&g, "member").build()],
            grants: vec![build::grant(&g, "member", &u).build()],
            users: vec![u],
            groups: vec![g],
            ..Self::default()
        }
    }

    pub(crate) fn sync(&self) -> Result<(Content, Vec<String>, String), SyncError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sync.c1z");
        let mut warnings = Warnings::default();
        Sync::new(self).clock(&TestClock::new()).run_observed(&path, &mut warnings)?;
        let token = file::runs(&path).remove(0).token;
        Ok((file::read(&path), warnings.0, token))
    }
}

#[derive(Default)]
struct Warnings(Vec<String>);

impl Observer for Warnings {
    fn event(&mut self, event: &Event<'_>) {
        if let Event::Warning(text) = event {
            self.0.push((*text).to_owned());
        }
    }
}

impl Connector for Listed {
    fn metadata(&self) -> Answer<v2::ConnectorMetadata> {
        Ok(v2::ConnectorMetadata::default())
    }

    fn syncers(&self) -> Vec<Box<dyn ResourceSyncer + '_>> {
        vec![Box::new(Users(self)), Box::new(Groups(self))]
    }
}

struct Users<'c>(&'c Listed);

impl ResourceSyncer for Users<'_> {
    fn resource_type(&self) -> v2::ResourceType {
        build::resource_type("User").trait_(Trait::User).skip_entitlements_and_grants().build()
    }

    fn list(&self, _: Option<&v2::ResourceId>, _: &Request<'_>) -> Answer<Page<v2::Resource>> {
        Ok(Page::last(self.0.users.clone()))
    }
}

struct Groups<'c>(&'c Listed);

impl ResourceSyncer for Groups<'_> {
    fn resource_type(&self) -> v2::ResourceType {
        let mut kind = build::resource_type("Group").trait_(Trait::Group).build();
        kind.annotations.clone_from(&self.0.of_groups);
        kind
    }

    fn list(&self, _: Option<&v2::ResourceId>, _: &Request<'_>) -> Answer<Page<v2::Resource>> {
        Ok(Page::last(self.0.groups.clone()))
    }

    fn entitlements(&self, group: &v2::Resource, _: &Request<'_>) -> Answer<Page<v2::Entitlement>> {
        self.0.asked.set(self.0.asked.get() + 1);
        let first = self.0.groups.first() == Some(group);
        Ok(Page::last(if first { self.0.entitlements.clone() } else { Vec::new() }))
    }

    fn grants(&self, group: &v2::Resource, _: &Request<'_>) -> Answer<Page<v2::Grant>> {
        self.0.asked.set(self.0.asked.get() + 1);
        let first = self.0.groups.first() == Some(group);
        let items = if first { self.0.grants.clone() } else { Vec::new() };
        Ok(Page { annotations: self.0.annotations.clone(), ..Page::last(items) })
    }

    fn static_entitlements(&self) -> Option<&dyn StaticEntitlements> {
        (!self.0.templates.is_empty()).then_some(self)
    }
}

impl StaticEntitlements for Groups<'_> {
    fn static_entitlements(&self, _: &Request<'_>) -> Answer<Page<v2::Entitlement>> {
        Ok(Page::last(self.0.templates.clone()))
    }
}

fn ids(content: &Content) -> (Vec<&str>, Vec<&str>, Vec<&str>) {
    let resources = content.resources.keys().map(String::as_str).collect();
    let entitlements = content.entitlements.keys().map(String::as_str).collect();
    (resources, entitlements, content.grants.keys().map(String::as_str).collect())
}

#[test]
fn a_sound_system_comes_through_with_a_clean_token() {
    let (content, warnings, token) = Listed::sound().sync().unwrap();
    let held = (vec!["group/g", "user/u"], vec!["group:g:member"], vec!["group:g:member:user:u"]);
    assert_eq!(ids(&content), held);
    assert!(warnings.is_empty(), "{warnings:?}");
    assert!(token.ends_with(r#""ingest_quality":{},"version":1}"#), "{token}");
}

#[test]
fn resources_without_identity_are_skipped_and_counted() {
    let mut listed = Listed::sound();
    let with = |id: Option<v2::ResourceId>| v2::Resource { id, ..user("x") };
    listed.users.extend([with(None), with(Some(build::id("", "x"))), with(Some(build::id("user", "")))]);
    let (content, warnings, token) = listed.sync().unwrap();
    assert_eq!(ids(&content).0, ["group/g", "user/u"]);
    assert_eq!(warnings, ["skipped 3 resources without a type or an id"]);
    assert!(token.contains(r#""invalid_resources_observed":3"#), "{token}");
}

#[test]
fn a_resource_of_another_connector_stops_the_sync_before_its_page_is_stored() {
    let mut listed = Listed::sound();
    let mut foreign = user("x");
    annotations::append(&mut foreign.annotations, &v2::BatonId::default());
    listed.users.push(foreign);
    let error = listed.sync().unwrap_err();
    assert_eq!(
        error.to_string(),
        "listing user: resource user/x: it has a BatonID, which only resources of other connectors have"
    );
}

#[test]
fn a_resource_without_the_trait_of_its_type_stops_the_sync() {
    let mut listed = Listed::sound();
    listed.users.push(v2::Resource { annotations: Vec::new(), ..user("x") });
    let error = listed.sync().unwrap_err().to_string();
    assert_eq!(error, "listing user: resource user/x: its type has the trait user, and it has no UserTrait");
}

#[test]
fn every_shape_of_entitlement_has_its_verdict() {
    let sound = || build::assignment(&group("g"), "x").build();
    let on = |resource| v2::Entitlement { resource, ..sound() };
    let at = |kind, id| on(Some(v2::Resource { id: Some(build::id(kind, id)), ..Default::default() }));
    let invalid = r#""invalid_entitlements_observed":1"#;
    let cases = [
        ("no id", v2::Entitlement { id: String::new(), ..sound() }, false, invalid),
        ("no resource", on(None), false, invalid),
        ("no identity", on(Some(v2::Resource::default())), false, invalid),
        ("empty type", at("", "g"), false, invalid),
        ("empty object id", at("group", ""), false, invalid),
        ("unknown type", at("planet", "g"), false, r#""entitlements_dropped":1"#),
        ("row missing", at("group", "gone"), true, r#""reason_flags":32}"#),
        ("valid", sound(), true, r#""ingest_quality":{}"#),
    ];
    for (name, entitlement, kept, part) in cases {
        let mut listed = Listed::sound();
        listed.entitlements.push(entitlement);
        let (content, _, token) = listed.sync().unwrap();
        assert_eq!(content.entitlements.len(), 1 + usize::from(kept), "{name}");
        assert!(token.contains(part), "{name}: {token}");
    }
}

/// What becomes of a grant.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Fate {
    Kept,
    Dropped,
    Fails,
}

/// The ways in which an end of a grant may be.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum End {
    None,
    NoResource,
    NoIdentity,
    EmptyId,
    EmptyType,
    EmptyObject,
    UnknownType,
    Gone,
    Sound,
}

fn entitlement_end(end: End) -> Option<v2::Entitlement> {
    let whole = |kind: &str, id: &str| v2::Entitlement {
        id: format!("{kind}:{id}:member"),
        resource: Some(v2::Resource { id: Some(build::id(kind, id)), ..Default::default() }),
        ..Default::default()
    };
    Some(match end {
        End::None => return None,
        End::NoResource => v2::Entitlement { resource: None, ..whole("group", "g") },
        End::NoIdentity => v2::Entitlement { resource: Some(v2::Resource::default()), ..whole("group", "g") },
        End::EmptyId => v2::Entitlement { id: String::new(), ..whole("group", "g") },
        End::EmptyType => whole("", "g"),
        End::EmptyObject => whole("group", ""),
        End::UnknownType => whole("planet", "g"),
        End::Gone => whole("group", "gone"),
        End::Sound => whole("group", "g"),
    })
}

fn principal_end(end: End) -> Option<v2::Resource> {
    let whole = |kind: &str, id: &str| v2::Resource { id: Some(build::id(kind, id)), ..Default::default() };
    Some(match end {
        End::None => return None,
        End::NoIdentity => v2::Resource::default(),
        End::EmptyType => whole("", "u"),
        End::EmptyObject => whole("user", ""),
        End::UnknownType => whole("planet", "u"),
        End::Gone => whole("user", "gone"),
        End::Sound => whole("user", "u"),
        End::NoResource | End::EmptyId => unreachable!("only entitlements have those"),
    })
}

fn fate(entitlement: End, principal: End) -> Fate {
    use End::{EmptyId, EmptyObject, EmptyType, NoIdentity, NoResource, UnknownType};
    if matches!(entitlement, End::None | NoResource | NoIdentity)
        || matches!(principal, End::None | NoIdentity)
    {
        Fate::Fails
    } else if entitlement == UnknownType || principal == UnknownType {
        Fate::Dropped
    } else if matches!(entitlement, EmptyId | EmptyType | EmptyObject)
        || matches!(principal, EmptyType | EmptyObject)
    {
        Fate::Fails
    } else {
        Fate::Kept
    }
}

#[test]
fn every_shape_of_grant_has_its_verdict() {
    use End::{EmptyId, EmptyObject, EmptyType, Gone, NoIdentity, NoResource, Sound, UnknownType};
    let entitlements =
        [End::None, NoResource, NoIdentity, EmptyId, EmptyType, EmptyObject, UnknownType, Gone, Sound];
    let principals = [End::None, NoIdentity, EmptyType, EmptyObject, UnknownType, Gone, Sound];
    for entitlement in entitlements {
        for principal in principals {
            let mut listed = Listed::sound();
            listed.grants.push(v2::Grant {
                id: "the one".into(),
                entitlement: entitlement_end(entitlement),
                principal: principal_end(principal),
                ..Default::default()
            });
            let found = match listed.sync() {
                Err(SyncError::Record { problem, .. }) => {
                    assert!(problem.starts_with(r#"grant "the one": "#), "{problem}");
                    Fate::Fails
                }
                Err(other) => panic!("{other}"),
                Ok((content, _, token)) => {
                    let kept = content.grants.contains_key("the one");
                    assert_eq!(token.contains(r#""grants_dropped":1"#), !kept);
                    if kept { Fate::Kept } else { Fate::Dropped }
                }
            };
            assert_eq!(found, fate(entitlement, principal), "{entitlement:?} {principal:?}");
        }
    }
}

#[test]
fn what_is_missing_is_said_by_type() {
    let mut listed = Listed::sound();
    let gone = |id: &str| build::id("user", id);
    listed.grants.extend(["x", "y", "z"].map(|id| build::grant(&group("g"), "member", &gone(id)).build()));
    listed.grants.push(build::grant(&group("g"), "owner", &user("u")).build());
    listed.entitlements.push(build::assignment(&group("h"), "member").build());
    let (content, warnings, token) = listed.sync().unwrap();
    assert_eq!(content.grants.len(), 5, "all are kept");
    assert_eq!(
        warnings,
        [
            "entitlements name 1 resource of a synced type, group, which the connector did not list: group/h",
            "grants name 1 entitlement of a synced type, group, which the connector did not list: group:g:owner",
            "grants name 3 principals of a synced type, user, which the connector did not list: \
             user/x, user/y, user/z",
        ]
    );
    assert!(token.contains(r#""reason_flags":32"#), "{token}");
    // Those that are to be found elsewhere are not missing.
    let mut listed = Listed::sound();
    let strangers = ["x", "y"]
        .map(|id| build::grant(&group("g"), "member", &gone(id)).match_external_id("somebody").build());
    listed.grants.extend(strangers);
    assert_eq!(listed.sync().unwrap().1, [""; 0]);
}

#[test]
fn a_principal_who_is_matched_later_may_be_of_any_type() {
    let mut listed = Listed::sound();
    let stranger = build::id("planet", "mars");
    listed.grants.push(build::grant(&group("g"), "member", &stranger).match_external_id("x").build());
    let (content, _, token) = listed.sync().unwrap();
    assert_eq!(content.grants.len(), 2);
    assert!(token.contains(r#""has_external_resource_grants":true"#), "{token}");
}

#[test]
fn the_last_of_one_id_wins() {
    let mut listed = Listed::sound();
    listed.users.push(v2::Resource { display_name: "Another".into(), ..user("u") });
    let (content, warnings, _) = listed.sync().unwrap();
    let bytes = &content.resources["user/u"];
    assert!(String::from_utf8_lossy(bytes).contains("Another"));
    assert!(warnings.is_empty());
    // A record that turns up as something else altogether is worth a word.
    let mut listed = Listed::sound();
    let elsewhere = v2::Grant {
        principal: Some(v2::Resource { id: Some(build::id("user", "v")), ..Default::default() }),
        ..listed.grants[0].clone()
    };
    listed.grants.push(elsewhere);
    let (content, warnings, _) = listed.sync().unwrap();
    assert_eq!(content.grants.len(), 1);
    assert!(warnings[0].starts_with("1 record came again under the same id"), "{warnings:?}");
}

#[test]
fn expansions_keep_to_the_types_that_are_synced() {
    let expandable = |kinds: &[&str]| {
        let mut listed = Listed::sound();
        listed.groups.push(group("h"));
        listed.entitlements.push(build::assignment(&group("h"), "member").build());
        let grant = build::grant(&group("g"), "member", &group("h")).expandable(["group:h:member"]);
        listed.grants.push(grant.expands_only_to(kinds.iter().copied()).build());
        let (content, _, token) = listed.sync().unwrap();
        let bytes = content.grants["group:g:member:group:h"].1.clone();
        let kept: Option<v2::GrantExpandable> =
            (!bytes.is_empty()).then(|| prost::Message::decode(&bytes[..]).unwrap());
        (kept.map(|kept| kept.resource_type_ids), token)
    };
    assert_eq!(expandable(&["user"]).0, Some(vec!["user".to_owned()]));
    let (kept, token) = expandable(&["planet", "user", "moon"]);
    assert_eq!(kept, Some(vec!["user".to_owned()]));
    assert!(token.contains(r#""expansion_resource_types_dropped":2"#), "{token}");
    let (kept, token) = expandable(&["planet"]);
    assert_eq!(kept, None, "an empty list would mean all types");
    assert!(token.contains(r#""expansions_dropped":1"#), "{token}");
    assert!(!token.contains("needs_expansion"), "{token}");
}

#[test]
fn resources_that_come_with_grants_are_stored() {
    let bring = |id: v2::ResourceId| {
        let mut listed = Listed::sound();
        listed.annotations = vec![annotations::any(&v2::InsertResourceGrants::default())];
        let brought = v2::Resource { id: Some(id), display_name: "Brought".into(), ..Default::default() };
        listed.grants = vec![build::grant(&brought, "member", &user("u")).build()];
        listed.sync()
    };
    let (content, _, _) = bring(build::id("group", "new")).unwrap();
    assert!(content.resources.contains_key("group/new"));
    let message = &content.grants["group:new:member:user:u"].0;
    assert!(
        String::from_utf8_lossy(message).contains("InsertResourceGrants"),
        "it is stamped onto each grant"
    );
    let (content, warnings, _) = bring(build::id("planet", "new")).unwrap();
    assert!(content.grants.is_empty() && content.resources.len() == 2);
    assert_eq!(warnings.len(), 2, "{warnings:?}");
}

#[test]
fn lists_that_cannot_be_followed_are_refused() {
    let mut listed = Listed::sound();
    listed.annotations = vec![annotations::any(&v2::EnqueuePageTokens::default())];
    let error = listed.sync().unwrap_err().to_string();
    assert!(error.contains("EnqueuePageTokens"), "{error}");
}

#[test]
fn templates_are_applied_to_every_resource_of_the_type() {
    let mut listed = Listed::sound();
    listed.groups.push(v2::Resource { description: "The second".into(), ..group("h") });
    let mut template = v2::Entitlement { slug: "owner".into(), ..Default::default() };
    let exclusive = v2::EntitlementExclusionGroup {
        exclusion_group_id: "roles".into(),
        scope_to_resource: true,
        ..Default::default()
    };
    annotations::append(&mut template.annotations, &exclusive);
    listed.templates = vec![template];
    let (content, _, _) = listed.sync().unwrap();
    let ids: Vec<_> = content.entitlements.keys().map(String::as_str).collect();
    assert_eq!(ids, ["group:g:member", "group:g:owner", "group:h:owner"]);
    let made: v2::Entitlement = prost::Message::decode(&content.entitlements["group:h:owner"][..]).unwrap();
    assert_eq!((&*made.display_name, &*made.description), ("h", "The second"));
    assert_eq!(made.resource.unwrap().id, Some(build::id("group", "h")));
    let scoped = annotations::pick::<v2::EntitlementExclusionGroup>(&made.annotations).unwrap().unwrap();
    assert_eq!(scoped.exclusion_group_id, "roles-h");
}

#[test]
fn annotations_skip_what_they_say() {
    let skipping = |edit: &dyn Fn(&mut Listed)| {
        let mut listed = Listed::sound();
        edit(&mut listed);
        let (content, _, _) = listed.sync().unwrap();
        (content.entitlements.len(), content.grants.len(), listed.asked.get())
    };
    assert_eq!(skipping(&|_| {}), (1, 1, 2));
    let on_resource = |annotation: prost_types::Any| {
        skipping(&move |listed| listed.groups[0].annotations.push(annotation.clone()))
    };
    assert_eq!(on_resource(annotations::any(&v2::SkipEntitlements::default())), (0, 1, 1));
    assert_eq!(on_resource(annotations::any(&v2::SkipGrants::default())), (1, 0, 1));
    assert_eq!(on_resource(annotations::any(&v2::SkipEntitlementsAndGrants::default())), (0, 0, 0));
    let on_type =
        |annotation: prost_types::Any| skipping(&move |listed| listed.of_groups.push(annotation.clone()));
    assert_eq!(on_type(annotations::any(&v2::SkipEntitlements::default())), (0, 1, 1));
    assert_eq!(
        on_type(annotations::any(&v2::SkipGrants::default())),
        (1, 1, 2),
        "it counts on resources only"
    );
    assert_eq!(on_type(annotations::any(&v2::SkipEntitlementsAndGrants::default())), (0, 0, 0));
}

#[test]
fn exclusion_groups_must_make_sense() {
    let with = |entitlements: Vec<v2::Entitlement>| {
        let mut listed = Listed::sound();
        listed.entitlements.extend(entitlements);
        listed.sync().map(|_| ()).map_err(|error| error.to_string())
    };
    let one = |slug: &str| build::assignment(&group("g"), slug);
    with(vec![one("a").exclusion_group("x").build(), one("b").exclusion_group_default("x").build()]).unwrap();
    let two =
        vec![one("a").exclusion_group_default("x").build(), one("b").exclusion_group_default("x").build()];
    assert!(with(two).unwrap_err().contains("has two defaults"));
    let many = (0..51).map(|n| one(&format!("s{n}")).exclusion_group("x").build()).collect();
    assert!(with(many).unwrap_err().contains("more than 50 entitlements"));
    let across = build::assignment(&user("u"), "a").exclusion_group("x").build();
    assert!(with(vec![one("a").exclusion_group("x").build(), across]).unwrap_err().contains("spans"));
    let mut twice = one("a").exclusion_group("x").build();
    let again = twice.annotations[0].clone();
    twice.annotations.push(again);
    assert!(with(vec![twice]).unwrap_err().contains("more than one exclusion group"));
}

#[test]
fn an_expansion_from_what_the_principal_does_not_have_stops_the_sync() {
    let mut listed = Listed::sound();
    listed.groups.push(group("h"));
    let grant = build::grant(&group("g"), "member", &group("h")).expandable(["group:g:member"]).build();
    listed.grants.push(grant);
    let error = listed.sync().unwrap_err().to_string();
    assert!(error.contains("not of its principal"), "{error}");
}

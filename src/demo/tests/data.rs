//! What is built in, and that it holds together.

use super::*;
use crate::sync::capabilities;

#[test]
fn the_totals_are_as_the_page_says() {
    let listing = Listing::of(&demo());
    let (types, resources) = (listing.types.len(), listing.resources.len());
    assert_eq!((types, resources, listing.entitlements.len(), listing.grants.len()), (6, 16, 11, 34));
}

#[test]
fn the_resources_are_as_the_page_says() {
    let listing = Listing::of(&demo());
    let ids = listing.resources.iter().map(|resource| {
        let id = resource.id.as_ref().unwrap();
        (format!("{}/{}", id.resource_type, id.resource), resource.display_name.as_str())
    });
    let expected = [
        ("user/deploy-bot", "Deploy Bot"),
        ("user/nadia", "Nadia"),
        ("user/oskar", "Oskar"),
        ("user/priya", "Priya"),
        ("user/ruben", "Ruben"),
        ("user/tomas", "Tomas"),
        ("user/ulla", "Ulla"),
        ("group/field", "Field"),
        ("group/platform", "Platform"),
        ("role/auditor", "Auditor"),
        ("role/author", "Author"),
        ("role/viewer", "Viewer"),
        ("org/harbour", "Harbour"),
        ("secret/deploy-key", "Deploy key"),
        ("project/atlas", "Atlas"),
        ("project/field", "Field"),
    ];
    assert_eq!(ids.collect::<Vec<_>>(), expected.map(|(id, name)| (id.to_owned(), name)));
}

#[test]
fn the_grants_are_as_the_page_says() {
    let listing = Listing::of(&demo());
    let ids: Vec<_> = listing.grants.iter().map(|grant| grant.id.as_str()).collect();
    let expected = [
        "group:field:admin:user:tomas",
        "group:field:member:user:ruben",
        "group:field:member:user:tomas",
        "group:platform:admin:user:priya",
        "group:platform:member:user:nadia",
        "group:platform:member:user:oskar",
        "group:platform:member:user:priya",
        "role:auditor:assignment:group:field",
        "role:auditor:assignment:user:deploy-bot",
        "role:auditor:assignment:user:ulla",
        "role:author:assignment:group:platform",
        "role:author:assignment:user:nadia",
        "role:author:assignment:user:oskar",
        "role:author:assignment:user:priya",
        "role:author:assignment:user:tomas",
        "role:viewer:assignment:group:field",
        "role:viewer:assignment:group:platform",
        "role:viewer:assignment:user:nadia",
        "role:viewer:assignment:user:oskar",
        "role:viewer:assignment:user:priya",
        "role:viewer:assignment:user:ruben",
        "role:viewer:assignment:user:tomas",
        "project:atlas:access:group:field",
        "project:atlas:access:group:platform",
        "project:atlas:access:user:nadia",
        "project:atlas:access:user:oskar",
        "project:atlas:access:user:priya",
        "project:atlas:access:user:ruben",
        "project:atlas:access:user:tomas",
        "project:atlas:owner:user:oskar",
        "project:field:access:group:field",
        "project:field:access:user:ruben",
        "project:field:access:user:tomas",
        "project:field:owner:user:tomas",
    ];
    assert_eq!(ids, expected);
}

#[test]
fn every_page_size_lists_the_same() {
    let whole = Listing::of(&Demo { page_size: usize::MAX, ..demo() });
    let mut fewest = usize::MAX;
    for page_size in 1..=8 {
        let listing = Listing::of(&Demo { page_size, ..demo() });
        assert!(listing.pages <= fewest);
        fewest = listing.pages;
        assert_eq!(Listing { pages: whole.pages, ..listing }, whole, "pages of {page_size}");
    }
    assert!(Listing::of(&demo()).pages > whole.pages, "the connector itself lists in several pages");
}

#[test]
fn everything_that_a_record_refers_to_is_there() {
    assert_sound(&Listing::of(&demo()));
}

/// Ids are unique and made of what they join; types, parents, resources, entitlements, principals and sources exist;
/// principals are of a type that the entitlement is for.
pub(super) fn assert_sound(listing: &Listing) {
    let exists = |id: &v2::ResourceId| listing.resource(&id.resource_type, &id.resource).is_some();
    let mut seen = BTreeSet::new();
    for resource in &listing.resources {
        let id = resource.id.as_ref().unwrap();
        assert!(seen.insert((id.resource_type.clone(), id.resource.clone())), "{id:?} comes twice");
        assert!(listing.types.iter().any(|kind| kind.id == id.resource_type), "{id:?} has no type");
        assert!(resource.parent_resource_id.as_ref().is_none_or(exists), "{id:?} has no parent");
        if let Some(secret) = picked::<v2::SecretTrait>(&resource.annotations) {
            assert!(secret.identity_id.as_ref().is_some_and(exists), "{id:?} signs nobody in");
            assert!(secret.created_by_id.as_ref().is_none_or(exists), "{id:?} was made by nobody");
        }
    }
    for entitlement in &listing.entitlements {
        let resource = entitlement.resource.as_ref().unwrap().id.as_ref().unwrap();
        assert!(exists(resource));
        assert_eq!(entitlement.id, build::entitlement_id(resource, &entitlement.slug));
        assert!(entitlement.grantable_to.iter().all(|kind| listing.types.contains(kind)));
    }
    let entitlements: BTreeSet<_> = listing.entitlements.iter().map(|e| e.id.as_str()).collect();
    assert_eq!(entitlements.len(), listing.entitlements.len());
    assert_eq!(listing.grant_ids().len(), listing.grants.len());
    for grant in &listing.grants {
        let entitlement = listing.entitlement(&grant.entitlement.as_ref().unwrap().id);
        let principal = grant.principal.as_ref().unwrap().id.as_ref().unwrap();
        assert_eq!(grant.id, build::grant_id(&entitlement.id, principal));
        assert!(exists(principal), "{} is for nobody", grant.id);
        let able = entitlement.grantable_to.iter().any(|kind| kind.id == principal.resource_type);
        assert!(able, "{} is for a {}", grant.id, principal.resource_type);
        if let Some(immutable) = picked::<v2::GrantImmutable>(&grant.annotations) {
            assert!(entitlements.contains(&*immutable.source_id), "{} follows from nothing", grant.id);
        }
        if let Some(expandable) = picked::<v2::GrantExpandable>(&grant.annotations) {
            for source in &expandable.entitlement_ids {
                let owner = listing.entitlement(source).resource.as_ref().unwrap().id.as_ref();
                assert_eq!(owner, Some(principal), "{} expands what is not its principal's", grant.id);
            }
        }
    }
}

#[test]
fn what_follows_from_something_else_is_immutable_and_says_from_what() {
    let listing = Listing::of(&demo());
    let source = |id: &str| {
        let annotations = &listing.grant(id).unwrap().annotations;
        picked::<v2::GrantImmutable>(annotations).map(|immutable| immutable.source_id)
    };
    assert_eq!(source("group:platform:member:user:priya").as_deref(), Some("group:platform:admin"));
    assert_eq!(source("role:author:assignment:user:nadia").as_deref(), Some("group:platform:member"));
    assert_eq!(source("project:field:access:user:ruben").as_deref(), Some("group:field:member"));
    for given in ["group:platform:member:user:nadia", "role:author:assignment:user:tomas"] {
        assert_eq!(source(given), None);
    }
    let immutable = listing.grants.iter().filter(|grant| source(&grant.id).is_some()).count();
    // 17 were given by hand.
    assert_eq!(immutable, 34 - 17);
}

#[test]
fn one_grant_is_left_to_the_engine_to_expand() {
    let listing = Listing::of(&demo());
    let expandable = |grant: &v2::Grant| {
        let found = picked::<v2::GrantExpandable>(&grant.annotations);
        found.map(|expandable| (grant.id.clone(), expandable.entitlement_ids))
    };
    let found: Vec<_> = listing.grants.iter().filter_map(expandable).collect();
    let expected = ("role:auditor:assignment:group:field".into(), vec!["group:field:member".into()]);
    assert_eq!(found, [expected]);
}

#[test]
fn users_are_described() {
    let listing = Listing::of(&demo());
    let details = |id: &str| {
        let user = listing.resource("user", id).unwrap().clone();
        let details = picked::<v2::UserTrait>(&user.annotations).unwrap();
        (user, details)
    };
    let (nadia, facts) = details("nadia");
    assert_eq!(facts.login, "nadia");
    assert_eq!(
        facts.emails.iter().map(|e| (&*e.address, e.is_primary)).collect::<Vec<_>>(),
        [("nadia@example.com", true)]
    );
    assert_eq!(facts.account_type(), build::AccountType::Human);
    // 2024-02-05 09:00:00 and 2026-08-31 07:42:10
    assert_eq!(nadia.created_at.unwrap().seconds, 1_707_123_600);
    assert_eq!(facts.last_login.unwrap().seconds, 1_788_162_130);
    assert_eq!(nadia.status.unwrap().status, 1);
    assert_eq!(nadia.profile.unwrap().fields.len(), 2);
    let link = picked::<v2::ExternalLink>(&nadia.annotations).unwrap();
    assert_eq!(link.url, "https://harbour.example.com/user/nadia");

    let (ulla, _) = details("ulla");
    let status = ulla.status.unwrap();
    assert_eq!((status.status, &*status.details), (2, "left the firm"));

    let (_, bot) = details("deploy-bot");
    assert_eq!(bot.account_type(), build::AccountType::Service);
    assert_eq!(bot.emails, []);
}

#[test]
fn the_secret_says_whose_it_is_and_until_when() {
    let listing = Listing::of(&demo());
    let key = listing.resource("secret", "deploy-key").unwrap();
    let facts = picked::<v2::SecretTrait>(&key.annotations).unwrap();
    assert_eq!((facts.identity_id, facts.created_by_id), (Some(user("deploy-bot")), Some(user("tomas"))));
    let times = [facts.created_at, facts.expires_at, facts.last_used_at].map(|time| time.unwrap().seconds);
    // 2026-01-05 09:00:00, a year later, and 2026-08-31 23:30:00
    assert_eq!(times, [1_767_603_600, 1_799_139_600, 1_788_219_000]);
}

#[test]
fn projects_are_listed_only_as_children() {
    let demo = demo();
    let registry = Registry::of(&demo).unwrap();
    let request = Request { token: "", sync_id: "", session: &NoSession };
    let projects = registry.syncer("project").unwrap();
    assert_eq!(projects.list(None, &request).unwrap().items, []);
    assert_eq!(projects.list(Some(&build::id("org", "elsewhere")), &request).unwrap().items, []);
    for project in projects.list(Some(&build::id("org", "harbour")), &request).unwrap().items {
        assert_eq!(project.parent_resource_id, Some(build::id("org", "harbour")));
    }
    // And nothing else has children.
    for (kind, syncer) in registry.syncers().filter(|(kind, _)| kind.id != "project") {
        assert_eq!(
            syncer.list(Some(&build::id("org", "harbour")), &request).unwrap().items,
            [],
            "{}",
            kind.id
        );
    }
}

#[test]
fn single_resources_are_those_of_the_lists() {
    let demo = demo();
    let registry = Registry::of(&demo).unwrap();
    let listing = Listing::of(&demo);
    for resource in &listing.resources {
        let id = resource.id.as_ref().unwrap();
        let targeted = registry.syncer(&id.resource_type).unwrap().targeted().unwrap();
        assert_eq!(targeted.get(id, resource.parent_resource_id.as_ref()).unwrap(), *resource);
        let unknown = targeted.get(&build::id(&id.resource_type, "nobody"), None);
        assert_eq!(
            refusal(unknown),
            (Code::NotFound, format!("there is no {} \"nobody\"", id.resource_type))
        );
        let (code, words) = refusal(targeted.get(&build::id("app", "x"), None));
        assert_eq!(code, Code::InvalidArgument);
        assert_eq!(words, format!("app/x is not of the type {}", id.resource_type));
    }
}

#[test]
fn entitlements_are_described() {
    let listing = Listing::of(&demo());
    let described = |id| (&*listing.entitlement(id).description, listing.entitlement(id).purpose());
    use build::Purpose::{Assignment, Permission};
    assert_eq!(described("group:platform:member"), ("Is a member of the group Platform", Assignment));
    assert_eq!(described("group:field:admin"), ("Manages, and is a member of, the group Field", Permission));
    assert_eq!(described("role:viewer:assignment"), ("Is assigned the role Viewer", Assignment));
    assert_eq!(described("project:atlas:access"), ("Has access to the project Atlas", Assignment));
    assert_eq!(described("project:field:owner"), ("Owns, and has access to, the project Field", Permission));
}

#[test]
fn the_connector_can_do_all_that_there_is_to_show() {
    use v2::Capability::*;
    let demo = demo();
    let found = capabilities(&Registry::of(&demo).unwrap(), &demo).unwrap();
    let of =
        |numbers: &[i32]| numbers.iter().map(|n| v2::Capability::try_from(*n).unwrap()).collect::<Vec<_>>();
    let all = [
        Provision,
        Sync,
        AccountProvisioning,
        CredentialRotation,
        ResourceCreate,
        ResourceDelete,
        Actions,
        TargetedSync,
        EventFeedV2,
        ServiceModeTargetedSync,
    ];
    assert_eq!(of(&found.connector_capabilities), all);
    let of_type = |id: &str| {
        let mut types = found.resource_type_capabilities.iter();
        of(&types.find(|t| t.resource_type.as_ref().unwrap().id == id).unwrap().capabilities)
    };
    assert_eq!(of_type("group"), [Sync, TargetedSync, Provision, ResourceDelete, ResourceCreate]);
    assert_eq!(of_type("role"), [Sync, TargetedSync, Provision, ResourceDelete]);
    assert_eq!(of_type("project"), [Sync, TargetedSync, Provision, ResourceDelete]);
    assert_eq!(of_type("org"), [Sync, TargetedSync]);
    assert_eq!(of_type("secret"), [Sync, TargetedSync, CredentialRotation]);
    let user = [Sync, TargetedSync, AccountProvisioning, ResourceDelete, CredentialRotation];
    assert_eq!(of_type("user"), user);
}

#[test]
fn it_validates_and_says_what_an_account_needs() {
    let demo = demo();
    demo.validate().unwrap();
    let metadata = demo.metadata().unwrap();
    assert_eq!(metadata.display_name, "Demo");
    let fields = metadata.account_creation_schema.unwrap().field_map;
    let fields: Vec<_> = fields.iter().map(|(name, field)| (&**name, field.required, field.order)).collect();
    assert_eq!(fields, [("email", true, 2), ("login", true, 1), ("name", false, 3)]);
}

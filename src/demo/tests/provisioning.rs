//! Granting and revoking.

use super::data::assert_sound;
use super::*;
use crate::sync::Provisioner;

/// Tries everything with everybody: what can be granted is in the next listing, and after it was revoked, that is what
/// it was before.
#[test]
fn whatever_is_granted_can_be_revoked_and_leaves_no_trace() {
    let demo = demo();
    let before = Listing::of(&demo);
    let mut done = 0;
    for entitlement in &before.entitlements {
        for principal in before.resources.iter().filter_map(|resource| resource.id.as_ref()) {
            let id = build::grant_id(&entitlement.id, principal);
            let able = entitlement.grantable_to.iter().any(|kind| kind.id == principal.resource_type);
            let given = |listing: &Listing| {
                let grant = listing.grant(&id)?;
                (!annotations::has::<v2::GrantImmutable>(&grant.annotations)).then(|| grant.clone())
            };
            let answer = grant(&demo, &entitlement.id, principal);
            if !able {
                assert_eq!(answer.unwrap_err().code(), Code::InvalidArgument, "{id}");
                continue;
            }
            if let Some(there) = given(&before) {
                assert_eq!(answer.unwrap(), Granted::Already, "{id}");
                assert!(before.grants.contains(&there));
                continue;
            }
            let after = Listing::of(&demo);
            assert_sound(&after);
            let new = given(&after).expect(&id);
            assert_eq!(answer.unwrap(), Granted::Now(vec![new]), "{id}");
            assert!(after.grant_ids().is_superset(&before.grant_ids()), "{id}");
            assert_eq!(grant(&demo, &entitlement.id, principal).unwrap(), Granted::Already, "{id}");
            assert_eq!(Listing::of(&demo), after, "{id}");
            assert_eq!(revoke(&demo, &entitlement.id, principal).unwrap(), Removed::Now, "{id}");
            assert_eq!(Listing::of(&demo), before, "{id}");
            done += 1;
        }
    }
    // 7 users for 11 entitlements, 2 groups for 5 of them, without the 17 that were given before.
    assert_eq!(done, 7 * 11 + 2 * 5 - 17);
}

/// Takes everything from everybody, one after the other.
#[test]
fn whatever_was_given_by_hand_can_be_revoked_until_nothing_is_left() {
    let demo = demo();
    let mut left = 34;
    loop {
        let listing = Listing::of(&demo);
        assert_sound(&listing);
        assert_eq!(listing.grants.len(), left);
        let Some(given) =
            listing.grants.iter().find(|grant| !annotations::has::<v2::GrantImmutable>(&grant.annotations))
        else {
            break;
        };
        let kind = &given.entitlement.as_ref().unwrap().resource.as_ref().unwrap().id.as_ref().unwrap();
        let registry = Registry::of(&demo).unwrap();
        let provisioner = registry.syncer(&kind.resource_type).unwrap().provisioner().unwrap();
        assert_eq!(provisioner.revoke(given).unwrap(), Removed::Now, "{}", given.id);
        left = Listing::of(&demo).grants.len();
        assert!(left < listing.grants.len() || Listing::of(&demo).grant(&given.id).is_some(), "{}", given.id);
    }
    assert_eq!(left, 0);
}

#[test]
fn an_admin_is_a_member_and_an_owner_has_access() {
    let demo = demo();
    grant(&demo, "group:platform:admin", &user("ulla")).unwrap();
    grant(&demo, "project:field:owner", &user("nadia")).unwrap();
    let listing = Listing::of(&demo);
    assert!(listing.grant("group:platform:member:user:ulla").is_some());
    assert!(listing.grant("project:field:access:user:nadia").is_some());
    // And with the group comes what the group has.
    assert!(listing.grant("role:author:assignment:user:ulla").is_some());
    assert!(listing.grant("project:atlas:access:user:ulla").is_some());
}

#[test]
fn a_role_for_a_group_is_one_for_everybody_in_it_or_expandable() {
    let demo = demo();
    let before = Listing::of(&demo);
    grant(&demo, "role:author:assignment", &group("field")).unwrap();
    grant(&demo, "role:auditor:assignment", &group("platform")).unwrap();
    let after = Listing::of(&demo);
    let new: Vec<_> = after.grant_ids().difference(&before.grant_ids()).map(|id| id.to_string()).collect();
    // Tomas was an author before.
    let expected = [
        "role:auditor:assignment:group:platform",
        "role:author:assignment:group:field",
        "role:author:assignment:user:ruben",
    ];
    assert_eq!(new, expected);
    let expandable = &after.grant("role:auditor:assignment:group:platform").unwrap().annotations;
    let expandable = picked::<v2::GrantExpandable>(expandable).unwrap();
    assert_eq!(expandable.entitlement_ids, ["group:platform:member"]);
}

#[test]
fn what_is_not_held_is_revoked_already() {
    let demo = demo();
    for (entitlement, principal) in [
        ("group:field:admin", user("nadia")),
        ("role:author:assignment", group("field")),
        ("group:field:member", user("nobody")),
    ] {
        assert_eq!(revoke(&demo, entitlement, &principal).unwrap(), Removed::Already, "{entitlement}");
    }
    assert_eq!(revoke(&demo, "group:platform:member", &user("oskar")).unwrap(), Removed::Now);
    assert_eq!(revoke(&demo, "group:platform:member", &user("oskar")).unwrap(), Removed::Already);
}

#[test]
fn what_follows_from_something_else_is_not_revoked_by_itself() {
    let demo = demo();
    let before = Listing::of(&demo);
    for (entitlement, who, source) in [
        ("role:author:assignment", "nadia", "group:platform:member"),
        ("group:platform:member", "priya", "group:platform:admin"),
        ("project:atlas:access", "ruben", "group:field:member"),
    ] {
        let (code, words) = refusal(revoke(&demo, entitlement, &user(who)));
        assert_eq!(code, Code::FailedPrecondition);
        assert_eq!(words, format!("the user {who:?} has it because of {source}: take that back instead"));
    }
    assert_eq!(Listing::of(&demo), before);
}

#[test]
fn a_principal_of_a_wrong_type_is_refused() {
    let demo = demo();
    let (code, words) = refusal(grant(&demo, "group:platform:member", &group("field")));
    assert_eq!(code, Code::InvalidArgument);
    assert_eq!(words, "member is for a user, and not for a group");
    let (code, words) = refusal(grant(&demo, "role:viewer:assignment", &build::id("role", "author")));
    assert_eq!(code, Code::InvalidArgument);
    assert_eq!(words, "assignment is for a user or group, and not for a role");
}

#[test]
fn what_nobody_knows_is_not_found() {
    let demo = demo();
    let answer = grant(&demo, "group:platform:member", &user("nobody"));
    assert_eq!(refusal(answer), (Code::NotFound, "there is no user \"nobody\"".into()));
    let answer = grant(&demo, "role:viewer:assignment", &group("nobody"));
    assert_eq!(refusal(answer), (Code::NotFound, "there is no group \"nobody\"".into()));

    let registry = Registry::of(&demo).unwrap();
    let groups: &dyn Provisioner = registry.syncer("group").unwrap().provisioner().unwrap();
    let nadia = v2::Resource { id: Some(user("nadia")), ..Default::default() };
    let elsewhere = build::assignment(&group("elsewhere"), "member").build();
    let answer = groups.grant(&nadia, &elsewhere);
    assert_eq!(refusal(answer), (Code::NotFound, "there is no group \"elsewhere\"".into()));
    let chief = build::assignment(&group("platform"), "chief").build();
    let expected = "group/platform has no entitlement \"group:platform:chief\"";
    assert_eq!(refusal(groups.grant(&nadia, &chief)), (Code::NotFound, expected.into()));
    let revoked = groups.revoke(&build::grant(&group("platform"), "chief", &nadia).build());
    assert_eq!(refusal(revoked), (Code::NotFound, expected.into()));
}

#[test]
fn what_is_not_filled_in_is_refused() {
    let demo = demo();
    let registry = Registry::of(&demo).unwrap();
    let groups = registry.syncer("group").unwrap().provisioner().unwrap();
    let nadia = v2::Resource { id: Some(user("nadia")), ..Default::default() };
    let member = build::assignment(&group("platform"), "member").build();
    let bare = v2::Entitlement { resource: None, ..member.clone() };
    let missing = |what: &str| (Code::InvalidArgument, format!("{what} is missing"));
    assert_eq!(refusal(groups.grant(&nadia, &bare)), missing("the resource"));
    assert_eq!(refusal(groups.grant(&v2::Resource::default(), &member)), missing("the principal"));
    assert_eq!(refusal(groups.revoke(&v2::Grant::default())), missing("the entitlement"));
    // A role's entitlement at the door of the groups.
    let role = build::assignment(&build::id("role", "viewer"), "member").build();
    assert_eq!(refusal(groups.grant(&nadia, &role)).0, Code::InvalidArgument);
}

//! Faults of traits, people and expansions.

use super::super::world::{any, entitlement, expandable, grant, group, inherited, user, user_trait};
use super::{Case, both, exclusive, pebble, sqlite};
use crate::model::v2;

fn expansion(entitlement_ids: &[&str], resource_type_ids: &[&str]) -> v2::GrantExpandable {
    v2::GrantExpandable {
        entitlement_ids: entitlement_ids.iter().map(|id| (*id).to_owned()).collect(),
        resource_type_ids: resource_type_ids.iter().map(|id| (*id).to_owned()).collect(),
        ..Default::default()
    }
}

/// The grant of `ops` to `eng`, which expands.
const TO_ENG: &str = "group:ops:member:group:eng";

pub(super) const MEANING: &[Case] = &[
    both(
        "raw-id-missing",
        |world| drop(world.resource("user", "bob").annotations.pop()),
        &["resource type user"],
    ),
    both(
        "trait-missing",
        |world| world.resource("group", "ops").annotations.clear(),
        &["resource group/ops"],
    ),
    both(
        "trait-malformed",
        |world| world.resource("group", "ops").annotations[0].value = vec![0x0a, 9],
        &["resource group/ops"],
    ),
    both(
        "trait-malformed",
        |world| world.resource("user", "bob").annotations[0].value = vec![0x0a, 9],
        &["resource user/bob"],
    ),
    both(
        "trait-undeclared",
        |world| world.resource("org", "acme").annotations.push(any(&v2::AppTrait::default())),
        &["resource org/acme"],
    ),
    both(
        "name-missing",
        |world| world.resource("group", "ops").display_name.clear(),
        &["resource group/ops"],
    ),
    both(
        "name-control-character",
        |world| world.resource("group", "ops").display_name = "Op\u{202e}s".into(),
        &["resource group/ops"],
    ),
    both(
        "name-too-long",
        |world| world.entitlement("group:eng:member").description = "x".repeat(2049),
        &["entitlement group:eng:member"],
    ),
    both(
        "user-without-email-or-login",
        |world| world.set_user("bob", &v2::UserTrait::default()),
        &["resource user/bob"],
    ),
    both(
        "email-malformed",
        |world| {
            let mut user = user_trait("bob");
            user.emails[0].address = "bob at corp".into();
            world.set_user("bob", &user);
        },
        &["resource user/bob"],
    ),
    both(
        "deleted-account-grant",
        |world| world.resource("user", "bob").status = Some(v2::Status { status: 3, details: String::new() }),
        &["resource user/bob"],
    ),
    both(
        "disabled-account-grant",
        |world| {
            let status = Some(v2::user_trait::Status { status: 2, details: String::new() });
            world.set_user("bob", &v2::UserTrait { status, ..user_trait("bob") });
        },
        &["resource user/bob"],
    ),
    both("user-without-grant", |world| world.resources.push(user("cy")), &["resource user/cy"]),
    both(
        "group-empty",
        |world| {
            world.resources.push(group("void"));
            world.entitlements.push(entitlement(("group", "void"), "member", &["user"]));
        },
        &["resource group/void"],
    ),
    both("entitlement-unheld", |world| world.drop_grants("app:crm:access"), &["entitlement app:crm:access"]),
    sqlite(
        "expansion-malformed",
        |world| {
            world.sql =
                "UPDATE v1_grants SET expansion = x'0a09' WHERE external_id = 'group:ops:member:group:eng'"
        },
        &["grant group:ops:member:group:eng"],
    ),
    pebble(
        "expansion-empty",
        |world| world.grant(TO_ENG).annotations = vec![any(&expansion(&[" "], &["user"]))],
        &["grant group:ops:member:group:eng"],
    ),
    sqlite(
        "expansion-empty",
        |world| {
            world.sql =
                "UPDATE v1_grants SET expansion = x'0a0120' WHERE external_id = 'group:ops:member:group:eng'"
        },
        &["grant group:ops:member:group:eng"],
    ),
    both(
        "expansion-source-missing",
        |world| world.grant(TO_ENG).annotations = vec![any(&expansion(&["group:eng:members"], &[]))],
        &["entitlement group:eng:members"],
    ),
    both(
        "expansion-source-foreign",
        |world| world.grant(TO_ENG).annotations = vec![any(&expansion(&["role:admin:assigned"], &[]))],
        &["grant group:ops:member:group:eng"],
    ),
    both(
        "expansion-self",
        |world| {
            world.grants.push(expandable(grant("group:eng:member", ("group", "eng")), &["group:eng:member"]))
        },
        &["grant group:eng:member:group:eng"],
    ),
    both(
        "expansion-type-missing",
        |world| {
            world.grant(TO_ENG).annotations = vec![any(&expansion(&["group:eng:member"], &["user", "bot"]))];
        },
        &["resource type bot"],
    ),
    both(
        "expansion-cycle",
        |world| {
            let back = grant("group:eng:member", ("group", "ops"));
            world.grants.push(expandable(back, &["group:ops:member"]));
        },
        &["entitlement group:eng:member"],
    ),
    both(
        "source-missing",
        |world| {
            let of = grant("app:crm:access", ("user", "bob"));
            world.grants.push(inherited(of, &["group:gone:member"]));
        },
        &["entitlement group:gone:member"],
    ),
    both(
        "source-not-held",
        |world| {
            let of = grant("app:crm:access", ("user", "bob"));
            world.grants.push(inherited(of, &["group:eng:member"]));
        },
        &["grant app:crm:access:user:bob"],
    ),
    both(
        "grant-redundant",
        |world| {
            let both = inherited(
                grant("role:admin:assigned", ("user", "bob")),
                &["group:ops:member", "role:admin:assigned"],
            );
            *world.grant("role:admin:assigned:user:bob") = both;
        },
        &["grant role:admin:assigned:user:bob"],
    ),
    both(
        "exclusion-group-invalid",
        |world| {
            exclusive(world.entitlement("group:eng:member"), true);
            exclusive(world.entitlement("group:ops:member"), true);
            exclusive(world.entitlement("role:admin:assigned"), false);
        },
        &["entitlement group:ops:member", "entitlement role:admin:assigned"],
    ),
    both(
        "exclusion-group-invalid",
        |world| {
            for number in 0..51 {
                let mut one = entitlement(("app", "crm"), &format!("s{number:02}"), &["user"]);
                exclusive(&mut one, false);
                world.grants.push(grant(&one.id, ("user", "bob")));
                world.entitlements.push(one);
            }
        },
        &["entitlement app:crm:s50"],
    ),
    both(
        "exclusion-group-invalid",
        |world| {
            exclusive(world.entitlement("group:eng:member"), true);
            exclusive(world.entitlement("group:eng:member"), true);
            exclusive(world.entitlement("group:ops:member"), true);
            world.entitlement("group:ops:member").annotations[0].value = vec![0x0a, 9];
        },
        &["entitlement group:eng:member", "entitlement group:ops:member"],
    ),
];

//! What only looks like a fault.

use super::super::world::{World, any, entitlement, expandable, grant, group, inherited, resource, user};
use super::exclusive;
use crate::model::v2;
use crate::store::SyncKind;

/// Something that looks like a fault and is none: the rule has nothing to say.
pub(in super::super) struct Spared {
    pub(in super::super) code: &'static str,
    pub(in super::super) plant: fn(&mut World),
}

const fn spared(code: &'static str, plant: fn(&mut World)) -> Spared {
    Spared { code, plant }
}

fn service_account(world: &mut World) {
    let bot = v2::UserTrait { account_type: 2, ..Default::default() };
    world.set_user("bob", &bot);
}

fn marked<M: prost::Name>(mut grant: v2::Grant, mark: &M) -> v2::Grant {
    grant.annotations.push(any(mark));
    grant
}

pub(in super::super) const SPARED: &[Spared] = &[
    spared("sync-without-grants", |world| {
        world.grants.clear();
        for kind in &mut world.types {
            kind.annotations.push(any(&v2::SkipEntitlementsAndGrants::default()));
        }
    }),
    spared("asset-missing", |world| world.assets.clear()),
    spared("grant-principal-missing", |world| {
        let elsewhere = v2::ExternalResourceMatchId { id: "x".into() };
        world.grants.push(marked(grant("app:crm:access", ("user", "x")), &elsewhere));
    }),
    spared("grant-principal-type-unsynced", |world| {
        let elsewhere =
            v2::ExternalResourceMatch { key: "mail".into(), value: "x".into(), ..Default::default() };
        world.grants.push(marked(grant("app:crm:access", ("bot", "x")), &elsewhere));
    }),
    spared("grant-principal-missing", |world| {
        let elsewhere = v2::ExternalResourceMatchAll::default();
        world.grants.push(marked(grant("app:crm:access", ("user", "all")), &elsewhere));
    }),
    spared("grant-entitlement-missing", |world| {
        let brought = v2::InsertResourceGrants::default();
        world.grants.push(marked(grant("app:crm:delete", ("user", "ada")), &brought));
    }),
    spared("grant-twice", |world| {
        for id in ["1", "2"] {
            let elsewhere = v2::ExternalResourceMatchId { id: id.into() };
            let one = marked(grant("app:crm:access", ("user", "placeholder")), &elsewhere);
            world.grants.push(v2::Grant { id: id.into(), ..one });
        }
    }),
    spared("expansion-source-missing", |world| {
        let elsewhere = v2::ExternalResourceMatchId { id: "x".into() };
        let one = expandable(grant("app:crm:access", ("group", "x")), &["group:x:member"]);
        world.grants.push(marked(one, &elsewhere));
    }),
    spared("grant-principal-missing", |world| {
        world.kind = SyncKind::Partial;
        world.drop_resource("user", "ada");
    }),
    spared("parent-missing", |world| {
        world.finished = false;
        world.drop_resource("org", "acme");
    }),
    // The parent comes after its children.
    spared("parent-missing", |world| world.resources.reverse()),
    spared("parent-missing", |world| {
        world.resource("group", "eng").parent_resource_id = Some(v2::ResourceId::default());
    }),
    spared("user-without-grant", |world| {
        world.kind = SyncKind::ResourcesOnly;
        world.entitlements.clear();
        world.grants.clear();
    }),
    spared("user-without-grant", |world| {
        let disabled = Some(v2::Status { status: 2, details: String::new() });
        world.resources.push(v2::Resource { status: disabled, ..user("cy") });
    }),
    spared("user-without-email-or-login", service_account),
    spared("user-without-email-or-login", |world| {
        world.set_user("bob", &v2::UserTrait { login: "bob".into(), ..Default::default() });
    }),
    spared("raw-id-missing", |world| {
        for id in ["ada", "bob"] {
            world.resource("user", id).annotations.pop();
        }
    }),
    spared("group-empty", |world| {
        let quiet = any(&v2::SkipGrants::default());
        world.resources.push(group("void"));
        world.resource("group", "void").annotations.push(quiet);
        world.entitlements.push(entitlement(("group", "void"), "member", &["user"]));
    }),
    spared("entitlement-unheld", |world| {
        world.kind("app").annotations.push(any(&v2::SkipEntitlementsAndGrants::default()));
        world.drop_grants("app:crm:access");
    }),
    // Somebody owns it, and nobody is a member.
    spared("entitlement-unheld", |world| {
        world.resources.push(group("void"));
        world.entitlements.push(entitlement(("group", "void"), "member", &["user"]));
    }),
    spared("id-case", |world| {
        world.resources.push(resource("org", "ada", Vec::new()));
        world.resources.push(resource("role", "ADA", vec![any(&v2::RoleTrait::default())]));
    }),
    // The colons of an id do not make another one.
    spared("entitlement-id-form", |world| {
        world.resources.push(resource("org", "a:b", Vec::new()));
        world.entitlements.push(entitlement(("org", "a:b"), "owner", &["user"]));
    }),
    // Its name is in the id of its grant.
    spared("id-control-character", |world| {
        world.grants.push(grant("app:crm:access", ("user", "a\nb")));
    }),
    spared("exclusion-group-invalid", |world| {
        exclusive(world.entitlement("group:eng:member"), true);
        exclusive(world.entitlement("group:ops:member"), false);
    }),
    spared("grant-redundant", |world| {
        let own = inherited(grant("group:eng:member", ("user", "ada")), &["group:eng:member"]);
        *world.grant("group:eng:member:user:ada") = own;
    }),
    // On a circle, every entitlement hands over what reaches any of them.
    spared("source-not-held", |world| {
        let back = grant("group:eng:member", ("group", "ops"));
        world.grants.push(expandable(back, &["group:ops:member"]));
        let to_crm = expandable(grant("app:crm:access", ("group", "eng")), &["group:eng:member"]);
        world.grants.push(to_crm);
        world.grants.push(inherited(grant("app:crm:access", ("user", "bob")), &["group:ops:member"]));
    }),
];

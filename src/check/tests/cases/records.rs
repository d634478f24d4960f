//! Faults of the sync, of references and of ids.

use super::super::world::{any, entitlement, grant, key, user, user_trait};
use super::{Case, both, pebble, sqlite};
use crate::model::v2;
use crate::store::{RawValue, Writer};

const LONG: usize = 1025;

/// A resource that stands in a row of its own, with a message of these bytes.
fn raw_user(writer: &mut Writer, id: &str, message: &[u8]) {
    let row = [
        ("external_id", RawValue::Text(id)),
        ("data", RawValue::Blob(message)),
        ("resource_type_id", RawValue::Text("user")),
    ];
    writer.put_raw("v1_resources", &row).unwrap();
}

fn raw(writer: &mut Writer, table: &'static str, id: &str, message: &impl prost::Message) {
    let mut row = vec![("external_id", RawValue::Text(id))];
    let data = message.encode_to_vec();
    row.push(("data", RawValue::Blob(&data)));
    let keys: &[&str] = match table {
        "v1_resource_types" => &[],
        "v1_resources" => &["resource_type_id"],
        "v1_entitlements" => &["resource_type_id", "resource_id"],
        _ => &[
            "resource_type_id",
            "resource_id",
            "entitlement_id",
            "principal_resource_type_id",
            "principal_resource_id",
        ],
    };
    row.extend(keys.iter().map(|key| (*key, RawValue::Text("user"))));
    writer.put_raw(table, &row).unwrap();
}

pub(super) const RECORDS: &[Case] = &[
    both("sync-unfinished", |world| world.finished = false, &["sync 3AKceuN98XJyPGy2v9g2l5uSogH"]),
    both(
        "sync-empty",
        |world| {
            world.resources.clear();
            world.entitlements.clear();
            world.grants.clear();
        },
        &["sync 3AKceuN98XJyPGy2v9g2l5uSogH"],
    ),
    both("sync-without-grants", |world| world.grants.clear(), &["sync 3AKceuN98XJyPGy2v9g2l5uSogH"]),
    sqlite(
        "stats-mismatch",
        |world| {
            world.sql = r#"UPDATE v1_sync_runs SET stats = replace(stats, '"grants":9', '"grants":8')"#;
        },
        &["sync 3AKceuN98XJyPGy2v9g2l5uSogH"],
    ),
    pebble("stats-mismatch", |world| world.miscounted = 1, &["sync 3AKceuN98XJyPGy2v9g2l5uSogH"]),
    both("resource-type-missing", |world| world.drop_kind("app"), &["resource type app"]),
    both(
        "parent-missing",
        |world| world.resource("group", "ops").parent_resource_id = Some(key("org", "gone")),
        &["resource org/gone"],
    ),
    both(
        "parent-type-unsynced",
        |world| world.resource("group", "ops").parent_resource_id = Some(key("tenant", "t")),
        &["resource tenant/t"],
    ),
    both(
        "parent-cycle",
        |world| {
            world.resource("group", "ops").parent_resource_id = Some(key("group", "eng"));
            world.resource("group", "eng").parent_resource_id = Some(key("group", "ops"));
            world.resource("org", "acme").parent_resource_id = Some(key("org", "acme"));
        },
        &["resource group/eng", "resource org/acme"],
    ),
    both(
        "child-type-missing",
        |world| {
            let child = v2::ChildResourceType { resource_type_id: "team".into() };
            world.resource("org", "acme").annotations.push(any(&child));
        },
        &["resource type team"],
    ),
    both(
        "entitlement-resource-missing",
        |world| world.entitlements.push(entitlement(("group", "gone"), "member", &["user"])),
        &["resource group/gone"],
    )
    .also(&["entitlement-unheld"]),
    both(
        "entitlement-resource-type-unsynced",
        |world| world.entitlements.push(entitlement(("team", "t"), "member", &["user"])),
        &["resource team/t"],
    )
    .also(&["entitlement-unheld"]),
    both(
        "grantable-type-missing",
        |world| {
            let bot = v2::ResourceType { id: "bot".into(), ..Default::default() };
            world.entitlement("group:eng:member").grantable_to.push(bot);
        },
        &["resource type bot"],
    ),
    both("grant-resource-missing", |world| world.drop_resource("app", "crm"), &["resource app/crm"])
        .also(&["entitlement-resource-missing"]),
    both(
        "grant-resource-type-unsynced",
        |world| world.grants.push(grant("team:t:member", ("user", "ada"))),
        &["resource team/t"],
    )
    .also(&["grant-entitlement-type-unsynced"]),
    both(
        "grant-entitlement-missing",
        |world| {
            world.grants.push(grant("app:crm:delete", ("user", "bob")));
            world.grants.push(grant("app:crm:delete", ("user", "ada")));
        },
        &["entitlement app:crm:delete"],
    ),
    both(
        "grant-entitlement-type-unsynced",
        |world| world.grants.push(grant("team:t:member", ("user", "ada"))),
        &["entitlement team:t:member"],
    )
    .also(&["grant-resource-type-unsynced"]),
    both(
        "grant-resource-differs",
        |world| {
            let of = world.grant("app:crm:access:user:ada").entitlement.as_mut().unwrap();
            of.resource.as_mut().unwrap().id = Some(key("role", "admin"));
        },
        &["entitlement app:crm:access"],
    )
    .also(&["entitlement-unheld"]),
    both(
        "grant-principal-missing",
        |world| {
            world.grants.push(grant("app:crm:access", ("user", "ghost")));
            world.grants.push(grant("group:eng:member", ("user", "ghost")));
            world.grants.push(grant("app:crm:access", ("user", "another")));
        },
        &["resource user/another", "resource user/ghost"],
    ),
    both(
        "grant-principal-type-unsynced",
        |world| world.grants.push(grant("app:crm:access", ("bot", "b"))),
        &["resource bot/b"],
    ),
    both("asset-missing", |world| world.assets = vec!["other.png".into()], &["resource app/crm"]),
    sqlite(
        "reference-empty",
        |world| {
            world.raw = Some(|writer| {
                let mut nobody = grant("app:crm:access", ("user", ""));
                nobody.id = "app:crm:access:user:".into();
                raw(writer, "v1_grants", "g", &nobody);
            });
        },
        &["grant app:crm:access:user:"],
    ),
    sqlite(
        "id-empty",
        |world| {
            world.raw = Some(|writer| {
                let nobody = v2::Resource { id: Some(key("user", "")), ..user("x") };
                raw(writer, "v1_resources", "user:", &nobody);
            });
        },
        &["resource user/"],
    )
    .also(&["user-without-grant"]),
    pebble(
        "id-empty",
        |world| world.resources.push(v2::Resource { id: Some(key("user", "")), ..user("x") }),
        &["resource user/"],
    )
    .also(&["user-without-grant"]),
    both(
        "id-too-long",
        |world| {
            let id = "a".repeat(LONG);
            world.resources.push(v2::Resource { display_name: "A".into(), ..user(&id) });
            world.grants.push(grant("app:crm:access", ("user", &id)));
        },
        &["resource user/aaa"],
    ),
    both(
        "id-control-character",
        |world| {
            let mut user = user("a\nb");
            user.annotations[0] = any(&user_trait("ab"));
            world.resources.push(v2::Resource { display_name: "AB".into(), ..user });
            world.grants.push(grant("app:crm:access", ("user", "a\nb")));
        },
        &["resource user/a\nb"],
    ),
    both(
        "id-surrounding-blank",
        |world| {
            let blank = entitlement(("app", "crm"), "use ", &["user"]);
            world.entitlements.push(blank);
            world.grants.push(grant("app:crm:use ", ("user", "ada")));
        },
        &["entitlement app:crm:use "],
    ),
    both(
        "id-case",
        |world| {
            world.resources.push(user("bOB"));
            world.grants.push(grant("app:crm:access", ("user", "bOB")));
            world.resources.push(user("ÉMILE"));
            world.resources.push(user("émile"));
            world.grants.push(grant("app:crm:access", ("user", "émile")));
            world.grants.push(grant("app:crm:access", ("user", "ÉMILE")));
        },
        &["resource user/bob", "resource user/émile"],
    ),
    sqlite(
        "text-not-utf8",
        |world| {
            world.raw = Some(|writer| {
                raw_user(writer, "user:x", b"\x0a\x09\x0a\x04user\x12\x01x\x1a\x05Ren\xe9e");
            });
        },
        &["resource user/x"],
    )
    .also(&["raw-id-missing", "trait-missing", "user-without-grant"]),
    sqlite(
        "resource-type-duplicate",
        |world| {
            world.raw = Some(|writer| {
                let org =
                    v2::ResourceType { id: "org".into(), display_name: "Org".into(), ..Default::default() };
                raw(writer, "v1_resource_types", "org-2", &org);
            });
        },
        &["resource type org"],
    ),
    sqlite(
        "resource-duplicate",
        |world| world.raw = Some(|writer| raw(writer, "v1_resources", "user:ada-2", &user("ada"))),
        &["resource user/ada"],
    ),
    pebble(
        "entitlement-duplicate",
        |world| {
            for id in ["eng", "ops"] {
                let manager =
                    v2::Entitlement { id: "manager".into(), ..entitlement(("group", id), "manager", &[]) };
                world.entitlements.push(manager);
                let mut held = grant(&format!("group:{id}:manager"), ("user", "bob"));
                held.entitlement.as_mut().unwrap().id = "manager".into();
                world.grants.push(held);
            }
        },
        &["entitlement manager"],
    )
    .also(&["entitlement-id-form", "grant-id-form"]),
    sqlite(
        "entitlement-duplicate",
        |world| {
            world.raw = Some(|writer| {
                raw(writer, "v1_entitlements", "e", &entitlement(("group", "eng"), "member", &["user"]));
            });
        },
        &["entitlement group:eng:member"],
    ),
    pebble(
        "grant-duplicate",
        |world| world.grant("app:crm:access:user:ada").id = "group:eng:member:user:ada".into(),
        &["grant group:eng:member:user:ada"],
    )
    .also(&["grant-id-form"]),
    sqlite(
        "grant-twice",
        |world| {
            let again = grant("app:crm:access", ("user", "ada"));
            world.grants.push(v2::Grant { id: "app:crm:access:user:ada:2".into(), ..again });
        },
        &["grant app:crm:access:user:ada"],
    )
    .also(&["grant-id-form"]),
    both(
        "entitlement-id-form",
        |world| {
            let owner =
                v2::Entitlement { id: "owner".into(), ..entitlement(("app", "crm"), "owner", &["user"]) };
            world.entitlements.push(owner);
            let mut held = grant("app:crm:owner", ("user", "bob"));
            held.entitlement.as_mut().unwrap().id = "owner".into();
            held.id = "owner:user:bob".into();
            world.grants.push(held);
        },
        &["resource type app"],
    ),
    both(
        "grant-id-form",
        |world| world.grant("app:crm:access:user:ada").id = "g-1".into(),
        &["resource type app"],
    ),
];

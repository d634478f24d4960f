//! A small company, on one day and on the next.

use std::collections::BTreeSet;

use baton::model::v2;
use baton::store::{NewSync, Stored, SyncKind, Writer};
use v2::entitlement::PurposeValue::{Assignment, Ownership, Permission};
use v2::resource_type::Trait;

use crate::records::{
    ResourceExt, any, entitlement, grant, key, kind, parts, reference, resource, sources, sync, time,
    timestamp,
};
use crate::{Outcome, people};

/// The checkpoint that a finished sync leaves behind.
pub(crate) const DONE: &str = r#"{"current_action_id":57,"needs_expansion":true,"completed_actions_count":57,"ingest_quality":{},"version":1}"#;

const PARTIAL_DONE: &str =
    r#"{"current_action_id":9,"completed_actions_count":9,"ingest_quality":{},"version":1}"#;

/// A red dot.
const LOGO: &[u8] =
    br#"<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><circle cx="4" cy="4" r="3" fill="red"/></svg>"#;

/// All records of one sync.
pub(crate) struct Company {
    pub(crate) types: Vec<v2::ResourceType>,
    pub(crate) resources: Vec<v2::Resource>,
    pub(crate) entitlements: Vec<v2::Entitlement>,
    pub(crate) grants: Vec<v2::Grant>,
}

impl Company {
    /// The first day, or the second: Grace is disabled, the group `eng` is renamed, 小明 has joined it, and Robin has
    /// left the group `ops`.
    pub(crate) fn on_day(second: bool) -> Self {
        let mut company = Self { types: types(), resources: places(), entitlements: vec![], grants: vec![] };
        company.resources.extend(people::all(second));
        company.resources.extend(others(second));
        company.entitle();
        company.grant_all(second);
        company
    }

    fn entitle(&mut self) {
        let of = |ids: &[&str]| -> Vec<_> {
            self.types.iter().filter(|kind| ids.contains(&kind.id.as_str())).collect()
        };
        let users = of(&["user"]);
        let holders = of(&["user", "group"]);
        let mut made = Vec::new();
        for resource in &self.resources {
            let (kind, id) = parts(resource);
            let mut add = |words, purpose, to: &[_]| made.push(entitlement(resource, words, purpose, to));
            match (kind, id) {
                ("org", "acme") => {
                    add(("member", "Member of Acme"), Assignment, &users);
                    add(("owner", "Owner of Acme"), Ownership, &users);
                }
                ("org", _) => add(("member", "Member of Acme Europe"), Assignment, &users),
                ("project", _) => {
                    add(("read", "Read"), Permission, &holders);
                    add(("write", "Write"), Permission, &holders);
                }
                ("group", "eng") => {
                    add(("member", "Member"), Assignment, &users);
                    add(("owner", "Owner"), Ownership, &users);
                }
                ("group", _) => add(("member", "Member"), Assignment, &users),
                ("role", _) => add(("assigned", "Assigned"), Assignment, &holders),
                ("app", _) => add(("access", "Access"), Permission, &holders),
                _ => {}
            }
        }
        made.iter_mut().for_each(annotate);
        self.entitlements = made;
    }

    fn grant_all(&mut self, second: bool) {
        let users: Vec<_> =
            self.resources.iter().map(parts).filter(|(kind, _)| *kind == "user").map(|(_, id)| id).collect();
        let mut grants = self.to_users("org:acme:member", &users);
        let mut add = |entitlement, users: &[&str]| grants.extend(self.to_users(entitlement, users));
        let engineers = &["ada", "zoe", "dmitri", "taro", "robin", "dept/eng:jo smith", "xiaoming"];
        let (_, on_the_first) = engineers.split_last().unwrap_or((&"", &[]));
        let engineers: &[&str] = if second { engineers } else { on_the_first };
        let everyone: &[&str] = &["fatima", "mallory", "formula", "grace", "heidi"];
        add("org:acme:owner", &["ada"]);
        add("org:acme/eu:member", &["zoe", "dmitri", "fatima", "taro", "xiaoming", "dept/eng:jo smith"]);
        add("group:eng:member", engineers);
        add("group:eng:owner", &["ada"]);
        add("group:ops:member", &["svc:deploy", "grace", "mallory"]);
        if !second {
            add("group:ops:member", &["robin"]);
        }
        add("group:everyone:member", everyone);
        add("group:ext/all:odd id:member", &["formula", "u-14"]);
        add("app:wiki:access", &["fatima", "zoe"]);
        add("project:atlas:read", &["ada"]);
        add("project:acme/eu/borealis:read", &["dept/eng:jo smith"]);
        add("project:secret plans:write", &["svc:deploy"]);
        grants.extend(self.to_group("app:wiki:access", "ops", false));
        grants.extend(self.to_group("project:atlas:write", "eng", false));
        grants.extend(self.to_group("role:viewer:assigned", "everyone", true));
        grants.extend(self.inherited("role:viewer:assigned", "group:everyone:member", everyone));
        grants.extend(self.to_group("role:admin:assigned", "eng", true));
        grants.extend(self.inherited("role:admin:assigned", "group:eng:member", engineers));
        grants.extend(self.dangling());
        self.grants = grants;
    }

    fn resource(&self, kind: &str, id: &str) -> Option<&v2::Resource> {
        self.resources.iter().find(|resource| parts(resource) == (kind, id))
    }

    /// One entitlement for each of some users.
    fn to_users(&self, id: &str, users: &[&str]) -> Vec<v2::Grant> {
        let entitlement = self.entitlements.iter().find(|entitlement| entitlement.id == id);
        let users = users.iter().filter_map(|user| self.resource("user", user));
        entitlement.into_iter().flat_map(|e| users.clone().map(move |user| grant(e, user))).collect()
    }

    /// One entitlement for a group, and with `expands` for its members too.
    fn to_group(&self, id: &str, group: &str, expands: bool) -> Option<v2::Grant> {
        let entitlement = self.entitlements.iter().find(|entitlement| entitlement.id == id)?;
        let mut grant = grant(entitlement, self.resource("group", group)?);
        if expands {
            let expandable = v2::GrantExpandable {
                entitlement_ids: vec![format!("group:{group}:member")],
                resource_type_ids: vec!["user".into()],
                ..Default::default()
            };
            grant.annotations.push(any("GrantExpandable", &expandable));
        }
        Some(grant)
    }

    /// What expansion makes of it. Ada holds `role:admin:assigned` in her own right as well.
    fn inherited(&self, id: &str, source: &str, users: &[&str]) -> Vec<v2::Grant> {
        let mut grants = self.to_users(id, users);
        for grant in &mut grants {
            if grant.id == "role:admin:assigned:user:ada" {
                grant.sources = sources(&[(id, true), (source, false)]);
            } else {
                grant.sources = sources(&[(source, false)]);
                grant.annotations.push(any("GrantImmutable", &v2::GrantImmutable::default()));
            }
        }
        grants
    }

    /// A grant to a user, and one of an entitlement, that the sync does not hold.
    fn dangling(&self) -> Vec<v2::Grant> {
        let ghost = resource("user", "ghost", "");
        let ops = self.entitlements.iter().find(|entitlement| entitlement.id == "group:ops:member");
        let atlas = self.resource("project", "atlas");
        let delete = atlas.map(|atlas| entitlement(atlas, ("delete", "Delete"), Permission, &[]));
        let to_ghost = ops.map(|ops| grant(ops, &ghost));
        let of_delete = delete.zip(self.resource("user", "zoe")).map(|(e, zoe)| grant(&e, zoe));
        to_ghost.into_iter().chain(of_delete).collect()
    }

    /// Stores everything but the grants.
    pub(crate) fn put_objects(&self, writer: &mut Writer) -> Outcome<()> {
        for record in &self.types {
            fresh(writer.put_resource_type(record)?, &record.id)?;
        }
        for record in &self.resources {
            fresh(writer.put_resource(record)?, &record.display_name)?;
        }
        for record in &self.entitlements {
            fresh(writer.put_entitlement(record)?, &record.id)?;
        }
        fresh(writer.put_asset("logo/wiki", "image/svg+xml", LOGO)?, "logo")
    }

    /// Stores everything.
    pub(crate) fn put(&self, writer: &mut Writer) -> Outcome<()> {
        self.put_objects(writer)?;
        for record in &self.grants {
            fresh(writer.put_grant(record)?, &record.id)?;
        }
        Ok(())
    }

    /// The group `ops` with its members, and what they need.
    fn only_ops(mut self) -> Self {
        self.entitlements.retain(|entitlement| entitlement.id == "group:ops:member");
        self.grants.retain(|grant| grant.id.starts_with("group:ops:member:"));
        let mut named: BTreeSet<_> =
            self.grants.iter().filter_map(|grant| grant.principal.as_ref()).map(id).collect();
        named.insert(("group".into(), "ops".into()));
        self.resources.retain(|resource| named.contains(&id(resource)));
        self
    }
}

fn id(resource: &v2::Resource) -> (String, String) {
    let (kind, id) = parts(resource);
    (kind.to_owned(), id.to_owned())
}

/// A fixture that writes one record twice is not what it seems.
fn fresh(stored: Stored, what: &str) -> Outcome<()> {
    if stored == Stored::New { Ok(()) } else { Err(format!("{what} is there already").into()) }
}

fn annotate(entitlement: &mut v2::Entitlement) {
    let member_of_one = |order, is_default| v2::EntitlementExclusionGroup {
        exclusion_group_id: "console".into(),
        order,
        is_default,
        ..Default::default()
    };
    let annotation = match entitlement.id.as_str() {
        "role:viewer:assigned" => any("EntitlementExclusionGroup", &member_of_one(1, true)),
        "role:admin:assigned" => any("EntitlementExclusionGroup", &member_of_one(2, false)),
        "role:auditor:assigned" => any("EntitlementImmutable", &v2::EntitlementImmutable::default()),
        _ => return,
    };
    entitlement.annotations.push(annotation);
}

fn types() -> Vec<v2::ResourceType> {
    let mut user = kind("user", "User", &[Trait::User]);
    user.annotations.push(any("SkipEntitlementsAndGrants", &v2::SkipEntitlementsAndGrants::default()));
    let mut secret = kind("secret", "Secret", &[Trait::Secret]);
    secret.description = "Keys and certificates".into();
    vec![
        kind("org", "Organisation", &[]),
        kind("project", "Project", &[]),
        user,
        kind("group", "Group", &[Trait::Group]),
        kind("role", "Role", &[Trait::Role]),
        kind("app", "Application", &[Trait::App]),
        secret,
    ]
}

/// Organisations and their projects.
fn places() -> Vec<v2::Resource> {
    let holds =
        |kind: &str| any("ChildResourceType", &v2::ChildResourceType { resource_type_id: kind.into() });
    vec![
        resource("org", "acme", "Acme GmbH").with(holds("org")).with(holds("project")).with(holds("user")),
        resource("org", "acme/eu", "Acme Europe").child_of("org", "acme").with(holds("project")),
        resource("project", "atlas", "Atlas").child_of("org", "acme").described("Maps, and what they lack"),
        resource("project", "acme/eu/borealis", "Borealis").child_of("org", "acme/eu"),
        resource("project", "secret plans", "Secret Plans").child_of("org", "acme/eu"),
    ]
}

/// Groups, roles, the application and the secrets.
fn others(second: bool) -> Vec<v2::Resource> {
    let group = |id: &str, name: &str| {
        resource("group", id, name)
            .child_of("org", "acme")
            .with(any("GroupTrait", &v2::GroupTrait::default()))
    };
    let role =
        |id: &str, name: &str| resource("role", id, name).with(any("RoleTrait", &v2::RoleTrait::default()));
    let logo = v2::AssetRef { id: "logo/wiki".into() };
    let wiki = v2::AppTrait {
        help_url: "https://wiki.corp.example/help".into(),
        logo: Some(logo.clone()),
        flags: vec![v2::app_trait::AppFlag::Saml.into()],
        ..Default::default()
    };
    let mut app = resource("app", "wiki", "Wiki").with(any("AppTrait", &wiki));
    app.icon = Some(logo);
    vec![
        group("eng", if second { "Engineering & Design" } else { "Engineering" }),
        group("ops", "Operations"),
        group("everyone", "Everyone"),
        group("ext/all:odd id", "Contractors"),
        role("admin", "Administrator"),
        role("viewer", "Viewer"),
        role("auditor", "Auditor"),
        app,
        secret("key-1", "Deploy key", "2027-01-01 00:00:00"),
        secret("key-2", "Expired certificate", "2025-12-31 23:59:59"),
    ]
}

fn secret(id: &str, name: &str, expires_at: &str) -> v2::Resource {
    let details = v2::SecretTrait {
        created_at: timestamp("2024-07-01 12:00:00"),
        expires_at: timestamp(expires_at),
        created_by_id: Some(key("user", "ada")),
        identity_id: Some(key("user", "svc:deploy")),
        ..Default::default()
    };
    let owner = reference(&resource("user", "svc:deploy", ""));
    let mut secret = resource("secret", id, name).with(any("SecretTrait", &details));
    secret.parent_resource_id = owner.id;
    secret
}

/// A finished full sync of a company.
pub(crate) fn full(writer: &mut Writer, new: NewSync, ended_at: &str, company: &Company) -> Outcome<()> {
    writer.begin_sync(new)?;
    company.put(writer)?;
    writer.set_sync_token(DONE)?;
    writer.set_supports_diff()?;
    writer.end_sync(time(ended_at)?)?;
    Ok(())
}

/// The first day's sync.
pub(crate) fn first() -> Outcome<NewSync> {
    sync(SyncKind::Full, "2026-03-01 06:00:00.5", 1)
}

/// A finished sync of the group `ops` alone, on the evening of the first day.
fn partial(writer: &mut Writer, parent_id: String) -> Outcome<()> {
    let new = sync(SyncKind::Partial, "2026-03-01 18:30:00", 2)?;
    writer.begin_sync(NewSync { parent_id, ..new })?;
    Company::on_day(false).only_ops().put(writer)?;
    writer.set_sync_token(PARTIAL_DONE)?;
    writer.end_sync(time("2026-03-01 18:30:01.75")?)?;
    Ok(())
}

/// Two full syncs, a day apart, and an older partial one between them.
pub(crate) fn company(writer: &mut Writer) -> Outcome<()> {
    let new = first()?;
    let parent = new.id.clone();
    full(writer, new, "2026-03-01 06:00:03.25", &Company::on_day(false))?;
    partial(writer, parent)?;
    let new = sync(SyncKind::Full, "2026-03-02 06:00:00.25", 3)?;
    full(writer, new, "2026-03-02 06:00:02.123456789", &Company::on_day(true))
}

/// A full sync, then a partial one.
pub(crate) fn partial_newest(writer: &mut Writer) -> Outcome<()> {
    let new = first()?;
    let parent = new.id.clone();
    full(writer, new, "2026-03-01 06:00:03.25", &Company::on_day(false))?;
    partial(writer, parent)
}

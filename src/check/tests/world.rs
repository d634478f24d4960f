//! A small sound company, in memory, and files of it.

use prost::Name;
use prost_types::Any;
use tempfile::TempDir;

use super::super::*;
use crate::model::time::Instant;
use crate::model::v2::{self, grant_sources::GrantSource, resource_type::Trait};
use crate::store::{NewSync, OpenOptions, Reader, SaveOptions, Source, SyncChoice, SyncKind, Writer};

pub(super) const SYNC: &str = "3AKceuN98XJyPGy2v9g2l5uSogH";

/// All records of a sync. Tests change one thing before they make a file of it.
#[derive(Clone)]
pub(super) struct World {
    pub(super) types: Vec<v2::ResourceType>,
    pub(super) resources: Vec<v2::Resource>,
    pub(super) entitlements: Vec<v2::Entitlement>,
    pub(super) grants: Vec<v2::Grant>,
    pub(super) assets: Vec<String>,
    pub(super) kind: SyncKind,
    pub(super) finished: bool,
    /// Rows as they are, for what only a SQLite file can hold.
    pub(super) raw: Option<fn(&mut Writer)>,
    /// Statements that change the file at the end.
    pub(super) sql: &'static str,
    /// How far the kept counts of grants are off, in a file of the other engine.
    pub(super) miscounted: i64,
}

pub(super) fn any<M: Name>(message: &M) -> Any {
    Any { type_url: M::type_url(), value: message.encode_to_vec() }
}

pub(super) fn key(kind: &str, id: &str) -> v2::ResourceId {
    v2::ResourceId { resource_type: kind.into(), resource: id.into(), ..Default::default() }
}

fn kind(id: &str, traits: &[Trait]) -> v2::ResourceType {
    let traits = traits.iter().map(|item| *item as i32).collect();
    v2::ResourceType { id: id.into(), display_name: id.to_uppercase(), traits, ..Default::default() }
}

pub(super) fn resource(kind: &str, id: &str, annotations: Vec<Any>) -> v2::Resource {
    let display_name = format!("The {kind} {id}");
    v2::Resource { id: Some(key(kind, id)), display_name, annotations, ..Default::default() }
}

pub(super) fn user_trait(id: &str) -> v2::UserTrait {
    let email = v2::user_trait::Email { address: format!("{id}@corp.example"), is_primary: true };
    v2::UserTrait { emails: vec![email], account_type: 1, ..Default::default() }
}

pub(super) fn user(id: &str) -> v2::Resource {
    resource("user", id, vec![any(&user_trait(id)), any(&v2::RawId { id: format!("u-{id}") })])
}

pub(super) fn group(id: &str) -> v2::Resource {
    let parent_resource_id = Some(key("org", "acme"));
    v2::Resource { parent_resource_id, ..resource("group", id, vec![any(&v2::GroupTrait::default())]) }
}

pub(super) fn entitlement(on: (&str, &str), slug: &str, to: &[&str]) -> v2::Entitlement {
    v2::Entitlement {
        resource: Some(v2::Resource { id: Some(key(on.0, on.1)), ..Default::default() }),
        id: format!("{}:{}:{slug}", on.0, on.1),
        display_name: slug.into(),
        slug: slug.into(),
        purpose: 1,
        grantable_to: to
            .iter()
            .map(|id| v2::ResourceType { id: (*id).into(), ..Default::default() })
            .collect(),
        ..Default::default()
    }
}

/// A grant of `TYPE:ID:SLUG`.
pub(super) fn grant(of: &str, to: (&str, &str)) -> v2::Grant {
    let mut parts = of.splitn(3, ':');
    let (kind, id) = (parts.next().unwrap(), parts.next().unwrap());
    v2::Grant {
        id: format!("{of}:{}:{}", to.0, to.1),
        entitlement: Some(v2::Entitlement {
            id: of.into(),
            resource: Some(v2::Resource { id: Some(key(kind, id)), ..Default::default() }),
            ..Default::default()
        }),
        principal: Some(v2::Resource { id: Some(key(to.0, to.1)), ..Default::default() }),
        ..Default::default()
    }
}

pub(super) fn expandable(grant: v2::Grant, by: &[&str]) -> v2::Grant {
    let entitlement_ids = by.iter().map(|id| (*id).to_owned()).collect();
    let annotation = any(&v2::GrantExpandable { entitlement_ids, ..Default::default() });
    v2::Grant { annotations: vec![annotation], ..grant }
}

pub(super) fn inherited(grant: v2::Grant, from: &[&str]) -> v2::Grant {
    let sources = from.iter().map(|id| ((*id).to_owned(), GrantSource { is_direct: true })).collect();
    let annotations = vec![any(&v2::GrantImmutable::default())];
    v2::Grant { annotations, sources: Some(v2::GrantSources { sources }), ..grant }
}

impl World {
    /// A company of which no rule has anything to say.
    pub(super) fn sound() -> Self {
        let icon = Some(v2::AssetRef { id: "crm.png".into() });
        let crm = resource("app", "crm", vec![any(&v2::AppTrait::default())]);
        let org =
            resource("org", "acme", vec![any(&v2::ChildResourceType { resource_type_id: "group".into() })]);
        Self {
            types: vec![
                kind("org", &[]),
                kind("user", &[Trait::User]),
                kind("group", &[Trait::Group]),
                kind("role", &[Trait::Role]),
                kind("app", &[Trait::App]),
            ],
            resources: vec![
                org,
                user("ada"),
                user("bob"),
                group("eng"),
                group("ops"),
                resource("role", "admin", vec![any(&v2::RoleTrait::default())]),
                v2::Resource { icon, ..crm },
            ],
            entitlements: vec![
                entitlement(("group", "eng"), "member", &["user"]),
                entitlement(("group", "ops"), "member", &["user", "group"]),
                entitlement(("role", "admin"), "assigned", &["user", "group"]),
                entitlement(("app", "crm"), "access", &["user"]),
            ],
            grants: vec![
                grant("group:eng:member", ("user", "ada")),
                grant("group:ops:member", ("user", "bob")),
                expandable(grant("group:ops:member", ("group", "eng")), &["group:eng:member"]),
                expandable(grant("role:admin:assigned", ("group", "ops")), &["group:ops:member"]),
                grant("app:crm:access", ("user", "ada")),
                inherited(grant("group:ops:member", ("user", "ada")), &["group:eng:member"]),
                inherited(grant("role:admin:assigned", ("user", "ada")), &["group:ops:member"]),
                inherited(grant("role:admin:assigned", ("user", "bob")), &["group:ops:member"]),
                inherited(grant("role:admin:assigned", ("group", "eng")), &["group:ops:member"]),
            ],
            assets: vec!["crm.png".into()],
            kind: SyncKind::Full,
            finished: true,
            raw: None,
            sql: "",
            miscounted: 0,
        }
    }

    pub(super) fn kind(&mut self, id: &str) -> &mut v2::ResourceType {
        self.types.iter_mut().find(|kind| kind.id == id).unwrap()
    }

    pub(super) fn resource(&mut self, kind: &str, id: &str) -> &mut v2::Resource {
        self.resources.iter_mut().find(|one| one.id == Some(key(kind, id))).unwrap()
    }

    pub(super) fn entitlement(&mut self, id: &str) -> &mut v2::Entitlement {
        self.entitlements.iter_mut().find(|one| one.id == id).unwrap()
    }

    pub(super) fn grant(&mut self, id: &str) -> &mut v2::Grant {
        self.grants.iter_mut().find(|one| one.id == id).unwrap()
    }

    /// Replaces the user trait of a user.
    pub(super) fn set_user(&mut self, id: &str, user: &v2::UserTrait) {
        self.resource("user", id).annotations[0] = any(user);
    }

    /// Takes away a resource and nothing else.
    pub(super) fn drop_resource(&mut self, kind: &str, id: &str) {
        let before = self.resources.len();
        self.resources.retain(|one| one.id != Some(key(kind, id)));
        assert_eq!(self.resources.len(), before - 1);
    }

    /// Takes away a type and nothing else.
    pub(super) fn drop_kind(&mut self, id: &str) {
        self.types.retain(|kind| kind.id != id);
    }

    /// Takes away the grants of an entitlement.
    pub(super) fn drop_grants(&mut self, entitlement: &str) {
        self.grants.retain(|grant| grant.entitlement.as_ref().is_none_or(|of| of.id != entitlement));
    }

    /// A version 1 file of it.
    pub(super) fn sqlite(&self) -> File {
        let mut writer = Writer::create(None).unwrap();
        let start = Instant::parse("2026-03-01 08:00:00").unwrap();
        writer.begin_sync(NewSync::new(SYNC, self.kind, start)).unwrap();
        for record in &self.types {
            writer.put_resource_type(record).unwrap();
        }
        for record in &self.resources {
            writer.put_resource(record).unwrap();
        }
        for record in &self.entitlements {
            writer.put_entitlement(record).unwrap();
        }
        for record in &self.grants {
            writer.put_grant(record).unwrap();
        }
        for id in &self.assets {
            writer.put_asset(id, "image/png", b"png").unwrap();
        }
        if let Some(raw) = self.raw {
            raw(&mut writer);
        }
        match self.finished {
            true => drop(writer.end_sync(start).unwrap()),
            false => writer.leave_sync().unwrap(),
        }
        writer.execute(self.sql).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("company.c1z");
        writer.save(&path, SaveOptions::default()).unwrap();
        File::open(directory, &path)
    }
}

/// A file, opened.
pub(super) struct File {
    _directory: TempDir,
    pub(super) reader: Reader,
}

impl File {
    pub(super) fn open(directory: TempDir, path: &std::path::Path) -> Self {
        let reader = Reader::open(&Source::from(path), &OpenOptions::default(), &mut |_, _| {}).unwrap();
        Self { _directory: directory, reader }
    }

    /// What is found by the rules that are chosen, in order.
    pub(super) fn findings_of(&self, chosen: &dyn Fn(&Rule) -> bool) -> Vec<Finding> {
        let mut findings = Vec::new();
        let choice = SyncChoice::Id(self.reader.runs()[0].id.clone());
        let run = self.reader.choose(&choice).unwrap().run;
        check(self.reader.at(run), chosen, &mut |finding| {
            findings.push(finding);
            ControlFlow::Continue(())
        })
        .unwrap();
        findings
    }

    pub(super) fn findings(&self) -> Vec<Finding> {
        self.findings_of(&|_| true)
    }
}

//! The demo connector: a complete connector over built-in data, which needs no credentials.
//!
//! It is the example to learn from. A connector implements [`Connector`], and for each resource type a
//! [`ResourceSyncer`]; whatever else a type can do is one more trait, which its syncer hands out:
//!
//! | file | type | offers | can also |
//! |---|---|---|---|
//! | `users.rs` | `user` | – | create accounts, delete, rotate passwords; actions `disable_user` and `enable_user` |
//! | `groups.rs` | `group` | `member`, `admin` | grant, revoke, create, delete |
//! | `roles.rs` | `role` | `assignment` | grant, revoke, delete |
//! | `orgs.rs` | `org` | – | have projects as children |
//! | `projects.rs` | `project` | `access`, `owner` | grant, revoke, delete |
//! | `secrets.rs` | `secret` | – | rotate the key |
//!
//! Every type fetches single resources too. `access.rs` is what the types have in common that offer something;
//! `actions.rs` and `events.rs` are the actions and the event feed; `state/` is the system itself, a SQLite database in
//! a file or in memory. [`generate`] makes large files without a system.
//!
//! # The built-in data
//!
//! 16 resources of 6 types, 11 entitlements, 34 grants; two more grants come of expansion.
//!
//! | | | |
//! |---|---|---|
//! | users | Nadia, Oskar, Priya, Ruben, Tomas; Ulla, who is disabled; the service account Deploy Bot | |
//! | group Platform | admin Priya; members Nadia and Oskar | 4 grants |
//! | group Field | admin Tomas; member Ruben | 3 grants |
//! | role Author | Tomas, and Platform with everybody in it | 5 grants |
//! | role Viewer | Platform and Field with everybody in them | 7 grants |
//! | role Auditor | Deploy Bot, Ulla, and Field without those in it | 3 grants |
//! | org Harbour | with the projects Atlas and Field | |
//! | project Atlas | owner Oskar; access for Platform and Field with everybody in them | 8 grants |
//! | project Field | owner Tomas; access for the group Field with everybody in it | 4 grants |
//! | secret Deploy key | of Deploy Bot, made by Tomas | |
//!
//! Admins of a group are members of it, and owners of a project have access to it. The system itself says who has
//! a role or a project through a group, and the connector marks those grants as immutable: they go when their source
//! goes. Only of Auditor it says no more than that a group has it; that grant is expandable, and the engine finds out
//! for whom.

mod access;
mod actions;
mod events;
pub mod generate;
mod groups;
mod orgs;
mod projects;
mod roles;
mod secrets;
mod state;
#[cfg(test)]
mod tests;
mod users;

use std::path::Path;

use prost_types::Timestamp;

use crate::model::v2;
use crate::sync::{
    Actions, Answer, Code, Connector, ConnectorError, EventFeed, Page, Request, ResourceSyncer,
};
use state::{Kind, Object, State};

/// The demo connector.
#[derive(Debug)]
pub struct Demo {
    state: State,
    page_size: usize,
}

/// Small, so that lists of the built-in data have several pages.
const PAGE_SIZE: usize = 3;

impl Demo {
    /// Opens the system: the database in `db_file`, which is made and filled with the built-in data when it is missing
    /// or empty; or without a file one in memory, whose changes go with it.
    ///
    /// # Errors
    /// [`Code::FailedPrecondition`] when the file cannot be opened, or is something else than a demo database, which is
    /// then not touched; [`Code::Unavailable`] when another process keeps it busy.
    pub fn open(db_file: Option<&Path>) -> Answer<Self> {
        Ok(Self { state: State::open(db_file)?, page_size: PAGE_SIZE })
    }

    /// A page of all objects of a kind.
    fn objects<T: Object>(
        &self,
        request: &Request<'_>,
        make: impl Fn(&T) -> v2::Resource,
    ) -> Answer<Page<v2::Resource>> {
        self.page(|most| self.state.list(request.token, most), |object: &T| object.id().to_owned(), make)
    }

    /// A page of rows. The key of its last row is the token of the next page, so that rows which come and go in the
    /// meantime neither hide others nor show them twice.
    fn page<R, T>(
        &self,
        rows: impl FnOnce(usize) -> Answer<Vec<R>>,
        key: impl Fn(&R) -> String,
        make: impl Fn(&R) -> T,
    ) -> Answer<Page<T>> {
        // One more than fits tells whether there is another page.
        let mut rows = rows(self.page_size.saturating_add(1))?;
        let more = rows.len() > self.page_size;
        rows.truncate(self.page_size);
        let next = rows.last().filter(|_| more).map(key).unwrap_or_default();
        Ok(Page::then(rows.iter().map(make), next))
    }
}

impl Connector for Demo {
    fn metadata(&self) -> Answer<v2::ConnectorMetadata> {
        Ok(v2::ConnectorMetadata {
            display_name: "Demo".into(),
            description: "Built-in users, groups, roles and projects, for trying things out".into(),
            account_creation_schema: Some(users::account_schema()),
            ..Default::default()
        })
    }

    fn validate(&self) -> Answer<()> {
        self.state.check()
    }

    fn syncers(&self) -> Vec<Box<dyn ResourceSyncer + '_>> {
        vec![
            Box::new(users::Users(self)),
            Box::new(groups::Groups::of(self)),
            Box::new(roles::Roles::of(self)),
            Box::new(orgs::Orgs(self)),
            Box::new(projects::Projects::of(self)),
            Box::new(secrets::Secrets(self)),
        ]
    }

    fn actions(&self) -> Option<&dyn Actions> {
        Some(self)
    }

    fn event_feeds(&self) -> Vec<Box<dyn EventFeed + '_>> {
        vec![Box::new(events::Audit(self))]
    }
}

/// The resource type of a kind.
fn resource_type(kind: Kind) -> v2::ResourceType {
    match kind {
        Kind::User => users::resource_type(),
        Kind::Group => groups::resource_type(),
        Kind::Role => roles::resource_type(),
        Kind::Org => orgs::resource_type(),
        Kind::Project => projects::resource_type(),
        Kind::Secret => secrets::resource_type(),
    }
}

/// The id of an object of this kind within its type.
fn object_id(kind: Kind, id: &v2::ResourceId) -> Answer<&str> {
    if id.resource_type == kind.word() {
        return Ok(&id.resource);
    }
    Err(invalid(format!("{}/{} is not of the type {kind}", id.resource_type, id.resource)))
}

/// Where people find an object. Nobody answers there.
fn link(kind: Kind, id: &str) -> String {
    format!("https://harbour.example.com/{kind}/{id}")
}

fn invalid(words: impl Into<String>) -> ConnectorError {
    ConnectorError::new(Code::InvalidArgument, words)
}

/// A time of the database, which counts Unix seconds.
fn time(seconds: i64) -> Timestamp {
    Timestamp { seconds, nanos: 0 }
}

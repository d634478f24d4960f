//! What the demo system holds, row by row.

use std::fmt;

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Result, Row};

/// The kinds of objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    User,
    Group,
    Role,
    Org,
    Project,
    Secret,
}

impl Kind {
    pub(crate) const ALL: [Self; 6] =
        [Self::User, Self::Group, Self::Role, Self::Org, Self::Project, Self::Secret];

    /// The word for it, which is also the id of the resource type.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Role => "role",
            Self::Org => "org",
            Self::Project => "project",
            Self::Secret => "secret",
        }
    }

    /// The word for several of them, which is also the name of the table.
    pub(crate) fn plural(self) -> &'static str {
        match self {
            Self::User => "users",
            Self::Group => "groups",
            Self::Role => "roles",
            Self::Org => "orgs",
            Self::Project => "projects",
            Self::Secret => "secrets",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl ToSql for Kind {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(self.word().into())
    }
}

/// Something that has a table of its own.
pub(crate) trait Object: Sized {
    const KIND: Kind;

    fn id(&self) -> &str;

    fn read(row: &Row<'_>) -> Result<Self>;
}

/// Somebody, or some program, that can sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) login: String,
    pub(crate) email: Option<String>,
    pub(crate) title: String,
    /// Whether it is a program.
    pub(crate) service: bool,
    /// Why it cannot sign in; `None`: it can.
    pub(crate) disabled_because: Option<String>,
    /// Unix seconds, as all times here.
    pub(crate) created_at: i64,
    pub(crate) last_login: Option<i64>,
    pub(crate) password_set_at: Option<i64>,
}

impl Object for User {
    const KIND: Kind = Kind::User;

    fn id(&self) -> &str {
        &self.id
    }

    fn read(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            login: row.get("login")?,
            email: row.get("email")?,
            title: row.get("title")?,
            service: row.get::<_, String>("account")? == "service",
            disabled_because: row.get("disabled_because")?,
            created_at: row.get("created_at")?,
            last_login: row.get("last_login")?,
            password_set_at: row.get("password_set_at")?,
        })
    }
}

/// Users who work together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) created_at: i64,
}

impl Object for Group {
    const KIND: Kind = Kind::Group;

    fn id(&self) -> &str {
        &self.id
    }

    fn read(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            description: row.get("description")?,
            created_at: row.get("created_at")?,
        })
    }
}

/// What users and groups may do everywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Role {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) created_at: i64,
}

impl Object for Role {
    const KIND: Kind = Kind::Role;

    fn id(&self) -> &str {
        &self.id
    }

    fn read(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            description: row.get("description")?,
            created_at: row.get("created_at")?,
        })
    }
}

/// Whom projects belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Org {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) created_at: i64,
}

impl Object for Org {
    const KIND: Kind = Kind::Org;

    fn id(&self) -> &str {
        &self.id
    }

    fn read(row: &Row<'_>) -> Result<Self> {
        Ok(Self { id: row.get("id")?, name: row.get("name")?, created_at: row.get("created_at")? })
    }
}

/// What users and groups work on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Project {
    pub(crate) id: String,
    pub(crate) org: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) created_at: i64,
}

impl Object for Project {
    const KIND: Kind = Kind::Project;

    fn id(&self) -> &str {
        &self.id
    }

    fn read(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            org: row.get("org")?,
            name: row.get("name")?,
            description: row.get("description")?,
            created_at: row.get("created_at")?,
        })
    }
}

/// A key with which a program signs in; not the key itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Secret {
    pub(crate) id: String,
    pub(crate) name: String,
    /// The user that it signs in.
    pub(crate) owner: String,
    pub(crate) created_by: Option<String>,
    pub(crate) created_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) last_used_at: Option<i64>,
}

impl Object for Secret {
    const KIND: Kind = Kind::Secret;

    fn id(&self) -> &str {
        &self.id
    }

    fn read(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
            name: row.get("name")?,
            owner: row.get("owner")?,
            created_by: row.get("created_by")?,
            created_at: row.get("created_at")?,
            expires_at: row.get("expires_at")?,
            last_used_at: row.get("last_used_at")?,
        })
    }
}

/// That somebody holds something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    /// What tells it from all others of the same object, and puts them in order.
    pub(crate) key: String,
    pub(crate) slug: String,
    pub(crate) principal_type: String,
    pub(crate) principal: String,
    /// The id of the entitlement from which it follows; `None`: it was given by hand.
    pub(crate) source: Option<String>,
    /// Whether the system does not say that everybody in the group holds it too.
    pub(crate) expandable: bool,
}

impl Held {
    pub(super) fn read(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            key: row.get("key")?,
            slug: row.get("slug")?,
            principal_type: row.get("principal_type")?,
            principal: row.get("principal")?,
            source: Some(row.get("source")?).filter(|source: &String| !source.is_empty()),
            expandable: row.get("expandable")?,
        })
    }
}

/// An entry of the audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Happened {
    pub(crate) number: i64,
    pub(crate) at: i64,
    pub(crate) what: What,
    pub(crate) resource_type: String,
    pub(crate) resource: String,
    /// What was granted or revoked, and to whom; empty for a change.
    pub(crate) slug: String,
    pub(crate) principal_type: String,
    pub(crate) principal: String,
}

impl Happened {
    pub(super) fn read(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
            number: row.get("number")?,
            at: row.get("at")?,
            what: row.get("what")?,
            resource_type: row.get("resource_type")?,
            resource: row.get("resource")?,
            slug: row.get("slug")?,
            principal_type: row.get("principal_type")?,
            principal: row.get("principal")?,
        })
    }
}

/// What can happen to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Granted,
    Revoked,
    /// It was made, changed or deleted.
    Changed,
}

impl ToSql for What {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Granted => "granted".into(),
            Self::Revoked => "revoked".into(),
            Self::Changed => "changed".into(),
        })
    }
}

impl FromSql for What {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value.as_str()? {
            "granted" => Ok(Self::Granted),
            "revoked" => Ok(Self::Revoked),
            "changed" => Ok(Self::Changed),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

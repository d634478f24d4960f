//! What changed from one sync to another.
//!
//! [`compare`] joins the records of two syncs by their identity, whichever engines they are in, and says which were
//! created, deleted or modified, and in which fields.
//!
//! ```text
//! old Snapshot ──┐         equal bytes: the same, nothing is decoded
//!                ├─ join ─► otherwise: fields of both ─► fields that differ ─► Change
//! new Snapshot ──┘         no counterpart ─────────────────────────────────► Change
//! ```
//!
//! | records | found on the other side by |
//! |---|---|
//! | resource types | id |
//! | resources | type and id |
//! | entitlements | id |
//! | grants | id |
//!
//! Neither side is held in memory: what grows is what differs, and what stands in another place. Records with one
//! identity, which some files have, are paired in the order in which they come.
//!
//! # What is a difference
//!
//! Copies of other records are compared by their ids, so that a group that is renamed is one change and not one for
//! each of its grants. What only one of the engines keeps is no difference between two engines: of a resource
//! `batonResource`, `externalId` and `creationSource`. With [`Options::strict`] records are compared as they are
//! stored, as the reference tool does. Text that is not UTF-8 is compared as it is shown, with replacement characters.
//!
//! # Paths of fields
//!
//! Fields have the names that they have in JSON, with dots between what is inside of what; a list is one value.
//!
//! | path | value |
//! |---|---|
//! | `displayName`, `description`, `slug`, `createdAt` … | the text, the time |
//! | `status` | `enabled`, `disabled`, `deleted` |
//! | `status.details` | the reason |
//! | `parentResourceId`, `resource`, `principal` | `type/id` |
//! | `profile.department` | any value; each field of the profile has its path |
//! | `login`, `accountType`, `lastLogin`, `employeeIds` … | fields of the user trait, and of other traits |
//! | `emails` | all addresses |
//! | `emails.primary` | the primary one |
//! | `traits` | of a resource the types of its traits, of a resource type `user`, `group` … |
//! | `purpose` | `assignment`, `permission`, `ownership` |
//! | `grantableTo` | the ids of resource types, sorted |
//! | `sources` | of a grant, the entitlements that it comes from, sorted |
//! | `sources.direct` | those of them that are direct |
//! | `expandable` | of a grant, the entitlements that it expands |
//! | `expandable.shallow`, `expandable.resourceTypeIds` | how |
//! | `annotations.TYPE.field` | of other annotations; `TYPE` has no package when it is a connector's |
//!
//! Status, profile, icon and creation time moved from traits to the resource over the years, and are found in either.
//! A trait that contradicts its resource has its own path, `annotations.UserTrait.status`. Of several annotations with
//! one type the second is `annotations.TYPE[1]`. A name with a dot in it is quoted: `profile."cost.center"`.
//!
//! With [`Options::strict`], fields have the paths of the stored record: `entitlement.displayName`, `status.status`,
//! `annotations.UserTrait.login`; and a difference that none of them shows, in the bytes of an annotation or in a field
//! that is unknown, is `message`, the whole record in base64.

mod annotations;
mod flat;
mod grant;
mod ignore;
mod join;
mod notion;
mod record;
mod room;
pub mod show;
mod side;
#[cfg(test)]
mod tests;
mod word;

use serde_json::Value;

pub use ignore::{Ignore, PatternError, matches};

use crate::store::{Entitlements, Error, Grants, KeptPlace, ResourceTypes, Resources, Snapshot};
use crate::view::Person;
use join::{Which, join};
use notion::Notion;
use record::Family;
use side::{Side, Wanted};

/// The four kinds of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Records {
    /// `c1.connector.v2.ResourceType`
    ResourceTypes,
    /// `c1.connector.v2.Resource`
    Resources,
    /// `c1.connector.v2.Entitlement`
    Entitlements,
    /// `c1.connector.v2.Grant`
    Grants,
}

impl Records {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::ResourceTypes, Self::Resources, Self::Entitlements, Self::Grants];

    /// What they are called on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ResourceTypes => "resource-types",
            Self::Resources => "resources",
            Self::Entitlements => "entitlements",
            Self::Grants => "grants",
        }
    }
}

/// What happened to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Only the new sync has it.
    Created,
    /// Only the old sync has it.
    Deleted,
    /// Both have it, and it is not the same.
    Modified,
}

/// One field that is not the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its path, such as `profile.department`.
    pub path: String,
    /// What it was; `None` when it was not there.
    pub old: Option<Value>,
    /// What it is; `None` when it is no longer there.
    pub new: Option<Value>,
}

/// One record that is not the same in both syncs.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// What it is.
    pub records: Records,
    /// What happened to it.
    pub kind: Kind,
    /// Its name as in the output format `name`: `type/id` of a resource, else the id.
    pub name: Vec<u8>,
    /// Where it stands in the old file; `None` when it was created.
    pub old: Option<KeptPlace>,
    /// Where it stands in the new file; `None` when it was deleted.
    pub new: Option<KeptPlace>,
    /// Of a modified record, the fields that differ, by their paths; else none.
    pub fields: Vec<Field>,
}

/// What is compared, and how.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Compares records as they are stored, as the reference tool does.
    pub strict: bool,
    /// Which records; none named: all.
    pub only: Vec<Records>,
    /// Only resource types with these ids, resources of these types, entitlements and grants of such resources; none
    /// named: all.
    pub kinds: Vec<String>,
    /// Only this resource, and grants to it.
    pub principal: Option<Person>,
    /// Only entitlements whose id or slug matches one of these patterns, and grants of them; none named: all.
    pub entitlements: Vec<String>,
    /// Fields that are not compared.
    pub ignore: Ignore,
    /// Bytes that may be kept of records whose counterpart has not been met yet; `None`: 64 MiB.
    pub room: Option<usize>,
}

/// Compares two syncs. Changes are sorted by kind of record, name, and what happened.
///
/// # Errors
/// [`Error`] when a file cannot be read. Rows that do not parse are passed over and noted with their readers.
pub fn compare(old: Snapshot<'_>, new: Snapshot<'_>, options: &Options) -> Result<Vec<Change>, Error> {
    if old.is_same_as(&new)? {
        return Ok(Vec::new());
    }
    let wanted = Wanted::new(options, old, new)?;
    let notion = Notion::new(old, new, options);
    let mut changes = Vec::new();
    compare_family::<ResourceTypes>(&notion, &wanted, &mut changes)?;
    compare_family::<Resources>(&notion, &wanted, &mut changes)?;
    compare_family::<Entitlements>(&notion, &wanted, &mut changes)?;
    compare_family::<Grants>(&notion, &wanted, &mut changes)?;
    Ok(changes)
}

fn compare_family<F: Family>(
    notion: &Notion<'_, '_>,
    wanted: &Wanted<'_>,
    changes: &mut Vec<Change>,
) -> Result<(), Error> {
    if !wanted.any_of(F::RECORDS) {
        return Ok(());
    }
    let mut old = Side::<F>::new(notion.side(Which::Old), wanted)?;
    let mut new = Side::<F>::new(notion.side(Which::New), wanted)?;
    let mut met = join(&mut old, &mut new, notion, wanted.room())?;
    met.sort_unstable_by(|a, b| a.order().cmp(&b.order()));
    for met in met {
        changes.extend(notion.change::<F>(met)?);
    }
    Ok(())
}

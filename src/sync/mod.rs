//! Making `.c1z` files: what a connector is, and the engine that drives one.
//!
//! A **connector** knows one system, such as a directory, a code host or a database, and answers one question about it: *who
//! has access to what?* It says so in four kinds of records:
//!
//! * **resource types**: what kinds of things there are, such as `user`, `group`, `repository`;
//! * **resources**: the things themselves;
//! * **entitlements**: what a resource offers, such as being a `member` of a group or having `write` on a repository;
//! * **grants**: who, the *principal*, holds which entitlement.
//!
//! An author writes a [`Connector`] with one [`ResourceSyncer`] for each type. The engine, [`Sync`], calls them, checks
//! what they say, and writes it into a file.
//!
//! # A whole connector
//!
//! Two groups, their members, and a group that is within another:
//!
//! ```
//! use baton::model::v2::{ConnectorMetadata, Entitlement, Grant, Resource, ResourceId, ResourceType};
//! use baton::sync::build::{self, Trait};
//! use baton::sync::{Answer, Connector, Page, Request, ResourceSyncer, Sync};
//!
//! /// The system: groups, and who is in them.
//! const GROUPS: [(&str, &[&str]); 2] = [("everyone", &["ada", "grace"]), ("admins", &["ada"])];
//!
//! struct Example;
//!
//! impl Connector for Example {
//!     fn metadata(&self) -> Answer<ConnectorMetadata> {
//!         Ok(ConnectorMetadata { display_name: "Example".into(), ..Default::default() })
//!     }
//!
//!     fn syncers(&self) -> Vec<Box<dyn ResourceSyncer + '_>> {
//!         vec![Box::new(Users), Box::new(Groups)]
//!     }
//! }
//!
//! struct Users;
//!
//! impl ResourceSyncer for Users {
//!     fn resource_type(&self) -> ResourceType {
//!         // A user offers nothing, so nobody need ask.
//!         build::resource_type("User").trait_(Trait::User).skip_entitlements_and_grants().build()
//!     }
//!
//!     // One user a page: the token says which. The engine follows `next` until it is empty.
//!     fn list(&self, _parent: Option<&ResourceId>, request: &Request<'_>) -> Answer<Page<Resource>> {
//!         let users = ["ada", "grace"];
//!         let number: usize = request.token.parse().unwrap_or(0);
//!         let login = users[number];
//!         let account = build::user().login(login).email(format!("{login}@example.com"));
//!         let user = build::resource(&self.resource_type(), login, login).user(account).build();
//!         let next = if number + 1 < users.len() { (number + 1).to_string() } else { String::new() };
//!         Ok(Page::then([user], next))
//!     }
//! }
//!
//! struct Groups;
//!
//! impl ResourceSyncer for Groups {
//!     fn resource_type(&self) -> ResourceType {
//!         build::resource_type("Group").trait_(Trait::Group).build()
//!     }
//!
//!     fn list(&self, _parent: Option<&ResourceId>, _: &Request<'_>) -> Answer<Page<Resource>> {
//!         let group = |&(name, _): &(&str, _)| {
//!             build::resource(&self.resource_type(), name, name).group(build::group()).build()
//!         };
//!         Ok(Page::last(GROUPS.iter().map(group)))
//!     }
//!
//!     fn entitlements(&self, group: &Resource, _: &Request<'_>) -> Answer<Page<Entitlement>> {
//!         Ok(Page::last([build::assignment(group, "member").grantable_to([&Users.resource_type()]).build()]))
//!     }
//!
//!     fn grants(&self, group: &Resource, _: &Request<'_>) -> Answer<Page<Grant>> {
//!         let id = group.id.as_ref().map_or("", |id| &id.resource);
//!         let members = GROUPS.iter().filter(|(name, _)| *name == id).flat_map(|(_, members)| *members);
//!         Ok(Page::last(members.map(|&login| build::grant(group, "member", &build::id("user", login)).build())))
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! let file = folder.path().join("sync.c1z");
//! let outcome = Sync::new(&Example).run(&file)?;
//! assert_eq!((outcome.stats.resources, outcome.stats.grants), (4, 3));
//!
//! // And back again.
//! use baton::store::{GrantFilter, OpenOptions, Reader, Source, SyncChoice};
//! let reader = Reader::open(&Source::Path(file), &OpenOptions::default(), &mut |_, _| {})?;
//! let newest = reader.choose(&SyncChoice::Newest)?.run;
//! let mut ids = Vec::new();
//! let mut scan = reader.at(newest).grants(&GrantFilter::default())?;
//! let mut rows = scan.rows()?;
//! while rows.next(|grant| ids.push(String::from_utf8_lossy(grant.id).into_owned()))?.is_some() {}
//! assert_eq!(
//!     ids,
//!     ["group:everyone:member:user:ada", "group:everyone:member:user:grace", "group:admins:member:user:ada"]
//! );
//! # Ok(())
//! # }
//! ```
//!
//! A program around it, with flags, logging and all that users expect of one, is a line more: see
//! [`runner`](crate::runner).
//!
//! # How a sync goes
//!
//! ```text
//! resource types ─▶ resources ─▶ entitlements ─▶ grants ─▶ expansion ─▶ sync.c1z
//!                     └─▶ children
//! ```
//!
//! A stage covers all types before the next begins; within a stage no order is promised, so a connector never relies on
//! having been asked something before.
//!
//! **Children.** [`ResourceSyncer::list`] is called once without a parent. A resource that has children of a type says so with
//! [`child_type`](build::ResourceBuilder::child_type); then the syncer of that type is asked for the children of that resource.
//!
//! **Pages.** A page names the next one by a token that only the connector understands. The token may be anything: a number, a
//! cursor of the system, or a [`Bag`] when a list is made of several. A token that comes twice in one list would
//! make it endless, and is an error that names it.
//!
//! **What is let in.** A resource without a type or an id, or an entitlement without an id or a resource, is skipped and
//! counted. A grant that lacks an end stops the sync, since nobody could tell what it is worth. Entitlements and grants
//! of types that are not synced are dropped and counted. A grant to somebody who is not in the file is kept:
//! that is worth knowing.
//!
//! **Failures.** A call that fails with [`Code::Unavailable`] or [`Code::DeadlineExceeded`] is made again after a second, then
//! two, up to a minute, or when a [`RateLimit`] says. [`Code::NotFound`] while listing what belongs to a resource is a
//! warning: it went away in the meantime. Everything else stops the sync.
//!
//! **Interruptions.** While a sync runs, what it collected lies in a database beside the target (`.sync.c1z.sync`), a
//! transaction for each page. After a crash, a kill or an error the next run goes on from the last page. A [`Stop`] writes
//! what there is into the target, and the next run goes on from there as well. The target is always the old file or the whole new
//! one.
//!
//! **Inheritance.** A grant to a group can say that whoever is in the group has it too
//! ([`expandable`](build::GrantBuilder::expandable)). The last stage writes those grants out; [`expand`] says how.
//!
//! # More than listing
//!
//! A syncer that can do more implements another trait and returns itself from the method of that name:
//! [`Targeted`], [`Provisioner`], [`AccountManager`], [`ResourceManager`], [`ResourceDeleter`], [`CredentialRotator`],
//! [`Actions`], [`StaticEntitlements`]; a connector may have [`Actions`] and [`EventFeed`]s. [`capabilities`] reads off
//! what a connector can do from what it returns.

mod actions;
mod bag;
pub mod bid;
pub mod build;
mod capabilities;
mod clock;
mod contract;
mod engine;
mod error;
mod event;
pub mod expand;
pub mod password;
mod provision;
mod registry;
mod session;

pub use actions::{Actions, EventFeed, EventPage};
pub use bag::{Bag, PageState};
pub use capabilities::{capabilities, capabilities_json};
pub use clock::{Clock, Stop, SystemClock};
pub use contract::{Connector, Page, Request, ResourceSyncer};
pub use engine::{Outcome, Sync, SyncError, Target};
pub use error::{Answer, Code, ConnectorError, RateLimit};
pub use event::{Count, Deaf, Event, Observer, Stage};
pub use provision::{
    AccountManager, AccountOutcome, CredentialChoices, CredentialRotator, Credentials, Granted, NewAccount,
    Provisioner, Removed, ResourceDeleter, ResourceManager, Secret, StaticEntitlements, Targeted,
};
pub use registry::Registry;
pub use session::{MAX_KEY, MAX_VALUE, Session};

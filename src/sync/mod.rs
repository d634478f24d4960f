//! Making `.c1z` files: the contract of a connector, and the engine that drives it.

mod actions;
mod clock;
mod contract;
mod engine;
mod error;
mod event;
mod provision;
mod registry;
mod session;

pub use actions::{Actions, EventFeed, EventPage};
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

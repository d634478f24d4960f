//! The command line that all connectors have in common.
//!
//! A connector is a type that implements [`Connector`]. One that needs no configuration becomes a program so:
//!
//! ```no_run
//! # use baton::sync::{Answer, Connector, ResourceSyncer};
//! # use baton::model::v2;
//! # struct Acme;
//! # impl Connector for Acme {
//! #     fn metadata(&self) -> Answer<v2::ConnectorMetadata> { Ok(v2::ConnectorMetadata::default()) }
//! #     fn syncers(&self) -> Vec<Box<dyn ResourceSyncer + '_>> { Vec::new() }
//! # }
//! fn main() -> std::process::ExitCode {
//!     baton::runner::main(Acme)
//! }
//! ```
//!
//! One that wants to be told something declares it as [`Field`]s, and is made from the [`Config`] that holds them:
//!
//! ```no_run
//! # use baton::sync::{Answer, Connector, ResourceSyncer};
//! # use baton::model::v2;
//! # struct Acme;
//! # impl Acme { fn new(_: String, _: i64) -> Answer<Self> { Ok(Self) } }
//! # impl Connector for Acme {
//! #     fn metadata(&self) -> Answer<v2::ConnectorMetadata> { Ok(v2::ConnectorMetadata::default()) }
//! #     fn syncers(&self) -> Vec<Box<dyn ResourceSyncer + '_>> { Vec::new() }
//! # }
//! use baton::runner::{Field, Runner};
//!
//! fn main() -> std::process::ExitCode {
//!     let token = Field::text("token").describe("A token that may read users").secret().required();
//!     let pages = Field::number("page-size").describe("Users per page").default(100).range(1..=500);
//!     Runner::new("baton-acme")
//!         .version(env!("CARGO_PKG_VERSION"))
//!         .about("Who has access to what in Acme")
//!         .field(&token)
//!         .field(&pages)
//!         .main(|config| Acme::new(config.get(&token), config.get(&pages)))
//! }
//! ```
//!
//! Both then sync into `sync.c1z`, or do one other task and end: grant or revoke what the file knows of, create an account,
//! delete a resource, rotate credentials, print events, run an action. `capabilities` and `config` print the two files that
//! connectors are published with. `--help` tells of all flags; each is also a variable.
//!
//! # What is printed
//!
//! Standard output is for what was asked. A change to the system prints one line of JSON, whose `outcome` is one of these:
//!
//! | task | outcomes | beside it |
//! |---|---|---|
//! | grant | `granted`, `already-granted` | `entitlementId`, `principal`, `grantIds` |
//! | revoke | `revoked`, `already-revoked` | `grantId` |
//! | create an account | `created`, `already-exists`, `action-required`, `in-progress` | `resource`, `displayName`, `message`, `secrets` |
//! | delete | `deleted`, `already-gone` | `resource` |
//! | rotate credentials | `rotated` | `resource`, `secrets` |
//!
//! A resource is `{"resourceType": …, "resource": …}`. A secret has a `name` and a `description`, and its `value` (or
//! `base64`, when it is no text) only with `--show-secrets`. Events come one a line, an action prints its answer.
//!
//! Nothing is written to the file: what changed shows in the next sync. Grants, revocations and deletions are tried three times
//! while the system cannot be reached; what might come out twice is not.
//!
//! Everything else is logged through the `log` crate, on standard error unless `--log-path` says otherwise: lines for
//! people on a terminal, else an object per line with `level`, `ts` and `msg`. Errors follow the log: where it is made of
//! objects, they are objects too.
//!
//! # How it ends
//!
//! 0 when all is done, also when it was so already; 2 for trouble; 130 after a signal. The first signal stops a sync
//! cleanly: what it has is saved, and the next run goes on from there. The second ends the process at once.

mod command;
mod config;
mod demo;
mod error;
mod field;
mod flags;
mod job;
mod log;
mod progress;
mod schema;
mod signal;
mod tasks;
#[cfg(test)]
mod testing;
mod value;

use std::process::ExitCode;

use clap::ArgMatches;

pub use self::config::Config;
pub use self::demo::main as demo_main;
use self::field::Spec;
pub use self::field::{AnyField, Field};
use self::job::Job;
pub use self::value::Value;
use crate::sync::{Answer, Connector};
use crate::ui::{CommandError, Ui};

/// Runs a connector that needs no configuration, under the name of its program.
pub fn main(connector: impl Connector) -> ExitCode {
    let program = std::env::current_exe().ok();
    let name = program.as_deref().and_then(std::path::Path::file_stem).map(|name| name.to_string_lossy());
    Runner::new(name.as_deref().unwrap_or("connector")).main(|_| Ok(connector))
}

/// The program around a connector: its name, and what it wants to be told.
pub struct Runner {
    name: String,
    title: String,
    version: &'static str,
    about: String,
    help_url: String,
    icon_url: String,
    fields: Vec<AnyField>,
    unconfigured: Option<Box<dyn Connector>>,
    extra: Option<Extra>,
}

/// A sub-command of one program only.
#[derive(Debug)]
struct Extra {
    command: clap::Command,
    run: fn(&Ui, &ArgMatches) -> Result<(), CommandError>,
}

impl Runner {
    /// A program of this name, such as `baton-acme`.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            title: String::new(),
            version: env!("CARGO_PKG_VERSION"),
            about: "Collects who has access to what into a .c1z file".into(),
            help_url: String::new(),
            icon_url: String::new(),
            fields: Vec::new(),
            unconfigured: None,
            extra: None,
        }
    }

    /// Its version; that of this library if nobody says.
    #[must_use]
    pub fn version(mut self, version: &'static str) -> Self {
        self.version = version;
        self
    }

    /// What it is for, in a line for the help.
    #[must_use]
    pub fn about(mut self, about: impl Into<String>) -> Self {
        self.about = about.into();
        self
    }

    /// The name of the system, for forms.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Where its documentation is, for forms.
    #[must_use]
    pub fn help_url(mut self, url: impl Into<String>) -> Self {
        self.help_url = url.into();
        self
    }

    /// Where its icon is, for forms.
    #[must_use]
    pub fn icon_url(mut self, url: impl Into<String>) -> Self {
        self.icon_url = url.into();
        self
    }

    /// Something that the connector wants to be told.
    #[must_use]
    pub fn field(mut self, field: impl Into<AnyField>) -> Self {
        self.fields.push(field.into());
        self
    }

    /// A connector that was told nothing, and need not work; `capabilities` looks at it, so that whoever builds and
    /// publishes the program needs no credentials.
    #[must_use]
    pub fn unconfigured(mut self, connector: impl Connector + 'static) -> Self {
        self.unconfigured = Some(Box::new(connector));
        self
    }

    /// A sub-command of its own.
    fn extra(
        mut self,
        command: clap::Command,
        run: fn(&Ui, &ArgMatches) -> Result<(), CommandError>,
    ) -> Self {
        self.extra = Some(Extra { command, run });
        self
    }

    /// Does what the command line and the environment of the process say; `connect` makes the connector.
    pub fn main<C: Connector>(self, connect: impl FnOnce(&Config) -> Answer<C>) -> ExitCode {
        Job::new(&self).run(std::env::args_os(), &|name| std::env::var_os(name), connect)
    }

    /// The connector's own fields.
    fn specs(&self) -> impl Iterator<Item = &Spec> {
        self.fields.iter().map(|AnyField(spec)| spec)
    }
}

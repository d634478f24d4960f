//! The fields that every connector has: where the file is, what to log, and the tasks other than a full sync.

use std::path::PathBuf;

use super::field::{Field, Help, Spec};

/// The fields of every connector.
#[derive(Debug)]
pub(super) struct Common {
    pub(super) file: Field<PathBuf>,
    pub(super) temp_dir: Field<PathBuf>,
    pub(super) log: Logging,
    pub(super) sync: Syncing,
    pub(super) provision: Provisioning,
    pub(super) ask: Asking,
}

/// What is logged, how, and where.
#[derive(Debug)]
pub(super) struct Logging {
    pub(super) level: Field<String>,
    pub(super) format: Field<String>,
    pub(super) path: Field<Vec<String>>,
}

/// What is synced.
#[derive(Debug)]
pub(super) struct Syncing {
    pub(super) resources: Field<Vec<String>>,
    pub(super) types: Field<Vec<String>>,
    pub(super) resources_only: Field<bool>,
    pub(super) skip_grants: Field<bool>,
    pub(super) fresh: Field<bool>,
    pub(super) keep: Field<i64>,
    pub(super) keep_all: Field<bool>,
    pub(super) engine: Field<String>,
}

/// Changes to the system.
#[derive(Debug)]
pub(super) struct Provisioning {
    pub(super) grant_entitlement: Field<String>,
    pub(super) grant_principal: Field<String>,
    pub(super) grant_principal_type: Field<String>,
    pub(super) revoke: Field<String>,
    pub(super) account_login: Field<String>,
    pub(super) account_email: Field<String>,
    pub(super) account_profile: Field<String>,
    pub(super) account_type: Field<String>,
    pub(super) delete: Field<String>,
    pub(super) delete_type: Field<String>,
    pub(super) rotate: Field<String>,
    pub(super) rotate_type: Field<String>,
    pub(super) show_secrets: Field<bool>,
    pub(super) allowed: Field<bool>,
}

/// Events, and actions of the connector's own.
#[derive(Debug)]
pub(super) struct Asking {
    pub(super) events: Field<bool>,
    pub(super) feed: Field<String>,
    pub(super) since: Field<String>,
    pub(super) cursor: Field<String>,
    pub(super) action: Field<String>,
    pub(super) arguments: Field<String>,
    pub(super) action_type: Field<String>,
    pub(super) list_actions: Field<bool>,
}

/// Flags that mean a service, which a connector of ours is not: it does one task, and ends.
pub(super) const SERVICE: &[&str] = &[
    "client-id",
    "client-secret",
    "health-check",
    "health-check-bind-address",
    "health-check-port",
    "keep-previous-sync-c1z",
    "skip-full-sync",
    "task-concurrency",
    "ticketing",
];

impl Common {
    pub(super) fn new() -> Self {
        let help = Help { heading: "Common options", ..Help::default() };
        Self {
            file: Field::path("file")
                .describe("The .c1z file that a sync writes, and that grants are looked up in")
                .default("sync.c1z")
                .required()
                .help(Help { short: Some('f'), value: "FILE", ..help }),
            temp_dir: Field::path("c1z-temp-dir")
                .describe("Where to unpack a .c1z file that does not fit in memory [default: $TMPDIR]")
                .help(Help { value: "DIR", long_only: true, ..help }),
            log: Logging::new(help),
            sync: Syncing::new(),
            provision: Provisioning::new(),
            ask: Asking::new(),
        }
    }

    /// All of them, in the order of the help.
    pub(super) fn specs(&self) -> Vec<&Spec> {
        let mut specs = vec![self.file.spec()];
        specs.extend(self.log.specs());
        specs.push(self.temp_dir.spec());
        let (sync, provision, ask) = (&self.sync, &self.provision, &self.ask);
        specs.extend([sync.types.spec(), sync.resources.spec(), sync.resources_only.spec()]);
        specs.extend([sync.skip_grants.spec(), sync.fresh.spec(), sync.keep.spec(), sync.keep_all.spec()]);
        specs.push(sync.engine.spec());
        specs.extend([
            provision.grant_entitlement.spec(),
            provision.grant_principal.spec(),
            provision.grant_principal_type.spec(),
            provision.revoke.spec(),
            provision.account_login.spec(),
            provision.account_email.spec(),
            provision.account_profile.spec(),
            provision.account_type.spec(),
            provision.delete.spec(),
            provision.delete_type.spec(),
            provision.rotate.spec(),
            provision.rotate_type.spec(),
            provision.show_secrets.spec(),
            provision.allowed.spec(),
        ]);
        specs.extend([ask.events.spec(), ask.feed.spec(), ask.since.spec(), ask.cursor.spec()]);
        specs.extend([
            ask.action.spec(),
            ask.arguments.spec(),
            ask.action_type.spec(),
            ask.list_actions.spec(),
        ]);
        specs
    }
}

impl Logging {
    fn new(help: Help) -> Self {
        Self {
            level: Field::text("log-level")
                .describe("How much is logged: debug, info, warn, error")
                .default("info")
                .one_of(["debug", "info", "warn", "error"])
                .help(Help { value: "LEVEL", ..help }),
            format: Field::text("log-format")
                .describe("console, or json: an object per line [default: console on a terminal, else json]")
                .one_of(["console", "json"])
                .help(Help { value: "FORMAT", ..help }),
            path: Field::list("log-path")
                .describe("Where to log: stderr, stdout, or files, which are appended to [default: stderr]")
                .help(Help { value: "PATH", ..help }),
        }
    }

    pub(super) fn specs(&self) -> [&Spec; 3] {
        [self.level.spec(), self.format.spec(), self.path.spec()]
    }
}

impl Syncing {
    fn new() -> Self {
        let help = Help { heading: "Sync options", ..Help::default() };
        Self {
            resources: Field::list("sync-resources")
                .describe("Only these resources and what belongs to them, as bid:r:TYPE/ID: a partial sync")
                .help(Help { value: "BID,BID", ..help }),
            types: Field::list("sync-resource-types")
                .describe("Only these resource types")
                .help(Help { value: "TYPE,TYPE", ..help }),
            resources_only: Field::flag("skip-entitlements-and-grants").describe("Only resources").help(help),
            skip_grants: Field::flag("skip-grants")
                .describe("With --sync-resources: no grants")
                .help(Help { long_only: true, ..help }),
            fresh: Field::flag("fresh")
                .describe("Begin anew instead of going on with a sync that was stopped or killed")
                .help(help),
            keep: Field::number("keep-syncs")
                .describe("How many full syncs the file keeps, the new one included [default: 2]")
                .range(1..=i64::from(u32::MAX))
                .variable("BATON_KEEP_SYNC_COUNT")
                .help(help),
            keep_all: Field::flag("skip-cleanup").describe("Keep all earlier syncs").help(help),
            engine: Field::text("storage-engine")
                .describe("What is inside of the file: sqlite")
                .one_of(["sqlite"])
                .help(Help { long_only: true, value: "ENGINE", ..help }),
        }
    }
}

impl Provisioning {
    fn new() -> Self {
        let help = Help { heading: "Provisioning, instead of a sync", long_only: true, ..Help::default() };
        let id = Help { value: "ID", ..help };
        let kind = Help { value: "TYPE", ..help };
        Self {
            grant_entitlement: Field::text("grant-entitlement")
                .describe("Grant this entitlement of the last sync in the file; needs the next two")
                .help(id),
            grant_principal: Field::text("grant-principal").describe("To the principal of this id").help(id),
            grant_principal_type: Field::text("grant-principal-type").describe("And of this type").help(kind),
            revoke: Field::text("revoke-grant")
                .describe("Revoke this grant of the last sync in the file")
                .help(id),
            account_login: Field::text("create-account-login")
                .describe("Create an account with this login")
                .help(Help { value: "LOGIN", ..help }),
            account_email: Field::text("create-account-email")
                .describe("Its e-mail address")
                .help(Help { value: "ADDRESS", ..help }),
            account_profile: Field::text("create-account-profile")
                .describe("Its profile, a JSON object; `login` and `email` in it stand for the flags")
                .help(Help { value: "JSON", ..help }),
            account_type: Field::text("create-account-resource-type")
                .describe("Its resource type, where the connector has several kinds of accounts")
                .help(kind),
            delete: Field::text("delete-resource").describe("Delete this resource; needs the next").help(id),
            delete_type: Field::text("delete-resource-type").describe("Which is of this type").help(kind),
            rotate: Field::text("rotate-credentials")
                .describe("Replace the credentials of this resource; needs the next")
                .help(id),
            rotate_type: Field::text("rotate-credentials-type").describe("Which is of this type").help(kind),
            show_secrets: Field::flag("show-secrets")
                .describe("Print new passwords and keys with the outcome; nobody tells them later")
                .help(help),
            allowed: Field::flag("provisioning")
                .describe("Accepted for old scripts: the flags above need no permission")
                .help(Help { short: Some('p'), ..help }),
        }
    }
}

impl Asking {
    fn new() -> Self {
        let help =
            Help { heading: "Events and actions, instead of a sync", long_only: true, ..Help::default() };
        Self {
            events: Field::flag("event-feed")
                .describe("Print what happened in the system, a JSON object per line")
                .help(Help { loose: true, ..help }),
            feed: Field::text("event-feed-id")
                .describe("From this feed, where the connector has several")
                .help(Help { value: "ID", ..help }),
            since: Field::text("event-feed-start-at")
                .describe("Since this time, such as 2026-08-01T00:00:00Z [default: a day ago]")
                .help(Help { value: "TIME", ..help }),
            cursor: Field::text("event-feed-cursor")
                .describe("Since the event where an earlier run ended; its log tells the cursor")
                .help(Help { value: "CURSOR", ..help }),
            action: Field::text("invoke-action")
                .describe("Run this action of the connector, and print its answer as JSON")
                .help(Help { value: "NAME", ..help }),
            arguments: Field::text("invoke-action-args")
                .describe("With these arguments, a JSON object")
                .default("{}")
                .help(Help { value: "JSON", ..help }),
            action_type: Field::text("invoke-action-resource-type")
                .describe("An action on resources of this type")
                .help(Help { value: "TYPE", ..help }),
            list_actions: Field::flag("list-action-schemas")
                .describe("Print all actions of the connector as JSON")
                .help(help),
        }
    }
}

//! A connector that says what a test tells it to say, and a stage for tasks to run on.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prost_types::{Struct, Timestamp};

use super::{Context, Task};
use crate::model::time::Instant;
use crate::model::v2;
use crate::model::v2::CapabilityDetailCredentialOption as Choice;
use crate::runner::config::Config;
use crate::runner::flags::Common;
use crate::runner::testing::heard;
use crate::store::{NewSync, OpenOptions, SaveOptions, SyncKind, Writer};
use crate::sync::build::{self, annotations};
use crate::sync::{
    AccountManager, AccountOutcome, Actions, Answer, Clock, Code, Connector, ConnectorError,
    CredentialChoices, CredentialRotator, Credentials, EventFeed, EventPage, Granted, NewAccount, Page,
    Provisioner, Removed, Request, ResourceDeleter, ResourceSyncer, Secret, Stop,
};
use crate::ui::{Colour, CommandError, Kind, Ui};

/// A connector of users and groups.
#[derive(Default)]
pub(super) struct Acme {
    /// What the next calls that change something fail with.
    pub(super) failures: RefCell<VecDeque<ConnectorError>>,
    /// What was called.
    pub(super) calls: RefCell<Vec<String>>,
    /// Whether the system is already as wanted.
    pub(super) already: bool,
    /// What creating an account comes to, if not a new account.
    pub(super) account: Option<AccountOutcome>,
    /// The choices of credentials; random passwords if empty.
    pub(super) choices: Vec<Choice>,
    /// Ids of event feeds, each with one event per page.
    pub(super) feeds: Vec<&'static str>,
    /// Types that manage accounts; `user` if empty.
    pub(super) account_types: Vec<&'static str>,
    /// Uttered while a page of grants is fetched.
    pub(super) stop: Option<Stop>,
}

impl Acme {
    fn called(&self, call: String) -> Answer<()> {
        self.calls.borrow_mut().push(call);
        self.failures.borrow_mut().pop_front().map_or(Ok(()), Err)
    }
}

impl Connector for Acme {
    fn metadata(&self) -> Answer<v2::ConnectorMetadata> {
        Ok(v2::ConnectorMetadata::default())
    }

    fn syncers(&self) -> Vec<Box<dyn ResourceSyncer + '_>> {
        let mut kinds = vec!["user", "group", "foreign"];
        kinds.extend(self.account_types.iter().filter(|kind| **kind != "user"));
        kinds.into_iter().map(|kind| Box::new(Syncer(self, kind)) as Box<dyn ResourceSyncer>).collect()
    }

    fn event_feeds(&self) -> Vec<Box<dyn EventFeed + '_>> {
        self.feeds.iter().map(|id| Box::new(Feed(self, id)) as Box<dyn EventFeed>).collect()
    }
}

struct Syncer<'a>(&'a Acme, &'static str);

fn kind(id: &str) -> v2::ResourceType {
    build::resource_type(id).build()
}

fn resource(kind_id: &str, id: &str) -> v2::Resource {
    let mut resource = build::resource(&kind(kind_id), id, id).description("from the system").build();
    if kind_id == "foreign" {
        annotations::append(&mut resource.annotations, &v2::BatonId {});
    }
    resource
}

impl ResourceSyncer for Syncer<'_> {
    fn resource_type(&self) -> v2::ResourceType {
        kind(self.1)
    }

    fn list(&self, _: Option<&v2::ResourceId>, _: &Request<'_>) -> Answer<Page<v2::Resource>> {
        let ids: &[&str] = match self.1 {
            "user" => &["ada", "grace"],
            "group" => &["eng", "all"],
            _ => &[],
        };
        Ok(Page::last(ids.iter().map(|id| resource(self.1, id))))
    }

    fn entitlements(&self, of: &v2::Resource, _: &Request<'_>) -> Answer<Page<v2::Entitlement>> {
        Ok(Page::last((self.1 == "group").then(|| build::assignment(of, "member").build())))
    }

    fn grants(&self, of: &v2::Resource, _: &Request<'_>) -> Answer<Page<v2::Grant>> {
        if let Some(stop) = &self.0.stop {
            stop.request();
        }
        Ok(Page::last(match &*of.display_name {
            "eng" => vec![build::grant(of, "member", &resource("user", "ada")).build()],
            "all" => {
                let mut grant = build::grant(of, "member", &resource("group", "eng")).build();
                let expandable = v2::GrantExpandable {
                    entitlement_ids: vec!["group:eng:member".into()],
                    ..Default::default()
                };
                annotations::append(&mut grant.annotations, &expandable);
                vec![grant]
            }
            _ => Vec::new(),
        }))
    }

    fn provisioner(&self) -> Option<&dyn Provisioner> {
        (self.1 == "group").then_some(self)
    }

    fn account_manager(&self) -> Option<&dyn AccountManager> {
        let types: &[&str] = if self.0.account_types.is_empty() { &["user"] } else { &self.0.account_types };
        types.contains(&self.1).then_some(self)
    }

    fn deleter(&self) -> Option<&dyn ResourceDeleter> {
        (self.1 == "user").then_some(self)
    }

    fn rotator(&self) -> Option<&dyn CredentialRotator> {
        (self.1 == "user").then_some(self)
    }

    fn actions(&self) -> Option<&dyn Actions> {
        (self.1 == "user").then_some(self)
    }
}

impl Provisioner for Syncer<'_> {
    fn grant(&self, principal: &v2::Resource, entitlement: &v2::Entitlement) -> Answer<Granted> {
        let of = entitlement.resource.clone().unwrap();
        let words = format!("grant {} of {} ({})", entitlement.id, of.display_name, of.description);
        self.0.called(format!("{words} to {} ({})", principal.display_name, principal.description))?;
        if self.0.already {
            return Ok(Granted::Already);
        }
        Ok(Granted::Now(vec![build::grant(&of, &entitlement.slug, principal).build()]))
    }

    fn revoke(&self, grant: &v2::Grant) -> Answer<Removed> {
        let (entitlement, principal) = (grant.entitlement.clone().unwrap(), grant.principal.clone().unwrap());
        let expandable = annotations::has::<v2::GrantExpandable>(&grant.annotations);
        let of = entitlement.resource.unwrap();
        self.0.called(format!(
            "revoke {} of {} ({}) from {} ({}), expandable: {expandable}",
            entitlement.slug, of.display_name, of.description, principal.display_name, principal.description
        ))?;
        Ok(if self.0.already { Removed::Already } else { Removed::Now })
    }
}

impl Syncer<'_> {
    fn choices(&self) -> CredentialChoices {
        let supported = match self.0.choices.is_empty() {
            true => vec![Choice::RandomPassword],
            false => self.0.choices.clone(),
        };
        CredentialChoices { preferred: supported[0], supported }
    }
}

fn secrets(credentials: &Credentials) -> Vec<Secret> {
    let secret = |name: &str, value: &[u8]| Secret {
        name: name.into(),
        description: format!("the {name}"),
        value: value.to_vec(),
    };
    match credentials {
        Credentials::Password(password) => {
            vec![secret("password", password.as_bytes()), secret("key", &[0xff, 0])]
        }
        Credentials::NoPassword => Vec::new(),
    }
}

impl AccountManager for Syncer<'_> {
    fn credential_choices(&self) -> CredentialChoices {
        self.choices()
    }

    fn create_account(&self, info: &v2::AccountInfo, credentials: &Credentials) -> Answer<NewAccount> {
        let emails: Vec<&str> = info.emails.iter().map(|email| &*email.address).collect();
        let profile = super::json::line(
            &crate::model::descriptor::GOOGLE_PROTOBUF_STRUCT,
            &info.profile.clone().unwrap_or_default(),
        );
        let profile = String::from_utf8(profile).unwrap();
        self.0.called(format!("create {} {} <{}> {profile}", self.1, info.login, emails.join(",")))?;
        let outcome = self.0.account.clone();
        let outcome = outcome.unwrap_or_else(|| AccountOutcome::Created(resource("user", &info.login)));
        Ok(NewAccount { outcome, secrets: secrets(credentials) })
    }
}

impl ResourceDeleter for Syncer<'_> {
    fn delete(&self, id: &v2::ResourceId, parent: Option<&v2::ResourceId>) -> Answer<Removed> {
        assert!(parent.is_none());
        self.0.called(format!("delete {}/{}", id.resource_type, id.resource))?;
        Ok(if self.0.already { Removed::Already } else { Removed::Now })
    }
}

impl CredentialRotator for Syncer<'_> {
    fn credential_choices(&self) -> CredentialChoices {
        self.choices()
    }

    fn rotate(&self, id: &v2::ResourceId, credentials: &Credentials) -> Answer<Vec<Secret>> {
        self.0.called(format!("rotate {}/{}", id.resource_type, id.resource))?;
        Ok(secrets(credentials))
    }
}

impl Actions for Syncer<'_> {
    fn schemas(&self) -> Answer<Vec<v2::BatonActionSchema>> {
        Ok(vec![v2::BatonActionSchema { name: "disable".into(), ..Default::default() }])
    }

    fn invoke(&self, name: &str, arguments: &Struct) -> Answer<Struct> {
        if name != "disable" {
            return Err(ConnectorError::new(Code::NotFound, format!("no action {name}")));
        }
        self.0.called(name.into())?;
        Ok(arguments.clone())
    }
}

struct Feed<'a>(&'a Acme, &'static str);

impl EventFeed for Feed<'_> {
    fn metadata(&self) -> v2::EventFeedMetadata {
        v2::EventFeedMetadata { id: self.1.into(), ..Default::default() }
    }

    /// Three pages; the feed `endless` has more of the third again and again.
    fn events(&self, since: Option<&Timestamp>, cursor: &str) -> Answer<EventPage> {
        self.0.called(format!("events since {:?} after {cursor:?}", since.map(|since| since.seconds)))?;
        let page = cursor.parse().unwrap_or(0).min(2) + 1;
        let event = v2::Event { id: format!("{}{page}", self.1), ..Default::default() };
        let has_more = page < 3 || self.1 == "endless";
        Ok(EventPage { events: vec![event], cursor: page.to_string(), has_more })
    }
}

/// What the clock of tests shows, in Unix seconds: 2026-08-01 00:00:00 UTC.
pub(super) const NOW: u64 = 1_785_542_400;

/// A clock that counts how long it was waited by, and may utter a stop instead of waiting.
#[derive(Default)]
pub(super) struct Waits {
    pub(super) seconds: RefCell<Vec<u64>>,
    pub(super) stops: Cell<bool>,
}

impl Clock for Waits {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(NOW)
    }

    fn wait(&self, time: Duration, stop: &Stop) {
        self.seconds.borrow_mut().push(time.as_secs());
        if self.stops.get() {
            stop.request();
        }
    }
}

/// What a task left behind.
pub(super) struct Ran {
    pub(super) result: Result<(), CommandError>,
    pub(super) out: String,
    pub(super) log: Vec<String>,
}

impl Ran {
    /// The outcome of one that went well.
    pub(super) fn json(&self) -> serde_json::Value {
        assert!(self.result.is_ok(), "{:?}", self.result);
        assert!(self.out.ends_with('\n') && self.out.lines().count() == 1, "{:?}", self.out);
        serde_json::from_str(&self.out).unwrap()
    }

    /// The error of one that did not, and its hints.
    pub(super) fn error(&self) -> String {
        assert_eq!(self.out, "");
        self.result.as_ref().unwrap_err().lines().join("\n")
    }

    pub(super) fn kind(&self) -> Kind {
        self.result.as_ref().unwrap_err().kind()
    }
}

/// Where tasks run: a folder with a file that a sync wrote, and a clock.
pub(super) struct Stage {
    pub(super) folder: tempfile::TempDir,
    pub(super) clock: Waits,
    pub(super) stop: Stop,
}

impl Stage {
    /// An empty folder.
    pub(super) fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), clock: Waits::default(), stop: Stop::new() }
    }

    /// A folder with a full sync of the connector, and nothing in the list of its calls.
    pub(super) fn synced() -> Self {
        let stage = Self::empty();
        crate::sync::Sync::new(&Acme::default()).run(stage.file()).unwrap();
        stage
    }

    pub(super) fn file(&self) -> PathBuf {
        self.folder.path().join("sync.c1z")
    }

    /// Runs the task that these flags ask for.
    pub(super) fn run(&self, connector: &Acme, flags: &[&str]) -> Ran {
        let task = choose(flags).unwrap();
        let board = Ui::new(Colour::Never, true).board();
        let mut out = Vec::new();
        let (result, log) = heard(|| {
            task.run(&mut Context {
                connector,
                file: self.file(),
                open: OpenOptions::default(),
                board: &board,
                bars: false,
                stop: &self.stop,
                clock: &self.clock,
                out: &mut out,
            })
        });
        Ran { result, out: String::from_utf8(out).unwrap(), log }
    }
}

/// The task that flags such as `--a=b` ask for; one without a value is true.
pub(super) fn choose(words: &[&str]) -> Result<Task, CommandError> {
    let common = Common::new();
    let flags = |name: &str| {
        let said = words.iter().map(|word| word.split_once('=').unwrap_or((word, "true")));
        let found = said.filter(|(key, _)| key.strip_prefix("--") == Some(name));
        Some(found.map(|(_, value)| value.into()).collect::<Vec<_>>()).filter(|found| !found.is_empty())
    };
    let config = Config::read(common.specs(), &flags, &|_| None)?;
    Task::choose(&common, &config)
}

/// Whether a folder holds nothing else than the file.
pub(super) fn is_alone(file: &Path) -> bool {
    std::fs::read_dir(file.parent().unwrap()).unwrap().count() == 1
}

/// Writes a file with a user, and what a resource of another connector offers.
pub(super) fn write_foreign(file: &Path) {
    let now = Instant::parse("2026-08-01 00:00:00").unwrap();
    let mut writer = Writer::create(None).unwrap();
    writer.begin_sync(NewSync::new("sync", SyncKind::Full, now)).unwrap();
    let foreign = resource("foreign", "f");
    writer.put_resource_type(&kind("foreign")).unwrap();
    writer.put_resource(&foreign).unwrap();
    writer.put_resource(&resource("user", "grace")).unwrap();
    writer.put_entitlement(&build::assignment(&foreign, "use").build()).unwrap();
    writer.end_sync(now).unwrap();
    writer.save(file, SaveOptions { overwrite: true }).unwrap();
}

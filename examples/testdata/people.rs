//! The users of the company: names in many scripts, accounts in all conditions.

use baton::model::v2;
use prost_types::Any;
use v2::status::ResourceStatus;
use v2::user_trait::status::Status;

use crate::records::{
    ResourceExt, any, list, nested, null, number, object, resource, text, timestamp, truth,
};

/// A user with one e-mail address and a login; the id is the login.
fn person(login: &str, name: &str) -> v2::Resource {
    let account = v2::UserTrait { emails: vec![email(login, true)], ..account(login, 1) };
    resource("user", login, name)
        .child_of("org", "acme")
        .status(ResourceStatus::Enabled, "")
        .with(any("UserTrait", &account))
}

/// A trait without addresses.
fn account(login: &str, account_type: i32) -> v2::UserTrait {
    v2::UserTrait { login: login.into(), account_type, ..Default::default() }
}

fn email(mailbox: &str, is_primary: bool) -> v2::user_trait::Email {
    v2::user_trait::Email { address: format!("{mailbox}@corp.example"), is_primary }
}

/// A user with everything that a user can have; the primary address stands second.
fn ada() -> v2::Resource {
    let profile = object([
        ("department", text("Research")),
        ("level", number(7.0)),
        ("ratio", number(0.25)),
        ("manager", null()),
        ("on_call", truth(true)),
        ("tags", list([text("analyst"), text("números")])),
        ("office", nested(object([("city", text("London")), ("floor", number(3.0))]))),
    ]);
    let details = v2::UserTrait {
        emails: vec![email("countess", false), email("ada", true), email("a.lovelace", false)],
        profile: Some(profile.clone()),
        login_aliases: vec!["alovelace".into(), "countess".into()],
        employee_ids: vec!["E-0001".into()],
        created_at: timestamp("2020-01-02 03:04:05"),
        last_login: timestamp("2026-02-28 17:45:10.123456789"),
        mfa_status: Some(v2::user_trait::MfaStatus { mfa_enabled: true }),
        sso_status: Some(v2::user_trait::SsoStatus { sso_enabled: false }),
        structured_name: Some(v2::user_trait::StructuredName {
            given_name: "Ada".into(),
            family_name: "Lovelace".into(),
            middle_names: vec!["Augusta".into(), "King".into()],
            ..Default::default()
        }),
        ..account("ada", 1)
    };
    let link = v2::ExternalLink { url: "https://corp.example/people/ada".into() };
    v2::Resource { profile: Some(profile), ..resource("user", "ada", "Ada Lovelace") }
        .child_of("org", "acme")
        .described("Wrote the first program")
        .status(ResourceStatus::Enabled, "")
        .created("2020-01-02 03:04:06")
        .with(any("UserTrait", &details))
        .with(any("ExternalLink", &link))
        .with(any("RawId", &v2::RawId { id: "00u1ada".into() }))
}

/// Deleted upstream; only the trait says so, as in old connectors.
fn heidi() -> v2::Resource {
    let gone = v2::user_trait::Status { status: Status::Deleted.into(), details: "left in 2025".into() };
    let details = v2::UserTrait {
        emails: vec![email("heidi", false)],
        status: Some(gone),
        created_at: timestamp("2021-06-01 00:00:00"),
        ..account("heidi", 1)
    };
    resource("user", "heidi", "Heidi Gone").child_of("org", "acme").with(any("UserTrait", &details))
}

/// An account that no person uses, with a colon in its id and no address.
fn robot() -> v2::Resource {
    let details = v2::UserTrait {
        last_login: timestamp("2026-03-01 05:59:59"),
        created_at: timestamp("2022-02-02 02:02:02.5"),
        ..account("deploy-bot", 2)
    };
    resource("user", "svc:deploy", "Deploy Robot")
        .child_of("org", "acme/eu")
        .status(ResourceStatus::Enabled, "")
        .with(any("UserTrait", &details))
}

/// An id with a slash, a colon and a space.
fn jo() -> v2::Resource {
    let details = v2::UserTrait { emails: vec![email("jo.smith", true)], ..account("jsmith", 1) };
    resource("user", "dept/eng:jo smith", "Jo Smith")
        .child_of("org", "acme/eu")
        .status(ResourceStatus::Enabled, "")
        .with(any("UserTrait", &details))
}

/// Neither a name nor an address.
fn nemo() -> v2::Resource {
    resource("user", "u-14", "").child_of("org", "acme").with(any("UserTrait", &account("nemo", 3)))
}

/// A fox with an annotation of a type that nobody knows.
fn robin() -> v2::Resource {
    let badge = Any {
        type_url: "type.googleapis.com/example.vendor.v1.Badge".into(),
        value: vec![0x0a, 4, b'g', b'o', b'l', b'd'],
    };
    person("robin", "Robin 🦊🚀").with(badge)
}

/// All fourteen, in order. Grace is disabled in the second sync.
pub(crate) fn all(second: bool) -> Vec<v2::Resource> {
    let grace = match second {
        true => person("grace", "Grace Hopper").status(ResourceStatus::Disabled, "on leave"),
        false => person("grace", "Grace Hopper"),
    };
    vec![
        ada(),
        person("zoe", "Zoë Ångström"),
        person("dmitri", "Дмитрий Иванов"),
        person("fatima", "فاطمة الزهراء"),
        person("taro", "山田 太郎"),
        person("xiaoming", "王小明"),
        robin(),
        person("mallory", "Mallory \u{1b}[31mRed\u{1b}[0m\nsecond line\tafter a tab"),
        person("formula", "=HYPERLINK(\"https://corp.example\",\"click\")"),
        grace,
        heidi(),
        robot(),
        jo(),
        nemo(),
    ]
}

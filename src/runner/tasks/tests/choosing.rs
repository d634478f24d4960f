//! Which flags ask for which task.

use super::{ACCOUNT, DELETE, GRANT, REVOKE, ROTATE};
use crate::runner::tasks::testing::choose;
use crate::ui::Kind;

fn refusal(flags: &[&str]) -> String {
    let error = choose(flags).unwrap_err();
    assert_eq!(error.kind(), Kind::Usage);
    error.message().to_owned()
}

#[test]
fn each_task_has_its_flags() {
    for (flags, task) in [
        (&[][..], "Sync("),
        (&["--provisioning"], "Sync("),
        (&GRANT, "Grant("),
        (&REVOKE, "Revoke("),
        (&DELETE, "Delete("),
        (&ROTATE, "Rotate("),
        (&ACCOUNT, "CreateAccount("),
        (&["--create-account-login=a"], "CreateAccount("),
        (&["--create-account-profile={}"], "CreateAccount("),
        (&["--event-feed"], "Events("),
        (&["--event-feed", "--event-feed-cursor=1"], "Events("),
        (&["--invoke-action=a"], "Invoke("),
        (&["--list-action-schemas"], "ListActions"),
        (&["--list-action-schemas=false", "--event-feed=false"], "Sync("),
    ] {
        let chosen = format!("{:?}", choose(flags).unwrap());
        assert!(chosen.starts_with(task), "{flags:?}: {chosen}");
    }
}

#[test]
fn two_tasks_are_refused() {
    let tasks: [&[&str]; 8] = [
        &GRANT,
        &REVOKE,
        &["--event-feed"],
        &ACCOUNT,
        &["--invoke-action=a"],
        &["--list-action-schemas"],
        &DELETE,
        &ROTATE,
    ];
    for (place, first) in tasks.iter().enumerate() {
        for second in &tasks[place + 1..] {
            let words = refusal(&[*first, *second].concat());
            assert!(words.starts_with("one run does one task: --"), "{words}");
        }
    }
}

#[test]
fn half_a_task_names_the_missing_half() {
    for (flags, words) in [
        (&GRANT[..2], "--grant-entitlement needs --grant-principal-type"),
        (&GRANT[..1], "--grant-entitlement needs --grant-principal and --grant-principal-type"),
        (&GRANT[1..], "--grant-principal needs --grant-entitlement"),
        (&DELETE[..1], "--delete-resource needs --delete-resource-type"),
        (&DELETE[1..], "--delete-resource-type needs --delete-resource"),
        (&ROTATE[..1], "--rotate-credentials needs --rotate-credentials-type"),
        (&ROTATE[1..], "--rotate-credentials-type needs --rotate-credentials"),
        (&ACCOUNT[1..], "--create-account-email needs --create-account-login or --create-account-profile"),
        (
            &["--create-account-resource-type=user"],
            "--create-account-resource-type needs --create-account-login or --create-account-profile",
        ),
        (&["--event-feed-id=a"], "--event-feed-id needs --event-feed"),
        (&["--event-feed-cursor=a"], "--event-feed-cursor needs --event-feed"),
        (&["--event-feed-start-at=2026-01-01T00:00:00Z"], "--event-feed-start-at needs --event-feed"),
        (&["--invoke-action-args={}"], "--invoke-action-args needs --invoke-action"),
        (&["--invoke-action-resource-type=user"], "--invoke-action-resource-type needs --invoke-action"),
        (&["--show-secrets"], "--show-secrets needs --create-account-login or --rotate-credentials"),
        (&["--skip-grants"], "--skip-grants needs --sync-resources"),
    ] {
        assert_eq!(refusal(flags), words);
    }
}

#[test]
fn an_empty_id_is_not_a_sync() {
    for flag in [
        "--grant-entitlement",
        "--revoke-grant",
        "--delete-resource",
        "--rotate-credentials",
        "--invoke-action",
        "--create-account-login",
        "--create-account-profile",
    ] {
        let words = refusal(&[&format!("{flag}=")]);
        assert_eq!(words, format!("{flag} is empty"));
    }
}

#[test]
fn values_that_make_no_sense_are_refused() {
    for (flags, words) in [
        (&["--sync-resources=user/1"][..], "--sync-resources: \"user/1\" is no Baton id: "),
        (
            &["--event-feed", "--event-feed-start-at=noon"],
            "--event-feed-start-at is 'noon', which is no time",
        ),
        (&["--invoke-action=a", "--invoke-action-args=[]"], "--invoke-action-args is no JSON object"),
        (&["--create-account-profile={"], "--create-account-profile is no JSON object"),
        (&["--file=-"], "--file -: a sync is written to a file"),
        (&["--keep-syncs=0"], "--keep-syncs is '0', but must be between 1"),
        (&["--storage-engine=pebble"], "--storage-engine is 'pebble', but must be one of sqlite"),
    ] {
        let found = refusal(flags);
        assert!(found.starts_with(words), "{found}");
    }
}

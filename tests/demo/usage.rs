//! Command lines that make no sense.

use crate::run::{Desk, output};

fn refusal(words: &[&str]) -> String {
    let desk = Desk::new();
    let error = desk.demo(words).trouble();
    assert!(desk.files().is_empty(), "{words:?} left {:?}", desk.files());
    error
}

#[test]
fn usage_errors_are_a_line_and_hints() {
    for (words, error) in [
        (
            &["--fresch"][..],
            "error: unexpected argument '--fresch' found\n\
             hint: a similar argument exists: '--fresh'\n\
             hint: baton-demo --help says more\n",
        ),
        (
            &["--log-level", "loud"],
            "error: --log-level is 'loud', but must be one of debug, info, warn, error\n",
        ),
        (&["--log-format=xml"], "error: --log-format is 'xml', but must be one of console, json\n"),
        (&["--fresh=maybe"], "error: --fresh is 'maybe', but must be true or false\n"),
        (&["--keep-syncs", "none"], "error: --keep-syncs is 'none', but must be a whole number\n"),
        (
            &["--grant-entitlement", "a"],
            "error: --grant-entitlement needs --grant-principal and --grant-principal-type\n",
        ),
        (&["--revoke-grant", ""], "error: --revoke-grant is empty\n"),
        (
            &["--create-account-email", "a@b.c"],
            "error: --create-account-email needs --create-account-login or --create-account-profile\n",
        ),
        (
            &["--revoke-grant", "a", "--list-action-schemas"],
            "error: one run does one task: --revoke-grant or --list-action-schemas\n",
        ),
        (
            &["--file", "", "--fresh"],
            "error: --file is missing\nhint: the environment may say it too: BATON_FILE\n",
        ),
    ] {
        assert_eq!(refusal(words), error, "{words:?}");
    }
    assert!(refusal(&["syncs"]).starts_with("error: unrecognized subcommand 'syncs'\n"));
    assert!(refusal(&["-f", "-"]).starts_with("error: --file -: a sync is written to a file"));
}

#[test]
fn there_is_no_service() {
    let words = "error: --client-id: this connector has no service mode\n\
                 hint: it does one task and ends; run it from a timer, and hand on the .c1z file\n";
    assert_eq!(refusal(&["--client-id", "a", "--client-secret", "b"]), words);
    for flag in ["--ticketing", "--health-check", "--skip-full-sync"] {
        assert!(
            refusal(&[flag]).starts_with(&format!("error: {flag}: this connector has no service mode\n"))
        );
    }
    let desk = Desk::new();
    let mut command = desk.demo_command(&[]);
    command.env("BATON_CLIENT_SECRET", "b");
    let error = output(command).trouble();
    assert!(error.starts_with("error: BATON_CLIENT_SECRET: this connector has no service mode\n"), "{error}");
    assert!(desk.files().is_empty());
}

#[test]
fn variables_are_checked_like_flags() {
    let desk = Desk::new();
    let mut command = desk.demo_command(&[]);
    command.env("BATON_KEEP_SYNC_COUNT", "0");
    let error = output(command).trouble();
    assert!(error.starts_with("error: BATON_KEEP_SYNC_COUNT is '0', but must be between 1 and "), "{error}");
}

#[test]
fn old_scripts_may_still_ask_for_permission() {
    let desk = Desk::new();
    desk.demo(&["-p", "--storage-engine", "sqlite"]).ok();
    desk.demo(&["--provisioning=true"]).ok();
}

#[test]
fn a_database_of_another_kind_is_refused() {
    let desk = Desk::new();
    std::fs::write(desk.file("demo.db"), "no database").unwrap();
    desk.demo(&[]).trouble();
    assert_eq!(std::fs::read(desk.file("demo.db")).unwrap(), b"no database");
    assert_eq!(desk.files(), ["demo.db"]);
}

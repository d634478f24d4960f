//! The two files that connectors are published with, and other things to print.

use serde_json::{Value, json};

use crate::run::{Desk, output};

#[test]
fn capabilities_follow_from_what_the_connector_implements() {
    let desk = Desk::new();
    let printed = output(desk.bare_command(&["capabilities"])).ok();
    assert!(
        printed
            .starts_with("{\n  \"@type\": \"type.googleapis.com/c1.connector.v2.ConnectorCapabilities\",\n")
    );
    let printed: Value = serde_json::from_str(&printed).unwrap();
    let types = printed["resourceTypeCapabilities"].as_array().unwrap();
    let ids: Vec<&str> = types.iter().map(|kind| kind["resourceType"]["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["group", "org", "project", "role", "secret", "user"]);
    let user = types.last().unwrap()["capabilities"].as_array().unwrap();
    for capability in ["SYNC", "ACCOUNT_PROVISIONING", "CREDENTIAL_ROTATION", "RESOURCE_DELETE"] {
        assert!(user.contains(&format!("CAPABILITY_{capability}").into()), "{user:?}");
    }
    let all = printed["connectorCapabilities"].as_array().unwrap();
    assert!(all.contains(&"CAPABILITY_ACTIONS".into()) && all.contains(&"CAPABILITY_EVENT_FEED_V2".into()));
    // The words of the built-in data are enough: no database is left behind.
    assert!(desk.files().is_empty(), "{:?}", desk.files());
}

#[test]
fn config_describes_the_fields() {
    let desk = Desk::new();
    let printed = output(desk.bare_command(&["config"])).json();
    assert_eq!(printed["displayName"], "Demo");
    let fields = printed["fields"].as_array().unwrap();
    assert_eq!(fields[0]["name"], "log-level");
    assert_eq!((&fields[1]["name"], &fields[1]["stringField"]), (&json!("db-file"), &json!({})));
}

#[test]
fn the_version_is_printed_in_three_ways() {
    let desk = Desk::new();
    let line = format!("baton-demo {}\n", env!("CARGO_PKG_VERSION"));
    for word in ["version", "--version", "-v"] {
        assert_eq!(desk.demo(&[word]).ok(), line);
    }
}

#[test]
fn completion_knows_the_flags() {
    let desk = Desk::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = desk.demo(&["completion", shell]).ok();
        assert!(script.contains("db-file") && script.contains("grant-entitlement"), "{shell}");
    }
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_error() {
    use std::io::Read as _;
    use std::process::Stdio;
    let desk = Desk::new();
    let mut command = desk.demo_command(&["completion", "bash"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!((child.wait().unwrap().code(), &*stderr), (Some(0), ""));
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_an_error() {
    let desk = Desk::new();
    let mut command = desk.demo_command(&["config"]);
    command.stdout(std::fs::File::options().write(true).open("/dev/full").unwrap());
    let error = output(command).trouble();
    assert!(error.starts_with("error: cannot write the output: "), "{error}");
}

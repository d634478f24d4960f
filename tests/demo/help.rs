//! What the help says.

use crate::run::Desk;

#[test]
fn the_short_help_fits_on_two_screens_and_points_to_the_long_one() {
    let help = Desk::new().demo(&["-h"]).ok();
    assert!(help.lines().count() < 60, "{help}");
    assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
    for words in
        ["--db-file <PATH>", "[$BATON_DB_FILE]", "baton-demo --help tells of provisioning", "generate"]
    {
        assert!(help.contains(words), "{words} in {help}");
    }
    assert!(!help.contains("--grant-entitlement"));
}

#[test]
fn the_long_help_has_every_task_under_its_heading() {
    let help = Desk::new().demo(&["--help"]).ok();
    let place = |words: &str| help.find(words).unwrap_or_else(|| panic!("{words} in {help}"));
    assert!(place("Connector options:") < place("Common options:"));
    assert!(place("Sync options:") < place("Provisioning, instead of a sync:"));
    assert!(place("Provisioning, instead of a sync:") < place("--revoke-grant <ID>"));
    assert!(place("--rotate-credentials <ID>") < place("Events and actions, instead of a sync:"));
    assert!(place("Events and actions, instead of a sync:") < place("--invoke-action <NAME>"));
    assert!(place("130 stopped by a signal") > 0);
}

#[test]
fn generate_has_a_help_of_its_own() {
    let help = Desk::new().demo(&["generate", "--help"]).ok();
    assert!(help.contains("--grants-per-user <N>") && help.contains("[default: 1000]"), "{help}");
    assert!(!help.contains("--db-file") && !help.contains("--log-level"), "{help}");
}

//! Tests of the command line.

use super::*;
use crate::runner::Field;
use crate::runner::config::Config;

fn runner() -> Runner {
    Runner::new("baton-acme")
        .field(Field::text("token").describe("A token").secret().required())
        .field(Field::list("areas").describe("Areas"))
        .field(Field::flag("deep").describe("Look deeper").default(true))
}

fn parse(line: &str) -> Result<Words, clap::Error> {
    let (runner, common) = (runner(), Common::new());
    let mut specs = common.specs();
    specs.extend(runner.specs());
    let words = std::iter::once("baton-acme").chain(line.split_whitespace());
    Words::parse(command(&runner, &common), words.map(OsString::from), &specs)
}

fn given(line: &str, name: &str) -> Option<Vec<String>> {
    let values = parse(line).unwrap().given(name)?;
    Some(values.into_iter().map(|value| value.into_string().unwrap()).collect())
}

fn help(long: bool) -> String {
    let mut command = command(&runner(), &Common::new());
    if long { command.render_long_help() } else { command.render_help() }.to_string()
}

#[test]
fn the_command_line_is_consistent() {
    command(&runner(), &Common::new()).debug_assert();
}

#[test]
fn flags_stand_before_and_after_a_subcommand() {
    for line in ["--token a capabilities", "capabilities --token a", "--token x capabilities --token=a"] {
        assert_eq!(given(line, "token"), Some(vec!["a".into()]), "{line}");
        assert_eq!(
            parse(line).unwrap().subcommand().map(|(name, _)| name.to_owned()),
            Some(CAPABILITIES.into())
        );
    }
    assert_eq!(given("capabilities", "token"), None);
    assert_eq!(given("-f x", "file"), Some(vec!["x".into()]));
}

#[test]
fn lists_may_be_given_in_parts() {
    assert_eq!(given("--areas a,b --areas c", "areas"), Some(vec!["a,b".into(), "c".into()]));
}

#[test]
fn truth_may_stand_behind_an_equals_sign() {
    for (line, value) in [
        ("--deep", Some("true")),
        ("--deep=false", Some("false")),
        ("--deep=maybe", Some("maybe")),
        ("--deep --deep=false", Some("false")),
        ("", None),
        ("capabilities --deep=false", Some("false")),
    ] {
        assert_eq!(given(line, "deep"), value.map(|value| vec![value.to_owned()]), "{line}");
    }
    assert_eq!(parse("--deep false").unwrap_err().kind(), clap::error::ErrorKind::InvalidSubcommand);
}

#[test]
fn only_the_event_feed_has_its_truth_in_a_word_of_its_own() {
    for (line, value) in
        [("--event-feed", "true"), ("--event-feed true", "true"), ("--event-feed false", "false")]
    {
        assert_eq!(given(line, "event-feed"), Some(vec![value.to_owned()]), "{line}");
    }
    assert_eq!(given("--event-feed --event-feed-id a", "event-feed-id"), Some(vec!["a".into()]));
}

#[test]
fn numbers_may_be_negative() {
    assert_eq!(given("--keep-syncs -1", "keep-syncs"), Some(vec!["-1".into()]));
}

#[test]
fn help_tells_of_fields_and_their_variables() {
    for text in [help(false), help(true)] {
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("--token <TEXT> A token [required] [$BATON_TOKEN]"), "{words}");
        assert!(words.contains("--areas <A,B> Areas [$BATON_AREAS]"), "{words}");
        assert!(words.contains("--deep Look deeper [default: true] [$BATON_DEEP]"), "{words}");
    }
}

#[test]
fn the_short_help_leaves_provisioning_out_and_the_long_one_explains_it() {
    let (short, long) = (help(false), help(true));
    for flag in
        ["--grant-entitlement", "--revoke-grant", "--event-feed", "--invoke-action", "--storage-engine"]
    {
        assert!(!short.contains(flag), "{flag} in {short}");
        assert!(long.contains(flag), "{flag} not in {long}");
    }
    assert!(long.contains("[$BATON_GRANT_ENTITLEMENT]") && long.contains("[$BATON_KEEP_SYNC_COUNT]"));
    assert!(!short.contains("--client-id") && !long.contains("--client-id"));
}

#[test]
fn every_common_flag_is_in_the_long_help() {
    let long = help(true);
    for spec in Common::new().specs() {
        assert!(long.contains(&format!("--{}", spec.name)), "{}", spec.name);
        assert!(spec.fault().is_none(), "{:?}", spec.fault());
    }
}

#[test]
fn common_fields_are_read_without_words() {
    let common = Common::new();
    let config = Config::read(common.specs(), &|_| None, &|_| None).unwrap();
    assert_eq!(config.get(&common.file), std::path::Path::new("sync.c1z"));
    assert_eq!(config.get(&common.log.level), "info");
}

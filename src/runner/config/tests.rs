//! Tests of how fields are read.

use super::*;
use crate::runner::Field;

/// The environment and the command line of a test: `BATON_X=y` is a variable, `--x=y` is a flag.
fn read<const N: usize>(fields: [AnyField; N], words: &[&str]) -> Result<Config, CommandError> {
    let find = |name: &str| {
        let said = words.iter().filter_map(|word| word.split_once('='));
        said.filter(|(key, _)| *key == name).map(|(_, value)| OsString::from(value)).collect::<Vec<_>>()
    };
    let flags = |name: &str| Some(find(&format!("--{name}"))).filter(|found| !found.is_empty());
    let variables = |name: &str| find(name).pop();
    Config::read(fields.iter().map(|AnyField(spec)| spec), &flags, &variables)
}

fn refusal<const N: usize>(fields: [AnyField; N], words: &[&str]) -> String {
    read(fields, words).unwrap_err().lines().join("\n")
}

#[test]
fn a_flag_wins_over_a_variable_and_that_over_the_default() {
    let field = Field::text("base-url").default("d");
    let value = |words: &[&str]| read([(&field).into()], words).unwrap().get(&field);
    assert_eq!(value(&[]), "d");
    assert_eq!(value(&["BATON_BASE_URL=v"]), "v");
    assert_eq!(value(&["BATON_BASE_URL="]), "d");
    assert_eq!(value(&["BATON_BASE_URL=v", "--base-url=f"]), "f");
    assert_eq!(value(&["BATON_BASE_URL=v", "--base-url="]), "");
}

#[test]
fn every_type_is_read() {
    let (text, flag) = (Field::text("text"), Field::flag("flag"));
    let (number, list, path) = (Field::number("number"), Field::list("list"), Field::path("path"));
    let fields = [(&text).into(), (&flag).into(), (&number).into(), (&list).into(), (&path).into()];
    let words =
        ["--text=a b", "BATON_FLAG=1", "--number=-3", "--list=a,b", "--list=\"c,d\"", "BATON_PATH=/x"];
    let config = read(fields.clone(), &words).unwrap();
    assert_eq!(config.get(&text), "a b");
    assert!(config.get(&flag));
    assert_eq!(config.get(&number), -3);
    assert_eq!(config.get(&list), ["a", "b", "c,d"]);
    assert_eq!(config.get(&path), std::path::Path::new("/x"));

    let nothing = read(fields, &[]).unwrap();
    assert_eq!((nothing.find(&text), nothing.find(&flag), nothing.find(&number)), (None, None, None));
    assert_eq!((nothing.get(&text), nothing.get(&flag), nothing.get(&number)), (String::new(), false, 0));
}

#[test]
fn a_violation_names_the_field_and_the_rule() {
    let number = || Field::number("page-size").range(1..=500).into();
    assert_eq!(
        refusal([number()], &["--page-size=0"]),
        "error: --page-size is '0', but must be between 1 and 500"
    );
    assert_eq!(
        refusal([number()], &["BATON_PAGE_SIZE=many"]),
        "error: BATON_PAGE_SIZE is 'many', but must be a whole number"
    );
    let text = || Field::text("area").one_of(["north", "south"]).into();
    assert_eq!(
        refusal([text()], &["--area=east"]),
        "error: --area is 'east', but must be one of north, south"
    );
    let short = Field::text("key").length(3..=4);
    assert_eq!(
        refusal([short.into()], &["--key=ab"]),
        "error: --key is 'ab', but must have between 3 and 4 characters"
    );
    let few = || Field::list("teams").items(1..=2).into();
    assert_eq!(
        refusal([few()], &["--teams=a,b,c"]),
        "error: --teams is 'a,b,c', but must have between 1 and 2 items"
    );
    let these = Field::list("teams").each_of(["a", "b"]);
    assert_eq!(refusal([these.into()], &["--teams=a,x"]), "error: --teams is 'a,x', but must be one of a, b");
    assert_eq!(
        refusal([few()], &["--teams=\"a"]),
        "error: --teams is '\"a', which opens a quote that it does not close"
    );
    assert_eq!(
        refusal([number(), text()], &["--page-size=0", "--area=x"]),
        "error: --page-size is '0', but must be between 1 and 500; --area is 'x', but must be one of north, south"
    );
}

#[test]
fn an_empty_value_breaks_no_rule() {
    let field = Field::text("area").one_of(["north"]).default("north");
    assert_eq!(read([(&field).into()], &["--area="]).unwrap().get(&field), "");
}

#[test]
fn what_is_required_must_be_there_and_say_something() {
    let fields = || [Field::text("token").required().into(), Field::text("base-url").required().into()];
    let both = "error: --token and --base-url are missing\n\
                hint: the environment may say it too: BATON_TOKEN, BATON_BASE_URL";
    assert_eq!(refusal(fields(), &[]), both);
    assert_eq!(refusal(fields(), &["--token=", "BATON_BASE_URL="]), both);
    assert!(refusal(fields(), &["--token=a"]).starts_with("error: --base-url is missing\n"));
    let defaulted = Field::text("area").required().default("north");
    assert_eq!(read([(&defaulted).into()], &[]).unwrap().get(&defaulted), "north");
}

#[test]
fn secrets_are_never_shown() {
    let token = Field::text("token").secret().length(10..=20);
    assert_eq!(
        refusal([(&token).into()], &["--token=hunter2"]),
        "error: --token must have between 10 and 20 characters"
    );
    let code = Field::number("code").secret();
    assert_eq!(
        refusal([(&code).into()], &["BATON_CODE=hunter2"]),
        "error: BATON_CODE must be a whole number"
    );
    let open = Field::text("user");
    let config = Config::default().with(&token, "hunter2hunter2").with(&open, "ada");
    assert_eq!(format!("{config:?}"), r#"{"token": "***", "user": "ada"}"#);
}

#[test]
fn a_field_may_have_another_variable() {
    let field = Field::number("keep-syncs").variable("BATON_KEEP_SYNC_COUNT");
    assert_eq!(read([(&field).into()], &["BATON_KEEP_SYNC_COUNT=3"]).unwrap().get(&field), 3);
    assert_eq!(read([(&field).into()], &["BATON_KEEP_SYNCS=3"]).unwrap().find(&field), None);
}

#[test]
fn what_is_given_is_told_from_defaults() {
    let (text, flag) = (Field::text("text").default("d"), Field::flag("flag"));
    let config = |words: &[&str]| read([(&text).into(), (&flag).into()], words).unwrap();
    assert!(!config(&[]).is_given(&text));
    assert!(config(&["--text=d"]).is_given(&text) && config(&["BATON_TEXT=d"]).is_given(&text));
    assert!(config(&["--flag=true"]).is_given(&flag) && !config(&["--flag=false"]).is_given(&flag));
    assert_eq!(config(&["BATON_TEXT=d"]).origin(&text), "BATON_TEXT");
    assert_eq!(config(&["--text=d", "BATON_TEXT=d"]).origin(&text), "--text");
}

#[test]
fn mistakes_in_fields_are_found() {
    let common = Field::path("file");
    let check = |fields: &[AnyField]| fault(fields, &[common.spec()], &["help"]);
    assert_eq!(check(&[Field::text("token").into(), Field::flag("a2").into()]), None);
    let twice = [Field::text("token").into(), Field::flag("token").into()];
    assert!(check(&twice).unwrap().contains("\"token\" is declared twice"));
    assert!(check(&[Field::text("file").into()]).unwrap().contains("\"file\""));
    assert!(check(&[Field::text("help").into()]).unwrap().contains("\"help\""));
    for name in ["Token", "to_ken", "", "-token", "1st"] {
        assert!(check(&[Field::text(name).into()]).unwrap().contains("not named like"), "{name}");
    }
    assert_eq!(
        check(&[Field::number("n").default(9).range(1..=3).into()]).unwrap(),
        "the default of the field \"n\" breaks its own rule: it must be between 1 and 3"
    );
}

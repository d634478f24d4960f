//! Tests of the log.

use std::ffi::OsString;
use std::time::Duration;

use super::super::flags::Common;
use super::*;
use crate::ui::{Colour, Ui};

fn time() -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(1_786_443_330_125)
}

fn with_record(message: &str, fields: &[(&str, kv::Value<'_>)], check: impl Fn(&Record<'_>)) {
    let args = format_args!("{message}");
    check(&Record::builder().level(Level::Info).args(args).key_values(&fields).build());
}

#[test]
fn a_line_for_people_has_time_level_message_and_fields() {
    let fields = [("count", 12_u64.into()), ("call", "listing user".into()), ("id", "a\u{1b}b".into())];
    with_record("Synced\nresources", &fields, |record| {
        assert_eq!(
            console_line(record, time(), false),
            r#"2026-08-11T10:15:30Z INFO  Synced\nresources count=12 call="listing user" id=a\x1bb"#
        );
        let colourful = console_line(record, time(), true);
        assert!(colourful.contains("\u{1b}[32mINFO ") || colourful.contains("32mINFO"), "{colourful:?}");
    });
}

#[test]
fn a_line_for_programs_is_one_object() {
    let fields = [("ok", true.into()), ("error", "no \"way\"\n".into()), ("n", (-1_i64).into())];
    with_record("it \"ends\"", &fields, |record| {
        let line = json_line(record, time());
        let object: Value = serde_json::from_str(&line).unwrap();
        let wanted = serde_json::json!({
            "level": "info", "ts": 1_786_443_330.125, "msg": "it \"ends\"",
            "ok": true, "error": "no \"way\"\n", "n": -1,
        });
        assert_eq!(object, wanted);
        assert!(line.starts_with(r#"{"level":"info","ts":1786443330.125000,"msg":"#), "{line}");
    });
}

fn logger(words: &[(&str, &str)], terminal: bool) -> Logger {
    let common = Common::new();
    let flags =
        |name: &str| words.iter().find(|(key, _)| *key == name).map(|(_, value)| vec![OsString::from(value)]);
    let config = Config::read(common.log.specs(), &flags, &|_| None).unwrap();
    let board = Ui::new(Colour::Never, true).board();
    Logger::new(&common.log, &config, &board, terminal).unwrap()
}

#[test]
fn lines_are_for_people_only_where_people_are() {
    assert_eq!(logger(&[], true).format, Format::Console);
    assert_eq!(logger(&[], false).format, Format::Json);
    assert_eq!(logger(&[("log-format", "console")], false).format, Format::Console);
    assert_eq!(logger(&[("log-format", "json")], true).format, Format::Json);
    assert_eq!(logger(&[("log-path", "stdout")], true).format, Format::Json);
}

#[test]
fn a_file_gets_lines_and_leaves_standard_error_to_people() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.log");
    std::fs::write(&path, "before\n").unwrap();
    let logger = logger(&[("log-path", path.to_str().unwrap()), ("log-level", "warn")], true);
    let manner = logger.manner();
    assert!(manner.console && manner.elsewhere && !manner.chatty);
    let say = |level, words: &str| {
        logger.log(&Record::builder().level(level).args(format_args!("{words}")).build());
    };
    say(Level::Info, "not this");
    say(Level::Warn, "this");
    let text = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines.len(), lines[0]), (2, "before"));
    assert_eq!(serde_json::from_str::<Value>(lines[1]).unwrap()["msg"], "this");
}

#[test]
fn programs_that_read_standard_error_find_nothing_but_objects() {
    let manner = logger(&[], false).manner();
    assert!(!manner.console && !manner.elsewhere && manner.chatty);
    let manner = logger(&[("log-path", "stderr,stdout")], false).manner();
    assert!(!manner.console && manner.elsewhere);
}

#[test]
fn a_file_that_cannot_be_opened_is_an_error() {
    let common = Common::new();
    let config = Config::default().with(&common.log.path, ["/no/such/folder/a.log".to_owned()]);
    let board = Ui::new(Colour::Never, true).board();
    let error = Logger::new(&common.log, &config, &board, false).unwrap_err();
    assert!(error.message().starts_with("--log-path /no/such/folder/a.log: "), "{}", error.message());
}

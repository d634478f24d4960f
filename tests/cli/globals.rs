//! Options of every command, the environment, standard input, colour.

use crate::run::{FIRST, call, company, fixture, names, run};
use crate::shapes::FORMATS;

#[test]
fn global_options_stand_before_or_after_the_command() {
    let after = run("grants -f company.c1z -o csv -q --color never");
    for line in [
        "-f company.c1z -o csv -q --color never grants",
        "--file company.c1z --output-format csv --quiet --color=never grants",
        "-o csv grants -f company.c1z -q",
        "-ocsv -qfcompany.c1z grants",
    ] {
        assert_eq!(run(line), after, "{line}");
    }
    let compare = "-e group:eng:member --compare-entitlement org:acme:owner";
    assert_eq!(
        run(&format!("-f company.c1z -o name principals compare {compare}")).ok(),
        run(&format!("principals compare {compare} -o name -f company.c1z"))
    );
}

#[test]
fn the_environment_names_file_and_format_and_options_win() {
    let expected = company("grants -o csv");
    let in_environment =
        call("grants").env("BATON_FILE", "company.c1z").env("BATON_OUTPUT_FORMAT", "csv").run();
    assert_eq!(in_environment, expected);
    let overruled = call("grants -f company.c1z -o csv")
        .env("BATON_FILE", "empty.c1z")
        .env("BATON_OUTPUT_FORMAT", "json")
        .run();
    assert_eq!(overruled, expected);
}

#[test]
fn an_empty_variable_counts_as_unset() {
    let expected = company("grants -o name");
    for name in ["BATON_OUTPUT_FORMAT", "BATON_FILE", "BATON_MEMORY_LIMIT_MB"] {
        assert_eq!(call("grants -f company.c1z -o name").env(name, "").run(), expected, "{name}");
    }
    let table = company("resources");
    assert_eq!(call("resources -f company.c1z").env("BATON_OUTPUT_FORMAT", "").run(), table);
}

#[test]
fn without_a_file_sync_c1z_is_read() {
    let directory = tempfile::tempdir().unwrap();
    let error = call("grants").dir(directory.path()).run().failed();
    assert!(error.contains("sync.c1z") && error.contains("-f"), "{error}");
    std::fs::write(directory.path().join("sync.c1z"), fixture("company.c1z")).unwrap();
    let output = call("grants -o name").dir(directory.path()).run().ok();
    assert_eq!(output.lines(), names("grants"));
}

#[test]
fn a_dash_is_standard_input() {
    for line in ["grants", "resources", "stats", "access ada", "syncs -o json"] {
        let from_stdin = call(&format!("{line} -f -")).stdin(fixture("company.c1z")).run().ok();
        assert_eq!(from_stdin.stdout, company(line).stdout, "{line}");
    }
    let error = call("grants -f -").stdin(fixture("company.c1z")[..5000].to_vec()).run().failed();
    assert!(error.starts_with("error: standard input: "), "{error}");
}

#[test]
fn both_sides_of_a_comparison_can_come_from_standard_input() {
    let words = format!(
        "principals compare -f - -e group:eng:member --compare-file - --compare-entitlement group:eng:member \
         --compare-sync-id {FIRST} -o name"
    );
    assert_eq!(call(&words).stdin(fixture("company.c1z")).run().ok().stdout, "user/xiaoming\n");
}

#[test]
fn an_empty_standard_input_is_an_error() {
    let error = run("grants -f -").failed();
    assert!(error.contains("standard input"), "{error}");
    let error = call("grants -f -").stdin(Vec::new()).run().failed();
    assert!(error.contains("standard input"), "{error}");
}

#[test]
fn an_unknown_format_is_refused_with_all_there_are() {
    for format in ["xml", "JSON", "''", "yaml"] {
        let error = run(&format!("grants -f company.c1z -o {format}")).refused();
        for name in FORMATS {
            assert!(error.contains(name), "{name}: {error}");
        }
    }
    let error = call("grants -f company.c1z").env("BATON_OUTPUT_FORMAT", "xml").run().refused();
    assert!(error.contains("xml") && error.contains("ndjson"), "{error}");
}

#[test]
fn unknown_words_are_refused() {
    for line in ["grnats", "grants more", "grants --colour", "grants --color sometimes", "--nonsense"] {
        run(&format!("{line} -f company.c1z")).refused();
    }
}

#[test]
fn a_slip_in_a_command_or_an_option_hears_a_suggestion() {
    for (line, meant) in [("grnats", "grants"), ("grants --colum id", "--columns"), ("sync", "syncs")] {
        let error = run(line).refused();
        assert!(error.contains(meant), "{error}");
    }
}

#[test]
fn colour_is_for_terminals_unless_it_is_forced() {
    let coloured = |line: &str, variables: &[(&str, &str)]| {
        let call = variables.iter().fold(call(line), |call, (name, value)| call.env(name, value));
        call.run().ok().stdout.contains('\u{1b}')
    };
    let line = "resources -f company.c1z";
    let always = "resources -f company.c1z --color always";
    let never = "resources -f company.c1z --color never";
    assert!(!coloured(line, &[]));
    assert!(coloured(always, &[]));
    assert!(coloured(always, &[("NO_COLOR", "1")]), "the option is the last word");
    assert!(coloured(line, &[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(line, &[("CLICOLOR_FORCE", "0")]));
    assert!(!coloured(line, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(!coloured(never, &[("CLICOLOR_FORCE", "1")]));
}

#[test]
fn colour_changes_no_text() {
    for list in ["grants", "resources", "stats", "syncs", "resource-types"] {
        let coloured = company(&format!("{list} --color always")).stdout;
        let plain = coloured.replace("\u{1b}[1m", "").replace("\u{1b}[0m", "");
        assert_eq!(plain, company(list).stdout);
    }
}

#[test]
fn machine_formats_have_no_colour() {
    for format in FORMATS.into_iter().filter(|format| !["table", "wide"].contains(format)) {
        let line = format!("grants -o {format}");
        assert_eq!(company(&format!("{line} --color always")).stdout, company(&line).stdout, "{format}");
    }
}

#[test]
fn warnings_take_the_colour_that_was_asked_for() {
    let plain = company("grants -o name --limit 99").stderr;
    assert!(!plain.contains('\u{1b}'));
    let warned = company("grants -t gruop").stderr;
    assert!(warned.starts_with("warning: "), "{warned}");
    assert!(company("grants -t gruop --color always").stderr.contains('\u{1b}'));
}

#[test]
fn quiet_silences_words_but_no_error() {
    assert_eq!(company("grants -q").stderr, "");
    let error = run("grants -q -f missing.c1z").failed();
    assert!(error.contains("missing.c1z"));
}

#[test]
fn what_does_not_fit_in_memory_is_unpacked_elsewhere() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().display();
    let expected = company("grants -o csv");
    assert_eq!(company("grants -o csv --memory-limit 0"), expected);
    assert_eq!(company(&format!("grants -o csv --memory-limit 0 --temp-dir '{path}'")), expected);
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0, "nothing stays behind");
    let error = run(&format!("grants -f company.c1z --memory-limit 0 --temp-dir '{path}/none'")).failed();
    assert!(error.contains("none"), "{error}");
}

#[test]
fn a_limit_that_refuses_every_file_is_refused() {
    let error = call("grants -f company.c1z").env("BATON_DECODER_MAX_DECODED_SIZE_MB", "0").run().failed();
    assert!(error.contains("BATON_DECODER_MAX_DECODED_SIZE_MB"), "{error}");
}

//! Help, version, completion: everything that needs no file.

use crate::run::run;

const COMMANDS: [&str; 13] = [
    "resources",
    "resource-types",
    "entitlements",
    "grants",
    "principals",
    "access",
    "diff",
    "check",
    "syncs",
    "stats",
    "verify",
    "completion",
    "version",
];

#[test]
fn help_names_every_command() {
    for line in ["help", "--help", "-h"] {
        let output = run(line).ok();
        for command in COMMANDS {
            assert!(
                output.lines().iter().any(|line| line.trim_start().starts_with(command)),
                "{line}: {command}"
            );
        }
        assert_eq!(output.stderr, "");
    }
}

#[test]
fn every_command_has_help_with_its_options_and_examples() {
    for command in COMMANDS.iter().chain(&["principals compare"]) {
        let long = run(&format!("{command} --help")).ok();
        assert!(long.stdout.contains(&format!("Usage: baton {command}")), "{}", long.stdout);
        assert_eq!(run(&format!("help {command}")).ok(), long);
        let short = run(&format!("{command} -h")).ok();
        assert!(short.stdout.lines().count() <= long.stdout.lines().count(), "{command}");
        if *command != "version" {
            assert!(long.stdout.contains("Examples:\n  baton "), "{command}");
        }
    }
}

#[test]
fn help_of_lists_tells_their_filters_and_options() {
    for command in ["resources", "entitlements", "grants"] {
        let help = run(&format!("{command} -h")).ok().stdout;
        let options =
            ["-t,", "-r,", "-e,", "-p,", "--sync-id", "--limit", "--sort", "--columns", "--no-headers"];
        for option in options.iter().chain(&["-f,", "-o,", "--color", "BATON_FILE", "BATON_OUTPUT_FORMAT"]) {
            assert!(help.contains(option), "{command}: {option}");
        }
    }
}

#[test]
fn help_fits_a_terminal() {
    for command in COMMANDS {
        for line in run(&format!("{command} --help")).ok().stdout.lines() {
            assert!(line.chars().count() <= 120, "{line}");
        }
    }
}

#[test]
fn without_a_command_the_usage_is_shown() {
    let output = run("");
    assert!(output.ok().stdout.contains("Usage: baton"));
}

#[test]
fn the_version_has_four_spellings() {
    let expected = format!("baton {}\n", env!("CARGO_PKG_VERSION"));
    for line in ["version", "--version", "-v", "-V"] {
        let output = run(line).ok();
        assert_eq!((output.stdout.as_str(), output.stderr.as_str()), (expected.as_str(), ""), "{line}");
    }
}

#[test]
fn every_shell_gets_a_completion_script() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = run(&format!("completion {shell}")).ok();
        for command in COMMANDS {
            assert!(script.stdout.contains(command), "{shell}: {command}");
        }
        assert_eq!(script.stderr, "");
    }
    run("completion").refused();
    let error = run("completion tcsh").refused();
    assert!(error.contains("zsh"), "{error}");
}

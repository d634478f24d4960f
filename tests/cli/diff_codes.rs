//! `baton diff`: what its exit code says.

use std::process::Stdio;

use crate::run::{FIRST, Output, call, edited, run};

const TWO_DAYS: &str = "diff -f company.c1z";
const SAME: &str = "diff company.c1z company.c1z";

#[test]
fn a_difference_is_exit_1_only_when_asked_for() {
    for format in ["table", "wide", "json", "ndjson", "csv", "tsv", "md", "name"] {
        assert_eq!(run(&format!("{TWO_DAYS} -o {format}")).code, 0, "{format}");
        assert_eq!(run(&format!("{TWO_DAYS} -o {format} --exit-code")).code, 1, "{format}");
        assert_eq!(run(&format!("{SAME} -o {format} --exit-code")).code, 0, "{format}");
    }
    assert_eq!(run(&format!("{TWO_DAYS} --stat --exit-code")).code, 1);
    run("diff none.c1z company.c1z --exit-code").failed();
}

#[test]
fn the_code_follows_the_equality_of_the_output() {
    // Only a copy inside an entitlement differs, and only a resource type.
    let (_copy, copy) = edited(
        "UPDATE v1_entitlements SET data = CAST(replace(CAST(data AS TEXT), 'Operations', 'Oberations') AS BLOB);",
    );
    let (_kind, kind) = edited("DELETE FROM v1_resource_types WHERE external_id = 'secret';");
    let code = |words: &str| run(&format!("diff company.c1z {words} --exit-code")).code;
    assert_eq!(code(&copy), 0);
    assert_eq!(code(&format!("{copy} --strict")), 1);
    assert_eq!(code(&format!("{copy} -o json")), 1);
    assert_eq!(code(&kind), 1);
    assert_eq!(code(&format!("{kind} -o json")), 0);
    assert_eq!(code(&format!("{kind} --only grants")), 0);
}

#[test]
fn terraform_hands_have_their_codes() {
    assert_eq!(run(&format!("{TWO_DAYS} --detailed-exitcode")).code, 2);
    assert_eq!(run(&format!("{SAME} --detailed-exitcode")).code, 0);
    for line in [
        "diff none.c1z company.c1z --detailed-exitcode",
        "diff old-schema.c1z --detailed-exitcode",
        "diff company.c1z --detailed-exitcode -o yaml",
        "diff company.c1z --detailed-exitcode --colour",
        "diff company.c1z --detailed-exitcode --exit-code",
        "diff empty.c1z damaged-rows.c1z --detailed-exitcode",
    ] {
        let output = run(line);
        assert_eq!(output.code, 1, "{line}: {}", output.stderr);
        assert_eq!(output.said("error").len(), 1, "{line}: {}", output.stderr);
    }
    let output = call(&format!("{SAME} --detailed-exitcode")).env("BATON_OUTPUT_FORMAT", "yaml").run();
    assert_eq!(output.code, 1, "{}", output.stderr);
    // Other commands and other spellings keep theirs.
    assert_eq!(run("grants -f none.c1z").code, 2);
}

#[test]
fn only_some_changes_may_fail_a_job() {
    let code = |words: &str| run(&format!("{TWO_DAYS} --fail-on {words}")).code;
    for word in ["added-grants", "removed-grants", "disabled-accounts", "modified-resources"] {
        assert_eq!(code(word), 1, "{word}");
        assert_eq!(code(&format!("added-accounts,{word}")), 1, "{word}");
    }
    for words in ["enabled-accounts", "modified-accounts,modified-grants", "added-resource-types"] {
        assert_eq!(code(words), 0, "{words}");
    }
    assert_eq!(run(&format!("{TWO_DAYS} --fail-on enabled-accounts --exit-code")).code, 0);
    assert_eq!(run(&format!("{TWO_DAYS} --fail-on added-grants --detailed-exitcode")).code, 2);
    // Filters come first, and a status that is not compared disables nobody.
    let (_file, path) = edited(
        "UPDATE v1_resources SET data = CAST(replace(CAST(data AS TEXT), 'Grace Hopper', 'Grace Popper') AS BLOB);",
    );
    let disabled = |words: &str| {
        let line = format!(
            "diff company.c1z {path} --from {FIRST} -p user/grace --fail-on disabled-accounts {words}"
        );
        run(&line)
    };
    assert_eq!(disabled("").code, 1);
    let output = disabled("--ignore status").ok();
    assert!(
        output.stdout.contains("~ grace@corp.example  displayName: Grace Hopper → "),
        "{}",
        output.stdout
    );
    assert!(output.stdout.ends_with("\n1 account changed\n"), "{}", output.stdout);
    assert_eq!(code("added-grants -t project"), 0);
    assert_eq!(code("added-grants -e 'role:admin:*'"), 1);
    assert_eq!(code("removed-grants -e 'role:admin:*'"), 0);
    let error = run(&format!("{TWO_DAYS} --fail-on new-grants")).failed();
    assert!(error.contains("added-grants, removed-grants"), "{error}");
}

#[test]
fn help_lists_every_word_that_may_fail_a_job() {
    let error = run(&format!("{TWO_DAYS} --fail-on x")).failed();
    let words = error.lines().next().unwrap().rsplit(" are ").next().unwrap().split(", ");
    let help = run("diff --help").ok().stdout;
    let mut count = 0;
    for word in words {
        assert!(help.contains(&format!("{word},")) || help.contains(&format!("{word}\n")), "{word}");
        count += 1;
    }
    assert_eq!(count, 17);
}

#[test]
fn quiet_is_nothing_but_an_exit_code() {
    let output = run(&format!("{TWO_DAYS} -q"));
    assert_eq!((output.code, output.stdout.as_str(), output.stderr.as_str()), (1, "", ""));
    let output = run(&format!("{SAME} --quiet"));
    assert_eq!((output.code, output.stdout.as_str(), output.stderr.as_str()), (0, "", ""));
    assert_eq!(run(&format!("{TWO_DAYS} -q --fail-on enabled-accounts")).code, 0);
    assert_eq!(run(&format!("-q {TWO_DAYS} --detailed-exitcode")).code, 2);
    assert_eq!(call(&format!("{TWO_DAYS} -q")).env("BATON_OUTPUT_FORMAT", "json").run().code, 1);
    // Who asks for data and for none is told so.
    for words in ["-o json", "--stat"] {
        let error = run(&format!("{TWO_DAYS} -q {words}")).failed();
        assert!(error.contains("-q prints nothing"), "{error}");
    }
    assert!(run("diff none.c1z company.c1z -q").failed().contains("none.c1z"));
}

/// Exit 2, for what the rows of the damaged fixture are.
#[track_caller]
fn incomplete(output: &Output) {
    assert_eq!(output.code, 2, "{}", output.stderr);
    assert_eq!(output.said("error").len(), 1, "{}", output.stderr);
    assert!(output.stderr.contains("v1_grants row 3"), "{}", output.stderr);
}

#[test]
fn rows_that_cannot_be_read_are_trouble() {
    for format in ["table", "json", "ndjson", "csv", "md", "name"] {
        for files in ["empty.c1z damaged-rows.c1z", "damaged-rows.c1z empty.c1z"] {
            let output = run(&format!("diff {files} -o {format}"));
            incomplete(&output);
            let shown = ["u1", "good one"].iter().any(|good| output.stdout.contains(good));
            assert!(shown, "{files} {format}: {}", output.stdout);
            assert!(!output.stdout.contains("cut-grant"), "{files} {format}: {}", output.stdout);
        }
    }
    incomplete(&run("diff empty.c1z damaged-rows.c1z -q"));
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_is_no_difference() {
    for words in ["", "-o ndjson", "--stat"] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = call(&format!("{TWO_DAYS} --exit-code {words}")).command();
        let output = command.stdout(writer).stderr(Stdio::piped()).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{words}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{words}");
    }
}

#[test]
fn an_unfinished_side_must_be_named() {
    run("diff unfinished.c1z company.c1z --exit-code").failed();
    assert_eq!(run(&format!("diff unfinished.c1z company.c1z --from {FIRST} --exit-code")).code, 1);
}

//! Filters that name what the sync does not hold.

use crate::run::{company, run};

/// An empty answer, and one warning that has all of these words.
#[track_caller]
fn warns(line: &str, words: &[&str]) {
    let output = run(&format!("{line} -o ndjson -f company.c1z")).ok();
    assert_eq!(output.stdout, "", "{line}");
    let warning = output.warning();
    for word in words {
        assert!(warning.contains(word), "{line}: {warning}");
    }
}

#[test]
fn an_unknown_type_is_an_empty_answer_with_near_names() {
    for command in ["resources", "entitlements", "grants"] {
        warns(&format!("{command} -t gruop"), &["'gruop'", "did you mean group?"]);
        warns(&format!("{command} -t usr"), &["'usr'", "user"]);
    }
    warns("grants -t User", &["'User'", "did you mean user?"]);
    warns("principals -t gruop -r eng", &["'gruop'", "group"]);
}

#[test]
fn an_unknown_resource_is_an_empty_answer_with_near_names() {
    for command in ["resources", "entitlements", "grants", "principals"] {
        warns(&format!("{command} -t group -r enq"), &["group/enq", "eng"]);
    }
}

#[test]
fn an_unknown_entitlement_is_an_empty_answer_with_near_names() {
    for command in ["resources", "entitlements", "grants", "principals"] {
        warns(&format!("{command} -e group:eng:membr"), &["'group:eng:membr'", "group:eng:member"]);
    }
}

#[test]
fn a_name_like_nothing_gets_no_suggestion() {
    let output = company("grants -t qqqqqqqqqqqqqqqqqqqqqqqqqqqqq -o ndjson");
    assert!(output.warning().contains("qqqq"));
    assert!(!output.stderr.contains("did you mean"), "{}", output.stderr);
}

#[test]
fn known_names_without_a_match_need_no_words() {
    for line in [
        "grants -t secret",
        "grants -t secret -r key-1",
        "grants -e role:auditor:assigned",
        "principals -e role:auditor:assigned",
        "entitlements -p nemo -t role",
        "resources -t user -r ada",
    ] {
        let output = company(&format!("{line} -o json"));
        assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("{}\n", ""), "{line}");
    }
}

#[test]
fn quiet_leaves_only_the_answer() {
    let output = company("grants -t gruop -o json -q");
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("{}\n", ""));
}

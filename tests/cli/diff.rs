//! `baton diff`: what it finds is what the lists of both syncs say.

use std::collections::{BTreeMap, BTreeSet};

use crate::run::{FIRST, Output, Record, SECOND, edited, run, temporary, text};
use crate::v3;

/// The two days of `generated.c1z`.
const DAYS: [&str; 2] = ["37dyNByS9PhdL7pYDtLO1HlrLz8", "37gnUwlLyOz8xLJDw79dEXlMUo1"];

/// A record, and what it is called.
type Named = (&'static str, String);

fn diff(words: &str) -> Output {
    run(&format!("diff {words}"))
}

/// The lists of a sync, by name. `words` choose file and sync.
fn listed(words: &str) -> BTreeMap<Named, Record> {
    let mut all = BTreeMap::new();
    for (record, list) in [
        ("resource_type", "resource-types"),
        ("resource", "resources --all"),
        ("entitlement", "entitlements"),
        ("grant", "grants"),
    ] {
        for row in run(&format!("{list} {words} -o ndjson")).ok().records() {
            all.insert(name(record, &row), row);
        }
    }
    all
}

fn name(record: &'static str, row: &Record) -> Named {
    let id = text(row, "id");
    (record, if record == "resource" { format!("{}/{id}", text(row, "type")) } else { id.to_owned() })
}

/// The changes of one kind, by name.
fn changed(changes: &[Record], kind: &str) -> BTreeMap<Named, Record> {
    let words = ["resource_type", "resource", "entitlement", "grant"];
    let chosen = changes.iter().filter(|change| change["change"] == kind);
    let named = chosen.map(|change| {
        let record = words.into_iter().find(|word| change["record"] == *word).unwrap();
        (name(record, change), change.clone())
    });
    named.collect()
}

/// What a row says of its own record; the rest is of others, or says where it was found.
fn own(record: &str, row: &Record) -> Record {
    let foreign = ["resource_name", "principal_name", "principal_email", "entitlement_slug", "missing"];
    let kept = row.iter().filter(|(name, _)| {
        !["change", "record", "fields"].contains(&name.as_str())
            && (!foreign.contains(&name.as_str()) || record == "resource")
    });
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Compares what `diff` says with the lists of both sides; `words` choose them for it.
fn check(old: &str, new: &str, words: &str) -> Vec<Record> {
    let (old, new) = (listed(old), listed(new));
    let changes = diff(&format!("{words} -o ndjson")).ok().records();
    let created = changed(&changes, "created");
    let deleted = changed(&changes, "deleted");
    let modified = changed(&changes, "modified");
    assert_eq!(created.len() + deleted.len() + modified.len(), changes.len(), "{words}: each once");
    let names = |all: &BTreeMap<Named, Record>| all.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(&created), &names(&new) - &names(&old), "{words}");
    assert_eq!(names(&deleted), &names(&old) - &names(&new), "{words}");
    for (side, found) in [(&new, &created), (&old, &deleted), (&new, &modified)] {
        for (name, change) in found {
            let mut row = change.clone();
            ["change", "record", "fields"].into_iter().for_each(|key| drop(row.remove(key)));
            assert_eq!(row, side[name], "{words}: {name:?}");
            assert_eq!(change.contains_key("fields"), change["change"] == "modified", "{words}: {name:?}");
        }
    }
    for name in &names(&old) & &names(&new) {
        if own(name.0, &old[&name]) != own(name.0, &new[&name]) {
            assert!(modified.contains_key(&name), "{words}: {name:?}");
        }
    }
    for (name, change) in &modified {
        assert!(old.contains_key(name), "{words}: {name:?}");
        let fields = change["fields"].as_array().unwrap();
        assert!(!fields.is_empty(), "{words}: {name:?}");
        assert!(fields.iter().all(|field| field["old"] != field["new"]), "{words}: {name:?}");
    }
    changes
}

#[test]
fn two_days_of_a_generated_company_in_both_directions() {
    let [old, new] = DAYS.map(|day| format!("-f generated.c1z --sync-id {day}"));
    let changes = check(&old, &new, "-f generated.c1z");
    let count = |kind, record| {
        let wanted = |change: &&Record| change["change"] == kind && change["record"] == record;
        changes.iter().filter(wanted).count()
    };
    assert_eq!((count("created", "grant"), count("deleted", "grant")), (35, 30));
    assert_eq!((count("created", "resource"), count("deleted", "resource")), (1, 1));
    let [first, second] = DAYS;
    let back = check(&new, &old, &format!("-f generated.c1z --from {second} --to {first}"));
    assert_eq!(back.len(), changes.len());
}

#[test]
fn two_days_of_the_company_and_files_of_other_days() {
    let [first, second] = [FIRST, SECOND].map(|day| format!("-f company.c1z --sync-id {day}"));
    check(&first, &second, "company.c1z");
    check(&second, &first, &format!("company.c1z --from {SECOND} --to {FIRST}"));
    check(&second, "-f generated.c1z", "company.c1z generated.c1z");
    check("-f empty.c1z", &second, "empty.c1z company.c1z");
    check(&second, "-f empty.c1z", "company.c1z empty.c1z");
}

#[test]
fn the_engine_makes_no_difference() {
    for (file, days) in [("company.c1z", [FIRST, SECOND]), ("generated.c1z", DAYS)] {
        let copies = days.map(|day| v3::File::copy_of(file, day));
        let [first, second] = copies.each_ref().map(|copy| format!("'{}'", copy.path().display()));
        let same = diff(&format!("{file} {second} -o ndjson --exit-code"));
        assert_eq!((same.stdout.as_str(), same.code), ("", 0), "{file}");
        assert_eq!(diff(&format!("{second} {file} -o ndjson")).ok().stdout, "", "{file}");
        // Across engines, within either, and in both directions the same records changed.
        let names = |words: &str| diff(&format!("{words} -o name")).ok().stdout;
        let expected = names(&format!("-f {file}"));
        assert!(!expected.is_empty());
        assert_eq!(names(&format!("{file} {second} --from {}", days[0])), expected, "{file}");
        assert_eq!(names(&format!("{first} {file}")), expected, "{file}");
        assert_eq!(names(&format!("{first} {second}")), expected, "{file}");
        check(&format!("-f {first}"), &format!("-f {second}"), &format!("{first} {second}"));
    }
}

#[test]
fn a_file_and_itself_are_the_same() {
    for file in ["company.c1z", "generated.c1z", "slim.c1z", "old-schema.c1z", "empty.c1z"] {
        for words in ["", "--strict", "-o json"] {
            let output = diff(&format!("{file} {file} --exit-code {words}")).ok();
            let nothing = match words {
                "-o json" => "{\"resources\":{},\"entitlements\":{},\"grants\":{}}\n",
                _ => "no differences\n",
            };
            assert_eq!(output.stdout, nothing, "{file} {words}");
        }
        assert_eq!(diff(&format!("{file} {file} -o ndjson")).ok().stdout, "", "{file}");
    }
}

#[test]
fn slim_rows_are_the_same_as_full_ones() {
    assert_eq!(diff("company.c1z slim.c1z").ok().stdout, "no differences\n");
}

#[test]
fn a_renamed_group_is_one_change() {
    let (_file, path) = edited(
        "UPDATE v1_resources SET data = CAST(replace(CAST(data AS TEXT), 'Operations', 'Oberations') AS BLOB)
             WHERE resource_type_id = 'group';
         UPDATE v1_entitlements SET data = CAST(replace(CAST(data AS TEXT), 'Operations', 'Oberations') AS BLOB);
         UPDATE v1_grants SET data = CAST(replace(CAST(data AS TEXT), 'Operations', 'Oberations') AS BLOB);",
    );
    let changes = diff(&format!("company.c1z {path} -o ndjson")).ok().records();
    assert_eq!(changes.len(), 1, "{changes:?}");
    let change = &changes[0];
    assert_eq!((&change["change"], text(change, "id")), (&"modified".into(), "ops"));
    let expected = serde_json::json!([{"path": "displayName", "old": "Operations", "new": "Oberations"}]);
    assert_eq!(change["fields"], expected);
    // The copies are seen when they are asked for.
    let strict = diff(&format!("company.c1z {path} -o ndjson --strict")).ok().records();
    let grants = strict.iter().filter(|change| change["record"] == "grant").count();
    assert!(grants > 1, "{grants}");
}

#[test]
fn filters_choose_what_is_compared() {
    let names = |words: &str| diff(&format!("-f company.c1z -o name {words}")).ok().stdout;
    let eng = "+ grant group:eng:member:user:xiaoming\n";
    let ops = "- grant group:ops:member:user:robin\n";
    let admin = "+ grant role:admin:assigned:user:xiaoming\n";
    let (group, user) = ("~ resource group/eng\n", "~ resource user/grace\n");
    assert_eq!(names(""), [group, user, eng, ops, admin].concat());
    assert_eq!(names("--only grants"), [eng, ops, admin].concat());
    assert_eq!(names("--only resources,resource-types"), [group, user].concat());
    assert_eq!(names("-t role"), admin);
    assert_eq!(names("-t role -t user"), [user, admin].concat());
    assert_eq!(names("--only grants -e '*:member'"), [eng, ops].concat());
    assert_eq!(names("--only grants -e 'role:*' -e 'group:ops:*'"), [ops, admin].concat());
    assert_eq!(names("--only grants -e assigned"), admin);
    assert_eq!(names("-p robin@corp.example"), ops);
    assert_eq!(names("-p user/grace"), user);
    assert_eq!(names("--ignore status"), [group, eng, ops, admin].concat());
    assert_eq!(names("--ignore 'status.*' --ignore displayName"), [user, eng, ops, admin].concat());
}

#[test]
fn a_principal_who_is_gone_is_found_in_the_old_sync() {
    let names = |words: &str| diff(&format!("-f generated.c1z -o name {words}")).ok().stdout;
    let gone = names("-p rohan.desai");
    assert!(gone.contains("- resource user/rohan.desai\n"), "{gone}");
    assert!(
        gone.lines().all(|line| line.ends_with("user:rohan.desai") || line.ends_with("user/rohan.desai"))
    );
    assert_eq!(gone, names("-p rohan.desai@acme.example"));
    let come = names("-p olive.wyatt@acme.example");
    assert!(come.starts_with("+ resource user/olive.wyatt\n+ grant "), "{come}");
    let error = diff("-f generated.c1z -p rohan.desay@acme.example").failed();
    assert!(error.contains("nobody is known as 'rohan.desay@acme.example'"), "{error}");
}

#[test]
fn fields_to_ignore_can_stand_in_a_file() {
    let (_file, path) = temporary(b"# what a rename changes\n\n  displayName # of all records\nstatus\n");
    let words = format!("-f company.c1z --ignore-file {path} --only resources --exit-code");
    assert_eq!(diff(&words).ok().stdout, "no differences\n");
    let error = diff("-f company.c1z --ignore-file 'no such file'").failed();
    assert!(error.contains("no such file: "), "{error}");
    let error = diff("-f company.c1z --ignore a..b").failed();
    assert!(error.contains("'a..b'"), "{error}");
}

#[test]
fn a_type_that_neither_sync_knows_is_worth_a_warning() {
    let output = diff("-f company.c1z -t grup").ok();
    assert_eq!(output.stdout, "no differences\n");
    assert!(output.warning().contains("did you mean group?"), "{}", output.stderr);
    // One that is gone is known.
    assert_eq!(diff("company.c1z empty.c1z -t group --only resource-types").ok().stderr, "");
}

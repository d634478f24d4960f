//! `baton diff`: how the answer looks in every format.

use serde_json::Value;

use crate::parse::{csv, tsv};
use crate::run::{Output, edited, run, text};

fn diff(words: &str) -> Output {
    run(&format!("diff {words}"))
}

#[test]
fn the_table_shows_grants_then_accounts_then_counts_then_the_summary() {
    let shown = "\
+ xiaoming@corp.example  member    Engineering & Design
- robin@corp.example     member    Operations
+ xiaoming@corp.example  assigned  Administrator         inherited

~ grace@corp.example  status: enabled → disabled; status.details: none → on leave

  resources  group  1 changed

2 grants added, 1 removed; 1 account disabled; 1 resource changed
";
    assert_eq!(diff("-f company.c1z").ok().stdout, shown);
    assert_eq!(diff("company.c1z company.c1z").ok().stdout, "no differences\n");
}

#[test]
fn accounts_come_go_and_are_disabled_and_enabled() {
    let accounts = |words: &str| {
        let shown = diff(&format!("generated.c1z --only resources {words}")).ok().stdout;
        shown.split("\n\n").next().unwrap().to_owned()
    };
    assert_eq!(
        accounts(""),
        "+ olive.wyatt@acme.example\n\
         - rohan.desai@acme.example\n\
         ~ isaac.rowe@acme.example   status: enabled → disabled\n\
         ~ vera.shaw@acme.example    displayName: Vera Shaw → Vera Slater; \
         structuredName.familyName: Shaw → Slater"
    );
    let back = "--from 37gnUwlLyOz8xLJDw79dEXlMUo1 --to 37dyNByS9PhdL7pYDtLO1HlrLz8";
    assert!(accounts(back).contains("~ isaac.rowe@acme.example   status: disabled → enabled\n"));
    // One that was not in use when it came.
    let come = diff("empty.c1z company.c1z --only resources").ok().stdout;
    assert!(
        come.lines().any(|line| line.starts_with("+ grace@corp.example ") && line.ends_with(" disabled"))
    );
    assert!(come.contains("+ ada@corp.example\n"), "{come}");
}

#[test]
fn grants_stand_by_their_resource() {
    let shown = diff("generated.c1z --only grants").ok().stdout;
    let lines = shown.lines().take_while(|line| !line.is_empty());
    let resources: Vec<&str> = lines.map(|line| line.get(42..62).unwrap_or(&line[42..]).trim()).collect();
    let mut seen = resources.clone();
    seen.dedup();
    let groups = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!((seen.len(), resources.len()), (groups, 69), "{resources:?}");
    assert!(shown.contains("  direct → inherited\n"), "{shown}");
    assert!(shown.contains("  also through group:marketing:member\n"), "{shown}");
    assert!(shown.contains("  no longer through group:support:member\n"), "{shown}");
}

#[test]
fn wide_has_ids_and_lists_everything() {
    let shown = diff("-f company.c1z -o wide").ok().stdout;
    let first = shown.lines().next().unwrap();
    for word in ["xiaoming@corp.example", "user/xiaoming", "member", "group:eng:member", "group/eng"] {
        assert!(
            first.contains(&format!("  {word}")) || first.contains(&format!(" {word}  ")),
            "{word}: {first}"
        );
    }
    assert!(shown.contains("user/grace"), "{shown}");
    let renamed = "~ group  eng  Engineering & Design  displayName: Engineering → Engineering & Design\n";
    assert!(shown.contains(renamed), "{shown}");
}

#[test]
fn colour_is_that_of_git_and_only_when_wanted() {
    let shown = diff("-f company.c1z --color always").ok().stdout;
    assert!(shown.starts_with("\u{1b}[32m+ xiaoming"), "{shown:?}");
    assert!(shown.contains("\u{1b}[31m- robin"), "{shown:?}");
    assert!(shown.contains("\u{1b}[33m~ grace"), "{shown:?}");
    assert!(!diff("-f company.c1z").ok().stdout.contains('\u{1b}'));
    assert!(!diff("-f company.c1z -o md --color always").ok().stdout.contains('\u{1b}'));
}

#[test]
fn json_has_the_shape_of_the_reference() {
    let document = diff("-f company.c1z -o json").ok().json();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(keys(&document), "entitlements grants resources");
    assert_eq!(keys(&document["resources"]), "modified");
    assert_eq!(keys(&document["entitlements"]), "modified");
    assert_eq!(keys(&document["grants"]), "created deleted modified");
    // Bare records, of modified ones the new side.
    let modified = document["resources"]["modified"].as_array().unwrap();
    let names: Vec<_> =
        modified.iter().map(|resource| text(resource.as_object().unwrap(), "displayName")).collect();
    assert_eq!(names, ["Engineering & Design", "Grace Hopper"]);
    assert_eq!(document["grants"]["deleted"][0]["id"], "group:ops:member:user:robin");
    let only = diff("-f company.c1z -o json --only grants").ok().json();
    assert_eq!((&only["resources"], &only["grants"]), (&serde_json::json!({}), &document["grants"]));
    for words in ["--only resource-types", "--fail-on added-grants,added-resource-types"] {
        let error = diff(&format!("-f company.c1z -o json {words}")).failed();
        assert!(error.contains("ndjson"), "{error}");
    }
}

#[test]
fn csv_and_tsv_have_one_set_of_columns_for_all_records() {
    let header = "change,record,id,name,resource_type,resource_id,resource_name,entitlement_id,entitlement_slug,\
                  principal_type,principal_id,principal_name,principal_email,direct,status,email,login,fields";
    let shown = diff("-f company.c1z -o csv").ok().stdout;
    assert_eq!(shown.lines().next(), Some(header));
    let rows = csv(&shown);
    assert_eq!(rows.len(), 6);
    assert!(rows.iter().all(|row| row.len() == 18), "{rows:?}");
    let row = |first: &str, id: &str| rows.iter().find(|row| row[0] == first && row[2] == id).unwrap();
    let grant = row("deleted", "group:ops:member:user:robin");
    assert_eq!(
        grant.join("|"),
        "deleted|grant|group:ops:member:user:robin||group|ops|Operations|group:ops:member|member|user|robin|\
         Robin 🦊🚀|robin@corp.example|true||||"
    );
    let account = row("modified", "grace");
    assert_eq!(
        account.join("|"),
        "modified|resource|grace|Grace Hopper|user|grace|Grace Hopper||||||||disabled|grace@corp.example|grace|\
         status: enabled → disabled;status.details: none → on leave"
    );
    assert_eq!(tsv(&diff("-f company.c1z -o tsv").ok().stdout), rows);
    assert_eq!(diff("-f company.c1z -o csv --no-headers").ok().stdout, shown.split_once('\n').unwrap().1);
    assert_eq!(diff("company.c1z company.c1z -o csv").ok().stdout, format!("{header}\n"));
}

#[test]
fn counts_stand_for_changes_in_every_format() {
    let table = diff("-f generated.c1z --stat").ok().stdout;
    assert!(table.starts_with("Record   | Type  | Added | Removed | Changed\n"), "{table}");
    assert!(table.contains("resource | user  |     1 |       1 |       2\n"), "{table}");
    assert!(
        table.ends_with(
            "\n\n35 grants added, 30 removed, 4 changed; 1 account added, 1 removed, 1 disabled, \
                             1 changed\n"
        ),
        "{table}"
    );
    let records = diff("-f generated.c1z --stat -o ndjson").ok().records();
    let sum = |column: &str| records.iter().map(|row| row[column].as_i64().unwrap()).sum::<i64>();
    assert_eq!((sum("created"), sum("deleted"), sum("modified")), (36, 31, 6));
    let json = diff("-f generated.c1z --stat -o json").ok().json();
    assert_eq!(json["stat"].as_array().unwrap().len(), records.len());
    assert_eq!(csv(&diff("-f generated.c1z --stat -o csv").ok().stdout).len(), records.len() + 1);
    let md = diff("-f generated.c1z --stat -o md").ok().stdout;
    assert!(md.starts_with("### 35 grants added") && md.contains("| resource | user | 1 | 1 | 2 |"), "{md}");
    assert_eq!(diff("company.c1z company.c1z --stat").ok().stdout, "no differences\n");
    let error = diff("-f generated.c1z --stat -o name").failed();
    assert!(error.contains("table, wide, json, ndjson, csv, tsv, md"), "{error}");
}

#[test]
fn markdown_is_a_heading_and_a_section_for_each_kind() {
    let shown = diff("-f company.c1z -o md").ok().stdout;
    let expected = "\
### 2 grants added, 1 removed; 1 account disabled; 1 resource changed

From the sync 3AKceuN98XJyPGy2v9g2l5uSogH of 2026-03-01T06:00:03Z to 3ANRmYzdlBHkk05OzohSLUKLz1m of 2026-03-02T06:00:02Z

<details open>
<summary>Grants: 2 added, 1 removed</summary>

| | Principal | Entitlement | Resource | |
| --- | --- | --- | --- | --- |
| + | xiaoming@corp.example | member | Engineering & Design | |
| - | robin@corp.example | member | Operations | |
| + | xiaoming@corp.example | assigned | Administrator | inherited |

</details>

<details>
<summary>Accounts: 1 disabled</summary>

| | Account | |
| --- | --- | --- |
| ~ | grace@corp.example | status: enabled → disabled; status.details: none → on leave |

</details>

<details>
<summary>Resources: 1 changed</summary>

| | Type | ID | Name | |
| --- | --- | --- | --- | --- |
| ~ | group | eng | Engineering & Design | displayName: Engineering → Engineering & Design |

</details>
";
    assert_eq!(shown, expected);
    let same = diff("company.c1z company.c1z -o md").ok().stdout;
    assert!(same.starts_with("### No differences\n\nFrom the sync 3ANR"), "{same}");
    assert_eq!(same.lines().count(), 3);
}

#[test]
fn markdown_leaves_out_rows_and_says_how_many() {
    let rows = |shown: &str| shown.lines().filter(|line| line.starts_with("| + ")).count();
    let whole = diff("empty.c1z company.c1z --only grants -o md").ok().stdout;
    assert_eq!(rows(&whole), 62);
    assert!(!whole.contains("left out"), "{whole}");
    let capped = diff("empty.c1z company.c1z --only grants -o md --max-rows 10").ok().stdout;
    assert_eq!(rows(&capped), 10);
    assert!(capped.contains("\n52 more are left out.\n"), "{capped}");
    assert!(capped.starts_with("### 62 grants added\n"), "{capped}");
    let one = diff("empty.c1z company.c1z --only grants -o md --max-rows 61").ok().stdout;
    assert!(one.contains("\n1 more is left out.\n"), "{one}");
}

#[test]
fn markdown_fits_a_comment_unless_told_otherwise() {
    let (_file, path) = edited(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
         INSERT INTO v1_resources (resource_type_id, external_id, data, sync_id, discovered_at)
         SELECT 'project', 'project:' || i || hex(zeroblob(150)), x'', sync_id, discovered_at
         FROM v1_resources, n WHERE external_id = 'user:ada';",
    );
    let words = format!("company.c1z {path} -o md");
    let fits = diff(&words).ok().stdout;
    assert!(fits.len() < 65_536 && fits.len() > 40_000, "{}", fits.len());
    assert!(fits.contains(" more are left out."), "{fits}");
    assert!(fits.ends_with("\n</details>\n"), "{fits}");
    let rows = |shown: &str| shown.lines().filter(|line| line.starts_with("| + ")).count();
    assert_eq!(rows(&diff(&format!("{words} --max-rows 0")).ok().stdout), 3000);
    assert_eq!(rows(&diff(&format!("{words} --max-rows 1000")).ok().stdout), 1000);
}

#[test]
fn nothing_in_a_file_controls_the_terminal() {
    for words in ["", "-o wide", "-o md", "-o name", "--stat"] {
        for files in ["empty.c1z company.c1z", "company.c1z empty.c1z"] {
            let shown = diff(&format!("{files} {words}")).ok().stdout;
            assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{files} {words}");
        }
    }
    // A name that changed is shown in the words.
    let (_file, path) = edited(
        "UPDATE v1_resources SET data = CAST(replace(CAST(data AS TEXT), 'Mallory', 'Malorie') AS BLOB)
         WHERE external_id = 'user:mallory';",
    );
    let shown = diff(&format!("company.c1z {path} -o wide")).ok().stdout;
    assert!(shown.contains("Mallory \\x1b[31mRed"), "{shown}");
    assert!(!shown.chars().any(|c| c.is_control() && c != '\n'), "{shown}");
    let records = diff(&format!("company.c1z {path} -o ndjson")).ok().records();
    assert!(text(&records[0], "name").contains('\u{1b}'), "machine formats keep the true text");
}

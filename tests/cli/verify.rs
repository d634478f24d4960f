//! `baton verify`, as its users see it. What it finds is tested beside this: `verify_v1`, `verify_v3`, `verify_flips`.

use crate::run::{call, column, fixture, run, temporary};
use crate::verify_files::{Encoding, company};

#[test]
fn a_sound_file_is_exit_0_in_every_format() {
    for (format, lines) in [
        ("table", 20),
        ("wide", 20),
        ("json", 1),
        ("ndjson", 0),
        ("csv", 1),
        ("tsv", 1),
        ("md", 2),
        ("name", 0),
    ] {
        let output = run(&format!("verify company.c1z -o {format}")).ok();
        assert_eq!((output.lines().len(), &*output.stderr), (lines, ""), "{format}:\n{}", output.stdout);
    }
    let named = run("verify -f company.c1z").ok().stdout;
    assert_eq!(named, run("verify company.c1z").ok().stdout);
    assert!(named.ends_with("\ncompany.c1z is sound\n"), "{named}");
    let piped = call("verify -f -").stdin(fixture("company.c1z")).run().ok();
    assert!(piped.stdout.ends_with("\nstandard input is sound\n"), "{}", piped.stdout);
}

#[test]
fn every_fixture_but_one_is_sound() {
    for name in ["company", "partial-newest", "unfinished", "empty", "slim", "old-schema", "generated"] {
        run(&format!("verify {name}.c1z -o name")).ok();
    }
    assert_eq!(run("verify damaged-rows.c1z").code, 1);
}

#[test]
fn faults_are_rows_with_places() {
    let output = run("verify damaged-rows.c1z -o ndjson");
    assert_eq!((output.code, &*output.stderr), (1, ""));
    let records = output.records();
    let harmless = |wanted: bool| {
        let chosen: Vec<_> = records.iter().filter(|record| record["harmless"] == wanted).cloned().collect();
        column(&chosen, "place")
    };
    assert_eq!(
        harmless(false),
        [
            "v1_resources row 4",
            "v1_resources row 5",
            "v1_resources row 6",
            "v1_entitlements row 2",
            "v1_grants row 3",
            "v1_grants row 4"
        ]
    );
    assert_eq!(harmless(true), ["v1_resources row 7", "v1_resources row 8"]);
    assert!(records.iter().all(|record| record["layer"] == "record" && record["offset"].is_u64()));
    let csv = run("verify damaged-rows.c1z -o csv").stdout;
    assert_eq!(csv.lines().next(), Some("layer,place,offset,message,harmless"));
    assert_eq!(csv.lines().count(), 9);
}

#[test]
fn json_says_it_all() {
    let output = run("verify damaged-rows.c1z -o json");
    assert_eq!(output.code, 1);
    let json = output.json();
    assert_eq!(json["sound"], false);
    assert_eq!((&json["engine"], &json["format"]), (&"sqlite".into(), &"v1".into()));
    let records = &json["syncs"][0]["records"];
    assert_eq!(records["resources"], serde_json::json!({"readable": 6, "damaged": 2, "stated": 8}));
    assert_eq!(json["decodedBytes"], json["declaredBytes"]);
    let fault = "{\"layer\":\"record\",\"place\":\"v1_resources row 4\",\"offset\":16001,\"message\":";
    assert!(output.stdout.contains(fault), "{}", output.stdout);
    let steps = json["steps"].as_array().unwrap();
    let faults: u64 = steps.iter().map(|step| step["faults"].as_u64().unwrap()).sum();
    assert_eq!(faults, 6);
    assert_eq!(json["faults"].as_array().unwrap().len(), 8);
}

#[test]
fn a_damaged_file_is_exit_1_and_says_where() {
    let mut bytes = fixture("company.c1z");
    *bytes.last_mut().unwrap() ^= 1;
    let (_file, path) = temporary(&bytes);
    let output = run(&format!("verify {path}"));
    assert_eq!(output.code, 1);
    assert!(
        output.stdout.contains("compression | frame 1 | 0x5 (5) | its checksum does not match its content\n"),
        "{}",
        output.stdout
    );
    assert!(output.stdout.ends_with("is damaged: 1 fault\n"), "{}", output.stdout);
    let stderr = run(&format!("grants -f {path}")).failed();
    assert!(stderr.contains("hint: "), "{stderr}");
}

#[test]
fn what_is_no_c1z_is_exit_2() {
    for bytes in [&b"PK\x03\x04 a zip"[..], b"", b"C1", b"C1Z2\0"] {
        let (_file, path) = temporary(bytes);
        run(&format!("verify {path}")).failed();
    }
    run("verify no-such-file.c1z").failed();
    run("verify .").failed();
    let stderr = call("verify company.c1z").env("BATON_DECODER_MAX_DECODED_SIZE_MB", "0").run().failed();
    assert!(stderr.contains("BATON_DECODER_MAX_DECODED_SIZE_MB"), "{stderr}");
}

#[test]
fn a_file_above_the_limit_is_not_judged() {
    let large = crate::verify_files::v1(&vec![0; 3 << 20]);
    let (_file, path) = temporary(&large);
    let stderr = call(&format!("verify {path}")).env("BATON_DECODER_MAX_DECODED_SIZE_MB", "1").run().failed();
    assert!(stderr.contains("is too large"), "{stderr}");
}

#[test]
fn images_in_a_temporary_file_are_checked_as_well() {
    for encoding in Encoding::ALL {
        let (_file, path) = temporary(&company(encoding));
        let here = run(&format!("verify {path} -o json")).ok().json();
        let there = run(&format!("verify {path} -o json --memory-limit 0")).ok().json();
        assert_eq!(here, there, "{encoding:?}");
    }
    let here = run("verify company.c1z").ok();
    assert_eq!(here, run("verify company.c1z --memory-limit 0").ok());
}

#[test]
fn text_of_a_file_is_shown_escaped() {
    let (_file, path) =
        crate::run::edited("UPDATE v1_sync_runs SET sync_id = 'x' || char(27) || '[2J' WHERE id = 1");
    let output = run(&format!("verify {path}"));
    assert_eq!(output.code, 1);
    assert!(!output.stdout.contains('\u{1b}') && output.stdout.contains("x\\x1b[2J"), "{}", output.stdout);
}

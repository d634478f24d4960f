//! The company in a v3 file: flat lists hold the same lines whichever engine is inside, and what a file of that engine
//! can have wrong with it is told.

use std::path::PathBuf;
use std::sync::OnceLock;

use baton::model::proto::c1::storage::v3;
use baton::model::v2;
use baton::store::{
    EntitlementFilter, GrantFilter, OpenOptions, Reader, ResourceFilter, Snapshot, Source, SyncChoice,
};
use prost::Message as _;

use crate::run::{FIRST, SECOND, call, run, testdata};
use crate::stores;

pub(crate) type Rows = Vec<(Vec<u8>, Vec<u8>)>;

/// Parts of a key, escaped.
fn key(head: &[u8], parts: &[&str]) -> Vec<u8> {
    let escaped = parts.iter().map(|part| part.replace('\u{1}', "\u{1}\u{2}").replace('\0', "\u{1}\u{1}"));
    [head, escaped.collect::<Vec<_>>().join("\0").as_bytes()].concat()
}

fn parts(id: &Option<v2::ResourceId>) -> (&str, &str) {
    id.as_ref().map_or(("", ""), |id| (&id.resource_type, &id.resource))
}

/// Flag and tail of an entitlement.
fn identity<'a>((kind, resource): (&str, &str), id: &'a str) -> [&'a str; 2] {
    match id.strip_prefix(&format!("{kind}:{resource}:")) {
        Some(tail) => ["1", tail],
        None => ["0", id],
    }
}

fn put_type(rows: &mut Rows, kind: v2::ResourceType) {
    let word = |number: &i32| {
        let known = v2::resource_type::Trait::try_from(*number).unwrap_or_default();
        known.as_str_name().trim_start_matches("TRAIT_").to_owned()
    };
    let record = v3::ResourceTypeRecord {
        external_id: kind.id.clone(),
        display_name: kind.display_name,
        traits: kind.traits.iter().map(word).collect(),
        annotations: kind.annotations,
        description: kind.description,
        sourced_externally: kind.sourced_externally,
        ..Default::default()
    };
    rows.push((key(b"\x03\x01\0", &[&kind.id]), record.encode_to_vec()));
}

fn put_resource(rows: &mut Rows, resource: v2::Resource) {
    let (kind, id) = parts(&resource.id);
    let parent = parts(&resource.parent_resource_id);
    let record = v3::ResourceRecord {
        resource_type_id: kind.into(),
        resource_id: id.into(),
        display_name: resource.display_name.clone(),
        description: resource.description.clone(),
        parent: resource
            .parent_resource_id
            .as_ref()
            .map(|_| v3::ResourceRef { resource_type_id: parent.0.into(), resource_id: parent.1.into() }),
        annotations: resource.annotations.clone(),
        profile: resource.profile.clone(),
        status: resource
            .status
            .as_ref()
            .map(|status| v3::StatusRecord { status: status.status, details: status.details.clone() }),
        created_at: resource.created_at,
        icon_asset_external_id: resource.icon.clone().unwrap_or_default().id,
        ..Default::default()
    };
    rows.push((key(b"\x03\x02\0", &[kind, id]), record.encode_to_vec()));
    if !parent.1.is_empty() {
        rows.push((key(b"\x03\x07\x01\0", &[parent.0, parent.1, kind, id]), Vec::new()));
    }
}

fn put_entitlement(rows: &mut Rows, entitlement: v2::Entitlement) {
    let resource = entitlement.resource.unwrap_or_default().id;
    let (kind, id) = parts(&resource);
    let [flag, tail] = identity((kind, id), &entitlement.id);
    let purpose = v2::entitlement::PurposeValue::try_from(entitlement.purpose).unwrap_or_default();
    let record = v3::EntitlementRecord {
        external_id: entitlement.id.clone(),
        resource: Some(v3::ResourceRef { resource_type_id: kind.into(), resource_id: id.into() }),
        display_name: entitlement.display_name,
        description: entitlement.description,
        purpose: purpose.as_str_name().trim_start_matches("PURPOSE_VALUE_").to_owned(),
        annotations: entitlement.annotations,
        slug: entitlement.slug,
        grantable_to_resource_type_ids: entitlement.grantable_to.into_iter().map(|kind| kind.id).collect(),
        ..Default::default()
    };
    rows.push((key(b"\x03\x03\0", &[kind, id, flag, tail]), record.encode_to_vec()));
}

fn put_grant(rows: &mut Rows, grant: v2::Grant, expansion: &[u8]) {
    let entitlement = grant.entitlement.unwrap_or_default();
    let (resource, holder) =
        (entitlement.resource.unwrap_or_default().id, grant.principal.unwrap_or_default().id);
    let ((kind, id), (holder_kind, holder_id)) = (parts(&resource), parts(&holder));
    let [flag, tail] = identity((kind, id), &entitlement.id);
    let sources = grant.sources.unwrap_or_default().sources.into_iter().map(|(id, source)| {
        (id, v3::GrantSourceRecord { is_direct: source.is_direct, ..Default::default() })
    });
    let record = v3::GrantRecord {
        external_id: grant.id,
        entitlement: Some(v3::EntitlementRef {
            resource_type_id: kind.into(),
            resource_id: id.into(),
            entitlement_id: entitlement.id.clone(),
        }),
        principal: Some(v3::PrincipalRef {
            resource_type_id: holder_kind.into(),
            resource_id: holder_id.into(),
            ..Default::default()
        }),
        expansion: (!expansion.is_empty()).then(|| v3::GrantExpandableRecord::decode(expansion).unwrap()),
        annotations: grant.annotations,
        sources: sources.collect(),
        ..Default::default()
    };
    rows.push((key(b"\x03\x04\0", &[kind, id, flag, tail, holder_kind, holder_id]), record.encode_to_vec()));
    rows.push((key(b"\x03\x07\x04\0", &[holder_kind, holder_id, kind, id, flag, tail]), Vec::new()));
}

/// The rows of a v3 file with the records of a sync.
pub(crate) fn copy(at: Snapshot<'_>) -> Rows {
    let mut rows = head();
    let mut scan = at.resource_types().unwrap();
    let mut walk = scan.rows().unwrap();
    while walk
        .next(|kind| put_type(&mut rows, v2::ResourceType::decode(kind.message).unwrap()))
        .unwrap()
        .is_some()
    {}
    let mut scan = at.resources(&ResourceFilter::default()).unwrap();
    let mut walk = scan.rows().unwrap();
    while walk
        .next(|item| put_resource(&mut rows, v2::Resource::decode(item.message).unwrap()))
        .unwrap()
        .is_some()
    {}
    let mut scan = at.entitlements(&EntitlementFilter::default()).unwrap();
    let mut walk = scan.rows().unwrap();
    while walk
        .next(|item| put_entitlement(&mut rows, v2::Entitlement::decode(item.message).unwrap()))
        .unwrap()
        .is_some()
    {}
    let mut scan = at.grants(&GrantFilter::default()).unwrap();
    let mut walk = scan.rows().unwrap();
    while walk
        .next(|grant| put_grant(&mut rows, v2::Grant::decode(grant.message).unwrap(), grant.expansion))
        .unwrap()
        .is_some()
    {}
    rows
}

/// The stamps and the sync run.
fn head() -> Rows {
    let run = v3::SyncRunRecord {
        sync_id: SECOND.into(),
        r#type: 1,
        started_at: Some(prost_types::Timestamp { seconds: 1_795_000_000, nanos: 0 }),
        ended_at: Some(prost_types::Timestamp { seconds: 1_795_000_131, nanos: 0 }),
        sync_token: "token".into(),
        ..Default::default()
    };
    vec![
        (b"\x03\x06".to_vec(), run.encode_to_vec()),
        (b"\x03\xffkeyspace_version".to_vec(), 2_u32.to_be_bytes().to_vec()),
        (b"\x03\xffgrant_entitlement_id_format".to_vec(), 2_u32.to_be_bytes().to_vec()),
    ]
}

/// The second day of the company.
pub(crate) fn company_rows() -> &'static Rows {
    static ROWS: OnceLock<Rows> = OnceLock::new();
    ROWS.get_or_init(|| rows_of("company.c1z", SECOND))
}

/// The records of one sync of a fixture.
fn rows_of(name: &str, sync: &str) -> Rows {
    let source = Source::from(&*testdata().join(name));
    let reader = Reader::open(&source, &OpenOptions::default(), &mut |_, _| {}).unwrap();
    copy(reader.at(reader.choose(&SyncChoice::Id(sync.into())).unwrap().run))
}

/// A file with these rows; the directory goes away with it.
pub(crate) struct File(tempfile::TempDir);

impl File {
    /// One sync of a fixture.
    pub(crate) fn copy_of(name: &str, sync: &str) -> Self {
        Self::of(&rows_of(name, sync))
    }

    pub(crate) fn of(rows: &Rows) -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("v3.c1z"), stores::file(&stores::stream(rows))).unwrap();
        Self(directory)
    }

    fn run(&self, line: &str) -> crate::run::Output {
        call(&format!("{line} -f v3.c1z")).dir(self.0.path()).run()
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.path().join("v3.c1z")
    }
}

fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines
}

#[test]
fn flat_lists_do_not_show_the_engine() {
    let file = File::of(company_rows());
    let principal = run("principals -f company.c1z -o name").ok().lines()[0].to_owned();
    let (kind, id) = principal.split_once('/').unwrap();
    let one = run("grants -f company.c1z -o ndjson").ok().records()[0].clone();
    let entitlement = one["entitlement_id"].as_str().unwrap();
    for list in [
        "resource-types".to_owned(),
        "resources --all".to_owned(),
        "resources -t user".to_owned(),
        "entitlements".to_owned(),
        format!("entitlements -p {principal}"),
        format!("resources -e {entitlement}"),
        "grants".to_owned(),
        format!("grants -p {principal}"),
        format!("grants -e {entitlement}"),
        format!("grants -e {entitlement} -p {principal}"),
        "principals".to_owned(),
    ] {
        for format in ["ndjson", "csv", "tsv", "name"] {
            let line = format!("{list} -o {format}");
            let here = file.run(&line).ok();
            let there = run(&format!("{line} -f company.c1z")).ok();
            assert_eq!(sorted(&here.stdout), sorted(&there.stdout), "{line}");
            assert!(!here.stdout.is_empty());
        }
    }
    let line = format!("access -t {kind} -r {id}");
    assert_eq!(file.run(&line).ok().stdout, run(&format!("{line} -f company.c1z")).ok().stdout);
    // Who counts resources counts those of types that are not declared only here.
    let counts = file.run("resources -o csv").ok();
    assert!(counts.stdout.lines().count() > 2);
}

#[test]
fn findings_do_not_show_the_engine() {
    let line = "check -o csv --columns severity,code,record,id";
    let here = File::of(company_rows()).run(line);
    let there = run(&format!("{line} -f company.c1z"));
    assert_eq!((here.code, there.code), (1, 1));
    assert_eq!(sorted(&here.stdout), sorted(&there.stdout));
    assert!(here.lines().len() > 5);
}

#[test]
fn the_engine_is_shown_and_the_sync_is_the_only_one() {
    let file = File::of(company_rows());
    let stats = file.run("stats").ok().stdout;
    let field = |name: &str| {
        let line = stats.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_once('|').unwrap().1.trim().to_owned()
    };
    assert_eq!(
        (field("Engine"), field("Sync ID"), field("Duration")),
        ("pebble".into(), SECOND.into(), "2m11s".into())
    );
    let counted = file.run("stats -o json").ok().json();
    let grants = run("grants -f company.c1z -o name").ok().lines().len();
    assert_eq!(counted["stats"]["grants"], grants.to_string());
    let syncs = file.run("syncs -o ndjson").ok().records();
    assert_eq!(syncs.len(), 1);
    assert_eq!((&syncs[0]["id"], &syncs[0]["engine"]), (&SECOND.into(), &"pebble".into()));
    assert_eq!(syncs[0]["grants"].as_u64(), Some(grants as u64));
    let stderr = file.run(&format!("grants --sync-id {FIRST}")).failed();
    assert!(stderr.contains(&format!("there is no sync {FIRST}")) && stderr.contains(SECOND), "{stderr}");
}

#[test]
fn json_follows_the_engine() {
    let file = File::of(company_rows());
    let json = file.run("grants -o json").ok().json();
    let grants = json["grants"].as_array().unwrap();
    let url = "type.googleapis.com/c1.connector.v2.GrantExpandable";
    let expandable: Vec<_> = grants
        .iter()
        .filter_map(|grant| grant["grant"]["annotations"].as_array()?.last())
        .filter(|last| last["@type"] == url)
        .collect();
    assert!(!expandable.is_empty(), "expansions stand in the grants");
    assert!(expandable.iter().all(|last| !last["entitlementIds"].as_array().unwrap().is_empty()));
    for grant in grants {
        let keys: Vec<&String> = grant["grant"]["entitlement"].as_object().unwrap().keys().collect();
        assert_eq!(keys, ["id", "resource"], "what a grant is of stands in it by its id");
    }
    let there = run("grants -f company.c1z -o json").ok().stdout;
    assert!(!there.contains(url), "in the other engine they stand apart");
}

#[test]
fn a_row_that_does_not_parse_is_named_by_its_key() {
    let mut rows = company_rows().clone();
    rows.push((b"\x03\x01\0broken\x1b".to_vec(), b"\x12\x09cut".to_vec()));
    let file = File::of(&rows);
    let output = file.run("resource-types -o name");
    assert_eq!(output.code, 2);
    let error = output.said("error").join("\n");
    assert_eq!(
        error,
        "v3.c1z: 1 row that cannot be read, skipped: resource types key broken\\x1b (it ends in the middle of a field)"
    );
    let whole = run("resource-types -f company.c1z -o name").ok();
    assert_eq!(sorted(&output.stdout), sorted(&whole.stdout));
    // Nobody asked for it.
    file.run("grants -o name").ok();
}

#[test]
fn an_unknown_keyspace_is_refused() {
    let mut rows = company_rows().clone();
    rows.push((b"\x03\xffkeyspace_version".to_vec(), vec![0, 0, 0, 9]));
    let file = File::of(&rows);
    let stderr = file.run("grants").failed();
    assert!(stderr.contains("v3.c1z: it uses keyspace version 9, which is not supported"), "{stderr}");
    assert!(file.path().exists());
}

#[test]
fn a_sync_that_did_not_end_must_be_named() {
    let mut rows = company_rows().clone();
    let run = v3::SyncRunRecord { sync_id: SECOND.into(), r#type: 1, ..Default::default() };
    rows.push((b"\x03\x06".to_vec(), run.encode_to_vec()));
    let file = File::of(&rows);
    let stderr = file.run("grants").failed();
    assert!(stderr.contains(&format!("only unfinished: {SECOND}")), "{stderr}");
    assert!(!file.run(&format!("grants --sync-id {SECOND} -o name")).ok().stdout.is_empty());
    assert_eq!(file.run("syncs -o csv").ok().lines().len(), 2);
}

#[test]
fn dump_shows_tables_families_and_keys() {
    let file = File::of(company_rows());
    let text = file.run("dump").ok().stdout;
    let engine = text.lines().next().unwrap();
    assert!(engine.starts_with("engine") && engine.ends_with("pebble3"), "{engine}");
    let counted = |family: &str| {
        let line = text.lines().find(|line| line.starts_with(&format!("{family}  "))).unwrap();
        line[family.len()..].split_whitespace().next().unwrap().parse::<usize>().unwrap()
    };
    let grants = run("grants -f company.c1z -o name").ok().lines().len();
    assert_eq!((counted("grants"), counted("sync run")), (grants, 1));
    let keys = file.run("dump --keys 0304").ok();
    assert_eq!(keys.lines().len(), grants);
    assert!(keys.lines().iter().all(|line| line.starts_with("0304") && line.contains("\tgrants\t")));
    let stderr = file.run("dump --keys 3").failed();
    assert!(stderr.contains("pairs of hexadecimal digits"), "{stderr}");
    let stderr = run("dump -f company.c1z").failed();
    assert!(stderr.contains("it has a SQLite database inside"), "{stderr}");
}

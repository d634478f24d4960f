//! Records and syncs that are refused.

use super::*;

fn refusal<T: std::fmt::Debug>(result: Result<T, WriteError>) -> String {
    result.unwrap_err().to_string()
}

#[test]
fn a_record_needs_its_ids() {
    let mut writer = writer();
    let said = refusal(writer.put_resource_type(&kind("")));
    assert_eq!(said, "resource type cannot be stored: it has no id");
    let nameless = v2::Resource { display_name: "Ada".into(), ..Default::default() };
    let said = refusal(writer.put_resource(&nameless));
    assert_eq!(said, "resource \"Ada\" cannot be stored: it has no id");
    let said = refusal(writer.put_resource(&resource("", "u1")));
    assert_eq!(said, "resource \" u1\" cannot be stored: it has no resource type");
    let said = refusal(writer.put_resource(&resource("user", "")));
    assert_eq!(said, "resource \"user \" cannot be stored: it has no id");
    let said = refusal(writer.put_asset("", "", b""));
    assert_eq!(said, "asset cannot be stored: it has no id");

    let mut member = entitlement(resource("org", ""), "member");
    let said = refusal(writer.put_entitlement(&member));
    assert_eq!(said, "entitlement \"org::member\" cannot be stored: it has no resource with an id");
    member.resource = None;
    let said = refusal(writer.put_entitlement(&member));
    assert_eq!(said, "entitlement \"org::member\" cannot be stored: it has no resource with an id");
    member.id.clear();
    member.display_name = "Member".into();
    let said = refusal(writer.put_entitlement(&member));
    assert_eq!(said, "entitlement \"Member\" cannot be stored: it has no id");
}

#[test]
fn a_grant_needs_both_its_ends() {
    let mut writer = writer();
    let mut grant = sample_grant(None);
    grant.principal = Some(resource("", "u1"));
    let said = refusal(writer.put_grant(&grant));
    assert_eq!(
        said,
        "grant \"role:admin:holder:group:g1\" cannot be stored: it has no principal with a type"
    );
    grant.principal = None;
    assert!(refusal(writer.put_grant(&grant)).ends_with("it has no principal with an id"));
    grant.entitlement = None;
    assert!(refusal(writer.put_expanded_grant(&grant)).ends_with("it has no entitlement"));
    grant.id.clear();
    assert_eq!(refusal(writer.put_grant(&grant)), "grant cannot be stored: it has no id");
    assert_eq!(row(&writer, "SELECT count(*) FROM v1_grants"), "0");
}

#[test]
fn an_expansion_must_parse() {
    let mut writer = writer();
    let mut grant = sample_grant(Some(&["a"]));
    grant.annotations[1].value = vec![0x0a, 9];
    assert!(matches!(writer.put_grant(&grant), Err(WriteError::Expandable { .. })));
}

#[test]
fn records_need_a_sync() {
    let mut writer = Writer::create(None).unwrap();
    assert!(matches!(writer.put_resource_type(&kind("user")), Err(WriteError::NoSync)));
    assert!(matches!(writer.put_asset("a", "", b"x"), Err(WriteError::NoSync)));
    assert!(matches!(writer.put_raw("v1_assets", &[]), Err(WriteError::NoSync)));
    assert!(matches!(writer.set_sync_token(""), Err(WriteError::NoSync)));
    assert!(matches!(writer.set_supports_diff(), Err(WriteError::NoSync)));
    assert!(matches!(writer.end_sync(start()), Err(WriteError::NoSync)));
    assert!(matches!(writer.leave_sync(), Err(WriteError::NoSync)));
}

#[test]
fn syncs_come_one_after_the_other_and_once() {
    let mut writer = writer();
    let said = refusal(writer.begin_sync(full("second")));
    assert_eq!(said, format!("the sync {SYNC} is still open"));
    writer.leave_sync().unwrap();
    assert_eq!(refusal(writer.begin_sync(full(SYNC))), format!("there is a sync {SYNC} already"));
    assert_eq!(refusal(writer.begin_sync(full(""))), "sync cannot be stored: it has no id");
    let child = NewSync { parent_id: SYNC.into(), ..full("child") };
    assert_eq!(refusal(writer.begin_sync(child)), "a sync of the type full has no parent");
}

#[test]
fn a_file_is_not_replaced_unasked() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("a.c1z");
    std::fs::write(&target, "mine").unwrap();
    let said = refusal(writer().save(&target, SaveOptions::default()));
    assert!(said.starts_with(&target.display().to_string()), "{said}");
    assert_eq!(std::fs::read(&target).unwrap(), b"mine");
}

#[test]
fn a_missing_directory_is_named() {
    let said = refusal(Writer::create(Some(Path::new("/nowhere/at/all"))));
    assert!(said.starts_with("/nowhere/at/all: no temporary file can be made: "), "{said}");
}

#[test]
fn what_was_undone_is_not_saved() {
    let mut writer = writer();
    writer.execute("ROLLBACK").unwrap();
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("a.c1z");
    assert!(matches!(writer.save(&target, SaveOptions::default()), Err(WriteError::RolledBack)));
    assert!(!target.exists());
}

#[test]
fn a_full_disk_is_said_to_be_one() {
    let mut writer = writer();
    writer.execute("PRAGMA max_page_count = 64").unwrap();
    let mut put = (0..).map(|n| writer.put_resource(&resource("user", &format!("{n}{}", "x".repeat(3_000)))));
    let error = put.find_map(Result::err).unwrap();
    assert_eq!(error.to_string(), "working database: storing a resource: database or disk is full");
    assert_eq!(error.hint().unwrap(), "make room on the disk, and run it again");
}

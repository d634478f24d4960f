//! Working databases beside a target: found, gone on with, saved, discarded.

use super::*;

/// A finished sync with one user.
fn put_sync(writer: &mut Writer, id: &str, hour: u32) {
    writer.begin_sync(sync_at(id, hour)).unwrap();
    writer.put_resource_type(&kind("user")).unwrap();
    writer.put_resource(&resource("user", id)).unwrap();
    writer.end_sync(hour_of_day(hour)).unwrap();
}

fn ids(path: &Path) -> Vec<String> {
    read(path).runs().iter().map(|run| run.id.clone()).collect()
}

#[test]
fn a_file_grows_from_sync_to_sync() {
    let (directory, target) = nowhere();
    for (hour, id, expected) in [(1, "a", Found::Nothing), (2, "b", Found::Target), (3, "c", Found::Target)] {
        let (mut writer, found) = beside(&target);
        assert_eq!(found, expected);
        assert_eq!(writer.runs().unwrap().len() as u32, hour - 1);
        put_sync(&mut writer, id, hour);
        writer.save_beside().unwrap();
        assert_eq!(names(directory.path()), ["a.c1z"]);
    }
    assert_eq!(ids(&target), ["a", "b", "c"]);
    let reader = read(&target);
    for run in reader.runs() {
        assert_eq!(reader.at(run).count().unwrap().resources, 1, "{}", run.id);
    }
}

#[test]
fn a_saved_file_is_compact_and_without_a_log() {
    let (_directory, target) = nowhere();
    let (mut writer, _) = beside(&target);
    for (hour, id) in [(1, "a"), (2, "b"), (3, "c")] {
        put_sync(&mut writer, id, hour);
        writer.commit().unwrap();
    }
    writer.put_raw("v1_assets", &[]).unwrap_err();
    assert_eq!(writer.clean_up(1).unwrap(), ["a", "b"]);
    writer.begin_sync(sync_at("d", 4)).unwrap();
    for number in 0..3000 {
        writer.put_resource(&resource("user", &format!("{number}"))).unwrap();
    }
    writer.commit().unwrap();
    writer.execute("DELETE FROM v1_resources").unwrap();
    writer.end_sync(hour_of_day(5)).unwrap();
    writer.save_beside().unwrap();
    let bytes = image(&target);
    assert_eq!(bytes[18..20], [1, 1], "no write-ahead log");
    assert_eq!(bytes[36..40], [0; 4], "no free pages");
    let database = database(&target);
    assert_eq!(rows_of(&database, "PRAGMA integrity_check"), ["ok"]);
    assert_eq!(ids(&target), ["c", "d"]);
}

#[test]
fn what_was_committed_is_gone_on_with() {
    let (directory, target) = nowhere();
    let (mut writer, _) = beside(&target);
    writer.begin_sync(sync_at("a", 1)).unwrap();
    writer.set_sync_token("first").unwrap();
    writer.put_resource_type(&kind("user")).unwrap();
    writer.commit().unwrap();
    writer.set_sync_token("second").unwrap();
    writer.put_resource_type(&kind("group")).unwrap();
    drop(writer);
    assert_eq!(names(directory.path()), [".a.c1z.sync"]);

    let (mut writer, found) = beside(&target);
    assert_eq!((found, writer.sync_id(), writer.sync_token()), (Found::Working, None, None));
    writer.resume_sync("a").unwrap();
    assert_eq!((writer.sync_id(), writer.sync_token()), (Some("a"), Some("first")));
    let kinds = writer.resource_types_page(0, 9).unwrap();
    assert_eq!(kinds, [Row { row: 1, record: kind("user") }]);
    writer.put_resource_type(&kind("role")).unwrap();
    assert_eq!(writer.end_sync(hour_of_day(2)).unwrap().resource_types, 2);
    writer.save_beside().unwrap();
    assert_eq!(names(directory.path()), ["a.c1z"]);
    assert!(read(&target).runs()[0].finished);
}

#[test]
fn a_sync_that_has_ended_only_waits_to_be_saved() {
    let (_directory, target) = nowhere();
    let (mut writer, _) = beside(&target);
    put_sync(&mut writer, "a", 1);
    writer.commit().unwrap();
    drop(writer);
    let (writer, found) = beside(&target);
    assert_eq!(found, Found::Working);
    assert!(writer.runs().unwrap()[0].finished);
    writer.save_beside().unwrap();
    assert_eq!(ids(&target), ["a"]);
}

#[test]
fn only_an_unfinished_sync_of_a_known_kind_goes_on() {
    let (_directory, target) = nowhere();
    let (mut writer, _) = beside(&target);
    put_sync(&mut writer, "a", 1);
    assert_eq!(writer.resume_sync("a").unwrap_err().to_string(), "the sync a has ended");
    assert_eq!(writer.resume_sync("x").unwrap_err().to_string(), "there is no sync x");
    writer.begin_sync(sync_at("b", 2)).unwrap();
    assert_eq!(writer.resume_sync("b").unwrap_err().to_string(), "the sync b is still open");
    writer.execute("UPDATE v1_sync_runs SET sync_type = 'sideways' WHERE sync_id = 'b'").unwrap();
    writer.leave_sync().unwrap();
    let said = writer.resume_sync("b").unwrap_err().to_string();
    assert_eq!(said, "the sync b is of the unknown type \"sideways\"");
}

#[test]
fn every_kind_goes_on() {
    let (_directory, target) = nowhere();
    let (mut writer, _) = beside(&target);
    for kind in [
        SyncKind::Full,
        SyncKind::ResourcesOnly,
        SyncKind::Partial,
        SyncKind::PartialUpserts,
        SyncKind::PartialDeletions,
    ] {
        writer.begin_sync(NewSync::new(kind.word(), kind, start())).unwrap();
        writer.leave_sync().unwrap();
        writer.resume_sync(kind.word()).unwrap();
        assert_eq!(writer.open_sync().unwrap().kind, kind);
        writer.leave_sync().unwrap();
    }
}

#[test]
fn what_was_found_out_about_a_sync_does_not_outlive_its_going_on() {
    let (_directory, target) = nowhere();
    let (mut writer, _) = beside(&target);
    writer.begin_sync(sync_at("a", 1)).unwrap();
    writer
        .execute("UPDATE v1_sync_runs SET stats = '{}', ingest_invariant_generation = '1', ingest_invariant_coverage = '[\"I5\"]', ingest_invariant_mode = 'connector'")
        .unwrap();
    writer.leave_sync().unwrap();
    writer.resume_sync("a").unwrap();
    let sql = "SELECT stats, ingest_invariant_generation, ingest_invariant_coverage, ingest_invariant_mode
        FROM v1_sync_runs";
    assert_eq!(row(&writer, sql), "NULL|||");
}

#[test]
fn only_one_has_the_working_database() {
    let (directory, target) = nowhere();
    let (mut writer, _) = beside(&target);
    put_sync(&mut writer, "a", 1);
    writer.commit().unwrap();
    for error in [refused(&target), fresh(&target).unwrap_err()] {
        let said = format!(
            "{}: the working database is in use by another process",
            directory.path().join(".a.c1z.sync").display()
        );
        assert_eq!(error.to_string(), said);
        assert!(error.hint().unwrap().starts_with("wait until"));
    }
    put_sync(&mut writer, "b", 2);
    // Ending the log does not end the lock.
    writer.working.settle().unwrap();
    assert!(matches!(refused(&target), WriteError::InUse { .. }));
    drop(writer);
    let (writer, found) = beside(&target);
    assert_eq!((found, writer.runs().unwrap().len()), (Found::Working, 2));
}

#[test]
fn fresh_discards_what_an_earlier_process_has_left() {
    let (directory, target) = nowhere();
    drop(fresh(&target).unwrap());
    let (mut writer, _) = beside(&target);
    put_sync(&mut writer, "a", 1);
    writer.commit().unwrap();
    drop(writer);
    let (writer, found) = fresh(&target).unwrap();
    assert_eq!((found, writer.runs().unwrap().len()), (Found::Nothing, 0));
    drop(writer);
    let garbage = directory.path().join(".a.c1z.sync");
    fs::write(&garbage, "garbage that is long enough not to be taken for a header").unwrap();
    assert_eq!(fresh(&target).unwrap().1, Found::Nothing);
}

#[test]
fn discarding_leaves_the_target() {
    let (directory, target) = nowhere();
    let (mut writer, _) = beside(&target);
    put_sync(&mut writer, "a", 1);
    writer.save_beside().unwrap();
    let before = fs::read(&target).unwrap();
    let (mut writer, _) = beside(&target);
    put_sync(&mut writer, "b", 2);
    writer.commit().unwrap();
    writer.discard().unwrap();
    assert_eq!(names(directory.path()), ["a.c1z"]);
    assert!(fs::read(&target).unwrap() == before);
    Writer::create(None).unwrap().discard().unwrap();
}

#[test]
fn a_working_database_that_is_none_is_refused_and_left() {
    let (directory, target) = nowhere();
    let working = directory.path().join(".a.c1z.sync");
    let other = Connection::open_in_memory().unwrap();
    other.execute_batch("CREATE TABLE mine (x)").unwrap();
    let mut other = other;
    let foreign = other.serialize(rusqlite::MAIN_DB).unwrap().to_vec();
    let (mut writer, _) = beside(&directory.path().join("b.c1z"));
    put_sync(&mut writer, "a", 1);
    writer.working.settle().unwrap();
    let mut cut = fs::read(directory.path().join(".b.c1z.sync")).unwrap();
    drop(writer);
    cut.truncate(cut.len() / 2);
    for (bytes, problem) in [
        (&b"garbage that is long enough not to be taken for a header"[..], "file is not a database"),
        (&foreign, "it lacks tables of a c1z"),
        (&cut, "database disk image is malformed"),
    ] {
        fs::write(&working, bytes).unwrap();
        let error = refused(&target);
        let said = format!(
            "{}: the working database of an earlier sync cannot be used: {problem}",
            working.display()
        );
        assert_eq!(error.to_string(), said);
        assert_eq!(error.hint().as_deref(), Some("--fresh discards the earlier sync and starts again"));
        assert!(fs::read(&working).unwrap() == bytes);
    }
    fs::remove_file(&working).unwrap();
    fs::create_dir(&working).unwrap();
    assert!(refused(&target).to_string().ends_with("it is not a regular file"));
    assert!(matches!(fresh(&target), Err(WriteError::Unusable { .. })));
}

#[test]
fn leftovers_are_swept() {
    let (directory, target) = nowhere();
    for name in [".a.c1z.sync.new", ".a.c1z.sync.tmp", ".a.c1z.sync-wal", ".a.c1z.sync-journal"] {
        fs::write(directory.path().join(name), "left").unwrap();
    }
    let (mut writer, found) = beside(&target);
    assert_eq!(found, Found::Nothing);
    // The log is SQLite's own again.
    assert_eq!(names(directory.path()), [".a.c1z.sync", ".a.c1z.sync-wal"]);
    put_sync(&mut writer, "a", 1);
    fs::write(directory.path().join(".a.c1z.sync.tmp"), "left").unwrap();
    writer.save_beside().unwrap();
    assert_eq!(names(directory.path()), ["a.c1z"]);
}

#[test]
fn whoever_finds_it_in_use_touches_nothing() {
    let (directory, target) = nowhere();
    let (mut writer, _) = beside(&target);
    put_sync(&mut writer, "a", 1);
    writer.commit().unwrap();
    // The other process is writing its file just now.
    fs::write(directory.path().join(".a.c1z.sync.tmp"), "half").unwrap();
    let before = names(directory.path());
    assert!(matches!(refused(&target), WriteError::InUse { .. }));
    assert!(matches!(fresh(&target), Err(WriteError::InUse { .. })));
    assert_eq!(names(directory.path()), before);
    writer.save_beside().unwrap();
    assert_eq!(names(directory.path()), ["a.c1z"]);
}

#[test]
fn an_empty_target_is_none_and_an_empty_store_is_one() {
    let (_directory, target) = nowhere();
    fs::write(&target, "").unwrap();
    assert_eq!(beside(&target).1, Found::Nothing);
    fs::write(&target, "C1ZF\0").unwrap();
    let (mut writer, found) = beside(&target);
    assert_eq!(found, Found::Target);
    put_sync(&mut writer, "a", 1);
    writer.save_beside().unwrap();
    assert_eq!(ids(&target), ["a"]);
}

#[test]
fn a_target_that_is_no_c1z_is_refused_and_left() {
    let (directory, target) = nowhere();
    let bare = image(&fixture("company.c1z"));
    // Of a manifest and a tar without files.
    let v3 = [&b"C1Z3\0\0\0\0\x0b\x0a\x07pebble3\x20\x02"[..], &[0; 1024]].concat();
    for (bytes, problem, hint) in [
        (
            &v3[..],
            "it cannot be extended: it is a v3 file, to which no sync can be added yet",
            "write to another file with -f",
        ),
        (&bare, "it cannot be extended: it is a database and no c1z file", "write to another file with -f"),
        (
            b"{\"json\": true}   ",
            "is not a c1z file: it starts with 7b 22 6a 73 6f 6e 22 3a 20 74 72 75 65 7d 20 20",
            "a c1z file starts with",
        ),
        (b"C1ZF\0 no frame", "is damaged at byte 5: no zstd frame starts there", "copy or download"),
    ] {
        fs::write(&target, bytes).unwrap();
        let error = refused(&target);
        assert_eq!(error.to_string(), format!("{}: {problem}", target.display()));
        assert!(error.hint().unwrap().starts_with(hint), "{error}");
        assert_eq!(names(directory.path()), ["a.c1z"]);
        assert!(fs::read(&target).unwrap() == bytes);
    }
}

#[test]
fn a_target_over_the_limits_is_refused() {
    let (directory, target) = nowhere();
    fs::copy(fixture("company.c1z"), &target).unwrap();
    let mut options = BesideOptions::default();
    options.open.limits.max_decoded = 1000;
    let error = Writer::beside(&target, &options, &mut |_, _| {}).unwrap_err();
    assert!(matches!(&error, WriteError::Open(_)), "{error}");
    assert_eq!(names(directory.path()), ["a.c1z"]);
}

#[test]
fn reading_the_target_is_observed() {
    let (_directory, target) = nowhere();
    fs::copy(fixture("company.c1z"), &target).unwrap();
    let mut seen = Vec::new();
    let size = fs::metadata(&target).unwrap().len();
    Writer::beside(&target, &BesideOptions::default(), &mut |read, of| seen.push((read, of))).unwrap();
    assert_eq!(seen.last(), Some(&(size, Some(size))));
}

#[test]
fn a_place_for_no_file_is_refused() {
    let (directory, target) = nowhere();
    let said = refused(directory.path()).to_string();
    assert!(said.ends_with("is not a regular file, so it cannot be replaced"), "{said}");
    let said = refused(&target.join("b.c1z")).to_string();
    assert!(said.contains("does not exist"), "{said}");
    assert!(names(directory.path()).is_empty());
}

#[test]
fn a_target_that_somebody_else_writes_is_not_replaced() {
    let (directory, target) = nowhere();
    let (mut writer, _) = beside(&target);
    put_sync(&mut writer, "a", 1);
    fs::copy(fixture("company.c1z"), &target).unwrap();
    let error = writer.save_beside().unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("{}: somebody else has written it since this sync began", target.display())
    );
    assert!(error.hint().unwrap().contains(".a.c1z.sync"));
    assert!(fs::read(&target).unwrap() == fs::read(fixture("company.c1z")).unwrap());
    // What was collected is still there.
    fs::remove_file(&target).unwrap();
    let (writer, found) = beside(&target);
    assert_eq!(found, Found::Working);
    writer.save_beside().unwrap();
    assert_eq!((ids(&target), names(directory.path())), (vec!["a".into()], vec!["a.c1z".into()]));
}

#[test]
fn a_copy_can_be_saved_elsewhere() {
    let (directory, target) = nowhere();
    let (mut writer, _) = beside(&target);
    put_sync(&mut writer, "a", 1);
    let copy = directory.path().join("copy.c1z");
    writer.save(&copy, SaveOptions::default()).unwrap();
    assert_eq!(ids(&copy), ["a"]);
    assert_eq!(names(directory.path()), [".a.c1z.sync", "copy.c1z"]);
    assert_eq!(beside(&target).1, Found::Working);
}

#[test]
fn a_writer_without_a_target_is_told_so() {
    assert!(matches!(writer().save_beside(), Err(WriteError::NoTarget)));
}

#[test]
fn what_was_undone_is_neither_committed_nor_saved() {
    let (directory, target) = nowhere();
    let (mut writer, _) = beside(&target);
    put_sync(&mut writer, "a", 1);
    writer.commit().unwrap();
    writer.execute("ROLLBACK").unwrap();
    assert!(matches!(writer.commit(), Err(WriteError::RolledBack)));
    assert!(matches!(writer.save_beside(), Err(WriteError::RolledBack)));
    assert_eq!(names(directory.path()), [".a.c1z.sync"]);
    assert_eq!(beside(&target).1, Found::Working);
}

#[test]
fn a_commit_without_a_target_changes_nothing() {
    let mut writer = writer();
    writer.put_resource_type(&kind("user")).unwrap();
    writer.commit().unwrap();
    assert_eq!(writer.put_resource_type(&kind("user")).unwrap(), Stored::Replaced);
}

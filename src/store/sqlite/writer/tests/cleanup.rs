//! Which syncs a clean-up removes.

use super::*;

/// What a sync is, in a letter: Full, Partial, Resources only, Upserts, Deletions, X for a type of the future; in lower
/// case when it has not ended. The first digit is the hour of its beginning, the second that of its end.
fn put(writer: &mut Writer, syncs: &[&str]) {
    for sync in syncs {
        let (letter, hours) = sync.split_at(1);
        let hour = |index: usize| hours[index..=index].parse::<u32>().unwrap();
        let kind = match letter.to_uppercase().as_str() {
            "P" => SyncKind::Partial,
            "R" => SyncKind::ResourcesOnly,
            "U" => SyncKind::PartialUpserts,
            "D" => SyncKind::PartialDeletions,
            _ => SyncKind::Full,
        };
        let linked_id = sync.split_once('=').map(|(_, linked)| linked.to_owned()).unwrap_or_default();
        writer.begin_sync(NewSync { linked_id, ..NewSync::new(*sync, kind, hour_of_day(hour(0))) }).unwrap();
        writer.put_resource_type(&super::kind("user")).unwrap();
        if letter == letter.to_uppercase() {
            writer.end_sync(hour_of_day(hour(1))).unwrap();
        } else {
            writer.leave_sync().unwrap();
        }
        if letter == "X" {
            writer
                .execute(&format!("UPDATE v1_sync_runs SET sync_type = 'x' WHERE sync_id = '{sync}'"))
                .unwrap();
        }
    }
}

/// What goes of `syncs` when `keep` stay, while a sync is open if `open`.
#[track_caller]
fn check(syncs: &[&str], keep: usize, open: bool, expected: &[&str]) {
    let mut writer = Writer::create(None).unwrap();
    put(&mut writer, syncs);
    if open {
        writer.begin_sync(sync_at("open", 9)).unwrap();
        writer.put_resource_type(&kind("user")).unwrap();
    }
    assert_eq!(writer.clean_up(keep).unwrap(), expected);
    let mut left: Vec<_> =
        syncs.iter().filter(|sync| !expected.contains(sync)).map(ToString::to_string).collect();
    left.extend(open.then(|| "open".to_owned()));
    assert_eq!(rows(&writer, "SELECT sync_id FROM v1_sync_runs ORDER BY id"), left);
    assert_eq!(rows(&writer, "SELECT sync_id FROM v1_resource_types ORDER BY id"), left, "records");
    assert_eq!(writer.clean_up(keep).unwrap(), [""; 0], "again");
}

#[test]
fn the_newest_full_syncs_stay() {
    check(&[], 2, false, &[]);
    check(&["F12", "F23"], 2, false, &[]);
    check(&["F12", "F23", "F34"], 2, false, &["F12"]);
    check(&["F12", "F23", "F34", "F45"], 1, false, &["F12", "F23", "F34"]);
    // In the order of storage, whatever their times say.
    check(&["F34", "F23", "F12"], 2, false, &["F34"]);
    check(&["F12", "F23", "F34"], 0, false, &["F12"]);
}

#[test]
fn the_open_sync_counts_as_one_that_stays() {
    check(&["F12"], 2, true, &[]);
    check(&["F12", "F23"], 2, true, &["F12"]);
    check(&["F12", "F23", "F34"], 3, true, &["F12"]);
    check(&["F12", "F23"], 1, true, &["F12", "F23"]);
    check(&["F12", "F23"], 0, true, &["F12"]);
}

#[test]
fn a_type_of_the_future_counts_as_full() {
    check(&["X12", "F23", "F34"], 2, false, &["X12"]);
}

#[test]
fn unfinished_syncs_are_never_removed() {
    check(&["f12", "F12", "f23", "F34", "F45", "p12", "d12", "d12 ", "u12"], 2, false, &["F12"]);
}

#[test]
fn partial_syncs_go_with_the_full_ones_before_which_they_ended() {
    // The oldest that stays is F57: what ended before 5 goes.
    let syncs = ["F12", "P23", "R34", "P45", "P46", "F57", "P67", "F78"];
    check(&syncs, 2, false, &["F12", "P23", "R34"]);
    // Nothing full goes, so nothing partial does.
    check(&["P12", "F23", "F34"], 2, false, &[]);
    check(&["P12", "P23", "P34", "P45"], 1, false, &[]);
    // A partial one that was stored later may have ended earlier.
    check(&["F12", "F56", "F78", "P34"], 2, false, &["F12", "P34"]);
}

#[test]
fn while_a_sync_is_open_the_newest_that_goes_is_the_measure() {
    let syncs = ["P01", "F23", "P34", "F56"];
    check(&syncs, 2, true, &["P01", "F23"]);
    check(&syncs, 1, true, &["P01", "F23", "P34", "F56"]);
    check(&["P12", "F23", "P34", "F56"], 2, true, &["F23"]);
}

#[test]
fn of_differences_the_last_pair_stays() {
    check(&["U12=D12", "D12"], 2, false, &[]);
    check(&["U12", "D12", "U34", "D34=U34"], 2, false, &["U12", "D12"]);
    check(&["U12", "D12", "D34", "U34=D34"], 2, true, &["U12", "D12"]);
    // The other half may be anywhere, or nowhere.
    check(&["D12", "U12", "U34", "D34=D12"], 2, false, &["U12", "U34"]);
    check(&["U12", "D12", "U34=gone"], 2, false, &["U12", "D12"]);
    // Full and partial syncs have no say in it.
    check(&["F12", "U12", "P34", "D12", "U34", "F45"], 2, false, &["U12", "D12"]);
}

#[test]
fn times_that_cannot_be_read_keep_a_partial_sync() {
    for column in ["started_at", "ended_at"] {
        let mut writer = Writer::create(None).unwrap();
        put(&mut writer, &["F12", "P23", "F45", "F67"]);
        writer.execute(&format!("UPDATE v1_sync_runs SET {column} = 'soon'")).unwrap();
        assert_eq!(writer.clean_up(2).unwrap(), ["F12"]);
    }
}

#[test]
fn all_records_of_a_removed_sync_go() {
    let mut writer = writer();
    writer.put_resource_type(&kind("user")).unwrap();
    writer.put_resource(&resource("user", "u1")).unwrap();
    writer.put_entitlement(&entitlement(resource("role", "admin"), "holder")).unwrap();
    writer.put_grant(&sample_grant(None)).unwrap();
    writer.put_asset("icon", "image/png", b"png").unwrap();
    writer.session_set("key", b"value").unwrap();
    writer.end_sync(start()).unwrap();
    writer.begin_sync(full("second")).unwrap();
    assert_eq!(writer.clean_up(1).unwrap(), [SYNC]);
    for table in ddl::SCHEMA.iter().filter(|object| object.kind == ddl::Kind::Table) {
        let sql = format!("SELECT count(*) FROM {} WHERE sync_id <> 'second'", table.name);
        assert_eq!(row(&writer, &sql), "0", "{}", table.name);
    }
}

#[test]
fn more_syncs_than_a_statement_takes_are_removed() {
    let mut writer = Writer::create(None).unwrap();
    for number in 0..1203 {
        writer.begin_sync(sync_at(&format!("{number}"), 1)).unwrap();
        writer.end_sync(hour_of_day(1)).unwrap();
    }
    assert_eq!(writer.clean_up(2).unwrap().len(), 1201);
    assert_eq!(rows(&writer, "SELECT sync_id FROM v1_sync_runs"), ["1201", "1202"]);
}

#[test]
fn one_sync_can_be_removed_finished_or_not() {
    let mut writer = Writer::create(None).unwrap();
    put(&mut writer, &["F12", "f23", "F34"]);
    writer.begin_sync(sync_at("open", 9)).unwrap();
    assert!(matches!(writer.remove_sync("open"), Err(WriteError::SyncOpen { .. })));
    assert!(matches!(writer.remove_sync("x"), Err(WriteError::UnknownSync { .. })));
    writer.remove_sync("f23").unwrap();
    writer.remove_sync("F12").unwrap();
    assert_eq!(rows(&writer, "SELECT sync_id FROM v1_sync_runs"), ["F34", "open"]);
    assert_eq!(rows(&writer, "SELECT sync_id FROM v1_resource_types"), ["F34"]);
}

#[test]
fn indexes_survive_the_removal_of_many_records() {
    let indexes = "SELECT name, sql FROM sqlite_schema WHERE type = 'index' ORDER BY name";
    for (removed, left) in [(12_000, 0), (12_000, 100), (12_000, 60_000), (100, 100)] {
        for mut writer in [Writer::create(None).unwrap(), Writer::create_bulk(None).unwrap()] {
            let before = rows(&writer, indexes);
            for (sync, count) in [("gone", removed), ("left", left)] {
                writer.begin_sync(full(sync)).unwrap();
                for number in 0..count {
                    writer.put_resource(&resource("user", &format!("{}", number * 7919 % count))).unwrap();
                }
                writer.end_sync(start()).unwrap();
            }
            assert_eq!(writer.clean_up(1).unwrap(), ["gone"]);
            assert_eq!(row(&writer, "SELECT count(*) FROM v1_resources"), left.to_string());
            assert_eq!(rows(&writer, indexes), before);
            assert_eq!(rows(&writer, "PRAGMA integrity_check"), ["ok"]);
        }
    }
}

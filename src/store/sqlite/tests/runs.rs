//! Sync runs, the choice among them, and counts.

use super::*;

/// A row of `v1_sync_runs`; `more` sets further columns.
fn run_row(id: &str, ended: &str, more: &str) -> String {
    format!(
        "INSERT INTO v1_sync_runs (sync_id, started_at, ended_at, sync_token{}) VALUES ('{id}', '2026-01-01 00:00:00', {ended}, ''{});",
        if more.is_empty() {
            String::new()
        } else {
            more.split('|').map(|pair| format!(", {}", pair.split_once('=').unwrap().0)).collect()
        },
        if more.is_empty() {
            String::new()
        } else {
            more.split('|').map(|pair| format!(", {}", pair.split_once('=').unwrap().1)).collect::<String>()
        },
    )
}

fn with_runs(rows: &[String]) -> Reader {
    read(|writer| writer.execute(&rows.concat()).unwrap())
}

fn chosen(reader: &Reader) -> (&str, Option<&str>) {
    let chosen = reader.choose(&SyncChoice::Newest).unwrap();
    (&chosen.run.id, chosen.passed_over.map(|run| run.id.as_str()))
}

#[test]
fn runs_come_in_the_order_of_creation_with_their_columns() {
    let reader = with_runs(&[
        run_row("b", "NULL", ""),
        run_row("a", "'2026-01-02 00:00:00.5'", "sync_type='partial'|parent_sync_id='b'|grants_backfilled=1"),
        run_row("c", "'2026-01-03'", r#"sync_type='of the future'|stats='{"resource_types":2}'"#),
    ]);
    let [b, a, c] = reader.runs() else { panic!("{:?}", reader.runs()) };
    assert_eq!((&*b.id, &*b.kind, b.finished, b.ended_at, b.backfilled), ("b", "full", false, None, false));
    assert_eq!(b.started_at, Some(time("2026-01-01 00:00:00")));
    assert_eq!(
        (&*a.id, &*a.kind, a.finished, a.backfilled, &*a.parent_id),
        ("a", "partial", true, true, "b")
    );
    assert_eq!(a.ended_at, Some(time("2026-01-02 00:00:00.5")));
    assert!(a.stats.is_none());
    assert_eq!((&*c.kind, c.finished), ("of the future", true));
    assert_eq!(c.stats.as_ref().map(|stats| stats.resource_types), Some(2));
}

#[test]
fn a_time_that_is_none_is_unknown_and_the_sync_is_finished_all_the_same() {
    let reader = with_runs(&[
        run_row("a", "'yesterday'", ""),
        "INSERT INTO v1_sync_runs (sync_id, started_at, ended_at, sync_token) VALUES ('b', x'00ff', '', 7);"
            .into(),
    ]);
    let [a, b] = reader.runs() else { panic!("{:?}", reader.runs()) };
    assert_eq!((a.finished, a.ended_at), (true, None));
    assert_eq!((b.finished, b.ended_at, b.started_at), (true, None, None));
}

#[test]
fn an_end_that_is_no_time_is_no_newer_than_any_other() {
    let reader = with_runs(&[
        run_row("a", "'2026-01-02T00:00:00Z'", ""),
        run_row("b", "'zzz'", ""),
        run_row("c", "'2026-01-02 00:00:00.5'", ""),
    ]);
    assert_eq!(chosen(&reader), ("c", None));
}

#[test]
fn stats_that_are_no_stats_are_absent() {
    for stats in ["'nonsense'", "'{}'", "'[1]'", "NULL", "x'00'", "12", "'{\"resource_types\":\"2\"}'"] {
        let reader = with_runs(&[run_row("a", "NULL", &format!("stats={stats}"))]);
        assert_eq!(reader.runs()[0].stats, None, "{stats}");
    }
}

#[test]
fn the_newest_full_sync_is_chosen_and_what_is_passed_over_is_named() {
    let reader = with_runs(&[
        run_row("a", "'2026-01-02 00:00:00'", ""),
        run_row("b", "'2026-01-04 00:00:00'", "sync_type='full'"),
        run_row("c", "'2026-01-03 00:00:00'", "sync_type='full'"),
        run_row("d", "'2026-01-05 00:00:00'", "sync_type='partial_upserts'"),
        run_row("e", "'2026-01-01 00:00:00'", "sync_type='resources_only'"),
        run_row("f", "NULL", "sync_type='full'"),
    ]);
    assert_eq!(chosen(&reader), ("b", Some("d")));
    let named = |id: &str| reader.choose(&SyncChoice::Id(id.into())).map(|chosen| chosen.run.id.clone());
    assert_eq!(named("f").unwrap(), "f");
    let Error::UnknownSync { id, known, .. } = named("F").unwrap_err() else { panic!() };
    assert_eq!((&*id, known.concat()), ("F", "abcdef".to_owned()));
}

#[test]
fn without_a_full_sync_the_newest_finished_one_is_chosen() {
    let reader = with_runs(&[
        run_row("b", "'2026-01-03 00:00:00.25'", "sync_type='partial'"),
        run_row("a", "'2026-01-03 00:00:00'", "sync_type='whatever'"),
    ]);
    assert_eq!(chosen(&reader), ("b", None));
}

#[test]
fn nothing_finished_is_an_error_that_names_what_was_begun() {
    let reader = with_runs(&[run_row("a", "NULL", ""), run_row("b", "NULL", "")]);
    let Err(Error::NoFinishedSync { unfinished, .. }) = reader.choose(&SyncChoice::Newest) else { panic!() };
    assert_eq!(unfinished, ["b", "a"], "the newest first");
    let reader = with_runs(&[]);
    let Err(Error::NoFinishedSync { unfinished, .. }) = reader.choose(&SyncChoice::Newest) else { panic!() };
    assert!(unfinished.is_empty());
}

#[test]
fn of_runs_with_one_id_all_are_listed_and_the_first_is_read() {
    let reader = with_runs(&[
        "DROP INDEX idx_sync_runs_sync_id_v1;".into(),
        run_row("a", "'2026-01-02 00:00:00'", ""),
        run_row("a", "NULL", "sync_type='partial'"),
    ]);
    assert_eq!(reader.runs().len(), 2);
    assert_eq!(reader.choose(&SyncChoice::Id("a".into())).unwrap().run.kind, "full");
    assert_eq!(chosen(&reader), ("a", None));
}

#[test]
fn counts_leave_out_resources_of_undeclared_types() {
    let reader = read_sync(
        |writer| {
            company(writer);
            writer.put_asset("icon", "image/png", b"png").unwrap();
        },
        // Counts are of rows, readable or not.
        "UPDATE v1_grants SET data = x'ff' WHERE id = 1;",
    );
    let at = snapshot(&reader);
    let stats = at.count().unwrap();
    // us/er is of a type that no row declares; group has no resource.
    assert_eq!((stats.resource_types, stats.resources, stats.entitlements, stats.assets), (4, 12, 8, 1));
    let by_type = &stats.resources_by_resource_type;
    assert_eq!(
        by_type.iter().map(|(k, v)| (k.as_str(), *v)).collect::<Vec<_>>(),
        [("group", 0), ("o'rg", 2), ("us:er", 1), ("user", 9)]
    );
    assert_eq!(stats.entitlements_by_resource_type["us"], 2);
    assert_eq!(stats.grants, stats.grants_by_resource_type.values().sum::<i64>());
    assert_eq!(stats.grants as usize, grants(at, &GrantFilter::default()).len() + 1);
    assert_eq!(Some(stats), at.run().stats, "as the writer counted");
}

#[test]
fn a_sync_of_resources_only_counts_no_grants() {
    let reader = read(|writer| {
        writer.begin_sync(new_sync(SYNC, SyncKind::ResourcesOnly)).unwrap();
        company(writer);
        writer.end_sync(time("2026-11-22 12:00:00")).unwrap();
    });
    let stats = snapshot(&reader).count().unwrap();
    assert_eq!((stats.resources, stats.entitlements, stats.grants), (12, 0, 0));
    assert!(stats.grants_by_resource_type.is_empty());
}

#[test]
fn counts_are_of_one_sync() {
    let reader = read(|writer| {
        for id in ["first", "second"] {
            writer.begin_sync(new_sync(id, SyncKind::Full)).unwrap();
            company(writer);
            writer.end_sync(time("2026-11-22 12:00:00")).unwrap();
        }
        writer.execute("DELETE FROM v1_grants WHERE sync_id = 'second'").unwrap();
    });
    assert_eq!(reader.at(&reader.runs()[0]).count().unwrap(), *reader.runs()[0].stats.as_ref().unwrap());
    assert_eq!(reader.at(&reader.runs()[1]).count().unwrap().grants, 0);
}

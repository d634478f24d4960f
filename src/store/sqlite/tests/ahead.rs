//! Reading ahead gives the rows that reading gives.
//!
//! Only images above [`COPIED`] are read ahead; the same image with its sharing taken away is read directly.

use super::super::connection::COPIED;
use super::*;
use crate::store::Engine;

const SQL_DAMAGE: &str = "
    UPDATE v1_grants SET data = substr(data, 1, length(data) - 1) WHERE id % 7 = 3;
    UPDATE v1_grants SET data = x'' WHERE id % 11 = 4;
    UPDATE v1_grants SET data = 'text' WHERE id % 13 = 5;
    UPDATE v1_resources SET data = x'00' WHERE id % 5 = 0;
    UPDATE v1_entitlements SET data = x'' WHERE id % 3 = 0;
    UPDATE v1_grants SET expansion = x'0a0161' WHERE id % 17 = 6;
    UPDATE v1_grants SET data = zeroblob(300000) WHERE id = 700;
    UPDATE v1_grants SET data = zeroblob(67108865) WHERE id = 701;
";

/// Enough rows for many batches, every fourth of them slim.
fn fill(writer: &mut Writer) {
    for id in ["user", "group"] {
        writer.put_resource_type(&kind(id)).unwrap();
    }
    let groups: Vec<_> = (0..9).map(|number| resource("group", &format!("g{number}"))).collect();
    let offers: Vec<_> = groups.iter().map(|group| entitlement(group, "member")).collect();
    for record in &groups {
        writer.put_resource(record).unwrap();
    }
    for record in &offers {
        writer.put_entitlement(record).unwrap();
    }
    for number in 0..5000_usize {
        let user = resource("user", &format!("u{number}"));
        writer.put_resource(&user).unwrap();
        let held = grant(&offers[number % offers.len()], &user);
        if number % 4 == 0 {
            put_slim(writer, &held);
        } else {
            writer.put_grant(&held).unwrap();
        }
    }
}

/// The same file twice: read ahead, and read directly.
fn both(path: &Path) -> (Reader, Reader) {
    let mut ahead = try_open(path).unwrap();
    let shared = shared_image(&mut ahead);
    assert!(shared.is_some_and(|image| image.len() > COPIED), "the file is too small");
    let mut direct = try_open(path).unwrap();
    *shared_image(&mut direct) = None;
    (ahead, direct)
}

/// The image that another connection may read as well.
fn shared_image(reader: &mut Reader) -> &mut Option<&'static [u8]> {
    match &mut reader.engine {
        Engine::Sqlite(engine) => &mut engine.shared,
        Engine::Pebble(_) => panic!("no database of this engine"),
    }
}

fn large(sql: &str) -> (TempDir, std::path::PathBuf) {
    file(|writer| {
        for id in ["other", SYNC] {
            writer.begin_sync(new_sync(id, SyncKind::Full)).unwrap();
            fill(writer);
            writer
                .end_sync(time(if id == SYNC { "2026-11-22 13:00:00" } else { "2026-11-22 12:00:00" }))
                .unwrap();
        }
        writer.execute(sql).unwrap();
    })
}

fn agree(ahead: &Reader, direct: &Reader) {
    for run in 0..ahead.runs().len() {
        let (a, d) = (ahead.at(&ahead.runs()[run]), direct.at(&direct.runs()[run]));
        assert!(everything(a) == everything(d));
        let filter = GrantFilter { kind: Some("group"), ..Default::default() };
        assert!(grants(a, &filter) == grants(d, &filter));
        let filter = GrantFilter { kind: Some("user"), ..Default::default() };
        assert!(grants(a, &filter).is_empty());
        let filter = EntitlementFilter { kind: Some("group"), ..Default::default() };
        assert!(entitlements(a, &filter) == entitlements(d, &filter));
    }
    assert_eq!(ahead.problems().lines(), direct.problems().lines());
    assert_eq!(ahead.problems().incomplete(), direct.problems().incomplete());
}

#[test]
fn the_rows_are_the_same() {
    let (_directory, path) = large("");
    let (ahead, direct) = both(&path);
    agree(&ahead, &direct);
    assert_eq!(grants(snapshot(&ahead), &GrantFilter::default()).len(), 5000);
    assert_sound(&ahead);
}

#[test]
fn damaged_slim_and_huge_rows_are_the_same() {
    let (_directory, path) = large(SQL_DAMAGE);
    let (ahead, direct) = both(&path);
    agree(&ahead, &direct);
    assert!(skipped(&ahead).contains(" and "), "{}", skipped(&ahead));
    assert!(
        grants(snapshot(&ahead), &GrantFilter::default()).iter().any(|seen| seen.expansion == b"\x0a\x01a")
    );
}

#[test]
fn expansions_inside_grants_are_taken_out_as_well() {
    let sql = "
        UPDATE v1_sync_runs SET grants_backfilled = 0 WHERE sync_id = 'other';
        UPDATE v1_grants SET data = CAST(data ||
            x'2229' || x'0a22' || CAST('/c1.connector.v2.GrantExpandable' AS BLOB) || x'2020' || x'1203' || x'0a0161'
            AS BLOB) WHERE id % 2 = 0;
    ";
    // The name is 32 bytes long, so the URL is padded with nothing: 0a20, and the whole is 2 + 32 + 2 + 3 bytes.
    let sql = sql.replace("x'2229' || x'0a22'", "x'2227' || x'0a20'").replace(" || x'2020'", "");
    let (_directory, path) = large(&sql);
    let (ahead, direct) = both(&path);
    agree(&ahead, &direct);
    let old = grants(ahead.at(&ahead.runs()[0]), &GrantFilter::default());
    assert_eq!(old.iter().filter(|seen| seen.expansion == b"\x0a\x01a").count(), 2500);
    let new = grants(ahead.at(&ahead.runs()[1]), &GrantFilter::default());
    assert!(new.iter().all(|seen| seen.expansion.is_empty()));
}

#[test]
fn a_narrow_scan_is_not_read_ahead() {
    let (_directory, path) = large("");
    let reader = try_open(&path).unwrap();
    let principal = Some(ResourceKey { kind: b"user", id: b"u7" });
    let filter = GrantFilter { principal, ..Default::default() };
    let mut scan = snapshot(&reader).grants(&filter).unwrap();
    let rows = format!("{:?}", scan.rows().unwrap());
    assert!(rows.contains("narrow: true"), "{rows}");
    assert_eq!(grants(snapshot(&reader), &filter).len(), 1);
}

#[test]
fn a_walk_that_is_given_up_leaves_nothing_behind() {
    let (_directory, path) = large("");
    let reader = try_open(&path).unwrap();
    let at = snapshot(&reader);
    let first = grants(at, &GrantFilter::default());
    for round in 0..400 {
        let mut scan = at.grants(&GrantFilter::default()).unwrap();
        let mut rows = scan.rows().unwrap();
        for expected in first.iter().take(round * 7 % 1500) {
            assert_eq!(rows.next(|grant| row_in("v1_grants", grant.place)).unwrap(), Some(expected.row));
        }
    }
    // Several walks at a time, ended in another order than begun.
    let mut scans: Vec<_> = (0..8).map(|_| at.grants(&GrantFilter::default()).unwrap()).collect();
    let mut walks: Vec<_> = scans.iter_mut().map(|scan| scan.rows().unwrap()).collect();
    for expected in first.iter().take(600) {
        for walk in &mut walks {
            assert_eq!(walk.next(seen_grant).unwrap().as_ref(), Some(expected));
        }
    }
    while !walks.is_empty() {
        drop(walks.swap_remove(walks.len() / 2));
    }
    assert!(grants(at, &GrantFilter::default()) == first);
    threads_end();
}

/// Waits until hardly any thread reads ahead; other tests may be running some.
#[cfg(target_os = "linux")]
fn threads_end() {
    let count = || {
        let tasks = std::fs::read_dir("/proc/self/task").unwrap();
        let names = tasks.flatten().filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok());
        names.filter(|name| name.trim() == "read-ahead").count()
    };
    let patience = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while count() > 20 {
        assert!(std::time::Instant::now() < patience, "{} threads still read ahead", count());
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[cfg(not(target_os = "linux"))]
fn threads_end() {}

/// Walks all grants; the rows before the end or the error, and the error.
fn until_error(reader: &Reader) -> (Vec<i64>, Option<String>) {
    let mut scan = snapshot(reader).grants(&GrantFilter::default()).unwrap();
    let mut rows = scan.rows().unwrap();
    let mut found = Vec::new();
    loop {
        match rows.next(|grant| row_in("v1_grants", grant.place)) {
            Ok(Some(row)) => found.push(row),
            Ok(None) => return (found, None),
            Err(error) => return (found, Some(error.to_string())),
        }
    }
}

#[test]
fn a_damaged_page_ends_both_at_the_same_row() {
    let (directory, path) = large("");
    let opened = crate::c1z::open(&Source::from(&*path), &OpenOptions::default(), &mut |_, _| {}).unwrap();
    let crate::c1z::Payload::Sqlite(image) = opened.payload else { panic!("no database") };
    // A leaf of v1_grants half-way through the second sync.
    let needle = b"group:g8:member:user:u2501";
    let leaf = image
        .chunks(4096)
        .rposition(|page| page[0] == 0x0d && page.windows(needle.len()).any(|w| w == needle))
        .unwrap();
    let mut bytes = image.to_vec();
    bytes[leaf * 4096] = 0xee;
    let bare = directory.path().join("a.db");
    std::fs::write(&bare, bytes).unwrap();
    let (ahead, direct) = both(&bare);
    let (direct, error) = until_error(&direct);
    assert!(direct.len() > 1000 && direct.len() < 5000, "{}", direct.len());
    assert!(error.as_ref().is_some_and(|error| error.contains("malformed")), "{error:?}");
    let (ahead, same) = until_error(&ahead);
    assert_eq!((ahead.len(), same), (direct.len(), error));
}

//! Databases that are laid out to hang a reader, or to make it take memory out of proportion.

use std::sync::mpsc;
use std::time::Duration;

use super::*;

/// Runs `work` on a thread of its own; `None` when it takes longer than a reader may.
fn in_time<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || sender.send(work()));
    receiver.recv_timeout(Duration::from_secs(10)).ok()
}

/// Opens, lists and counts; errors are welcome.
fn list_all(path: &Path) -> Result<usize, Error> {
    let reader = try_open(path)?;
    let at = snapshot(&reader);
    at.count()?;
    let mut scan = at.grants(&GrantFilter::default())?;
    let mut rows = scan.rows()?;
    let mut count = 0;
    while rows.next(|_| ())?.is_some() {
        count += 1;
    }
    Ok(count)
}

#[test]
fn a_column_that_is_computed_is_refused() {
    // A few bytes in the file, a gigabyte in memory.
    let (_directory, path) = file(|writer| {
        writer
            .execute(
                "DROP TABLE v1_grants;
                 CREATE TABLE v1_grants (id integer primary key, sync_id text, external_id text,
                     entitlement_id text, resource_type_id text, resource_id text,
                     principal_resource_type_id text, principal_resource_id text,
                     data blob GENERATED ALWAYS AS (zeroblob(900000000)) VIRTUAL);",
            )
            .unwrap();
    });
    let error = try_open(&path).unwrap_err();
    assert!(matches!(error, Error::Layout { table: "v1_grants", .. }), "{error}");
}

const PAGE: usize = 512;

/// A page of a table's tree that leads to the same child over and over.
fn inner(child: u32, cells: usize) -> Vec<u8> {
    let mut page = vec![0; PAGE];
    let start = PAGE - cells * 5;
    page[0] = 5;
    page[3..5].copy_from_slice(&u16::try_from(cells).unwrap().to_be_bytes());
    page[5..7].copy_from_slice(&u16::try_from(start).unwrap().to_be_bytes());
    page[8..12].copy_from_slice(&child.to_be_bytes());
    for cell in 0..cells {
        let at = start + cell * 5;
        page[12 + cell * 2..14 + cell * 2].copy_from_slice(&u16::try_from(at).unwrap().to_be_bytes());
        page[at..at + 4].copy_from_slice(&child.to_be_bytes());
        page[at + 4] = u8::try_from(cell + 1).unwrap();
    }
    page
}

/// A database of a few kilobytes in which `levels` pages, one above the other, each lead 60 times to the next.
fn bomb(levels: usize) -> (TempDir, std::path::PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection
        .execute_batch(
            "PRAGMA page_size = 512;
             CREATE TABLE v1_sync_runs (id integer primary key, sync_id, started_at, ended_at, sync_token);
             INSERT INTO v1_sync_runs VALUES (1, 'a', '', '', '');
             CREATE TABLE v1_grants (id integer primary key, sync_id, data, resource_type_id, resource_id, entitlement_id,
                 principal_resource_type_id, principal_resource_id, external_id);
             INSERT INTO v1_grants (sync_id) VALUES ('b');",
        )
        .unwrap();
    let root: i64 = connection
        .query_row("SELECT rootpage FROM sqlite_schema WHERE name = 'v1_grants'", [], |row| row.get(0))
        .unwrap();
    let root = usize::try_from(root).unwrap();
    drop(connection);
    let mut bytes = std::fs::read(&path).unwrap();
    let leaf = bytes[(root - 1) * PAGE..root * PAGE].to_vec();
    let first = bytes.len() / PAGE + 1;
    let number = |level: usize| u32::try_from(first + level).unwrap();
    bytes[(root - 1) * PAGE..root * PAGE].copy_from_slice(&inner(number(0), 60));
    for level in 0..levels {
        bytes.extend(inner(number(level + 1), 60));
    }
    bytes.extend(leaf);
    let pages = u32::try_from(bytes.len() / PAGE).unwrap();
    bytes[28..32].copy_from_slice(&pages.to_be_bytes());
    std::fs::write(&path, bytes).unwrap();
    (directory, path)
}

#[test]
fn a_tree_that_meets_itself_cannot_hang_a_reader() {
    let (_directory, path) = bomb(0);
    assert!(in_time(move || list_all(&path).is_ok()).is_some(), "the small one");
    let (_directory, path) = bomb(15);
    assert!(std::fs::metadata(&path).unwrap().len() < 20_000);
    assert!(in_time(move || list_all(&path).is_ok()).is_some(), "it hangs");
}

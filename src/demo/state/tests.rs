//! Tests of the database as a file.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Barrier;

use super::*;

fn refused(path: &Path) -> (Code, String) {
    let error = State::open(Some(path)).unwrap_err();
    (error.code(), error.to_string())
}

fn files(folder: &Path) -> BTreeMap<std::ffi::OsString, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries.map(|entry| (entry.file_name(), fs::read(entry.path()).unwrap())).collect()
}

fn slot(user: &str) -> Slot<'_> {
    Slot {
        resource_type: Kind::Role,
        resource: "viewer",
        slug: "assignment",
        principal_type: Kind::User,
        principal: user,
    }
}

fn new_user<'a>(login: &'a str, email: &'a str) -> NewUser<'a> {
    NewUser { login, email, name: login, password: true }
}

#[test]
fn a_file_keeps_what_was_done() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("demo.db");
    {
        let state = State::open(Some(&path)).unwrap();
        assert_eq!(state.count(Kind::User).unwrap(), 7);
        assert!(state.assign(&slot("ulla")).unwrap());
        state.create_user(&new_user("vera", "vera@example.com")).unwrap();
        state.delete(Kind::User, "ruben").unwrap();
    }
    let state = State::open(Some(&path)).unwrap();
    assert_eq!(state.count(Kind::User).unwrap(), 7);
    assert_eq!(state.get::<User>("vera").unwrap().email.as_deref(), Some("vera@example.com"));
    assert_eq!(state.get::<User>("ruben").unwrap_err().code(), Code::NotFound);
    assert_eq!(state.holder(&slot("ulla")).unwrap().unwrap().source, None);
    // One grant, one account, and one user with one assignment gone.
    assert_eq!(state.happened(0, 0, 100).unwrap().len(), 4);
    assert_eq!(files(folder.path()).len(), 1, "only the database itself is left");
}

#[test]
fn an_empty_file_is_filled() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("demo.db");
    fs::write(&path, "").unwrap();
    assert_eq!(State::open(Some(&path)).unwrap().count(Kind::Group).unwrap(), 2);
    State::open(Some(&path)).unwrap();
}

#[test]
fn a_file_of_another_program_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.db");
    let other = Connection::open(&path).unwrap();
    other
        .execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE users (id); INSERT INTO users VALUES (1)")
        .unwrap();
    let before = files(folder.path());
    assert_eq!(before.len(), 3, "the other program is still at work");
    let (code, words) = refused(&path);
    assert_eq!(code, Code::FailedPrecondition);
    let expected = "failed precondition: the demo database PATH is a SQLite file of another program";
    assert_eq!(words, expected.replace("PATH", &path.display().to_string()));
    assert!(files(folder.path()) == before, "the files changed");
}

#[test]
fn a_file_that_is_no_database_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    for text in ["x", "a long text, which is no database whatever one may think of its extension, is it?"] {
        fs::write(&path, text).unwrap();
        let (code, words) = refused(&path);
        assert_eq!(code, Code::FailedPrecondition);
        assert!(words.ends_with("notes.txt is not a SQLite file"), "{words}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    assert_eq!(files(folder.path()).len(), 1);
}

#[test]
fn a_database_of_another_version_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("demo.db");
    State::open(Some(&path)).unwrap().connection.pragma_update(None, "user_version", 2).unwrap();
    let before = fs::read(&path).unwrap();
    let (code, words) = refused(&path);
    assert_eq!(code, Code::FailedPrecondition);
    assert!(words.ends_with("demo.db has tables of version 2; this program knows version 1"), "{words}");
    assert!(fs::read(&path).unwrap() == before);
}

#[test]
fn a_place_where_no_file_can_be_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (code, words) = refused(folder.path());
    assert_eq!(code, Code::FailedPrecondition);
    assert!(words.ends_with(" is not a file"), "{words}");
    let (code, words) = refused(&folder.path().join("missing").join("demo.db"));
    assert_eq!(code, Code::FailedPrecondition);
    assert!(words.contains("cannot be opened"), "{words}");
}

#[test]
fn a_path_is_not_taken_for_an_address() {
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other.db");
    Connection::open(&other).unwrap().execute_batch("CREATE TABLE notes (text)").unwrap();
    let before = files(folder.path());
    let address = format!("file:{}", other.display());
    assert_eq!(refused(Path::new(&address)).0, Code::FailedPrecondition);
    assert!(files(folder.path()) == before);
    assert_eq!(refused(Path::new("")).0, Code::FailedPrecondition);
}

#[test]
fn a_damaged_database_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("demo.db");
    State::open(Some(&path)).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    bytes[100..].fill(0xff);
    fs::write(&path, bytes).unwrap();
    let checked = State::open(Some(&path)).and_then(|state| state.check());
    assert_eq!(checked.unwrap_err().code(), Code::Internal);
}

/// Several connections are what several processes would be: SQLite locks the file for both alike.
#[test]
fn several_may_open_and_change_one_file_at_once() {
    const PROCESSES: usize = 4;
    const ROUNDS: usize = 5;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("demo.db");
    let start = Barrier::new(PROCESSES);
    let created: usize = std::thread::scope(|scope| {
        let run = |number: usize| {
            let (path, start) = (&path, &start);
            scope.spawn(move || {
                start.wait();
                let state = State::open(Some(path)).unwrap();
                (0..ROUNDS)
                    .filter(|round| {
                        let own = format!("own-{number}-{round}");
                        let (_, new) =
                            state.create_user(&new_user(&own, &format!("{own}@example.com"))).unwrap();
                        assert!(new);
                        let common = format!("common-{round}");
                        let address = format!("{common}@example.com");
                        state.create_user(&new_user(&common, &address)).unwrap().1
                    })
                    .count()
            })
        };
        let threads: Vec<_> = (0..PROCESSES).map(run).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(created, ROUNDS, "of those who came with the same login, one won");
    let expected = ROUNDS * PROCESSES + ROUNDS;
    let state = State::open(Some(&path)).unwrap();
    assert_eq!(state.count(Kind::User).unwrap(), 7 + expected as i64);
    assert_eq!(state.count_held().unwrap(), 34);
    assert_eq!(state.happened(0, 0, 1000).unwrap().len(), expected);
}

#[test]
fn passwords_are_not_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("demo.db");
    let state = State::open(Some(&path)).unwrap();
    state.create_user(&new_user("vera", "vera@example.com")).unwrap();
    state.set_password("nadia", true).unwrap();
    assert!(state.get::<User>("vera").unwrap().password_set_at.is_some());
    let columns = state.all("SELECT name FROM pragma_table_info('users')", [], |row| row.get::<_, String>(0));
    assert!(!columns.unwrap().contains(&"password".to_owned()));
}

#[test]
fn what_fails_half_way_is_undone() {
    let state = State::open(None).unwrap();
    let failed: Answer<()> = state.change(|| {
        state.execute("DELETE FROM assignments", [])?;
        Err(ConnectorError::new(Code::Internal, "no"))
    });
    assert!(failed.is_err());
    assert_eq!(state.count_held().unwrap(), 34);
    assert!(state.assign(&slot("ulla")).unwrap(), "another transaction can begin");
}

//! `baton-demo` is killed, and the next run goes on.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::run::Desk;

/// Users beside the built-in ones, so that a sync takes long enough to be hit in all its parts.
const USERS: usize = 300;

/// How long a sync takes here and now.
fn duration(desk: &Desk) -> Duration {
    let begun = Instant::now();
    desk.sync();
    begun.elapsed()
}

#[test]
fn twenty_kills_lose_nothing_and_leave_the_old_file_or_the_new_one() {
    let desk = Desk::synced();
    let expected = desk.grants();
    let takes = duration(&desk);
    let (mut left, mut resumed) = (0, 0);
    for number in 0..20 {
        let mut command = desk.demo_command(&[]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(takes.mul_f64(f64::from(number) / 20.0));
        child.kill().unwrap();
        child.wait().unwrap();
        left += u32::from(desk.files().contains(&".sync.c1z.sync".to_owned()));
        assert_eq!(desk.grants(), expected, "kill {number}: a whole file");
        // Every other time the next kill hits a sync that goes on.
        if number % 2 == 1 {
            let next = desk.demo(&[]);
            resumed += u32::from(next.stderr.contains("Sync resumed"));
            next.ok();
            assert_eq!(desk.files(), ["demo.db", "sync.c1z"]);
            let lines = desk.baton("grants -o name");
            assert_eq!(lines.lines().count(), expected.len(), "kill {number}: nothing is there twice");
            assert_eq!(lines.lines().map(ToOwned::to_owned).collect::<BTreeSet<_>>(), expected);
        }
    }
    assert!(left > 0 && resumed > 0, "{left} kills hit a sync, {resumed} syncs went on");
}

/// A desk whose file is older than its system, to which many users came since.
fn crowded() -> Desk {
    let desk = Desk::synced();
    let system = Connection::open(desk.file("demo.db")).unwrap();
    let sql = format!(
        "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {USERS})
        INSERT INTO users (id, name, login, email)
            SELECT printf('x%04d', n), printf('User %04d', n), printf('x%04d', n), printf('x%04d@example.com', n)
            FROM n;
        INSERT INTO assignments (resource_type, resource, slug, principal_type, principal)
            SELECT 'group', 'platform', 'member', 'user', id FROM users WHERE id LIKE 'x%'"
    );
    system.execute_batch(&sql).unwrap();
    desk
}

#[test]
fn twenty_kills_of_a_sync_that_changes_much_leave_the_old_file_or_the_new_one() {
    let desk = crowded();
    let before = desk.grants();
    let begun = Instant::now();
    desk.demo(&["-f", "whole.c1z"]).ok();
    let takes = begun.elapsed();
    let lines = |text: String| text.lines().map(ToOwned::to_owned).collect::<BTreeSet<_>>();
    let expected = lines(desk.baton("grants -o name -f whole.c1z"));
    assert!(expected.len() > before.len() + USERS);

    let (mut kills, mut rounds) = (0, 0);
    while kills < 20 {
        let mut child = desk.demo_command(&[]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Later and later, so that the last moments are hit as well.
        std::thread::sleep(takes.mul_f64(f64::from(rounds % 23) / 20.0));
        kills += u32::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
        rounds += 1;
        assert!(rounds < 500, "syncs are too fast to be killed: {kills} of {rounds}");
        let text = desk.baton("grants -o name");
        let (count, now) = (text.lines().count(), lines(text));
        assert_eq!(now.len(), count, "kill {kills}: nothing is there twice");
        assert!(now == before || now == expected, "kill {kills}: neither the old file nor the new one");
    }
    desk.demo(&[]).ok();
    desk.demo(&[]).ok();
    assert_eq!(desk.grants(), expected);
    assert_eq!(desk.files(), ["demo.db", "sync.c1z", "whole.c1z"], "nothing is left lying around");
}

//! `baton-demo` is killed at moments that nobody chooses, and the next run goes on.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::Instant;

use rusqlite::Connection;

use crate::run::Desk;

/// Users beside the built-in ones, so that a sync takes long enough to be hit in all its parts.
const USERS: usize = 300;

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

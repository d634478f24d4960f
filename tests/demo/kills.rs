//! `baton-demo` is killed, and the next run goes on.

use std::collections::BTreeSet;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::run::Desk;

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

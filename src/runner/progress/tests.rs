//! Tests of what a sync tells.

use std::cell::Cell;
use std::time::UNIX_EPOCH;

use super::*;
use crate::runner::testing::heard;
use crate::sync::{Code, ConnectorError, Stop};
use crate::ui::{Colour, Ui};

/// A clock that goes on by so many seconds whenever it is looked at.
struct Steps(Cell<u64>, u64);

impl Clock for Steps {
    fn now(&self) -> SystemTime {
        self.0.set(self.0.get() + self.1);
        UNIX_EPOCH + Duration::from_secs(self.0.get())
    }

    fn wait(&self, _: Duration, _: &Stop) {}
}

fn told(seconds: u64, events: &[Event<'_>]) -> Vec<String> {
    let clock = Steps(Cell::new(0), seconds);
    let board = Ui::new(Colour::Never, true).board();
    let mut teller = Teller::new(&board, &clock, true);
    let ((), lines) = heard(|| events.iter().for_each(|event| teller.event(event)));
    lines.into_iter().filter(|line| !line.starts_with("DEBUG")).collect()
}

fn count(records: u64, done: u64, total: Option<u64>) -> Count {
    Count { records, done, total }
}

#[test]
fn every_stage_ends_with_its_line() {
    let stages = [
        (Stage::ResourceTypes, "INFO  Synced resource types count=3"),
        (Stage::Resources, "INFO  Synced resources count=3"),
        (Stage::StaticEntitlements, "INFO  Synced static entitlements count=3"),
        (Stage::Entitlements, "INFO  Synced entitlements count=3"),
        (Stage::Grants, "INFO  Synced grants count=3"),
        (Stage::Expansion, "INFO  Expanded grants count=3"),
        (Stage::Targets, "INFO  Synced targeted resources count=3"),
    ];
    for (stage, line) in stages {
        assert_eq!(told(0, &[Event::Entered(stage), Event::Finished(stage, count(3, 1, None))]), [line]);
    }
    assert!(told(0, &[Event::Finished(Stage::StaticEntitlements, count(0, 1, None))]).is_empty());
}

#[test]
fn a_long_stage_says_every_ten_seconds_how_far_it_is() {
    let mut events = vec![Event::Entered(Stage::Grants)];
    events.extend((1..=9).map(|done| Event::Progress(Stage::Grants, count(done * 100, done, Some(9)))));
    assert_eq!(
        told(4, &events),
        [
            "INFO  Syncing grants synced=3 total=9 percent_complete=33 records=300",
            "INFO  Syncing grants synced=6 total=9 percent_complete=66 records=600",
            "INFO  Syncing grants synced=9 total=9 percent_complete=100 records=900",
        ]
    );
    assert!(told(0, &events).is_empty());
    let unknown = [Event::Entered(Stage::Resources), Event::Progress(Stage::Resources, count(7, 1, None))];
    assert_eq!(told(10, &unknown), ["INFO  Syncing resources synced=1 records=7"]);
}

#[test]
fn what_is_odd_is_a_warning() {
    let error = ConnectorError::new(Code::Unavailable, "busy");
    let wait = Duration::from_secs(2);
    let events = [
        Event::Retrying { call: "listing user", error: &error, attempt: 2, wait },
        Event::Warning("a user is gone"),
    ];
    assert_eq!(
        told(0, &events),
        [
            r#"WARN  Trying again after a while call="listing user" error="unavailable: busy" attempt=2 wait_seconds=2"#,
            "WARN  a user is gone",
        ]
    );
}

#[test]
fn beginning_and_cleaning_up_name_the_syncs() {
    let events = [
        Event::Begun { sync_id: "s1", kind: "full" },
        Event::Resumed { sync_id: "s0", begun: 0 },
        Event::CleanedUp { sync_ids: &["a".into(), "b".into()] },
    ];
    assert_eq!(
        told(0, &events),
        [
            "INFO  Sync begun sync_id=s1 sync_type=full",
            "INFO  Sync resumed sync_id=s0 started_at=1970-01-01T00:00:00Z",
            "INFO  Removed earlier syncs sync_ids=a,b",
        ]
    );
}

//! Signals, while another process keeps the system busy.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use rustix::process::{Pid, Signal, kill_process};

use crate::run::Desk;

/// A run that is under way, and what it has logged so far.
struct Running {
    child: Child,
    stderr: BufReader<ChildStderr>,
    log: String,
}

impl Running {
    fn start(desk: &Desk, words: &[&str]) -> Self {
        Self::spawn(desk.demo_command(words).args(["--log-level", "debug"]))
    }

    fn spawn(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        Self { child, stderr, log: String::new() }
    }

    /// Reads the log until a line has these words.
    fn await_line(&mut self, words: &str) {
        loop {
            let start = self.log.len();
            let read = self.stderr.read_line(&mut self.log).unwrap();
            assert!(read > 0, "{words} not in {}", self.log);
            if self.log[start..].contains(words) {
                return;
            }
        }
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// The exit code, standard output, and the whole log.
    fn end(mut self) -> (Option<i32>, String, String) {
        self.stderr.read_to_string(&mut self.log).unwrap();
        let mut out = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        (self.child.wait().unwrap().code(), out, self.log)
    }
}

/// Whether these tests run under `nohup` or the like: then `baton-demo` does too, and leaves signals as they are.
fn signals_are_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.map_or(0, |mask| u64::from_str_radix(mask.trim(), 16).unwrap());
    let bit = |signal: Signal| 1 << (signal.as_raw() - 1);
    mask & (bit(Signal::INT) | bit(Signal::TERM) | bit(Signal::HUP)) != 0
}

/// Keeps everybody else from reading and writing the demo's database.
fn occupy(desk: &Desk) -> Connection {
    let connection = Connection::open(desk.file("demo.db")).unwrap();
    connection.execute_batch("BEGIN EXCLUSIVE").unwrap();
    connection
}

#[test]
fn a_stopped_sync_ends_with_130_and_the_next_one_goes_on() {
    if signals_are_ignored() {
        return;
    }
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let desk = Desk::synced();
        let before = desk.grants();
        let busy = occupy(&desk);
        let mut running = Running::start(&desk, &[]);
        running.await_line("Connecting");
        running.signal(signal);
        running.await_line("Stopping as soon as the work at hand is done");
        drop(busy);
        let (code, out, log) = running.end();
        assert_eq!((code, &*out), (Some(130), ""), "{log}");
        assert!(log.contains("error: stopped before the end\nhint: what it collected is saved"), "{log}");
        assert_eq!(desk.files(), ["demo.db", "sync.c1z"]);
        // Readers still get the finished sync.
        assert_eq!(desk.grants(), before);
        let next = desk.demo(&[]);
        assert!(next.stderr.contains("Sync resumed"), "{}", next.stderr);
        assert_eq!(desk.grants(), before);
    }
}

#[test]
fn a_change_that_is_under_way_is_finished() {
    if signals_are_ignored() {
        return;
    }
    let desk = Desk::synced();
    let busy = occupy(&desk);
    let mut running = Running::start(&desk, &["--delete-resource", "ulla", "--delete-resource-type", "user"]);
    running.await_line("Connecting");
    running.signal(Signal::INT);
    running.await_line("Stopping as soon as the work at hand is done");
    drop(busy);
    let (code, out, log) = running.end();
    assert_eq!(code, Some(0), "{log}");
    assert!(out.starts_with(r#"{"outcome":"deleted""#), "{out}");
}

#[test]
fn a_second_signal_ends_the_program_at_once() {
    if signals_are_ignored() {
        return;
    }
    let desk = Desk::synced();
    let busy = occupy(&desk);
    let mut running = Running::start(&desk, &[]);
    running.await_line("Connecting");
    running.signal(Signal::INT);
    running.await_line("Stopping as soon as the work at hand is done");
    let asked = Instant::now();
    running.signal(Signal::INT);
    let (code, ..) = running.end();
    assert_eq!(code, Some(130));
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    drop(busy);
    assert_eq!(desk.files(), ["demo.db", "sync.c1z"]);
}

#[test]
fn a_program_that_is_to_ignore_hang_ups_does() {
    let desk = Desk::synced();
    let busy = occupy(&desk);
    let mut shell = Command::new("sh");
    let demo = env!("CARGO_BIN_EXE_baton-demo");
    shell.args(["-c", "trap '' HUP; exec \"$0\" --db-file demo.db --log-level debug", demo]);
    let mut running = Running::spawn(shell.current_dir(desk.path()));
    running.await_line("Connecting");
    running.signal(Signal::HUP);
    drop(busy);
    let (code, _, log) = running.end();
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("Sync complete."), "{log}");
}

//! A folder in which `baton-demo` works on a database of its own, and `baton` reads what it wrote.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// What a program left behind.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Output {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: i32,
}

impl Output {
    /// Standard output of a run that went well.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, 0, "{}", self.stderr);
        self.stdout
    }

    /// Standard output of a run that went well, one JSON value.
    #[track_caller]
    pub(crate) fn json(self) -> Value {
        serde_json::from_str(&self.ok()).unwrap()
    }

    /// Standard error of a run that did not go well, and left nothing on standard output.
    #[track_caller]
    pub(crate) fn trouble(self) -> String {
        assert_eq!((self.code, &*self.stdout), (2, ""), "{}", self.stderr);
        self.stderr
    }
}

/// A folder.
pub(crate) struct Desk(tempfile::TempDir);

impl Desk {
    /// An empty folder.
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A folder with a demo database and its first sync.
    pub(crate) fn synced() -> Self {
        let desk = Self::new();
        desk.sync();
        desk
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// The names of all files in the folder, sorted.
    pub(crate) fn files(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.path()).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// A program with a clean environment.
    fn program(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("BATON_") {
                command.env_remove(name);
            }
        }
        command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
        command.current_dir(self.path()).stdin(Stdio::null());
        command
    }

    /// `baton-demo`, on the database `demo.db`, with lines for people.
    pub(crate) fn demo_command(&self, words: &[&str]) -> Command {
        let mut command = self.bare_command(words);
        command.env("BATON_DB_FILE", "demo.db").env("BATON_LOG_FORMAT", "console");
        command
    }

    /// `baton-demo`, with nothing in the environment.
    pub(crate) fn bare_command(&self, words: &[&str]) -> Command {
        let mut command = self.program(env!("CARGO_BIN_EXE_baton-demo"));
        command.args(words);
        command
    }

    /// Runs `baton-demo` on the database `demo.db`, with lines for people.
    pub(crate) fn demo(&self, words: &[&str]) -> Output {
        output(self.demo_command(words))
    }

    /// Syncs into `sync.c1z`.
    pub(crate) fn sync(&self) {
        self.demo(&[]).ok();
    }

    /// What `baton` prints.
    pub(crate) fn baton(&self, line: &str) -> String {
        let mut command = self.program(env!("CARGO_BIN_EXE_baton"));
        command.args(line.split(' '));
        output(command).ok()
    }

    /// The ids of all grants in `sync.c1z`.
    pub(crate) fn grants(&self) -> BTreeSet<String> {
        self.baton("grants -o name").lines().map(ToOwned::to_owned).collect()
    }

    /// `type/id` of all resources in `sync.c1z`.
    pub(crate) fn resources(&self) -> BTreeSet<String> {
        self.baton("resources --all -o name").lines().map(ToOwned::to_owned).collect()
    }
}

pub(crate) fn output(mut command: Command) -> Output {
    let output = command.output().unwrap();
    Output {
        stdout: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
        code: output.status.code().expect("no signal ends the program"),
    }
}

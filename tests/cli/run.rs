//! Running the program as a user would, in `testdata/`.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Map, Value};

/// One flat record.
pub(crate) type Record = Map<String, Value>;

/// The first day's full sync of the company.
pub(crate) const FIRST: &str = "3AKceuN98XJyPGy2v9g2l5uSogH";
/// The partial sync of that evening.
pub(crate) const PARTIAL: &str = "3AM5rv3Ef1x9Bwp7Ad9WKYvku6I";
/// The second day's full sync, the newest of `company.c1z`.
pub(crate) const SECOND: &str = "3ANRmYzdlBHkk05OzohSLUKLz1m";

/// The directory of the fixtures.
pub(crate) fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata")
}

/// What the program left behind.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Output {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: i32,
}

/// A call that is being prepared. Nothing of the tester's environment reaches it.
pub(crate) struct Call {
    command: Command,
    stdin: Option<Vec<u8>>,
}

/// `line`: the words after `baton`, as one would type them; single quotes keep blanks.
pub(crate) fn call(line: &str) -> Call {
    let mut command = Command::new(env!("CARGO_BIN_EXE_baton"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("BATON_") {
            command.env_remove(name);
        }
    }
    command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").env_remove("CLICOLOR").env("TZ", "UTC");
    command.args(words(line)).current_dir(testdata()).stdin(Stdio::null());
    Call { command, stdin: None }
}

fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    for character in line.chars() {
        match character {
            '\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' if !quoted => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    assert!(!quoted, "a quote is open: {line}");
    words.extend(word);
    words
}

impl Call {
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn dir(mut self, directory: &Path) -> Self {
        self.command.current_dir(directory);
        self
    }

    pub(crate) fn stdin(mut self, bytes: Vec<u8>) -> Self {
        self.stdin = Some(bytes);
        self
    }

    /// The command itself, for tests that wire its streams themselves.
    #[cfg(unix)]
    pub(crate) fn command(self) -> Command {
        self.command
    }

    pub(crate) fn run(mut self) -> Output {
        if self.stdin.is_some() {
            self.command.stdin(Stdio::piped());
        }
        let mut child = self.command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let feeder = self.stdin.map(|bytes| {
            let mut stdin = child.stdin.take().unwrap();
            // The program may have left before it read everything.
            std::thread::spawn(move || drop(stdin.write_all(&bytes)))
        });
        let output = child.wait_with_output().unwrap();
        if let Some(feeder) = feeder {
            feeder.join().unwrap();
        }
        Output {
            stdout: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
            code: output.status.code().expect("no signal ends the program"),
        }
    }
}

/// Runs `baton` with these words.
pub(crate) fn run(line: &str) -> Output {
    call(line).run()
}

/// Runs `baton` on `company.c1z`, which must go well.
pub(crate) fn company(line: &str) -> Output {
    run(&format!("{line} -f company.c1z")).ok()
}

/// The flat records of a list of `company.c1z`.
pub(crate) fn records(line: &str) -> Vec<Record> {
    company(&format!("{line} -o ndjson")).records()
}

/// What `-o name` prints for a list of `company.c1z`.
pub(crate) fn names(line: &str) -> Vec<String> {
    company(&format!("{line} -o name")).lines().into_iter().map(String::from).collect()
}

impl Output {
    /// Itself, if it ended with 0.
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{}", self.stderr);
        self
    }

    /// A wrong command line or a file that cannot be used: exit 2, no data, one error. Returns standard error.
    #[track_caller]
    pub(crate) fn refused(self) -> String {
        assert_eq!(self.code, 2, "{}", self.stderr);
        assert_eq!(self.stdout, "", "no data");
        let errors = self.stderr.lines().filter(|line| line.starts_with("error: ")).count();
        assert_eq!(errors, 1, "one error: {}", self.stderr);
        self.stderr
    }

    /// As [`Output::refused`], and nothing but the error and hints on standard error.
    #[track_caller]
    pub(crate) fn failed(self) -> String {
        let stderr = self.refused();
        let (first, hints) = stderr.split_once('\n').unwrap();
        assert!(first.starts_with("error: "), "{stderr}");
        assert!(hints.lines().all(|line| line.starts_with("hint: ")), "{stderr}");
        stderr
    }

    pub(crate) fn lines(&self) -> Vec<&str> {
        self.stdout.lines().collect()
    }

    /// The one JSON document on standard output.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).expect("standard output is JSON")
    }

    /// One flat record a line.
    #[track_caller]
    pub(crate) fn records(&self) -> Vec<Record> {
        self.stdout.lines().map(|line| serde_json::from_str(line).expect("a line is an object")).collect()
    }

    /// The lines on standard error that begin with this word.
    pub(crate) fn said(&self, word: &str) -> Vec<&str> {
        self.stderr.lines().filter_map(|line| line.strip_prefix(word)?.strip_prefix(": ")).collect()
    }

    /// The only warning, and nothing else on standard error.
    #[track_caller]
    pub(crate) fn warning(&self) -> &str {
        let warnings = self.said("warning");
        assert_eq!(warnings.len(), 1, "one warning: {}", self.stderr);
        assert_eq!(self.stderr.lines().count(), 1, "nothing else: {}", self.stderr);
        warnings[0]
    }
}

/// A text of a flat record; empty when it has none.
pub(crate) fn text<'r>(record: &'r Record, key: &str) -> &'r str {
    record[key].as_str().unwrap_or_default()
}

/// The texts of one column.
pub(crate) fn column(records: &[Record], key: &str) -> Vec<String> {
    records.iter().map(|record| text(record, key).to_owned()).collect()
}

/// The bytes of a fixture.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(testdata().join(name)).unwrap()
}

/// A file with these bytes, and its path in quotes, ready for a line. It is gone when it is dropped.
pub(crate) fn temporary(bytes: &[u8]) -> (tempfile::NamedTempFile, String) {
    let mut file = tempfile::Builder::new().suffix(".c1z").tempfile().unwrap();
    file.write_all(bytes).unwrap();
    let path = format!("'{}'", file.path().display());
    (file, path)
}

/// The database inside a fixture.
pub(crate) fn database(name: &str) -> Vec<u8> {
    use baton::c1z::{OpenOptions, Payload, Source, open};
    let source = Source::Path(testdata().join(name));
    match open(&source, &OpenOptions::default(), &mut |_, _| {}).unwrap().payload {
        Payload::Sqlite(image) => image.to_vec(),
        other => panic!("{name} holds {other:?}"),
    }
}

/// `company.c1z` as a bare database, changed by `sql`.
pub(crate) fn edited(sql: &str) -> (tempfile::NamedTempFile, String) {
    let (file, path) = temporary(&database("company.c1z"));
    rusqlite::Connection::open(file.path()).unwrap().execute_batch(sql).unwrap();
    (file, path)
}

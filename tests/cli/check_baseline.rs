//! `baton check --baseline` and `--write-baseline`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::check::check;
use crate::run::{Output, edited, fixture, run, testdata};

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn quoted(path: &Path) -> String {
    format!("'{}'", path.display())
}

fn write(folder: &Folder, words: &str) -> Output {
    check(&format!("--write-baseline {} {words}", quoted(&folder.path("known.txt"))))
}

fn against(folder: &Folder, words: &str) -> Output {
    check(&format!("--baseline {} {words}", quoted(&folder.path("known.txt"))))
}

#[test]
fn what_is_known_is_not_reported_again() {
    let folder = Folder::new();
    let written = write(&folder, "-o json").ok();
    let summary = &written.json()["summary"];
    let known = written.json()["findings"].as_array().unwrap().len();
    assert_eq!(summary["errors"], 2);
    assert_eq!(written.said("note").len(), 1, "{}", written.stderr);

    let output = against(&folder, "-o json --fail-on note").ok();
    assert_eq!(output.json()["findings"].as_array().unwrap().len(), 0);
    assert_eq!(output.json()["summary"]["errors"], 0);
    assert_eq!(output.json()["summary"]["known"], known);
    assert_eq!(output.stderr, "");
    let table = against(&folder, "").ok().stdout;
    assert!(table.starts_with("no new findings in 62 grants"), "{table}");
    assert!(table.ends_with(&format!("({known} known from the baseline)\n")), "{table}");
    assert_eq!(against(&folder, "-o ndjson").ok().stdout, "");
}

#[test]
fn the_file_is_sorted_the_same_each_time_and_fit_to_be_read() {
    let folder = Folder::new();
    write(&folder, "").ok();
    let first = folder.text("known.txt");
    write(&folder, "-o sarif").ok();
    assert_eq!(folder.text("known.txt"), first);
    assert_eq!(folder.names(), ["known.txt"], "nothing is left beside it");
    let lines: Vec<_> = first.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(lines.is_sorted());
    assert!(lines.contains(&"grant-principal-missing\tresource\tuser/ghost"), "{first}");
    assert!(first.starts_with("# baton check baseline 1\n"));
    assert!(first.chars().all(|character| "\n\t".contains(character) || !character.is_control()));
}

#[test]
fn only_new_findings_are_reported() {
    let folder = Folder::new();
    write(&folder, "--skip grant-principal-missing").ok();
    let output = against(&folder, "-o csv --columns code,id --no-headers");
    assert_eq!((output.code, output.stdout.as_str()), (1, "grant-principal-missing,user/ghost\n"));
    let one = against(&folder, "-o sarif").json();
    assert_eq!(one["runs"][0]["results"].as_array().unwrap().len(), 1);
}

#[test]
fn what_is_gone_is_mentioned_and_dropped_when_written_again() {
    let folder = Folder::new();
    write(&folder, "").ok();
    let known = folder.text("known.txt");
    fs::write(
        folder.path("known.txt"),
        format!("{known}grant-principal-missing\tresource\tuser/left\nold-code\tgrant\tg\n"),
    )
    .unwrap();
    let output = against(&folder, "").ok();
    assert!(output.said("note")[0].starts_with("2 of the findings in "), "{}", output.stderr);
    assert_eq!(against(&folder, "-o json").json()["summary"]["gone"], 2);
    // What was not looked for is neither gone nor dropped.
    let output = against(&folder, "--skip grant-*").ok();
    assert!(output.said("note")[0].starts_with("1 of "), "{}", output.stderr);
    let path = quoted(&folder.path("known.txt"));
    check(&format!("--baseline {path} --write-baseline {path} --skip grant-*")).ok();
    assert!(folder.text("known.txt").contains("user/left") && !folder.text("known.txt").contains("old-code"));
    check(&format!("--baseline {path} --write-baseline {path}")).ok();
    assert_eq!(folder.text("known.txt"), known);
}

#[test]
fn both_options_together_add_what_is_new() {
    let folder = Folder::new();
    write(&folder, "").ok();
    let all = folder.text("known.txt");
    write(&folder, "--only name-*").ok();
    assert_ne!(folder.text("known.txt"), all);
    let path = quoted(&folder.path("known.txt"));
    let output = check(&format!("--baseline {path} --write-baseline {path} -o ndjson")).ok();
    assert!(output.records().iter().all(|record| !record["code"].as_str().unwrap().starts_with("name-")));
    assert_eq!(folder.text("known.txt"), all);
}

#[test]
fn a_new_sync_has_the_same_known_findings() {
    let folder = Folder::new();
    check(&format!(
        "--sync-id {} --severity error --write-baseline {}",
        crate::run::FIRST,
        quoted(&folder.path("known.txt"))
    ))
    .ok();
    assert_eq!(against(&folder, "--severity error -o csv").ok().lines().len(), 1);
}

#[test]
fn other_files_are_not_replaced_unless_forced() {
    let folder = Folder::new();
    fs::write(folder.path("known.txt"), "precious").unwrap();
    let error = write(&folder, "").failed();
    assert!(error.contains("no baseline") && error.contains("--force"), "{error}");
    assert_eq!(folder.text("known.txt"), "precious");
    write(&folder, "--force").ok();
    assert!(folder.text("known.txt").starts_with("# baton check baseline"));
    check("--force").refused();
}

#[test]
fn the_file_that_is_checked_is_never_replaced() {
    let folder = Folder::new();
    fs::write(folder.path("sync.c1z"), fixture("company.c1z")).unwrap();
    let path = quoted(&folder.path("sync.c1z"));
    for force in ["", "--force"] {
        run(&format!("check -f {path} --write-baseline {path} {force}")).failed();
        assert_eq!(fs::read(folder.path("sync.c1z")).unwrap(), fixture("company.c1z"));
    }
}

#[test]
fn a_place_that_cannot_be_written_is_refused_before_the_search() {
    let folder = Folder::new();
    let missing = quoted(&folder.path("none/known.txt"));
    assert!(run(&format!("check -f none.c1z --write-baseline {missing}")).failed().contains("directory"));
    let itself = quoted(folder.0.path());
    for force in ["", "--force"] {
        run(&format!("check -f none.c1z --write-baseline {itself} {force}")).failed();
    }
}

#[test]
fn a_baseline_that_is_none_is_refused() {
    let folder = Folder::new();
    assert!(against(&folder, "").failed().contains("--write-baseline"));
    fs::write(folder.path("known.txt"), fixture("company.c1z")).unwrap();
    assert!(against(&folder, "").failed().contains("no baseline"));
    fs::write(folder.path("known.txt"), "# baton check baseline 1\nword\n").unwrap();
    assert!(against(&folder, "").failed().contains("line 2"));
    fs::write(folder.path("known.txt"), "").unwrap();
    assert_eq!(against(&folder, "-o csv").stdout, check("-o csv").stdout, "an empty one knows nothing");
}

#[test]
fn nothing_is_written_when_not_all_could_be_read() {
    let folder = Folder::new();
    let path = folder.path("known.txt");
    let output = run(&format!("check -f damaged-rows.c1z --write-baseline {}", quoted(&path)));
    assert_eq!(output.code, 2);
    assert!(output.said("warning").iter().any(|line| line.contains("is not written")), "{}", output.stderr);
    assert!(!path.exists());
}

#[test]
fn ids_of_any_kind_are_known_again() {
    // An id with a tab, a line end and an escape sequence.
    let (_file, path) = edited(
        "UPDATE v1_grants SET principal_resource_id = 'gh' || char(9) || char(10) || char(27) || '\\t', data = x''
         WHERE external_id = 'group:ops:member:user:ghost';",
    );
    let folder = Folder::new();
    let known = quoted(&folder.path("known.txt"));
    run(&format!("check -f {path} --write-baseline {known}")).ok();
    assert!(folder.text("known.txt").contains("\tuser/gh\\t\\n\\x1b\\\\t\n"), "{}", folder.text("known.txt"));
    assert_eq!(run(&format!("check -f {path} --baseline {known} -o ndjson")).ok().stdout, "");
}

#[cfg(unix)]
#[test]
fn links_and_permissions_stay() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = Folder::new();
    write(&folder, "").ok();
    fs::set_permissions(folder.path("known.txt"), fs::Permissions::from_mode(0o640)).unwrap();
    symlink("known.txt", folder.path("link.txt")).unwrap();
    check(&format!("--only name-* --write-baseline {}", quoted(&folder.path("link.txt")))).ok();
    assert!(folder.path("link.txt").is_symlink());
    let mode = fs::metadata(folder.path("known.txt")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    assert!(!folder.text("known.txt").contains("grant-principal-missing"));
}

#[cfg(unix)]
#[test]
fn it_is_written_even_if_nobody_reads_the_output() {
    use std::process::Stdio;
    let folder = Folder::new();
    let path = folder.path("known.txt");
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_baton"));
    command.args(["check", "-f", "company.c1z", "-o", "ndjson", "--write-baseline"]).arg(&path);
    let output = command.current_dir(testdata()).stdout(writer).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let left = folder.text("known.txt");
    write(&folder, "").ok();
    assert_eq!(folder.text("known.txt"), left);
}

//! The house keeps its plan: each room uses only the rooms that it may, and no file grows into two.
//!
//! A *room* is a folder (or a file) right under `src/`. The sources are read as text, without comments and strings, and
//! every path that leaves a room is checked: `crate::ROOM…`, `crate::{ROOM, …}`, `baton::ROOM…` in the binaries, and
//! `super::…` that climbs out.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panic")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Which rooms a room uses. Some are not built yet. A path of two names opens only that part of a room.
const ROOMS: &[(&str, &[&str])] = &[
    ("main", &["cli"]),
    ("bin/baton-demo", &["runner"]),
    (
        "cli",
        &[
            "ui", "diff", "check", "export", "verify", "graph", "view", "render", "sync", "demo", "store",
            "model",
        ],
    ),
    ("runner", &["sync", "demo", "store", "model", "ui"]),
    // What is shown of foreign text is a rule of the model.
    ("ui", &["model"]),
    ("diff", &["graph", "view", "store", "render", "model"]),
    ("check", &["graph", "view", "store", "render", "model"]),
    ("export", &["graph", "view", "store", "render", "model"]),
    ("verify", &["c1z", "pebble", "store", "render", "model"]),
    ("graph", &["view", "sync::expand", "store", "render", "model"]),
    ("view", &["store", "render", "model"]),
    ("render", &["model"]),
    ("sync", &["store", "model"]),
    ("demo", &["sync", "store", "model"]),
    ("store", &["c1z", "pebble", "model"]),
    ("pebble", &[]),
    ("c1z", &[]),
    ("model", &[]),
];

/// The longest file that is still one room. Longer ones are listed with their reason.
const LINES: usize = 500;
const LONGER: &[(&str, &str)] = &[];

/// A source file: its path under `src/`, with slashes, and its text.
struct Source {
    path: String,
    text: String,
}

impl Source {
    /// The names of the modules down to this file's own; none for the roots of crates.
    fn modules(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.path.trim_end_matches(".rs").split('/').collect();
        if matches!(names[..], ["lib" | "main"] | ["bin", _]) {
            return Vec::new();
        }
        if names.last() == Some(&"mod") {
            names.pop();
        }
        names
    }

    fn room(&self) -> &str {
        if self.path.starts_with("bin/") || !self.path.contains('/') {
            return self.path.trim_end_matches(".rs");
        }
        self.path.split('/').next().unwrap()
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut folders, mut found) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let names = path.strip_prefix(&root).unwrap().iter().map(|name| name.to_str().unwrap());
                found.push(Source {
                    path: names.collect::<Vec<_>>().join("/"),
                    text: fs::read_to_string(&path).unwrap(),
                });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// A word or a sign of Rust, and the line that it stands in.
#[derive(Debug, PartialEq)]
struct Token {
    text: String,
    line: usize,
}

/// Cuts a source into words, `::` and single signs; comments, strings and characters are left out.
fn tokens(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let (mut i, mut line, mut tokens) = (0, 1, Vec::new());
    while i < chars.len() {
        let start = i;
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        match at(i) {
            '/' if at(i + 1) == '/' => i += chars[i..].iter().take_while(|c| **c != '\n').count(),
            '/' if at(i + 1) == '*' => i = end_of_comment(&chars, i),
            '"' => i = end_of_string(&chars, i),
            'r' if raw_string(&chars, i).is_some() => i = raw_string(&chars, i).unwrap(),
            'b' if at(i + 1) == 'r' && raw_string(&chars, i + 1).is_some() => {
                i = raw_string(&chars, i + 1).unwrap();
            }
            // A character, not a lifetime.
            '\'' if at(i + 1) == '\\' => {
                i += 3 + chars[i + 3..].iter().take_while(|c| **c != '\'').count() + 1
            }
            '\'' if at(i + 2) == '\'' => i += 3,
            c if is_word(c) => {
                i += chars[i..].iter().take_while(|c| is_word(**c)).count();
                tokens.push(Token { text: chars[start..i].iter().collect(), line });
            }
            ':' if at(i + 1) == ':' => {
                tokens.push(Token { text: "::".into(), line });
                i += 2;
            }
            c => {
                if !c.is_whitespace() {
                    tokens.push(Token { text: c.into(), line });
                }
                i += 1;
            }
        }
        line += chars[start..i.min(chars.len())].iter().filter(|c| **c == '\n').count();
    }
    tokens
}

fn end_of_comment(chars: &[char], start: usize) -> usize {
    let (mut i, mut depth) = (start, 0);
    while i < chars.len() {
        match (chars[i], chars.get(i + 1)) {
            ('/', Some('*')) => (depth, i) = (depth + 1, i + 2),
            ('*', Some('/')) => (depth, i) = (depth - 1, i + 2),
            _ => i += 1,
        }
        if depth == 0 {
            break;
        }
    }
    i
}

fn end_of_string(chars: &[char], start: usize) -> usize {
    let mut i = start + 1;
    while i < chars.len() && chars[i] != '"' {
        i += if chars[i] == '\\' { 2 } else { 1 };
    }
    i + 1
}

/// The end of the raw string whose `r` stands at `start`, if one does.
fn raw_string(chars: &[char], start: usize) -> Option<usize> {
    let hashes = chars[start + 1..].iter().take_while(|c| **c == '#').count();
    let open = start + 1 + hashes;
    if chars.get(open) != Some(&'"') {
        return None;
    }
    let closed = |i: &usize| {
        chars[*i] == '"' && chars[i + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes
    };
    let close = (open + 1..chars.len()).find(closed)?;
    Some(close + 1 + hashes)
}

/// A path that leads out of a module: the first two names after `crate::`, or after the last `super::` that
/// reached the root.
#[derive(Debug, PartialEq)]
struct Way {
    line: usize,
    room: String,
    /// The name after the room's, if there is exactly one.
    part: Option<String>,
    climbed: bool,
}

/// Every way out of a file with these module names.
fn ways(tokens: &[Token], modules: &[&str], library: &str) -> Vec<Way> {
    let text = |i: usize| tokens.get(i).map_or("", |token| &*token.text);
    let mut found = Vec::new();
    // For every open brace, whether it is that of a module.
    let mut braces: Vec<bool> = Vec::new();
    let mut i = 0;
    while i < tokens.len() {
        match text(i) {
            "{" => braces.push(i >= 2 && text(i - 2) == "mod"),
            "}" => drop(braces.pop()),
            "crate" | "super" if text(i + 1) == "::" && (i == 0 || text(i - 1) != "::") => {
                let inline = braces.iter().filter(|module| **module).count();
                let mut depth = if text(i) == "crate" { 0 } else { modules.len() + inline };
                let climbed = text(i) == "super";
                while text(i) == "super" && text(i + 1) == "::" {
                    (depth, i) = (depth.saturating_sub(1), i + 2);
                }
                if text(i) == "crate" {
                    i += 2;
                }
                if depth == 0 {
                    heads(tokens, i, climbed, &mut found);
                }
                continue;
            }
            name if name == library && text(i + 1) == "::" && (i == 0 || text(i - 1) != "::") => {
                heads(tokens, i + 2, false, &mut found);
            }
            _ => {}
        }
        i += 1;
    }
    found
}

/// The first names at `i`: one, or those of a group in braces.
fn heads(tokens: &[Token], i: usize, climbed: bool, found: &mut Vec<Way>) {
    let text = |i: usize| tokens.get(i).map_or("", |token| &*token.text);
    let mut head = |i: usize| {
        let part = (text(i + 1) == "::" && text(i + 2) != "{").then(|| text(i + 2).to_owned());
        found.push(Way { line: tokens[i].line, room: text(i).to_owned(), part, climbed });
    };
    if text(i) != "{" {
        return head(i);
    }
    let (mut i, mut depth) = (i, 0);
    loop {
        match text(i) {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 || i >= tokens.len() {
            return;
        }
        if depth == 1 && matches!(text(i), "{" | ",") && !matches!(text(i + 1), "}" | "{" | "") {
            head(i + 1);
        }
        i += 1;
    }
}

fn uses(room: &str) -> Option<&'static [&'static str]> {
    ROOMS.iter().find(|(name, _)| *name == room).map(|(_, uses)| *uses)
}

/// What is wrong with the ways out of one file.
fn wrongs(source: &Source, all: &BTreeSet<String>) -> Vec<String> {
    let (room, modules) = (source.room(), source.modules());
    let Some(uses) = uses(room) else {
        return vec![format!("src/{}:1: the room `{room}` is not in the table", source.path)];
    };
    let library = if modules.is_empty() { "baton" } else { "" };
    let mut wrongs = Vec::new();
    for way in ways(&tokens(&source.text), &modules, library) {
        // Climbing is counted by folders, and a file that another one includes lies deeper than its folder; so only
        // names of rooms count. A path from `crate` always starts with one.
        let own = way.room == room || (way.climbed && !all.contains(&way.room));
        let whole = uses.contains(&&*way.room);
        let part = way.part.as_ref().is_some_and(|part| uses.contains(&&*format!("{}::{part}", way.room)));
        if !own && (way.climbed || !(whole || part)) {
            let how = if way.climbed { "climbs into" } else { "may not use" };
            wrongs.push(format!("src/{}:{}: `{room}` {how} `{}`", source.path, way.line, way.room));
        }
    }
    wrongs
}

#[test]
fn each_room_uses_only_the_rooms_that_it_may() {
    let sources = sources();
    let rooms: BTreeSet<String> = sources.iter().map(|source| source.room().to_owned()).collect();
    let checked = sources.iter().filter(|source| source.path != "lib.rs");
    let wrongs: Vec<String> = checked.flat_map(|source| wrongs(source, &rooms)).collect();
    assert!(wrongs.is_empty(), "\n{}\n", wrongs.join("\n"));
}

#[test]
fn every_room_of_the_library_is_in_the_table() {
    let sources = sources();
    let library = sources.iter().find(|source| source.path == "lib.rs").unwrap();
    let tokens = tokens(&library.text);
    let declared = tokens.windows(2).filter(|pair| pair[0].text == "mod").map(|pair| &pair[1]);
    for name in declared {
        assert!(uses(&name.text).is_some(), "src/lib.rs:{}: `{}` is not in the table", name.line, name.text);
    }
}

#[test]
fn the_table_has_no_circles() {
    fn below(room: &str, path: &mut Vec<String>) {
        assert!(!path.iter().any(|name| name == room), "{} → {room}", path.join(" → "));
        path.push(room.to_owned());
        for next in uses(room.split("::").next().unwrap()).unwrap() {
            below(next, path);
        }
        path.pop();
    }
    for (room, _) in ROOMS {
        below(room, &mut Vec::new());
    }
}

#[test]
fn no_file_is_two_rooms() {
    for source in sources() {
        let lines = source.text.lines().count();
        let listed = LONGER.iter().any(|(path, _)| *path == source.path);
        assert!(lines <= LINES || listed, "src/{} has {lines} lines", source.path);
        assert!(lines > LINES || !listed, "src/{} need not be listed any more", source.path);
    }
}

#[test]
fn every_file_says_what_it_is() {
    let silent: Vec<String> =
        sources().into_iter().filter(|source| !source.text.starts_with("//! ")).map(|s| s.path).collect();
    assert!(silent.is_empty(), "without a `//!` page at the top: {}", silent.join(", "));
}

#[test]
fn unsafe_code_is_in_one_file_at_most() {
    let allows = |source: &Source| {
        let tokens = tokens(&source.text);
        tokens.iter().any(|token| token.text == "unsafe_code")
    };
    let files: Vec<String> = sources().into_iter().filter(allows).map(|source| source.path).collect();
    assert!(files.len() <= 1, "{}", files.join(", "));
}

#[test]
fn the_reader_of_sources_finds_every_way_out() {
    let text = r##"
        //! crate::comment::X
        use crate::model::keys::{A, B};
        use crate::{c1z::Image, store, view::{self, x::Y}};
        /* crate::comment::Y /* nested */ crate::comment */
        fn f<'a>() { let _ = ("crate::string", r#"crate::"raw"#, '"', '\'', crate::ui::Ui); }
        mod tests { use super::super::render::Row; use super::inner; fn g() { super::super::super::cli::x(); } }
    "##;
    let found = ways(&tokens(text), &["store", "sqlite"], "");
    let seen: Vec<_> =
        found.iter().map(|way| (way.line, &*way.room, way.part.as_deref(), way.climbed)).collect();
    assert_eq!(
        seen,
        [
            (3, "model", Some("keys"), false),
            (4, "c1z", Some("Image"), false),
            (4, "store", None, false),
            (4, "view", None, false),
            (6, "ui", Some("Ui"), false),
            (7, "cli", Some("x"), true),
        ]
    );
}

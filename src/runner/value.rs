//! What fields hold: five types, how each is read from a command line, and how lists are cut.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// The types of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// [`String`]
    Text,
    /// [`bool`]
    Flag,
    /// [`i64`]
    Number,
    /// [`Vec<String>`]
    List,
    /// [`PathBuf`]
    Path,
}

impl Kind {
    /// The placeholder of a value in the help.
    pub(super) fn value_name(self) -> &'static str {
        match self {
            Self::Text => "TEXT",
            Self::Flag => "BOOL",
            Self::Number => "N",
            Self::List => "A,B",
            Self::Path => "PATH",
        }
    }
}

/// A value of any of the types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting {
    /// A text.
    Text(String),
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Number(i64),
    /// Several texts.
    List(Vec<String>),
    /// A file or a folder.
    Path(PathBuf),
}

impl Setting {
    /// Reads what was given for a field: one value, or several for a list. The error continues a sentence about the
    /// value.
    pub(super) fn read(kind: Kind, given: &[OsString]) -> Result<Self, String> {
        let last = given.last().map_or(OsStr::new(""), OsString::as_os_str);
        if kind == Kind::Path {
            return Ok(Self::Path(PathBuf::from(last)));
        }
        let utf8 = |text: &OsStr| text.to_str().map(str::to_owned).ok_or("is not UTF-8".to_owned());
        let text = utf8(last)?;
        match kind {
            Kind::Text | Kind::Path => Ok(Self::Text(text)),
            Kind::Flag => yes_or_no(&text).map(Self::Flag).ok_or("must be true or false".into()),
            Kind::Number => {
                text.trim().parse().map(Self::Number).map_err(|_| "must be a whole number".into())
            }
            Kind::List => {
                let mut items = Vec::new();
                for text in given {
                    items.extend(cut(&utf8(text)?)?);
                }
                Ok(Self::List(items))
            }
        }
    }

    /// Whether it says nothing.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Path(path) => path.as_os_str().is_empty(),
            Self::Flag(_) | Self::Number(_) => false,
        }
    }

    /// It, or its items, as text.
    pub(super) fn texts(&self) -> Vec<String> {
        match self {
            Self::Text(text) => vec![text.clone()],
            Self::Flag(flag) => vec![flag.to_string()],
            Self::Number(number) => vec![number.to_string()],
            Self::List(items) => items.clone(),
            Self::Path(path) => vec![path.display().to_string()],
        }
    }
}

/// As Go reads a truth value, because scripts write them for connectors of both kinds.
fn yes_or_no(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// Cuts a list at its commas. An item in quotes keeps its commas and blanks, and writes a quote as two.
fn cut(text: &str) -> Result<Vec<String>, String> {
    let mut items = Vec::new();
    let mut rest = text.trim();
    if rest.is_empty() {
        return Ok(items);
    }
    loop {
        let (item, after) = match rest.strip_prefix('"') {
            Some(inside) => quoted(inside)?,
            None => {
                let (item, after) = rest.split_at(rest.find(',').unwrap_or(rest.len()));
                (item.trim().to_owned(), after)
            }
        };
        items.push(item);
        match after.trim_start().strip_prefix(',') {
            Some(next) => rest = next.trim_start(),
            None if after.trim().is_empty() => return Ok(items),
            None => return Err("has something after a closing quote that is no comma".into()),
        }
    }
}

/// An item whose opening quote was just read, and what follows its closing quote.
fn quoted(text: &str) -> Result<(String, &str), String> {
    let mut item = String::new();
    let mut rest = text;
    while let Some((part, after)) = rest.split_once('"') {
        item.push_str(part);
        match after.strip_prefix('"') {
            Some(more) => {
                item.push('"');
                rest = more;
            }
            None => return Ok((item, after)),
        }
    }
    Err("opens a quote that it does not close".into())
}

/// A type that a field can have.
pub trait Value: Clone + Default + sealed::Sealed {
    /// Which of them it is.
    const KIND: Kind;

    /// As a value of any type.
    fn into_setting(self) -> Setting;

    /// From a value of this very type.
    fn of(setting: &Setting) -> Option<Self>;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for String {}
    impl Sealed for bool {}
    impl Sealed for i64 {}
    impl Sealed for Vec<String> {}
    impl Sealed for std::path::PathBuf {}
}

macro_rules! value {
    ($type:ty, $variant:ident) => {
        impl Value for $type {
            const KIND: Kind = Kind::$variant;

            fn into_setting(self) -> Setting {
                Setting::$variant(self)
            }

            fn of(setting: &Setting) -> Option<Self> {
                match setting {
                    Setting::$variant(value) => Some(value.clone()),
                    _ => None,
                }
            }
        }
    };
}

value!(String, Text);
value!(bool, Flag);
value!(i64, Number);
value!(Vec<String>, List);
value!(PathBuf, Path);

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: Kind, given: &[&str]) -> Result<Setting, String> {
        Setting::read(kind, &given.iter().map(OsString::from).collect::<Vec<_>>())
    }

    fn list(items: &[&str]) -> Result<Setting, String> {
        Ok(Setting::List(items.iter().map(ToString::to_string).collect()))
    }

    #[test]
    fn lists_are_cut_at_commas_outside_of_quotes() {
        for (text, items) in [
            ("", &[][..]),
            ("a", &["a"]),
            ("a,b", &["a", "b"]),
            (" a , b ", &["a", "b"]),
            ("a,,b,", &["a", "", "b", ""]),
            (r#""a,b",c"#, &["a,b", "c"]),
            (r#"c, "say ""no""" "#, &["c", r#"say "no""#]),
            (r#""""#, &[""]),
            (r#"a"b,c"#, &[r#"a"b"#, "c"]),
        ] {
            assert_eq!(read(Kind::List, &[text]), list(items), "{text}");
        }
        assert_eq!(read(Kind::List, &["a,b", "c"]), list(&["a", "b", "c"]));
        assert_eq!(read(Kind::List, &[r#""a"#]).unwrap_err(), "opens a quote that it does not close");
        assert!(read(Kind::List, &[r#""a"b"#]).is_err());
    }

    #[test]
    fn truth_has_the_words_of_go() {
        for (text, value) in [("true", true), ("1", true), ("T", true), ("false", false), ("0", false)] {
            assert_eq!(read(Kind::Flag, &[text]), Ok(Setting::Flag(value)));
        }
        assert_eq!(read(Kind::Flag, &["yes"]).unwrap_err(), "must be true or false");
    }

    #[test]
    fn numbers_are_whole() {
        assert_eq!(read(Kind::Number, &["-12"]), Ok(Setting::Number(-12)));
        assert_eq!(read(Kind::Number, &["1.5"]).unwrap_err(), "must be a whole number");
    }

    #[test]
    fn the_last_of_several_counts() {
        assert_eq!(read(Kind::Text, &["a", "b"]), Ok(Setting::Text("b".into())));
    }

    #[cfg(unix)]
    #[test]
    fn a_path_may_be_any_bytes_and_a_text_may_not() {
        use std::os::unix::ffi::OsStringExt as _;
        let odd = OsString::from_vec(vec![b'a', 0xff]);
        assert_eq!(
            Setting::read(Kind::Path, std::slice::from_ref(&odd)),
            Ok(Setting::Path(PathBuf::from(odd.clone())))
        );
        assert_eq!(Setting::read(Kind::Text, &[odd]).unwrap_err(), "is not UTF-8");
    }
}

//! Text from a file, made fit to show.
//!
//! Names and ids come from foreign systems. On a terminal they must neither move the cursor nor pretend to be other
//! text, so that every character that does not print is shown by its escape.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with everything that does not print as an escape: `\n`, `\x1b`, `\u{202e}`.
///
/// A backslash stays as it is: names such as `CORP\ada` are read and copied more often than they deceive.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    push_visible(&mut out, text);
    Cow::Owned(out)
}

fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// Appends what [`visible`] returns.
pub fn push_visible(out: &mut String, text: &str) {
    if is_plain(text) {
        out.push_str(text);
        return;
    }
    let mut before = ' ';
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        let hidden = match character {
            '\u{200c}' | '\u{200d}' => !joins(before, rest.clone().next()),
            other => is_hidden(other),
        };
        if hidden {
            push_escape(out, character);
            // What is shown is ASCII, and nothing joins to it.
            before = ' ';
        } else {
            out.push(character);
            before = character;
        }
    }
}

/// Joiners belong between letters of some scripts and between emoji; elsewhere they only hide.
fn joins(before: char, after: Option<char>) -> bool {
    let joinable = |character: char| !character.is_ascii() && !is_hidden(character) && !is_joiner(character);
    joinable(before) && after.is_some_and(joinable)
}

fn is_joiner(character: char) -> bool {
    matches!(character, '\u{200c}' | '\u{200d}')
}

/// Control characters, bidi controls, line separators, and what Unicode lets a renderer ignore, except the two
/// selectors of emoji and text style. Non-characters too.
fn is_hidden(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'
            | '\u{200e}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fdd0}'..='\u{fdef}'
            | '\u{fe00}'..='\u{fe0d}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    ) || u32::from(character) & 0xfffe == 0xfffe
}

fn push_escape(out: &mut String, character: char) {
    match character {
        '\t' => out.push_str("\\t"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\0'..='\u{9f}' => {
            let _ = write!(out, "\\x{:02x}", u32::from(character));
        }
        _ => {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(character));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_does_not_print() {
        for (text, shown) in [
            ("a\tb\nc\rd", "a\\tb\\nc\\rd"),
            ("\u{1b}[31mred\u{7f}", "\\x1b[31mred\\x7f"),
            ("\0\u{9b}", "\\x00\\x9b"),
            ("evil\u{202e}txt", "evil\\u{202e}txt"),
            ("\u{2066}a\u{2069}\u{2028}\u{2029}", "\\u{2066}a\\u{2069}\\u{2028}\\u{2029}"),
            ("ad\u{200b}min\u{feff}", "ad\\u{200b}min\\u{feff}"),
            ("ad\u{200d}min", "ad\\u{200d}min"),
            ("\u{e0041}\u{fe01}\u{ffff}\u{10fffe}", "\\u{e0041}\\u{fe01}\\u{ffff}\\u{10fffe}"),
        ] {
            assert_eq!(visible(text), shown);
        }
    }

    #[test]
    fn leaves_what_prints() {
        for text in [
            "",
            "Ada Park",
            "CORP\\ada",
            "日本語",
            "م\u{200c}ی",
            "👩\u{200d}💻",
            "❤\u{fe0f}",
            "e\u{301}",
            "שלום",
        ] {
            assert_eq!(visible(text), text);
        }
    }

    #[test]
    fn joiners_at_an_edge_are_shown() {
        assert_eq!(visible("é\u{200d}"), "é\\u{200d}");
        assert_eq!(visible("\u{200d}é"), "\\u{200d}é");
        assert_eq!(visible("é\u{200d}\u{200d}é"), "é\\u{200d}\\u{200d}é");
    }
}

//! The scratch data of connectors.

use super::*;

fn all(writer: &Writer, prefix: &str) -> Vec<String> {
    let page = writer.session_page(prefix, "", usize::MAX).unwrap();
    page.into_iter().map(|(key, _)| key).collect()
}

#[test]
fn what_is_set_is_got_until_it_is_deleted() {
    let writer = writer();
    assert_eq!(writer.session_get("a").unwrap(), None);
    writer.session_set("a", b"1").unwrap();
    writer.session_set("a", b"2").unwrap();
    writer.session_set("", b"").unwrap();
    assert_eq!(writer.session_get("a").unwrap().as_deref(), Some(&b"2"[..]));
    assert_eq!(writer.session_get("").unwrap().as_deref(), Some(&b""[..]));
    assert_eq!(
        row(&writer, "SELECT sync_id, key, value FROM v1_connector_sessions WHERE key <> ''"),
        format!("{SYNC}|a|[32]")
    );
    writer.session_delete("a").unwrap();
    writer.session_delete("a").unwrap();
    assert_eq!(writer.session_get("a").unwrap(), None);
}

#[test]
fn keys_compare_byte_by_byte() {
    let writer = writer();
    for key in ["a", "A", "a%", "a_b", "axb", "aXb", "b", "é", "e\u{301}", "a\0b"] {
        writer.session_set(key, key.as_bytes()).unwrap();
    }
    assert_eq!(writer.session_get("a\0b").unwrap().as_deref(), Some(&b"a\0b"[..]));
    assert_eq!(all(&writer, "a"), ["a", "a\0b", "a%", "aXb", "a_b", "axb"]);
    assert_eq!(all(&writer, "a%"), ["a%"]);
    assert_eq!(all(&writer, "a_"), ["a_b"]);
    assert_eq!(all(&writer, "é"), ["é"]);
    writer.session_clear("a").unwrap();
    assert_eq!(all(&writer, ""), ["A", "b", "e\u{301}", "é"]);
    writer.session_clear("").unwrap();
    assert!(all(&writer, "").is_empty());
}

#[test]
fn a_prefix_ends_where_characters_do() {
    let writer = writer();
    let keys =
        ["\u{d7ff}", "\u{d7ff}x", "\u{e000}", "\u{10ffff}", "\u{10ffff}\u{10ffff}", "a\u{10ffff}", "b"];
    for key in keys {
        writer.session_set(key, b"").unwrap();
    }
    assert_eq!(all(&writer, "\u{d7ff}"), ["\u{d7ff}", "\u{d7ff}x"]);
    assert_eq!(all(&writer, "\u{10ffff}"), ["\u{10ffff}", "\u{10ffff}\u{10ffff}"]);
    assert_eq!(all(&writer, "a\u{10ffff}"), ["a\u{10ffff}"]);
    writer.session_clear("\u{10ffff}").unwrap();
    assert_eq!(all(&writer, ""), ["a\u{10ffff}", "b", "\u{d7ff}", "\u{d7ff}x", "\u{e000}"]);
}

#[test]
fn pages_follow_each_other() {
    let writer = writer();
    for number in 0..25 {
        writer.session_set(&format!("p{number:02}"), &[number]).unwrap();
    }
    writer.session_set("o", b"").unwrap();
    writer.session_set("q", b"").unwrap();
    let (mut after, mut sizes, mut seen) = (String::new(), Vec::new(), Vec::new());
    loop {
        let page = writer.session_page("p", &after, 10).unwrap();
        sizes.push(page.len());
        let Some((last, _)) = page.last() else { break };
        after = last.clone();
        seen.extend(page.into_iter().map(|(_, value)| value[0]));
    }
    assert_eq!(sizes, [10, 10, 5, 0]);
    assert_eq!(seen, (0..25).collect::<Vec<_>>());
}

#[test]
fn each_sync_has_its_own() {
    let mut writer = writer();
    writer.session_set("a", b"1").unwrap();
    writer.leave_sync().unwrap();
    assert!(matches!(writer.session_get("a"), Err(WriteError::NoSync)));
    assert!(matches!(writer.session_set("a", b""), Err(WriteError::NoSync)));
    assert!(matches!(writer.session_delete("a"), Err(WriteError::NoSync)));
    assert!(matches!(writer.session_clear(""), Err(WriteError::NoSync)));
    assert!(matches!(writer.session_page("", "", 1), Err(WriteError::NoSync)));
    writer.begin_sync(full("second")).unwrap();
    assert_eq!(writer.session_get("a").unwrap(), None);
    writer.session_set("a", b"2").unwrap();
    writer.session_clear("").unwrap();
    writer.leave_sync().unwrap();
    writer.resume_sync(SYNC).unwrap();
    assert_eq!(writer.session_get("a").unwrap().as_deref(), Some(&b"1"[..]));
}

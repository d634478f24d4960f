//! JSON from one line to many, every byte that is not white space kept: no parser would keep the order of keys.

/// Breaks and indents compact JSON by two spaces a level. Empty objects and lists stay as they are.
#[must_use]
pub fn indent(compact: &str) -> String {
    let mut out = String::with_capacity(compact.len() * 2);
    let (mut depth, mut in_string, mut escaped) = (0, false, false);
    let mut chars = compact.chars().peekable();
    while let Some(c) = chars.next() {
        if in_string {
            out.push(c);
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            '"' => {
                out.push(c);
                in_string = true;
            }
            '{' | '[' => {
                out.push(c);
                match chars.next_if(|next| matches!(next, '}' | ']')) {
                    Some(close) => out.push(close),
                    None => {
                        depth += 1;
                        break_line(&mut out, depth);
                    }
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                break_line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                break_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            other => out.push(other),
        }
    }
    out
}

fn break_line(out: &mut String, depth: usize) {
    out.push('\n');
    for _ in 0..depth {
        out.push_str("  ");
    }
}

#[cfg(test)]
mod tests {
    use super::indent;

    #[test]
    fn breaks_after_every_value_and_keeps_the_order() {
        let text = indent(r#"{"z":1,"a":[true,{"m":null}],"e":{},"l":[]}"#);
        let wanted = "{\n  \"z\": 1,\n  \"a\": [\n    true,\n    {\n      \"m\": null\n    }\n  ],\n  \
                      \"e\": {},\n  \"l\": []\n}";
        assert_eq!(text, wanted);
    }

    #[test]
    fn leaves_strings_alone() {
        for string in [r#""a,b:{c}[d]""#, r#""\"{""#, r#""\\""#, r#""\\\"[""#, r#""""#] {
            assert_eq!(indent(string), string);
            assert_eq!(indent(&format!("[{string},1]")), format!("[\n  {string},\n  1\n]"));
        }
    }

    #[test]
    fn changes_nothing_but_white_space() {
        let compact = r#"[{"k":"v \" ,","n":[-1.5e3,[[]],{}]},"x"]"#;
        let again: serde_json::Value = serde_json::from_str(&indent(compact)).unwrap();
        assert_eq!(again, serde_json::from_str::<serde_json::Value>(compact).unwrap());
    }
}

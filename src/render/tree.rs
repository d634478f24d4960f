//! A tree of two levels, drawn with lines.

use std::io::{self, Write};

use crate::model::visible::visible;

/// Writes a root, its branches and their leaves, a line each:
///
/// ```text
/// Ada (User)
/// ├─ Platform (Group)
/// │  ├─ admin
/// │  └─ member
/// └─ Editor (Role)
///    └─ assigned
/// ```
///
/// What does not print is shown escaped.
///
/// # Errors
/// When the output cannot be written.
pub fn write_tree(out: &mut dyn Write, root: &str, branches: &[(String, Vec<String>)]) -> io::Result<()> {
    writeln!(out, "{}", visible(root))?;
    for (place, (branch, leaves)) in branches.iter().enumerate() {
        let last = place + 1 == branches.len();
        writeln!(out, "{} {}", corner(last), visible(branch))?;
        for (place, leaf) in leaves.iter().enumerate() {
            let stem = if last { " " } else { "│" };
            writeln!(out, "{stem}  {} {}", corner(place + 1 == leaves.len()), visible(leaf))?;
        }
    }
    Ok(())
}

fn corner(last: bool) -> &'static str {
    if last { "└─" } else { "├─" }
}

#[cfg(test)]
mod tests {
    use super::write_tree;

    #[test]
    fn draws_two_levels() {
        let branches = [
            ("Platform".to_string(), vec!["admin".to_string(), "mem\nber".to_string()]),
            ("Editor".to_string(), vec!["assigned".to_string()]),
        ];
        let mut out = Vec::new();
        write_tree(&mut out, "Ada", &branches).unwrap();
        let drawn = "Ada\n├─ Platform\n│  ├─ admin\n│  └─ mem\\nber\n└─ Editor\n   └─ assigned\n";
        assert_eq!(String::from_utf8(out).unwrap(), drawn);
    }
}

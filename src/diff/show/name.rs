//! `-o name`: a mark, the record and its name.
//!
//! ```text
//! + grant group:eng:member:user:ada⏎
//! - resource user/robin⏎
//! ```
//!
//! The name is all that follows the second blank; what does not print is escaped, so that it is one line.

use std::io::{self, Write};

use super::{Difference, record_word};
use crate::diff::Kind;
use crate::model::visible::push_visible;

pub(super) fn write(out: &mut dyn Write, difference: &Difference<'_>) -> io::Result<()> {
    let mut line = String::new();
    for change in &difference.changes {
        line.clear();
        line.push_str(match change.kind {
            Kind::Created => "+ ",
            Kind::Deleted => "- ",
            Kind::Modified => "~ ",
        });
        line.push_str(record_word(change.records));
        line.push(' ');
        push_visible(&mut line, &String::from_utf8_lossy(&change.name));
        line.push('\n');
        out.write_all(line.as_bytes())?;
    }
    Ok(())
}

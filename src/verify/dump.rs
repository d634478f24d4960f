//! What the database inside a v3 file is made of: its live tables, and its keys.
//!
//! ```text
//! Level  Table   File    Size  Sequences  Smallest key … largest key
//! ```

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::c1z::{self, OpenOptions, Payload, Source};
use crate::pebble::{Database, Gap, InternalKey, LiveTable};
use crate::store::{PebbleFiles, shown_key};

/// Something that cannot be looked into.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DumpError {
    /// The container.
    #[error(transparent)]
    Container(#[from] c1z::Error),
    /// There is no Pebble database in it.
    #[error("{file}: it has a SQLite database inside, and there is nothing below its tables to be shown")]
    Sqlite {
        /// The file.
        file: String,
    },
    /// The database.
    #[error("{file}: {source}")]
    Pebble {
        /// The file.
        file: String,
        /// What is wrong, and where.
        source: crate::pebble::Error,
    },
    /// The output.
    #[error(transparent)]
    Output(#[from] io::Error),
}

/// Which keys to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys(Vec<u8>);

impl Keys {
    /// Keys that start with some bytes, in hexadecimal: `0304` is all grants. Nothing at all is every key.
    #[must_use]
    pub fn parse(hex: &str) -> Option<Self> {
        let digits: Vec<u8> =
            hex.chars().map(|digit| digit.to_digit(16).map(|digit| digit as u8)).collect::<Option<_>>()?;
        let (pairs, rest) = digits.as_chunks::<2>();
        rest.is_empty().then(|| Self(pairs.iter().map(|[high, low]| high << 4 | low).collect()))
    }
}

/// Writes what is inside `source`: tables and key counts, or the keys that were asked for.
///
/// # Errors
/// Every [`DumpError`]; what was written before stands.
pub fn dump(
    source: &Source,
    options: &OpenOptions,
    keys: Option<&Keys>,
    out: &mut dyn Write,
) -> Result<(), DumpError> {
    let file = source.to_string();
    let opened = c1z::open(source, options, &mut |_, _| {})?;
    let Payload::Archive(archive) = opened.payload else { return Err(DumpError::Sqlite { file }) };
    let (engine, encoding) = (archive.engine(), archive.encoding());
    let failed = |source| DumpError::Pebble { file: file.clone(), source };
    let database = Database::open(PebbleFiles::new(*archive)).map_err(failed)?;
    if let Some(keys) = keys {
        return each_key(&database, &keys.0, &failed, &mut |key, value| {
            writeln!(out, "{}\t{}\t{}\t{} bytes", hex(key), family(key), shown_key(key), value.len())
        });
    }
    let facts = database.facts();
    writeln!(out, "engine            {engine}")?;
    writeln!(out, "payload           {encoding}")?;
    writeln!(out, "format version    {}", facts.format_version)?;
    writeln!(out, "manifest          {}", facts.manifest)?;
    writeln!(out, "last sequence     {}", facts.last_sequence)?;
    writeln!(out, "\nlevel  table   file         bytes  sequences      keys")?;
    for table in database.tables() {
        writeln!(out, "{}", line(table))?;
    }
    let mut families: BTreeMap<(&[u8], &str), (u64, u64)> = BTreeMap::new();
    each_key(&database, &[], &failed, &mut |key, value| {
        let count = families.entry(order(key)).or_default();
        *count = (count.0 + 1, count.1 + value.len() as u64);
        Ok(())
    })?;
    writeln!(out, "\n{:<30} {:>10} {:>14}", "family", "keys", "bytes")?;
    for ((_, name), (keys, bytes)) in families {
        writeln!(out, "{name:<30} {keys:>10} {bytes:>14}")?;
    }
    Ok(())
}

/// What is done with a key and its value.
type Each<'a> = dyn FnMut(&[u8], &[u8]) -> io::Result<()> + 'a;

/// Hands every key with that prefix, and its value, to `each`.
fn each_key(
    database: &Database<'_>,
    prefix: &[u8],
    failed: &dyn Fn(crate::pebble::Error) -> DumpError,
    each: &mut Each<'_>,
) -> Result<(), DumpError> {
    let mut scan = database.scan(prefix, None);
    while let Some((key, value)) = scan.next().map_err(failed)? {
        if !key.starts_with(prefix) {
            break;
        }
        each(key, value)?;
    }
    Ok(())
}

/// `grants app/a … grants user/u`: keys that are lost.
pub(super) fn key_range(gap: &Gap) -> String {
    let shown = |key: &[u8]| match key {
        [] => "the first key".to_owned(),
        [u8::MAX, ..] => "the last key".to_owned(),
        key => format!("{} {}", family(key), shown_key(key)),
    };
    let last = gap.last.as_deref().unwrap_or(&[u8::MAX]);
    format!("from {} to {}", shown(&gap.after), shown(last))
}

fn line(table: &LiveTable) -> String {
    let file = match table.backing {
        Some(_) => format!("{} (part)", table.file_name()),
        None => table.file_name(),
    };
    let sequences = match table.sequences {
        Some((first, last)) if first == last => first.to_string(),
        Some((first, last)) => format!("{first}..{last}"),
        None => "?".to_owned(),
    };
    let (level, number, size) = (table.level, table.number, table.size);
    let before = if table.largest.is_exclusive() { "before " } else { "" };
    let range = format!("{} … {before}{}", bound(&table.smallest), bound(&table.largest));
    format!("{level:>5}  {number:06}  {file:<18} {size:>9}  {sequences:<13}  {range}")
}

fn bound(key: &InternalKey) -> String {
    format!("{} {}", family(&key.user_key), shown_key(&key.user_key))
}

/// The families of keys by what they start with.
const FAMILIES: [(&[u8], &str); 13] = [
    (&[3, 1], "resource types"),
    (&[3, 2], "resources"),
    (&[3, 3], "entitlements"),
    (&[3, 4], "grants"),
    (&[3, 5], "assets"),
    (&[3, 6], "sync run"),
    (&[3, 7, 1], "index: resources by parent"),
    (&[3, 7, 4], "index: grants by principal"),
    (&[3, 7, 5], "index: expandable grants"),
    (&[3, 7, 8], "index: grants by hash"),
    (&[3, 9], "sessions"),
    (&[3, 10], "digests"),
    (&[3, 0xff], "notes of the engine"),
];

/// What a key belongs to, in the order of keys.
fn order(key: &[u8]) -> (&'static [u8], &'static str) {
    let found = FAMILIES.iter().find(|(head, _)| key.starts_with(head));
    found.copied().unwrap_or((&[0xff], "others, which readers ignore"))
}

fn family(key: &[u8]) -> &'static str {
    order(key).1
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_pairs_of_digits() {
        assert_eq!(Keys::parse("0304fF"), Some(Keys(vec![3, 4, 0xff])));
        assert_eq!(Keys::parse(""), Some(Keys(Vec::new())));
        assert_eq!((Keys::parse("030"), Keys::parse("zz"), Keys::parse("é0")), (None, None, None));
    }

    #[test]
    fn every_key_has_a_family() {
        assert_eq!(family(b"\x03\x04\0group"), "grants");
        assert_eq!(family(b"\x03\x07\x04\0user"), "index: grants by principal");
        assert_eq!(family(b"\x03\x07\x02\0user"), "others, which readers ignore");
        assert_eq!(family(b"\x03\xffstats"), "notes of the engine");
    }
}

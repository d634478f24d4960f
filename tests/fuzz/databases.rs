//! Pebble databases of any bytes: one table, or a whole directory. Checksums are not looked at, so that mutations reach
//! what stands behind them.

use std::error::Error;

use baton::pebble::{Database, Directory, OpenOptions};

/// Rows that are read of one scan: a table can say of itself that it has many.
const MOST: usize = 20_000;

/// Files in memory.
struct Files(Vec<(String, Vec<u8>)>);

impl Directory for Files {
    fn files(&self) -> Vec<(String, u64)> {
        self.0.iter().map(|(name, bytes)| (name.clone(), bytes.len() as u64)).collect()
    }

    fn read(&self, name: &str) -> Result<&[u8], Box<dyn Error + Send + Sync>> {
        let found = self.0.iter().find(|(other, _)| other == name);
        found.map(|(_, bytes)| &**bytes).ok_or_else(|| "there is no such file".into())
    }
}

/// Files as a stream of bytes: length of the name, one byte; length of the content, four; both.
#[allow(dead_code, reason = "the programs in fuzz/ find their own")]
pub(crate) fn stream<'f>(files: impl Iterator<Item = (&'f str, &'f [u8])>) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, content) in files {
        out.push(name.len() as u8);
        out.extend((content.len() as u32).to_le_bytes());
        out.extend(name.as_bytes());
        out.extend(content);
    }
    out
}

/// The files of a stream, as far as it goes.
fn files(mut stream: &[u8]) -> Files {
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    while let Some((head, rest)) = stream.split_first_chunk::<5>() {
        let [name, length @ ..] = *head;
        let (name, length) = (usize::from(name), u32::from_le_bytes(length) as usize);
        let Some((name, rest)) = rest.split_at_checked(name) else { break };
        let (content, rest) = rest.split_at(length.min(rest.len()));
        files.push((String::from_utf8_lossy(name).into_owned(), content.to_vec()));
        stream = rest;
    }
    Files(files)
}

/// Any bytes as the one table of a database.
pub(crate) fn pebble_table(bytes: &[u8]) {
    read(&Files(super::stores::database_of(bytes, b"", &[0xff; 40])));
}

/// Any bytes as the files of a database.
pub(crate) fn pebble_database(bytes: &[u8]) {
    read(&files(bytes));
}

/// Reads a database in every way.
fn read(files: &Files) {
    let open = |verify_checksums| Database::open_with(files, OpenOptions { verify_checksums });
    let strict = open(true).ok().and_then(|database| scan(&database, &[], None));
    let Ok(database) = open(false) else { return };
    let all = scan(&database, &[], None);
    if strict.is_some() {
        assert_eq!(strict, all, "rows that pass the checksums are read without them");
    }
    for table in database.tables() {
        let _ = (database.describe(table), database.data_blocks(table));
        for fault in database.check(table).faults {
            told(&fault);
        }
    }
    let Some(all) = all else { return };
    // What is changed behind the back of a checksum need not be found where it is looked for; the footers of old
    // formats have none.
    for (key, _) in all.iter().take(3).chain(all.last()) {
        let _ = database.get(key);
    }
    if let [(first, _), .., (last, _)] = &*all {
        let _ = scan(&database, first, Some(last));
    }
}

type Rows = Vec<(Vec<u8>, Vec<u8>)>;

/// The rows of a range; `None` when they are too many or cannot be read.
fn scan(database: &Database<'_>, lower: &[u8], upper: Option<&[u8]>) -> Option<Rows> {
    let (mut rows, mut scan, mut bytes): (Rows, _, _) = (Vec::new(), database.scan(lower, upper), 0);
    loop {
        match scan.next() {
            Ok(Some((key, value))) => {
                bytes += key.len() + value.len();
                rows.push((key.to_vec(), value.to_vec()));
            }
            Ok(None) => return Some(rows),
            Err(error) => {
                told(&error);
                return None;
            }
        }
        if rows.len() > MOST || bytes > 16 << 20 {
            return None;
        }
    }
}

fn told(error: &baton::pebble::Error) {
    assert!(!error.to_string().contains('\n'), "an error is one line: {error}");
}

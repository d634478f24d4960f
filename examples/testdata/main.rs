//! Writes the fixtures in `testdata/`, the same bytes every time:
//!
//! ```text
//! cargo run --example testdata [DIRECTORY]
//! ```

mod company;
mod odd;
mod people;
mod records;

use std::error::Error;
use std::path::PathBuf;

use baton::c1z::SaveOptions;
use baton::store::Writer;

/// Anything can go wrong, and none of it is handled.
type Outcome<T> = Result<T, Box<dyn Error>>;

/// A fixture: the name of its file, and what writes it.
type Fixture = (&'static str, fn(&mut Writer) -> Outcome<()>);

const FIXTURES: [Fixture; 7] = [
    ("company.c1z", company::company),
    ("partial-newest.c1z", company::partial_newest),
    ("unfinished.c1z", odd::unfinished),
    ("empty.c1z", odd::empty),
    ("slim.c1z", odd::slim),
    ("old-schema.c1z", odd::old_schema),
    ("damaged-rows.c1z", odd::damaged_rows),
];

fn main() -> Outcome<()> {
    let fixed = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/testdata"));
    let directory = std::env::args_os().nth(1).map_or(fixed, PathBuf::from);
    for (name, fill) in FIXTURES {
        let mut writer = Writer::create(None)?;
        fill(&mut writer).map_err(|error| format!("{name}: {error}"))?;
        writer.save(&directory.join(name), SaveOptions { overwrite: true })?;
    }
    Ok(())
}

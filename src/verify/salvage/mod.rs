//! Writing what can be read of a damaged file into a new one.
//!
//! The new file is always of version 1, whole, and passes [`verify`](super::verify). It holds every sync with its id,
//! type, times, parent and token; one that did not end still has not. Rows that cannot be read are left out and listed.
//! Nothing is made up, and nothing that was deleted comes back where that can be told: where it cannot, the list says so.

mod lost;
mod pebble;
mod sqlite;
#[cfg(test)]
mod tests;

use std::fs;
use std::path::Path;

pub use lost::{Losses, Lost};

use super::words::thousands;
use super::{Count, Observer, SyncCounts};
use crate::c1z::{self, OpenOptions, Remains, SaveOptions, Source};
use crate::store::{CopiedSyncs, WriteError, Writer};

/// What came of salvaging a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Salvaged {
    /// The syncs of the new file, in its order, and their records. What is stated of these is what the counts in the
    /// damaged file say.
    pub syncs: Vec<SyncCounts>,
    /// What was lost.
    pub lost: Losses,
}

impl Salvaged {
    /// Whether nothing was lost, nor anything wrong with the file.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.lost.is_empty()
    }

    /// The records of all syncs, as in [`SyncCounts::FAMILIES`]. How many there should be is known when every finished
    /// sync says so.
    #[must_use]
    pub fn records(&self) -> [Count; 5] {
        let mut all = [Count { stated: Some(0), ..Count::default() }; 5];
        for sync in &self.syncs {
            for (sum, count) in all.iter_mut().zip(sync.counts) {
                sum.readable += count.readable;
                let stated = sum.stated.zip(count.stated);
                sum.stated = stated.map(|(sum, count)| sum + count);
            }
        }
        all
    }

    /// `2 syncs, 4 resource types, 12 resources, 334 entitlements, 176101 of 176418 grants`: what the new file holds.
    #[must_use]
    pub fn summary(&self) -> String {
        let plural = |number: u64, word: &str| {
            let word = if number == 1 { word.strip_suffix('s').unwrap_or(word) } else { word };
            format!("{} {word}", thousands(number))
        };
        let mut text = plural(self.syncs.len() as u64, "syncs");
        for (count, family) in self.records().iter().zip(SyncCounts::FAMILIES) {
            let stated = count.stated.filter(|stated| *stated > count.readable);
            if count.readable == 0 && stated.is_none() {
                continue;
            }
            text.push_str(", ");
            match stated {
                Some(stated) => {
                    text.push_str(&format!("{} of {}", thousands(count.readable), plural(stated, family)));
                }
                None => text.push_str(&plural(count.readable, family)),
            }
        }
        text
    }
}

/// Nothing was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SalvageError {
    /// The file is no c1z at all, cannot be read, or asks for more than the limits allow.
    #[error(transparent)]
    Container(#[from] c1z::Error),
    /// The new file cannot be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The new file is to be the damaged one.
    #[error("{file}: it is the file that is to be salvaged, which is never written")]
    Itself {
        /// The file.
        file: String,
    },
    /// Nothing can be read that could be relied on.
    #[error("{file}: nothing of it can be salvaged: {reason}")]
    Nothing {
        /// The file.
        file: String,
        /// Why.
        reason: String,
    },
}

/// Writes what can be read of `source` to `target`, as a version 1 file.
///
/// A sound file gives one with the same records.
///
/// # Errors
/// [`SalvageError`]; then nothing was written.
pub fn salvage(
    source: &Source,
    options: &OpenOptions,
    target: &Path,
    save: SaveOptions,
    observer: Observer<'_>,
) -> Result<Salvaged, SalvageError> {
    Writer::check_target(target, save)?;
    if is_same(source, target)? {
        return Err(SalvageError::Itself { file: target.display().to_string() });
    }
    let inspection = c1z::inspect(source, options, &mut |done, total| observer("unpacking", done, total))?;
    let mut writer = Writer::create_bulk(options.temp_dir.as_deref())?;
    let mut losses = Losses::default();
    for flaw in &inspection.flaws {
        losses.add(Lost::of_container(flaw));
    }
    observer("copying", 0, None);
    let copied = match inspection.remains {
        Remains::Database { image, decoded, .. } => {
            let decoded = usize::try_from(decoded).unwrap_or(usize::MAX);
            sqlite::copy(image.get(..decoded).unwrap_or(&image), &mut writer, &mut losses)?
        }
        Remains::Archive(archive) => pebble::copy(*archive, &mut writer, &mut losses)?,
        _ => CopiedSyncs::default(),
    };
    let salvaged = finish(copied, losses);
    if salvaged.syncs.is_empty()
        && let Some(first) = salvaged.lost.list().first()
    {
        return Err(SalvageError::Nothing { file: source.to_string(), reason: first.reason.clone() });
    }
    observer("saving", 0, None);
    writer.save(target, save)?;
    Ok(salvaged)
}

/// Whether the target is the file that is read.
fn is_same(source: &Source, target: &Path) -> Result<bool, c1z::Error> {
    let Source::Path(path) = source else { return Ok(false) };
    let target = c1z::destination(target)?;
    let same = fs::canonicalize(path).ok().zip(fs::canonicalize(target).ok());
    Ok(same.is_some_and(|(one, other)| one == other))
}

fn finish(copied: CopiedSyncs, mut losses: Losses) -> Salvaged {
    for (id, rows) in copied.runless {
        losses.add(Lost {
            what: "rows".into(),
            place: format!("sync {id:?}"),
            offset: None,
            count: Some(rows),
            reason: "there is no sync run of this id".into(),
        });
    }
    let mut syncs = Vec::new();
    for sync in copied.syncs {
        if sync.made {
            losses.add(Lost {
                what: "sync run".into(),
                place: format!("sync {:?}", sync.id),
                offset: None,
                count: None,
                reason: "only its id is known, from its rows: it is kept as a partial sync that did not end"
                    .into(),
            });
        }
        let mut counts = [Count::default(); 5];
        for (place, (count, kept)) in counts.iter_mut().zip(sync.kept).enumerate() {
            let stated = sync.stated.and_then(|stated| stated.get(place).copied());
            *count = Count { readable: kept, damaged: 0, stated };
            let missing = stated.and_then(|stated| stated.checked_sub(kept)).filter(|missing| *missing > 0);
            if let (Some(missing), Some(family)) = (missing, SyncCounts::FAMILIES.get(place)) {
                losses.add(Lost {
                    what: (*family).into(),
                    place: format!("sync {}", sync.id),
                    offset: None,
                    count: Some(missing),
                    reason: "the counts of the sync say that there were more".into(),
                });
            }
        }
        let (id, kind, finished) = (sync.id, sync.kind, sync.finished);
        syncs.push(SyncCounts { id, kind, known: !sync.made, finished, counts });
    }
    Salvaged { syncs, lost: losses }
}

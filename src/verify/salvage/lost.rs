//! What was lost.

use std::fmt;

use crate::c1z;

/// Something that is not in the new file, or of which it is not known whether it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// What it was: `v1_grants`, `grants`, `frame`.
    pub what: String,
    /// Where: `page 17`, `000012.sst`, `sync 3AKceuN98XJyPGy2v9g2l5uSogH`.
    pub place: String,
    /// Position of that in bytes, if there is one: in the file for its frames, else in the decoded database or in the
    /// file inside that `place` names.
    pub offset: Option<u64>,
    /// How many rows, if that is known.
    pub count: Option<u64>,
    /// What is wrong there.
    pub reason: String,
}

impl Lost {
    /// A fault of the container: what it means for the rows shows elsewhere.
    pub(super) fn of_container(flaw: &c1z::Flaw) -> Self {
        Self {
            what: "container".into(),
            place: flaw.place.clone(),
            offset: flaw.error.offset(),
            count: None,
            reason: flaw.error.kind().to_string(),
        }
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.count {
            Some(1) => write!(f, "1 of {}", self.what)?,
            Some(count) => write!(f, "{count} of {}", self.what)?,
            None => f.write_str(&self.what)?,
        }
        write!(f, ", {}", self.place)?;
        if let Some(offset) = self.offset {
            write!(f, " at byte {offset}")?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// The most losses that are listed.
const MAX_LISTED: usize = 500;

/// All that was lost.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Losses {
    list: Vec<Lost>,
    more: u64,
}

impl Losses {
    pub(super) fn add(&mut self, lost: Lost) {
        match self.list.len() < MAX_LISTED {
            true => self.list.push(lost),
            false => self.more += 1,
        }
    }

    pub(super) fn add_more(&mut self, more: u64) {
        self.more += more;
    }

    /// Those that are listed, in the order in which they showed.
    #[must_use]
    pub fn list(&self) -> &[Lost] {
        &self.list
    }

    /// How many are not listed.
    #[must_use]
    pub fn more(&self) -> u64 {
        self.more
    }

    /// Whether nothing was lost.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty() && self.more == 0
    }
}

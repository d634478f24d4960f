//! Finding the counterpart of each record, without holding either side.
//!
//! Both sides are walked in lockstep, in the order of their files. Where nothing changed, both give the same record at
//! the same time. Otherwise a record waits for its counterpart:
//!
//! ```text
//! old  a b c d e f      a│a  same            lockstep
//! new  a x b c d e      b│x  both wait
//!                       c│b  b was waiting   new is behind, and reads alone …
//!                        │c  c was waiting   … until it has met the one that old read last
//!                       d│d  same            lockstep again
//! ```
//!
//! So what waits are the records without a counterpart, and those that stand elsewhere on the other side. When they
//! take too much room, all is read again in parts: first the records whose hashed names fall into the first part,
//! then those of the next, with twice as many parts until each fits.
//!
//! Records with the same name on one side are paired with those on the other in the order in which they come.

use std::hash::RandomState;

use super::record::Record;
use super::room::{Name, Room, Waiting, hash_of};
use super::{Field, Kind};
use crate::store::{Error, KeptPlace};

/// A side that can be walked, several times.
pub(super) trait Open {
    type Walk<'s>: Walk
    where
        Self: 's;

    fn open(&mut self) -> Result<Self::Walk<'_>, Error>;
}

/// A walk over the records of a side.
pub(super) trait Walk {
    /// Hands the next record to `f`; `None` after the last one.
    fn next<R>(&mut self, f: impl FnOnce(&Record<'_>) -> R) -> Result<Option<R>, Error>;
}

/// What it means that two records are the same.
pub(super) trait Judge {
    /// What differs between two records; `None` when they are the same.
    fn differences(&self, old: &Record<'_>, new: &Record<'_>) -> Option<Vec<Field>>;

    /// A keyed hash that is equal for records that are the same, and almost never for others that are not. Records
    /// with different ones are looked at by [`Judge::differences`].
    fn digest(&self, side: Which, record: &Record<'_>) -> [u64; 2];
}

/// One side or the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Old,
    New,
}

/// A record without a counterpart, or two that are not the same.
#[derive(Debug)]
pub(super) struct Met {
    pub(super) name: Name,
    /// To keep records with one name in order.
    pub(super) number: u64,
    pub(super) old: Option<KeptPlace>,
    pub(super) new: Option<KeptPlace>,
    /// What differs between two records; `None` when that is not known yet.
    pub(super) fields: Option<Vec<Field>>,
}

impl Met {
    pub(super) fn kind(&self) -> Kind {
        match (&self.old, &self.new) {
            (None, _) => Kind::Created,
            (_, None) => Kind::Deleted,
            _ => Kind::Modified,
        }
    }

    /// By what they are sorted.
    pub(super) fn order(&self) -> impl Ord + '_ {
        (self.name.key(), self.kind(), self.number)
    }
}

/// More parts than this are not made: then it is a name of many records that takes the room.
const MOST_PARTS: u64 = 1 << 6;

/// Joins two sides; records that wait take `room` bytes at most.
pub(super) fn join<A: Open, B: Open>(
    old: &mut A,
    new: &mut B,
    judge: &dyn Judge,
    room: usize,
) -> Result<Vec<Met>, Error> {
    let state = RandomState::new();
    let mut parts = 1;
    loop {
        let room = if parts < MOST_PARTS { room } else { usize::MAX };
        match in_parts(old, new, judge, room, parts, &state)? {
            Some(met) => return Ok(met),
            None => parts *= 2,
        }
    }
}

/// `None` when a part takes too much room.
fn in_parts<A: Open, B: Open>(
    old: &mut A,
    new: &mut B,
    judge: &dyn Judge,
    room: usize,
    parts: u64,
    state: &RandomState,
) -> Result<Option<Vec<Met>>, Error> {
    let mut met = Vec::new();
    for part in 0..parts {
        let mut old = Part { walk: old.open()?, state, parts, part };
        let mut new = Part { walk: new.open()?, state, parts, part };
        let mut pass = Pass::new(judge, room, met);
        if !pass.run(&mut old, &mut new)? {
            return Ok(None);
        }
        met = pass.finish();
    }
    Ok(Some(met))
}

/// A walk over the records whose names fall into one part.
struct Part<'s, W> {
    walk: W,
    state: &'s RandomState,
    parts: u64,
    part: u64,
}

impl<W: Walk> Walk for Part<'_, W> {
    #[inline]
    fn next<R>(&mut self, f: impl FnOnce(&Record<'_>) -> R) -> Result<Option<R>, Error> {
        if self.parts == 1 {
            return self.walk.next(f);
        }
        let (state, parts, part) = (self.state, self.parts, self.part);
        let mut f = Some(f);
        loop {
            let found = self.walk.next(|record| {
                let here = hash_of(state, record.key()) % parts == part;
                if here { f.take().map(|f| f(record)) } else { None }
            })?;
            match found {
                Some(None) => {}
                Some(Some(answer)) => return Ok(Some(answer)),
                None => return Ok(None),
            }
        }
    }
}

/// Who reads next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Both,
    Alone(Which),
}

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It waits.
    Waits,
    /// Its counterpart was waiting.
    Matched,
    /// Its counterpart was waiting, and was the one that the other side had read last.
    CaughtUp,
}

/// One walk over both sides.
struct Pass<'j> {
    judge: &'j dyn Judge,
    room: usize,
    old: Room,
    new: Room,
    /// Records read, of both sides.
    count: u64,
    met: Vec<Met>,
}

impl<'j> Pass<'j> {
    fn new(judge: &'j dyn Judge, room: usize, met: Vec<Met>) -> Self {
        Self { judge, room, old: Room::default(), new: Room::default(), count: 0, met }
    }

    /// False when those that wait take too much room.
    fn run(&mut self, old: &mut impl Walk, new: &mut impl Walk) -> Result<bool, Error> {
        let mut turn = Turn::Both;
        loop {
            if self.old.size() + self.new.size() > self.room {
                return Ok(false);
            }
            let next = match turn {
                Turn::Both => self.read_both(old, new)?,
                Turn::Alone(Which::Old) => {
                    old.next(|record| self.alone(Which::Old, record))?.ok_or(Which::Old)
                }
                Turn::Alone(Which::New) => {
                    new.next(|record| self.alone(Which::New, record))?.ok_or(Which::New)
                }
            };
            match next {
                Ok(next) => turn = next,
                Err(Which::Old) => return self.read_rest(Which::New, new),
                Err(Which::New) => return self.read_rest(Which::Old, old),
            }
        }
    }

    /// Reads one record of each side: whose turn is next, or which side has come to its end.
    fn read_both(&mut self, old: &mut impl Walk, new: &mut impl Walk) -> Result<Result<Turn, Which>, Error> {
        let read = old.next(|a| -> Result<Option<Turn>, Error> {
            let turn = new.next(|b| self.both(a, b))?;
            if turn.is_none() {
                self.one(Which::Old, a);
            }
            Ok(turn)
        })?;
        match read {
            None => Ok(Err(Which::Old)),
            Some(turn) => Ok(turn?.ok_or(Which::New)),
        }
    }

    fn read_rest(&mut self, side: Which, walk: &mut impl Walk) -> Result<bool, Error> {
        while walk.next(|record| self.one(side, record))?.is_some() {
            if self.old.size() + self.new.size() > self.room {
                return Ok(false);
            }
        }
        Ok(true)
    }

    #[inline]
    fn both(&mut self, old: &Record<'_>, new: &Record<'_>) -> Turn {
        let key = old.key();
        if key == new.key() && !self.old.holds(key) && !self.new.holds(key) {
            self.count += 1;
            if let Some(fields) = self.judge.differences(old, new) {
                self.met.push(Met {
                    name: Name::of(key),
                    number: self.count,
                    old: Some(old.place().keep()),
                    new: Some(new.place().keep()),
                    fields: Some(fields),
                });
            }
            return Turn::Both;
        }
        match (self.one(Which::Old, old), self.one(Which::New, new)) {
            (Fate::Waits, Fate::Matched | Fate::CaughtUp) => Turn::Alone(Which::New),
            (Fate::Matched | Fate::CaughtUp, Fate::Waits) => Turn::Alone(Which::Old),
            _ => Turn::Both,
        }
    }

    fn alone(&mut self, side: Which, record: &Record<'_>) -> Turn {
        match self.one(side, record) {
            Fate::Matched => Turn::Alone(side),
            Fate::CaughtUp | Fate::Waits => Turn::Both,
        }
    }

    /// Finds the counterpart of a record, or lets it wait.
    fn one(&mut self, side: Which, record: &Record<'_>) -> Fate {
        self.count += 1;
        let (own, other) = match side {
            Which::Old => (&mut self.old, &mut self.new),
            Which::New => (&mut self.new, &mut self.old),
        };
        let digest = self.judge.digest(side, record);
        let key = record.key();
        let Some(found) = other.take(key) else {
            own.push(key, Waiting { number: self.count, digest, place: record.place().keep() });
            return Fate::Waits;
        };
        let fate = if other.is_newest(&found) { Fate::CaughtUp } else { Fate::Matched };
        if found.digest != digest {
            let (old, new) = match side {
                Which::Old => (record.place().keep(), found.place),
                Which::New => (found.place, record.place().keep()),
            };
            let name = Name::of(key);
            self.met.push(Met { name, number: self.count, old: Some(old), new: Some(new), fields: None });
        }
        fate
    }

    /// What was met, with those that still wait.
    fn finish(self) -> Vec<Met> {
        let mut met = self.met;
        met.extend(self.old.into_left().map(|(name, one)| Met {
            name,
            number: one.number,
            old: Some(one.place),
            new: None,
            fields: None,
        }));
        met.extend(self.new.into_left().map(|(name, one)| Met {
            name,
            number: one.number,
            old: None,
            new: Some(one.place),
            fields: None,
        }));
        met
    }
}

//! Walking records along a path.

use std::fmt;
use std::marker::PhantomData;

use super::super::Error;
use super::Engine;
use super::ahead::Ahead;
use super::batch::{Batch, Position};
use super::query::Query;
use super::rows::Rows;
use super::translate::Translate;

/// A prepared scan over one kind of record; [`Scan::rows`] walks it.
pub(in super::super) struct Scan<'r, F: Translate> {
    engine: &'r Engine,
    query: Query,
    family: PhantomData<F>,
}

impl<'r, F: Translate> Scan<'r, F> {
    pub(super) fn new(engine: &'r Engine, query: Query) -> Self {
        Self { engine, query, family: PhantomData }
    }

    /// Starts the walk at the first record.
    pub(in super::super) fn rows(&mut self) -> Cursor<'_, F> {
        let source = match Ahead::start(self.engine, &self.query) {
            Some(ahead) => Source::Ahead(ahead),
            None => Source::Here(Rows::new(&self.engine.database, &self.query.path)),
        };
        Cursor::new(self.engine, &self.query, source)
    }
}

/// Where records come from.
enum Source<'s, F: Translate> {
    /// This thread translates them, one by one.
    Here(Rows<'s>),
    /// A thread that reads ahead.
    Ahead(Ahead<F>),
}

/// A walk over records, in the order of their keys. Rows that cannot be read are passed over and remembered.
pub(in super::super) struct Cursor<'s, F: Translate> {
    engine: &'s Engine,
    query: &'s Query,
    source: Source<'s, F>,
    batch: Batch<F>,
    position: Position,
}

impl<'s, F: Translate> Cursor<'s, F> {
    fn new(engine: &'s Engine, query: &'s Query, source: Source<'s, F>) -> Self {
        Self { engine, query, source, batch: Batch::default(), position: Position::default() }
    }

    /// Hands the next record that is wanted to `f`; `None` after the last one.
    pub(in super::super) fn next<R>(
        &mut self,
        f: impl FnOnce(F::Record<'_>) -> R,
    ) -> Result<Option<R>, Error> {
        loop {
            while self.position.is_behind(&self.batch) {
                if !self.refill()? {
                    return Ok(None);
                }
            }
            match self.position.next(&self.batch) {
                Some(Ok(record)) if F::admits(&self.query.wanted, &record) => return Ok(Some(f(record))),
                Some(Err((place, fault))) => {
                    self.engine.problems.borrow_mut().damaged(place, &fault.to_string());
                }
                _ => {}
            }
        }
    }

    /// Takes the next records; false when there are none.
    fn refill(&mut self) -> Result<bool, Error> {
        let more = match &mut self.source {
            Source::Ahead(ahead) => ahead.refill(&mut self.batch)?,
            Source::Here(rows) => {
                self.batch.clear();
                let more = rows.next(|key, value| self.batch.push(key, value));
                more.map_err(|source| self.engine.failed(source))?.is_some()
            }
        };
        if more {
            self.position = Position::default();
        }
        Ok(more)
    }
}

/// The first record of a query.
pub(super) fn find<F: Translate, R>(
    engine: &Engine,
    query: &Query,
    f: impl FnOnce(F::Record<'_>) -> R,
) -> Result<Option<R>, Error> {
    let rows = Rows::new(&engine.database, &query.path);
    Cursor::<F>::new(engine, query, Source::Here(rows)).next(f)
}

impl<F: Translate> fmt::Debug for Scan<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scan").field("query", &self.query).finish_non_exhaustive()
    }
}

impl<F: Translate> fmt::Debug for Cursor<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cursor").field("query", self.query).finish_non_exhaustive()
    }
}

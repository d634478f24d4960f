//! Walking the rows of a statement.

use std::marker::PhantomData;

use rusqlite::{Row, Statement, params_from_iter};

use super::super::Error;
use super::super::record::Family;
use super::super::sync::SyncRun;
use super::Engine;
use super::ahead::Ahead;
use super::query::Query;
use super::read::{Fault, RawRow, ReadRow, Scratch};
use super::schema::Table;

/// A prepared scan over one kind of record; [`Scan::rows`] walks it.
pub(in super::super) struct Scan<'r, F: Family> {
    engine: &'r Engine,
    run: &'r SyncRun,
    query: Query,
    statement: Option<Statement<'r>>,
    family: PhantomData<F>,
}

impl<'r, F: ReadRow> Scan<'r, F> {
    pub(super) fn new(engine: &'r Engine, run: &'r SyncRun, query: Query) -> Result<Self, Error> {
        let prepare =
            |query: &Query| engine.connection.prepare(&query.sql).map_err(engine.failed(query.table));
        let statement = if query.empty { None } else { Some(prepare(&query)?) };
        Ok(Self { engine, run, query, statement, family: PhantomData })
    }

    /// Starts the walk at the first row.
    ///
    /// # Errors
    /// [`Error::Sqlite`] when SQLite refuses.
    pub(in super::super) fn rows(&mut self) -> Result<Cursor<'_, F>, Error> {
        let params = params_from_iter(&self.query.params);
        self.engine.begin();
        let ahead = Ahead::start(self.engine, &self.query);
        let rows = match (&mut self.statement, ahead) {
            (_, Some(ahead)) => Rows::Ahead(ahead),
            (Some(statement), None) => {
                let rows = statement.query(params).map_err(self.engine.failed(self.query.table))?;
                Rows::Here(Rising::new(rows))
            }
            (None, None) => Rows::None,
        };
        Ok(Cursor {
            engine: self.engine,
            run: self.run,
            query: &self.query,
            rows,
            scratch: Scratch::default(),
            family: PhantomData,
        })
    }
}

/// Where the rows of a walk come from.
enum Rows<'s> {
    /// The table is missing.
    None,
    /// A statement of this connection.
    Here(Rising<'s>),
    /// A thread that reads ahead.
    Ahead(Ahead),
}

impl Rows<'_> {
    fn next(&mut self, engine: &Engine, table: Table) -> Result<Option<RawRow<'_>>, Error> {
        match self {
            Self::None => Ok(None),
            Self::Ahead(ahead) => ahead.next(engine),
            Self::Here(rows) => rows.next(engine, table),
        }
    }
}

/// The rows of a statement that is ordered by row id. A damaged or malicious database can lead back to earlier pages,
/// again and again; row ids that do not rise show it.
pub(super) struct Rising<'s> {
    rows: rusqlite::Rows<'s>,
    before: Option<i64>,
}

impl<'s> Rising<'s> {
    pub(super) fn new(rows: rusqlite::Rows<'s>) -> Self {
        Self { rows, before: None }
    }

    /// The next row, whose first column is the row id.
    pub(super) fn next_row(&mut self, engine: &Engine, table: Table) -> Result<Option<&Row<'s>>, Error> {
        let failed = engine.failed(table);
        let Some(row) = self.rows.next().map_err(&failed)? else { return Ok(None) };
        let id = row.get(0).map_err(&failed)?;
        match self.before.replace(id) {
            Some(before) if before >= id => {
                Err(Error::Loop { file: engine.file.clone(), table: table.name(), before, row: id })
            }
            _ => Ok(Some(row)),
        }
    }

    pub(super) fn next(&mut self, engine: &Engine, table: Table) -> Result<Option<RawRow<'_>>, Error> {
        let row = self.next_row(engine, table)?;
        row.map(|row| RawRow::of(table.name(), row)).transpose().map_err(engine.failed(table))
    }
}

/// A walk over records, in storage order. Rows that cannot be read are passed over and remembered.
pub(in super::super) struct Cursor<'s, F: Family> {
    engine: &'s Engine,
    run: &'s SyncRun,
    query: &'s Query,
    rows: Rows<'s>,
    scratch: Scratch,
    family: PhantomData<F>,
}

impl<F: ReadRow> Cursor<'_, F> {
    /// Hands the next record to `f`; `None` after the last one.
    ///
    /// The record is lent for the call only: it lies in SQLite's page.
    ///
    /// # Errors
    /// [`Error::Sqlite`] when the database is damaged.
    pub(in super::super) fn next<R>(
        &mut self,
        f: impl FnOnce(F::Record<'_>) -> R,
    ) -> Result<Option<R>, Error> {
        while let Some(row) = self.rows.next(self.engine, self.query.table)? {
            let failed = self.engine.failed(self.query.table);
            match F::read(self.engine, self.run, row, &mut self.scratch) {
                Ok(record) => return Ok(Some(f(record))),
                Err(Fault::Row(reason)) => self.engine.problems.borrow_mut().damaged(row.at.place(), &reason),
                Err(Fault::Sqlite(error)) => return Err(failed(error)),
            }
        }
        Ok(None)
    }
}

impl<F: Family> std::fmt::Debug for Scan<'_, F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scan").field("query", &self.query).finish_non_exhaustive()
    }
}

impl<F: Family> std::fmt::Debug for Cursor<'_, F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cursor").field("query", self.query).finish_non_exhaustive()
    }
}

/// The first record of a query, by a statement that is kept for the next time.
pub(super) fn find<F: ReadRow, R>(
    engine: &Engine,
    run: &SyncRun,
    query: Query,
    f: impl FnOnce(F::Record<'_>) -> R,
) -> Result<Option<R>, Error> {
    if query.empty {
        return Ok(None);
    }
    let failed = engine.failed(query.table);
    engine.begin();
    let mut statement = engine.connection.prepare_cached(&query.sql).map_err(&failed)?;
    let rows = statement.query(params_from_iter(&query.params)).map_err(&failed)?;
    let scratch = Scratch::default();
    let mut cursor = Cursor::<F> {
        engine,
        run,
        query: &query,
        rows: Rows::Here(Rising::new(rows)),
        scratch,
        family: PhantomData,
    };
    cursor.next(f)
}

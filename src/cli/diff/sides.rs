//! Which files and which of their syncs are compared.

use std::path::Path;

use super::{Answer, Args};
use crate::cli::session::Session;
use crate::store::{self, Reader, Snapshot, SyncChoice, SyncRun};
use crate::ui::CommandError;

/// The files that are compared.
#[derive(Debug)]
pub(super) struct Files {
    old: Reader,
    /// `None` when it is the old one again.
    new: Option<Reader>,
    /// Whether two syncs of one file are compared.
    within: bool,
}

impl Files {
    /// Opens what the command line names.
    pub(super) fn open(session: &Session, args: &Args) -> Result<Self, CommandError> {
        let named = session.asked_file().is_some();
        let (old, new) = match (&args.old, &args.new) {
            (Some(_), None) if named => {
                return Err(CommandError::usage("a file and -f: which of them is the older one?")
                    .hint("name both without -f: baton diff OLD NEW"));
            }
            (Some(_), Some(_)) if named => {
                return Err(CommandError::usage("there are three files: OLD, NEW and that of -f"));
            }
            (Some(old), Some(new)) => (old.as_path(), Some(new.as_path())),
            (Some(one), None) => (one.as_path(), None),
            _ => (session.file(), None),
        };
        if old == Path::new("-") && new == Some(old) {
            return Err(CommandError::usage("standard input can be read only once"));
        }
        let reader = session.open_file(old)?;
        let second = new.filter(|new| *new != old).map(|new| session.open_file(new)).transpose()?;
        Ok(Self { old: reader, new: second, within: new.is_none() })
    }

    fn newer(&self) -> &Reader {
        self.new.as_ref().unwrap_or(&self.old)
    }

    /// The two syncs.
    pub(super) fn choose(
        &self,
        session: &Session,
        args: &Args,
    ) -> Result<(Snapshot<'_>, Snapshot<'_>), CommandError> {
        let (from, to) = (args.from.as_deref(), args.to.as_deref());
        if self.within {
            return within(session, &self.old, from, to);
        }
        let old = choose(session, &self.old, from, "--from")?;
        let new = choose(session, self.newer(), to, "--to")?;
        Ok((old, new))
    }

    /// Says what was odd about the files.
    pub(super) fn close(&self, session: &Session, answer: Answer) -> Result<Answer, CommandError> {
        let old = session.close(&self.old, answer);
        let new = self.new.as_ref().map_or(Ok(answer), |reader| session.close(reader, answer));
        old.and(new)
    }
}

/// Two syncs of one file: the newest full one, and the newest full one before that.
fn within<'r>(
    session: &Session,
    reader: &'r Reader,
    from: Option<&str>,
    to: Option<&str>,
) -> Result<(Snapshot<'r>, Snapshot<'r>), CommandError> {
    let full = reader.full_syncs();
    let new = match to {
        Some(id) => named(reader, id)?,
        None => full.first().copied().ok_or_else(|| too_few(reader))?,
    };
    let earlier = |run: &&&SyncRun| run.id != new.id && (!new.finished || run.ended_at <= new.ended_at);
    let old = match from {
        Some(id) => named(reader, id)?,
        None => full.iter().find(earlier).copied().ok_or_else(|| too_few(reader))?,
    };
    if to.is_none()
        && let Some(newer) = reader.choose(&SyncChoice::Newest)?.passed_over
    {
        session.ui.note(&format!(
            "comparing with the full sync {}; a newer {} one is compared with --to {}",
            new.id, newer.kind, newer.id
        ));
    }
    if old.id == new.id {
        session.ui.note(&format!("both sides are the sync {}", new.id));
    }
    Ok((reader.at(old), reader.at(new)))
}

/// The sync with this id.
fn named<'r>(reader: &'r Reader, id: &str) -> Result<&'r SyncRun, CommandError> {
    Ok(reader.choose(&SyncChoice::Id(id.to_owned()))?.run)
}

/// The sync of one of two files; `option` would choose another.
fn choose<'r>(
    session: &Session,
    reader: &'r Reader,
    id: Option<&str>,
    option: &str,
) -> Result<Snapshot<'r>, CommandError> {
    let choice = id.map_or(SyncChoice::Newest, |id| SyncChoice::Id(id.to_owned()));
    let chosen = reader.choose(&choice).map_err(|error| match &error {
        store::Error::NoFinishedSync { unfinished, .. } => {
            let hint = unfinished.first().map(|id| format!("read an unfinished one with {option} {id}"));
            CommandError::trouble(error.to_string()).maybe_hint(hint)
        }
        _ => error.into(),
    })?;
    if let Some(newer) = chosen.passed_over {
        session.ui.note(&format!(
            "{}: reading the {} sync {}; a newer {} one is read with {option} {}",
            reader.file(),
            chosen.run.kind,
            chosen.run.id,
            newer.kind,
            newer.id
        ));
    }
    Ok(reader.at(chosen.run))
}

/// The error for a file that does not have two full syncs.
fn too_few(reader: &Reader) -> CommandError {
    let full = reader.full_syncs();
    let held = match full.as_slice() {
        [] => "no finished full sync".to_owned(),
        [only] => format!("one finished full sync, {}", only.id),
        _ => "no finished full sync before that".to_owned(),
    };
    let others: Vec<_> = reader
        .runs()
        .iter()
        .filter(|run| !full.iter().any(|full| full.id == run.id))
        .map(|run| {
            let unfinished = if run.finished { "" } else { "unfinished " };
            format!("the {unfinished}{} sync {}", run.kind, run.id)
        })
        .collect();
    let error =
        CommandError::trouble(format!("{}: it holds {held}, and it takes two to compare", reader.file()))
            .hint("name a second file: baton diff OLD NEW");
    if others.is_empty() {
        return error;
    }
    error.hint(format!("it also holds {}; choose with --from and --to", others.join(", ")))
}

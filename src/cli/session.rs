//! What every reading command does first and last: open the file, choose the sync, say what was odd.

use std::path::{Path, PathBuf};

use super::Answer;
use super::args::{Asked, Global, OwnFormat};
use crate::render::OutputFormat;
use crate::store::{Limits, OpenOptions, Reader, Snapshot, Source, SyncChoice};
use crate::ui::{CommandError, Ui};

/// The global options, put to use.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) ui: Ui,
    global: Global,
    file: PathBuf,
    format: Asked,
}

impl Session {
    /// `own`: the formats that the command has beside those of every list.
    pub(super) fn new(ui: Ui, global: Global, own: &[OwnFormat]) -> Result<Self, CommandError> {
        Ok(Self { ui, file: global.file(), format: global.output_format(own)?, global })
    }

    /// The format of lists that was asked for; the default one where the command's own was.
    pub(super) fn format(&self) -> OutputFormat {
        match self.format {
            Asked::Common(format) => format,
            Asked::Own(_) => OutputFormat::default(),
        }
    }

    /// The command's own format, if that was asked for.
    pub(super) fn own_format(&self) -> Option<OwnFormat> {
        match self.format {
            Asked::Common(_) => None,
            Asked::Own(format) => Some(format),
        }
    }

    /// Whether the command line names a format.
    pub(super) fn asks_for_format(&self) -> bool {
        self.global.asks_for_format()
    }

    /// The file of the command line, if it names one with -f.
    pub(super) fn asked_file(&self) -> Option<&Path> {
        self.global.asked_file()
    }

    /// The file that was asked for.
    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    /// Opens the file that was asked for.
    pub(super) fn open(&self) -> Result<Reader, CommandError> {
        self.open_file(&self.file)
    }

    /// Where the bytes of a file come from, and how it is to be opened.
    pub(super) fn source(&self, file: &Path) -> Result<(Source, OpenOptions), CommandError> {
        let source = match file == Path::new("-") {
            true if self.ui.stdin_is_terminal() => {
                return Err(CommandError::usage(
                    "-f - reads a file from a pipe, and standard input is a terminal",
                ));
            }
            true => Source::Stdin,
            false => Source::Path(PathBuf::from(file)),
        };
        let options = OpenOptions {
            limits: Limits::from_env()?,
            memory_limit: self.global.memory_limit()?,
            temp_dir: self.global.temp_dir.clone(),
        };
        Ok((source, options))
    }

    /// Opens another file with the same options.
    pub(super) fn open_file(&self, file: &Path) -> Result<Reader, CommandError> {
        let (source, options) = self.source(file)?;
        let mut progress = self.ui.progress(format!("unpacking {source}"));
        let reader = Reader::open(&source, &options, &mut |done, total| progress.update(done, total))?;
        drop(progress);
        for warning in reader.warnings() {
            self.ui.warn(warning);
        }
        Ok(reader)
    }

    /// The sync to read, with a line when a newer one of another type is passed over.
    pub(super) fn choose<'r>(
        &self,
        reader: &'r Reader,
        choice: &SyncChoice,
    ) -> Result<Snapshot<'r>, CommandError> {
        let chosen = reader.choose(choice)?;
        if let Some(newer) = chosen.passed_over {
            self.ui.note(&format!(
                "reading the {} sync {}; a newer {} one is read with --sync-id {}",
                chosen.run.kind, chosen.run.id, newer.kind, newer.id
            ));
        }
        Ok(reader.at(chosen.run))
    }

    /// Says what was odd about the records; rows that could not be read make the answer incomplete.
    pub(super) fn close(&self, reader: &Reader, answer: Answer) -> Result<Answer, CommandError> {
        let problems = reader.problems();
        for line in problems.lines() {
            self.ui.warn(&format!("{}: {line}", reader.file()));
        }
        match problems.incomplete() {
            Some(line) => Err(CommandError::trouble(format!("{}: {line}", reader.file()))),
            None => Ok(answer),
        }
    }
}

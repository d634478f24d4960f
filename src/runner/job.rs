//! One run of the program around a connector: from the command line to the exit code.

use std::ffi::OsString;
use std::io::Write;
use std::process::ExitCode;

use clap::ArgMatches;

use super::Runner;
use super::command::{self, Words};
use super::config::{self, Config, Variables};
use super::flags::{Common, SERVICE};
use super::log::{Logger, Manner};
use super::tasks::{Context, Task};
use super::{schema, signal};
use crate::store::{Limits, OpenOptions};
use crate::sync::{Answer, Connector, Registry, Stop, SystemClock, capabilities, capabilities_json};
use crate::ui::{Board, Colour, CommandError, Kind, Ui};

/// One run of the program.
pub(super) struct Job<'r> {
    runner: &'r Runner,
    common: Common,
    ui: Ui,
    manner: Manner,
}

impl<'r> Job<'r> {
    pub(super) fn new(runner: &'r Runner) -> Self {
        let ui = Ui::new(Colour::Auto, false);
        Self { runner, common: Common::new(), ui, manner: Manner::default() }
    }

    /// Does what these words say, and tells what went wrong.
    pub(super) fn run<C: Connector>(
        mut self,
        args: impl IntoIterator<Item = OsString>,
        variables: Variables<'_>,
        connect: impl FnOnce(&Config) -> Answer<C>,
    ) -> ExitCode {
        match self.dispatch(args, variables, connect) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                self.tell(&error);
                error.exit_code()
            }
        }
    }

    fn dispatch<C: Connector>(
        &mut self,
        args: impl IntoIterator<Item = OsString>,
        variables: Variables<'_>,
        connect: impl FnOnce(&Config) -> Answer<C>,
    ) -> Result<(), CommandError> {
        let command = self.command()?;
        let mut specs = self.common.specs();
        specs.extend(self.runner.specs());
        let words = match Words::parse(command, args, &specs) {
            Ok(words) => words,
            Err(error) if error.use_stderr() => return Err(CommandError::of_parser(&error)),
            Err(help) => return Ok(help.print()?),
        };
        match words.subcommand() {
            None => self.task(&words, variables, connect),
            Some((command::CAPABILITIES, _)) => self.capabilities(&words, variables, connect),
            Some((command::CONFIG, _)) => self.print(&schema::json(self.runner, &self.common)),
            Some((command::COMPLETION, own)) => self.completion(own),
            Some((command::VERSION, _)) => {
                self.print(&format!("{} {}\n", self.runner.name, self.runner.version))
            }
            Some((_, own)) => match &self.runner.extra {
                Some(extra) => (extra.run)(&self.ui, own),
                None => Ok(()),
            },
        }
    }

    /// The command line, if the fields are fit for one.
    fn command(&self) -> Result<clap::Command, CommandError> {
        let mut reserved = vec!["version", "help"];
        reserved.extend(SERVICE);
        match config::fault(&self.runner.fields, &self.common.specs(), &reserved) {
            Some(fault) => Err(CommandError::usage(fault).hint("this is a bug of the connector")),
            None => Ok(command::command(self.runner, &self.common)),
        }
    }

    /// A sync, or one of the other tasks.
    fn task<C: Connector>(
        &mut self,
        words: &Words,
        variables: Variables<'_>,
        connect: impl FnOnce(&Config) -> Answer<C>,
    ) -> Result<(), CommandError> {
        refuse_service(words, variables)?;
        let specs = self.common.specs().into_iter().chain(self.runner.specs());
        let config = Config::read(specs, &|name| words.given(name), variables)?;
        let task = Task::choose(&self.common, &config)?;
        let board = self.log(&config)?;
        let open = OpenOptions {
            limits: Limits::from_env()?,
            temp_dir: config.find(&self.common.temp_dir),
            ..OpenOptions::default()
        };
        let stop = Stop::new();
        signal::listen(&stop);
        log::debug!("Connecting");
        let connector = connect(&config)?;
        let mut out = self.ui.stdout();
        let mut context = Context {
            connector: &connector,
            file: config.get(&self.common.file),
            open,
            board: &board,
            bars: self.manner.chatty && self.manner.console,
            stop: &stop,
            clock: &SystemClock,
            out: &mut out,
        };
        task.run(&mut context)?;
        Ok(out.flush()?)
    }

    fn capabilities<C: Connector>(
        &mut self,
        words: &Words,
        variables: Variables<'_>,
        connect: impl FnOnce(&Config) -> Answer<C>,
    ) -> Result<(), CommandError> {
        let config = self.described_by(words, variables)?;
        self.log(&config)?;
        self.print(&self.describe(&config, connect)?)
    }

    /// What must be configured to tell the capabilities.
    fn described_by(&self, words: &Words, variables: Variables<'_>) -> Result<Config, CommandError> {
        let own = self.runner.specs().filter(|_| self.runner.unconfigured.is_none());
        let specs = self.common.log.specs().into_iter().chain(own);
        Config::read(specs, &|name| words.given(name), variables)
    }

    fn describe<C: Connector>(
        &self,
        config: &Config,
        connect: impl FnOnce(&Config) -> Answer<C>,
    ) -> Result<String, CommandError> {
        let connected;
        let connector: &dyn Connector = match &self.runner.unconfigured {
            Some(connector) => &**connector,
            None => {
                connected = connect(config)?;
                &connected
            }
        };
        let found = capabilities(&Registry::of(connector)?, connector)?;
        Ok(format!("{}\n", capabilities_json(&found)))
    }

    /// Opens the log.
    fn log(&mut self, config: &Config) -> Result<Board, CommandError> {
        let board = self.ui.board();
        let logger = Logger::new(&self.common.log, config, &board, self.ui.stderr_is_terminal())?;
        self.manner = logger.manner();
        logger.install();
        Ok(board)
    }

    fn completion(&self, own: &ArgMatches) -> Result<(), CommandError> {
        let Some(shell) = own.get_one::<clap_complete::Shell>("shell") else { return Ok(()) };
        // Through memory: the generator panics when it cannot write.
        let mut script = Vec::new();
        clap_complete::generate(*shell, &mut self.command()?, &self.runner.name, &mut script);
        self.print(&String::from_utf8_lossy(&script))
    }

    fn print(&self, text: &str) -> Result<(), CommandError> {
        let mut out = self.ui.stdout();
        out.write_all(text.as_bytes())?;
        Ok(out.flush()?)
    }

    /// Says what went wrong, in the manner of the log: a program that reads lines of JSON shall find nothing else.
    fn tell(&self, error: &CommandError) {
        if error.kind() == Kind::BrokenPipe {
            return;
        }
        if self.manner.console {
            self.ui.error(error);
        }
        if self.manner.elsewhere || !self.manner.console {
            match error.hints().join("; ") {
                hint if hint.is_empty() => log::error!("{}", error.message()),
                hint => log::error!(hint; "{}", error.message()),
            }
        }
    }
}

/// Whoever asks for a service shall not get a single sync instead.
fn refuse_service(words: &Words, variables: Variables<'_>) -> Result<(), CommandError> {
    let flag = SERVICE.iter().find(|name| words.given(name).is_some()).map(|name| format!("--{name}"));
    let variable = || {
        let set = |name: &&&str| variables(name).is_some_and(|value| !value.is_empty());
        ["BATON_CLIENT_ID", "BATON_CLIENT_SECRET"].iter().find(set).map(ToString::to_string)
    };
    match flag.or_else(variable) {
        Some(found) => Err(CommandError::usage(format!("{found}: this connector has no service mode"))
            .hint("it does one task and ends; run it from a timer, and hand on the .c1z file")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::v2;
    use crate::runner::Field;
    use crate::sync::{Code, ConnectorError, ResourceSyncer};

    struct Bare;

    impl Connector for Bare {
        fn metadata(&self) -> Answer<v2::ConnectorMetadata> {
            Ok(v2::ConnectorMetadata::default())
        }

        fn syncers(&self) -> Vec<Box<dyn ResourceSyncer + '_>> {
            Vec::new()
        }
    }

    fn refuse(_: &Config) -> Answer<Bare> {
        Err(ConnectorError::new(Code::Unauthenticated, "who is there?"))
    }

    fn words(job: &Job<'_>, line: &[&str]) -> Words {
        let args = std::iter::once("baton-acme").chain(line.iter().copied()).map(OsString::from);
        Words::parse(job.command().unwrap(), args, &job.common.specs()).unwrap()
    }

    #[test]
    fn capabilities_need_configuration_unless_there_is_a_connector_without_any() {
        let token = || Field::text("token").required();
        let runner = Runner::new("baton-acme").field(token());
        let job = Job::new(&runner);
        let error = job.described_by(&words(&job, &["capabilities"]), &|_| None).unwrap_err();
        assert_eq!(error.message(), "--token is missing");
        let config = job.described_by(&words(&job, &["capabilities", "--token=a"]), &|_| None).unwrap();
        assert_eq!(config.get(&token()), "a");
        assert!(job.describe(&config, refuse).unwrap_err().message().starts_with("unauthenticated: "));

        let runner = Runner::new("baton-acme").field(token()).unconfigured(Bare);
        let job = Job::new(&runner);
        let config = job.described_by(&words(&job, &["capabilities"]), &|_| None).unwrap();
        let described = job.describe(&config, refuse).unwrap();
        assert!(described.starts_with("{\n  \"@type\": ") && described.ends_with("}\n"), "{described}");
    }

    #[test]
    fn a_mistake_in_the_fields_is_the_connectors() {
        let runner = Runner::new("baton-acme").field(Field::text("file"));
        let error = Job::new(&runner).command().unwrap_err();
        assert_eq!(error.hints(), ["this is a bug of the connector"]);
    }

    #[test]
    fn whoever_asks_for_a_service_is_told_that_there_is_none() {
        let runner = Runner::new("baton-acme");
        let job = Job::new(&runner);
        assert!(refuse_service(&words(&job, &["-f", "x"]), &|_| None).is_ok());
        assert!(refuse_service(&words(&job, &[]), &|_| Some(OsString::new())).is_ok());
        for name in SERVICE {
            let error = refuse_service(&words(&job, &[&format!("--{name}")]), &|_| None).unwrap_err();
            assert_eq!(error.message(), format!("--{name}: this connector has no service mode"));
        }
        let set = |name: &str| (name == "BATON_CLIENT_ID").then(|| OsString::from("a"));
        assert!(refuse_service(&words(&job, &[]), &set).is_err());
    }
}

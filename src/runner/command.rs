//! The command line, as the argument parser wants it described.

use std::collections::BTreeMap;
use std::ffi::OsString;

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};
use clap_complete::Shell;

use super::Runner;
use super::field::{AnyField, Spec};
use super::flags::{Common, SERVICE};
use super::value::{Kind, Setting};

/// The sub-command that prints what the connector can do.
pub(super) const CAPABILITIES: &str = "capabilities";
/// The sub-command that prints the fields.
pub(super) const CONFIG: &str = "config";
/// The sub-command that prints a script for a shell.
pub(super) const COMPLETION: &str = "completion";
/// The sub-command that prints the version.
pub(super) const VERSION: &str = "version";

const OWN: &str = "Connector options";

/// The whole command line of a connector.
pub(super) fn command(runner: &Runner, common: &Common) -> Command {
    let own = || runner.fields.iter().map(|AnyField(spec)| argument(spec));
    let log = || common.log.specs().into_iter().map(argument);
    let capabilities = Command::new(CAPABILITIES)
        .about("Print what the connector can do, as baton_capabilities.json has it")
        .args(own())
        .args(log());
    let config = Command::new(CONFIG).about("Print the connector's fields, as config_schema.json has them");
    let completion = Command::new(COMPLETION)
        .about("Print a completion script for a shell")
        .arg(Arg::new("shell").value_parser(clap::value_parser!(Shell)).required(true).help("The shell"));
    let mut command = Command::new("connector")
        .display_name(runner.name.clone())
        .bin_name(runner.name.clone())
        .about(runner.about.clone())
        .version(runner.version)
        .disable_version_flag(true)
        .max_term_width(100)
        .after_help(after_help(runner, false))
        .after_long_help(after_help(runner, true))
        .args(own())
        .args(common.specs().into_iter().map(argument))
        .args(SERVICE.iter().map(|name| service(name)))
        .arg(version())
        .subcommands([capabilities, config, completion])
        .subcommand(Command::new(VERSION).about("Print the version"));
    if let Some(extra) = &runner.extra {
        command = command.subcommand(extra.command.clone());
    }
    command
}

fn version() -> Arg {
    let version = Arg::new("print-version").short('v').short_alias('V').long("version");
    version.action(ArgAction::Version).help("Print the version")
}

/// The flag of a field. It checks nothing: the same rules hold for variables.
fn argument(spec: &Spec) -> Arg {
    let value = if spec.help.value.is_empty() { spec.kind.value_name() } else { spec.help.value };
    let argument = Arg::new(spec.name)
        .long(spec.name)
        .short(spec.help.short)
        .value_name(value)
        .value_parser(clap::value_parser!(OsString))
        .help(help(spec, spec.help.heading.is_empty()))
        .long_help(help(spec, true))
        .help_heading(if spec.help.heading.is_empty() { OWN } else { spec.help.heading })
        .hide_short_help(spec.help.long_only);
    match spec.kind {
        Kind::List => argument.action(ArgAction::Append),
        Kind::Flag => argument.action(ArgAction::SetTrue).value_parser(clap::value_parser!(bool)),
        Kind::Number => argument.action(ArgAction::Set).allow_negative_numbers(true),
        Kind::Text | Kind::Path => argument.action(ArgAction::Set),
    }
}

/// What a field is for, what it is by default, and with `variable` how the environment says it.
fn help(spec: &Spec, variable: bool) -> String {
    let mut help = spec.description.clone();
    let mut add = |note: String| {
        if !help.is_empty() {
            help.push(' ');
        }
        help.push_str(&note);
    };
    match &spec.default {
        Some(Setting::Flag(false)) => {}
        Some(default) if !spec.secret && !default.is_empty() => {
            add(format!("[default: {}]", default.texts().join(",")));
        }
        _ if spec.required => add("[required]".to_owned()),
        _ => {}
    }
    if variable {
        add(format!("[${}]", spec.variable));
    }
    help
}

/// A flag that is known only to be refused.
fn service(name: &'static str) -> Arg {
    let flag = Arg::new(name).long(name).hide(true).num_args(0..=1);
    flag.allow_hyphen_values(true).value_parser(clap::value_parser!(OsString))
}

fn after_help(runner: &Runner, long: bool) -> String {
    let name = &runner.name;
    let mut text = format!(
        "\
Every option --some-name may also be set as BATON_SOME_NAME; a flag wins.

Examples:
  {name} -f sync.c1z                                  sync all there is into sync.c1z
  {name} --sync-resource-types user                   only users
  {name} capabilities > baton_capabilities.json
"
    );
    if long {
        text.push_str(&format!(
            "  {name} --grant-entitlement group:eng:member --grant-principal-type user --grant-principal 7\n  \
             {name} --create-account-login ada --create-account-email ada@corp.example --show-secrets\n"
        ));
    } else {
        text.push_str(&format!("\n{name} --help tells of provisioning, events and actions.\n"));
    }
    text.push_str("\nExit codes: 0 done, 2 trouble, 130 stopped by a signal.");
    text
}

/// The words of a command line: what the parser made of them, and what flags were said to be.
#[derive(Debug)]
pub(super) struct Words {
    matches: ArgMatches,
    said: BTreeMap<&'static str, OsString>,
}

impl Words {
    /// Lets the parser at a command line.
    ///
    /// A parser's flag has no value, so that the help shows none; but scripts write `--flag=false`.
    pub(super) fn parse(
        command: Command,
        args: impl IntoIterator<Item = OsString>,
        specs: &[&Spec],
    ) -> Result<Self, clap::Error> {
        let mut said = BTreeMap::new();
        let mut left = Vec::new();
        let mut args = args.into_iter().peekable();
        while let Some(arg) = args.next() {
            if arg == "--" {
                left.push(arg);
                left.extend(args);
                break;
            }
            let flags = || specs.iter().filter(|spec| spec.kind == Kind::Flag);
            let text = arg.to_str().and_then(|text| text.strip_prefix("--")).unwrap_or_default();
            let (name, value) =
                text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
            match (flags().find(|spec| spec.name == name), value) {
                (Some(spec), Some(value)) => drop(said.insert(spec.name, value.into())),
                (Some(spec), None) if spec.help.loose => {
                    let value = args.next_if(|next| next == "true" || next == "false");
                    said.insert(spec.name, value.unwrap_or("true".into()));
                }
                _ => left.push(arg),
            }
        }
        Ok(Self { matches: command.try_get_matches_from(left)?, said })
    }

    /// The sub-command, if there is one, and its own words.
    pub(super) fn subcommand(&self) -> Option<(&str, &ArgMatches)> {
        self.matches.subcommand()
    }

    /// What is said about one flag, before or after the name of a sub-command.
    pub(super) fn given(&self, name: &str) -> Option<Vec<OsString>> {
        let said = self.said.get(name).map(|value| vec![value.clone()]);
        said.or_else(|| given(&self.matches, name))
    }
}

fn given(matches: &ArgMatches, name: &str) -> Option<Vec<OsString>> {
    let below = matches.subcommand().and_then(|(_, matches)| given(matches, name));
    below.or_else(|| {
        let known = matches.try_contains_id(name).unwrap_or(false);
        if !known || matches.value_source(name) != Some(ValueSource::CommandLine) {
            return None;
        }
        match matches.try_get_raw(name).ok()? {
            Some(values) => Some(values.map(ToOwned::to_owned).collect()),
            None => Some(vec!["true".into()]),
        }
    })
}

#[cfg(test)]
mod tests;

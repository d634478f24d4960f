//! What the fields were set to: by a flag, else by a variable, else by their default.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;

use super::field::{AnyField, Field, Spec};
use super::value::{Setting, Value};
use crate::ui::CommandError;

/// The values of all fields of a connector.
///
/// ```
/// use baton::runner::{Config, Field};
///
/// let token = Field::text("token").secret();
/// let config = Config::default().with(&token, "abc");
/// assert_eq!(config.get(&token), "abc");
/// ```
#[derive(Clone, Default)]
pub struct Config {
    entries: BTreeMap<&'static str, Entry>,
}

#[derive(Clone)]
struct Entry {
    value: Setting,
    given: Option<Given>,
    secret: bool,
}

/// Who set a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Given {
    Flag,
    Variable,
}

/// What the words of a command line say about flags: none for one that is not there.
pub(super) type Flags<'a> = &'a dyn Fn(&str) -> Option<Vec<OsString>>;
/// What the environment says about variables.
pub(super) type Variables<'a> = &'a dyn Fn(&str) -> Option<OsString>;

impl Config {
    /// The value of a field; when nobody set it, the default that it was declared with, else nothing: an empty text,
    /// no, zero.
    #[must_use]
    pub fn get<T: Value>(&self, field: &Field<T>) -> T {
        self.find(field).unwrap_or_default()
    }

    /// The value of a field; `None` when it is empty, or nobody set it and it has no default.
    #[must_use]
    pub fn find<T: Value>(&self, field: &Field<T>) -> Option<T> {
        let spec = field.spec();
        let value = match self.entries.get(spec.name) {
            Some(entry) => Some(&entry.value),
            None => spec.default.as_ref(),
        };
        value.filter(|value| !value.is_empty()).and_then(T::of)
    }

    /// Sets a field, for tests of connectors.
    #[must_use]
    pub fn with<T: Value>(mut self, field: &Field<T>, value: impl Into<T>) -> Self {
        let spec = field.spec();
        let value = value.into().into_setting();
        self.entries.insert(spec.name, Entry { value, given: Some(Given::Flag), secret: spec.secret });
        self
    }

    /// Whether a flag or a variable sets the field, be it to its default; `--flag=false` does not.
    pub(super) fn is_given<T: Value>(&self, field: &Field<T>) -> bool {
        let entry = self.entries.get(field.spec().name);
        entry.is_some_and(|entry| entry.given.is_some() && entry.value != Setting::Flag(false))
    }

    /// How the field was set, in words for an error: the flag, or the variable.
    pub(super) fn origin<T: Value>(&self, field: &Field<T>) -> String {
        let spec = field.spec();
        let entry = self.entries.get(spec.name);
        source(spec, entry.and_then(|entry| entry.given).unwrap_or(Given::Flag))
    }

    /// Reads and checks all fields.
    ///
    /// # Errors
    /// One usage error that names every field which is missing, or breaks a rule.
    pub(super) fn read<'s>(
        specs: impl IntoIterator<Item = &'s Spec>,
        flags: Flags<'_>,
        variables: Variables<'_>,
    ) -> Result<Self, CommandError> {
        let (mut config, mut wrong, mut missing) = (Self::default(), Vec::new(), Vec::new());
        for spec in specs {
            match entry(spec, flags, variables) {
                Err(words) => wrong.push(words),
                Ok(entry) if spec.required && entry.as_ref().is_none_or(|entry| entry.value.is_empty()) => {
                    missing.push(spec);
                }
                Ok(entry) => config.entries.extend(entry.map(|entry| (spec.name, entry))),
            }
        }
        match (wrong.is_empty(), missing.is_empty()) {
            (true, true) => Ok(config),
            (true, false) => Err(missing_error(&missing)),
            (false, _) => Err(CommandError::usage(wrong.join("; "))),
        }
    }
}

/// Secrets stay secret.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (name, entry) in &self.entries {
            match entry.secret {
                true => map.entry(name, &"***"),
                false => map.entry(name, &entry.value.texts().join(",")),
            };
        }
        map.finish()
    }
}

/// The value of one field, and who set it.
fn entry(spec: &Spec, flags: Flags<'_>, variables: Variables<'_>) -> Result<Option<Entry>, String> {
    let entry = |value, given| Some(Entry { value, given, secret: spec.secret });
    let variable = || variables(&spec.variable).filter(|value| !value.is_empty());
    let (raw, given) = match (flags(spec.name), variable()) {
        (Some(raw), _) => (raw, Given::Flag),
        (None, Some(raw)) => (vec![raw], Given::Variable),
        (None, None) => return Ok(spec.default.clone().and_then(|value| entry(value, None))),
    };
    let read = Setting::read(spec.kind, &raw);
    let value = read.map_err(|broken| {
        let raw = raw.last().map(|raw| raw.to_string_lossy().into_owned());
        complaint(spec, given, raw.as_deref().unwrap_or_default(), &broken)
    })?;
    match spec.check(&value) {
        Ok(()) => Ok(entry(value, Some(given))),
        Err(broken) => Err(complaint(spec, given, &value.texts().join(","), &broken)),
    }
}

fn source(spec: &Spec, given: Given) -> String {
    match given {
        Given::Flag => format!("--{}", spec.name),
        Given::Variable => spec.variable.clone(),
    }
}

fn complaint(spec: &Spec, given: Given, value: &str, broken: &str) -> String {
    let source = source(spec, given);
    match (spec.secret, broken.starts_with("must")) {
        (true, _) => format!("{source} {broken}"),
        (false, true) => format!("{source} is '{value}', but {broken}"),
        (false, false) => format!("{source} is '{value}', which {broken}"),
    }
}

fn missing_error(missing: &[&Spec]) -> CommandError {
    let flags: Vec<String> = missing.iter().map(|spec| format!("--{}", spec.name)).collect();
    let variables: Vec<&str> = missing.iter().map(|spec| &*spec.variable).collect();
    let verb = if missing.len() == 1 { "is" } else { "are" };
    CommandError::usage(format!("{} {verb} missing", flags.join(" and ")))
        .hint(format!("the environment may say it too: {}", variables.join(", ")))
}

/// What is wrong with the fields themselves: two of one name, or a default that breaks its rule.
pub(super) fn fault(own: &[AnyField], others: &[&Spec], reserved: &[&str]) -> Option<String> {
    let mut names: Vec<&str> = others.iter().map(|spec| spec.name).chain(reserved.iter().copied()).collect();
    for AnyField(spec) in own {
        if names.contains(&spec.name) {
            return Some(format!(
                "the field {:?} is declared twice, or a flag of every connector",
                spec.name
            ));
        }
        names.push(spec.name);
        if let Some(fault) = spec.fault() {
            return Some(fault);
        }
    }
    None
}

#[cfg(test)]
mod tests;

//! Fields: what a connector wants to be told, each a flag and a variable, with its type and its rules.

use std::fmt;
use std::marker::PhantomData;
use std::ops::RangeInclusive;

use super::value::{Kind, Setting, Value};

/// Something that a connector wants to be told, such as a token or an address.
///
/// The field `some-name` is the flag `--some-name` and the environment variable `BATON_SOME_NAME`; the flag comes
/// first, then the variable, then the default.
///
/// ```
/// use baton::runner::Field;
///
/// let token = Field::text("token").describe("A token that may read users").secret().required();
/// let pages = Field::number("page-size").describe("Users per page").default(100).range(1..=500);
/// let areas = Field::list("areas").describe("Only these areas").each_of(["north", "south"]);
/// ```
#[derive(Debug, Clone)]
pub struct Field<T> {
    spec: Spec,
    kind: PhantomData<T>,
}

impl Field<String> {
    /// A text.
    #[must_use]
    pub fn text(name: &'static str) -> Self {
        Self::new(name)
    }

    /// Only one of these.
    #[must_use]
    pub fn one_of<V: Into<String>>(mut self, values: impl IntoIterator<Item = V>) -> Self {
        self.spec.rules.among = values.into_iter().map(Into::into).collect();
        self
    }

    /// Only texts of so many characters.
    #[must_use]
    pub fn length(mut self, characters: RangeInclusive<u32>) -> Self {
        self.spec.rules.range = Some(i64::from(*characters.start())..=i64::from(*characters.end()));
        self
    }
}

impl Field<bool> {
    /// Yes or no; no, unless something else is said.
    #[must_use]
    pub fn flag(name: &'static str) -> Self {
        Self::new(name)
    }
}

impl Field<i64> {
    /// A whole number.
    #[must_use]
    pub fn number(name: &'static str) -> Self {
        Self::new(name)
    }

    /// Only numbers from the one to the other.
    #[must_use]
    pub fn range(mut self, range: RangeInclusive<i64>) -> Self {
        self.spec.rules.range = Some(range);
        self
    }
}

impl Field<Vec<String>> {
    /// Texts, separated by commas; quotes keep a comma inside one. The flag may also be given several times.
    #[must_use]
    pub fn list(name: &'static str) -> Self {
        Self::new(name)
    }

    /// Only so many.
    #[must_use]
    pub fn items(mut self, items: RangeInclusive<u32>) -> Self {
        self.spec.rules.range = Some(i64::from(*items.start())..=i64::from(*items.end()));
        self
    }

    /// Only these.
    #[must_use]
    pub fn each_of<V: Into<String>>(mut self, values: impl IntoIterator<Item = V>) -> Self {
        self.spec.rules.among = values.into_iter().map(Into::into).collect();
        self
    }
}

impl Field<std::path::PathBuf> {
    /// A file or a folder.
    #[must_use]
    pub fn path(name: &'static str) -> Self {
        Self::new(name)
    }
}

impl<T: Value> Field<T> {
    fn new(name: &'static str) -> Self {
        let spec = Spec {
            name,
            variable: format!("BATON_{}", name.replace('-', "_").to_uppercase()),
            label: String::new(),
            description: String::new(),
            placeholder: String::new(),
            kind: T::KIND,
            default: None,
            required: false,
            secret: false,
            rules: Rules::default(),
            help: Help::default(),
        };
        Self { spec, kind: PhantomData }
    }

    /// What it is, in a line for the help.
    #[must_use]
    pub fn describe(mut self, description: impl Into<String>) -> Self {
        self.spec.description = description.into();
        self
    }

    /// Its name in forms, such as `API token`.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.spec.label = label.into();
        self
    }

    /// An example for forms.
    #[must_use]
    pub fn placeholder(mut self, placeholder: impl Into<String>) -> Self {
        self.spec.placeholder = placeholder.into();
        self
    }

    /// What it is when nobody says.
    #[must_use]
    pub fn default(mut self, value: impl Into<T>) -> Self {
        self.spec.default = Some(value.into().into_setting());
        self
    }

    /// Nothing goes without it.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.spec.required = true;
        self
    }

    /// It is never shown, neither in errors nor by `Debug`.
    #[must_use]
    pub fn secret(mut self) -> Self {
        self.spec.secret = true;
        self
    }

    /// Another environment variable than that of its name.
    #[must_use]
    pub fn variable(mut self, name: impl Into<String>) -> Self {
        self.spec.variable = name.into();
        self
    }

    /// How the help shows it.
    pub(super) fn help(mut self, help: Help) -> Self {
        self.spec.help = help;
        self
    }

    pub(super) fn spec(&self) -> &Spec {
        &self.spec
    }
}

/// A field of any type, as [`Runner::field`](super::Runner::field) takes it.
#[derive(Debug, Clone)]
pub struct AnyField(pub(super) Spec);

impl<T: Value> From<&Field<T>> for AnyField {
    fn from(field: &Field<T>) -> Self {
        Self(field.spec.clone())
    }
}

impl<T: Value> From<Field<T>> for AnyField {
    fn from(field: Field<T>) -> Self {
        Self(field.spec)
    }
}

/// A field without its type in the language.
#[derive(Debug, Clone)]
pub(super) struct Spec {
    pub(super) name: &'static str,
    pub(super) variable: String,
    pub(super) label: String,
    pub(super) description: String,
    pub(super) placeholder: String,
    pub(super) kind: Kind,
    pub(super) default: Option<Setting>,
    pub(super) required: bool,
    pub(super) secret: bool,
    pub(super) rules: Rules,
    pub(super) help: Help,
}

impl Spec {
    /// Checks a value that somebody gave; an empty one breaks no rule.
    pub(super) fn check(&self, value: &Setting) -> Result<(), String> {
        if value.is_empty() { Ok(()) } else { self.rules.check(value) }
    }

    /// What is wrong with the field itself, a mistake of its author.
    pub(super) fn fault(&self) -> Option<String> {
        let well_named = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !self.name.bytes().all(well_named)
            || !self.name.starts_with(|first: char| first.is_ascii_lowercase())
        {
            return Some(format!("the field {:?} is not named like `some-name`", self.name));
        }
        let default = self.default.as_ref()?;
        let broken = self.check(default).err()?;
        Some(format!("the default of the field {:?} breaks its own rule: it {broken}", self.name))
    }
}

/// How the help shows a field.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Help {
    /// Under which heading; that of the connector's own fields if empty.
    pub(super) heading: &'static str,
    /// The name of the value, such as `FILE`; after the type of the field if empty.
    pub(super) value: &'static str,
    /// The flag of one letter.
    pub(super) short: Option<char>,
    /// Only `--help` shows it, not `-h`.
    pub(super) long_only: bool,
    /// Its yes or no may follow as a word of its own.
    pub(super) loose: bool,
}

/// What a value must be like.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Rules {
    /// One of these; of a list, each item.
    pub(super) among: Vec<String>,
    /// A number itself, the characters of a text, the items of a list.
    pub(super) range: Option<RangeInclusive<i64>>,
}

impl Rules {
    /// The error continues a sentence about the value, such as `must be one of a, b`.
    fn check(&self, value: &Setting) -> Result<(), String> {
        let texts = value.texts();
        if !self.among.is_empty() && texts.iter().any(|text| !self.among.contains(text)) {
            return Err(self.to_string());
        }
        let measure = match value {
            Setting::Number(number) => *number,
            Setting::Text(text) => i64::try_from(text.chars().count()).unwrap_or(i64::MAX),
            Setting::List(items) => i64::try_from(items.len()).unwrap_or(i64::MAX),
            Setting::Flag(_) | Setting::Path(_) => return Ok(()),
        };
        match &self.range {
            Some(range) if !range.contains(&measure) => {
                let what = match value {
                    Setting::Text(_) => " characters",
                    Setting::List(_) => " items",
                    _ => "",
                };
                Err(format!("{}{what}", Range(range, value)))
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "must be one of {}", self.among.join(", "))
    }
}

struct Range<'a>(&'a RangeInclusive<i64>, &'a Setting);

impl fmt::Display for Range<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = if matches!(self.1, Setting::Number(_)) { "be" } else { "have" };
        write!(f, "must {verb} between {} and {}", self.0.start(), self.0.end())
    }
}

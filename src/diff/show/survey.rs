//! How many changes there are of each class: the summary, `--stat` and `--fail-on` count by it.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::{Difference, Side};
use crate::diff::{Change, Kind, Records};
use crate::model::facts::{ResourceFacts, Status};
use crate::store::Error;

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// Who holds what.
    Grants,
    /// Resources with a user trait.
    Accounts,
    /// All other resources.
    Resources,
    /// What resources offer.
    Entitlements,
    /// What resources there can be.
    ResourceTypes,
}

impl Subject {
    pub(super) const ALL: [Self; 5] =
        [Self::Grants, Self::Accounts, Self::Resources, Self::Entitlements, Self::ResourceTypes];

    /// For one or for several.
    pub(super) fn noun(self, count: u64) -> &'static str {
        let (one, several) = match self {
            Self::Grants => ("grant", "grants"),
            Self::Accounts => ("account", "accounts"),
            Self::Resources => ("resource", "resources"),
            Self::Entitlements => ("entitlement", "entitlements"),
            Self::ResourceTypes => ("resource type", "resource types"),
        };
        if count == 1 { one } else { several }
    }

    /// The kind of records that these are.
    #[must_use]
    pub fn records(self) -> Records {
        match self {
            Self::Grants => Records::Grants,
            Self::Accounts | Self::Resources => Records::Resources,
            Self::Entitlements => Records::Entitlements,
            Self::ResourceTypes => Records::ResourceTypes,
        }
    }
}

/// What happened to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Turn {
    /// It came.
    Added,
    /// It went.
    Removed,
    /// An account that is disabled or deleted upstream, and was not.
    Disabled,
    /// An account that was, and is no longer.
    Enabled,
    /// Anything else about it changed.
    Modified,
}

impl Turn {
    pub(super) const ALL: [Self; 5] =
        [Self::Added, Self::Removed, Self::Disabled, Self::Enabled, Self::Modified];

    /// The word of `--fail-on`.
    fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Disabled => "disabled",
            Self::Enabled => "enabled",
            Self::Modified => "modified",
        }
    }

    /// The word of summaries.
    fn said(self) -> &'static str {
        if self == Self::Modified { "changed" } else { self.word() }
    }
}

/// What every change is exactly one of, such as `added-grants`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Class {
    /// What changed.
    pub subject: Subject,
    /// How.
    pub turn: Turn,
}

impl Class {
    /// Every class, as [`fmt::Display`] names it.
    pub fn all() -> impl Iterator<Item = Self> {
        let possible = |&turn: &Turn, subject| {
            subject == Subject::Accounts || !matches!(turn, Turn::Disabled | Turn::Enabled)
        };
        Subject::ALL.into_iter().flat_map(move |subject| {
            let turns = Turn::ALL.into_iter().filter(move |turn| possible(turn, subject));
            turns.map(move |turn| Self { subject, turn })
        })
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.turn.word(), self.subject.noun(2).replace(' ', "-"))
    }
}

impl FromStr for Class {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::all().find(|class| class.to_string() == text).ok_or_else(|| {
            let all: Vec<_> = Self::all().map(|class| class.to_string()).collect();
            format!("the words are {}", all.join(", "))
        })
    }
}

/// The counts of one resource type, by [`Turn`].
pub(super) type Counts = BTreeMap<Turn, u64>;

/// The classes of all changes, in their order, and how many there are of each.
#[derive(Debug, Default)]
pub struct Survey {
    classes: Vec<Class>,
    kinds: BTreeMap<(Subject, Box<[u8]>), Counts>,
}

impl Survey {
    /// Looks at every change; of those of accounts at both records.
    ///
    /// # Errors
    /// [`Error`]
    pub fn of(difference: &Difference<'_>) -> Result<Self, Error> {
        let mut survey = Self::default();
        for change in &difference.changes {
            let (subject, turn, kind) = classify(difference, change)?;
            survey.classes.push(Class { subject, turn });
            *survey.kinds.entry((subject, kind)).or_default().entry(turn).or_default() += 1;
        }
        Ok(survey)
    }

    /// How many changes are of one class.
    #[must_use]
    pub fn count(&self, class: Class) -> u64 {
        let counts = self.kinds.iter().filter(|((subject, _), _)| *subject == class.subject);
        counts.filter_map(|(_, counts)| counts.get(&class.turn)).sum()
    }

    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.classes.is_empty()
    }

    /// `12 grants added, 3 removed; 1 account disabled`, or `no differences`.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut parts = Vec::new();
        for subject in Subject::ALL {
            let counts = Turn::ALL.map(|turn| (turn, self.count(Class { subject, turn })));
            parts.extend(said(counts.into_iter(), Some(subject)));
        }
        if parts.is_empty() { "no differences".to_owned() } else { parts.join("; ") }
    }

    /// The class of the change at this place.
    pub(super) fn class(&self, place: usize) -> Option<Class> {
        self.classes.get(place).copied()
    }

    /// The places of the changes of these classes, in their order.
    pub(super) fn places(&self, wanted: impl Fn(Class) -> bool) -> impl Iterator<Item = usize> {
        let classes = self.classes.iter().enumerate();
        classes.filter(move |(_, class)| wanted(**class)).map(|(place, _)| place)
    }

    /// The counts by subject and resource type, sorted.
    pub(super) fn kinds(&self) -> impl Iterator<Item = (Subject, &[u8], &Counts)> {
        self.kinds.iter().map(|((subject, kind), counts)| (*subject, &**kind, counts))
    }
}

/// `3 grants added, 1 changed`; without a subject `3 added, 1 changed`. `None` when nothing happened.
pub(super) fn said(counts: impl Iterator<Item = (Turn, u64)>, subject: Option<Subject>) -> Option<String> {
    let mut noun = subject;
    let parts: Vec<_> = counts
        .filter(|(_, count)| *count > 0)
        .map(|(turn, count)| match noun.take() {
            Some(subject) => format!("{count} {} {}", subject.noun(count), turn.said()),
            None => format!("{count} {}", turn.said()),
        })
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// The class of a change, and the resource type that it is counted under: that of the resource itself, or of the one
/// that offers the entitlement; none for resource types.
fn classify(difference: &Difference<'_>, change: &Change) -> Result<(Subject, Turn, Box<[u8]>), Error> {
    let turn = match change.kind {
        Kind::Created => Turn::Added,
        Kind::Deleted => Turn::Removed,
        Kind::Modified => Turn::Modified,
    };
    let (subject, turn) = match change.records {
        Records::Grants => (Subject::Grants, turn),
        Records::Entitlements => (Subject::Entitlements, turn),
        Records::ResourceTypes => (Subject::ResourceTypes, turn),
        Records::Resources => classify_resource(difference, change, turn)?,
    };
    Ok((subject, turn, kind_of(difference, change)?.unwrap_or_default()))
}

fn kind_of(difference: &Difference<'_>, change: &Change) -> Result<Option<Box<[u8]>>, Error> {
    let Some((view, place)) = difference.latest(change) else { return Ok(None) };
    let snapshot = view.snapshot();
    match change.records {
        Records::Grants => snapshot.grant_at(place, |grant| grant.resource.kind.into()),
        Records::Entitlements => snapshot.entitlement_at(place, |item| item.resource.kind.into()),
        Records::Resources => snapshot.resource_at(place, |resource| resource.key.kind.into()),
        Records::ResourceTypes => Ok(None),
    }
}

/// Whether a resource is an account, and whether one was disabled or enabled.
fn classify_resource(
    difference: &Difference<'_>,
    change: &Change,
    turn: Turn,
) -> Result<(Subject, Turn), Error> {
    let old = Account::at(difference, change, Side::Old)?;
    let new = Account::at(difference, change, Side::New)?;
    if !old.user && !new.user {
        return Ok((Subject::Resources, turn));
    }
    let turn = match (old.is_active(), new.is_active()) {
        _ if !has_status(change) => turn,
        (true, false) => Turn::Disabled,
        (false, true) => Turn::Enabled,
        _ => turn,
    };
    Ok((Subject::Accounts, turn))
}

/// Whether a status is among the fields that differ; it may be one that is not compared.
pub(super) fn has_status(change: &Change) -> bool {
    change.fields.iter().any(|field| field.path.rsplit('.').next() == Some("status"))
}

/// What makes a resource an account, and whether it is in use.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Account {
    pub(super) user: bool,
    pub(super) status: Option<Status>,
}

impl Account {
    /// One side of a change; nothing where that side has no such record, or one that cannot be read.
    pub(super) fn at(difference: &Difference<'_>, change: &Change, side: Side) -> Result<Self, Error> {
        let Some((view, place)) = difference.side(change, side) else { return Ok(Self::default()) };
        let found = view.snapshot().resource_at(place, |resource| {
            let facts = ResourceFacts::read(resource.message).unwrap_or_default();
            Self { user: facts.user, status: facts.status }
        })?;
        Ok(found.unwrap_or_default())
    }

    /// An account without a status is taken to be in use.
    fn is_active(self) -> bool {
        !matches!(self.status, Some(Status::Disabled | Status::Deleted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_have_names() {
        let names: Vec<_> = Class::all().map(|class| class.to_string()).collect();
        assert_eq!(names.len(), 17);
        assert!(names.contains(&"added-grants".to_owned()));
        assert!(names.contains(&"disabled-accounts".to_owned()));
        assert!(names.contains(&"modified-resource-types".to_owned()));
        assert!(!names.contains(&"disabled-grants".to_owned()));
        for class in Class::all() {
            assert_eq!(class.to_string().parse(), Ok(class));
        }
        assert!("new-grants".parse::<Class>().unwrap_err().contains("added-grants, "));
    }

    #[test]
    fn a_summary_names_each_subject_once() {
        let mut survey = Survey::default();
        assert_eq!(survey.summary(), "no differences");
        let mut add = |subject, kind: &[u8], turn, count| {
            survey.kinds.entry((subject, kind.into())).or_default().insert(turn, count);
        };
        add(Subject::Grants, b"app", Turn::Added, 11);
        add(Subject::Grants, b"role", Turn::Added, 1);
        add(Subject::Grants, b"role", Turn::Removed, 3);
        add(Subject::Accounts, b"user", Turn::Disabled, 1);
        add(Subject::Accounts, b"user", Turn::Modified, 2);
        add(Subject::ResourceTypes, b"x", Turn::Modified, 1);
        assert_eq!(
            survey.summary(),
            "12 grants added, 3 removed; 1 account disabled, 2 changed; 1 resource type changed"
        );
    }
}

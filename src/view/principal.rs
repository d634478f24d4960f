//! Who `alice@corp` is, and who is the same person elsewhere.

use std::collections::HashMap;

use super::{Error, Filter, Near, View};
use crate::model::facts::ResourceFacts;
use crate::model::keys::ResourceKey;
use crate::store::{self, GrantFilter, ResourceFilter};

/// The type and id of a principal, or of any resource, with texts of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Person {
    kind: Vec<u8>,
    id: Vec<u8>,
}

impl Person {
    /// Copies a key.
    #[must_use]
    pub fn of(key: ResourceKey<'_>) -> Self {
        Self { kind: key.kind.to_vec(), id: key.id.to_vec() }
    }

    /// Type and id.
    #[must_use]
    pub fn key(&self) -> ResourceKey<'_> {
        ResourceKey { kind: &self.kind, id: &self.id }
    }

    /// `type/id`, for messages.
    #[must_use]
    pub fn name(&self) -> String {
        String::from_utf8_lossy(&self.key().to_name()).into_owned()
    }
}

/// A principal that cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum PrincipalError {
    /// Nobody is called that.
    #[error("{file}: nobody is known as '{wanted}'")]
    Unknown {
        /// The file.
        file: String,
        /// What was asked for.
        wanted: String,
        /// What may have been meant.
        near: Vec<String>,
    },
    /// Several are.
    #[error("{file}: '{wanted}' is the name of several: {}", matches.join(", "))]
    Ambiguous {
        /// The file.
        file: String,
        /// What was asked for.
        wanted: String,
        /// They, as `type/id`.
        matches: Vec<String>,
    },
    /// The file cannot be read.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl View<'_> {
    /// Finds the principal that `wanted` names: `type/id`, an e-mail address, a login or an exact display name.
    ///
    /// # Errors
    /// [`PrincipalError`]
    pub fn principal(&self, wanted: &str) -> Result<Person, PrincipalError> {
        let spelled = self.spelled_out(wanted)?;
        if let Some(person) = &spelled
            && self.exists(person.key())?
        {
            return Ok(person.clone());
        }
        let mut matches = self.known_as(wanted)?;
        match (matches.len(), matches.pop()) {
            (1, Some(person)) => Ok(person),
            (0, _) => Err(self.unknown(wanted)?),
            (_, last) => Err(PrincipalError::Ambiguous {
                file: self.snapshot.reader().file().to_owned(),
                wanted: wanted.to_owned(),
                matches: matches.iter().chain(&last).map(Person::name).collect(),
            }),
        }
    }

    /// `type/id`, split at the first slash whose left side is a resource type: ids hold slashes, and types may.
    ///
    /// # Errors
    /// [`store::Error`]
    pub fn spelled_out(&self, text: &str) -> Result<Option<Person>, store::Error> {
        for (place, _) in text.match_indices('/') {
            let (kind, rest) = text.split_at(place);
            if self.snapshot.resource_type(kind.as_bytes(), |_| ())?.is_some() {
                let id = rest.get(1..).unwrap_or_default();
                return Ok(Some(Person { kind: kind.into(), id: id.into() }));
            }
        }
        // Resources of a type that the file does not declare are found by the first slash.
        Ok(text.split_once('/').map(|(kind, id)| Person { kind: kind.into(), id: id.into() }))
    }

    /// Whether there is such a resource, or a grant to one that is missing.
    ///
    /// # Errors
    /// [`store::Error`]
    pub fn exists(&self, key: ResourceKey<'_>) -> Result<bool, store::Error> {
        if self.snapshot.resource(key, |_| ())?.is_some() {
            return Ok(true);
        }
        let filter = GrantFilter { principal: Some(key), ..Default::default() };
        Ok(self.snapshot.grant(&filter, |_| ())?.is_some())
    }

    /// All resources with this e-mail address (in any case), login or name.
    fn known_as(&self, wanted: &str) -> Result<Vec<Person>, store::Error> {
        let mut matches = Vec::new();
        let mut scan = self.snapshot.resources(&ResourceFilter::default())?;
        let mut rows = scan.rows()?;
        while rows
            .next(|resource| {
                let identity = Identity::read(resource.message);
                if identity.is_known_as(wanted) {
                    matches.push(Person::of(resource.key));
                }
            })?
            .is_some()
        {}
        matches.sort();
        matches.dedup();
        Ok(matches)
    }

    /// The error for a name that nobody has.
    ///
    /// # Errors
    /// [`store::Error`]
    pub fn unknown(&self, wanted: &str) -> Result<PrincipalError, store::Error> {
        // With a type spelled out, only ids of that type can have been meant.
        let mut spelled = self.spelled_out(wanted)?;
        if let Some(person) = &spelled
            && self.snapshot.resource_type(&person.kind, |_| ())?.is_none()
        {
            spelled = None;
        }
        let same_kind = |key: ResourceKey<'_>| spelled.as_ref().is_none_or(|person| person.kind == key.kind);
        let mut names = Near::of(wanted);
        let mut scan = self.snapshot.resources(&ResourceFilter::default())?;
        let mut rows = scan.rows()?;
        while rows
            .next(|resource| {
                let identity = Identity::read(resource.message);
                identity
                    .emails
                    .into_iter()
                    .chain(identity.login)
                    .chain(identity.name)
                    .for_each(|name| names.add(name));
                if same_kind(resource.key) {
                    names.add(Person::of(resource.key).name());
                }
            })?
            .is_some()
        {}
        Ok(PrincipalError::Unknown {
            file: self.snapshot.reader().file().to_owned(),
            wanted: wanted.to_owned(),
            near: names.finish(),
        })
    }

    /// The principals of `filter`'s grants with what they are known by.
    ///
    /// # Errors
    /// [`Error`]
    pub fn identities(&self, filter: &Filter) -> Result<Vec<(Person, Identity)>, Error> {
        let mut people = Vec::new();
        self.distinct_principals(filter, &mut |key, _| {
            let identity = self.snapshot.resource(key, |resource| Identity::read(resource.message))?;
            people.push((Person::of(key), identity.unwrap_or_default()));
            Ok(std::ops::ControlFlow::Continue(()))
        })?;
        Ok(people)
    }
}

/// What a principal is known by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    emails: Vec<String>,
    login: Option<String>,
    name: Option<String>,
}

impl Identity {
    /// Reads a `c1.connector.v2.Resource`.
    fn read(message: &[u8]) -> Self {
        let Ok(facts) = ResourceFacts::read(message) else { return Self::default() };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let some = |bytes: &[u8]| (!bytes.is_empty()).then(|| text(bytes));
        Self { emails: facts.emails().map(text).collect(), login: some(facts.login), name: some(facts.name) }
    }

    fn is_known_as(&self, wanted: &str) -> bool {
        let lower = wanted.to_lowercase();
        self.emails.iter().any(|email| email.to_lowercase() == lower)
            || self.login.as_deref() == Some(wanted)
            || self.name.as_deref() == Some(wanted)
    }
}

/// By what two principals are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// By type and id, e-mail address or login, in this order.
    Identity,
    /// By these, and at last by display name.
    Name,
}

/// For each of `base` the place of its counterpart in `compared`, and which of `compared` were found.
///
/// E-mail addresses compare in lower case. Linear in both lists.
#[must_use]
pub fn compare_by(
    base: &[(Person, Identity)],
    compared: &[(Person, Identity)],
    by: Match,
) -> (Vec<Option<usize>>, Vec<bool>) {
    let mut index: HashMap<Key, Vec<usize>> = HashMap::new();
    for (place, (person, identity)) in compared.iter().enumerate() {
        for key in keys(person, identity, by) {
            index.entry(key).or_default().push(place);
        }
    }
    let mut taken = vec![false; compared.len()];
    let mut found = vec![None; base.len()];
    // All matches by id come before any by e-mail, and so on: a weaker match must not take a stronger one's partner.
    for rank in 0..=3 {
        for (found, (person, identity)) in found.iter_mut().zip(base) {
            if found.is_some() {
                continue;
            }
            let mut candidates = keys(person, identity, by)
                .filter(|key| key.rank() == rank)
                .filter_map(|key| index.get(&key))
                .flatten();
            *found = candidates.find(|&&place| taken.get(place) == Some(&false)).copied();
            if let Some(slot) = found.and_then(|place| taken.get_mut(place)) {
                *slot = true;
            }
        }
    }
    (found, taken)
}

/// What a principal is found by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Id(Person),
    Email(String),
    Login(String),
    Name(String),
}

impl Key {
    /// 0 for the strongest.
    fn rank(&self) -> u8 {
        match self {
            Self::Id(_) => 0,
            Self::Email(_) => 1,
            Self::Login(_) => 2,
            Self::Name(_) => 3,
        }
    }
}

fn keys<'i>(person: &Person, identity: &'i Identity, by: Match) -> impl Iterator<Item = Key> + 'i {
    let id = Key::Id(person.clone());
    let emails = identity.emails.iter().map(|email| Key::Email(email.to_lowercase()));
    let login = identity.login.iter().cloned().map(Key::Login);
    let name = identity.name.iter().filter(move |_| by == Match::Name).cloned().map(Key::Name);
    std::iter::once(id).chain(emails).chain(login).chain(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(id: &str, email: &str, login: &str, name: &str) -> (Person, Identity) {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        (
            Person { kind: b"user".to_vec(), id: id.into() },
            Identity { emails: some(email).into_iter().collect(), login: some(login), name: some(name) },
        )
    }

    #[test]
    fn matches_by_id_then_address_then_login() {
        let base = [
            person("1", "", "", ""),
            person("2", "B@x", "", ""),
            person("3", "", "cc", ""),
            person("4", "", "", "D"),
        ];
        let compared = [
            person("9", "b@X", "", ""),
            person("8", "", "cc", ""),
            person("1", "", "", ""),
            person("7", "", "", "D"),
        ];
        let (found, taken) = compare_by(&base, &compared, Match::Identity);
        assert_eq!(found, [Some(2), Some(0), Some(1), None]);
        assert_eq!(taken, [true, true, true, false]);
        let (found, _) = compare_by(&base, &compared, Match::Name);
        assert_eq!(found[3], Some(3));
    }

    #[test]
    fn nobody_is_matched_twice() {
        let base = [person("1", "a@x", "", ""), person("2", "a@x", "", "")];
        let (found, _) = compare_by(&base, &[person("3", "a@x", "", "")], Match::Identity);
        assert_eq!(found, [Some(0), None]);
        // The second has a stronger claim than the first.
        let (found, _) = compare_by(&base, &[person("2", "a@x", "", "")], Match::Identity);
        assert_eq!(found, [None, Some(0)]);
    }
}

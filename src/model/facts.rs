//! What lists show about a record beyond its identity, taken from its message by a partial walk.
//!
//! Status, creation time and the like moved from traits to the resource itself over the years; a resource's own
//! value comes first, its trait's second.

use std::borrow::Cow;

use super::time::Instant;
use super::wire::{Fields, Malformed, Value};
use super::{any, descriptor};

/// Whether an account or another resource is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// In use.
    Enabled,
    /// Switched off.
    Disabled,
    /// Removed upstream, still listed.
    Deleted,
}

impl Status {
    /// The numbers are the same in `Status`, `UserTrait.Status` and `AgentTrait`.
    fn of(number: u64) -> Option<Self> {
        match number {
            1 => Some(Self::Enabled),
            2 => Some(Self::Disabled),
            3 => Some(Self::Deleted),
            _ => None,
        }
    }

    /// The word in lists.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Deleted => "deleted",
        }
    }
}

/// What lists show about a resource. Absent texts are empty.
#[derive(Debug, Clone, Default)]
pub struct ResourceFacts<'a> {
    /// The display name.
    pub name: &'a [u8],
    /// The description.
    pub description: &'a [u8],
    /// In use or not, where it is known.
    pub status: Option<Status>,
    /// When it was created upstream.
    pub created_at: Option<Instant>,
    /// Whether it carries a user trait.
    pub user: bool,
    /// The primary e-mail address, else the first one.
    pub email: &'a [u8],
    /// The user trait, for the other addresses.
    user_trait: &'a [u8],
    /// The login.
    pub login: &'a [u8],
    /// `human`, `service` or `system`.
    pub account_type: &'static str,
    /// When the account was last used.
    pub last_login: Option<Instant>,
}

/// Facts that traits carry for resources that lack their own.
#[derive(Debug, Default)]
struct TraitFacts {
    status: Option<Status>,
    created_at: Option<Instant>,
}

impl<'a> ResourceFacts<'a> {
    /// Reads a `c1.connector.v2.Resource`. A trait that does not parse counts as absent.
    ///
    /// # Errors
    /// [`Malformed`] when the resource itself does not parse.
    pub fn read(message: &'a [u8]) -> Result<Self, Malformed> {
        let mut facts = Self::default();
        let mut traits = TraitFacts::default();
        let mut walk = Fields::of(message);
        while let Some((number, value)) = walk.next_field()? {
            match (number, value) {
                (3, Value::Bytes(text)) => facts.name = text,
                (4, Value::Bytes(annotation)) => facts.annotation(annotation, &mut traits)?,
                (5, Value::Bytes(text)) => facts.description = text,
                (11, Value::Bytes(status)) => facts.status = Status::of(number_at(status, 1)?),
                (12, Value::Bytes(time)) => facts.created_at = Instant::read(time)?,
                _ => {}
            }
        }
        facts.status = facts.status.or(traits.status);
        facts.created_at = facts.created_at.or(traits.created_at);
        Ok(facts)
    }

    fn annotation(&mut self, annotation: &'a [u8], traits: &mut TraitFacts) -> Result<(), Malformed> {
        let (url, payload) = any::parts(annotation)?;
        // JSON keeps a payload that does not parse in base64; a list has nothing to show for it.
        let _ = match any::type_name(url) {
            b"c1.connector.v2.UserTrait" => self.user_trait(payload, traits),
            b"c1.connector.v2.AgentTrait" => {
                number_at(payload, 1).map(|number| traits.status = Status::of(number))
            }
            b"c1.connector.v2.SecretTrait" => secret_trait(payload, traits),
            _ => Ok(()),
        };
        Ok(())
    }

    fn user_trait(&mut self, payload: &'a [u8], traits: &mut TraitFacts) -> Result<(), Malformed> {
        self.user = true;
        self.user_trait = payload;
        let mut primary = false;
        let mut walk = Fields::of(payload);
        while let Some((number, value)) = walk.next_field()? {
            match (number, value) {
                (1, Value::Bytes(email)) => {
                    let is_primary = number_at(email, 2)? != 0;
                    if self.email.is_empty() || (is_primary && !primary) {
                        self.email = text_at(email, 1)?;
                        primary = is_primary;
                    }
                }
                (2, Value::Bytes(status)) => traits.status = Status::of(number_at(status, 1)?),
                (5, Value::Varint(number)) => self.account_type = account_type(number),
                (6, Value::Bytes(text)) => self.login = text,
                (8, Value::Bytes(time)) => traits.created_at = Instant::read(time)?,
                (9, Value::Bytes(time)) => self.last_login = Instant::read(time)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// All e-mail addresses, in the order of the record.
    pub fn emails(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let mut walk = Fields::of(self.user_trait);
        std::iter::from_fn(move || walk.next_field().ok().flatten())
            .filter(|(number, _)| *number == 1)
            .filter_map(|(_, value)| text_at(value.bytes(), 1).ok())
            .filter(|address| !address.is_empty())
    }

    /// How people know the resource: a user by e-mail, login, name; anything else by name. Empty when only the
    /// id is left.
    #[must_use]
    pub fn label(&self) -> &'a [u8] {
        let candidates: &[&'a [u8]] =
            if self.user { &[self.email, self.login, self.name] } else { &[self.name] };
        candidates.iter().copied().find(|text| !text.is_empty()).unwrap_or_default()
    }
}

fn secret_trait(payload: &[u8], traits: &mut TraitFacts) -> Result<(), Malformed> {
    let mut walk = Fields::of(payload);
    while let Some((number, value)) = walk.next_field()? {
        if let (2, Value::Bytes(time)) = (number, value) {
            traits.created_at = Instant::read(time)?;
        }
    }
    Ok(())
}

fn account_type(number: u64) -> &'static str {
    match number {
        1 => "human",
        2 => "service",
        3 => "system",
        _ => "",
    }
}

/// What lists show about an entitlement. Absent texts are empty.
#[derive(Debug, Clone, Default)]
pub struct EntitlementFacts<'a> {
    /// The display name.
    pub name: &'a [u8],
    /// The description.
    pub description: &'a [u8],
    /// The short name, such as `member`.
    pub slug: &'a [u8],
    /// `assignment`, `permission` or `ownership`.
    pub purpose: &'static str,
    /// The ids of the resource types whose resources can hold it.
    pub grantable_to: Vec<&'a [u8]>,
}

impl<'a> EntitlementFacts<'a> {
    /// Reads a `c1.connector.v2.Entitlement`.
    ///
    /// # Errors
    /// [`Malformed`] when the bytes do not parse.
    pub fn read(message: &'a [u8]) -> Result<Self, Malformed> {
        let mut facts = Self::default();
        let mut walk = Fields::of(message);
        while let Some((number, value)) = walk.next_field()? {
            match (number, value) {
                (3, Value::Bytes(text)) => facts.name = text,
                (4, Value::Bytes(text)) => facts.description = text,
                (5, Value::Bytes(kind)) => facts.grantable_to.push(text_at(kind, 1)?),
                (7, Value::Varint(number)) => facts.purpose = purpose(number),
                (8, Value::Bytes(text)) => facts.slug = text,
                _ => {}
            }
        }
        Ok(facts)
    }
}

fn purpose(number: u64) -> &'static str {
    match number {
        1 => "assignment",
        2 => "permission",
        3 => "ownership",
        _ => "",
    }
}

/// What lists show about a resource type. Absent texts are empty.
#[derive(Debug, Clone, Default)]
pub struct ResourceTypeFacts<'a> {
    /// The display name.
    pub name: &'a [u8],
    /// The description.
    pub description: &'a [u8],
    /// Such as `user`, `group`, `role`; a number that is unknown stays a number.
    pub traits: Vec<Cow<'static, [u8]>>,
}

impl<'a> ResourceTypeFacts<'a> {
    /// Reads a `c1.connector.v2.ResourceType`.
    ///
    /// # Errors
    /// [`Malformed`] when the bytes do not parse.
    pub fn read(message: &'a [u8]) -> Result<Self, Malformed> {
        let mut facts = Self::default();
        let mut walk = Fields::of(message);
        while let Some((number, value)) = walk.next_field()? {
            match (number, value) {
                (2, Value::Bytes(text)) => facts.name = text,
                (3, Value::Varint(number)) => facts.traits.push(trait_word(number)),
                (3, Value::Bytes(packed)) => {
                    let mut numbers = Fields::of(packed);
                    while let Some(number) = numbers.next_packed(0)? {
                        facts.traits.push(trait_word(number.varint()));
                    }
                }
                (5, Value::Bytes(text)) => facts.description = text,
                _ => {}
            }
        }
        Ok(facts)
    }
}

/// `TRAIT_SECURITY_INSIGHT` becomes `security_insight`.
fn trait_word(number: u64) -> Cow<'static, [u8]> {
    let name = descriptor::C1_CONNECTOR_V2_RESOURCETYPE_TRAIT.name(number as i32);
    match name.and_then(|name| name.strip_prefix("TRAIT_")) {
        Some(word) => Cow::Owned(word.to_ascii_lowercase().into_bytes()),
        None => Cow::Owned((number as i32).to_string().into_bytes()),
    }
}

/// The source entitlements of a `c1.connector.v2.GrantSources`, sorted, each once.
///
/// # Errors
/// [`Malformed`] when the bytes do not parse.
pub fn grant_sources(sources: &[u8]) -> Result<Vec<&[u8]>, Malformed> {
    let mut ids = Vec::new();
    let mut walk = Fields::of(sources);
    while let Some((number, value)) = walk.next_field()? {
        if let (1, Value::Bytes(entry)) = (number, value) {
            ids.push(text_at(entry, 1)?);
        }
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// The entitlements of a `c1.connector.v2.GrantExpandable` whose holders receive the grant's entitlement too.
///
/// # Errors
/// [`Malformed`] when the bytes do not parse.
pub fn expandable_ids(expandable: &[u8]) -> Result<Vec<&[u8]>, Malformed> {
    let mut ids = Vec::new();
    let mut walk = Fields::of(expandable);
    while let Some((number, value)) = walk.next_field()? {
        if let (1, Value::Bytes(id)) = (number, value) {
            ids.push(id);
        }
    }
    Ok(ids)
}

fn text_at(message: &[u8], field: u32) -> Result<&[u8], Malformed> {
    let mut text: &[u8] = &[];
    let mut walk = Fields::of(message);
    while let Some((number, value)) = walk.next_field()? {
        if let (true, Value::Bytes(bytes)) = (number == field, value) {
            text = bytes;
        }
    }
    Ok(text)
}

fn number_at(message: &[u8], field: u32) -> Result<u64, Malformed> {
    let mut found = 0;
    let mut walk = Fields::of(message);
    while let Some((number, value)) = walk.next_field()? {
        if let (true, Value::Varint(varint)) = (number == field, value) {
            found = varint;
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::super::v2;
    use super::*;
    use prost::Message as _;

    fn annotated<M: prost::Message>(name: &str, annotation: &M) -> v2::Resource {
        let any = prost_types::Any {
            type_url: format!("type.googleapis.com/c1.connector.v2.{name}"),
            value: annotation.encode_to_vec(),
        };
        v2::Resource { display_name: "Ada".into(), annotations: vec![any], ..Default::default() }
    }

    fn email(address: &str, is_primary: bool) -> v2::user_trait::Email {
        v2::user_trait::Email { address: address.into(), is_primary }
    }

    #[test]
    fn the_primary_address_comes_first() {
        let mut user = v2::UserTrait {
            emails: vec![email("a@x", false), email("b@x", true), email("c@x", true)],
            login: "ada".into(),
            account_type: 2,
            ..Default::default()
        };
        let bytes = annotated("UserTrait", &user).encode_to_vec();
        let facts = ResourceFacts::read(&bytes).unwrap();
        assert_eq!((facts.email, facts.login, facts.account_type), (&b"b@x"[..], &b"ada"[..], "service"));
        assert_eq!(facts.label(), b"b@x");
        user.emails.truncate(1);
        let bytes = annotated("UserTrait", &user).encode_to_vec();
        assert_eq!(ResourceFacts::read(&bytes).unwrap().label(), b"a@x");
        user.emails.clear();
        let bytes = annotated("UserTrait", &user).encode_to_vec();
        assert_eq!(ResourceFacts::read(&bytes).unwrap().label(), b"ada");
    }

    #[test]
    fn a_resource_says_more_than_its_trait() {
        let user = v2::UserTrait {
            status: Some(v2::user_trait::Status { status: 1, details: String::new() }),
            created_at: Some(prost_types::Timestamp { seconds: 5, nanos: 0 }),
            ..Default::default()
        };
        let mut resource = annotated("UserTrait", &user);
        let bytes = resource.encode_to_vec();
        let facts = ResourceFacts::read(&bytes).unwrap();
        assert_eq!(facts.status, Some(Status::Enabled));
        assert_eq!(facts.created_at, Instant::new(5, 0));
        resource.status = Some(v2::Status { status: 2, details: String::new() });
        resource.created_at = Some(prost_types::Timestamp { seconds: 9, nanos: 0 });
        let bytes = resource.encode_to_vec();
        let facts = ResourceFacts::read(&bytes).unwrap();
        assert_eq!(facts.status, Some(Status::Disabled));
        assert_eq!(facts.created_at, Instant::new(9, 0));
    }

    #[test]
    fn a_broken_trait_leaves_the_rest() {
        let mut resource = annotated("UserTrait", &v2::UserTrait::default());
        resource.annotations[0].value = vec![0x0a, 9];
        let bytes = resource.encode_to_vec();
        let facts = ResourceFacts::read(&bytes).unwrap();
        assert_eq!(facts.label(), b"Ada");
    }

    #[test]
    fn traits_are_words() {
        let kind = v2::ResourceType { traits: vec![1, 6, 99], ..Default::default() };
        let bytes = kind.encode_to_vec();
        let facts = ResourceTypeFacts::read(&bytes).unwrap();
        assert_eq!(facts.traits, [&b"user"[..], b"security_insight", b"99"]);
    }

    #[test]
    fn sources_are_sorted() {
        let source = v2::grant_sources::GrantSource::default();
        let sources = v2::GrantSources { sources: [("b".into(), source), ("a".into(), source)].into() };
        assert_eq!(grant_sources(&sources.encode_to_vec()).unwrap(), [b"a", b"b"]);
    }
}

//! Baton ids: names of records that can be taken apart again, unlike the ids of the records themselves.
//!
//! ```text
//! bid:r:[PARENT-TYPE/PARENT-ID/]TYPE/ID       a resource
//! bid:e:RESOURCE:SLUG                         an entitlement of it
//! bid:g:RESOURCE:SLUG:PRINCIPAL               the grant of that to a principal, which is a resource too
//! ```
//!
//! In every part, `\`, `/` and `:` are written with a `\` before them; a `\` before anything else is wrong, and so is an
//! empty part.

use std::fmt;
use std::str::FromStr;

use super::engine::Target;
use crate::model::v2;

/// What a Baton id names.
///
/// ```
/// use baton::sync::bid::Bid;
/// let bid: Bid = r"bid:e:org/acme/team/a\:b:member".parse()?;
/// let Bid::Entitlement { resource, slug } = &bid else { panic!() };
/// assert_eq!((resource.id.resource.as_str(), slug.as_str()), ("a:b", "member"));
/// assert_eq!(bid.to_string(), r"bid:e:org/acme/team/a\:b:member");
/// # Ok::<(), baton::sync::bid::BidError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Bid {
    /// A resource.
    Resource(Target),
    /// An entitlement.
    Entitlement {
        /// Whose it is.
        resource: Target,
        /// Its short name.
        slug: String,
    },
    /// A grant.
    Grant {
        /// Whose entitlement it is of.
        resource: Target,
        /// The entitlement's short name.
        slug: String,
        /// Who holds it.
        principal: Target,
    },
}

/// Text that is no Baton id, or not of the kind that was asked for. Places are in bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no Baton id: {fault}")]
pub struct BidError {
    /// The text.
    pub text: String,
    /// What is wrong with it.
    pub fault: BidFault,
}

/// What may be wrong with a Baton id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BidFault {
    /// It begins with something else.
    #[error("it does not begin with {0}")]
    Prefix(&'static str),
    /// A `\` that is the last character, or has another one after it than `\`, `/` or `:`.
    #[error(r"the \ at {0} is not followed by one of \ / :")]
    Escape(usize),
    /// Nothing stands between two separators.
    #[error("the part at {0} is empty")]
    Empty(usize),
    /// A resource that is neither `TYPE/ID` nor `PARENT-TYPE/PARENT-ID/TYPE/ID`.
    #[error(
        "the resource at {at} has {parts} parts, where TYPE/ID or PARENT-TYPE/PARENT-ID/TYPE/ID is wanted"
    )]
    Parts {
        /// Where it begins.
        at: usize,
        /// How many parts it has.
        parts: usize,
    },
    /// A `/` in a slug.
    #[error(r"the / at {0} wants a \ before it, as it is part of a slug")]
    Slash(usize),
    /// It ends too early.
    #[error("it ends at {0}, before {1}")]
    End(usize, &'static str),
    /// It goes on too long.
    #[error("it goes on at {0}, where it should end")]
    Rest(usize),
}

/// Reads the Baton id of a resource, such as `bid:r:user/ada`.
///
/// # Errors
/// [`BidError`]
pub fn resource(text: &str) -> Result<Target, BidError> {
    let read = |parts: &mut Parts<'_>| {
        parts.prefix("bid:r:")?;
        parts.resource()
    };
    whole(text, read)
}

impl FromStr for Bid {
    type Err = BidError;

    fn from_str(text: &str) -> Result<Self, BidError> {
        match text.get(..6) {
            Some("bid:r:") => resource(text).map(Self::Resource),
            Some("bid:e:") => whole(text, |parts| {
                parts.prefix("bid:e:")?;
                Ok(Self::Entitlement { resource: parts.resource()?, slug: parts.slug()? })
            }),
            Some("bid:g:") => whole(text, |parts| {
                parts.prefix("bid:g:")?;
                let (resource, slug) = (parts.resource()?, parts.slug()?);
                parts.colon("its principal")?;
                Ok(Self::Grant { resource, slug, principal: parts.resource()? })
            }),
            _ => {
                let fault = BidFault::Prefix("bid:r:, bid:e: or bid:g:");
                Err(BidError { text: text.into(), fault })
            }
        }
    }
}

/// Reads all of a text.
fn whole<T>(text: &str, read: impl FnOnce(&mut Parts<'_>) -> Result<T, BidFault>) -> Result<T, BidError> {
    let mut parts = Parts { text, at: 0 };
    let all = read(&mut parts).and_then(|value| match parts.peek() {
        None => Ok(value),
        Some(_) => Err(BidFault::Rest(parts.at)),
    });
    all.map_err(|fault| BidError { text: text.into(), fault })
}

/// A text, and how far it is read.
struct Parts<'t> {
    text: &'t str,
    at: usize,
}

impl Parts<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn prefix(&mut self, prefix: &'static str) -> Result<(), BidFault> {
        if !self.rest().starts_with(prefix) {
            return Err(BidFault::Prefix(prefix));
        }
        self.at += prefix.len();
        Ok(())
    }

    /// The separator before `what`.
    fn colon(&mut self, what: &'static str) -> Result<(), BidFault> {
        match self.peek() {
            Some(':') => {
                self.at += 1;
                Ok(())
            }
            _ => Err(BidFault::End(self.at, what)),
        }
    }

    /// A part without its escapes, up to a separator or the end.
    fn part(&mut self) -> Result<String, BidFault> {
        let start = self.at;
        let mut part = String::new();
        let mut chars = self.rest().char_indices();
        let mut length = self.rest().len();
        while let Some((place, c)) = chars.next() {
            match c {
                '/' | ':' => {
                    length = place;
                    break;
                }
                '\\' => match chars.next() {
                    Some((_, escaped @ ('\\' | '/' | ':'))) => part.push(escaped),
                    _ => return Err(BidFault::Escape(start + place)),
                },
                other => part.push(other),
            }
        }
        self.at += length;
        if part.is_empty() { Err(BidFault::Empty(start)) } else { Ok(part) }
    }

    fn resource(&mut self) -> Result<Target, BidFault> {
        let at = self.at;
        let mut parts = vec![self.part()?];
        while self.peek() == Some('/') {
            self.at += 1;
            parts.push(self.part()?);
        }
        let id = |resource_type, resource| v2::ResourceId { resource_type, resource, ..Default::default() };
        match <[String; 2]>::try_from(parts) {
            Ok([kind, object]) => Ok(Target { id: id(kind, object), parent: None }),
            Err(parts) => match <[String; 4]>::try_from(parts) {
                Ok([parent_kind, parent, kind, object]) => {
                    Ok(Target { id: id(kind, object), parent: Some(id(parent_kind, parent)) })
                }
                Err(parts) => Err(BidFault::Parts { at, parts: parts.len() }),
            },
        }
    }

    fn slug(&mut self) -> Result<String, BidFault> {
        self.colon("its slug")?;
        let slug = self.part()?;
        if self.peek() == Some('/') { Err(BidFault::Slash(self.at)) } else { Ok(slug) }
    }
}

impl fmt::Display for Bid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Resource(target) => {
                f.write_str("bid:r:")?;
                write_resource(f, target)
            }
            Self::Entitlement { resource, slug } => {
                f.write_str("bid:e:")?;
                write_resource(f, resource)?;
                f.write_str(":")?;
                write_part(f, slug)
            }
            Self::Grant { resource, slug, principal } => {
                f.write_str("bid:g:")?;
                write_resource(f, resource)?;
                f.write_str(":")?;
                write_part(f, slug)?;
                f.write_str(":")?;
                write_resource(f, principal)
            }
        }
    }
}

fn write_resource(f: &mut fmt::Formatter<'_>, target: &Target) -> fmt::Result {
    for (place, id) in target.parent.iter().chain([&target.id]).enumerate() {
        if place > 0 {
            f.write_str("/")?;
        }
        write_part(f, &id.resource_type)?;
        f.write_str("/")?;
        write_part(f, &id.resource)?;
    }
    Ok(())
}

fn write_part(f: &mut fmt::Formatter<'_>, part: &str) -> fmt::Result {
    for c in part.chars() {
        if matches!(c, '\\' | '/' | ':') {
            f.write_str("\\")?;
        }
        write!(f, "{c}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sync::build;

    fn fault(text: &str) -> BidFault {
        text.parse::<Bid>().unwrap_err().fault
    }

    fn target(id: v2::ResourceId) -> Target {
        Target { id, parent: None }
    }

    #[test]
    fn reads_resources_with_and_without_a_parent() {
        assert_eq!(resource("bid:r:user/ada").unwrap(), target(build::id("user", "ada")));
        let child = resource("bid:r:org/acme/project/12").unwrap();
        assert_eq!(child.id, build::id("project", 12));
        assert_eq!(child.parent, Some(build::id("org", "acme")));
        assert_eq!(resource(r"bid:r:a\/b/c\:d\\").unwrap(), target(build::id("a/b", r"c:d\")));
    }

    #[test]
    fn reads_entitlements_and_grants() {
        let docs = target(build::id("folder", "docs"));
        let entitlement = Bid::Entitlement { resource: docs.clone(), slug: "read:all".into() };
        assert_eq!(r"bid:e:folder/docs:read\:all".parse::<Bid>().unwrap(), entitlement);
        let principal = Target { id: build::id("user", 7), parent: Some(build::id("org", "acme")) };
        let grant = Bid::Grant { resource: docs, slug: "owner".into(), principal };
        assert_eq!("bid:g:folder/docs:owner:org/acme/user/7".parse::<Bid>().unwrap(), grant);
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        let any_prefix = BidFault::Prefix("bid:r:, bid:e: or bid:g:");
        for (text, wanted) in [
            ("", any_prefix),
            ("user/ada", any_prefix),
            ("bid:x:user/ada", any_prefix),
            ("bid:ré/x", any_prefix),
            ("bid:r:", BidFault::Empty(6)),
            ("bid:r:user", BidFault::Parts { at: 6, parts: 1 }),
            ("bid:r:a/b/c", BidFault::Parts { at: 6, parts: 3 }),
            ("bid:r:a/b/c/d/e", BidFault::Parts { at: 6, parts: 5 }),
            ("bid:r:user/", BidFault::Empty(11)),
            ("bid:r:/ada", BidFault::Empty(6)),
            ("bid:r:user/ada:member", BidFault::Rest(14)),
            (r"bid:r:user/a\da", BidFault::Escape(12)),
            (r"bid:r:user/ada\", BidFault::Escape(14)),
            ("bid:e:user/ada", BidFault::End(14, "its slug")),
            ("bid:e:user/ada:", BidFault::Empty(15)),
            ("bid:e:user/ada:a/b", BidFault::Slash(16)),
            ("bid:e:user/ada:a:b", BidFault::Rest(16)),
            ("bid:g:user/ada:a", BidFault::End(16, "its principal")),
            ("bid:g:user/ada:a:b", BidFault::Parts { at: 17, parts: 1 }),
            ("bid:g:user/ada:a:b/c:d", BidFault::Rest(20)),
        ] {
            assert_eq!(fault(text), wanted, "{text}");
        }
    }

    #[test]
    fn a_resource_is_asked_for_by_its_own_kind_of_id() {
        let error = resource("bid:e:user/ada:member").unwrap_err();
        assert_eq!(error.fault, BidFault::Prefix("bid:r:"));
        assert_eq!(
            error.to_string(),
            r#""bid:e:user/ada:member" is no Baton id: it does not begin with bid:r:"#
        );
    }

    fn part() -> impl Strategy<Value = String> {
        prop_oneof![r"[a-c/:\\]{1,6}", ".{1,6}", r"\PC{1,4}"]
    }

    fn any_target() -> impl Strategy<Value = Target> {
        let id = || (part(), part()).prop_map(|(kind, object)| build::id(kind, object));
        (id(), proptest::option::of(id())).prop_map(|(id, parent)| Target { id, parent })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(resource in any_target(), slug in part(), principal in any_target()) {
            for bid in [
                Bid::Resource(resource.clone()),
                Bid::Entitlement { resource: resource.clone(), slug: slug.clone() },
                Bid::Grant { resource, slug, principal },
            ] {
                prop_assert_eq!(bid.to_string().parse::<Bid>().unwrap(), bid);
            }
        }

        #[test]
        fn what_is_read_is_written_the_same(text in r"bid:[reg]:[ab/:\\]{0,12}") {
            if let Ok(bid) = text.parse::<Bid>() {
                prop_assert_eq!(bid.to_string(), text);
            }
        }
    }
}

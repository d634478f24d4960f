//! Page tokens for connectors that walk several lists behind one.
//!
//! ```text
//! {"states": [{"type": "team", "id": "7"}, …],                      waiting, the last pushed is the next
//!  "current_state": {"token": "abc", "type": "user", "id": "42"}}   what the next page is of; what is empty is left out
//! ```
//!
//! The text is byte for byte that of the reference, which a connector may have written before. `states` is `null` until
//! something was pushed under, and `[]` when all of it has come up again.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::error::{Answer, Code, ConnectorError};

/// One list to walk: of which type, below which resource, and how far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageState {
    /// Where to go on: a token of the system, or empty for the first page.
    pub token: String,
    /// The id of a resource type, or any other word for what is listed.
    pub resource_type: String,
    /// The id of a resource that the list belongs to, if any.
    pub resource: String,
}

impl PageState {
    /// The first page of a list.
    pub fn of(resource_type: impl Into<String>, resource: impl Into<String>) -> Self {
        Self { token: String::new(), resource_type: resource_type.into(), resource: resource.into() }
    }
}

/// A stack of lists to walk, which travels as a page token.
///
/// A connector whose system has no list of all members walks the members of each team, and in each team page by page:
///
/// ```
/// use baton::sync::{Answer, Bag, PageState};
///
/// fn members(token: &str) -> Answer<(Vec<String>, String)> {
///     let mut bag = Bag::parse(token)?;
///     if bag.current().is_none() {
///         // The first call: what there is to do. The last pushed comes first.
///         bag.push(PageState::of("team", "ops"));
///         bag.push(PageState::of("team", "eng"));
///     }
///     let at = bag.current().cloned().unwrap_or_default();
///     let (names, next) = match (at.resource.as_str(), at.token.as_str()) {
///         ("eng", "") => (vec!["ada".into()], "2"), // what the system would say
///         ("eng", "2") => (vec!["bob".into()], ""),
///         _ => (vec!["eve".into()], ""),
///     };
///     Ok((names, bag.next_token(next)))
/// }
///
/// let (mut all, mut token) = (Vec::new(), String::new());
/// loop {
///     let (names, next) = members(&token)?;
///     all.extend(names);
///     token = next;
///     if token.is_empty() {
///         break;
///     }
/// }
/// assert_eq!(all, ["ada", "bob", "eve"]);
/// # Ok::<(), baton::sync::ConnectorError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bag {
    /// `None` until something was pushed under.
    states: Option<Vec<PageState>>,
    current: Option<PageState>,
}

impl Bag {
    /// A bag with nothing in it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a page token; an empty one is an empty bag.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`] for a token that no bag wrote.
    pub fn parse(token: &str) -> Answer<Self> {
        if token.is_empty() {
            return Ok(Self::new());
        }
        let value = serde_json::from_str(token).map_err(|error| corrupt(token).because(error))?;
        read_bag(&value).ok_or_else(|| corrupt(token))
    }

    /// The list at hand; none in an empty bag.
    #[must_use]
    pub fn current(&self) -> Option<&PageState> {
        self.current.as_ref()
    }

    /// Makes `state` the list at hand. What was at hand comes up again when it is done.
    pub fn push(&mut self, state: PageState) {
        if let Some(under) = self.current.replace(state) {
            self.states.get_or_insert_default().push(under);
        }
    }

    /// Takes the list at hand out, so that the one pushed before it is at hand again.
    pub fn pop(&mut self) -> Option<PageState> {
        let top = self.current.take()?;
        self.current = self.states.as_mut().and_then(Vec::pop);
        Some(top)
    }

    /// Goes on in the list at hand where `token` says; an empty one means that the list is done.
    ///
    /// # Errors
    /// [`Code::FailedPrecondition`] for an empty bag.
    pub fn next(&mut self, token: impl Into<String>) -> Answer<()> {
        let state = self.pop().ok_or_else(|| {
            ConnectorError::new(Code::FailedPrecondition, "the bag of page tokens is empty")
        })?;
        let token = token.into();
        if !token.is_empty() {
            self.push(PageState { token, ..state });
        }
        Ok(())
    }

    /// [`next`](Self::next), and the page token that comes of it: empty when nothing is left to do.
    ///
    /// An empty bag takes in a list that is only the token, even an empty one; its page token is not empty, and costs
    /// one more call. So push first.
    pub fn next_token(&mut self, token: impl Into<String>) -> String {
        if self.current.is_none() {
            self.current = Some(PageState { token: token.into(), ..PageState::default() });
        } else {
            // Not empty, so it cannot fail.
            let _ = self.next(token);
        }
        self.marshal()
    }

    /// The page token: empty when nothing is at hand.
    #[must_use]
    pub fn marshal(&self) -> String {
        let Some(current) = &self.current else { return String::new() };
        let mut out = String::from("{\"states\":");
        match &self.states {
            None => out.push_str("null"),
            Some(states) => {
                out.push('[');
                for (place, state) in states.iter().enumerate() {
                    if place > 0 {
                        out.push(',');
                    }
                    push_state(&mut out, state);
                }
                out.push(']');
            }
        }
        out.push_str(",\"current_state\":");
        push_state(&mut out, current);
        out.push('}');
        out
    }
}

fn corrupt(token: &str) -> ConnectorError {
    let mut start: String = token.chars().take(60).collect();
    if start.len() < token.len() {
        start.push('…');
    }
    ConnectorError::new(Code::InvalidArgument, format!("corrupt page token {start:?}"))
}

fn push_state(out: &mut String, state: &PageState) {
    out.push('{');
    let members = [("token", &state.token), ("type", &state.resource_type), ("id", &state.resource)];
    let mut comma = "";
    for (key, text) in members.into_iter().filter(|(_, text)| !text.is_empty()) {
        let _ = write!(out, "{comma}\"{key}\":");
        push_text(out, text);
        comma = ",";
    }
    out.push('}');
}

/// A JSON string as Go writes it: safe inside of HTML and of JavaScript.
fn push_text(out: &mut String, text: &str) {
    for c in Value::from(text).to_string().chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            other => out.push(other),
        }
    }
}

/// `None` for a shape that is no bag. Other members are ignored, and what is null is as if it were absent.
fn read_bag(value: &Value) -> Option<Bag> {
    let bag = value.as_object()?;
    let states = match bag.get("states") {
        None | Some(Value::Null) => None,
        Some(list) => Some(list.as_array()?.iter().map(read_state).collect::<Option<_>>()?),
    };
    let current = match bag.get("current_state") {
        None | Some(Value::Null) => None,
        Some(state) => Some(read_state(state)?),
    };
    Some(Bag { states, current })
}

fn read_state(value: &Value) -> Option<PageState> {
    let state = value.as_object()?;
    Some(PageState {
        token: read_text(state, "token")?,
        resource_type: read_text(state, "type")?,
        resource: read_text(state, "id")?,
    })
}

fn read_text(state: &Map<String, Value>, key: &str) -> Option<String> {
    match state.get(key) {
        None | Some(Value::Null) => Some(String::new()),
        Some(text) => text.as_str().map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn state(token: &str, resource_type: &str, resource: &str) -> PageState {
        PageState { token: token.into(), ..PageState::of(resource_type, resource) }
    }

    #[test]
    fn an_empty_bag_is_an_empty_token_and_back() {
        assert_eq!(Bag::new().marshal(), "");
        assert_eq!(Bag::parse("").unwrap(), Bag::new());
    }

    #[test]
    fn states_are_null_before_a_push_under_and_empty_after_the_pop() {
        let mut bag = Bag::new();
        bag.push(PageState::of("user", ""));
        assert_eq!(bag.marshal(), r#"{"states":null,"current_state":{"type":"user"}}"#);
        bag.push(state("t", "team", "7"));
        let two = r#"{"states":[{"type":"user"}],"current_state":{"token":"t","type":"team","id":"7"}}"#;
        assert_eq!(bag.marshal(), two);
        assert_eq!(bag.pop(), Some(state("t", "team", "7")));
        assert_eq!(bag.marshal(), r#"{"states":[],"current_state":{"type":"user"}}"#);
        assert_eq!(Bag::parse(&bag.marshal()).unwrap(), bag);
        assert_eq!(bag.pop(), Some(PageState::of("user", "")));
        assert_eq!((bag.pop(), bag.marshal().as_str()), (None, ""));
    }

    #[test]
    fn the_last_pushed_comes_first() {
        let mut bag = Bag::new();
        for kind in ["a", "b", "c"] {
            bag.push(PageState::of(kind, ""));
        }
        let kinds: Vec<_> = std::iter::from_fn(|| bag.pop()).map(|state| state.resource_type).collect();
        assert_eq!(kinds, ["c", "b", "a"]);
    }

    #[test]
    fn next_keeps_the_list_until_its_token_is_empty() {
        let mut bag = Bag::new();
        bag.push(PageState::of("a", ""));
        bag.push(PageState::of("b", "1"));
        bag.next("p2").unwrap();
        assert_eq!(bag.current(), Some(&state("p2", "b", "1")));
        bag.next("").unwrap();
        assert_eq!(bag.current(), Some(&PageState::of("a", "")));
        assert_eq!(bag.next_token(""), "");
        assert_eq!(bag.next("x").unwrap_err().code(), Code::FailedPrecondition);
    }

    #[test]
    fn next_token_on_an_empty_bag_makes_a_state_even_of_nothing() {
        assert_eq!(Bag::new().next_token(""), r#"{"states":null,"current_state":{}}"#);
        assert_eq!(Bag::new().next_token("t"), r#"{"states":null,"current_state":{"token":"t"}}"#);
        let mut again = Bag::parse(r#"{"states":null,"current_state":{}}"#).unwrap();
        assert_eq!(again.current(), Some(&PageState::default()));
        assert_eq!(again.next_token(""), "");
    }

    #[test]
    fn escapes_what_go_escapes() {
        let mut bag = Bag::new();
        bag.push(state("a<b>&\"\\/\u{2028}\u{2029}\u{7f}é\n\t\u{8}\u{1}", "", ""));
        let text = bag.marshal();
        assert_eq!(
            text,
            "{\"states\":null,\"current_state\":{\"token\":\
             \"a\\u003cb\\u003e\\u0026\\\"\\\\/\\u2028\\u2029\u{7f}é\\n\\t\\b\\u0001\"}}"
        );
        assert_eq!(Bag::parse(&text).unwrap(), bag);
    }

    #[test]
    fn a_token_that_no_bag_wrote_is_corrupt() {
        let long = "x".repeat(1000);
        for token in
            ["x", "[]", "7", "null", "{", "{} {}", r#"{"states":{}}"#, r#"{"current_state":[]}"#, &long]
        {
            let error = Bag::parse(token).unwrap_err();
            assert_eq!(error.code(), Code::InvalidArgument, "{token}");
            assert!(error.message().starts_with("corrupt page token"), "{error}");
            assert!(error.message().len() < 150, "{error}");
        }
        assert!(Bag::parse(r#"{"current_state":{"token":7}}"#).is_err());
        assert_eq!(Bag::parse(r#"{"more":1}"#).unwrap(), Bag::new());
    }

    proptest! {
        #[test]
        fn every_bag_comes_back(states in proptest::collection::vec(any::<(String, String, String)>(), 0..6), pops in 0usize..6) {
            let mut bag = Bag::new();
            for (token, kind, id) in &states {
                bag.push(state(token, kind, id));
            }
            for _ in 0..pops {
                bag.pop();
            }
            let read = Bag::parse(&bag.marshal()).unwrap();
            prop_assert_eq!(read.current(), bag.current());
            if bag.current().is_some() {
                prop_assert_eq!(read, bag);
            }
        }
    }
}

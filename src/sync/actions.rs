//! What a connector may offer beside resources: actions of its own, and a feed of what happens in the system.

use prost_types::{Struct, Timestamp};

use super::error::Answer;
use crate::model::v2;

/// Actions with names, arguments and answers.
pub trait Actions {
    /// All of them, with what they take and return.
    ///
    /// # Errors
    /// What the system says.
    fn schemas(&self) -> Answer<Vec<v2::BatonActionSchema>>;

    /// Runs the action `name`, and waits for its answer.
    ///
    /// # Errors
    /// [`Code::NotFound`](super::Code::NotFound) for an unknown name; else why it failed.
    fn invoke(&self, name: &str, arguments: &Struct) -> Answer<Struct>;
}

/// A page of what happened.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EventPage {
    /// What happened, oldest first.
    pub events: Vec<v2::Event>,
    /// Where to go on, now or another day.
    pub cursor: String,
    /// Whether there is more to be had at once.
    pub has_more: bool,
}

/// A stream of what happens in a system.
pub trait EventFeed {
    /// Its id, which is unique in the connector, and what it tells of.
    fn metadata(&self) -> v2::EventFeedMetadata;

    /// What happened after `cursor`, or without one, since `since`.
    ///
    /// # Errors
    /// What the system says.
    fn events(&self, since: Option<&Timestamp>, cursor: &str) -> Answer<EventPage>;
}

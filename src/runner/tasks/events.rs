//! Printing what happened in the system.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use prost_types::Timestamp;

use super::{Context, json, patiently, refuse_alone, unable};
use crate::model::descriptor::C1_CONNECTOR_V2_EVENT;
use crate::model::near::Near;
use crate::runner::config::Config;
use crate::runner::flags::Asking;
use crate::sync::{Code, Connector, ConnectorError, EventFeed};
use crate::ui::CommandError;

/// How far back a feed is read if nobody says.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Print the events of a feed.
#[derive(Debug, PartialEq)]
pub(in crate::runner) struct Events {
    feed: Option<String>,
    since: Option<Timestamp>,
    cursor: String,
}

impl Events {
    pub(super) fn choose(flags: &Asking, config: &Config) -> Result<Option<Self>, CommandError> {
        if !config.get(&flags.events) {
            for field in [&flags.feed, &flags.since, &flags.cursor] {
                refuse_alone(config, field, "--event-feed")?;
            }
            return Ok(None);
        }
        let since = match config.find(&flags.since) {
            Some(text) => Some(time(&config.origin(&flags.since), &text)?),
            None => None,
        };
        Ok(Some(Self { feed: config.find(&flags.feed), since, cursor: config.get(&flags.cursor) }))
    }

    /// Prints an object per event, until there are no more for now, or somebody wants it to stop.
    pub(super) fn run(self, context: &mut Context<'_>) -> Result<(), CommandError> {
        let feed = self.choose_feed(context.connector)?;
        let since = match self.cursor.is_empty() {
            true => self.since.or_else(|| context.clock.now().checked_sub(DAY).map(Timestamp::from)),
            false => self.since,
        };
        let (mut cursor, mut count, mut seen) = (self.cursor, 0_u64, BTreeSet::new());
        while !context.stop.requested() {
            let page = patiently(context, || feed.events(since.as_ref(), &cursor))?;
            for event in &page.events {
                context.out.write_all(&json::line(&C1_CONNECTOR_V2_EVENT, event))?;
                context.out.write_all(b"\n")?;
            }
            context.out.flush()?;
            count += page.events.len() as u64;
            cursor = page.cursor;
            if !page.has_more {
                break;
            }
            if !seen.insert(cursor.clone()) {
                let words =
                    format!("the event feed gives the cursor {cursor:?} twice, so that it never ends");
                return Err(ConnectorError::new(Code::Internal, words).into());
            }
        }
        log::info!(count, cursor = &*cursor; "Read events");
        Ok(())
    }

    /// The feed of the id; or else the only one.
    fn choose_feed<'c>(&self, connector: &'c dyn Connector) -> Result<Box<dyn EventFeed + 'c>, CommandError> {
        let mut feeds = connector.event_feeds();
        let ids: Vec<String> = feeds.iter().map(|feed| feed.metadata().id).collect();
        let place = match &self.feed {
            Some(wanted) => ids.iter().position(|id| id == wanted),
            None if feeds.len() == 1 => Some(0),
            None => None,
        };
        if let Some(place) = place {
            return Ok(feeds.swap_remove(place));
        }
        match &self.feed {
            _ if ids.is_empty() => Err(unable("the connector has no event feed")),
            Some(wanted) => {
                let mut near = Near::of(wanted);
                ids.iter().for_each(|id| near.add(id.clone()));
                Err(CommandError::usage(format!("the connector has no event feed {wanted}"))
                    .did_you_mean(&near.finish())
                    .hint(format!("it has {}", ids.join(", "))))
            }
            None => Err(CommandError::usage("the connector has several event feeds")
                .hint(format!("choose with --event-feed-id: {}", ids.join(", ")))),
        }
    }
}

fn time(source: &str, text: &str) -> Result<Timestamp, CommandError> {
    let time = text.parse::<jiff::Timestamp>().map_err(|_| {
        CommandError::usage(format!("{source} is '{text}', which is no time such as 2026-08-01T00:00:00Z"))
    })?;
    Ok(Timestamp::from(SystemTime::from(time)))
}

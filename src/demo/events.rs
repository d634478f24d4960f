//! The event feed: what was granted, revoked and changed, from the audit that every change is written into.
//!
//! Only what somebody did by hand is told, and not what follows from it: when a user joins a group, nothing is said of
//! the roles that come with it. The cursor is the number of the last entry that was told.

use prost_types::Timestamp;

use super::state::{Happened, What};
use super::{Demo, invalid, time};
use crate::model::v2;
use crate::model::v2::event::Event as Told;
use crate::sync::build::{self, AsResource as _};
use crate::sync::{Answer, EventFeed, EventPage};

pub(super) struct Audit<'d>(pub(super) &'d Demo);

impl EventFeed for Audit<'_> {
    fn metadata(&self) -> v2::EventFeedMetadata {
        let mut metadata = v2::EventFeedMetadata { id: "audit".into(), ..Default::default() };
        for kind in [v2::EventType::ResourceChange, v2::EventType::CreateGrant, v2::EventType::CreateRevoke] {
            metadata.supported_event_types.push(kind.into());
        }
        metadata
    }

    fn events(&self, since: Option<&Timestamp>, cursor: &str) -> Answer<EventPage> {
        // A cursor is exact, and the time at which somebody began to listen no longer matters.
        let (after, since) = match cursor {
            "" => (0, since.map_or(i64::MIN, |time| time.seconds)),
            _ => (cursor.parse().map_err(|_| invalid(format!("{cursor:?} is no cursor")))?, i64::MIN),
        };
        let page = self.0.page(
            |most| self.0.state.happened(after, since, most),
            |happened| happened.number.to_string(),
            event,
        )?;
        let cursor = page.items.last().map_or_else(|| cursor.to_owned(), |event| event.id.clone());
        Ok(EventPage { events: page.items, cursor, has_more: !page.next.is_empty() })
    }
}

/// An entry as an event. Its resources are ids only: what they were called then is not kept.
fn event(happened: &Happened) -> v2::Event {
    let resource = build::id(&happened.resource_type, &happened.resource);
    let told = match happened.what {
        What::Changed => Told::ResourceChangeEvent(v2::ResourceChangeEvent {
            resource_id: Some(resource),
            parent_resource_id: None,
        }),
        What::Granted => Told::CreateGrantEvent(v2::CreateGrantEvent {
            entitlement: Some(entitlement(&resource, happened)),
            principal: Some(principal(happened)),
            annotations: Vec::new(),
        }),
        What::Revoked => Told::CreateRevokeEvent(v2::CreateRevokeEvent {
            entitlement: Some(entitlement(&resource, happened)),
            principal: Some(principal(happened)),
            annotations: Vec::new(),
        }),
    };
    v2::Event {
        id: happened.number.to_string(),
        occurred_at: Some(time(happened.at)),
        event: Some(told),
        annotations: Vec::new(),
    }
}

fn entitlement(resource: &v2::ResourceId, happened: &Happened) -> v2::Entitlement {
    v2::Entitlement {
        id: build::entitlement_id(resource, &happened.slug),
        slug: happened.slug.clone(),
        resource: Some(resource.to_resource()),
        ..Default::default()
    }
}

fn principal(happened: &Happened) -> v2::Resource {
    build::id(&happened.principal_type, &happened.principal).to_resource()
}

//! From the clock of the machine to the times and ids of a file.

use std::time::SystemTime;

use super::error::SyncError;
use crate::model::ksuid::Ksuid;
use crate::model::time::Instant;

/// The time as a file holds it, in UTC.
pub(super) fn instant(time: SystemTime) -> Result<Instant, SyncError> {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).ok();
    let parts = since.and_then(|since| {
        Some((i64::try_from(since.as_secs()).ok()?, i32::try_from(since.subsec_nanos()).ok()?))
    });
    parts.and_then(|(seconds, nanos)| Instant::new(seconds, nanos)).ok_or_else(unlikely)
}

/// A new id for a sync that begins now.
pub(super) fn sync_id(now: Instant) -> Result<String, SyncError> {
    let mut payload = [0; 16];
    getrandom::fill(&mut payload)
        .map_err(|error| SyncError::Options(format!("no random number for an id: {error}")))?;
    Ok(Ksuid::from_parts(now.to_proto().seconds, payload).ok_or_else(unlikely)?.to_string())
}

fn unlikely() -> SyncError {
    SyncError::Options("the clock of this machine is off by decades; ids of syncs hold the time".into())
}

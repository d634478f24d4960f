//! From the errors of connectors and syncs to what users read. Those of the store are turned by the same trait.

use crate::sync::{Code, ConnectorError, SyncError};
use crate::ui::CommandError;

impl From<ConnectorError> for CommandError {
    fn from(error: ConnectorError) -> Self {
        let hint = match error.code() {
            Code::Unauthenticated => Some("the system does not know these credentials"),
            Code::Unavailable | Code::DeadlineExceeded => Some("it may work a little later"),
            _ => None,
        };
        Self::trouble(error.to_string()).maybe_hint(hint.map(Into::into))
    }
}

impl From<SyncError> for CommandError {
    fn from(error: SyncError) -> Self {
        let (message, hint) = (error.to_string(), error.hint());
        match error {
            SyncError::Stopped { .. } => Self::interrupted(message),
            SyncError::Options(_) => Self::usage(message),
            _ => Self::trouble(message),
        }
        .maybe_hint(hint)
    }
}

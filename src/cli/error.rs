//! From the errors of the library to what users read.

use crate::store;
use crate::ui::CommandError;
use crate::view::{self, PrincipalError};

impl From<store::ContainerError> for CommandError {
    fn from(error: store::ContainerError) -> Self {
        Self::trouble(error.to_string()).maybe_hint(error.hint())
    }
}

impl From<store::Error> for CommandError {
    fn from(error: store::Error) -> Self {
        Self::trouble(error.to_string()).maybe_hint(error.hint())
    }
}

impl From<view::Error> for CommandError {
    fn from(error: view::Error) -> Self {
        match error {
            view::Error::Store(error) => error.into(),
            view::Error::Output(error) => error.into(),
        }
    }
}

impl From<PrincipalError> for CommandError {
    fn from(error: PrincipalError) -> Self {
        let message = error.to_string();
        match error {
            PrincipalError::Unknown { near, .. } if near.is_empty() => Self::trouble(message)
                .hint("name a principal as type/id, by e-mail address, by login or by its exact name"),
            PrincipalError::Unknown { near, .. } => Self::trouble(message).did_you_mean(&near),
            PrincipalError::Ambiguous { .. } => Self::trouble(message).hint("name one of them as type/id"),
            PrincipalError::Store(error) => error.into(),
        }
    }
}

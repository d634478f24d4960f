//! What a connector says when it cannot answer: a code that decides what the engine does, and words for people.

use std::error::Error;
use std::fmt;
use std::time::SystemTime;

/// What a connector's calls return.
pub type Answer<T> = Result<T, ConnectorError>;

/// The kinds of failure, which are those of gRPC: connectors of every language know them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// The caller gave up.
    Canceled,
    /// Nobody knows.
    Unknown,
    /// The request makes no sense, whatever the state of the system.
    InvalidArgument,
    /// It took too long. Retried.
    DeadlineExceeded,
    /// What was asked for is not there. While listing what belongs to a resource, a warning: the resource went
    /// away in the meantime.
    NotFound,
    /// What was to be made is there already.
    AlreadyExists,
    /// The account of the connector may not do this.
    PermissionDenied,
    /// A quota is used up for good. Rate limits are [`Code::Unavailable`] with a [`RateLimit`].
    ResourceExhausted,
    /// The system is not in a state for this.
    FailedPrecondition,
    /// Somebody else was at it at the same time.
    Aborted,
    /// Beyond the end.
    OutOfRange,
    /// The connector cannot do this.
    Unimplemented,
    /// A bug, most likely in the connector.
    Internal,
    /// The system cannot be reached or is too busy just now. Retried.
    Unavailable,
    /// Something is lost for good.
    DataLoss,
    /// The credentials are wrong.
    Unauthenticated,
}

impl Code {
    /// Whether the same call may succeed a little later: only these two are tried again.
    #[must_use]
    pub fn is_transient(self) -> bool {
        matches!(self, Self::Unavailable | Self::DeadlineExceeded)
    }

    /// The code that an HTTP status stands for.
    ///
    /// ```
    /// use baton::sync::Code;
    /// assert_eq!(Code::of_http(404), Code::NotFound);
    /// assert!(Code::of_http(429).is_transient());
    /// ```
    #[must_use]
    pub fn of_http(status: u16) -> Self {
        match status {
            401 => Self::Unauthenticated,
            403 => Self::PermissionDenied,
            404 => Self::NotFound,
            408 => Self::DeadlineExceeded,
            409 => Self::AlreadyExists,
            501 => Self::Unimplemented,
            429 | 500..=599 => Self::Unavailable,
            400..=499 => Self::InvalidArgument,
            _ => Self::Unknown,
        }
    }

    /// The word for it, as gRPC writes it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Canceled => "canceled",
            Self::Unknown => "unknown",
            Self::InvalidArgument => "invalid argument",
            Self::DeadlineExceeded => "deadline exceeded",
            Self::NotFound => "not found",
            Self::AlreadyExists => "already exists",
            Self::PermissionDenied => "permission denied",
            Self::ResourceExhausted => "resource exhausted",
            Self::FailedPrecondition => "failed precondition",
            Self::Aborted => "aborted",
            Self::OutOfRange => "out of range",
            Self::Unimplemented => "unimplemented",
            Self::Internal => "internal error",
            Self::Unavailable => "unavailable",
            Self::DataLoss => "data loss",
            Self::Unauthenticated => "unauthenticated",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// How much the system lets us ask, and from when on it lets us ask again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests left until then; 0 or less: none.
    pub remaining: i64,
    /// When the count starts anew.
    pub reset_at: SystemTime,
}

/// A call of a connector that failed.
///
/// ```
/// use baton::sync::{Code, ConnectorError};
/// let error = ConnectorError::new(Code::PermissionDenied, "the token may not list users");
/// assert_eq!(error.to_string(), "permission denied: the token may not list users");
/// ```
#[derive(Debug)]
pub struct ConnectorError {
    code: Code,
    message: String,
    rate_limit: Option<RateLimit>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl ConnectorError {
    /// An error with a code and words.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), rate_limit: None, source: None }
    }

    /// Adds what caused it.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Adds when to ask again; only heeded with a transient code.
    #[must_use]
    pub fn limited(mut self, limit: RateLimit) -> Self {
        self.rate_limit = Some(limit);
        self
    }

    /// The kind of failure.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// The words, without the code.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// When to ask again, if the system said so.
    #[must_use]
    pub fn rate_limit(&self) -> Option<RateLimit> {
        self.rate_limit
    }
}

impl fmt::Display for ConnectorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)?;
        match &self.source {
            Some(source) => write!(f, ": {source}"),
            None => Ok(()),
        }
    }
}

impl Error for ConnectorError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| &**source as &(dyn Error + 'static))
    }
}

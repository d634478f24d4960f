//! The session store of the sync that runs, in its working database.

use std::cell::RefCell;

use crate::store::{WriteError, Writer};
use crate::sync::error::{Answer, Code, ConnectorError};
use crate::sync::session::{Session, check_key, check_value};

/// Keys of one page.
const PAGE: usize = 100;

/// Lends the working database to the calls of a connector.
pub(super) struct Scratch<'w>(pub(super) &'w RefCell<Writer>);

impl Scratch<'_> {
    fn with<T>(&self, f: impl FnOnce(&mut Writer) -> Result<T, WriteError>) -> Answer<T> {
        let busy = || ConnectorError::new(Code::Internal, "the session store is in use by the engine");
        let mut writer = self.0.try_borrow_mut().map_err(|_| busy())?;
        f(&mut writer)
            .map_err(|error| ConnectorError::new(Code::Internal, "the session store fails").because(error))
    }
}

impl std::fmt::Debug for Scratch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scratch")
    }
}

/// An empty prefix means all keys.
fn check_prefix(prefix: &str) -> Answer<()> {
    if prefix.is_empty() { Ok(()) } else { check_key(prefix) }
}

impl Session for Scratch<'_> {
    fn get(&self, key: &str) -> Answer<Option<Vec<u8>>> {
        check_key(key)?;
        self.with(|writer| writer.session_get(key))
    }

    fn set(&self, key: &str, value: &[u8]) -> Answer<()> {
        check_key(key)?;
        check_value(key, value)?;
        self.with(|writer| writer.session_set(key, value))
    }

    fn delete(&self, key: &str) -> Answer<()> {
        check_key(key)?;
        self.with(|writer| writer.session_delete(key))
    }

    fn clear(&self, prefix: &str) -> Answer<()> {
        check_prefix(prefix)?;
        self.with(|writer| writer.session_clear(prefix))
    }

    fn page(&self, prefix: &str, after: &str) -> Answer<Vec<(String, Vec<u8>)>> {
        check_prefix(prefix)?;
        self.with(|writer| writer.session_page(prefix, after, PAGE))
    }
}

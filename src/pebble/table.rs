//! Tables: what is read of a file before its rows.
//!
//! ```text
//! file := data block…  [index block…]  index block  [range deletions]  properties  metaindex  footer
//!
//! footer → metaindex → properties, range deletions
//!        → index → data blocks                        or, of two levels, index → index blocks → data blocks
//! ```

use super::block::{BlockFile, Buffer, Handle};
use super::error::{Error, ErrorKind, Fault, Structure};
use super::footer::Footer;
use super::index::Index;
use super::live_table::LiveTable;
use super::properties::{Metaindex, Properties};
use super::range_del::Spans;

/// A file of rows: all of it but the rows.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) footer: Footer,
    pub(super) properties: Properties,
    pub(super) two_level: bool,
    /// The index, or its top level.
    pub(super) index: Index,
    pub(super) spans: Spans,
}

impl Table {
    pub(super) fn open(file: &BlockFile<'_>) -> Result<Self, Error> {
        let footer = Footer::read(file.name, file.bytes, file.verify)?;
        let metaindex = read(file, footer.metaindex, Structure::Metaindex, |block| {
            Metaindex::parse(block, footer.has_columnar_metaindex())
        })?;
        let properties = read(file, metaindex.properties, Structure::Properties, |block| {
            Properties::parse(block, footer.has_columnar_properties())
        })?;
        let in_properties = |kind| file.error(metaindex.properties, kind);
        properties.refuse(footer.is_columnar()).map_err(in_properties)?;
        let two_level = properties.two_level().map_err(|fault| in_properties(fault.kind))?;
        if !footer.agrees(two_level, metaindex.range_deletions.is_some()) {
            let detail = "the attributes contradict the properties";
            let fault = Fault::malformed(Structure::Footer, 0, detail);
            return Err(in_properties(fault.kind));
        }
        let spans = match metaindex.range_deletions {
            Some(handle) => Spans::read(file, handle, footer.is_columnar())?,
            None => Spans::default(),
        };
        let index = Self::read_index(file, footer.index, footer.is_columnar())?;
        Ok(Self { footer, properties, two_level, index, spans })
    }

    /// Reads an index block: the top one, or one that it points to.
    pub(super) fn read_index(file: &BlockFile<'_>, handle: Handle, columnar: bool) -> Result<Index, Error> {
        read(file, handle, Structure::Index, |block| Index::parse(block, columnar))
    }

    /// Whether the table has range deletions outside of its bounds. The parts that virtual tables are may.
    pub(super) fn check_spans(&self, file: &str, live: &LiveTable) -> Result<(), Error> {
        let (first, last) = (self.spans.pieces.first(), self.spans.pieces.last());
        let inside = first.is_none_or(|span| span.start >= live.smallest.user_key)
            && last.is_none_or(|span| span.end <= live.largest.user_key);
        match inside || live.backing.is_some() {
            true => Ok(()),
            false => Err(Error::new(file, None, ErrorKind::OutOfBounds)),
        }
    }
}

fn read<T>(
    file: &BlockFile<'_>,
    handle: Handle,
    structure: Structure,
    parse: impl FnOnce(&[u8]) -> Result<T, Fault>,
) -> Result<T, Error> {
    let mut buffer = Buffer::default();
    file.read(handle, structure, &mut buffer)?;
    parse(buffer.bytes()).map_err(|fault| fault.in_block(file.name, handle.offset))
}

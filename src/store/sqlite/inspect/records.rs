//! Whether a row is what its table promises: a message that parses, of which the columns repeat the keys.

use rusqlite::types::ValueRef;

use super::super::read::LARGEST;
use super::{RawRow, TableFacts};
use crate::model::descriptor::{self, Message};
use crate::model::facts;
use crate::model::keys::{EntitlementKeys, GrantKeys, ResourceKey, ResourceKeys, ResourceTypeKeys};
use crate::model::protojson::Writer;
use crate::model::wire::Malformed;

/// Something that is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFault {
    /// What is wrong.
    pub message: String,
    /// Odd, but nothing is lost by it.
    pub harmless: bool,
}

/// What a row turned out to be.
#[derive(Debug)]
pub(crate) struct Judged<'r> {
    /// The sync that it belongs to.
    pub(crate) sync: &'r [u8],
    /// The type that it is counted under.
    pub(crate) kind: &'r [u8],
    /// Whether a reader can use it.
    pub(crate) readable: bool,
    pub(crate) faults: Vec<RowFault>,
}

/// Judges the rows of one table.
#[derive(Debug)]
pub(crate) struct Judge {
    /// Which of the counts its rows belong to: those of `SyncCounts::FAMILIES`.
    pub(crate) family: usize,
    message: Option<&'static Message>,
    places: [Option<usize>; 9],
    out: Vec<u8>,
}

const COLUMNS: [&str; 9] = [
    "sync_id",
    "external_id",
    "data",
    "resource_type_id",
    "resource_id",
    "entitlement_id",
    "principal_resource_type_id",
    "principal_resource_id",
    "expansion",
];

impl Judge {
    /// The judge of a table's rows; None for a table that holds no records.
    pub(crate) fn of(table: &TableFacts) -> Option<Self> {
        let (family, name): (usize, &[u8]) = match table.name {
            "v1_resource_types" => (0, b"c1.connector.v2.ResourceType"),
            "v1_resources" => (1, b"c1.connector.v2.Resource"),
            "v1_entitlements" => (2, b"c1.connector.v2.Entitlement"),
            "v1_grants" => (3, b"c1.connector.v2.Grant"),
            "v1_assets" => (4, b""),
            _ => return None,
        };
        let place = |name: &str| table.columns.iter().position(|column| column.eq_ignore_ascii_case(name));
        let mut places = COLUMNS.map(place);
        if family == 1 {
            // The same two places hold a parent, in this table.
            places[6] = place("parent_resource_type_id");
            places[7] = place("parent_resource_id");
        }
        Some(Self { family, message: descriptor::find(name), places, out: Vec::new() })
    }

    /// Judges a row.
    pub(crate) fn judge<'r>(&mut self, row: &RawRow<'r>) -> Judged<'r> {
        let column = |place: usize| {
            let place = self.places.get(place).copied().flatten();
            place.and_then(|place| row.values.get(place)).copied()
        };
        let columns = Columns { values: std::array::from_fn(column) };
        let kind = if self.family == 0 { columns.text(1) } else { columns.text(3) };
        let mut judged = Judged { sync: columns.text(0), kind, readable: true, faults: Vec::new() };
        if self.family == 4 {
            return judged;
        }
        let message = match columns.values[2] {
            Some(ValueRef::Blob(message)) if message.len() > LARGEST => {
                return judged.unreadable("the record is larger than 16 MiB".into());
            }
            Some(ValueRef::Blob(message)) => message,
            Some(ValueRef::Text(_)) => {
                return judged.unreadable("the record is stored as text, not as a blob".into());
            }
            Some(ValueRef::Null) | None => return judged.unreadable("there is no record".into()),
            Some(_) => return judged.unreadable("the record is stored as a number, not as a blob".into()),
        };
        if message.is_empty() {
            judged.fault("the record is empty; only its columns say what it is");
            return judged;
        }
        if let Err(error) = self.parse(message, &mut judged) {
            return judged.unreadable(error.to_string());
        }
        let compared = match self.family {
            0 => compare_type(message, &columns, &mut judged),
            1 => compare_resource(message, &columns, &mut judged),
            2 => compare_entitlement(message, &columns, &mut judged),
            _ => compare_grant(message, &columns, &mut judged),
        };
        match compared {
            Ok(()) => judged,
            Err(error) => judged.unreadable(error.to_string()),
        }
    }

    /// Reads a whole message, payloads of known types included.
    fn parse(&mut self, message: &[u8], judged: &mut Judged<'_>) -> Result<(), Malformed> {
        let Some(kind) = self.message else { return Ok(()) };
        let mut writer = Writer::new();
        self.out.clear();
        writer.message(&mut self.out, kind, message)?;
        let notes = writer.take_notes();
        if notes.replaced_text {
            judged.odd("a text in it is not UTF-8".into());
        }
        if notes.kept_payload {
            judged.odd("a value in it does not parse".into());
        }
        Ok(())
    }
}

impl Judged<'_> {
    fn unreadable(mut self, message: String) -> Self {
        self.faults.push(RowFault { message, harmless: false });
        self.readable = false;
        self
    }

    fn fault(&mut self, message: impl Into<String>) {
        self.faults.push(RowFault { message: message.into(), harmless: false });
    }

    fn odd(&mut self, message: String) {
        self.faults.push(RowFault { message, harmless: true });
    }

    /// Compares a column with what the record says. A later record of the same id replaces the message but not the
    /// columns, so that only the id itself must agree.
    fn compare(&mut self, column: &'static str, stored: &[u8], said: &[u8], must: bool) {
        if stored == said {
            return;
        }
        let (stored, said) = (String::from_utf8_lossy(stored), String::from_utf8_lossy(said));
        let message = format!("its column {column} is {stored:?}, but the record says {said:?}");
        self.faults.push(RowFault { message, harmless: !must });
    }

    fn compare_key(&mut self, names: [&'static str; 2], stored: [&[u8]; 2], said: ResourceKey<'_>) {
        let ([kind_name, id_name], [kind, id]) = (names, stored);
        self.compare(kind_name, kind, said.kind, false);
        self.compare(id_name, id, said.id, false);
    }
}

/// The values of [`COLUMNS`].
struct Columns<'r> {
    values: [Option<ValueRef<'r>>; 9],
}

impl<'r> Columns<'r> {
    fn text(&self, place: usize) -> &'r [u8] {
        match self.values.get(place).copied().flatten() {
            Some(ValueRef::Text(text)) => text,
            _ => b"",
        }
    }

    fn pair(&self, place: usize) -> [&'r [u8]; 2] {
        [self.text(place), self.text(place + 1)]
    }
}

fn compare_type(message: &[u8], columns: &Columns<'_>, judged: &mut Judged<'_>) -> Result<(), Malformed> {
    if let Some(id) = ResourceTypeKeys::read(message)?.id {
        judged.compare("external_id", columns.text(1), id, true);
    }
    Ok(())
}

fn compare_resource(message: &[u8], columns: &Columns<'_>, judged: &mut Judged<'_>) -> Result<(), Malformed> {
    let keys = ResourceKeys::read(message)?;
    if let Some(key) = keys.key {
        judged.compare("external_id", columns.text(1), &[key.kind, b":", key.id].concat(), true);
        judged.compare("resource_type_id", columns.text(3), key.kind, true);
    }
    let names = ["parent_resource_type_id", "parent_resource_id"];
    judged.compare_key(names, columns.pair(6), keys.parent.unwrap_or_default());
    Ok(())
}

fn compare_entitlement(
    message: &[u8],
    columns: &Columns<'_>,
    judged: &mut Judged<'_>,
) -> Result<(), Malformed> {
    let keys = EntitlementKeys::read(message)?;
    if let Some(id) = keys.id {
        judged.compare("external_id", columns.text(1), id, true);
    }
    if let Some(resource) = keys.resource {
        judged.compare_key(["resource_type_id", "resource_id"], columns.pair(3), resource);
    }
    Ok(())
}

fn compare_grant(message: &[u8], columns: &Columns<'_>, judged: &mut Judged<'_>) -> Result<(), Malformed> {
    let keys = GrantKeys::read(message)?;
    if let Some(id) = keys.id {
        judged.compare("external_id", columns.text(1), id, true);
    }
    if let Some(entitlement) = keys.entitlement {
        judged.compare("entitlement_id", columns.text(5), entitlement.id.unwrap_or_default(), false);
        if let Some(resource) = entitlement.resource {
            judged.compare_key(["resource_type_id", "resource_id"], columns.pair(3), resource);
        }
    }
    if let Some(principal) = keys.principal {
        let names = ["principal_resource_type_id", "principal_resource_id"];
        judged.compare_key(names, columns.pair(6), principal);
    }
    if let Some(ValueRef::Blob(expansion)) = columns.values[8]
        && facts::expandable_ids(expansion).is_err()
    {
        judged.fault("its expansion does not parse");
    }
    Ok(())
}

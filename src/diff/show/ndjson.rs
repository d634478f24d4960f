//! `-o ndjson`: one change a line; the [page of the room](super) has the members.

use std::io::Write;

use serde_json::{Value, json};

use super::{Difference, Error, kind_word, record_word};
use crate::diff::{Change, Kind, Records};
use crate::model::protojson::{Notes, mend};
use crate::render::Members;
use crate::view::{ENTITLEMENTS, GRANTS, RESOURCE_TYPES, RESOURCES};

pub(super) fn write(out: &mut dyn Write, difference: &Difference<'_>) -> Result<(), Error> {
    let [types, resources, entitlements, grants] =
        [&RESOURCE_TYPES, &RESOURCES, &ENTITLEMENTS, &GRANTS].map(Members::flat);
    let mut line = Vec::new();
    for change in &difference.changes {
        let members = match change.records {
            Records::ResourceTypes => &types,
            Records::Resources => &resources,
            Records::Entitlements => &entitlements,
            Records::Grants => &grants,
        };
        difference.row(change, &mut |row| {
            line.clear();
            let (kind, record) = (kind_word(change.kind), record_word(change.records));
            line.extend_from_slice(format!("{{\"change\":\"{kind}\",\"record\":\"{record}\",").as_bytes());
            members.push(&mut line, row);
            push_fields(&mut line, change);
            line.extend_from_slice(b"}\n");
            let notes = Notes { replaced_text: mend(&mut line, 0), ..Notes::default() };
            out.write_all(&line)?;
            Ok(notes)
        })?;
    }
    Ok(())
}

/// `,"fields":[{"path":…,"old":…,"new":…}]`
fn push_fields(line: &mut Vec<u8>, change: &Change) {
    if change.kind != Kind::Modified {
        return;
    }
    line.extend_from_slice(b",\"fields\":[");
    for (place, field) in change.fields.iter().enumerate() {
        if place > 0 {
            line.push(b',');
        }
        line.extend_from_slice(b"{\"path\":");
        line.extend_from_slice(json!(field.path).to_string().as_bytes());
        for (name, value) in [("old", &field.old), ("new", &field.new)] {
            let value = value.as_ref().unwrap_or(&Value::Null);
            line.extend_from_slice(format!(",\"{name}\":{value}").as_bytes());
        }
        line.push(b'}');
    }
    line.push(b']');
}

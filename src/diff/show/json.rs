//! `-o json`: one document in the reference tool's shape.
//!
//! ```text
//! {"resources":{"created":[record,…],"deleted":[…],"modified":[…]},"entitlements":{…},"grants":{…}}⏎
//! ```
//!
//! Bare records; of a modified one the new side. An empty list is left out, an empty category is `{}`. Resource types
//! have no category there. Records stand in the order of their names.

use std::io::Write;

use super::{Difference, Error, kind_word, note};
use crate::diff::{Change, Kind, Records};
use crate::model::descriptor::{
    C1_CONNECTOR_V2_ENTITLEMENT, C1_CONNECTOR_V2_GRANT, C1_CONNECTOR_V2_RESOURCE,
    C1_CONNECTOR_V2_RESOURCETYPE,
};
use crate::model::protojson::Writer;

pub(super) fn write(out: &mut dyn Write, difference: &Difference<'_>) -> Result<(), Error> {
    let mut opening = "{";
    for records in [Records::Resources, Records::Entitlements, Records::Grants] {
        out.write_all(format!("{opening}\"{}\":{{", records.name()).as_bytes())?;
        let mut comma = "";
        for kind in [Kind::Created, Kind::Deleted, Kind::Modified] {
            let chosen = |change: &&Change| change.records == records && change.kind == kind;
            let mut before = format!("{comma}\"{}\":[", kind_word(kind));
            let mut record = Vec::new();
            for change in difference.changes.iter().filter(chosen) {
                record.clear();
                if push_record(&mut record, difference, change)? {
                    out.write_all(before.as_bytes())?;
                    out.write_all(&record)?;
                    ",".clone_into(&mut before);
                    comma = ",";
                }
            }
            if before == "," {
                out.write_all(b"]")?;
            }
        }
        out.write_all(b"}")?;
        opening = ",";
    }
    Ok(out.write_all(b"}\n")?)
}

/// Appends a record; false, with a note of it, when it does not parse.
fn push_record(out: &mut Vec<u8>, difference: &Difference<'_>, change: &Change) -> Result<bool, Error> {
    let Some((view, place)) = difference.latest(change) else { return Ok(false) };
    let snapshot = view.snapshot();
    let mut writer = Writer::new();
    let written = match change.records {
        Records::ResourceTypes => snapshot.resource_type_at(place, |record| {
            writer.message(out, &C1_CONNECTOR_V2_RESOURCETYPE, record.message)
        }),
        Records::Resources => snapshot
            .resource_at(place, |record| writer.message(out, &C1_CONNECTOR_V2_RESOURCE, record.message)),
        Records::Entitlements => snapshot.entitlement_at(place, |record| {
            writer.message(out, &C1_CONNECTOR_V2_ENTITLEMENT, record.message)
        }),
        Records::Grants => {
            snapshot.grant_at(place, |record| writer.message(out, &C1_CONNECTOR_V2_GRANT, record.message))
        }
    }?;
    match written {
        Some(Ok(())) => {
            note(snapshot.reader(), place, writer.take_notes());
            Ok(true)
        }
        Some(Err(error)) => {
            snapshot.reader().problems().damaged(place, &error.to_string());
            Ok(false)
        }
        None => Ok(false),
    }
}

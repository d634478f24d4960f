//! What a grant expands to: in a column of its own, or, in old files, among the annotations of the grant.

use super::*;

fn plain() -> v2::Grant {
    let mut record = grant(&entitlement(&resource("role", "admin"), "holder"), &resource("group", "g1"));
    record.annotations = vec![
        annotation("GrantMetadata", &v2::GrantMetadata::default()),
        annotation("GrantImmutable", &v2::GrantImmutable::default()),
    ];
    record
}

/// With `payload` as a `GrantExpandable` between the other annotations.
fn expanding(payload: Vec<u8>) -> v2::Grant {
    let mut record = plain();
    let mut inside = annotation("GrantExpandable", &v2::GrantExpandable::default());
    inside.value = payload;
    record.annotations.insert(1, inside);
    record
}

/// The only grant of a file in which `record` was stored whole, and `column` is its `expansion`.
fn stored(record: &v2::Grant, column: RawValue<'_>, backfilled: bool) -> Seen {
    let reader = read_sync(
        |writer| {
            let data = record.encode_to_vec();
            put_grant_row(writer, record, RawValue::Blob(&data), &[("expansion", column)]);
        },
        if backfilled { "" } else { "UPDATE v1_sync_runs SET grants_backfilled = 0" },
    );
    let mut all = grants(snapshot(&reader), &GrantFilter::default());
    assert_sound(&reader);
    assert_eq!(all.len(), 1);
    all.remove(0)
}

#[test]
fn of_a_sync_that_was_not_back_filled_it_is_taken_out_of_the_grant() {
    for ids in [&["a"][..], &["", "a"], &["a", "b"], &[" a "]] {
        let expansion = expandable(ids).encode_to_vec();
        for column in [RawValue::Null, RawValue::Blob(b"")] {
            let seen = stored(&expanding(expansion.clone()), column, false);
            assert_eq!(seen.expansion, expansion, "{ids:?}");
            assert_eq!(seen.message, plain().encode_to_vec(), "{ids:?}");
        }
    }
}

#[test]
fn one_that_names_nothing_stays_where_it_is() {
    // Blank is what Unicode calls white space, as in the program that connectors use.
    for ids in [&[][..], &[""], &[" ", "\t\r\n"], &["\u{b}"], &["\u{a0}"], &["\u{85}", "\u{2003}"]] {
        let record = expanding(expandable(ids).encode_to_vec());
        let seen = stored(&record, RawValue::Null, false);
        assert_eq!((seen.message, seen.expansion), (record.encode_to_vec(), Vec::new()), "{ids:?}");
    }
}

#[test]
fn one_that_does_not_parse_stays_where_it_is() {
    let record = expanding(vec![0x0a, 9, b'a']);
    let seen = stored(&record, RawValue::Null, false);
    assert_eq!((seen.message, seen.expansion), (record.encode_to_vec(), Vec::new()));
}

#[test]
fn of_a_back_filled_sync_the_grant_is_left_alone() {
    let record = expanding(expandable(&["a"]).encode_to_vec());
    let seen = stored(&record, RawValue::Null, true);
    assert_eq!((seen.message, seen.expansion), (record.encode_to_vec(), Vec::new()));
}

#[test]
fn the_column_comes_first() {
    let column = expandable(&["column"]).encode_to_vec();
    for backfilled in [true, false] {
        let seen = stored(&plain(), RawValue::Blob(&column), backfilled);
        assert_eq!((seen.message, seen.expansion), (plain().encode_to_vec(), column.clone()));
        let both = expanding(expandable(&["blob"]).encode_to_vec());
        assert_eq!(stored(&both, RawValue::Blob(&column), backfilled).expansion, column);
    }
}

#[test]
fn an_empty_column_is_none() {
    for column in [RawValue::Null, RawValue::Blob(b""), RawValue::Text("text"), RawValue::Integer(1)] {
        assert_eq!(stored(&plain(), column, true).expansion, b"", "{column:?}");
    }
}

#[test]
fn a_type_is_known_by_the_name_after_the_last_slash() {
    for url in [
        "c1.connector.v2.GrantExpandable",
        "/c1.connector.v2.GrantExpandable",
        "a/b/c1.connector.v2.GrantExpandable",
    ] {
        let mut record = expanding(expandable(&["a"]).encode_to_vec());
        record.annotations[1].type_url = url.into();
        let seen = stored(&record, RawValue::Null, false);
        assert_eq!(seen.message, plain().encode_to_vec(), "{url}");
    }
}

#[test]
fn all_of_them_leave_a_grant_that_has_several() {
    let mut record = expanding(expandable(&["a"]).encode_to_vec());
    record.annotations.push(annotation("GrantExpandable", &expandable(&["b"])));
    let seen = stored(&record, RawValue::Null, false);
    assert_eq!((seen.message, seen.expansion), (plain().encode_to_vec(), expandable(&["a"]).encode_to_vec()));
}

#[test]
fn a_slim_grant_gives_it_up_as_well() {
    let expansion = expandable(&["a"]).encode_to_vec();
    let record = expanding(expansion.clone());
    let reader =
        read_sync(|writer| put_slim(writer, &record), "UPDATE v1_sync_runs SET grants_backfilled = 0");
    let at = snapshot(&reader);
    let seen = grants(at, &GrantFilter::default()).remove(0);
    assert_eq!(seen.expansion, expansion);
    let grant = decoded(&seen);
    assert_eq!((&grant.annotations, &grant.id), (&plain().annotations, &record.id));
    assert_eq!(seen.keys[..6], texts(&[&record.id, "role:admin:holder", "role", "admin", "group", "g1"]));
    assert_eq!(at.grant(&GrantFilter::default(), seen_grant).unwrap(), Some(seen));
}

#[test]
fn of_two_syncs_each_has_its_own_mark() {
    let record = expanding(expandable(&["a"]).encode_to_vec());
    let reader = read(|writer| {
        for id in ["old", "new"] {
            writer.begin_sync(new_sync(id, SyncKind::Full)).unwrap();
            put_grant_row(writer, &record, RawValue::Blob(&record.encode_to_vec()), &[]);
            writer.end_sync(time("2026-11-22 12:00:00")).unwrap();
        }
        writer.execute("UPDATE v1_sync_runs SET grants_backfilled = 0 WHERE sync_id = 'old'").unwrap();
    });
    let messages: Vec<_> = reader
        .runs()
        .iter()
        .map(|run| grants(reader.at(run), &GrantFilter::default()).remove(0).message)
        .collect();
    assert_eq!(messages, [plain().encode_to_vec(), record.encode_to_vec()]);
}

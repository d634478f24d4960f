//! What is compared, in which order it is told, and what happens to rows that cannot be read.

use std::io;
use std::ops::ControlFlow;

use super::stores::{NEW, OLD, Pair, entitlement, grant, kind, packed, resource};
use crate::diff::{Options, Records, compare};
use crate::model::keys::ResourceKey;
use crate::model::v2;
use crate::render::Row;
use crate::store::{KeptPlace, Place, Writer};
use crate::view::{Need, Person, Sink, View};

/// Users in groups: everything is renamed in the new sync, `u1` left, `u9` came.
fn company(new: bool) -> impl FnOnce(&mut Writer) {
    move |writer| {
        let name = |text: &str| if new { format!("{text}!") } else { text.to_owned() };
        for id in ["user", "group"] {
            writer.put_resource_type(&v2::ResourceType { display_name: name(id), ..kind(id) }).unwrap();
        }
        let users = if new { ["u2", "u3", "u9"] } else { ["u1", "u2", "u3"] };
        for id in users {
            writer.put_resource(&v2::Resource { display_name: name(id), ..resource("user", id) }).unwrap();
        }
        for id in ["g1", "g2"] {
            let group = resource("group", id);
            writer.put_resource(&v2::Resource { display_name: name(id), ..group.clone() }).unwrap();
            for slug in ["member", "admin"] {
                let entitlement = v2::Entitlement { description: name(slug), ..entitlement(&group, slug) };
                writer.put_entitlement(&entitlement).unwrap();
                for user in users {
                    writer.put_grant(&grant(&entitlement, &resource("user", user))).unwrap();
                }
            }
        }
    }
}

fn pair() -> Pair {
    Pair::of(company(false), company(true))
}

#[test]
fn changes_are_sorted_by_records_and_names() {
    let told = pair().told(&Options::default());
    assert_eq!(
        told,
        [
            "~ resource-types group",
            "~ resource-types user",
            "~ resources group/g1",
            "~ resources group/g2",
            "- resources user/u1",
            "~ resources user/u2",
            "~ resources user/u3",
            "+ resources user/u9",
            "~ entitlements group:g1:admin",
            "~ entitlements group:g1:member",
            "~ entitlements group:g2:admin",
            "~ entitlements group:g2:member",
            "- grants group:g1:admin:user:u1",
            "+ grants group:g1:admin:user:u9",
            "- grants group:g1:member:user:u1",
            "+ grants group:g1:member:user:u9",
            "- grants group:g2:admin:user:u1",
            "+ grants group:g2:admin:user:u9",
            "- grants group:g2:member:user:u1",
            "+ grants group:g2:member:user:u9",
        ]
    );
}

#[test]
fn little_room_finds_the_same() {
    let pair = pair();
    let all = pair.compare(&Options::default());
    for room in [0, 1_000, 3_000] {
        assert_eq!(pair.compare(&Options { room: Some(room), ..Options::default() }), all);
    }
}

#[test]
fn only_what_is_named_is_compared() {
    let pair = pair();
    let all = pair.told(&Options::default());
    let those = |words: &[&str]| -> Vec<String> {
        all.iter().filter(|line| words.iter().any(|word| line.contains(word))).cloned().collect()
    };
    let only = |only: &[Records]| Options { only: only.to_vec(), ..Options::default() };
    assert_eq!(pair.told(&only(&[Records::Grants])), those(&[" grants "]));
    assert_eq!(
        pair.told(&only(&[Records::Entitlements, Records::ResourceTypes])),
        those(&[" entitlements ", " resource-types "])
    );
    let kinds = |kinds: &[&str]| Options {
        kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
        ..Options::default()
    };
    let of_groups = those(&["resource-types group", "resources group", "entitlements", "grants"]);
    assert_eq!(pair.told(&kinds(&["group"])), of_groups);
    assert_eq!(pair.told(&kinds(&["user"])), those(&["resource-types user", "resources user"]));
    assert_eq!(pair.told(&kinds(&["user", "group"])), all);
    assert!(pair.told(&kinds(&["role", "app"])).is_empty());
}

#[test]
fn one_principal_is_itself_and_what_it_holds() {
    let pair = pair();
    let of = |id: &str| Options {
        principal: Some(Person::of(ResourceKey { kind: b"user", id: id.as_bytes() })),
        ..Options::default()
    };
    assert_eq!(
        pair.told(&of("u1")),
        [
            "- resources user/u1",
            "- grants group:g1:admin:user:u1",
            "- grants group:g1:member:user:u1",
            "- grants group:g2:admin:user:u1",
            "- grants group:g2:member:user:u1",
        ]
    );
    assert_eq!(pair.told(&of("u2")), ["~ resources user/u2"]);
}

#[test]
fn entitlements_are_found_by_id_and_by_slug_on_either_side() {
    let pair = pair();
    let of = |patterns: &[&str]| Options {
        entitlements: patterns.iter().map(|pattern| (*pattern).to_owned()).collect(),
        ..Options::default()
    };
    let admins = [
        "~ entitlements group:g1:admin",
        "~ entitlements group:g2:admin",
        "- grants group:g1:admin:user:u1",
        "+ grants group:g1:admin:user:u9",
        "- grants group:g2:admin:user:u1",
        "+ grants group:g2:admin:user:u9",
    ];
    assert_eq!(pair.told(&of(&["admin"])), admins);
    assert_eq!(pair.told(&of(&["*:admin"])), admins);
    assert_eq!(pair.told(&of(&["group:g1:a*"])), [admins[0], admins[2], admins[3]]);
    assert!(pair.told(&of(&["owner"])).is_empty());
    // A slug that only the new sync has finds the old record, too.
    let with_slug = |slug: &'static str| {
        move |writer: &mut Writer| {
            let group = resource("group", "g1");
            let one = v2::Entitlement { id: "e1".into(), ..entitlement(&group, slug) };
            writer.put_entitlement(&one).unwrap();
            writer.put_grant(&grant(&one, &resource("user", "u1"))).unwrap();
        }
    };
    let pair = Pair::of(with_slug("reader"), with_slug("admin"));
    assert_eq!(pair.told(&of(&["admin"])), ["~ entitlements e1"]);
    assert_eq!(pair.told(&of(&["reader"])), ["~ entitlements e1"]);
}

#[test]
fn one_sync_is_the_same_as_itself() {
    let pair = pair();
    assert!(compare(pair.at(OLD), pair.at(OLD), &Options::default()).unwrap().is_empty());
    let same = Pair::of(company(true), company(true));
    assert!(same.compare(&Options { strict: true, ..Options::default() }).is_empty());
}

#[test]
fn rows_of_another_sync_are_not_found_by_their_place() {
    let pair = pair();
    let changes = pair.compare(&Options { only: vec![Records::Grants], ..Options::default() });
    let deleted = changes[0].old.as_ref().unwrap();
    let id = pair.at(OLD).grant_at(deleted.place(), |grant| grant.id.to_vec()).unwrap();
    assert_eq!(id.as_deref(), Some(&changes[0].name[..]));
    assert!(pair.at(NEW).grant_at(deleted.place(), |_| ()).unwrap().is_none());
    assert!(pair.at(OLD).resource_at(deleted.place(), |_| ()).unwrap().is_none());
}

/// Keeps the names of rows.
struct Names(Vec<String>);

impl Sink for Names {
    fn row(&mut self, row: &dyn Row, _: Place<'_>) -> io::Result<ControlFlow<()>> {
        self.0.push(String::from_utf8_lossy(&row.name()).into_owned());
        Ok(ControlFlow::Continue(()))
    }
}

#[test]
fn a_change_leads_to_its_joined_records() {
    let pair = pair();
    let views = [OLD, NEW].map(|id| View::new(pair.at(id), Need { cells: true, json: false }));
    for change in pair.compare(&Options::default()) {
        for (view, place) in views.iter().zip([&change.old, &change.new]) {
            let Some(place) = place.as_ref().map(KeptPlace::place) else { continue };
            let mut names = Names(Vec::new());
            let flow = match change.records {
                Records::ResourceTypes => view.resource_type_at(place, &mut names),
                Records::Resources => view.resource_at(place, &mut names),
                Records::Entitlements => view.entitlement_at(place, &mut names),
                Records::Grants => view.grant_at(place, &mut names),
            };
            assert!(flow.unwrap().is_continue());
            assert_eq!(names.0, [String::from_utf8(change.name.clone()).unwrap()]);
        }
    }
}

#[test]
fn rows_that_do_not_parse_are_noted() {
    let link = |url: &str| v2::Resource {
        annotations: vec![packed("ExternalLink", &v2::ExternalLink { url: url.into() })],
        ..resource("app", "crm")
    };
    // An id, then a status that is cut.
    let sql = format!(
        "UPDATE v1_resources SET data = x'0a0a0a03617070120363726d5a050801120963' WHERE sync_id = '{NEW}'"
    );
    let pair = Pair::changed(
        |writer| {
            writer.put_resource(&link("a")).unwrap();
        },
        |writer| {
            writer.put_resource(&link("a")).unwrap();
        },
        &sql,
    );
    let changes = compare(pair.at(OLD), pair.at(NEW), &Options::default()).unwrap();
    assert!(changes.is_empty(), "{changes:?}");
    let told = pair.reader.problems().incomplete().unwrap();
    assert!(told.contains("v1_resources row 2"), "{told}");
}

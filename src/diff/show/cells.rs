//! The columns that people read of a change, whatever form they stand in; the file's own text, not yet escaped.

use std::collections::HashMap;

use super::survey::{Class, Subject, Survey, Turn};
use super::words::{Room, words};
use super::{Difference, Error};
use crate::diff::Change;
use crate::model::protojson::Notes;
use crate::render::{Row, Shape, push_human};
use crate::view::{ENTITLEMENTS, GRANTS, Person, RESOURCE_TYPES, RESOURCES};

/// One change, to be read.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) turn: Turn,
    /// As many as [`titles`] names; `wide` has more.
    pub(super) cells: Vec<String>,
    /// What differs.
    pub(super) words: String,
}

/// The titles of the columns, without those of `wide`.
pub(super) fn titles(subject: Subject) -> &'static [&'static str] {
    match subject {
        Subject::Grants => &["Principal", "Entitlement", "Resource"],
        Subject::Accounts => &["Account"],
        Subject::Resources => &["Type", "ID", "Name"],
        Subject::Entitlements => &["ID", "Permission", "Resource"],
        Subject::ResourceTypes => &["ID", "Name"],
    }
}

/// Reads one change; `None` when its record does not parse, which is noted.
pub(super) fn told(
    difference: &Difference<'_>,
    change: &Change,
    class: Class,
    wide: bool,
) -> Result<Option<Told>, Error> {
    let mut cells = None;
    let mut state = String::new();
    difference.row(change, &mut |row| {
        let mut read = Reading { row, notes: Notes::default() };
        state = read.state(class.subject);
        cells = Some(read.cells(class.subject, wide));
        Ok(read.notes)
    })?;
    let Some(cells) = cells else { return Ok(None) };
    let words = match class.turn {
        Turn::Added | Turn::Removed => state,
        _ => words(difference, change, if wide { Room::ALL } else { Room::LINE })?,
    };
    Ok(Some(Told { turn: class.turn, cells, words }))
}

/// A row whose cells are read by name.
struct Reading<'r> {
    row: &'r dyn Row,
    notes: Notes,
}

impl Reading<'_> {
    fn text(&mut self, shape: &Shape, column: &str) -> String {
        let mut text = String::new();
        if let Ok(place) = shape.place(column) {
            push_human(&mut text, &self.row.cell(place), &mut self.notes, String::push_str);
        }
        text
    }

    /// What nobody expects of a grant or an account: that it is inherited, that it is not in use.
    fn state(&mut self, subject: Subject) -> String {
        match subject {
            Subject::Grants if self.text(&GRANTS, "inherited") == "yes" => "inherited".to_owned(),
            Subject::Accounts => {
                Some(self.text(&RESOURCES, "status")).filter(|word| word != "enabled").unwrap_or_default()
            }
            _ => String::new(),
        }
    }

    /// `type/id`
    fn name(&mut self, shape: &Shape, kind: &str, id: &str) -> String {
        format!("{}/{}", self.text(shape, kind), self.text(shape, id))
    }

    fn cells(&mut self, subject: Subject, wide: bool) -> Vec<String> {
        match subject {
            Subject::Grants => self.grant(wide),
            Subject::Accounts => self.account(wide),
            Subject::Resources => ["type", "id", "name"].map(|name| self.text(&RESOURCES, name)).to_vec(),
            Subject::Entitlements => {
                ["id", "slug", "resource"].map(|name| self.text(&ENTITLEMENTS, name)).to_vec()
            }
            Subject::ResourceTypes => ["id", "name"].map(|name| self.text(&RESOURCE_TYPES, name)).to_vec(),
        }
    }

    fn grant(&mut self, wide: bool) -> Vec<String> {
        let [principal, entitlement, resource] =
            ["principal", "entitlement", "resource"].map(|name| self.text(&GRANTS, name));
        if !wide {
            return vec![principal, entitlement, resource];
        }
        let principal_id = self.name(&GRANTS, "principal_type", "principal_id");
        let resource_id = self.name(&GRANTS, "resource_type", "resource_id");
        let entitlement_id = self.text(&GRANTS, "entitlement_id");
        vec![principal, principal_id, entitlement, entitlement_id, resource, resource_id]
    }

    /// Accounts are known as grants know their principals.
    fn account(&mut self, wide: bool) -> Vec<String> {
        let names = ["email", "login", "name", "id"].map(|name| self.text(&RESOURCES, name));
        let label = names.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
        if !wide {
            return vec![label];
        }
        vec![label, self.name(&RESOURCES, "type", "id"), self.text(&RESOURCES, "name")]
    }
}

/// The places of the changes of one subject as they are told: grants by the resource that they are on, accounts by
/// what happened to them, all others as they come.
pub(super) fn places(
    difference: &Difference<'_>,
    survey: &Survey,
    subject: Subject,
) -> Result<Vec<usize>, Error> {
    let mut places: Vec<usize> = survey.places(|class| class.subject == subject).collect();
    match subject {
        Subject::Grants => by_resource(difference, &mut places)?,
        Subject::Accounts => places.sort_by_key(|place| survey.class(*place).map(|class| class.turn)),
        _ => {}
    }
    Ok(places)
}

/// Sorts grants by the type, the label and the id of their resource; those of one resource stay in their order.
fn by_resource(difference: &Difference<'_>, places: &mut Vec<usize>) -> Result<(), Error> {
    let mut numbers: HashMap<Person, u32> = HashMap::new();
    let mut labels: Vec<(Vec<u8>, String, Vec<u8>)> = Vec::new();
    let mut of_place: Vec<(u32, usize)> = Vec::with_capacity(places.len());
    for &place in places.iter() {
        let Some(change) = difference.changes.get(place) else { continue };
        let Some((view, spot)) = difference.latest(change) else { continue };
        let Some(resource) = view.snapshot().grant_at(spot, |grant| Person::of(grant.resource))? else {
            continue;
        };
        let number = match numbers.get(&resource) {
            Some(number) => *number,
            None => {
                let number = u32::try_from(labels.len()).unwrap_or(u32::MAX);
                labels.push(label(difference, change, &resource)?);
                numbers.insert(resource, number);
                number
            }
        };
        of_place.push((number, place));
    }
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.sort_by_key(|number| labels.get(*number));
    let mut ranks = vec![0; labels.len()];
    for (rank, number) in order.into_iter().enumerate() {
        if let Some(slot) = ranks.get_mut(number) {
            *slot = rank;
        }
    }
    of_place.sort_by_key(|(number, place)| (ranks.get(*number as usize).copied(), *place));
    *places = of_place.into_iter().map(|(_, place)| place).collect();
    Ok(())
}

fn label(
    difference: &Difference<'_>,
    change: &Change,
    resource: &Person,
) -> Result<(Vec<u8>, String, Vec<u8>), Error> {
    let mut label = String::new();
    difference.row(change, &mut |row| {
        let mut read = Reading { row, notes: Notes::default() };
        label = read.text(&GRANTS, "resource");
        Ok(Notes::default())
    })?;
    Ok((resource.key().kind.to_vec(), label, resource.key().id.to_vec()))
}

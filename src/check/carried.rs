//! What a resource carries besides its facts, taken from its message by one walk.

use super::annotations::{each, text_in};
use super::traits;
use crate::model::wire::{Fields, Malformed, Value};

/// What the rules look at.
#[derive(Debug, Default)]
pub(super) struct Carried<'a> {
    /// The traits that it has, as bits.
    pub(super) traits: u8,
    /// Those of them that do not parse.
    pub(super) malformed: u8,
    /// It has a raw id.
    pub(super) raw_id: bool,
    /// The connector is not asked for its grants.
    pub(super) no_grants: bool,
    /// It comes from another system, and was copied into this sync.
    pub(super) foreign: bool,
    /// The types of the children that it announces.
    pub(super) children: Vec<&'a [u8]>,
    /// The assets that it shows, in the order of the record.
    pub(super) assets: Vec<&'a [u8]>,
}

impl<'a> Carried<'a> {
    /// Reads a `c1.connector.v2.Resource`. `parse` asks whether its traits parse, which takes the most time.
    pub(super) fn read(message: &'a [u8], parse: bool) -> Result<Self, Malformed> {
        let mut carried = Self::default();
        each(message, 4, |name, payload| carried.annotation(name, payload, parse))?;
        let mut walk = Fields::of(message);
        while let Some((number, value)) = walk.next_field()? {
            if let (10, Value::Bytes(icon)) = (number, value) {
                carried.assets.push(text_in(icon, 1));
            }
        }
        carried.assets.retain(|id| !id.is_empty());
        carried.assets.sort_unstable();
        carried.assets.dedup();
        Ok(carried)
    }

    fn annotation(&mut self, name: &'a [u8], payload: &'a [u8], parse: bool) {
        let bit = traits::bit_of_message(name);
        self.traits |= bit;
        if parse && !traits::parses(name, payload) {
            self.malformed |= bit;
        }
        match name {
            b"RawId" => self.raw_id = true,
            b"SkipGrants" | b"SkipEntitlementsAndGrants" => self.no_grants = true,
            b"BatonID" => self.foreign = true,
            b"ChildResourceType" => self.children.push(text_in(payload, 1)),
            b"UserTrait" => self.assets.push(text_in(text_in(payload, 4), 1)),
            b"GroupTrait" => self.assets.push(text_in(text_in(payload, 1), 1)),
            b"AppTrait" => {
                self.assets.push(text_in(text_in(payload, 2), 1));
                self.assets.push(text_in(text_in(payload, 3), 1));
            }
            _ => {}
        }
    }
}

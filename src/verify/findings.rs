//! Collecting what is found, step by step.

use std::collections::BTreeMap;

use super::report::{Fault, Layer, MAX_FAULTS, More, Step};

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Findings {
    steps: Vec<Step>,
    faults: Vec<Fault>,
    /// Faults of each layer, harmless ones apart: those that count and those that do not.
    counts: BTreeMap<(Layer, bool), u64>,
    /// Faults that are not harmless, all together.
    bad: u64,
}

impl Findings {
    /// Adds a fault, or counts it when its layer has many already.
    pub(super) fn add(&mut self, fault: Fault) {
        self.bad += u64::from(!fault.harmless);
        let count = self.counts.entry((fault.layer, fault.harmless)).or_default();
        *count += 1;
        if *count <= MAX_FAULTS as u64 {
            self.faults.push(fault);
        }
    }

    /// Adds a fault that is not harmless.
    pub(super) fn bad(
        &mut self,
        layer: Layer,
        offset: Option<u64>,
        place: impl Into<String>,
        message: impl Into<String>,
    ) {
        self.add(Fault { layer, offset, place: place.into(), message: message.into(), harmless: false });
    }

    /// Adds something odd.
    pub(super) fn odd(
        &mut self,
        layer: Layer,
        offset: Option<u64>,
        place: impl Into<String>,
        message: impl Into<String>,
    ) {
        self.add(Fault { layer, offset, place: place.into(), message: message.into(), harmless: true });
    }

    /// Takes over what another collection has of a layer that has nothing here yet.
    pub(super) fn take(&mut self, other: &mut Self, layer: Layer) {
        for harmless in [false, true] {
            let count = other.counts.remove(&(layer, harmless)).unwrap_or(0);
            self.bad += if harmless { 0 } else { count };
            *self.counts.entry((layer, harmless)).or_default() += count;
        }
        self.faults.extend(other.faults.extract_if(.., |fault| fault.layer == layer));
    }

    /// Whether a layer has any fault that is not harmless.
    pub(super) fn has(&self, layer: Layer) -> bool {
        self.counts.get(&(layer, false)).is_some_and(|count| *count > 0)
    }

    /// Takes a step: everything that is added during it is its own. What it returns is what was there to look at.
    pub(super) fn step(&mut self, layer: Layer, name: &'static str, f: impl FnOnce(&mut Self) -> String) {
        let before = self.bad;
        let found = f(self);
        self.steps.push(Step { layer, name, found, faults: self.bad - before });
    }

    /// Everything, bottom up.
    pub(super) fn finish(mut self) -> (Vec<Step>, Vec<Fault>, Vec<More>) {
        let place = |layer: Layer| Layer::ALL.iter().position(|other| *other == layer);
        self.steps.sort_by_key(|step| place(step.layer));
        self.faults.sort_by_key(|fault| (fault.harmless, place(fault.layer)));
        let more = Layer::ALL.into_iter().filter_map(|layer| {
            let over = |harmless| {
                let count = self.counts.get(&(layer, harmless)).copied().unwrap_or(0);
                count.saturating_sub(MAX_FAULTS as u64)
            };
            let count = over(false) + over(true);
            (count > 0).then_some(More { layer, count })
        });
        let more = more.collect();
        (self.steps, self.faults, more)
    }
}

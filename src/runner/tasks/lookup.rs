//! What grants and revocations need to know, from the newest sync of the file.

use prost::Message;

use super::Context;
use crate::model::keys::ResourceKey;
use crate::model::near::Near;
use crate::model::v2;
use crate::store::{
    EntitlementFilter, Error, GrantFilter, Reader, ResourceFilter, Snapshot, Source, SyncChoice,
};
use crate::sync::build::annotations;
use crate::ui::CommandError;

/// Ids that are looked at for one that was probably meant.
const CONSIDERED: usize = 20_000;

/// The file that earlier syncs wrote.
pub(super) struct Known {
    reader: Reader,
}

impl Known {
    /// Opens it.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub(super) fn open(context: &Context<'_>) -> Result<Self, CommandError> {
        let file = &context.file;
        if !file.exists() {
            let words = format!("{}: there is no such file", file.display());
            return Err(
                CommandError::trouble(words).hint("grants are looked up in what a sync wrote: sync first")
            );
        }
        let reader = Reader::open(&Source::Path(file.clone()), &context.open, &mut |_, _| {})?;
        for warning in reader.warnings() {
            log::warn!("{warning}");
        }
        Ok(Self { reader })
    }

    /// Its newest sync.
    ///
    /// # Errors
    /// When none is finished.
    pub(super) fn newest(&self) -> Result<Newest<'_>, CommandError> {
        let chosen = self.reader.choose(&SyncChoice::Newest).map_err(|error| {
            CommandError::trouble(error.to_string()).hint("let a sync come to its end first")
        })?;
        if let Some(newer) = chosen.passed_over {
            let (id, kind) = (&*chosen.run.id, &*chosen.run.kind);
            log::info!(sync_id = id, sync_type = kind, passed_over = &*newer.id; "Looking things up in the full sync");
        }
        Ok(Newest { snapshot: self.reader.at(chosen.run) })
    }
}

/// The newest sync of a file.
pub(super) struct Newest<'r> {
    snapshot: Snapshot<'r>,
}

impl Newest<'_> {
    /// The entitlement of this id, with its resource filled in.
    ///
    /// # Errors
    /// When either is missing, or the resource is another connector's.
    pub(super) fn entitlement(&self, id: &str) -> Result<v2::Entitlement, CommandError> {
        let found =
            self.snapshot.entitlement(id.as_bytes(), |record| v2::Entitlement::decode(record.message))?;
        let Some(found) = found else { return Err(self.no_entitlement(id)?) };
        let mut entitlement = self.decoded(found, "entitlement", id)?;
        let of = entitlement.resource.as_ref().and_then(|resource| resource.id.clone()).unwrap_or_default();
        let resource = self.resource(&of)?;
        if annotations::has::<v2::BatonId>(&resource.annotations) {
            let words =
                format!("{} comes from another connector, and only that one can change it", name(&of));
            return Err(CommandError::trouble(words));
        }
        entitlement.resource = Some(resource);
        Ok(entitlement)
    }

    /// The resource of this type and id.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn resource(&self, id: &v2::ResourceId) -> Result<v2::Resource, CommandError> {
        let key = ResourceKey { kind: id.resource_type.as_bytes(), id: id.resource.as_bytes() };
        let found = self.snapshot.resource(key, |record| v2::Resource::decode(record.message))?;
        match found {
            Some(found) => self.decoded(found, "resource", &name(id)),
            None => Err(self.no_resource(id)?),
        }
    }

    /// The grant of this id, with its entitlement, the resource of that and its principal filled in.
    ///
    /// # Errors
    /// As for [`Newest::entitlement`].
    pub(super) fn grant(&self, id: &str) -> Result<v2::Grant, CommandError> {
        let mut near = Near::of(id);
        let mut scan = self.snapshot.grants(&GrantFilter::default())?;
        let mut rows = scan.rows()?;
        let mut seen = 0;
        let found = loop {
            let next = rows.next(|record| {
                seen += 1;
                if record.id == id.as_bytes() {
                    return Some((v2::Grant::decode(record.message), record.expansion.to_vec()));
                }
                if seen < CONSIDERED {
                    near.add(text(record.id));
                }
                None
            })?;
            match next {
                Some(None) => {}
                Some(Some(found)) => break found,
                None => {
                    return Err(self
                        .missing("grant", id, "baton grants -o name")
                        .did_you_mean(&near.finish()));
                }
            }
        };
        let (grant, expansion) = found;
        let mut grant = self.decoded(grant, "grant", id)?;
        let expandable = v2::GrantExpandable::decode(&*expansion);
        if let Some(expandable) = expandable.ok().filter(|_| !expansion.is_empty()) {
            annotations::update(&mut grant.annotations, &expandable);
        }
        let entitlement = grant.entitlement.as_ref().map_or("", |entitlement| &*entitlement.id);
        grant.entitlement = Some(self.entitlement(entitlement)?);
        let principal =
            grant.principal.as_ref().and_then(|principal| principal.id.clone()).unwrap_or_default();
        grant.principal = Some(self.resource(&principal)?);
        Ok(grant)
    }

    fn decoded<T>(
        &self,
        record: Result<T, prost::DecodeError>,
        kind: &str,
        id: &str,
    ) -> Result<T, CommandError> {
        record.map_err(|error| {
            CommandError::trouble(format!("{}: the {kind} {id} does not parse: {error}", self.file()))
        })
    }

    fn file(&self) -> &str {
        self.snapshot.reader().file()
    }

    fn missing(&self, kind: &str, id: &str, listing: &str) -> CommandError {
        let words = format!("{}: there is no {kind} {id}", self.file());
        CommandError::trouble(words).hint(format!("{listing} -f {} lists what there is", self.file()))
    }

    fn no_entitlement(&self, id: &str) -> Result<CommandError, Error> {
        let mut near = Near::of(id);
        let mut scan = self.snapshot.entitlements(&EntitlementFilter::default())?;
        let mut rows = scan.rows()?;
        for _ in 0..CONSIDERED {
            match rows.next(|record| text(record.id))? {
                Some(name) => near.add(name),
                None => break,
            }
        }
        Ok(self.missing("entitlement", id, "baton entitlements").did_you_mean(&near.finish()))
    }

    fn no_resource(&self, id: &v2::ResourceId) -> Result<CommandError, Error> {
        let wanted = name(id);
        let mut near = Near::of(&wanted);
        let mut scan = self.snapshot.resources(&ResourceFilter::default())?;
        let mut rows = scan.rows()?;
        for _ in 0..CONSIDERED {
            match rows.next(|record| String::from_utf8_lossy(&record.key.to_name()).into_owned())? {
                Some(name) => near.add(name),
                None => break,
            }
        }
        let kind = &id.resource_type;
        Ok(self
            .missing("resource", &wanted, &format!("baton resources -t {kind}"))
            .did_you_mean(&near.finish()))
    }
}

/// `type/id`
pub(super) fn name(id: &v2::ResourceId) -> String {
    format!("{}/{}", id.resource_type, id.resource)
}

fn text(id: &[u8]) -> String {
    String::from_utf8_lossy(id).into_owned()
}

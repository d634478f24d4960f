//! A connector to a made-up system, which fails as it is told.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use baton::model::v2;
use baton::sync::{Answer, Code, Connector, ConnectorError, Page, Request, ResourceSyncer, Stop, Targeted};

use crate::random;
use crate::world::{World, name};

/// What happens to a call. `Ok` makes it as it is.
pub(crate) type Fault<'f> = Box<dyn Fn(&Call) -> Answer<()> + 'f>;

/// A call: what it is for, which page, and how often it was made before.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    /// Such as `list user`, `list project org/acme`, `grants group/g:1`.
    pub(crate) subject: String,
    pub(crate) token: String,
    pub(crate) attempt: u32,
    /// The number of calls made so far, over all.
    pub(crate) number: u64,
}

/// The connector.
pub(crate) struct Scripted<'f> {
    pub(crate) world: World,
    /// Chooses the sizes of pages.
    pub(crate) seed: u64,
    pub(crate) fault: Fault<'f>,
    pub(crate) calls: Cell<u64>,
    attempts: RefCell<BTreeMap<(String, String), u32>>,
    pub(crate) subjects: RefCell<Vec<String>>,
    pub(crate) targeted: bool,
}

impl<'f> Scripted<'f> {
    /// A connector that never fails.
    pub(crate) fn new(world: World) -> Self {
        Self::failing(world, Box::new(|_| Ok(())))
    }

    pub(crate) fn failing(world: World, fault: Fault<'f>) -> Self {
        Self {
            world,
            seed: 7,
            fault,
            calls: Cell::new(0),
            attempts: RefCell::default(),
            subjects: RefCell::default(),
            targeted: true,
        }
    }

    /// Notes a call, and lets it fail.
    fn call(&self, subject: &str, token: &str) -> Answer<()> {
        let attempt = {
            let mut attempts = self.attempts.borrow_mut();
            let attempt = attempts.entry((subject.to_owned(), token.to_owned())).or_default();
            *attempt += 1;
            *attempt - 1
        };
        let number = self.calls.get();
        self.calls.set(number + 1);
        self.subjects.borrow_mut().push(format!("{subject} {token}").trim_end().to_owned());
        (self.fault)(&Call { subject: subject.to_owned(), token: token.to_owned(), attempt, number })
    }

    /// A page of a list: up to four records, often none.
    fn page<T: Clone>(&self, subject: &str, list: &[T], request: &Request<'_>) -> Answer<Page<T>> {
        self.call(subject, request.token)?;
        let start = match request.token {
            "" => 0,
            token => token
                .strip_prefix(&format!("{subject}@"))
                .and_then(|number| number.split('+').next()?.parse::<usize>().ok())
                .ok_or_else(|| ConnectorError::new(Code::InvalidArgument, format!("token {token:?}")))?,
        };
        let size = random::of(self.seed, &format!("{subject} {}", request.token)) % 5;
        let end = (start + size as usize).min(list.len());
        let items = list[start.min(end)..end].to_vec();
        if end == list.len() {
            return Ok(Page::last(items));
        }
        // After an empty page the token must differ although the place is the same.
        let empties =
            request.token.split('+').nth(1).and_then(|number| number.parse::<u64>().ok()).unwrap_or(0);
        let empties = if end == start { empties + 1 } else { 0 };
        Ok(Page::then(items, format!("{subject}@{end}+{empties}")))
    }
}

/// A fault that asks for a stop at one call.
pub(crate) fn stop_at(number: u64, stop: &Stop) -> Fault<'static> {
    let stop = stop.clone();
    Box::new(move |call| {
        if call.number == number {
            stop.request();
        }
        Ok(())
    })
}

impl Connector for Scripted<'_> {
    fn metadata(&self) -> Answer<v2::ConnectorMetadata> {
        Ok(v2::ConnectorMetadata { display_name: "Scripted".into(), ..Default::default() })
    }

    fn validate(&self) -> Answer<()> {
        self.call("validate", "")
    }

    fn syncers(&self) -> Vec<Box<dyn ResourceSyncer + '_>> {
        let syncer = |kind: &v2::ResourceType| {
            let syncer = Syncer { connector: self, kind: kind.clone() };
            Box::new(syncer) as Box<dyn ResourceSyncer + '_>
        };
        self.world.kinds.iter().map(syncer).collect()
    }
}

struct Syncer<'c, 'f> {
    connector: &'c Scripted<'f>,
    kind: v2::ResourceType,
}

impl ResourceSyncer for Syncer<'_, '_> {
    fn resource_type(&self) -> v2::ResourceType {
        self.kind.clone()
    }

    fn list(&self, parent: Option<&v2::ResourceId>, request: &Request<'_>) -> Answer<Page<v2::Resource>> {
        let parent = parent.map(name).unwrap_or_default();
        let subject = format!("list {} {parent}", self.kind.id);
        let list = self.connector.world.resources.get(&(self.kind.id.clone(), parent));
        self.connector.page(subject.trim_end(), list.map_or(&[], Vec::as_slice), request)
    }

    fn entitlements(&self, resource: &v2::Resource, request: &Request<'_>) -> Answer<Page<v2::Entitlement>> {
        let name = name(resource.id.as_ref().unwrap());
        let list = self.connector.world.entitlements.get(&name);
        self.connector.page(&format!("entitlements {name}"), list.map_or(&[], Vec::as_slice), request)
    }

    fn grants(&self, resource: &v2::Resource, request: &Request<'_>) -> Answer<Page<v2::Grant>> {
        let name = name(resource.id.as_ref().unwrap());
        let list = self.connector.world.grants.get(&name);
        self.connector.page(&format!("grants {name}"), list.map_or(&[], Vec::as_slice), request)
    }

    fn targeted(&self) -> Option<&dyn Targeted> {
        self.connector.targeted.then_some(self)
    }
}

impl Targeted for Syncer<'_, '_> {
    fn get(&self, id: &v2::ResourceId, _: Option<&v2::ResourceId>) -> Answer<v2::Resource> {
        self.connector.call(&format!("get {}", name(id)), "")?;
        let found = self.connector.world.all_resources().find(|resource| resource.id.as_ref() == Some(id));
        found.cloned().ok_or_else(|| ConnectorError::new(Code::NotFound, format!("no {}", name(id))))
    }
}

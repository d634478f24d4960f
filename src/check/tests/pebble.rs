//! The same company in a version 3 file.

use prost::Message as _;
use prost_types::Timestamp;

use super::world::{File, SYNC, World};
use crate::model::proto::c1::storage::v3::{
    AssetRecord, EntitlementRecord, EntitlementRef, GrantExpandableRecord, GrantRecord, GrantSourceRecord,
    PrincipalRef, ResourceRecord, ResourceRef, ResourceTypeRecord, StatusRecord, SyncRunRecord,
    SyncStatsRecord,
};
use crate::model::v2;
use crate::store::{PebbleStore, SyncKind};

const EXPANDABLE: &str = "/c1.connector.v2.GrantExpandable";

fn time(seconds: i64) -> Option<Timestamp> {
    Some(Timestamp { seconds, nanos: 0 })
}

fn parts(id: Option<&v2::ResourceId>) -> ResourceRef {
    let id = id.cloned().unwrap_or_default();
    ResourceRef { resource_type_id: id.resource_type, resource_id: id.resource }
}

fn kind(record: &v2::ResourceType) -> ResourceTypeRecord {
    let word = |number: &i32| {
        v2::resource_type::Trait::try_from(*number).unwrap().as_str_name().replace("TRAIT_", "")
    };
    ResourceTypeRecord {
        external_id: record.id.clone(),
        display_name: record.display_name.clone(),
        description: record.description.clone(),
        traits: record.traits.iter().map(word).collect(),
        annotations: record.annotations.clone(),
        ..Default::default()
    }
}

fn resource(record: &v2::Resource) -> ResourceRecord {
    let ResourceRef { resource_type_id, resource_id } = parts(record.id.as_ref());
    let status = record.status.as_ref();
    ResourceRecord {
        resource_type_id,
        resource_id,
        display_name: record.display_name.clone(),
        description: record.description.clone(),
        parent: record.parent_resource_id.as_ref().map(|id| parts(Some(id))),
        annotations: record.annotations.clone(),
        status: status.map(|one| StatusRecord { status: one.status, details: one.details.clone() }),
        icon_asset_external_id: record.icon.clone().unwrap_or_default().id,
        ..Default::default()
    }
}

fn entitlement(record: &v2::Entitlement) -> EntitlementRecord {
    let purpose = v2::entitlement::PurposeValue::try_from(record.purpose).unwrap().as_str_name();
    EntitlementRecord {
        external_id: record.id.clone(),
        resource: Some(parts(record.resource.as_ref().and_then(|one| one.id.as_ref()))),
        display_name: record.display_name.clone(),
        description: record.description.clone(),
        purpose: purpose.replace("PURPOSE_VALUE_", ""),
        annotations: record.annotations.clone(),
        slug: record.slug.clone(),
        grantable_to_resource_type_ids: record.grantable_to.iter().map(|kind| kind.id.clone()).collect(),
        ..Default::default()
    }
}

fn grant(record: &v2::Grant) -> GrantRecord {
    let of = record.entitlement.clone().unwrap_or_default();
    let resource = parts(of.resource.as_ref().and_then(|one| one.id.as_ref()));
    let holder = parts(record.principal.as_ref().and_then(|one| one.id.as_ref()));
    let expansion = record.annotations.iter().find(|any| any.type_url.ends_with(EXPANDABLE));
    let annotations = record.annotations.iter().filter(|any| !any.type_url.ends_with(EXPANDABLE));
    let sources = record.sources.clone().unwrap_or_default().sources.into_iter();
    GrantRecord {
        external_id: record.id.clone(),
        entitlement: Some(EntitlementRef {
            resource_type_id: resource.resource_type_id,
            resource_id: resource.resource_id,
            entitlement_id: of.id,
        }),
        principal: Some(PrincipalRef {
            resource_type_id: holder.resource_type_id,
            resource_id: holder.resource_id,
            ..Default::default()
        }),
        expansion: expansion.map(|any| GrantExpandableRecord::decode(&*any.value).unwrap()),
        annotations: annotations.cloned().collect(),
        sources: sources
            .map(|(id, source)| (id, GrantSourceRecord { is_direct: source.is_direct, ..Default::default() }))
            .collect(),
        ..Default::default()
    }
}

impl World {
    /// A version 3 file of it. The raw rows are left out.
    pub(super) fn pebble(&self) -> File {
        let mut store = PebbleStore::empty();
        let run = SyncRunRecord {
            sync_id: SYNC.into(),
            r#type: match self.kind {
                SyncKind::Full => 1,
                SyncKind::Partial => 2,
                SyncKind::ResourcesOnly => 3,
                _ => panic!("no test needs it"),
            },
            started_at: time(1_795_000_000),
            ended_at: if self.finished { time(1_795_000_060) } else { None },
            ..Default::default()
        };
        store.put_run(&run);
        self.types.iter().for_each(|record| store.put_type(&kind(record)));
        self.resources.iter().for_each(|record| store.put_resource(&resource(record)));
        self.entitlements.iter().for_each(|record| store.put_entitlement(&entitlement(record)));
        self.grants.iter().for_each(|record| store.put_grant(&grant(record)));
        for id in &self.assets {
            let asset = AssetRecord { external_id: id.clone(), data: b"png".into(), ..Default::default() };
            store.put_asset(&asset);
        }
        if self.finished {
            store.put_stats(&self.stats());
        }
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("company.c1z");
        std::fs::write(&path, store.file()).unwrap();
        File::open(directory, &path)
    }

    fn stats(&self) -> SyncStatsRecord {
        let mut stats = SyncStatsRecord {
            sync_id: SYNC.into(),
            resource_types: self.types.len() as i64,
            resources: self.resources.len() as i64,
            entitlements: self.entitlements.len() as i64,
            grants: self.grants.len() as i64 + self.miscounted,
            assets: self.assets.len() as i64,
            ..Default::default()
        };
        let of = |resource: Option<&v2::Resource>| {
            parts(resource.and_then(|one| one.id.as_ref())).resource_type_id
        };
        for one in &self.resources {
            *stats.resources_by_resource_type.entry(of(Some(one))).or_default() += 1;
        }
        for one in &self.entitlements {
            *stats.entitlements_by_resource_type.entry(of(one.resource.as_ref())).or_default() += 1;
        }
        for one in &self.grants {
            let resource = one.entitlement.as_ref().and_then(|of| of.resource.as_ref());
            *stats.grants_by_entitlement_resource_type.entry(of(resource)).or_default() += 1;
        }
        stats
    }
}

//! A connector with every ability, one with none, and the file that they end up in.

use prost_types::{Any, Struct, Timestamp};
use serde_json::{Value, json};

use super::*;
use crate::sync::build::{self, Trait};
use crate::sync::{
    AccountManager, Actions, CredentialRotator, Credentials, EventFeed, EventPage, Granted, NewAccount, Page,
    Provisioner, Removed, Request, ResourceDeleter, ResourceManager, Secret, Targeted,
};

/// What a syncer says that it can do.
#[derive(Clone, Default)]
struct Abilities {
    targeted: bool,
    provisioner: bool,
    accounts: Option<CredentialChoices>,
    manager: bool,
    deleter: bool,
    rotation: Option<CredentialChoices>,
    actions: bool,
}

struct Syncer {
    kind: v2::ResourceType,
    can: Abilities,
    rotator: Option<Rotator>,
}

struct Rotator(CredentialChoices);

impl Syncer {
    fn new(kind: v2::ResourceType, can: Abilities) -> Self {
        Self { kind, rotator: can.rotation.clone().map(Rotator), can }
    }
}

impl ResourceSyncer for Syncer {
    fn resource_type(&self) -> v2::ResourceType {
        self.kind.clone()
    }

    fn list(&self, _: Option<&v2::ResourceId>, _: &Request<'_>) -> Answer<Page<v2::Resource>> {
        Ok(Page::default())
    }

    fn targeted(&self) -> Option<&dyn Targeted> {
        self.can.targeted.then_some(self)
    }

    fn provisioner(&self) -> Option<&dyn Provisioner> {
        self.can.provisioner.then_some(self)
    }

    fn account_manager(&self) -> Option<&dyn AccountManager> {
        self.can.accounts.is_some().then_some(self)
    }

    fn manager(&self) -> Option<&dyn ResourceManager> {
        self.can.manager.then_some(self)
    }

    fn deleter(&self) -> Option<&dyn ResourceDeleter> {
        self.can.deleter.then_some(self)
    }

    fn rotator(&self) -> Option<&dyn CredentialRotator> {
        self.rotator.as_ref().map(|rotator| rotator as _)
    }

    fn actions(&self) -> Option<&dyn Actions> {
        self.can.actions.then_some(&Nothing)
    }
}

fn nothing<T>() -> Answer<T> {
    Err(ConnectorError::new(Code::Unimplemented, "only asked for what it can do"))
}

impl Targeted for Syncer {
    fn get(&self, _: &v2::ResourceId, _: Option<&v2::ResourceId>) -> Answer<v2::Resource> {
        nothing()
    }
}

impl Provisioner for Syncer {
    fn grant(&self, _: &v2::Resource, _: &v2::Entitlement) -> Answer<Granted> {
        nothing()
    }

    fn revoke(&self, _: &v2::Grant) -> Answer<Removed> {
        nothing()
    }
}

impl AccountManager for Syncer {
    fn credential_choices(&self) -> CredentialChoices {
        self.can.accounts.clone().unwrap()
    }

    fn create_account(&self, _: &v2::AccountInfo, _: &Credentials) -> Answer<NewAccount> {
        nothing()
    }
}

impl ResourceDeleter for Syncer {
    fn delete(&self, _: &v2::ResourceId, _: Option<&v2::ResourceId>) -> Answer<Removed> {
        nothing()
    }
}

impl ResourceManager for Syncer {
    fn create(&self, _: &v2::Resource) -> Answer<v2::Resource> {
        nothing()
    }
}

impl CredentialRotator for Rotator {
    fn credential_choices(&self) -> CredentialChoices {
        self.0.clone()
    }

    fn rotate(&self, _: &v2::ResourceId, _: &Credentials) -> Answer<Vec<Secret>> {
        nothing()
    }
}

struct Nothing;

impl Actions for Nothing {
    fn schemas(&self) -> Answer<Vec<v2::BatonActionSchema>> {
        Ok(Vec::new())
    }

    fn invoke(&self, _: &str, _: &Struct) -> Answer<Struct> {
        nothing()
    }
}

impl EventFeed for Nothing {
    fn metadata(&self) -> v2::EventFeedMetadata {
        v2::EventFeedMetadata { id: "feed".into(), ..Default::default() }
    }

    fn events(&self, _: Option<&Timestamp>, _: &str) -> Answer<EventPage> {
        nothing()
    }
}

#[derive(Default)]
struct Scripted {
    types: Vec<(v2::ResourceType, Abilities)>,
    actions: bool,
    feeds: bool,
}

impl Connector for Scripted {
    fn metadata(&self) -> Answer<v2::ConnectorMetadata> {
        Ok(v2::ConnectorMetadata::default())
    }

    fn syncers(&self) -> Vec<Box<dyn ResourceSyncer + '_>> {
        let syncer = |(kind, can): &(v2::ResourceType, Abilities)| {
            Box::new(Syncer::new(kind.clone(), can.clone())) as Box<dyn ResourceSyncer>
        };
        self.types.iter().map(syncer).collect()
    }

    fn actions(&self) -> Option<&dyn Actions> {
        self.actions.then_some(&Nothing)
    }

    fn event_feeds(&self) -> Vec<Box<dyn EventFeed + '_>> {
        if self.feeds { vec![Box::new(Nothing)] } else { Vec::new() }
    }
}

fn told(connector: &Scripted) -> Answer<v2::ConnectorCapabilities> {
    capabilities(&Registry::of(connector).unwrap(), connector)
}

fn of_types(types: impl IntoIterator<Item = (&'static str, Abilities)>) -> Answer<v2::ConnectorCapabilities> {
    let types = types.into_iter().map(|(name, can)| (build::resource_type(name).build(), can)).collect();
    told(&Scripted { types, ..Scripted::default() })
}

fn choices(supported: &[CredentialOption], preferred: CredentialOption) -> Option<CredentialChoices> {
    Some(CredentialChoices { supported: supported.to_vec(), preferred })
}

fn random_password() -> Option<CredentialChoices> {
    choices(
        &[CredentialOption::NoPassword, CredentialOption::RandomPassword],
        CredentialOption::RandomPassword,
    )
}

fn no_password() -> Option<CredentialChoices> {
    choices(&[CredentialOption::NoPassword], CredentialOption::NoPassword)
}

fn everything() -> Abilities {
    Abilities {
        targeted: true,
        provisioner: true,
        accounts: random_password(),
        manager: true,
        deleter: true,
        rotation: no_password(),
        actions: false,
    }
}

#[test]
fn a_type_with_all_abilities_lists_them_as_the_reference_does() {
    let told = of_types([("User", everything())]).unwrap();
    let own = &told.resource_type_capabilities[0];
    let names: Vec<_> = own.capabilities().map(|one| one.as_str_name()).collect();
    assert_eq!(
        names,
        [
            "CAPABILITY_SYNC",
            "CAPABILITY_TARGETED_SYNC",
            "CAPABILITY_PROVISION",
            "CAPABILITY_ACCOUNT_PROVISIONING",
            "CAPABILITY_RESOURCE_DELETE",
            "CAPABILITY_RESOURCE_CREATE",
            "CAPABILITY_CREDENTIAL_ROTATION",
        ]
    );
    // By number, with what only the connector as a whole has.
    assert_eq!(told.connector_capabilities, [1, 2, 5, 6, 7, 8, 11, 13]);
}

#[test]
fn a_type_with_no_ability_is_synced() {
    let told = of_types([("User", Abilities::default())]).unwrap();
    let own = &told.resource_type_capabilities[0];
    assert_eq!(own.capabilities, [2]);
    assert_eq!(own.permissions, Some(v2::CapabilityPermissions::default()));
    assert!(!own.opt_in_required && !own.skip_sync_anomaly_detection && !own.deprecated);
    assert!(own.credential_issue.is_none());
    assert_eq!(told.connector_capabilities, [2]);
    assert_eq!(told.credential_details, Some(v2::CredentialDetails::default()));
}

#[test]
fn a_connector_of_nothing_can_do_nothing() {
    let wanted =
        v2::ConnectorCapabilities { credential_details: Some(Default::default()), ..Default::default() };
    assert_eq!(told(&Scripted::default()).unwrap(), wanted);
}

#[test]
fn each_ability_alone_gives_its_capabilities() {
    let none = Abilities::default;
    for (can, own, all) in [
        (Abilities { targeted: true, ..none() }, vec![2, 11], vec![2, 11, 13]),
        (Abilities { provisioner: true, ..none() }, vec![2, 1], vec![1, 2]),
        (Abilities { accounts: no_password(), ..none() }, vec![2, 5], vec![2, 5]),
        (Abilities { manager: true, ..none() }, vec![2, 8, 7], vec![2, 7, 8]),
        (Abilities { deleter: true, ..none() }, vec![2, 8], vec![2, 8]),
        (Abilities { rotation: no_password(), ..none() }, vec![2, 6], vec![2, 6]),
        (Abilities { actions: true, ..none() }, vec![2], vec![2, 10]),
    ] {
        let told = of_types([("User", can)]).unwrap();
        assert_eq!(told.resource_type_capabilities[0].capabilities, own);
        assert_eq!(told.connector_capabilities, all);
    }
}

#[test]
fn actions_and_feeds_of_the_connector_count() {
    let actions = Scripted { actions: true, ..Scripted::default() };
    assert_eq!(told(&actions).unwrap().connector_capabilities, [10]);
    let feeds = Scripted { feeds: true, ..Scripted::default() };
    assert_eq!(told(&feeds).unwrap().connector_capabilities, [12]);
}

#[test]
fn types_stand_by_their_ids_and_the_connector_has_what_any_of_them_has() {
    let provisioner = Abilities { provisioner: true, ..Abilities::default() };
    let deleter = Abilities { deleter: true, ..Abilities::default() };
    let told = of_types([("Role", provisioner), ("App", deleter), ("Group", Abilities::default())]).unwrap();
    let ids: Vec<_> =
        told.resource_type_capabilities.iter().map(|one| &*one.resource_type.as_ref().unwrap().id).collect();
    assert_eq!(ids, ["app", "group", "role"]);
    assert_eq!(told.connector_capabilities, [1, 2, 8]);
}

#[test]
fn the_annotations_of_a_type_are_told() {
    let kind = build::resource_type("Repo")
        .permissions(["repo:read"])
        .opt_in_required()
        .skip_sync_anomaly_detection()
        .deprecated()
        .build();
    let told =
        told(&Scripted { types: vec![(kind.clone(), Abilities::default())], ..Scripted::default() }).unwrap();
    let own = &told.resource_type_capabilities[0];
    assert_eq!(own.resource_type, Some(kind));
    assert_eq!(own.permissions.as_ref().unwrap().permissions[0].permission, "repo:read");
    assert!(own.opt_in_required && own.skip_sync_anomaly_detection && own.deprecated);
}

#[test]
fn broken_permissions_are_an_error() {
    use prost::Name as _;
    let mut kind = build::resource_type("Repo").build();
    kind.annotations.push(Any { type_url: v2::CapabilityPermissions::type_url(), value: vec![0xff] });
    let scripted = Scripted { types: vec![(kind, Abilities::default())], ..Scripted::default() };
    let error = told(&scripted).unwrap_err();
    assert_eq!(error.code(), Code::Internal);
    assert!(error.message().contains("\"repo\""), "{error}");
}

#[test]
fn the_credentials_of_the_first_type_by_id_are_told() {
    let with = |accounts, rotation| Abilities { accounts, rotation, ..Abilities::default() };
    let told =
        of_types([("User", with(random_password(), random_password())), ("Bot", with(no_password(), None))])
            .unwrap();
    let details = told.credential_details.unwrap();
    let accounts = details.capability_account_provisioning.unwrap();
    assert_eq!((accounts.supported_credential_options, accounts.preferred_credential_option), (vec![1], 1));
    let rotation = details.capability_credential_rotation.unwrap();
    assert_eq!(
        (rotation.supported_credential_options, rotation.preferred_credential_option),
        (vec![1, 2], 2)
    );
}

#[test]
fn preferred_credentials_must_be_set_and_supported() {
    use CredentialOption::{NoPassword, Sso, Unspecified};
    for (wrong, words) in [
        (choices(&[NoPassword], Sso), "preferred credentials that are not among the supported ones"),
        (choices(&[], NoPassword), "preferred credentials that are not among the supported ones"),
        (choices(&[NoPassword], Unspecified), "no preferred credentials"),
        (choices(&[Unspecified], Unspecified), "no preferred credentials"),
    ] {
        for (can, purpose) in [
            (Abilities { accounts: wrong.clone(), ..Abilities::default() }, "new accounts"),
            (Abilities { rotation: wrong.clone(), ..Abilities::default() }, "rotation"),
        ] {
            let error = of_types([("User", can)]).unwrap_err();
            assert_eq!(error.code(), Code::InvalidArgument);
            assert_eq!(error.message(), format!("the resource type \"user\" has {words} for {purpose}"));
        }
    }
}

#[test]
fn the_file_is_indented_protojson_in_declaration_order() {
    let kind = build::resource_type("Group").trait_(Trait::Group).build();
    let can = Abilities { provisioner: true, ..Abilities::default() };
    let told = told(&Scripted { types: vec![(kind, can)], ..Scripted::default() }).unwrap();
    let wanted = r#"{
  "@type": "type.googleapis.com/c1.connector.v2.ConnectorCapabilities",
  "resourceTypeCapabilities": [
    {
      "resourceType": {
        "id": "group",
        "displayName": "Group",
        "traits": [
          "TRAIT_GROUP"
        ]
      },
      "capabilities": [
        "CAPABILITY_SYNC",
        "CAPABILITY_PROVISION"
      ],
      "permissions": {}
    }
  ],
  "connectorCapabilities": [
    "CAPABILITY_PROVISION",
    "CAPABILITY_SYNC"
  ],
  "credentialDetails": {}
}"#;
    let text = capabilities_json(&told);
    assert_eq!(text, wanted);
    let parsed: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        parsed,
        json!({
            "@type": "type.googleapis.com/c1.connector.v2.ConnectorCapabilities",
            "resourceTypeCapabilities": [{
                "resourceType": {"id": "group", "displayName": "Group", "traits": ["TRAIT_GROUP"]},
                "capabilities": ["CAPABILITY_SYNC", "CAPABILITY_PROVISION"],
                "permissions": {},
            }],
            "connectorCapabilities": ["CAPABILITY_PROVISION", "CAPABILITY_SYNC"],
            "credentialDetails": {},
        })
    );
}

#[test]
fn the_file_tells_permissions_credentials_and_annotations() {
    let kind = build::resource_type("User")
        .skip_entitlements_and_grants()
        .permissions(["a \"quoted\", {b}"])
        .build();
    let can = Abilities { accounts: random_password(), ..Abilities::default() };
    let told = told(&Scripted { types: vec![(kind, can)], ..Scripted::default() }).unwrap();
    let parsed: Value = serde_json::from_str(&capabilities_json(&told)).unwrap();
    let own = &parsed["resourceTypeCapabilities"][0];
    assert_eq!(own["permissions"], json!({"permissions": [{"permission": "a \"quoted\", {b}"}]}));
    let annotation = json!({"@type": "type.googleapis.com/c1.connector.v2.SkipEntitlementsAndGrants"});
    assert_eq!(own["resourceType"]["annotations"][0], annotation);
    assert_eq!(
        parsed["credentialDetails"]["capabilityAccountProvisioning"],
        json!({
            "supportedCredentialOptions": [
                "CAPABILITY_DETAIL_CREDENTIAL_OPTION_NO_PASSWORD",
                "CAPABILITY_DETAIL_CREDENTIAL_OPTION_RANDOM_PASSWORD",
            ],
            "preferredCredentialOption": "CAPABILITY_DETAIL_CREDENTIAL_OPTION_RANDOM_PASSWORD",
        })
    );
}

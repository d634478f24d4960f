//! Secrets: the keys with which programs sign in. Not the keys themselves, which nobody is told twice.

use super::state::{Kind, Secret};
use super::{Demo, invalid, link, object_id, time};
use crate::model::v2;
use crate::model::v2::CapabilityDetailCredentialOption as Choice;
use crate::sync::build::{self, CredentialType, Trait};
use crate::sync::{
    self, Answer, CredentialChoices, CredentialRotator, Credentials, Page, Request, ResourceSyncer, Targeted,
};

pub(super) fn resource_type() -> v2::ResourceType {
    build::resource_type("Secret")
        .trait_(Trait::Secret)
        .description("Keys with which programs sign in")
        .skip_entitlements_and_grants()
        .build()
}

pub(super) struct Secrets<'d>(pub(super) &'d Demo);

impl ResourceSyncer for Secrets<'_> {
    fn resource_type(&self) -> v2::ResourceType {
        resource_type()
    }

    fn list(&self, parent: Option<&v2::ResourceId>, request: &Request<'_>) -> Answer<Page<v2::Resource>> {
        match parent {
            None => self.0.objects(request, resource),
            Some(_) => Ok(Page::default()),
        }
    }

    fn targeted(&self) -> Option<&dyn Targeted> {
        Some(self)
    }

    fn rotator(&self) -> Option<&dyn CredentialRotator> {
        Some(self)
    }
}

fn resource(secret: &Secret) -> v2::Resource {
    let user = |id: &String| build::id(Kind::User.word(), id);
    let mut details = build::secret()
        .credential(CredentialType::StaticSecret, "API key")
        .identity(&user(&secret.owner))
        .created_at(time(secret.created_at))
        .expires_at(time(secret.expires_at));
    if let Some(creator) = &secret.created_by {
        details = details.created_by(&user(creator));
    }
    if let Some(seconds) = secret.last_used_at {
        details = details.last_used_at(time(seconds));
    }
    build::resource(&resource_type(), &secret.id, &secret.name)
        .raw_id(&secret.id)
        .external_link(link(Kind::Secret, &secret.id))
        .secret(details)
        .build()
}

impl Targeted for Secrets<'_> {
    fn get(&self, id: &v2::ResourceId, _: Option<&v2::ResourceId>) -> Answer<v2::Resource> {
        self.0.state.get(object_id(Kind::Secret, id)?).map(|secret| resource(&secret))
    }
}

impl CredentialRotator for Secrets<'_> {
    fn credential_choices(&self) -> CredentialChoices {
        CredentialChoices { supported: vec![Choice::RandomPassword], preferred: Choice::RandomPassword }
    }

    /// The random text becomes the new key.
    fn rotate(&self, id: &v2::ResourceId, credentials: &Credentials) -> Answer<Vec<sync::Secret>> {
        let id = object_id(Kind::Secret, id)?;
        let Credentials::Password(key) = credentials else {
            return Err(invalid("a key cannot be empty"));
        };
        self.0.state.renew_secret(id)?;
        Ok(vec![sync::Secret {
            name: "api-key".into(),
            description: "For signing in, instead of the key before".into(),
            value: key.clone().into_bytes(),
        }])
    }
}

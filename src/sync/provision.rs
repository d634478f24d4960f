//! What a syncer may do beside listing. Each ability is a trait; a syncer that has it returns itself from the method of
//! [`ResourceSyncer`](super::ResourceSyncer) of that name, and the capability follows from that.

use super::contract::{Page, Request};
use super::error::Answer;
use crate::model::v2;

/// Entitlements that every resource of a type offers alike.
pub trait StaticEntitlements {
    /// A page of templates: `slug` makes the id of each resource's entitlement, an empty name or description is
    /// taken from the resource, and the resource of the template is ignored.
    ///
    /// # Errors
    /// As for [`ResourceSyncer::list`](super::ResourceSyncer::list).
    fn static_entitlements(&self, request: &Request<'_>) -> Answer<Page<v2::Entitlement>>;
}

/// Fetches single resources.
pub trait Targeted {
    /// One resource, with its parent where the caller knows it.
    ///
    /// # Errors
    /// [`Code::NotFound`](super::Code::NotFound) when there is none: a warning.
    fn get(&self, id: &v2::ResourceId, parent: Option<&v2::ResourceId>) -> Answer<v2::Resource>;
}

/// What became of a request to grant.
#[derive(Debug, Clone, PartialEq)]
pub enum Granted {
    /// It is granted now; these grants came of it, if the system says so.
    Now(Vec<v2::Grant>),
    /// The principal had it before, and nothing was done.
    Already,
}

/// What became of a request to revoke or delete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removed {
    /// It is gone now.
    Now,
    /// It was gone before, and nothing was done.
    Already,
}

/// Grants and revokes.
pub trait Provisioner {
    /// Gives `entitlement`, whose resource is filled in, to `principal`.
    ///
    /// # Errors
    /// Why not.
    fn grant(&self, principal: &v2::Resource, entitlement: &v2::Entitlement) -> Answer<Granted>;

    /// Takes a grant back. Its entitlement and principal are filled in.
    ///
    /// # Errors
    /// Why not.
    fn revoke(&self, grant: &v2::Grant) -> Answer<Removed>;
}

/// How the first or next password of an account is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credentials {
    /// There is none.
    NoPassword,
    /// This one, made up by the caller at random.
    Password(String),
}

/// The choices of credentials that a connector has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialChoices {
    /// All of them.
    pub supported: Vec<v2::CapabilityDetailCredentialOption>,
    /// The one to take when nobody asks for another; it must be one of the supported.
    pub preferred: v2::CapabilityDetailCredentialOption,
}

/// A secret that is told once.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// What it is, such as `password`.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The secret itself.
    pub value: Vec<u8>,
}

/// Never shows the value.
impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secret").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What became of a request to create an account.
#[derive(Debug, Clone, PartialEq)]
pub enum AccountOutcome {
    /// There is a new account.
    Created(v2::Resource),
    /// There was one already.
    Exists(v2::Resource),
    /// Somebody has to do something first, as the words say.
    ActionRequired(String),
    /// The system is still at it.
    InProgress,
}

/// An account, and the secrets that belong to it.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAccount {
    /// What became of the request.
    pub outcome: AccountOutcome,
    /// What the new owner has to be told.
    pub secrets: Vec<Secret>,
}

/// Creates accounts.
pub trait AccountManager {
    /// The choices for the first credentials.
    fn credential_choices(&self) -> CredentialChoices;

    /// Creates an account.
    ///
    /// # Errors
    /// Why not.
    fn create_account(&self, account: &v2::AccountInfo, credentials: &Credentials) -> Answer<NewAccount>;
}

/// Deletes resources.
pub trait ResourceDeleter {
    /// Deletes one.
    ///
    /// # Errors
    /// Why not.
    fn delete(&self, id: &v2::ResourceId, parent: Option<&v2::ResourceId>) -> Answer<Removed>;
}

/// Creates and deletes resources.
pub trait ResourceManager: ResourceDeleter {
    /// Creates one like `resource`, whose id the system may choose anew.
    ///
    /// # Errors
    /// Why not.
    fn create(&self, resource: &v2::Resource) -> Answer<v2::Resource>;
}

/// Replaces credentials.
pub trait CredentialRotator {
    /// The choices for the new credentials.
    fn credential_choices(&self) -> CredentialChoices;

    /// Replaces the credentials of one resource, and returns the new ones.
    ///
    /// # Errors
    /// Why not.
    fn rotate(&self, id: &v2::ResourceId, credentials: &Credentials) -> Answer<Vec<Secret>>;
}

//! A whole connector: the users of a Unix machine, and who is in which group.
//! `cargo run --example machine -- -f machine.c1z && cargo run -- grants -f machine.c1z`

use baton::model::v2::{ConnectorMetadata, Entitlement, Grant, Resource, ResourceId, ResourceType};
use baton::sync::build::{self, Trait};
use baton::sync::{Answer, Code, Connector, ConnectorError, Page, Request, ResourceSyncer};

/// The first and the last column of each line: a name, and, of a group, who is in it.
fn table(path: &str) -> Answer<Vec<(String, String)>> {
    let failed = |error| ConnectorError::new(Code::FailedPrecondition, path).because(error);
    let ends = |line: &str| Some((line.split(':').next()?.to_owned(), line.rsplit(':').next()?.to_owned()));
    Ok(std::fs::read_to_string(path).map_err(failed)?.lines().filter_map(ends).collect())
}

struct Machine;
impl Connector for Machine {
    fn metadata(&self) -> Answer<ConnectorMetadata> {
        Ok(ConnectorMetadata { display_name: "This machine".into(), ..Default::default() })
    }
    fn syncers(&self) -> Vec<Box<dyn ResourceSyncer + '_>> {
        vec![Box::new(Users), Box::new(Groups)]
    }
}

struct Users;
impl ResourceSyncer for Users {
    fn resource_type(&self) -> ResourceType {
        build::resource_type("User").trait_(Trait::User).skip_entitlements_and_grants().build()
    }
    fn list(&self, _: Option<&ResourceId>, _: &Request<'_>) -> Answer<Page<Resource>> {
        let user = |(name, _)| build::resource(&self.resource_type(), &name, &name).user(build::user());
        Ok(Page::last(table("/etc/passwd")?.into_iter().map(|row| user(row).build())))
    }
}

struct Groups;
impl ResourceSyncer for Groups {
    fn resource_type(&self) -> ResourceType {
        build::resource_type("Group").trait_(Trait::Group).build()
    }
    fn list(&self, _: Option<&ResourceId>, _: &Request<'_>) -> Answer<Page<Resource>> {
        let group = |(name, _)| build::resource(&self.resource_type(), &name, &name).group(build::group());
        Ok(Page::last(table("/etc/group")?.into_iter().map(|row| group(row).build())))
    }
    fn entitlements(&self, group: &Resource, _: &Request<'_>) -> Answer<Page<Entitlement>> {
        Ok(Page::last([build::assignment(group, "member").grantable_to([&Users.resource_type()]).build()]))
    }
    fn grants(&self, group: &Resource, _: &Request<'_>) -> Answer<Page<Grant>> {
        let (groups, name) = (table("/etc/group")?, &group.display_name);
        let members = groups.iter().filter(|(group, _)| group == name).flat_map(|(_, list)| list.split(','));
        let members = members.filter(|user| !user.is_empty()).map(|user| build::id("user", user));
        Ok(Page::last(members.map(|user| build::grant(group, "member", &user).build())))
    }
}

fn main() -> std::process::ExitCode {
    baton::runner::main(Machine)
}

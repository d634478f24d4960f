//! Accounts, groups, credentials: making, changing and deleting resources.

use super::data::assert_sound;
use super::*;
use crate::sync::{AccountOutcome, Credentials, NewAccount, Secret};

fn account(login: &str, addresses: &[(&str, bool)]) -> v2::AccountInfo {
    let email = |(address, is_primary): &(&str, bool)| v2::account_info::Email {
        address: (*address).into(),
        is_primary: *is_primary,
    };
    v2::AccountInfo {
        login: login.into(),
        emails: addresses.iter().map(email).collect(),
        ..Default::default()
    }
}

fn create(demo: &Demo, account: &v2::AccountInfo, credentials: &Credentials) -> Answer<NewAccount> {
    let registry = Registry::of(demo)?;
    registry.syncer("user")?.account_manager().unwrap().create_account(account, credentials)
}

fn delete(demo: &Demo, id: &v2::ResourceId) -> Answer<Removed> {
    let registry = Registry::of(demo)?;
    let syncer = registry.syncer(&id.resource_type)?;
    match syncer.manager() {
        Some(manager) => manager.delete(id, None),
        None => syncer.deleter().unwrap().delete(id, None),
    }
}

fn rotate(demo: &Demo, id: &v2::ResourceId, credentials: &Credentials) -> Answer<Vec<Secret>> {
    Registry::of(demo)?.syncer(&id.resource_type)?.rotator().unwrap().rotate(id, credentials)
}

fn password() -> Credentials {
    Credentials::Password("correct horse battery".into())
}

#[test]
fn a_new_account_is_in_the_next_listing_and_its_password_is_told_once() {
    let demo = demo();
    let before = Listing::of(&demo);
    let mut wanted = account("Vera.K", &[("v@example.com", false), ("vera@example.com", true)]);
    wanted.profile = Some(build::profile([("name", "Vera".into())]));
    let made = create(&demo, &wanted, &password()).unwrap();
    let [secret] = &made.secrets[..] else { panic!("one secret") };
    assert_eq!((&*secret.name, &*secret.value), ("password", &b"correct horse battery"[..]));

    let after = Listing::of(&demo);
    assert_sound(&after);
    let vera = after.resource("user", "vera-k").unwrap();
    assert_eq!(made.outcome, AccountOutcome::Created(vera.clone()));
    assert_eq!(vera.display_name, "Vera");
    let facts = picked::<v2::UserTrait>(&vera.annotations).unwrap();
    assert_eq!((&*facts.login, &*facts.emails[0].address), ("Vera.K", "vera@example.com"));
    assert!(vera.profile.as_ref().unwrap().fields.contains_key("password_set_at"));
    assert_eq!(after.resources.len(), before.resources.len() + 1);
    assert_eq!(after.grants, before.grants);
}

#[test]
fn an_account_without_a_password_has_none() {
    let demo = demo();
    let made = create(&demo, &account("vera", &[("vera@example.com", false)]), &Credentials::NoPassword);
    assert_eq!(made.unwrap().secrets, []);
    let listing = Listing::of(&demo);
    let vera = listing.resource("user", "vera").unwrap();
    assert_eq!(vera.display_name, "vera");
    assert_eq!(vera.profile.as_ref().map_or(0, |profile| profile.fields.len()), 0);
}

#[test]
fn an_account_that_exists_is_left_alone() {
    let demo = demo();
    let before = Listing::of(&demo);
    let nadia = before.resource("user", "nadia").unwrap();
    for login in ["nadia", "NADIA"] {
        let again = create(&demo, &account(login, &[("new@example.com", true)]), &password()).unwrap();
        assert_eq!(again, NewAccount { outcome: AccountOutcome::Exists(nadia.clone()), secrets: Vec::new() });
    }
    assert_eq!(Listing::of(&demo), before);
}

#[test]
fn an_account_needs_a_login_and_an_address_of_its_own() {
    let demo = demo();
    let before = Listing::of(&demo);
    let refused = |login: &str, addresses: &[(&str, bool)]| {
        refusal(create(&demo, &account(login, addresses), &Credentials::NoPassword))
    };
    let invalid = |words: &str| (Code::InvalidArgument, words.to_owned());
    assert_eq!(refused("", &[("v@example.com", true)]), invalid("an account needs a login"));
    assert_eq!(refused("vera", &[]), invalid("an account needs an e-mail address"));
    let (code, _) = refused("!?", &[("v@example.com", true)]);
    assert_eq!(code, Code::InvalidArgument);
    let taken =
        (Code::AlreadyExists, "the address Nadia@example.com belongs to the user \"nadia\"".to_owned());
    assert_eq!(refused("vera", &[("Nadia@example.com", true)]), taken);
    // Another login, and the same id.
    let taken = (Code::AlreadyExists, "there is a user \"deploy-bot\" already".to_owned());
    assert_eq!(refused("deploy.bot", &[("v@example.com", true)]), taken);
    assert_eq!(Listing::of(&demo), before);
}

#[test]
fn a_new_group_has_an_id_made_of_its_name() {
    let demo = demo();
    let registry = Registry::of(&demo).unwrap();
    let groups = registry.syncer("group").unwrap().manager().unwrap();
    let wanted = |name: &str| v2::Resource {
        id: Some(group("whatever")),
        display_name: name.into(),
        description: "Keeps watch".into(),
        ..Default::default()
    };
    let made = groups.create(&wanted("Night  Shift (B)")).unwrap();
    assert_eq!(made.id, Some(group("night-shift-b")));
    let listing = Listing::of(&demo);
    assert_sound(&listing);
    assert_eq!(listing.resource("group", "night-shift-b"), Some(&made));
    assert_eq!(made.description, "Keeps watch");
    assert_eq!(listing.entitlements.len(), 13);
    // It is a group as all others.
    grant(&demo, "group:night-shift-b:member", &user("ulla")).unwrap();

    let (code, words) = refusal(groups.create(&wanted("night shift b")));
    assert_eq!((code, &*words), (Code::AlreadyExists, "there is a group \"night-shift-b\" already"));
    assert_eq!(refusal(groups.create(&wanted(""))).0, Code::InvalidArgument);
}

#[test]
fn whatever_is_deleted_leaves_nothing_that_refers_to_it() {
    let kinds = ["user", "group", "role", "project"];
    for resource in Listing::of(&demo()).resources {
        let id = resource.id.unwrap();
        if !kinds.contains(&&*id.resource_type) {
            continue;
        }
        let demo = demo();
        assert_eq!(delete(&demo, &id).unwrap(), Removed::Now);
        let listing = Listing::of(&demo);
        assert_eq!(listing.resource(&id.resource_type, &id.resource), None);
        assert_sound(&listing);
        let part = format!("{}:{}", id.resource_type, id.resource);
        assert!(!listing.grants.iter().any(|grant| grant.id.contains(&part)), "{part}");
        assert_eq!(delete(&demo, &id).unwrap(), Removed::Already);
        assert_eq!(Listing::of(&demo), listing);
    }
}

#[test]
fn with_a_group_goes_what_it_gave_and_with_a_program_go_its_keys() {
    let demo = demo();
    delete(&demo, &group("platform")).unwrap();
    let listing = Listing::of(&demo);
    // Oskar keeps what he owns.
    let oskar: Vec<_> = listing.grant_ids().into_iter().filter(|id| id.ends_with(":user:oskar")).collect();
    assert_eq!(oskar, ["project:atlas:access:user:oskar", "project:atlas:owner:user:oskar"]);
    assert_eq!(listing.entitlements.len(), 9);

    delete(&demo, &user("deploy-bot")).unwrap();
    assert_eq!(Listing::of(&demo).resource("secret", "deploy-key"), None);
}

#[test]
fn a_key_outlives_its_maker() {
    let demo = demo();
    delete(&demo, &user("tomas")).unwrap();
    let listing = Listing::of(&demo);
    let key = listing.resource("secret", "deploy-key").unwrap();
    let facts = picked::<v2::SecretTrait>(&key.annotations).unwrap();
    assert_eq!(facts.created_by_id, None);
}

#[test]
fn a_new_password_is_told_and_noted_but_not_kept() {
    let demo = demo();
    let set_at = |demo: &Demo| {
        let listing = Listing::of(demo);
        let profile = listing.resource("user", "nadia").unwrap().profile.clone();
        profile.unwrap().fields.get("password_set_at").cloned()
    };
    let before = set_at(&demo);
    let told = rotate(&demo, &user("nadia"), &password()).unwrap();
    assert_eq!((told.len(), &*told[0].value), (1, &b"correct horse battery"[..]));
    assert!(set_at(&demo).is_some() && set_at(&demo) != before);
    assert_eq!(rotate(&demo, &user("nadia"), &Credentials::NoPassword).unwrap(), []);
    assert_eq!(set_at(&demo), None);
    let (code, words) = refusal(rotate(&demo, &user("deploy-bot"), &password()));
    assert_eq!(code, Code::FailedPrecondition);
    assert_eq!(words, "the service account \"deploy-bot\" signs in with keys, and has no password");
    assert_eq!(refusal(rotate(&demo, &user("nobody"), &password())).0, Code::NotFound);
}

#[test]
fn a_new_key_is_good_for_a_year() {
    let demo = demo();
    let id = build::id("secret", "deploy-key");
    let told = rotate(&demo, &id, &password()).unwrap();
    assert_eq!((&*told[0].name, &*told[0].value), ("api-key", &b"correct horse battery"[..]));
    let listing = Listing::of(&demo);
    let key = listing.resource("secret", "deploy-key").unwrap();
    let facts = picked::<v2::SecretTrait>(&key.annotations).unwrap();
    let days = (facts.expires_at.unwrap().seconds - facts.created_at.unwrap().seconds) / 86_400;
    assert!((365..=366).contains(&days), "{days} days");
    assert_eq!(facts.last_used_at, None);
    assert_eq!(refusal(rotate(&demo, &id, &Credentials::NoPassword)).0, Code::InvalidArgument);
    assert_eq!(refusal(rotate(&demo, &build::id("secret", "x"), &password())).0, Code::NotFound);
}

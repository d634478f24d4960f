//! Users.

use prost::Message as _;

use super::*;

fn built(builder: UserBuilder) -> v2::UserTrait {
    builder.into()
}

#[test]
fn a_plain_user_is_an_enabled_human_byte_for_byte() {
    assert_eq!(built(user()).encode_to_vec(), [0x12, 2, 8, 1, 0x28, 1]);
    let ada = resource(&user_type(), 7, "Ada").user(user()).build();
    let bytes = ada.encode_to_vec();
    assert_eq!(ada.annotations[0].type_url, "type.googleapis.com/c1.connector.v2.UserTrait");
    assert!(bytes.ends_with(&[0x5a, 2, 8, 1]), "{bytes:02x?}");
    let mut wanted = vec![0x0a, 9, 0x0a, 4];
    wanted.extend(b"user\x12\x017\x1a\x03Ada");
    wanted.extend([0x22, 55, 0x0a, 45]);
    wanted.extend(b"type.googleapis.com/c1.connector.v2.UserTrait");
    wanted.extend([0x12, 6, 0x12, 2, 8, 1, 0x28, 1, 0x5a, 2, 8, 1]);
    assert_eq!(bytes, wanted);
}

#[test]
fn a_trait_that_is_there_already_gets_no_defaults() {
    let plain = built(UserBuilder::from(v2::UserTrait::default()).login("ada"));
    assert_eq!(plain, v2::UserTrait { login: "ada".into(), ..Default::default() });
    let resource = resource(&user_type(), 7, "Ada").user(plain).build();
    assert_eq!(resource.status, None);
}

#[test]
fn the_first_address_is_the_primary() {
    let addresses = |builder: UserBuilder| -> Vec<(String, bool)> {
        built(builder).emails.into_iter().map(|email| (email.address, email.is_primary)).collect()
    };
    let two = user().email("").email("a@x").email_secondary("").email("b@x").email_secondary("c@x");
    assert_eq!(addresses(two), [("a@x".into(), true), ("b@x".into(), false), ("c@x".into(), false)]);
    let late = user().email_secondary("c@x").email("a@x");
    assert_eq!(addresses(late), [("c@x".into(), false), ("a@x".into(), true)]);
}

#[test]
fn an_empty_login_says_nothing() {
    assert_eq!(built(user().login("ada").login("")).login, "ada");
}

#[test]
fn a_user_has_what_it_was_given() {
    let facts = profile([("k", "v".into())]);
    let builder = user()
        .email("ada@x")
        .login("ada")
        .aliases(["al"])
        .aliases(["countess"])
        .status(Status::Deleted, "left")
        .account_type(AccountType::System)
        .profile(facts.clone())
        .icon("i")
        .created_at(at(1))
        .last_login(at(2))
        .mfa(true)
        .sso(false)
        .employee_id("E1")
        .employee_id("E2")
        .name("Ada", "Lovelace");
    let wanted = v2::UserTrait {
        emails: vec![v2::user_trait::Email { address: "ada@x".into(), is_primary: true }],
        status: Some(v2::user_trait::Status { status: 3, details: "left".into() }),
        profile: Some(facts.clone()),
        icon: Some(v2::AssetRef { id: "i".into() }),
        account_type: 3,
        login: "ada".into(),
        login_aliases: vec!["al".into(), "countess".into()],
        created_at: Some(at(1)),
        last_login: Some(at(2)),
        mfa_status: Some(v2::user_trait::MfaStatus { mfa_enabled: true }),
        sso_status: Some(v2::user_trait::SsoStatus { sso_enabled: false }),
        structured_name: Some(v2::user_trait::StructuredName {
            given_name: "Ada".into(),
            family_name: "Lovelace".into(),
            ..Default::default()
        }),
        employee_ids: vec!["E1".into(), "E2".into()],
    };
    assert_eq!(built(builder.clone()), wanted);

    let ada = resource(&user_type(), 7, "Ada").user(builder).build();
    assert_eq!(ada.profile, Some(facts));
    assert_eq!(ada.icon, wanted.icon);
    assert_eq!(ada.status, Some(v2::Status { status: 3, details: "left".into() }));
    assert_eq!(ada.created_at, Some(at(1)));
}

/// Files are compared byte by byte, and `employee_ids` stands in the middle of the definition.
#[test]
fn fields_are_written_in_the_order_of_their_numbers() {
    let user = v2::UserTrait {
        employee_ids: vec!["E".into()],
        login: "l".into(),
        sso_status: Some(v2::user_trait::SsoStatus::default()),
        ..Default::default()
    };
    assert_eq!(user.encode_to_vec(), [0x32, 1, b'l', 0x5a, 0, 0x6a, 1, b'E']);
}

#[test]
fn the_status_of_the_resource_itself_stays() {
    let resource = resource(&user_type(), 7, "Ada").status(Status::Disabled, "locked").user(user()).build();
    assert_eq!(resource.status, Some(v2::Status { status: 2, details: "locked".into() }));
}

#[test]
fn names_are_cut_at_the_first_space() {
    for (full, parts) in
        [("", ("", "")), ("Ada", ("Ada", "")), ("A B C", ("A", "B C")), (" A", ("", "A")), ("A ", ("A", ""))]
    {
        assert_eq!(split_name(full), parts);
    }
}

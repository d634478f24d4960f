//! As many of everything as was asked for.

use super::*;

/// The counts of a company that was made, and the ones asked for.
fn check_counts(company: &Company) {
    for content in read(&make(company)) {
        let count = |kind| content.of_type(kind).count() as u64;
        let counts = [count("org"), count("user"), count("group"), count("role"), count("repo")];
        assert_eq!(counts, [1, company.users, company.groups, company.roles, company.repos], "{company:?}");
        assert_eq!(content.types.len(), 5);
        let entitlements = 2 + 2 * company.groups + company.roles + 3 * company.repos;
        assert_eq!(content.entitlements.len() as u64, entitlements, "{company:?}");
    }
}

fn grants(company: &Company) -> u64 {
    make(company).summary.grants()
}

#[test]
fn every_count_is_met() {
    check_counts(&Company { syncs: 2, churn: 20.0, ..SMALL });
    check_counts(&Company { users: 7, groups: 200, ..SMALL });
}

#[test]
fn the_first_sync_has_the_grants_that_were_asked_for() {
    for grants_per_user in [0, 1, 2, 3, 10, 41, 90] {
        for users in [119, 120] {
            let company = Company { users, grants_per_user, ..SMALL };
            assert_eq!(grants(&company), users * grants_per_user, "{company:?}");
        }
    }
    for seed in 0..20 {
        let company = Company { users: 2, groups: 500, grants_per_user: 1, seed, ..SMALL };
        assert_eq!(grants(&company), 2, "{company:?}");
    }
    // Far more groups than users have grants.
    assert_eq!(grants(&Company { users: 11, groups: 900, ..SMALL }), 187);
    assert_eq!(grants(&Company { users: 2_000, seed: 12, ..SMALL }), 34_000);
}

#[test]
fn users_hold_more_and_less_than_others() {
    let [content] = &read(&make(&SMALL))[..] else { panic!() };
    let mut of_each: BTreeMap<&String, u64> = BTreeMap::new();
    for (_, row) in content.grants_to("user") {
        *of_each.entry(&row.columns[2]).or_default() += 1;
    }
    assert_eq!(of_each.len(), 120, "everybody holds something");
    assert!(*of_each.values().min().unwrap() <= 8);
    assert!(*of_each.values().max().unwrap() >= 24);
}

#[test]
fn nobody_holds_more_than_there_is() {
    // 2 + 2 * 2 + 1 + 3 = 10 entitlements.
    let tiny = Company { users: 4, groups: 2, roles: 1, repos: 1, grants_per_user: 500, ..SMALL };
    let [content] = &read(&make(&tiny))[..] else { panic!() };
    assert_eq!(content.grants_to("user").count(), 40);
    assert_eq!(grants(&Company { grants_per_user: 10, ..tiny }), 40);
    assert_eq!(grants(&Company { grants_per_user: 9, ..tiny }), 36);
}

#[test]
fn every_count_may_be_nothing_or_one() {
    for bits in 0..32 {
        let [users, groups, roles, repos, grants_per_user] = [0, 1, 2, 3, 4].map(|bit| bits >> bit & 1);
        let company =
            Company { users, groups, roles, repos, grants_per_user, seed: 3, syncs: 2, churn: 50.0 };
        check_counts(&company);
        for content in read(&make(&company)) {
            company::check(&content);
            assert_eq!(content.grants.len() as u64, users * grants_per_user, "{company:?}");
        }
    }
}

#[test]
fn what_is_too_much_is_refused() {
    let refused = |company: Company| {
        let target = std::env::temp_dir().join("no such directory/made.c1z");
        generate(&company, &target, false, &mut |_, _| panic!("it has begun")).unwrap_err().to_string()
    };
    let company = SMALL;
    let many = u64::MAX;
    assert_eq!(
        refused(Company { users: many, ..company }),
        "18446744073709551615 users are too many; the most are 100000000"
    );
    assert!(refused(Company { groups: 100_000_001, ..company }).contains("100000001 groups"));
    assert!(refused(Company { roles: many, ..company }).contains("roles"));
    assert!(refused(Company { repos: 1 << 32, ..company }).contains("4294967296 repositories"));
    assert!(refused(Company { grants_per_user: many, ..company }).contains("grants per user"));
    assert!(refused(Company { syncs: u32::MAX, ..company }).contains("4294967295 syncs"));
    assert_eq!(
        refused(Company { users: 100_000_000, grants_per_user: 100_000, syncs: 1_000, ..company }),
        "10000000000000000 grants are too many; the most are 1000000000"
    );
    assert!(refused(Company { syncs: 0, ..company }).contains("without a sync"));
    for churn in [-0.5, 100.5, f64::NAN, f64::INFINITY] {
        assert!(refused(Company { churn, ..company }).contains("percentage"), "{churn}");
    }
}

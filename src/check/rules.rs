//! Every rule: its code, how bad it is, and what to do about it.
//!
//! The reference engine decides what is how bad. What it refuses, and what leaves readers of the file without an answer,
//! is an error; what it warns of, and what is most likely not meant, is a warning; the rest is a note.

use super::{Rule, Severity};

macro_rules! rules {
    ($($name:ident $severity:ident $code:literal $title:literal $advice:literal)*) => {
        /// A rule, by the name that this room has for it; in the order of [`RULES`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(super) enum Code {
            $(#[doc = $title] $name,)*
        }

        impl Code {
            pub(super) const ALL: &[Self] = &[$(Self::$name),*];
        }

        /// All rules, in the order in which their findings come.
        pub static RULES: &[Rule] = &[
            $(Rule { code: $code, severity: Severity::$severity, title: $title, advice: $advice },)*
        ];
    };
}

impl Code {
    /// What is known of it.
    #[expect(clippy::indexing_slicing, reason = "there are as many rules as codes")]
    pub(super) fn rule(self) -> &'static Rule {
        &RULES[self as usize]
    }
}

rules! {
    SyncUnfinished Warning "sync-unfinished"
        "the sync did not finish"
        "Readers pass over it, and much may be missing. Run the connector again: it goes on where it stopped. Rules about what a whole sync must hold are not applied."
    SyncEmpty Warning "sync-empty"
        "the sync holds no resource"
        "Whoever compares it with the sync before sees everything deleted. Fail the sync when the system answers with nothing."
    SyncGrantless Warning "sync-without-grants"
        "the sync holds entitlements and no grant"
        "Nobody seems to have any access. List the grants of every resource, or annotate with SkipGrants what has none. Rules about users, groups and entitlements without a grant are not applied."
    StatsMismatch Error "stats-mismatch"
        "the kept counts are not those of the records"
        "Readers show the kept counts without counting. Write all records before the sync is ended, and end it after every change."

    ResourceTypeMissing Error "resource-type-missing"
        "resources are of a type that is not in the sync"
        "Without its type nobody knows whether a resource is a user or a group, and it is not counted. List the type, or leave its resources out."
    ParentMissing Error "parent-missing"
        "a parent is not in the sync, although its type is"
        "The resources below it cannot be reached from the top. List the parent, or do not name one."
    ParentTypeUnsynced Warning "parent-type-unsynced"
        "a parent is of a type that is not synced"
        "The resources below it cannot be reached from the top. Sync the type of the parent as well, or do not name one."
    ParentCycle Error "parent-cycle"
        "a resource lies inside itself"
        "Following parents never ends. A parent is what a resource belongs to, and belongs to something else itself."
    ChildTypeMissing Warning "child-type-missing"
        "resources announce children of a type that is not synced"
        "Such children are never asked for. Register the syncer of that type, or take the ChildResourceType annotation off."
    EntitlementResourceMissing Error "entitlement-resource-missing"
        "entitlements are offered by a resource that is not in the sync, although its type is"
        "Nobody can see what they open. List the resource: the same id must come from List and from Entitlements."
    EntitlementResourceTypeUnsynced Warning "entitlement-resource-type-unsynced"
        "entitlements are offered by a resource of a type that is not synced"
        "Sync the type as well, or do not list its entitlements."
    GrantableTypeMissing Note "grantable-type-missing"
        "entitlements are for principals of a type that is not synced"
        "Nobody can hold them. Give WithGrantableTo the types that the connector lists."
    GrantResourceMissing Error "grant-resource-missing"
        "grants are of a resource that is not in the sync, although its type is"
        "Such access is not shown anywhere. List the resource: the same id must come from List and from Grants."
    GrantResourceTypeUnsynced Warning "grant-resource-type-unsynced"
        "grants are of a resource of a type that is not synced"
        "Sync the type as well, or do not list its grants."
    GrantEntitlementMissing Error "grant-entitlement-missing"
        "grants are of an entitlement that is not in the sync"
        "Such access is not shown anywhere. Offer the entitlement: its id must be the one that the grants are made with."
    GrantEntitlementTypeUnsynced Warning "grant-entitlement-type-unsynced"
        "grants are of an entitlement on a type that is not synced"
        "Sync the type as well, or do not list its grants."
    GrantResourceDiffers Warning "grant-resource-differs"
        "grants name another resource than their entitlement does"
        "Readers that go by the resource miss the grant, others show it. Make the grant from the resource that offers the entitlement."
    GrantPrincipalMissing Error "grant-principal-missing"
        "grants are held by a principal that is not in the sync, although its type is"
        "Access without a holder cannot be reviewed. List the principal, also when it is disabled, or leave out its grants when it is gone."
    GrantPrincipalTypeUnsynced Warning "grant-principal-type-unsynced"
        "grants are held by a principal of a type that is not synced"
        "Sync the type of the principal as well; for principals of another system use an external match annotation."
    AssetMissing Note "asset-missing"
        "an icon or a logo is not in the file, although others are"
        "Readers show a broken picture. Serve the asset, or leave the reference out."
    ReferenceEmpty Error "reference-empty"
        "a record names something without saying its id"
        "It belongs to nothing and nobody. Fill in type and id of every resource, and the id of every entitlement, that a record names."

    IdEmpty Error "id-empty"
        "a record has no id"
        "Nothing can refer to it, and writers refuse it. Give every record the id that its system knows it by."
    IdTooLong Warning "id-too-long"
        "an id has more than 1024 bytes"
        "Services that take records over the network refuse it. Use the id that the system itself has."
    IdControlCharacter Warning "id-control-character"
        "an id holds characters that do not print"
        "People copy ids from tables into commands, and such characters are lost on the way. Clean the id, or use another one."
    IdBlank Warning "id-surrounding-blank"
        "an id starts or ends with a blank"
        "It looks like another id and is a different one. Trim what the system answers."
    IdCase Note "id-case"
        "two ids differ only in upper and lower case"
        "If the system does not tell them apart, they are one resource. Use one spelling, as the system returns it."
    TextNotUtf8 Error "text-not-utf8"
        "an id or a name is not UTF-8"
        "Most programs refuse the whole record. Decode what the system answers before it goes into a record."
    ResourceTypeDuplicate Error "resource-type-duplicate"
        "a resource type is there twice"
        "Readers take one of them, and not all the same one. Give each type an id of its own."
    ResourceDuplicate Error "resource-duplicate"
        "a resource is there twice"
        "Readers take one of them, and not all the same one. Give each resource of a type an id of its own."
    EntitlementDuplicate Error "entitlement-duplicate"
        "several entitlements have one id"
        "Grants and expansions name entitlements by id, so it is open which one they mean. Begin the id with the type and the id of the resource."
    GrantDuplicate Error "grant-duplicate"
        "several grants have one id"
        "A grant is revoked by its id, so it is open which one is taken away. Make the id of the entitlement and the principal."
    GrantTwice Warning "grant-twice"
        "a principal holds an entitlement by several grants"
        "Revoking one leaves the other, and reviewers see the access twice. Make one grant of it, with an id made of the entitlement and the principal."
    EntitlementIdForm Note "entitlement-id-form"
        "entitlement ids do not begin with type and id of their resource"
        "The form TYPE:ID:SLUG keeps ids apart across resources. Leave ids to the builders, or see to it that they are different and stay the same."
    GrantIdForm Note "grant-id-form"
        "grant ids are not made of entitlement and principal"
        "The form ENTITLEMENT:TYPE:ID keeps ids the same from sync to sync. Leave ids to the builders, or see to it that they stay the same."
    RawIdMissing Note "raw-id-missing"
        "some records of a type have a RawId annotation, others do not"
        "The raw id is how records are matched with other systems. Set it on all records of a type, or on none."

    TraitMissing Error "trait-missing"
        "a resource lacks the trait of its type"
        "The sync engine refuses it. Build it with the resource builder of its trait, such as NewUserResource."
    TraitMalformed Error "trait-malformed"
        "a trait does not parse"
        "What it says of the resource is lost, and programs that look at it stop. Build traits with the library, not by hand."
    TraitUndeclared Warning "trait-undeclared"
        "a resource has a trait that its type does not declare"
        "Programs that go by the type do not see it as what it is. Add the trait to the resource type."
    NameMissing Note "name-missing"
        "a record has no display name"
        "People see an id in its place. Use a login, an address or another text that they know it by."
    NameControlCharacter Warning "name-control-character"
        "a name holds characters that do not print"
        "They can disguise one name as another, or disturb a terminal. Clean what the system answers."
    NameTooLong Warning "name-too-long"
        "a name or a description is longer than services take"
        "Names may have 1024 bytes, descriptions 2048, those of resource types 4096; services refuse the record. Cut the text."

    UserAnonymous Warning "user-without-email-or-login"
        "a user has neither an e-mail address nor a login"
        "Nobody can tell whose account it is. Set WithEmail or WithUserLogin; give service and system accounts their account type."
    EmailMalformed Warning "email-malformed"
        "an e-mail address is none"
        "It matches no person, and services refuse the record. Put logins into the login, and leave empty addresses out."
    DeletedAccountGrant Warning "deleted-account-grant"
        "a deleted account still holds grants"
        "Either it is not deleted, or the grants are gone with it. Leave out the account or its grants."
    DisabledAccountGrant Note "disabled-account-grant"
        "a disabled account still holds grants"
        "The access is back as soon as somebody enables the account. Take it away where it is no longer needed."
    UserUngranted Note "user-without-grant"
        "a user holds nothing"
        "An unused account, or grants that the connector does not list yet."
    GroupEmpty Note "group-empty"
        "a group has no members"
        "An unused group, or members that the connector does not list: look at the pages of its grants."
    EntitlementUnheld Note "entitlement-unheld"
        "nobody holds an entitlement"
        "Unused access, or grants that the connector does not list yet."

    ExpansionMalformed Error "expansion-malformed"
        "what a grant expands to does not parse"
        "The sync engine refuses it. Build the GrantExpandable annotation with the library, not by hand."
    ExpansionEmpty Warning "expansion-empty"
        "a grant is expandable by no entitlement"
        "It expands to nothing. Name the entitlement of the principal whose holders are to receive it, such as the membership of the group."
    ExpansionSourceMissing Error "expansion-source-missing"
        "expansions go by an entitlement that is not in the sync"
        "The holders never receive what the grant gives. Name an entitlement that the principal offers, by its whole id."
    ExpansionSourceForeign Error "expansion-source-foreign"
        "a grant expands by an entitlement that its principal does not offer"
        "The sync engine refuses the whole sync. A grant to a group expands by an entitlement of that group."
    ExpansionSelf Note "expansion-self"
        "a grant expands by the entitlement that it grants"
        "That changes nothing. Leave the annotation out, or name another entitlement."
    ExpansionTypeMissing Warning "expansion-type-missing"
        "expansions are for principals of a type that is not synced"
        "Nobody of that type receives anything. Name the types that the connector lists, or none to let all pass."
    ExpansionCycle Warning "expansion-cycle"
        "groups are members of each other in a circle"
        "The entitlements on the circle do not hand their holders to each other. Break the circle in the system, or do not make these grants expandable."
    SourceMissing Warning "source-missing"
        "grants are inherited from an entitlement that is not in the sync"
        "Nobody can see why the holders have it. Do not remove entitlements after grants were expanded; sync again."
    SourceNotHeld Warning "source-not-held"
        "a grant is inherited from an entitlement that its principal does not hold"
        "The reason for the access is gone, and the access is still listed. Expand again after grants were changed: sync again."
    GrantRedundant Note "grant-redundant"
        "a grant is held directly and inherited as well"
        "Revoking one of the two changes nothing. Take the direct one away where the inherited one is meant."
    ExclusionGroup Error "exclusion-group-invalid"
        "an exclusion group breaks its rules"
        "The sync engine refuses the whole sync. A group holds up to 50 entitlements of one resource type, and one default at most."
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_kebab_case() {
        let codes: BTreeSet<_> = RULES.iter().map(|rule| rule.code).collect();
        assert_eq!((codes.len(), Code::ALL.len()), (RULES.len(), RULES.len()));
        for rule in RULES {
            let word = |word: &str| {
                !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            };
            assert!(rule.code.split('-').all(word), "{}", rule.code);
        }
    }

    #[test]
    fn a_code_leads_to_its_rule() {
        assert_eq!(Code::SyncUnfinished.rule().code, "sync-unfinished");
        assert_eq!(Code::GrantTwice.rule().code, "grant-twice");
        assert_eq!(Code::ExclusionGroup.rule().code, "exclusion-group-invalid");
    }

    #[test]
    fn titles_are_phrases_and_advice_is_sentences() {
        for rule in RULES {
            assert!(!rule.title.ends_with('.') && rule.title.len() <= 90, "{}", rule.code);
            assert!(rule.advice.ends_with('.') && rule.advice.len() > 20, "{}", rule.code);
        }
    }
}

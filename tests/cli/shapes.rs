//! What each list is to look like.

/// A list of `company.c1z`.
pub(crate) struct List {
    /// The words that ask for it.
    pub(crate) line: &'static str,
    /// The keys of its JSON document, the first of which holds the rows.
    pub(crate) keys: &'static [&'static str],
    /// The columns of ndjson, csv and tsv.
    pub(crate) flat: &'static str,
    /// The columns of a table.
    pub(crate) table: &'static str,
    /// How many records there are.
    pub(crate) rows: usize,
}

const RESOURCE: &str = "type, id, name, parent_type, parent_id, status, email, login, account_type, last_login, \
                        created_at, description";
const GRANT: &str = "id, principal_type, principal_id, principal_name, principal_email, entitlement_id, \
                     entitlement_slug, resource_type, resource_id, resource_name, direct, sources, expandable, \
                     missing";

/// The lists of records, whose JSON is an array.
pub(crate) const LISTS: [List; 6] = [
    List {
        line: "resource-types",
        keys: &["resourceTypes"],
        flat: "id, name, traits, description",
        table: "ID, Display Name, Traits",
        rows: 7,
    },
    List {
        line: "resources --all",
        keys: &["resources"],
        flat: RESOURCE,
        table: "ID, Display Name, Resource Type, Parent Resource",
        rows: 29,
    },
    List {
        line: "entitlements",
        keys: &["entitlements"],
        flat: "id, resource_type, resource_id, resource_name, slug, name, purpose, grantable_to, description",
        table: "ID, Display Name, Resource Type, Resource, Permission",
        rows: 18,
    },
    List {
        line: "grants",
        keys: &["grants"],
        flat: GRANT,
        table: "Principal, Entitlement, Resource",
        rows: 62,
    },
    List {
        line: "principals",
        keys: &["resources"],
        flat: RESOURCE,
        table: "ID, Display Name, Resource Type, Parent Resource",
        rows: 18,
    },
    List {
        line: "syncs",
        keys: &["syncs"],
        flat: "id, type, started_at, ended_at, parent_id, engine, resources, entitlements, grants",
        table: "ID, Started At, Ended At, Type, Parent ID, Token",
        rows: 3,
    },
];

/// Questions with a JSON document of their own, and a list in the other formats.
pub(crate) const QUESTIONS: [List; 3] = [
    List {
        line: "access ada --limit 99",
        keys: &["principal", "access"],
        flat: GRANT,
        table: "Principal, Entitlement, Resource",
        rows: 6,
    },
    List {
        line: "principals compare -e group:eng:member --compare-entitlement group:everyone:member",
        keys: &["missing", "extra", "base", "compared"],
        flat: "result, type, id, name, parent_type, parent_id, status, email, login, account_type, last_login, \
               created_at, description",
        table: "Result, ID, Display Name, Resource Type, Parent Resource",
        rows: 12,
    },
    List {
        line: "stats --limit 99",
        keys: &["id", "startedAt", "endedAt", "syncToken", "syncType", "stats"],
        flat: "resource_type, resources, entitlements, grants",
        table: "Resource Type, Resources, Entitlements, Grants",
        rows: 7,
    },
];

/// Every list.
pub(crate) fn all() -> impl Iterator<Item = &'static List> {
    LISTS.iter().chain(&QUESTIONS)
}

/// The formats of `-o`.
pub(crate) const FORMATS: [&str; 8] = ["table", "wide", "json", "ndjson", "csv", "tsv", "md", "name"];

/// The names in a list of columns.
pub(crate) fn columns(list: &'static str) -> Vec<&'static str> {
    list.split(", ").collect()
}

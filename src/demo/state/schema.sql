-- The tables of the demo system. Times are Unix seconds.

PRAGMA application_id = 0x42744465; -- "BtDe"
PRAGMA user_version = 1;

CREATE TABLE orgs (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL
);

CREATE TABLE users (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    login TEXT NOT NULL UNIQUE COLLATE NOCASE,
    email TEXT UNIQUE COLLATE NOCASE,
    title TEXT NOT NULL DEFAULT '',
    account TEXT NOT NULL DEFAULT 'human' CHECK (account IN ('human', 'service')),
    disabled_because TEXT, -- NULL: enabled
    created_at INTEGER NOT NULL DEFAULT (unixepoch()),
    last_login INTEGER,
    password_set_at INTEGER -- NULL: none. The demo has no use for the password itself.
);

CREATE TABLE groups (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL DEFAULT (unixepoch())
);

CREATE TABLE roles (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL,
    -- Whether the system only says which groups have the role, and leaves it to others to look who is in them.
    by_group_only INTEGER NOT NULL CHECK (by_group_only IN (0, 1)),
    created_at INTEGER NOT NULL
);

CREATE TABLE projects (
    id TEXT PRIMARY KEY,
    org TEXT NOT NULL REFERENCES orgs,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    created_at INTEGER NOT NULL
);

-- Keys of programs. As with passwords, the demo does not keep the key.
CREATE TABLE secrets (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    owner TEXT NOT NULL REFERENCES users,
    created_by TEXT REFERENCES users ON DELETE SET NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    last_used_at INTEGER
);

-- What somebody gave to somebody by hand.
CREATE TABLE assignments (
    resource_type TEXT NOT NULL,
    resource TEXT NOT NULL,
    slug TEXT NOT NULL,
    principal_type TEXT NOT NULL,
    principal TEXT NOT NULL,
    PRIMARY KEY (resource_type, resource, slug, principal_type, principal)
) WITHOUT ROWID;

CREATE INDEX assignments_by_principal ON assignments (principal_type, principal);

-- What has happened, oldest first; numbers are never used twice.
CREATE TABLE audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL DEFAULT (unixepoch()),
    what TEXT NOT NULL CHECK (what IN ('granted', 'revoked', 'changed')),
    resource_type TEXT NOT NULL,
    resource TEXT NOT NULL,
    -- Empty for a change.
    slug TEXT NOT NULL DEFAULT '',
    principal_type TEXT NOT NULL DEFAULT '',
    principal TEXT NOT NULL DEFAULT ''
);

-- Assignments, and whether others have to look who is in the group.
CREATE VIEW given AS
SELECT
    *,
    principal_type = 'group' AND resource_type = 'role'
        AND resource IN (SELECT id FROM roles WHERE by_group_only) AS expandable
FROM assignments;

-- Who holds what, and the id of the entitlement from which it follows; empty: given by hand. One row for each reason.
CREATE VIEW held AS
SELECT resource_type, resource, slug, principal_type, principal, '' AS source, expandable
FROM given
UNION ALL
-- Admins of a group are members of it, and owners of a project have access to it.
SELECT
    resource_type, resource, iif(slug = 'admin', 'member', 'access'), principal_type, principal,
    resource_type || ':' || resource || ':' || slug, FALSE
FROM given
WHERE slug IN ('admin', 'owner')
UNION ALL
-- What a group has, everybody in it has.
SELECT DISTINCT
    given.resource_type, given.resource, given.slug, who.principal_type, who.principal,
    'group:' || given.principal || ':member', FALSE
FROM given
JOIN assignments AS who ON who.resource_type = 'group' AND who.resource = given.principal
WHERE given.principal_type = 'group' AND NOT given.expandable;

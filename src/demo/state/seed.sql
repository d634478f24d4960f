-- The built-in data: a small firm with a gap or two for an auditor to find.

INSERT INTO orgs (id, name, created_at) VALUES
    ('harbour', 'Harbour', unixepoch('2024-01-08 08:00:00'));

INSERT INTO users (id, name, login, email, title, created_at, last_login, password_set_at) VALUES
    ('nadia', 'Nadia', 'nadia', 'nadia@example.com', 'Engineer',
        unixepoch('2024-02-05 09:00:00'), unixepoch('2026-08-31 07:42:10'), unixepoch('2026-03-02 08:15:00')),
    ('oskar', 'Oskar', 'oskar', 'oskar@example.com', 'Engineer',
        unixepoch('2024-02-05 09:10:00'), unixepoch('2026-08-31 08:05:33'), unixepoch('2025-11-17 10:20:00')),
    ('priya', 'Priya', 'priya', 'priya@example.com', 'Head of Platform',
        unixepoch('2024-01-15 10:00:00'), unixepoch('2026-08-30 16:21:04'), unixepoch('2026-01-12 09:00:00')),
    ('ruben', 'Ruben', 'ruben', 'ruben@example.com', 'Technician',
        unixepoch('2025-06-02 07:30:00'), unixepoch('2026-08-28 05:58:47'), unixepoch('2025-06-02 07:45:00')),
    ('tomas', 'Tomas', 'tomas', 'tomas@example.com', 'Head of Field',
        unixepoch('2024-01-15 10:05:00'), unixepoch('2026-08-29 12:00:00'), unixepoch('2026-05-20 14:30:00'));

-- She has left, and still holds a role.
INSERT INTO users (id, name, login, email, title, disabled_because, created_at, last_login) VALUES
    ('ulla', 'Ulla', 'ulla', 'ulla@example.com', 'Accountant', 'left the firm',
        unixepoch('2024-04-02 08:00:00'), unixepoch('2025-11-28 15:10:00'));

INSERT INTO users (id, name, login, title, account, created_at, last_login) VALUES
    ('deploy-bot', 'Deploy Bot', 'deploy-bot', 'Deploys Atlas', 'service',
        unixepoch('2024-03-11 13:00:00'), unixepoch('2026-08-31 23:30:00'));

INSERT INTO groups (id, name, description, created_at) VALUES
    ('field', 'Field', 'Works where the customers are', unixepoch('2024-01-15 11:00:00')),
    ('platform', 'Platform', 'Builds and runs what the others use', unixepoch('2024-01-15 11:05:00'));

INSERT INTO roles (id, name, description, by_group_only, created_at) VALUES
    ('auditor', 'Auditor', 'May read every log', TRUE, unixepoch('2024-06-03 09:00:00')),
    ('author', 'Author', 'May write and publish pages', FALSE, unixepoch('2024-01-15 12:00:00')),
    ('viewer', 'Viewer', 'May read pages', FALSE, unixepoch('2024-01-15 12:01:00'));

-- One of them is named like a group.
INSERT INTO projects (id, org, name, description, created_at) VALUES
    ('atlas', 'harbour', 'Atlas', 'Maps of all sites', unixepoch('2024-02-12 09:00:00')),
    ('field', 'harbour', 'Field', 'Tools for visits to customers', unixepoch('2024-05-06 09:00:00'));

INSERT INTO secrets (id, name, owner, created_by, created_at, expires_at, last_used_at) VALUES
    ('deploy-key', 'Deploy key', 'deploy-bot', 'tomas',
        unixepoch('2026-01-05 09:00:00'), unixepoch('2027-01-05 09:00:00'), unixepoch('2026-08-31 23:30:00'));

INSERT INTO assignments (resource_type, resource, slug, principal_type, principal) VALUES
    ('group', 'platform', 'admin', 'user', 'priya'),
    ('group', 'platform', 'member', 'user', 'nadia'),
    ('group', 'platform', 'member', 'user', 'oskar'),
    ('group', 'field', 'admin', 'user', 'tomas'),
    ('group', 'field', 'member', 'user', 'ruben'),
    ('role', 'author', 'assignment', 'user', 'tomas'),
    ('role', 'author', 'assignment', 'group', 'platform'),
    ('role', 'viewer', 'assignment', 'group', 'platform'),
    ('role', 'viewer', 'assignment', 'group', 'field'),
    ('role', 'auditor', 'assignment', 'group', 'field'),
    ('role', 'auditor', 'assignment', 'user', 'deploy-bot'),
    ('role', 'auditor', 'assignment', 'user', 'ulla'),
    ('project', 'atlas', 'owner', 'user', 'oskar'),
    ('project', 'atlas', 'access', 'group', 'platform'),
    ('project', 'atlas', 'access', 'group', 'field'),
    ('project', 'field', 'owner', 'user', 'tomas'),
    ('project', 'field', 'access', 'group', 'field');

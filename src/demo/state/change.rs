//! Changes of the demo system. Each is one transaction, and an entry of the audit.

use super::{Group, Kind, Object as _, State, User, What, no_such};
use crate::sync::{Answer, Code, ConnectorError, Removed};

/// A place for somebody: what of which object, and who.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slot<'a> {
    pub(crate) resource_type: Kind,
    pub(crate) resource: &'a str,
    pub(crate) slug: &'a str,
    pub(crate) principal_type: Kind,
    pub(crate) principal: &'a str,
}

/// Somebody who is to get an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NewUser<'a> {
    pub(crate) login: &'a str,
    pub(crate) email: &'a str,
    pub(crate) name: &'a str,
    /// Whether there is a password, which is all that the demo keeps of it.
    pub(crate) password: bool,
}

impl State {
    /// Gives by hand; `false`: it was given before.
    pub(crate) fn assign(&self, slot: &Slot<'_>) -> Answer<bool> {
        self.change(|| {
            self.must_exist(slot.resource_type, slot.resource)?;
            self.must_exist(slot.principal_type, slot.principal)?;
            let sql = "INSERT INTO assignments (resource_type, resource, slug, principal_type, principal)
                       VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING";
            let new = self.execute(sql, slot.columns())? > 0;
            if new {
                self.log_slot(What::Granted, slot)?;
            }
            Ok(new)
        })
    }

    /// Takes back what was given by hand. What follows from something else stays, and is
    /// [`Code::FailedPrecondition`] when there is nothing else.
    pub(crate) fn unassign(&self, slot: &Slot<'_>) -> Answer<Removed> {
        self.change(|| {
            let sql = "DELETE FROM assignments WHERE resource_type = ?1 AND resource = ?2 AND slug = ?3
                       AND principal_type = ?4 AND principal = ?5";
            if self.execute(sql, slot.columns())? > 0 {
                self.log_slot(What::Revoked, slot)?;
                return Ok(Removed::Now);
            }
            let Some(source) = self.holder(slot)?.and_then(|held| held.source) else {
                return Ok(Removed::Already);
            };
            let (kind, id) = (slot.principal_type, slot.principal);
            let words = format!("the {kind} {id:?} has it because of {source}: take that back instead");
            Err(ConnectorError::new(Code::FailedPrecondition, words))
        })
    }

    /// Creates an account; an account with the same login is returned as it is, with `false`.
    pub(crate) fn create_user(&self, new: &NewUser<'_>) -> Answer<(User, bool)> {
        self.change(|| {
            if let Some(there) = self.one("SELECT * FROM users WHERE login = ?1", [new.login], User::read)? {
                return Ok((there, false));
            }
            let holder = self.one("SELECT * FROM users WHERE email = ?1", [new.email], User::read)?;
            if let Some(holder) = holder {
                let words = format!("the address {} belongs to the user {:?}", new.email, holder.id);
                return Err(ConnectorError::new(Code::AlreadyExists, words));
            }
            let id = self.free_id(Kind::User, new.login)?;
            let sql = "INSERT INTO users (id, name, login, email, password_set_at)
                       VALUES (?1, ?2, ?3, ?4, iif(?5, unixepoch(), NULL))";
            self.execute(sql, (&id, new.name, new.login, new.email, new.password))?;
            self.log(What::Changed, Kind::User, &id)?;
            Ok((self.get(&id)?, true))
        })
    }

    /// Creates a group, with an id made from its name.
    pub(crate) fn create_group(&self, name: &str, description: &str) -> Answer<Group> {
        self.change(|| {
            let id = self.free_id(Kind::Group, name)?;
            self.execute(
                "INSERT INTO groups (id, name, description) VALUES (?1, ?2, ?3)",
                (&id, name, description),
            )?;
            self.log(What::Changed, Kind::Group, &id)?;
            self.get(&id)
        })
    }

    /// Deletes an object, and all that only makes sense with it.
    pub(crate) fn delete(&self, kind: Kind, id: &str) -> Answer<Removed> {
        self.change(|| {
            if !self.exists(kind, id)? {
                return Ok(Removed::Already);
            }
            if kind == Kind::User {
                let keys = "SELECT id FROM secrets WHERE owner = ?1 ORDER BY id";
                for secret in self.all(keys, [id], |row| row.get::<_, String>(0))? {
                    self.remove(Kind::Secret, &secret)?;
                }
            }
            self.remove(kind, id)?;
            Ok(Removed::Now)
        })
    }

    /// Keeps a user from signing in, or lets them again (`None`); `false`: that was so before.
    pub(crate) fn disable(&self, user: &str, because: Option<&str>) -> Answer<bool> {
        self.change(|| {
            self.must_exist(Kind::User, user)?;
            let sql = "UPDATE users SET disabled_because = ?2
                       WHERE id = ?1 AND (disabled_because IS NULL) = (?2 IS NOT NULL)";
            let changed = self.execute(sql, (user, because))? > 0;
            if changed {
                self.log(What::Changed, Kind::User, user)?;
            }
            Ok(changed)
        })
    }

    /// Notes that a user has a new password, or none any more.
    pub(crate) fn set_password(&self, user: &str, password: bool) -> Answer<()> {
        self.change(|| {
            self.must_exist(Kind::User, user)?;
            let sql = "UPDATE users SET password_set_at = iif(?2, unixepoch(), NULL) WHERE id = ?1";
            self.execute(sql, (user, password))?;
            self.log(What::Changed, Kind::User, user)
        })
    }

    /// Notes that a secret has a new key, which is good for a year and has not been used.
    pub(crate) fn renew_secret(&self, secret: &str) -> Answer<()> {
        self.change(|| {
            self.must_exist(Kind::Secret, secret)?;
            let sql = "UPDATE secrets SET created_at = unixepoch(), expires_at = unixepoch('now', '+1 year'),
                       last_used_at = NULL WHERE id = ?1";
            self.execute(sql, [secret])?;
            self.log(What::Changed, Kind::Secret, secret)
        })
    }

    fn remove(&self, kind: Kind, id: &str) -> Answer<()> {
        self.execute(
            "INSERT INTO audit (what, resource_type, resource, slug, principal_type, principal)
             SELECT 'revoked', * FROM assignments
             WHERE (resource_type = ?1 AND resource = ?2) OR (principal_type = ?1 AND principal = ?2)",
            (kind, id),
        )?;
        self.execute(
            "DELETE FROM assignments
             WHERE (resource_type = ?1 AND resource = ?2) OR (principal_type = ?1 AND principal = ?2)",
            (kind, id),
        )?;
        self.execute(&format!("DELETE FROM {} WHERE id = ?1", kind.plural()), [id])?;
        self.log(What::Changed, kind, id)
    }

    fn exists(&self, kind: Kind, id: &str) -> Answer<bool> {
        let sql = format!("SELECT 1 FROM {} WHERE id = ?1", kind.plural());
        Ok(self.one(&sql, [id], |_| Ok(()))?.is_some())
    }

    fn must_exist(&self, kind: Kind, id: &str) -> Answer<()> {
        if self.exists(kind, id)? { Ok(()) } else { Err(no_such(kind, id)) }
    }

    /// An id for something new: its name in small letters, with dashes for what is neither letter nor digit.
    fn free_id(&self, kind: Kind, name: &str) -> Answer<String> {
        let letters = name.to_lowercase();
        let words = letters.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let id = words.collect::<Vec<_>>().join("-");
        if id.is_empty() {
            let words = format!("{name:?} has neither letters nor digits, of which the id is made");
            return Err(ConnectorError::new(Code::InvalidArgument, words));
        }
        if self.exists(kind, &id)? {
            let words = format!("there is a {kind} {id:?} already");
            return Err(ConnectorError::new(Code::AlreadyExists, words));
        }
        Ok(id)
    }

    fn log(&self, what: What, kind: Kind, id: &str) -> Answer<()> {
        let sql = "INSERT INTO audit (what, resource_type, resource) VALUES (?1, ?2, ?3)";
        self.execute(sql, (what, kind, id)).map(drop)
    }

    fn log_slot(&self, what: What, slot: &Slot<'_>) -> Answer<()> {
        let sql = "INSERT INTO audit (resource_type, resource, slug, principal_type, principal, what)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let (resource_type, resource, slug, principal_type, principal) = slot.columns();
        self.execute(sql, (resource_type, resource, slug, principal_type, principal, what)).map(drop)
    }
}

impl<'a> Slot<'a> {
    /// In the order of the table.
    pub(super) fn columns(&self) -> (Kind, &'a str, &'a str, Kind, &'a str) {
        (self.resource_type, self.resource, self.slug, self.principal_type, self.principal)
    }
}

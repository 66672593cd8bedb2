//! Accounts.

use lectern_domain::{
    access::RoleName,
    account::{EmailAddress, FirstName, LastName, NewUser, PasswordHash, UserId, Username},
    time::Timestamp,
};

use super::fresh_id;
use crate::clock::START;

/// Builds a [`NewUser`].
#[derive(Debug, Clone)]
pub struct UserBuilder(NewUser);

/// An account of that user name, without an e-mail address, of the role `user`, that may interact.
pub fn user(username: &str) -> UserBuilder {
    UserBuilder(NewUser {
        id: UserId(fresh_id()),
        username: Some(Username::parse(username).unwrap()),
        email: None,
        first_name: None,
        last_name: None,
        password_hash: PasswordHash::new(format!("hash of {username}'s password")),
        role: RoleName::USER,
        can_interact: true,
        created_at: START,
    })
}

impl UserBuilder {
    /// With an e-mail address.
    pub fn email(mut self, email: &str) -> Self {
        self.0.email = Some(EmailAddress::parse(email).unwrap());
        self
    }

    /// Without a user name: give it an e-mail address.
    pub fn without_username(mut self) -> Self {
        self.0.username = None;
        self
    }

    /// With a given and a family name.
    pub fn named(mut self, first: &str, last: &str) -> Self {
        self.0.first_name = Some(FirstName::parse(first).unwrap());
        self.0.last_name = Some(LastName::parse(last).unwrap());
        self
    }

    /// Of another role.
    pub fn role(mut self, role: RoleName) -> Self {
        self.0.role = role;
        self
    }

    /// Not approved yet: it may not interact.
    pub fn unapproved(mut self) -> Self {
        self.0.can_interact = false;
        self
    }

    /// With that password hash.
    pub fn password_hash(mut self, encoded: &str) -> Self {
        self.0.password_hash = PasswordHash::new(encoded.to_owned());
        self
    }

    /// Made at another time.
    pub fn created_at(mut self, at: Timestamp) -> Self {
        self.0.created_at = at;
        self
    }

    /// The account.
    pub fn build(self) -> NewUser {
        self.0
    }
}

//! Whose password is being guessed.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::{
    account::{Login, User, UserId},
    text,
};

/// What tries are counted under: a login as typed, whether or not there is such an account, or the account of somebody
/// who is signed in.
///
/// It is not the account that a login leads to: unknown accounts are throttled like known ones, and nobody can find out
/// by it that a user name and an e-mail address belong together. A SHA-256, so that it is short whatever was typed, and
/// says nothing about anybody to whoever reads a store.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AccountKey([u8; 32]);

impl AccountKey {
    /// The most characters of a login that count, far more than any account has.
    const MAX_CHARS: usize = 1024;

    /// The key of a login as typed. All spellings of an account's name have the same; what no account can be called has
    /// one too.
    pub fn of_login(typed: &str) -> Self {
        if let Some(login) = Login::parse(typed) {
            return Self::of_name(login.key());
        }
        let cut: String = typed.trim().chars().take(Self::MAX_CHARS).collect();
        Self::of_name(&text::case_folded(&cut))
    }

    /// The key of somebody who is signed in.
    pub fn of_account(id: UserId) -> Self {
        Self::hash("account", id.0.as_bytes())
    }

    /// Every key under which an account's password can be guessed.
    pub fn all_of(user: &User) -> Vec<Self> {
        let parts = user.parts();
        let username = parts.username.as_ref().map(|username| Self::of_name(username.key()));
        let email = parts.email.as_ref().map(|email| Self::of_name(email.key()));
        [username, email, Some(Self::of_account(user.id()))].into_iter().flatten().collect()
    }

    fn of_name(key: &str) -> Self {
        Self::hash("login", key.as_bytes())
    }

    /// The kind is part of it, so that no login has the key of an account's id.
    fn hash(kind: &str, name: &[u8]) -> Self {
        Self(Sha256::new().chain_update(kind).chain_update([0]).chain_update(name).finalize().into())
    }

    /// The SHA-256.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Opaque: a hash of an e-mail address can be found by trying addresses.
impl fmt::Debug for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn all_spellings_of_a_name_have_one_key() {
        for spelling in ["ada", " ADA ", "aDa\n"] {
            assert_eq!(AccountKey::of_login(spelling), AccountKey::of_login("Ada"), "{spelling:?}");
        }
        assert_eq!(AccountKey::of_login("E\u{301}lan"), AccountKey::of_login("élan"));
        assert_eq!(AccountKey::of_login("Ada@Example.org"), AccountKey::of_login("ada@example.ORG"));
    }

    #[test]
    fn names_of_different_accounts_have_different_keys() {
        assert_ne!(AccountKey::of_login("ada"), AccountKey::of_login("eve"));
        assert_ne!(AccountKey::of_login("ada"), AccountKey::of_login("ada@example.org"));
    }

    #[test]
    fn what_nobody_can_be_called_has_a_key_too() {
        assert_eq!(AccountKey::of_login("not even A login"), AccountKey::of_login("not even a LOGIN "));
        assert_ne!(AccountKey::of_login("not even a login"), AccountKey::of_login(""));
        let endless = "x".repeat(1_000_000);
        assert_eq!(AccountKey::of_login(&endless), AccountKey::of_login(&endless[..5_000]));
    }

    #[test]
    fn no_login_has_the_key_of_an_account() {
        let id = Uuid::from_u128(7);
        assert_ne!(AccountKey::of_account(UserId(id)), AccountKey::of_login(&id.to_string()));
    }

    #[test]
    fn debug_output_says_nothing() {
        assert_eq!(format!("{:?}", AccountKey::of_login("ada")), "AccountKey(…)");
    }
}

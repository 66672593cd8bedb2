//! Changing somebody else's profile.

use std::sync::Arc;

use lectern_domain::{
    access::Permission,
    account::{EmailAddress, FirstName, LastName, Profile, UserId, Username},
    audit::AuditKind,
};

use super::{AdministerError, Change, administration::Administration};
use crate::{
    Actor,
    ports::{AccountView, Clock, Ids, Transactions},
    retry::again_if_contended,
};

/// Changes an account's names, which needs `users.update`, and whether it may interact, which needs `users.approve`.
#[derive(Clone)]
#[expect(missing_docs, reason = "fields are ports, described at their types")]
pub struct UpdateAccount {
    pub transactions: Arc<dyn Transactions>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

/// What to change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields are described at their types")]
pub struct UpdateAccountInput {
    pub username: Change<Username>,
    pub email: Change<EmailAddress>,
    pub first_name: Change<FirstName>,
    pub last_name: Change<LastName>,
    /// Whether it may upload and change things, if that is to change.
    pub can_interact: Option<bool>,
}

impl UpdateAccountInput {
    fn keeps_names(&self) -> bool {
        let Self { username, email, first_name, last_name, .. } = self;
        (username, email, first_name, last_name)
            == (&Change::Keep, &Change::Keep, &Change::Keep, &Change::Keep)
    }

    /// What somebody has to hold to ask for this.
    fn needed(&self) -> Vec<Permission> {
        match (self.keeps_names(), self.can_interact) {
            (_, None) => vec![Permission::USERS_UPDATE],
            (true, Some(_)) => vec![Permission::USERS_APPROVE],
            (false, Some(_)) => vec![Permission::USERS_UPDATE, Permission::USERS_APPROVE],
        }
    }
}

impl UpdateAccount {
    /// Changes them.
    pub async fn execute(
        &self,
        by: impl Into<Actor<'_>>,
        id: UserId,
        input: UpdateAccountInput,
    ) -> Result<AccountView, AdministerError> {
        let by = by.into();
        again_if_contended(|| self.attempt(by, id, input.clone())).await
    }

    async fn attempt(
        &self,
        by: Actor<'_>,
        id: UserId,
        input: UpdateAccountInput,
    ) -> Result<AccountView, AdministerError> {
        let now = self.clock.now();
        let change = Administration::begin(&*self.transactions, by, &input.needed(), id, now).await?;
        let mut user = change.account.user.clone();
        if !input.keeps_names() {
            let old = user.profile();
            let profile = Profile {
                username: input.username.or(old.username),
                email: input.email.or(old.email),
                first_name: input.first_name.or(old.first_name),
                last_name: input.last_name.or(old.last_name),
            };
            user = user.with_profile(profile, now).map_err(AdministerError::Nameless)?;
        }
        user = match input.can_interact {
            Some(true) => user.approve(now),
            Some(false) => user.disapprove(now),
            None => user,
        };
        change.finish(&*self.ids, user, AuditKind::AccountUpdated).await
    }
}

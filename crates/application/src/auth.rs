//! Signing up, in and out, by password or as front ends do for others, getting back in without the password, and the check that every request passes.

mod authenticate;
pub(crate) mod challenges;
mod change_password;
mod change_password_by_login;
mod confirm_reset;
mod enter_by_secret;
mod forgot_password;
mod guesses;
mod introspect;
mod login;
mod logout;
pub(crate) mod own_password;
mod refresh;
pub(crate) mod register;
mod reset_password;
mod tokens;

pub use authenticate::{Authenticate, AuthenticateError};
pub use change_password::{ChangePassword, ChangePasswordError, ChangePasswordInput};
pub use change_password_by_login::{
    ChangePasswordByLogin, ChangePasswordByLoginError, ChangePasswordByLoginInput,
};
pub use confirm_reset::{ConfirmReset, ConfirmResetError};
pub use enter_by_secret::{EnterBySecret, EnterBySecretError, EnterBySecretInput};
pub use forgot_password::{ForgotPassword, ForgotPasswordError};
pub use introspect::{Introspect, IntrospectError, Introspection};
pub use login::{LogIn, LoginError, LoginInput, SessionRules};
pub use logout::{LogOut, LogoutError};
pub use refresh::{Refresh, RefreshError};
pub use register::{Register, RegisterError, RegisterInput};
pub use reset_password::{ResetPassword, ResetPasswordError, ResetPasswordInput};
pub use tokens::{IssuedTokens, TokenIssuer};

use std::time::Duration;

use lectern_domain::account::User;

use crate::ports::{AccountView, StoreError, UnitOfWork};

/// Clocks of several machines may differ by so much.
const LEEWAY: Duration = Duration::from_secs(10);

/// The account with its role, as they are inside the unit.
pub(crate) async fn with_role(work: &mut dyn UnitOfWork, user: User) -> Result<AccountView, StoreError> {
    let name = &user.parts().role;
    match work.role(name).await? {
        Some(role) => Ok(AccountView { user, role }),
        None => Err(StoreError::Corrupt { table: "users", column: "role", row: user.id().0.to_string() }),
    }
}

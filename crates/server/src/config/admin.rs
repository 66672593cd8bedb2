//! The administrator who is made at start.

use lectern_application::accounts::EnsureAdminInput;
use lectern_domain::account::{EmailAddress, Password, Username};

use super::{ConfigError, Layers, keys};

/// Them, if they are named.
pub(super) fn admin(layers: &Layers) -> Result<Option<EnsureAdminInput>, ConfigError> {
    let username =
        layers.optional(keys::ADMIN_USERNAME, |text| Username::parse(text).map_err(|e| e.to_string()))?;
    let email =
        layers.optional(keys::ADMIN_EMAIL, |text| EmailAddress::parse(text).map_err(|e| e.to_string()))?;
    let password = layers.optional_secret(keys::ADMIN_PASSWORD, |text| {
        Password::new(text.to_owned()).map_err(|too_long| too_long.to_string())
    })?;
    match (username, email, password) {
        (None, None, None) => Ok(None),
        (None, None, Some(_)) => Err(ConfigError::Contradiction(
            "there is an admin_password, but neither an admin_username nor an admin_email",
        )),
        (_, _, None) => Err(ConfigError::Contradiction(
            "there is an admin_username or an admin_email, but no admin_password",
        )),
        (username, email, Some(password)) => Ok(Some(EnsureAdminInput { username, email, password })),
    }
}

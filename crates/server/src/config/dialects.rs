//! Settings of the classic dialects.

use lectern_actix_http::{Networks, NotANetwork};
use lectern_domain::{access::RoleName, account::PasswordPolicy, surface::Surface};
use secrecy::SecretString;

use super::{ConfigError, Layers, keys, values::number};

/// What the clients of the dialects rely on.
#[derive(Debug, Clone)]
pub(crate) struct DialectSettings {
    /// Those that are spoken.
    pub(crate) served: Vec<Surface>,
    /// What lazy-lecture's administrators present. `None`: the one in the data folder.
    pub(crate) admin_token: Option<SecretString>,
    /// What iccem's front ends share. `None`: the one in the data folder.
    pub(crate) iccem_secret: Option<SecretString>,
    /// The roles that may be asked for with it.
    pub(crate) iccem_grantable_roles: Vec<RoleName>,
    /// What iccem asks of passwords.
    pub(crate) iccem_passwords: PasswordPolicy,
    /// Who may call katkru's routes for servers without signing in.
    pub(crate) katkru_allowed: Networks,
}

impl DialectSettings {
    /// Checks what was written.
    pub(super) fn read(layers: &Layers) -> Result<Self, ConfigError> {
        Ok(Self {
            served: layers.required(keys::DIALECTS, dialects)?,
            admin_token: layers.secret(keys::ADMIN_TOKEN)?,
            iccem_secret: layers.secret(keys::ICCEM_SECRET)?,
            iccem_grantable_roles: layers.required(keys::ICCEM_GRANTABLE_ROLES, roles)?,
            iccem_passwords: PasswordPolicy {
                min_chars: layers.required(keys::ICCEM_MIN_PASSWORD, number(1..=256))?,
                ..PasswordPolicy::ICCEM
            },
            katkru_allowed: layers.required(keys::KATKRU_ALLOWED_IPS, networks)?,
        })
    }
}

/// The dialects of a list; none for `none`.
fn dialects(text: &str) -> Result<Vec<Surface>, String> {
    let known: Vec<_> = Surface::ALL.into_iter().filter(|surface| *surface != Surface::V1).collect();
    if text == "none" {
        return Ok(Vec::new());
    }
    let named = |name: &str| known.iter().find(|surface| surface.as_str() == name).copied();
    text.split(',').map(str::trim).map(|name| named(name).ok_or(name)).collect::<Result<_, _>>().map_err(
        |name| {
            let known: Vec<_> = known.iter().map(|surface| surface.as_str()).collect();
            format!("must be 'none', or some of {}, separated by commas; '{name}' is none", known.join(", "))
        },
    )
}

fn roles(text: &str) -> Result<Vec<RoleName>, String> {
    let role = |name: &str| RoleName::parse(name).map_err(|error| format!("has '{name}', which {error}"));
    text.split(',').map(str::trim).map(role).collect()
}

fn networks(text: &str) -> Result<Networks, String> {
    text.parse().map_err(|error: NotANetwork| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dialects_are_named() {
        assert_eq!(dialects("katkru, fast-web").unwrap(), [Surface::Katkru, Surface::FastWeb]);
        assert_eq!(dialects("none").unwrap(), []);
        let said = dialects("katkru,v1").unwrap_err();
        assert!(said.contains("'v1' is none") && said.contains("fastapi-auth"), "{said}");
    }

    #[test]
    fn all_dialects_are_served_by_default() {
        let layers = Layers::read(None, std::iter::empty(), &[]).unwrap();
        assert_eq!(DialectSettings::read(&layers).unwrap().served.len(), 5);
    }
}

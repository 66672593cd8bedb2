//! Whom the server believes: proxies that say who asked them, and sites whose pages may read its answers. Nobody, unless
//! they are named.

use lectern_actix_http::{CrossOrigin, NotANetwork, NotAnOrigin, TrustedProxies};

/// The sites whose pages may call the API.
pub(super) fn cross_origin(text: &str) -> Result<CrossOrigin, String> {
    text.parse().map_err(|error: NotAnOrigin| error.to_string())
}

/// The proxies whose word on the client's address counts.
pub(super) fn trusted_proxies(text: &str) -> Result<TrustedProxies, String> {
    text.parse().map_err(|error: NotANetwork| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{ConfigError, Layers, Settings};

    fn read(variables: &[(&str, &str)]) -> Result<Settings, ConfigError> {
        let variables = variables.iter().map(|(name, value)| (name.into(), value.into()));
        Settings::read(&Layers::read(None, variables, &[])?)
    }

    #[test]
    fn proxies_are_trusted_only_if_they_are_named() {
        assert_eq!(read(&[]).unwrap().trusted_proxies, TrustedProxies::default());
        let settings = read(&[("LECTERN_TRUSTED_PROXIES", "10.0.0.0/8, 2001:db8::1")]).unwrap();
        assert_eq!(Ok(settings.trusted_proxies), "10.0.0.0/8,2001:db8::1/128".parse());
        let error = read(&[("LECTERN_TRUSTED_PROXIES", "10.0.0.0/8, proxy")]).unwrap_err().to_string();
        assert!(error.contains("must be networks such as 10.0.0.0/8"), "{error}");
    }

    #[test]
    fn pages_of_other_origins_may_read_answers_only_if_they_are_named() {
        assert_eq!(read(&[]).unwrap().cross_origin, CrossOrigin::Nobody);
        let settings = read(&[("LECTERN_CORS_ORIGINS", "https://app.example.org, http://localhost:3000")]);
        assert!(matches!(settings.unwrap().cross_origin, CrossOrigin::Listed(origins) if origins.len() == 2));
        let error = read(&[("LECTERN_CORS_ORIGINS", "*, https://app.example.org")]).unwrap_err().to_string();
        assert!(error.contains("must be '*' alone, or origins such as https://app.example.org"), "{error}");
    }
}

//! E-mail addresses.

use std::fmt;

use crate::text::{self, TextError};

/// An e-mail address as people write it: a dot-atom local part (RFC 5322, section 3.2.3; letters beyond ASCII as in
/// RFC 6531) of at most 64 bytes and a domain of LDH labels with at least one dot, 254 bytes in all (RFC 5321).
///
/// Quoted local parts and address literals are refused: nobody registers with them, and injections use them.
/// Compared case-insensitively after NFC.
#[derive(Clone)]
pub struct EmailAddress {
    text: String,
    key: String,
}

/// Why an e-mail address was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// It is empty, too long, or has control characters.
    #[error(transparent)]
    Text(#[from] TextError),
    /// It is not of the form `name@domain.tld`.
    #[error("must be an e-mail address such as name@example.org")]
    Form,
}

impl EmailAddress {
    /// The most bytes an address may have (RFC 5321, section 4.5.3.1.3, less the angle brackets).
    pub const MAX_BYTES: usize = 254;

    /// Trims, normalises and checks an address.
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        let text = text::bounded(text, Self::MAX_BYTES)?;
        if text.len() > Self::MAX_BYTES {
            return Err(TextError::TooLong { max: Self::MAX_BYTES }.into());
        }
        let (local, domain) = text.rsplit_once('@').ok_or(EmailError::Form)?;
        let labels = domain.split('.').collect::<Vec<_>>();
        let well_formed = (1..=64).contains(&local.len())
            && local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom_character))
            && labels.len() >= 2
            && labels.iter().all(|label| is_label(label));
        if !well_formed {
            return Err(EmailError::Form);
        }
        let key = text::case_folded(&text);
        Ok(Self { text, key })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// As it is compared and kept unique.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The address with all but its first character and its top-level domain hidden: `a***@***.org`.
    pub fn masked(&self) -> String {
        let first = self.text.chars().next().unwrap_or('*');
        let top = self.text.rsplit('.').next().unwrap_or_default();
        format!("{first}***@***.{top}")
    }
}

fn is_atom_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) || (!c.is_ascii() && c.is_alphanumeric())
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.chars().all(|c| c.is_alphanumeric() || c == '-')
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}
impl Eq for EmailAddress {}

/// Masked: an address is personal data, and `Debug` ends up in logs.
impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EmailAddress({})", self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_addresses_parse() {
        for address in ["a@b.co", "first.last+tag@sub.example.org", "юзер@пример.рф"] {
            assert!(EmailAddress::parse(address).is_ok(), "{address}");
        }
    }

    #[test]
    fn malformed_addresses_do_not() {
        for address in [
            "",
            "a",
            "@b.co",
            "a@",
            "a@b",
            "a@@b.co",
            "a b@c.de",
            ".a@b.co",
            "a..b@c.de",
            "a@-b.co",
            "a@b..co",
            "\"a b\"@c.de",
            "a@[127.0.0.1]",
            "a@b.co>",
            "a\r\nBcc: x@y.zz",
        ] {
            assert!(EmailAddress::parse(address).is_err(), "{address}");
        }
    }

    #[test]
    fn the_limits_are_those_of_smtp() {
        let domain = format!("@{}.org", vec!["d".repeat(63); 3].join("."));
        assert!(EmailAddress::parse(&format!("{}{domain}", "l".repeat(64))).is_err(), "over 254 bytes");
        assert!(EmailAddress::parse(&format!("{}@example.org", "l".repeat(64))).is_ok());
        assert!(EmailAddress::parse(&format!("{}@example.org", "l".repeat(65))).is_err());
    }

    #[test]
    fn letter_case_does_not_make_another_address() {
        assert_eq!(EmailAddress::parse("Ada@Example.org"), EmailAddress::parse("ada@example.ORG"));
    }

    #[test]
    fn debug_output_hides_the_address() {
        let shown = EmailAddress::parse("ada@example.org").map(|a| format!("{a:?}"));
        assert_eq!(shown.as_deref(), Ok("EmailAddress(a***@***.org)"));
    }
}

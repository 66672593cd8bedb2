//! Secrets that others can guess: too short, or among what is tried first.

use std::fmt;

use lectern_domain::account::{Password, PasswordContext, PasswordPolicy};
use secrecy::{ExposeSecret, SecretString};

use super::{Settings, keys};

/// The fewest bytes of a secret that nobody has to type (OWASP ASVS 5.0, 11.5.1: at least 128 bits).
const LEAST_BYTES: usize = 16;
/// The fewest different characters of one.
const LEAST_DIFFERENT: usize = 6;
/// The fewest characters of one that are not of a word that is tried first.
const LEAST_OF_ITS_OWN: usize = 8;

/// What placeholders, defaults and first tries are made of.
const WORDS: [&str; 34] = [
    "1234567890",
    "0123456789",
    "12345678",
    "123456",
    "1234",
    "abcdef",
    "admin",
    "administrator",
    "bearer",
    "change",
    "default",
    "docs",
    "dummy",
    "example",
    "guest",
    "here",
    "insecure",
    "key",
    "lectern",
    "letmein",
    "me",
    "my",
    "pass",
    "password",
    "please",
    "qwerty",
    "replace",
    "root",
    "secret",
    "super",
    "test",
    "token",
    "worker",
    "your",
];

/// The examples of our own documents.
pub(crate) const EXAMPLES: [&str; 5] = [
    "only for this walk",
    "correct horse battery staple",
    "correct horse battery",
    "a long enough password",
    "at-least-32-characters-that-nobody-can-guess",
];

/// A setting whose value can be guessed. The value is no part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Guessable {
    /// The setting.
    pub(crate) setting: &'static str,
    why: Why,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    Short,
    Repetitive,
    WellKnown,
    Example,
    Policy(lectern_domain::account::PasswordViolation),
}

/// As the end of a sentence about the setting.
impl fmt::Display for Guessable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.setting)?;
        match self.why {
            Why::Short => write!(f, "is shorter than {LEAST_BYTES} bytes"),
            Why::Repetitive => write!(f, "has fewer than {LEAST_DIFFERENT} different characters"),
            Why::WellKnown => f.write_str("is made of words that are tried first"),
            Why::Example => f.write_str("is an example of the documentation"),
            Why::Policy(violation) => write!(f, "{violation}"),
        }
    }
}

impl Settings {
    /// The secrets among the settings that others can guess. Those that were made on first start can't be.
    pub(crate) fn guessable_secrets(&self) -> Vec<Guessable> {
        let of_programs = [
            (keys::WORKER_TOKEN, self.worker_token.as_ref()),
            (keys::ADMIN_TOKEN, self.dialects.admin_token.as_ref()),
            (keys::ICCEM_SECRET, self.dialects.iccem_secret.as_ref()),
            (keys::METRICS_TOKEN, self.observability.metrics_token.as_ref()),
        ];
        let of_programs = of_programs
            .into_iter()
            .filter_map(|(key, secret)| why_secret(secret?).map(|why| Guessable { setting: key.name, why }));
        let docs = self.docs_password.as_ref().and_then(|password| {
            let password = Password::new(password.clone()).ok()?;
            why_password(&password, PasswordContext::default())
        });
        let admin = self.admin.as_ref().and_then(|admin| {
            let names = PasswordContext { username: admin.username.as_ref(), email: admin.email.as_ref() };
            why_password(&admin.password, names)
        });
        let of_people = [(keys::DOCS_PASSWORD, docs), (keys::ADMIN_PASSWORD, admin)];
        let of_people =
            of_people.into_iter().filter_map(|(key, why)| Some(Guessable { setting: key.name, why: why? }));
        of_programs.chain(of_people).collect()
    }

    /// Whether others than this machine can reach what is listened on.
    pub(crate) fn listens_beyond_loopback(&self) -> bool {
        !self.listen.ip().to_canonical().is_loopback()
    }
}

fn why_secret(secret: &SecretString) -> Option<Why> {
    let text = secret.expose_secret();
    if is_example(text) {
        return Some(Why::Example);
    }
    if text.len() < LEAST_BYTES {
        return Some(Why::Short);
    }
    let mut different: Vec<_> = text.chars().collect();
    different.sort_unstable();
    different.dedup();
    if different.len() < LEAST_DIFFERENT {
        return Some(Why::Repetitive);
    }
    is_well_known(text, LEAST_OF_ITS_OWN).then_some(Why::WellKnown)
}

fn why_password(password: &Password, names: PasswordContext<'_>) -> Option<Why> {
    if is_example(password.expose()) {
        return Some(Why::Example);
    }
    if let Err(violation) = PasswordPolicy::V1.check(password, names) {
        return Some(Why::Policy(violation));
    }
    is_well_known(password.expose(), 1).then_some(Why::WellKnown)
}

fn is_example(text: &str) -> bool {
    EXAMPLES.iter().any(|example| example.eq_ignore_ascii_case(text.trim()))
}

/// Whether fewer characters than that are left without the words that are tried first.
fn is_well_known(text: &str, least: usize) -> bool {
    let mut left: String =
        text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let mut words = WORDS;
    // The longest first, so that none is cut by a shorter one in it.
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    for word in words {
        left = left.replace(word, "");
    }
    left.chars().count() < least
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;
    use crate::config::Layers;

    fn found(variables: &[(&str, &str)]) -> Vec<String> {
        let variables = variables.iter().map(|(name, value)| (name.into(), value.into()));
        let settings = Settings::read(&Layers::read(None, variables, &[]).unwrap()).unwrap();
        settings.guessable_secrets().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn without_settings_nothing_can_be_guessed() {
        assert_eq!(found(&[]), Vec::<String>::new());
    }

    #[test]
    fn each_secret_that_can_be_guessed_is_named() {
        let all = found(&[
            ("LECTERN_WORKER_TOKEN", "secret"),
            ("LECTERN_ADMIN_TOKEN", "change-me-change-me"),
            ("LECTERN_ICCEM_SECRET", "aaaaaaaaaaaaaaaabbbb"),
            ("LECTERN_DOCS_PASSWORD", "docs"),
            ("LECTERN_ADMIN_USERNAME", "root"),
            ("LECTERN_ADMIN_PASSWORD", "only for this walk"),
        ]);
        assert_eq!(
            all,
            [
                "worker_token is shorter than 16 bytes",
                "admin_token is made of words that are tried first",
                "iccem_secret has fewer than 6 different characters",
                "docs_password must be at least 8 characters long",
                "admin_password is an example of the documentation",
            ]
        );
    }

    #[test]
    fn what_is_tried_first_is_known_in_any_dress() {
        for text in [
            "changemechangeme",
            "CHANGE_ME_PLEASE_1234",
            "super-secret-worker-token",
            "your-secret-key-here",
            "passwordpassword",
            "0123456789abcdef",
            "lectern-admin-token",
            "admin-admin-admin",
        ] {
            assert_eq!(why_secret(&text.into()), Some(Why::WellKnown), "{text}");
        }
    }

    #[test]
    fn what_is_random_is_not_taken_for_a_word() {
        for text in [
            "k7Jq2Zx9PpLw4TnV",
            "9f86d081884c7d659a2feaa0c55ad015",
            "hC0mZ3H1m2cXxv2n0xM7dJ1t6mWm8o0cQkq0nYV1T3I",
            "tin lamp orbit gravel",
        ] {
            assert_eq!(why_secret(&text.into()), None, "{text}");
        }
    }

    #[test]
    fn the_examples_of_the_documents_are_known() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let documents = fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
        let documents = documents.filter(|path| path.extension().is_some_and(|end| end == "md"));
        for document in documents.chain([root.join("README.md")]) {
            let text = fs::read_to_string(&document).unwrap();
            for name in ["LECTERN_ADMIN_PASSWORD='", "LECTERN_DOCS_PASSWORD='", "LECTERN_WORKER_TOKEN='"] {
                for example in text.split(name).skip(1).filter_map(|after| after.split('\'').next()) {
                    assert!(EXAMPLES.contains(&example), "{}: {name}{example}", document.display());
                }
            }
        }
    }
}

//! What the classic dialects ask of passwords, as the systems did that they replace.

use crate::account::{CharacterClass, Password, PasswordPolicy};

impl PasswordPolicy {
    /// iccem's: anything of at most 256 bytes. Servers may ask for more characters.
    pub const ICCEM: Self = Self { min_chars: 1, max_chars: 256, max_bytes: 256, ..Self::ANY };

    /// lazy-lecture's.
    pub const LAZY_LECTURE: Self = Self {
        min_chars: 8,
        max_chars: 256,
        required: &[
            CharacterClass::LatinUpper,
            CharacterClass::LatinLower,
            CharacterClass::Digit,
            CharacterClass::OneOf("!@#$%^&*(),.?\":{}|<>=_"),
        ],
        ..Self::ANY
    };

    /// katkru's.
    pub const KATKRU: Self = Self {
        min_chars: 8,
        max_bytes: 72,
        required: &[CharacterClass::Digit, CharacterClass::Special, CharacterClass::Upper],
        forbidden: &[CharacterClass::Cyrillic, CharacterClass::WhiteSpace],
        ..Self::ANY
    };

    /// fastapi-auth's.
    pub const FASTAPI_AUTH: Self = Self {
        min_chars: 8,
        max_chars: 24,
        required: &[CharacterClass::Lower, CharacterClass::Upper, CharacterClass::Digit],
        forbidden: &[CharacterClass::OneOf("@\"<>")],
        ..Self::ANY
    };

    /// Whatever can be hashed.
    const ANY: Self = Self {
        min_chars: 0,
        max_chars: Password::MAX_BYTES,
        max_bytes: Password::MAX_BYTES,
        required: &[],
        forbidden: &[],
        refuses_guessable: false,
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::PasswordContext;

    fn accepts(policy: &PasswordPolicy, text: &str) -> bool {
        let password = Password::new(text.to_owned()).unwrap();
        policy.check(&password, PasswordContext::default()).is_ok()
    }

    #[test]
    fn each_policy_accepts_and_refuses_what_its_clients_know() {
        for (policy, good, bad) in [
            (PasswordPolicy::ICCEM, &["x", "пароль", " "][..], &["", &"x".repeat(257), &"я".repeat(129)][..]),
            (
                PasswordPolicy::LAZY_LECTURE,
                &["Passw0rd!", "Aa1=aaaa", "Aa1_aaaaЖ"],
                &["Passw0rd", "passw0rd!", "PASSW0RD!", "Password!", "Пароль1!", "Aa1~aaaa", "Aa1!aaa"],
            ),
            (
                PasswordPolicy::KATKRU,
                &["Passw0rd!", "ABCDEF1~"],
                &["Passw0rd", "passw0rd!", "Password!", "Passw0rd!я", "Pass w0rd!", "Pw0rd!!"],
            ),
            (
                PasswordPolicy::FASTAPI_AUTH,
                &["Passw0rd", "Passw0rd-Passw0rd-Passw0"],
                &["passw0rd", "PASSW0RD", "Password", "Passw0rd@", "Passw0rd-Passw0rd-Passw0r", "Passw0r"],
            ),
        ] {
            for text in good {
                assert!(accepts(&policy, text), "{text}");
            }
            for text in bad {
                assert!(!accepts(&policy, text), "{text}");
            }
        }
        assert!(accepts(&PasswordPolicy::KATKRU, &format!("A1!{}", "x".repeat(69))));
        assert!(!accepts(&PasswordPolicy::KATKRU, &format!("A1!{}", "x".repeat(70))));
    }
}

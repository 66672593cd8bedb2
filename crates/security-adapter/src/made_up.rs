//! Passwords for people, made up by the machine.

use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::NoRandomness;

/// Letters and digits that aren't taken for one another: 32 of them, so that a random byte chooses evenly.
const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Five groups of five letters: 125 bits.
const GROUPS: usize = 5;
const GROUP: usize = 5;

/// A password that nobody guesses and that can be typed: five groups of five letters and digits, 125 random bits.
pub fn generate_password() -> Result<SecretString, NoRandomness> {
    let mut bytes = Zeroizing::new([0_u8; GROUPS * GROUP]);
    aws_lc_rs::rand::fill(bytes.as_mut_slice()).map_err(|_| NoRandomness)?;
    // Room for all of it at once: a text that grows leaves copies of itself behind.
    let mut text = Zeroizing::new(String::with_capacity(GROUPS * (GROUP + 1)));
    for group in bytes.chunks(GROUP) {
        if !text.is_empty() {
            text.push('-');
        }
        text.extend(
            group
                .iter()
                .filter_map(|byte| LETTERS.get(usize::from(byte % 32)))
                .map(|&letter| char::from(letter)),
        );
    }
    Ok(SecretString::from(text.as_str()))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn made_up_passwords_are_groups_of_letters_and_differ() {
        let [one, other] = [(); 2].map(|()| generate_password().unwrap());
        assert_eq!(one.expose_secret().split('-').map(str::len).collect::<Vec<_>>(), [5; 5]);
        let allowed = |c: char| c == '-' || LETTERS.iter().any(|&letter| char::from(letter) == c);
        assert!(one.expose_secret().chars().all(allowed));
        assert_ne!(one.expose_secret(), other.expose_secret());
    }
}

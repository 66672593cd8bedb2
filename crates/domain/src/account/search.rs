//! Looking for accounts by a part of their names.

use super::{EmailAddress, FirstName, LastName, UserParts, Username};
use crate::text;

/// A part of a user name, an e-mail address or a full name, to be found in any letter case. Nothing in it has a meaning
/// beyond itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSearch(String);

/// It is longer than any name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be at most {} characters long", AccountSearch::MAX_CHARS)]
pub struct AccountSearchTooLong;

impl AccountSearch {
    /// The most characters of a search: as many as an e-mail address may have.
    pub const MAX_CHARS: usize = 254;

    /// Takes a search as typed. `None` for a blank one, which finds everybody.
    pub fn parse(text: &str) -> Result<Option<Self>, AccountSearchTooLong> {
        if text.chars().take(Self::MAX_CHARS + 1).count() > Self::MAX_CHARS {
            return Err(AccountSearchTooLong);
        }
        // No name has a control character; a tab or a line break was a space.
        let text = text.replace(char::is_control, " ");
        let key = text::searchable(text.trim());
        Ok((!key.is_empty()).then_some(Self(key)))
    }

    /// The text to be found within a [search key](super::User::search_key).
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether an account with that search key is found.
    pub fn finds(&self, search_key: &str) -> bool {
        search_key.contains(self.as_str())
    }

    /// Whether an account with that search key is found by what its holder signs in with alone, which is the first line.
    pub fn finds_login(&self, search_key: &str) -> bool {
        search_key.lines().next().is_some_and(|login| self.finds(login))
    }

    /// Whether it is a part of that one name.
    pub fn is_part_of(&self, name: &str) -> bool {
        text::searchable(name).contains(self.as_str())
    }
}

/// The key of these names: each on a line of its own, so that nothing is found across two of them. First comes the user
/// name, if there is one, then the e-mail address, last the full name, be it empty.
pub(super) fn key(names: &UserParts) -> String {
    let first = names.first_name.as_ref().map(FirstName::as_str);
    let last = names.last_name.as_ref().map(LastName::as_str);
    let full_name = [first, last].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let username = names.username.as_ref().map(Username::as_str);
    let email = names.email.as_ref().map(EmailAddress::as_str);
    let lines = [username, email, Some(full_name.as_str())];
    text::searchable(&lines.into_iter().flatten().collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(text: &str) -> AccountSearch {
        AccountSearch::parse(text).unwrap().unwrap()
    }

    #[test]
    fn letter_case_and_composition_do_not_matter() {
        assert_eq!(search("E\u{301}LAN"), search("élan"));
        assert_eq!(search("ΟΔΥΣΣΕΥΣ"), search("οδυσσευς"));
        assert!(search("ΟΔΥΣ").finds(&text::searchable("Οδυσσευς")));
    }

    #[test]
    fn a_part_of_a_name_is_found_in_any_letter_case() {
        assert!(search("ИВА").is_part_of("Диванов"));
        assert!(!search("иван").is_part_of("Диваев"));
    }

    #[test]
    fn blanks_are_no_search() {
        for blank in ["", " ", "\t\n"] {
            assert_eq!(AccountSearch::parse(blank), Ok(None));
        }
        assert_eq!(search(" ada\tlovelace\n"), search("ada lovelace"));
    }

    #[test]
    fn searches_are_bounded() {
        assert!(AccountSearch::parse(&"ж".repeat(254)).is_ok());
        assert_eq!(AccountSearch::parse(&"x".repeat(255)), Err(AccountSearchTooLong));
    }
}

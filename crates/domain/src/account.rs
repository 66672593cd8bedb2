//! Accounts: who somebody is, and how an account stands.

mod email;
mod login;
mod name;
mod password;
mod search;
mod user;

pub use crate::text::TextError;
pub use email::{EmailAddress, EmailError};
pub use login::Login;
pub use name::{DisplayName, FirstName, LastName, Username, UsernameError};
pub use password::{
    CharacterClass, Password, PasswordContext, PasswordHash, PasswordPolicy, PasswordTooLong,
    PasswordViolation,
};
pub use search::{AccountSearch, AccountSearchTooLong};
pub use user::{
    AccountEpoch, AccountError, IsDeleted, NewUser, Profile, Registration, Standing, User, UserId,
    UserNumber, UserParts, UserSnapshot, Withheld,
};

//! `lectern user`: what the operator of the machine does with accounts.

use clap::{Args, Subcommand, ValueEnum};
use lectern_application::ports::StandingFilter;
use lectern_domain::{
    access::{Permission, RoleName},
    account::{EmailAddress, FirstName, LastName, Username},
};

use crate::config::StoreFlags;

const WHO: &str = "The account: its user name, e-mail address, UUID or number (#7)";
const DELETED: &str = "The account: its UUID or number (#7); `lectern user list --standing deleted` tells";

#[derive(Debug, Args)]
pub(crate) struct UserArguments {
    #[command(subcommand)]
    pub(crate) action: UserAction,
    #[command(flatten)]
    pub(crate) store: StoreFlags,
}

/// What to do with accounts.
#[derive(Debug, Subcommand)]
pub(crate) enum UserAction {
    /// Make an account
    Create(CreateArguments),
    /// List accounts, the newest first
    List(ListArguments),
    /// Show an account
    Show {
        #[arg(help = WHO)]
        who: String,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Give an account another role; tokens that it has are stale at once
    SetRole {
        #[arg(help = WHO)]
        who: String,
        /// The role, such as admin or user
        #[arg(value_parser = RoleName::parse)]
        role: RoleName,
    },
    /// Give an account permissions besides those of its role
    Grant(PermissionArguments),
    /// Take such permissions away
    Revoke(PermissionArguments),
    /// Let an account upload and change things, where registration is by approval
    Approve {
        #[arg(help = WHO)]
        who: String,
    },
    /// Cut an account off: nobody can sign in to it, and its sessions end
    Block {
        #[arg(help = WHO)]
        who: String,
    },
    /// Let a blocked account be used again
    Unblock {
        #[arg(help = WHO)]
        who: String,
    },
    /// Delete an account; `restore` brings it back
    Delete {
        #[arg(help = WHO)]
        who: String,
    },
    /// Bring a deleted account back
    Restore {
        #[arg(help = DELETED)]
        who: String,
    },
    /// Give an account another password; its sessions end
    SetPassword {
        #[arg(help = WHO)]
        who: String,
        #[command(flatten)]
        password: PasswordFlags,
    },
}

#[derive(Debug, Args)]
pub(crate) struct CreateArguments {
    /// What to sign in with; it or an e-mail address is needed
    #[arg(long, value_parser = Username::parse, required_unless_present = "email")]
    pub(crate) username: Option<Username>,
    /// Its e-mail address
    #[arg(long, value_parser = EmailAddress::parse)]
    pub(crate) email: Option<EmailAddress>,
    /// Given name
    #[arg(long, value_name = "NAME", value_parser = FirstName::parse)]
    pub(crate) first_name: Option<FirstName>,
    /// Family name
    #[arg(long, value_name = "NAME", value_parser = LastName::parse)]
    pub(crate) last_name: Option<LastName>,
    /// Its role, such as admin [default: user]
    #[arg(long, value_parser = RoleName::parse)]
    pub(crate) role: Option<RoleName>,
    /// It may only read, until it is approved
    #[arg(long)]
    pub(crate) no_interact: bool,
    #[command(flatten)]
    pub(crate) password: PasswordFlags,
}

/// Where a password comes from. It is never an argument: those are shown to everybody on the machine.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct PasswordFlags {
    /// Read the password from the first line of the standard input, instead of asking at the terminal
    #[arg(long)]
    pub(crate) password_stdin: bool,
    /// Make a password up, and print it
    #[arg(long, conflicts_with = "password_stdin")]
    pub(crate) generate_password: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PermissionArguments {
    #[arg(help = WHO)]
    pub(crate) who: String,
    /// Names of permissions, such as users.view
    #[arg(required = true, value_name = "PERMISSION", value_parser = Permission::parse)]
    pub(crate) permissions: Vec<Permission>,
}

#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    /// Only those with this in their user name, e-mail address or full name
    #[arg(long, value_name = "TEXT")]
    pub(crate) search: Option<String>,
    /// Only those of this role
    #[arg(long, value_parser = RoleName::parse)]
    pub(crate) role: Option<RoleName>,
    /// Only those that stand so [default: all but the deleted]
    #[arg(long)]
    pub(crate) standing: Option<StandingChoice>,
    /// How many to a page
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub(crate) size: u32,
    /// Which page
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) page: u32,
    /// As JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum StandingChoice {
    Active,
    Blocked,
    Deleted,
}

impl From<StandingChoice> for StandingFilter {
    fn from(choice: StandingChoice) -> Self {
        match choice {
            StandingChoice::Active => Self::Active,
            StandingChoice::Blocked => Self::Blocked,
            StandingChoice::Deleted => Self::Deleted,
        }
    }
}

//! The names of keys and channels.

use lectern_application::ports::LimitClass;
use lectern_domain::{
    account::UserId,
    session::SessionId,
    throttling::{AccountKey, Guess, Network},
};

/// Names keys and channels, all of which begin with one prefix.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    prefix: String,
}

impl Keys {
    pub(crate) fn new(prefix: String) -> Self {
        Self { prefix }
    }

    /// What a session was loaded as.
    pub(crate) fn session(&self, id: SessionId) -> String {
        format!("{}session:{}", self.prefix, id.0)
    }

    /// What moments of the session cache are counted in.
    pub(crate) fn moment(&self) -> String {
        format!("{}moment", self.prefix)
    }

    pub(crate) fn gate_of_all(&self) -> String {
        format!("{}gate:all", self.prefix)
    }

    pub(crate) fn gate_of_session(&self, id: SessionId) -> String {
        format!("{}gate:session:{}", self.prefix, id.0)
    }

    pub(crate) fn gate_of_user(&self, id: UserId) -> String {
        format!("{}{}", self.gates_of_users(), id.0)
    }

    /// What the gates of users begin with.
    pub(crate) fn gates_of_users(&self) -> String {
        format!("{}gate:user:", self.prefix)
    }

    /// The channel of the sessions that commits touch.
    pub(crate) fn touches(&self) -> String {
        format!("{}touches", self.prefix)
    }

    /// The channel of news.
    pub(crate) fn news(&self) -> String {
        format!("{}news", self.prefix)
    }

    pub(crate) fn quota(&self, class: LimitClass, network: Network) -> String {
        let class = match class {
            LimitClass::LogIn => "log_in",
            LimitClass::Register => "register",
            LimitClass::Refresh => "refresh",
            LimitClass::Recovery => "recovery",
            LimitClass::Upload => "upload",
            LimitClass::IccemToken => "iccem_token",
            LimitClass::IccemRefresh => "iccem_refresh",
        };
        format!("{}quota:{class}:{network}", self.prefix)
    }

    pub(crate) fn tries(&self, guess: Guess) -> String {
        format!("{}tries:{}:{}", self.prefix, guess.network, hexadecimal(&guess.account))
    }

    pub(crate) fn failures(&self, network: Network) -> String {
        format!("{}failures:{network}", self.prefix)
    }

    pub(crate) fn forgiveness(&self, account: &AccountKey) -> String {
        format!("{}forgiven:{}", self.prefix, hexadecimal(account))
    }

    /// Written when a connection is made, to see whether that is possible.
    pub(crate) fn probe(&self) -> String {
        format!("{}probe", self.prefix)
    }
}

fn hexadecimal(account: &AccountKey) -> String {
    use std::fmt::Write;

    account.as_bytes().iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a string doesn't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

//! What is wrong with an installation, and what to do about it. Nothing is changed, and nothing is made but what goes at once:
//! a key in Redis, an object in the bucket.
//!
//! | module | what it looks at |
//! |---|---|
//! | `backups` | the newest backup, and whether the next can be taken |
//! | `configuration` | settings that don't go together with each other or with the network |
//! | `folder` | the data folder: permissions, secrets, room |
//! | `keys` | the keys that sign tokens |
//! | `database` | the file, its schema, and what is stored in it |
//! | `postgresql` | the database's server: version, connections, clock, pools before it |
//! | `redis`, `rabbitmq`, `bucket`, `mail_server` | the other parts, as far as they are configured |
//! | `tls` | the certificate: how long it is valid, for whom, and whether its issuers are there |
//! | `server` | whether a server answers, through whatever is before it |
//!
//! A new check is a function that answers a [`Finding`], called in [`look`] or in one of the modules.

mod backups;
mod bucket;
mod configuration;
mod database;
mod folder;
mod keys;
mod mail_server;
mod postgresql;
mod rabbitmq;
mod redis;
mod server;
mod tls;

use std::{fmt, time::Duration};

use lectern_application::ports::Clock as _;
use lectern_domain::time::Timestamp;
use lectern_security_adapter::SystemClock;
use serde_json::{Value, json};

use crate::config::Settings;

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// As it should be.
    Ok,
    /// It works, but somebody should look at it.
    Warning,
    /// Something doesn't work, or isn't safe.
    Problem,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// What was looked at.
    pub(crate) check: &'static str,
    pub(crate) verdict: Verdict,
    /// How it is, as a sentence without its end.
    pub(crate) what: String,
    /// What to do about it, as a sentence.
    pub(crate) fix: Option<String>,
}

impl Finding {
    fn ok(check: &'static str, what: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Ok, what: what.into(), fix: None }
    }

    fn warning(check: &'static str, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Warning, what: what.into(), fix: Some(fix.into()) }
    }

    fn problem(check: &'static str, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { check, verdict: Verdict::Problem, what: what.into(), fix: Some(fix.into()) }
    }

    /// For programs.
    pub(crate) fn to_json(&self) -> Value {
        let verdict = match self.verdict {
            Verdict::Ok => "ok",
            Verdict::Warning => "warning",
            Verdict::Problem => "problem",
        };
        json!({ "check": self.check, "verdict": verdict, "what": self.what, "fix": self.fix })
    }
}

/// One line.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.verdict {
            Verdict::Ok => "ok",
            Verdict::Warning => "warning",
            Verdict::Problem => "PROBLEM",
        };
        write!(f, "{verdict:<8} {}: {}", self.check, self.what)?;
        match &self.fix {
            Some(fix) => write!(f, ". {fix}"),
            None => Ok(()),
        }
    }
}

/// An error with those beneath it, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(error.source(), |error| error.source())
        .fold(error.to_string(), |shown, error| format!("{shown}: {error}"))
}

/// How far two times are apart.
fn drift(one: Timestamp, other: Timestamp) -> Duration {
    one.since(other).max(other.since(one))
}

/// Looks at everything. `url` is where a server has to answer.
pub(crate) async fn look(settings: &Settings, url: Option<&str>) -> Vec<Finding> {
    let mut findings = configuration::look(settings);
    findings.extend(folder::look(&settings.data_dir, &settings.secrets_dir));
    findings.extend(keys::look(settings));
    findings.extend(tls::look(settings, SystemClock.now()));
    findings.extend(database::look(settings).await);
    // On the heap, as all of them together are large.
    let parts = Box::pin(async {
        tokio::join!(
            postgresql::look(settings),
            redis::look(settings),
            rabbitmq::look(settings),
            bucket::look(settings),
            mail_server::look(settings),
        )
    });
    let (postgresql, redis, rabbitmq, bucket, mail_server) = parts.await;
    findings.extend(postgresql);
    findings.extend([redis, rabbitmq, bucket, mail_server].into_iter().flatten());
    findings.extend(backups::look(settings).await);
    findings.extend(server::look(settings, url).await);
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_a_line_that_says_what_to_do() {
        let finding = Finding::problem("secrets", "others can read them", "Run: chmod 600 secrets/*");
        assert_eq!(finding.to_string(), "PROBLEM  secrets: others can read them. Run: chmod 600 secrets/*");
        assert_eq!(Finding::ok("clock", "is right").to_string(), "ok       clock: is right");
    }
}

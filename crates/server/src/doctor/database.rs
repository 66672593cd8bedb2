//! The database: itself, its schema, and what is stored in it.

use std::sync::Arc;

use lectern_application::{
    maintenance::{ClockReading, Examination, Examine, SignIns},
    ports::{MigrationState, Queries, Schema, StoreError},
};
use lectern_domain::account::Login;
use lectern_security_adapter::SystemClock;

use super::{Finding, chain};
use crate::{
    compose::{Database, MIGRATE},
    config::{DatabaseUrl, Settings},
};

const CHECK: &str = "database";
/// The most defects that are shown.
const SHOWN: usize = 5;

/// Looks at it, if it is there.
pub(super) async fn look(settings: &Settings) -> Vec<Finding> {
    let url = &settings.database;
    if !url.exists() {
        let what = format!("{url} is not there yet; the server makes it when it first starts");
        return vec![Finding::ok(CHECK, what)];
    }
    let Database { queries, schema, .. } = match Database::open(settings).await {
        Ok(database) => database,
        Err(failure) => return vec![Finding::problem(CHECK, failure.to_string(), repair(url))],
    };
    let mut findings = vec![defects(url, schema.defects().await), versions(url, schema.as_ref()).await];
    // What is stored can only be read under the schema that this program knows.
    if findings.iter().all(|finding| finding.verdict == super::Verdict::Ok) {
        let examine = Examine { queries: queries.clone(), clock: Arc::new(SystemClock) };
        findings.extend(examined(examine.execute().await));
        findings.extend(password_left(settings, queries.as_ref()).await);
    }
    findings
}

/// What to do about a database that is broken.
const fn repair(url: &DatabaseUrl) -> &'static str {
    match url {
        DatabaseUrl::Sqlite(_) => "Stop the server, and put the file back from a backup.",
        DatabaseUrl::Postgres(_) => "See to PostgreSQL, or restore the database from a backup.",
    }
}

fn defects(url: &DatabaseUrl, found: Result<Vec<String>, StoreError>) -> Finding {
    match found {
        Ok(defects) if defects.is_empty() => Finding::ok(CHECK, format!("{url} is whole")),
        Ok(defects) => {
            let shown = defects.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("; ");
            Finding::problem(CHECK, format!("{url} is damaged: {shown}"), repair(url))
        }
        Err(error) => Finding::problem(CHECK, chain(&error), repair(url)),
    }
}

async fn versions(url: &DatabaseUrl, schema: &dyn Schema) -> Finding {
    const CHECK: &str = "schema";
    match schema.migration_status().await {
        Ok(status) => {
            let pending = status.iter().filter(|migration| migration.state == MigrationState::Pending);
            match pending.count() {
                0 => Finding::ok(CHECK, "is up to date"),
                pending => Finding::problem(CHECK, format!("{pending} migrations are pending"), MIGRATE),
            }
        }
        Err(error) => Finding::problem(CHECK, chain(&error), repair(url)),
    }
}

fn examined(found: Examination) -> Vec<Finding> {
    let unread = |check| {
        move |error: StoreError| {
            Finding::problem(check, chain(&error), "Check the database, and the server's log.")
        }
    };
    vec![
        found.ledgers.map_or_else(unread("ledgers"), |mismatches| match mismatches.as_slice() {
            [] => Finding::ok("ledgers", "every balance is the sum of its entries"),
            some => {
                let shown = some.iter().take(SHOWN).map(|one| {
                    format!("{} has {}, its entries add up to {}", one.user.0, one.balance, one.sum)
                });
                let what =
                    format!("{} balances are wrong: {}", some.len(), shown.collect::<Vec<_>>().join("; "));
                Finding::problem(
                    "ledgers",
                    what,
                    "Something wrote into the database past Lectern; find out what.",
                )
            }
        }),
        found.broken_roles.map_or_else(unread("roles"), |broken| match broken.as_slice() {
            [] => Finding::ok("roles", "the built-in roles are as they should be"),
            some => {
                let names = some.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                Finding::problem(
                    "roles",
                    format!("the built-in roles {names} are not as they should be"),
                    "Run: lectern seed",
                )
            }
        }),
        found.administrators.map_or_else(unread("administrators"), |count| match count {
            0 => Finding::warning(
                "administrators",
                "nobody may do everything",
                "Run: lectern user create --username NAME --role admin",
            ),
            count => Finding::ok("administrators", count.to_string()),
        }),
        found.clock.map_or_else(unread("clock"), clock),
        found.sign_ins.map_or_else(unread("sign-ins"), sign_ins),
    ]
}

fn clock(reading: ClockReading) -> Finding {
    const CHECK: &str = "clock";
    const FIX: &str =
        "Set the machine's clock, and have it kept right (by NTP): tokens and sessions depend on it.";
    match reading {
        ClockReading::Plausible => Finding::ok(CHECK, "may be right"),
        ClockReading::SetBack { by } => {
            let what = format!(
                "the audit log has an event {} s in the future: the clock was set back",
                by.as_secs()
            );
            Finding::problem(CHECK, what, FIX)
        }
        ClockReading::OfAnotherAge => Finding::problem(CHECK, "shows a year that can't be right", FIX),
    }
}

fn sign_ins(from: SignIns) -> Finding {
    const CHECK: &str = "sign-ins";
    match from {
        SignIns::Few => Finding::ok(CHECK, "too few yet to tell where people come from"),
        SignIns::FromElsewhere => Finding::ok(CHECK, "people come from where they are"),
        SignIns::FromOnePrivateAddress(address) => Finding::warning(
            CHECK,
            format!("the last ones all came from {address}"),
            "If that is your proxy, name it in LECTERN_TRUSTED_PROXIES: limits and throttles count by address.",
        ),
    }
}

/// Once the administrator is there, the password in the configuration has no more use, and can only leak.
async fn password_left(settings: &Settings, queries: &dyn Queries) -> Option<Finding> {
    const CHECK: &str = "admin_password";
    let admin = settings.admin.as_ref()?;
    let logins = [admin.username.clone().map(Login::Username), admin.email.clone().map(Login::Email)];
    for login in logins.iter().flatten() {
        if let Ok(Some(_)) = queries.account_by_login(login).await {
            return Some(Finding::warning(
                CHECK,
                "is still in the configuration, although the administrator is there",
                "Take admin_username, admin_email and admin_password out: they are not used any more.",
            ));
        }
    }
    Some(Finding::ok(CHECK, "makes the administrator when the server starts"))
}

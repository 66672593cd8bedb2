//! How fast lists of accounts are: fills a database with 100,000 accounts, and prints medians. Run it with
//! `cargo run --release -p lectern-sqlite-adapter --example accounts`.

#![expect(clippy::print_stdout, reason = "printing is what it is for")]

use std::{
    error::Error,
    time::{Duration, Instant},
};

use lectern_application::ports::{
    AccountFilter, AccountSort, PageRequest, Queries, Schema, SortOrder, StandingFilter, Transactions,
};
use lectern_domain::{
    access::RoleName,
    account::{AccountSearch, EmailAddress, FirstName, LastName, NewUser, PasswordHash, UserId, Username},
    time::Timestamp,
};
use lectern_sqlite_adapter::SqliteDatabase;
use uuid::Uuid;

const ACCOUNTS: u32 = 100_000;
const ROUNDS: usize = 31;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let database = SqliteDatabase::open(&folder.path().join("lectern.db"))?;
    database.migrate_up().await?;
    let begun = Instant::now();
    let mut work = database.begin().await?;
    for at in 0..ACCOUNTS {
        let user = work.insert_user(account(at)?).await?;
        if at.is_multiple_of(50) {
            work.save_user(&user.block(time(at))?).await?;
        }
    }
    work.commit().await?;
    println!("filled with {ACCOUNTS} accounts in {:.1?}", begun.elapsed());

    let last = ACCOUNTS / 50;
    let everybody = AccountFilter::default();
    let by = |sort| AccountFilter { sort, order: SortOrder::Ascending, ..AccountFilter::default() };
    for (what, filter, page) in [
        ("newest, page 1", everybody.clone(), 1),
        ("newest, last page", everybody.clone(), last),
        ("by number, last page", by(AccountSort::Number), last),
        ("by user name, page 1", by(AccountSort::Username), 1),
        ("by e-mail address, last page", by(AccountSort::Email), last),
        ("never used, page 1", by(AccountSort::LastActivityAt), 1),
        ("operators", AccountFilter { role: Some(RoleName::OPERATOR), ..everybody.clone() }, 1),
        ("blocked", AccountFilter { standing: StandingFilter::Blocked, ..everybody.clone() }, 1),
        ("search for one account", search("user77777@")?, 1),
        ("search for nobody", search("nobody here")?, 1),
        ("search for two letters", search("7x")?, 1),
        ("search for a name", search("lovelace 77")?, 1),
        ("search that finds everybody", search("example.org")?, 1),
        ("search that finds everybody, page 100", search("example.org")?, 100),
    ] {
        let page = PageRequest::new(page, 50).ok_or("no such page")?;
        let found = database.accounts(&filter, page).await?;
        let median = median(&database, &filter, page).await?;
        println!("{what}: {median:.2?} for {} of {}", found.items.len(), found.total);
    }
    Ok(())
}

fn search(text: &str) -> Result<AccountFilter, Box<dyn Error>> {
    Ok(AccountFilter { search: AccountSearch::parse(text)?, ..AccountFilter::default() })
}

async fn median(
    database: &SqliteDatabase,
    filter: &AccountFilter,
    page: PageRequest,
) -> Result<Duration, Box<dyn Error>> {
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        database.accounts(filter, page).await?;
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    times.get(ROUNDS / 2).copied().ok_or_else(|| "no rounds".into())
}

fn time(at: u32) -> Timestamp {
    Timestamp::from_micros(i64::from(at))
}

/// Made in an order that no list has.
fn account(at: u32) -> Result<NewUser, Box<dyn Error>> {
    let name = (u64::from(at) * 7919) % u64::from(ACCOUNTS);
    Ok(NewUser {
        id: UserId(Uuid::from_u128(u128::from(at))),
        username: Some(Username::parse(&format!("user{name}"))?),
        email: Some(EmailAddress::parse(&format!("user{name}@example.org"))?),
        first_name: Some(FirstName::parse("Ада")?),
        last_name: Some(LastName::parse(&format!("Lovelace {}", at % 5000))?),
        password_hash: PasswordHash::new(
            "$2b$12$./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstu".to_owned(),
        ),
        role: if at.is_multiple_of(1000) { RoleName::OPERATOR } else { RoleName::USER },
        can_interact: true,
        created_at: time(at),
    })
}

//! How long it takes to verify an access token, with each algorithm, with and without a memory:
//!
//! ```sh
//! cargo run --release -p lectern-security-adapter --example verify
//! ```
#![expect(clippy::print_stdout, reason = "it is what an example is for")]

use std::{
    error::Error,
    hint::black_box,
    sync::Arc,
    time::{Duration, Instant},
};

use lectern_application::ports::{AccessClaims, Clock, Ids, TokenSigner};
use lectern_domain::{
    access::{Permission, RoleName},
    account::{AccountEpoch, UserId},
    session::SessionId,
};
use lectern_security_adapter::{
    JwtAlgorithm, KeyRing, KeyRingSettings, RememberedTokens, SystemClock, UuidV7Ids,
};

const ROUNDS: u32 = 20_000;

fn main() -> Result<(), Box<dyn Error>> {
    for algorithm in JwtAlgorithm::ALL {
        let folder = tempfile::tempdir()?;
        let settings = KeyRingSettings { algorithm, token_lifetime: Duration::from_hours(720) };
        let clock = Arc::new(SystemClock);
        let ring = Arc::new(KeyRing::open(folder.path(), settings, clock.clone())?);
        let remembered = RememberedTokens::new(ring.clone(), clock, RememberedTokens::DEFAULT_ROOM);
        let token = ring.sign_access(&claims())?;
        let bare = time(&*ring, &token)?;
        let with_memory = time(&remembered, &token)?;
        println!(
            "{}: {bare:.1?} without memory, {with_memory:.1?} with: {:.1} times as fast",
            algorithm.as_str(),
            bare.as_secs_f64() / with_memory.as_secs_f64()
        );
    }
    Ok(())
}

fn time(signer: &dyn TokenSigner, token: &str) -> Result<Duration, Box<dyn Error>> {
    let start = Instant::now();
    for _ in 0..ROUNDS {
        black_box(signer.verify(black_box(token))?);
    }
    Ok(start.elapsed() / ROUNDS)
}

fn claims() -> AccessClaims {
    let now = SystemClock.now();
    AccessClaims {
        issuer: "https://lectern.example".to_owned(),
        subject: UserId(UuidV7Ids.next()),
        session: SessionId(UuidV7Ids.next()),
        epoch: AccountEpoch(0),
        role: RoleName::USER,
        permissions: [Permission::TRANSCRIPTIONS_READ].into_iter().collect(),
        issued_at: now,
        expires_at: now.plus(Duration::from_mins(15)),
        id: UuidV7Ids.next(),
    }
}

//! Refresh tokens without storing any: `cargo run -p lectern-domain --example sessions`.
//!
//! An embedder keeps a [`Session`] wherever it likes, puts `session id + generation` into a signed token, and asks the
//! session what to do when one is presented.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::time::Duration;

use lectern_domain::{
    account::UserId,
    session::{Device, Generation, Presentation, RefreshRules, Session, SessionId, UserAgent},
    surface::Surface,
    time::Timestamp,
};
use uuid::Uuid;

fn main() {
    let rules = RefreshRules::default();
    let start = Timestamp::from_micros(1_700_000_000_000_000);
    let device = Device {
        user_agent: UserAgent::from_header("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"),
        ip: None,
    };
    println!("opened on {}", device.user_agent.label());
    let session = Session::open(
        SessionId(Uuid::from_u128(1)),
        UserId(Uuid::from_u128(2)),
        Surface::V1,
        device,
        start,
        rules,
    );

    // The client refreshes after ten minutes: the next generation begins. Save it by compare-and-swap.
    let now = start.plus(Duration::from_mins(10));
    let session = tell("first refresh", session.present(Generation(0), now, rules));

    // Its answer was lost, and it asks again within the grace interval: the same successor once more.
    let session = session.and_then(|session| {
        tell("again, 5 s later", session.present(Generation(0), now.plus(Duration::from_secs(5)), rules))
    });

    // A minute later somebody else shows up with the old token: the session is over.
    let ended = session.and_then(|session| {
        tell("again, a minute later", session.present(Generation(0), now.plus(Duration::from_mins(1)), rules))
    });

    // And it stays so, for the thief and for the owner, who signs in again.
    if let Some(ended) = ended {
        tell("the owner's own token", ended.present(Generation(1), now.plus(Duration::from_mins(2)), rules));
    }
}

fn tell(what: &str, presentation: Presentation) -> Option<Session> {
    let (outcome, session) = match presentation {
        Presentation::Rotated(session) => ("a new generation", Some(session)),
        Presentation::Repeated(session) => ("the same successor again", Some(session)),
        Presentation::Reused(session) => ("reuse: the session was ended", Some(session)),
        Presentation::Ended(_) => ("refused: the session has ended", None),
        Presentation::Expired => ("refused: the session has expired", None),
        Presentation::Unknown => ("refused: no such generation", None),
    };
    println!("{what}: {outcome}");
    session
}

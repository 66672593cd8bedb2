//! The contracts of the ports: one function for each promise, and one macro for each port that stamps them all.
//!
//! A port's documentation says what an implementation MUST do. Every such sentence is at least one function of the
//! port's suite here, named as the sentence it checks. A suite knows nothing of what it runs on: it gets a *fixture*,
//! which holds the port, and what has to outlive the test, such as a temporary folder.
//!
//! # How a new adapter runs a suite
//!
//! Its `tests/contract.rs` is one line: the macro with an async expression that makes a fresh, empty fixture. Every
//! function of the suite becomes a test with a fixture of its own.
//!
//! ```ignore
//! lectern_testkit::store_contract!(async {
//!     let folder = tempfile::tempdir().unwrap();
//!     let database = Arc::new(Database::open(folder.path()).await.unwrap());
//!     StoreFixture { transactions: database.clone(), queries: database, keep: Box::new(folder) }
//! });
//! ```
//!
//! The expression is repeated in every test; a longer one is better a function: `store_contract!(fixture());`. The
//! adapter's crate needs tokio with `macros` and `rt-multi-thread` as a dev-dependency. Two suites in one file belong
//! into two modules, named for what they run on.
//!
//! # How a suite grows
//!
//! Write the function in the file of its subject, as `pub async fn a_promise(fixture: &Fixture)`, and add its name to
//! the port's macro. A test of this crate fails if a function is in no macro.

pub mod audio_store;
pub mod backups;
pub mod dumps;
pub mod duties;
pub mod events;
pub mod failure_limiter;
pub mod hasher;
pub mod random;
pub mod rate_limiter;
pub mod renderer;
pub mod session_cache;
pub mod signer;
pub mod store;
pub mod throttle;

use std::{future::Future, time::Duration};

/// Stamps functions of a suite as tests. The macros of the ports are made of it.
#[doc(hidden)]
#[macro_export]
macro_rules! __stamp_contract {
    ($fixture:expr; $($module:ident)::+: $($promise:ident),+ $(,)?) => {
        $crate::__stamp_contract!(@each $fixture; [$($module)::+] $($promise)+);
    };
    (@each $fixture:expr; $module:tt $($promise:ident)+) => {
        $($crate::__stamp_contract!(@one $fixture; $module $promise);)+
    };
    (@one $fixture:expr; [$($module:ident)::+] $promise:ident) => {
        #[tokio::test(flavor = "multi_thread")]
        async fn $promise() {
            let fixture = $fixture.await;
            $crate::contract::$($module)::+::$promise(&fixture).await;
        }
    };
}

/// The longest that anything in a contract may take. Only what hangs is ever that slow.
const PATIENCE: Duration = Duration::from_secs(20);

/// What `promised` comes to; a panic if it hangs.
async fn without_hanging<F: Future>(promised: F) -> F::Output {
    tokio::time::timeout(PATIENCE, promised).await.unwrap()
}

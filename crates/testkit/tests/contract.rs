//! The memory adapters and the fakes keep the contracts of the ports they stand for, and every contract is stamped.
//!
//! [`TextRenderer`](lectern_testkit::fakes::TextRenderer) is not among them: it knows no format, on purpose.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{fs, path::Path, sync::Arc};

use futures::FutureExt;
use lectern_application::{
    in_process::{
        LocalDuties, LocalEventBus, LocalFailureLimiter, LocalLoginThrottle, LocalRateLimiter,
        LocalSessionCache,
    },
    session_cache::{CachedQueries, CachedTransactions},
};
use lectern_testkit::{
    audio_store_contract, backups_contract,
    clock::FakeClock,
    contract::{
        audio_store::AudioStoreFixture,
        backups::BackupsFixture,
        dumps::DumpsFixture,
        duties::DutiesFixture,
        events::EventBusFixture,
        failure_limiter::FailureLimiterFixture,
        hasher::HasherFixture,
        random::RandomFixture,
        rate_limiter::{RateLimiterFixture, quotas},
        session_cache::SessionCacheFixture,
        signer::SignerFixture,
        store::StoreFixture,
        throttle::LoginThrottleFixture,
    },
    dumps_contract, duties_contract, event_bus_contract, failure_limiter_contract,
    fakes::{CountingRandom, PlainHasher, PlainSigner},
    hasher_contract, login_throttle_contract,
    memory::{MemoryAudioStore, MemoryBackups, MemoryDatabase, MemoryDumps},
    random_contract, rate_limiter_contract, session_cache_contract, signer_contract, store_contract,
};

mod memory_database {
    use super::*;

    store_contract!(async {
        let database = Arc::new(MemoryDatabase::default());
        StoreFixture {
            transactions: database.clone(),
            queries: database.clone(),
            log: database,
            keep: Box::new(()),
        }
    });
}

mod cached_memory_database {
    use super::*;

    store_contract!(async {
        let database = Arc::new(MemoryDatabase::default());
        let cache = Arc::new(LocalSessionCache::new(Arc::new(FakeClock::default())));
        StoreFixture {
            transactions: Arc::new(CachedTransactions {
                transactions: database.clone(),
                cache: cache.clone(),
            }),
            queries: Arc::new(CachedQueries { queries: database.clone(), cache }),
            log: database,
            keep: Box::new(()),
        }
    });
}

mod memory_dumps {
    use super::*;

    dumps_contract!(async {
        let database = Arc::new(MemoryDatabase::default());
        let dumps = Arc::new(MemoryDumps::of((*database).clone()));
        DumpsFixture { dumps, transactions: database.clone(), queries: database, keep: Box::new(()) }
    });
}

mod memory_backups {
    use super::*;

    backups_contract!(async {
        BackupsFixture { backups: Arc::new(MemoryBackups::default()), keep: Box::new(()) }
    });
}

mod local_duties {
    use super::*;

    duties_contract!(async {
        DutiesFixture { duties: Arc::new(LocalDuties::default()), keep: Box::new(()) }
    });
}

mod local_session_cache {
    use super::*;

    session_cache_contract!(async {
        let clock = Arc::new(FakeClock::default());
        let cache = Arc::new(LocalSessionCache::new(clock.clone()));
        let let_pass = Box::new(move |span| {
            clock.advance(span);
            std::future::ready(()).boxed()
        });
        SessionCacheFixture { cache, let_pass, keep: Box::new(()) }
    });
}

mod memory_audio_store {
    use super::*;

    audio_store_contract!(async {
        let store = MemoryAudioStore::default();
        let counted = store.clone();
        let staging_files = Box::new(move || counted.staging_files());
        AudioStoreFixture { store: Arc::new(store), staging_files, keep: Box::new(()) }
    });
}

mod local_event_bus {
    use super::*;

    event_bus_contract!(async {
        EventBusFixture { bus: Arc::new(LocalEventBus::default()), keep: Box::new(()) }
    });
}

mod local_login_throttle {
    use super::*;

    login_throttle_contract!(async {
        let clock = Arc::new(FakeClock::default());
        let throttle = Arc::new(LocalLoginThrottle::new(clock.clone()));
        LoginThrottleFixture { throttle, clock, keep: Box::new(()) }
    });
}

mod local_failure_limiter {
    use super::*;

    failure_limiter_contract!(async {
        let clock = Arc::new(FakeClock::default());
        let limiter = Arc::new(LocalFailureLimiter::new(clock.clone()));
        FailureLimiterFixture { limiter, clock, keep: Box::new(()) }
    });
}

mod local_rate_limiter {
    use super::*;

    rate_limiter_contract!(async {
        let clock = Arc::new(FakeClock::default());
        let limiter = Arc::new(LocalRateLimiter::new(clock.clone(), quotas()));
        RateLimiterFixture { limiter, clock, keep: Box::new(()) }
    });
}

mod counting_random {
    use super::*;

    random_contract!(async {
        RandomFixture { random: Arc::new(CountingRandom::default()), keep: Box::new(()) }
    });
}

mod plain_hasher {
    use super::*;

    hasher_contract!(async {
        HasherFixture { hasher: Arc::new(PlainHasher::default()), keep: Box::new(()) }
    });
}

mod plain_signer {
    use super::*;

    signer_contract!(async {
        let foreign = Arc::new(PlainSigner::with_key("another key"));
        SignerFixture { signer: Arc::new(PlainSigner::default()), foreign, keep: Box::new(()) }
    });
}

/// The sources in and below a folder.
fn sources(folder: &Path) -> Vec<String> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![fs::read_to_string(path).unwrap()] })
        .collect()
}

#[test]
fn every_function_of_a_contract_is_in_its_macro() {
    let sources = sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/contract"));
    let promises = sources
        .iter()
        .flat_map(|source| source.lines())
        .filter_map(|line| line.strip_prefix("pub async fn "))
        .filter_map(|line| line.split('(').next())
        .collect::<Vec<_>>();
    let stamped = sources.iter().flat_map(|source| source.lines().map(str::trim)).collect::<Vec<_>>();
    assert!(promises.len() > 100, "the functions were not found");
    for promise in promises {
        assert!(stamped.contains(&format!("{promise},").as_str()), "{promise} is in no macro");
    }
}

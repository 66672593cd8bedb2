//! How fast what replicas share is: prints rates and medians, on the server of `LECTERN_TEST_REDIS_URL`. Run it with
//! `cargo run --release -p lectern-redis-adapter --example cache`.

#![expect(clippy::print_stdout, reason = "printing is what it is for")]

use std::{
    collections::BTreeSet,
    env,
    error::Error,
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
    time::{Duration, Instant},
};

use futures::future::join_all;
use lectern_application::ports::{
    AccountSnapshot, Clock, Ids, LimitClass, LoginThrottle, Lookup, Quotas, RateLimiter, SessionCache,
    SessionView, Touched,
};
use lectern_domain::{
    access::Role,
    account::UserNumber,
    throttling::{AccountKey, FailureCount, Guess, GuessOutcome, Network, Quota},
    time::Timestamp,
};
use lectern_redis_adapter::{Redis, RedisSettings, RedisState, TieredSessionCache};
use lectern_testkit::build::{fresh_id, session, user};
use tokio_util::sync::CancellationToken;

const TASKS: u32 = 64;
const SPAN: Duration = Duration::from_secs(3);
const ROUNDS: usize = 501;

/// Time passes, from the moment it is made.
struct Running(Instant);

impl Clock for Running {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(1_767_225_600_000_000).plus(self.0.elapsed())
    }
}

struct FreshIds;

impl Ids for FreshIds {
    fn next(&self) -> uuid::Uuid {
        fresh_id()
    }
}

type Failure = Box<dyn Error + Send + Sync>;

async fn replica(url: &str, clock: &Arc<Running>) -> Result<Arc<Redis>, Failure> {
    let prefix = format!("bench:{}:", std::process::id());
    let settings = RedisSettings::parse(&url.to_owned().into())?.with_prefix(prefix);
    let clock: Arc<dyn Clock> = Arc::<Running>::clone(clock);
    let redis = Arc::new(Redis::connect(settings, clock, &FreshIds).await?);
    let running = Arc::clone(&redis);
    tokio::spawn(async move { running.run(CancellationToken::new()).await });
    redis.watch_state().wait_for(|state: &RedisState| state.is_in_reach()).await?;
    Ok(redis)
}

fn views() -> Result<Vec<Arc<SessionView>>, Failure> {
    (0..1000)
        .map(|_| {
            let user = user("ada").email("ada@example.org").build().numbered(UserNumber(1))?;
            let role = Role::built_in(&user.parts().role).ok_or("a role is missing")?;
            let session = session(user.id()).build();
            let account = Arc::new(AccountSnapshot { user: user.into(), role });
            Ok(Arc::new(SessionView { session, account }))
        })
        .collect()
}

/// How often a second 64 tasks do something in turns, each time for another number. Errs if Redis was lost meanwhile: the
/// rate would be that of doing without.
async fn rate<F: Future<Output = ()> + Send + 'static>(
    redis: &Redis,
    what: &str,
    act: impl Fn(u32) -> F + Clone + Send + 'static,
) -> Result<(), Failure> {
    let mut state = redis.watch_state();
    state.mark_unchanged();
    let begun = Instant::now();
    let tasks = (0..TASKS).map(|task| {
        let act = act.clone();
        tokio::spawn(async move {
            let mut count = 0_u32;
            while begun.elapsed() < SPAN {
                act(count.wrapping_mul(TASKS).wrapping_add(task)).await;
                count += 1;
                // What is in memory never waits, and would keep the runtime from all else.
                if count.is_multiple_of(32) {
                    tokio::task::yield_now().await;
                }
            }
            count
        })
    });
    let mut total = 0;
    for count in join_all(tasks).await {
        total += count?;
    }
    if state.has_changed()? {
        return Err(format!("{what}: Redis was lost meanwhile").into());
    }
    println!("{what:48}{:>12.0}/s", f64::from(total) / begun.elapsed().as_secs_f64());
    Ok(())
}

async fn load(cache: &dyn SessionCache, view: &Arc<SessionView>) {
    if let Lookup::Unknown(ticket) = cache.look_up(view.session.id()).await {
        cache.keep(ticket, Some(Arc::clone(view))).await;
    }
}

/// How long after a commit has ended at one replica the other forgets, the median.
async fn revocation(
    one: &TieredSessionCache,
    other: &TieredSessionCache,
    views: &[Arc<SessionView>],
) -> Duration {
    let mut delays = Vec::with_capacity(ROUNDS);
    for view in views.iter().cycle().take(ROUNDS) {
        load(other, view).await;
        let touched = Touched { sessions: BTreeSet::from([view.session.id()]), ..Touched::default() };
        one.before_commit(&touched).await;
        one.after_commit(&touched).await;
        let ended = Instant::now();
        while matches!(other.look_up(view.session.id()).await, Lookup::Known(_)) {
            tokio::task::yield_now().await;
        }
        delays.push(ended.elapsed());
    }
    delays.sort_unstable();
    delays.get(ROUNDS / 2).copied().unwrap_or_default()
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let url = env::var_os("LECTERN_TEST_REDIS_URL").ok_or("set LECTERN_TEST_REDIS_URL")?;
    let url = url.into_string().map_err(|_| "LECTERN_TEST_REDIS_URL is no URL")?;
    let clock = Arc::new(Running(Instant::now()));
    let (one, other) = (replica(&url, &clock).await?, replica(&url, &clock).await?);
    let views = Arc::new(views()?);
    let view_of = |views: &[Arc<SessionView>], number: u32| {
        usize::try_from(number).ok().and_then(|at| views.get(at % views.len())).cloned()
    };

    let cache = Arc::new(one.session_cache());
    let known = Arc::clone(&views);
    rate(&one, "look up, load and keep if unknown: both tiers", move |number| {
        let (cache, view) = (Arc::clone(&cache), view_of(&known, number));
        async move {
            if let Some(view) = view {
                load(&*cache, &view).await;
            }
        }
    })
    .await?;
    let (shared, known) = (one.shared_session_cache(), Arc::clone(&views));
    rate(&one, "look up, load and keep if unknown: Redis alone", move |number| {
        let (shared, view) = (Arc::clone(&shared), view_of(&known, number));
        async move {
            if let Some(view) = view {
                load(&*shared, &view).await;
            }
        }
    })
    .await?;
    let (cache, known) = (Arc::new(one.session_cache()), Arc::clone(&views));
    rate(&one, "commit: touched before and after", move |number| {
        let (cache, view) = (Arc::clone(&cache), view_of(&known, number));
        async move {
            if let Some(view) = view {
                let touched = Touched { sessions: BTreeSet::from([view.session.id()]), ..Touched::default() };
                cache.before_commit(&touched).await;
                cache.after_commit(&touched).await;
            }
        }
    })
    .await?;
    let many = Quotas { log_in: Quota::per_minute(1_000_000), ..Quotas::default() };
    let limiter = Arc::new(one.rate_limiter(many));
    let network = |number: u32| Network::of(Some(IpAddr::V4(Ipv4Addr::from_bits(number))));
    rate(&one, "take from a quota", move |number| {
        let limiter = Arc::clone(&limiter);
        async move {
            limiter.take(LimitClass::LogIn, network(number % 1000)).await;
        }
    })
    .await?;
    let throttle = Arc::new(one.login_throttle());
    rate(&one, "admit a try and settle it", move |number| {
        let throttle = Arc::clone(&throttle);
        async move {
            let guess = Guess { network: network(number), account: AccountKey::of_login("ada") };
            if throttle.admit(guess, FailureCount::FREE).await.is_ok() {
                throttle.settle(guess, GuessOutcome::Right).await;
            }
        }
    })
    .await?;
    let delay = revocation(&one.session_cache(), &other.session_cache(), &views).await;
    println!("{:48}{:>10.3} ms", "the other replica forgets, after the commit", delay.as_secs_f64() * 1000.0);
    Ok(())
}

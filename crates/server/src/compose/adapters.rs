//! The adapters that the settings ask for.

use std::{env, num::NonZeroUsize, path::Path, sync::Arc, thread};

use lectern_amqp_adapter::RabbitAnnouncer;
use lectern_application::{
    in_process::{
        LocalEventBus, LocalFailureLimiter, LocalLoginThrottle, LocalRateLimiter, LocalSessionCache,
    },
    maintenance::KnownReach,
    metrics::counted::{CountedFailureLimiter, CountedRateLimiter, CountedThrottle},
    ports::{
        AudioStore, Clock, Duties, EventBus, FailureLimiter, Gauges, Ids, JobAnnouncer, LogSink,
        LoginThrottle, Mailer, Part, PasswordHasher, Queries, Quotas, Random, RateLimiter, Recognizer,
        ReplicaId, SessionCache, TokenSigner, Transactions, WorkerShelf,
    },
    session_cache::{CachedQueries, CachedTransactions},
};
use lectern_mail_adapter::{LogMailer, SmtpMailer};
use lectern_media_adapter::{Ffmpeg, FolderShelf, ObjectAudioStore, SymphoniaAudio};
use lectern_redis_adapter::Redis;
use lectern_security_adapter::{
    BcryptHasher, BcryptSettings, KeyRing, RememberedTokens, SystemClock, SystemRandom, UuidV7Ids,
};
use lectern_speech_adapter::{Host, RecognizerKind, Selection, select};

use super::Database;
use crate::{
    config::{AudioUrl, RateLimits, Settings},
    data_dir::{DataDir, keys_in},
    failure::Failure,
};

/// How many passwords may wait to be hashed, for each one that is being hashed: about ten seconds' worth.
const HASHES_WAITING: usize = 40;

/// What a server is made of.
#[derive(Clone)]
pub(crate) struct Adapters {
    pub(crate) transactions: Arc<dyn Transactions>,
    pub(crate) queries: Arc<dyn Queries>,
    pub(crate) audio: Arc<dyn AudioStore>,
    /// Where lines of the log are kept.
    pub(crate) log: Arc<dyn LogSink>,
    pub(crate) sound: Arc<SymphoniaAudio>,
    pub(crate) hasher: Arc<dyn PasswordHasher>,
    pub(crate) signer: Arc<dyn TokenSigner>,
    /// What the signer signs with, to look after it.
    pub(crate) keys: Arc<KeyRing>,
    pub(crate) events: Arc<dyn EventBus>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn Ids>,
    pub(crate) throttle: Arc<dyn LoginThrottle>,
    pub(crate) failures: Arc<dyn FailureLimiter>,
    /// `None`: nothing is limited.
    pub(crate) rate_limiter: Option<Arc<dyn RateLimiter>>,
    pub(crate) random: Arc<dyn Random>,
    /// What is shared with other servers through Redis, to be run.
    pub(crate) redis: Option<Arc<Redis>>,
    /// The parts that the server can do without for a while.
    pub(crate) parts: Vec<Arc<dyn Part>>,
    /// How they were when they were last asked.
    pub(crate) known_reach: Arc<KnownReach>,
    /// What is measured when somebody asks for metrics.
    pub(crate) gauges: Vec<Arc<dyn Gauges>>,
    /// `None`: nobody waits for messages about jobs.
    pub(crate) announcer: Option<Arc<dyn JobAnnouncer>>,
    /// Where workers that wait for messages find recordings. `None`: the recordings are not on this machine.
    pub(crate) shelf: Option<Arc<dyn WorkerShelf>>,
    pub(crate) duties: Arc<dyn Duties>,
    /// This server, among those on the same database.
    pub(crate) replica: ReplicaId,
}

impl Adapters {
    /// Makes them; the database is opened and migrated already.
    pub(crate) async fn new(
        settings: &Settings,
        data: &DataDir,
        database: Database,
    ) -> Result<Self, Failure> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let shared = Shared::new(settings, clock.clone()).await?;
        let announcer = announcer(settings, clock.clone());
        let cache = shared.cache;
        let keys = KeyRing::open(&keys_in(&settings.secrets_dir), settings.key_ring(), clock.clone())
            .map_err(|error| Failure::operation("can't use the keys that sign tokens").because(error))?;
        let keys = Arc::new(keys);
        let signer = RememberedTokens::new(keys.clone(), clock.clone(), RememberedTokens::DEFAULT_ROOM);
        let hasher = Arc::new(hasher(settings)?);
        Ok(Self {
            transactions: Arc::new(CachedTransactions {
                transactions: database.transactions,
                cache: cache.clone(),
            }),
            queries: Arc::new(CachedQueries { queries: database.queries, cache }),
            audio: audio_store(settings, &data.staging())?,
            log: database.log,
            sound: sound(),
            hasher: hasher.clone(),
            signer: Arc::new(signer),
            keys,
            events: shared.events,
            clock: clock.clone(),
            ids: Arc::new(UuidV7Ids),
            throttle: Arc::new(CountedThrottle(shared.throttle)),
            failures: Arc::new(CountedFailureLimiter(shared.failures)),
            rate_limiter: (settings.rate_limits == RateLimits::On)
                .then(|| -> Arc<dyn RateLimiter> { Arc::new(CountedRateLimiter(shared.rate_limiter)) }),
            random: Arc::new(SystemRandom),
            parts: parts(shared.redis.as_ref(), announcer.as_ref()),
            known_reach: Arc::default(),
            gauges: vec![database.gauges, hasher],
            redis: shared.redis,
            announcer: announcer.map(|announcer| -> Arc<dyn JobAnnouncer> { announcer }),
            shelf: shelf(settings)?,
            duties: database.duties,
            replica: ReplicaId(UuidV7Ids.next()),
        })
    }
}

/// What servers on the same database tell each other, or one remembers for itself.
struct Shared {
    redis: Option<Arc<Redis>>,
    cache: Arc<dyn SessionCache>,
    events: Arc<dyn EventBus>,
    throttle: Arc<dyn LoginThrottle>,
    failures: Arc<dyn FailureLimiter>,
    rate_limiter: Arc<dyn RateLimiter>,
}

impl Shared {
    async fn new(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Self, Failure> {
        let quotas = Quotas::default();
        let Some(server) = settings.redis.clone() else {
            return Ok(Self {
                redis: None,
                cache: Arc::new(LocalSessionCache::new(clock.clone())),
                events: Arc::new(LocalEventBus::default()),
                throttle: Arc::new(LocalLoginThrottle::new(clock.clone())),
                failures: Arc::new(LocalFailureLimiter::new(clock.clone())),
                rate_limiter: Arc::new(LocalRateLimiter::new(clock, quotas)),
            });
        };
        let redis = Redis::connect(server, clock, &UuidV7Ids).await;
        let redis = redis.map_err(|error| Failure::operation("can't use Redis").because(error))?;
        Ok(Self {
            cache: Arc::new(redis.session_cache()),
            events: redis.event_bus(),
            throttle: Arc::new(redis.login_throttle()),
            failures: Arc::new(redis.failure_limiter()),
            rate_limiter: Arc::new(redis.rate_limiter(quotas)),
            redis: Some(Arc::new(redis)),
        })
    }
}

fn parts(redis: Option<&Arc<Redis>>, announcer: Option<&Arc<RabbitAnnouncer>>) -> Vec<Arc<dyn Part>> {
    let mut parts: Vec<Arc<dyn Part>> = Vec::new();
    if let Some(redis) = redis {
        parts.push(redis.clone());
    }
    if let Some(announcer) = announcer {
        parts.push(announcer.clone());
    }
    parts
}

/// Who tells workers of jobs that wait for messages, if there are such.
fn announcer(settings: &Settings, clock: Arc<dyn Clock>) -> Option<Arc<RabbitAnnouncer>> {
    let broker = settings.amqp.clone()?;
    if broker.is_exposed() {
        tracing::warn!("THE PASSWORD OF THE MESSAGE BROKER IS SENT WITHOUT ENCRYPTION, as its URL asks for");
    }
    Some(Arc::new(RabbitAnnouncer::start(broker, settings.amqp_queue.clone(), clock)))
}

/// Where recordings are kept, with the folder for uploads.
pub(super) fn audio_store(settings: &Settings, staging: &Path) -> Result<Arc<dyn AudioStore>, Failure> {
    let store = match &settings.audio {
        AudioUrl::Folder(folder) => ObjectAudioStore::local(folder, staging),
        AudioUrl::S3(bucket) => ObjectAudioStore::s3(bucket, staging),
    };
    let store =
        store.map_err(|error| Failure::operation("can't open the store of recordings").because(error))?;
    Ok(Arc::new(store))
}

/// Where workers find recordings by their owners' numbers: beside where these are kept, if that is a folder.
fn shelf(settings: &Settings) -> Result<Option<Arc<dyn WorkerShelf>>, Failure> {
    let AudioUrl::Folder(folder) = &settings.audio else { return Ok(None) };
    let shelf = FolderShelf::open(folder)
        .map_err(|error| Failure::operation("can't open the store of recordings").because(error))?;
    Ok(Some(Arc::new(shelf)))
}

/// What reads recordings.
pub(crate) fn sound() -> Arc<SymphoniaAudio> {
    let ffmpeg = Ffmpeg::find(&env::var_os("PATH").unwrap_or_default());
    Arc::new(SymphoniaAudio::new(ffmpeg))
}

/// Who sends mails. `public_url` is the address under which people know the server.
pub(crate) fn mailer(settings: &Settings, public_url: &str) -> Result<Arc<dyn Mailer>, Failure> {
    let service = public_url.to_owned();
    let Some(mail) = settings.mail.clone() else {
        tracing::warn!(
            "MAILS AND THEIR CODES GO TO THIS LOG, where whoever reads it can reset passwords: \
             set LECTERN_SMTP_URL and LECTERN_MAIL_FROM to send them"
        );
        return Ok(Arc::new(LogMailer::new(service)));
    };
    if mail.smtp.is_exposed() {
        tracing::warn!("MAILS AND THEIR CODES ARE SENT WITHOUT ENCRYPTION, as the SMTP URL asks for");
    }
    let mailer = SmtpMailer::new(mail.smtp, mail.from, service)
        .map_err(|error| Failure::operation("can't send mails").because(error))?;
    Ok(Arc::new(mailer))
}

/// Who recognises speech.
pub(crate) enum Recognition {
    /// This process.
    Here(Arc<dyn Recognizer>),
    /// Others, because this process can't: what is missing, and what to do about it.
    Elsewhere {
        /// A sentence without its end.
        why: String,
    },
}

/// The recogniser that the settings ask for, on this host.
pub(crate) fn recognition(kind: &RecognizerKind, host: Host) -> Result<Recognition, Failure> {
    let selected =
        select(kind, host).map_err(|error| Failure::operation("can't use the recogniser").because(error))?;
    Ok(match selected {
        Selection::Recognizer(recognizer) => Recognition::Here(recognizer),
        Selection::None => Recognition::Elsewhere {
            why: "the recognizer is 'none'; set another with --recognizer or LECTERN_RECOGNIZER".to_owned(),
        },
        Selection::NothingInstalled { fix } => {
            Recognition::Elsewhere { why: format!("no recogniser is installed: {fix}") }
        }
    })
}

pub(super) fn hasher(settings: &Settings) -> Result<BcryptHasher, Failure> {
    let workers = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let queue = workers.get().saturating_mul(HASHES_WAITING);
    BcryptHasher::new(BcryptSettings { cost: settings.bcrypt_cost, workers, queue })
        .map_err(|error| Failure::usage("the configuration is wrong").because(error))
}

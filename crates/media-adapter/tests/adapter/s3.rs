//! The audio store on a real S3 server, over a connection on which things go wrong.

mod proxy;

use std::{error::Error as _, time::Duration};

use bytes::Bytes;
use futures::TryStreamExt as _;
use lectern_application::ports::{AudioStore, AudioStoreError, ByteRange};
use lectern_domain::{time::Timestamp, transcription::AudioKey};
use lectern_media_adapter::ObjectAudioStore;
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::watch, time::Instant};
use uuid::Uuid;

use self::proxy::{Asks, Fault, Proxy, Request};
use crate::{recordings::is_empty, s3_server};

const KEY: AudioKey = AudioKey(Uuid::from_u128(0x0190_f3b4_7c1e_7abc_8def_0011_2233_445f));
const SOME_DAY: Timestamp = Timestamp::from_micros(253_402_300_799_000_000);

/// A place in the bucket, the way to it and stores there.
struct Place {
    folder: TempDir,
    proxy: Proxy,
    /// By that way.
    store: ObjectAudioStore,
    /// By the straight way.
    direct: ObjectAudioStore,
}

impl Place {
    async fn new(rule: impl FnMut(&Request) -> Option<Fault> + Send + 'static) -> Self {
        let (folder, endpoint) = (TempDir::new().unwrap(), s3_server::endpoint());
        let proxy = Proxy::to(&endpoint, rule).await;
        let prefix = s3_server::unique_prefix(&folder);
        let open = |endpoint: &str, staging| {
            let settings = s3_server::settings(endpoint, &prefix);
            ObjectAudioStore::s3(&settings, &folder.path().join(staging)).unwrap()
        };
        let (store, direct) = (open(&proxy.endpoint(), "staging"), open(&endpoint, "direct"));
        Self { folder, proxy, store, direct }
    }

    /// A place where the first `times` requests of a kind meet a fault.
    async fn with(asks: Asks, fault: Fault, mut times: usize) -> Self {
        Self::new(move |request| {
            let meets = request.asks() == asks && times > 0;
            times -= usize::from(meets);
            meets.then(|| fault.clone())
        })
        .await
    }

    async fn assert_nothing_is_left(&self) {
        assert!(matches!(self.direct.read(KEY, None).await, Err(AudioStoreError::Missing)));
        assert_eq!(self.direct.kept_before(SOME_DAY, None, 10).await.unwrap(), []);
        assert!(is_empty(&self.folder.path().join("staging")));
    }
}

/// Twelve megabytes: three parts.
fn content() -> Bytes {
    (0..12_000_000_u32).map(|at| at.wrapping_mul(0x9e37_79b9).to_le_bytes()[3]).collect()
}

async fn keep(store: &ObjectAudioStore, content: Bytes) -> Result<(), AudioStoreError> {
    let mut upload = store.stage().await.unwrap();
    upload.write(content).await.unwrap();
    store.keep(upload.finish().await.unwrap(), KEY).await
}

async fn read(store: &ObjectAudioStore) -> Result<Vec<u8>, AudioStoreError> {
    let stream = store.read(KEY, None).await?.bytes;
    Ok(stream.try_collect::<Vec<_>>().await?.concat())
}

async fn fetch(store: &ObjectAudioStore) -> Result<Vec<u8>, AudioStoreError> {
    Ok(std::fs::read(store.fetch(KEY).await?.path()).unwrap())
}

/// What an error says to whoever runs the service.
fn advice(error: &AudioStoreError) -> String {
    assert!(matches!(error, AudioStoreError::Unavailable { .. }), "{error:?}");
    assert!(!format!("{error:?}").contains("lectern-secret"), "{error:?}");
    error.source().unwrap().to_string()
}

#[tokio::test]
async fn a_part_whose_connection_breaks_is_sent_again() {
    let place = Place::with(Asks::Part, Fault::CutAfter(1_000_000), 1).await;
    keep(&place.store, content()).await.unwrap();
    assert!(read(&place.direct).await.unwrap() == content());
}

#[tokio::test]
async fn an_upload_whose_connections_break_leaves_nothing() {
    let place = Place::with(Asks::Part, Fault::CutAfter(1_000_000), usize::MAX).await;
    let error = keep(&place.store, content()).await.unwrap_err();
    assert_eq!(advice(&error), "the connection to S3 broke");
    place.proxy.has_seen(Asks::Abort).await;
    place.assert_nothing_is_left().await;
}

#[tokio::test]
async fn a_store_that_is_overloaded_for_a_moment_is_asked_again() {
    let place = Place::with(Asks::Begin, Fault::Refused("503 Slow Down", "SlowDown"), 2).await;
    keep(&place.store, content()).await.unwrap();
    assert!(read(&place.direct).await.unwrap() == content());
}

#[tokio::test]
async fn a_store_that_stays_overloaded_is_given_up() {
    let place = Place::with(Asks::Part, Fault::Refused("503 Slow Down", "SlowDown"), usize::MAX).await;
    let error = keep(&place.store, Bytes::from_static(b"short")).await.unwrap_err();
    assert!(advice(&error).contains("overloaded (SlowDown)"), "{error:?}");
    assert_eq!(place.proxy.count(Asks::Part), 4);
    place.proxy.has_seen(Asks::Abort).await;
    place.assert_nothing_is_left().await;
}

#[tokio::test]
async fn a_key_that_may_not_write_is_told_what_it_needs() {
    let place = Place::with(Asks::Begin, Fault::Refused("403 Forbidden", "AccessDenied"), 1).await;
    let error = keep(&place.store, content()).await.unwrap_err();
    assert!(advice(&error).contains("s3:PutObject"), "{error:?}");
    place.assert_nothing_is_left().await;
}

#[tokio::test]
async fn a_completion_that_is_refused_leaves_nothing() {
    let place = Place::with(Asks::Complete, Fault::Refused("403 Forbidden", "AccessDenied"), 1).await;
    keep(&place.store, content()).await.unwrap_err();
    assert_eq!(place.proxy.count(Asks::Abort), 1);
    place.assert_nothing_is_left().await;
}

#[tokio::test]
async fn a_recording_is_kept_though_the_answer_is_lost() {
    let place = Place::with(Asks::Complete, Fault::AnswerLost, usize::MAX).await;
    keep(&place.store, content()).await.unwrap();
    assert!(read(&place.direct).await.unwrap() == content());
}

#[tokio::test]
async fn a_keep_that_nobody_waits_for_is_aborted() {
    let (go_on, held) = watch::channel(false);
    let place = Place::with(Asks::Part, Fault::Held(held), usize::MAX).await;
    tokio::select! {
        result = keep(&place.store, content()) => panic!("it ended: {result:?}"),
        () = place.proxy.has_seen(Asks::Part) => {}
    }
    place.proxy.has_seen(Asks::Abort).await;
    drop(go_on);
    place.assert_nothing_is_left().await;
}

#[tokio::test]
async fn a_recording_that_appears_meanwhile_is_not_overwritten() {
    let (go_on, held) = watch::channel(false);
    let place = Place::with(Asks::Complete, Fault::Held(held), usize::MAX).await;
    let late = async {
        place.proxy.has_seen(Asks::Complete).await;
        keep(&place.direct, Bytes::from_static(b"the first")).await.unwrap();
        go_on.send(true).unwrap();
    };
    let (result, ()) = tokio::join!(keep(&place.store, content()), late);
    assert_eq!(advice(&result.unwrap_err()), "there is another recording under this key");
    assert_eq!(read(&place.direct).await.unwrap(), b"the first");
}

#[tokio::test]
async fn a_store_without_conditional_writes_keeps_recordings_all_the_same() {
    let place = Place::new(|request| {
        request.creates_only().then_some(Fault::Refused("501 Not Implemented", "NotImplemented"))
    })
    .await;
    keep(&place.store, content()).await.unwrap();
    assert!(read(&place.direct).await.unwrap() == content());
    assert_eq!(place.proxy.count(Asks::Complete), 2, "with the condition and without");
}

#[tokio::test]
async fn a_download_goes_on_where_the_connection_broke() {
    let place = Place::with(Asks::Get, Fault::AnswerCutAfter(1_500_000), usize::MAX).await;
    keep(&place.direct, content()).await.unwrap();
    assert!(fetch(&place.store).await.unwrap() == content());
    assert!(place.proxy.count(Asks::Get) >= 8);
    assert!(is_empty(&place.folder.path().join("staging")));
}

#[tokio::test]
async fn a_listener_hears_on_where_the_connection_broke() {
    let place = Place::with(Asks::Get, Fault::AnswerCutAfter(1_500_000), usize::MAX).await;
    keep(&place.direct, content()).await.unwrap();
    let range = Some(ByteRange { start: 1_000, end: Some(9_000_000) });
    let stream = place.store.read(KEY, range).await.unwrap().bytes;
    assert!(stream.try_collect::<Vec<_>>().await.unwrap().concat() == content()[1_000..9_000_000]);
}

#[tokio::test]
async fn a_download_that_brings_nothing_more_ends() {
    let place = Place::with(Asks::Get, Fault::AnswerCutAfter(0), usize::MAX).await;
    keep(&place.direct, content()).await.unwrap();
    let error = fetch(&place.store).await.unwrap_err();
    assert_eq!(advice(&error), "the connection to S3 broke");
    assert!(is_empty(&place.folder.path().join("staging")));
}

#[tokio::test]
async fn a_refused_download_is_unavailable_and_not_missing() {
    let place = Place::with(Asks::Get, Fault::Refused("403 Forbidden", "AccessDenied"), usize::MAX).await;
    keep(&place.direct, content()).await.unwrap();
    assert!(advice(&fetch(&place.store).await.unwrap_err()).contains("s3:GetObject"));
}

#[tokio::test]
async fn a_listing_goes_on_after_an_overload() {
    let place = Place::with(Asks::List, Fault::Refused("503 Slow Down", "SlowDown"), 1).await;
    keep(&place.direct, Bytes::from_static(b"short")).await.unwrap();
    assert_eq!(place.store.kept_before(SOME_DAY, None, 10).await.unwrap(), [KEY]);
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_no_missing_recording() {
    let place = Place::with(Asks::Get, Fault::Refused("404 Not Found", "NoSuchBucket"), 1).await;
    let error = read(&place.store).await.unwrap_err();
    assert!(advice(&error).starts_with("the bucket does not exist"), "{error:?}");
}

#[tokio::test]
async fn a_key_that_is_not_accepted_is_said_to_be_wrong() {
    let folder = TempDir::new().unwrap();
    let settings = s3_server::settings_with("another-secret", &s3_server::endpoint(), "a");
    let store = ObjectAudioStore::s3(&settings, folder.path()).unwrap();
    let error = store.ping().await.unwrap_err();
    assert!(
        advice(&error).starts_with("S3 does not accept the access key (SignatureDoesNotMatch)"),
        "{error:?}"
    );
    assert!(!format!("{error:?} {store:?}").contains("another-secret"));
}

#[tokio::test]
async fn a_server_that_does_not_run_is_unreachable() {
    let folder = TempDir::new().unwrap();
    // Nobody listens on a port that was just given back.
    let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let settings = s3_server::settings(&format!("http://{address}"), "a");
    let store = ObjectAudioStore::s3(&settings, folder.path()).unwrap();
    assert!(advice(&store.ping().await.unwrap_err()).starts_with("S3 can't be reached"));
    assert!(advice(&keep(&store, content()).await.unwrap_err()).starts_with("S3 can't be reached"));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_answer_is_given_up_within_fifteen_seconds() {
    let (folder, silent) = (TempDir::new().unwrap(), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let settings = s3_server::settings(&format!("http://{}", silent.local_addr().unwrap()), "a");
    let store = ObjectAudioStore::s3(&settings, folder.path()).unwrap();
    let mut started = Instant::now();
    let mut given_up = |error: &AudioStoreError| {
        assert_eq!(advice(error), "S3 does not answer in time");
        assert!(started.elapsed() <= Duration::from_secs(15), "{:?}", started.elapsed());
        started = Instant::now();
    };
    given_up(&keep(&store, content()).await.unwrap_err());
    given_up(&fetch(&store).await.unwrap_err());
    given_up(&read(&store).await.unwrap_err());
    given_up(&store.delete(KEY).await.unwrap_err());
    given_up(&store.kept_before(SOME_DAY, None, 10).await.unwrap_err());
    given_up(&store.ping().await.unwrap_err());
}

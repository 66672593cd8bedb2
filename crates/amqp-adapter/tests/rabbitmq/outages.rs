//! A broker that is not there, goes away, comes back, or says nothing.

use lectern_application::ports::{AnnouncerError, JobAnnouncer, Part, Reach};
use lectern_testkit::clock::START;
use tokio::{io::AsyncReadExt, net::TcpListener};

use crate::{
    broker::{OwnQueue, announcer, body, job, without_hanging},
    proxy::{Proxy, free_port, url_at},
};

#[track_caller]
fn assert_unavailable(answer: &Result<(), AnnouncerError>) {
    assert!(matches!(answer, Err(AnnouncerError::Unavailable { .. })), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_comes_later_is_found() {
    let queue = OwnQueue::new().await;
    let port = free_port().await;
    let announcer = announcer(&url_at(port), &queue.name);
    assert_unavailable(&announcer.announce(&[job(1)]).await);
    assert_eq!(announcer.reach(), Reach::OutOfReach { since: START });
    let _proxy = Proxy::start_at(port).await;
    announcer.announce(&[job(1)]).await.unwrap();
    assert_eq!(announcer.reach(), Reach::InReach { since: START });
    assert_eq!(queue.bodies().await, [body(1)]);
    queue.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_was_lost_is_made_anew() {
    let queue = OwnQueue::new().await;
    let proxy = Proxy::start().await;
    let announcer = announcer(&proxy.url(), &queue.name);
    for number in 0..5 {
        announcer.announce(&[job(number)]).await.unwrap();
        proxy.cut();
    }
    let mut bodies = queue.bodies().await;
    // What was stored when the connection was cut, but not confirmed, comes twice.
    bodies.dedup();
    assert_eq!(bodies, (0..5).map(body).collect::<Vec<_>>());
    queue.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_made_before_there_is_anything_to_announce() {
    let queue = OwnQueue::new().await;
    let proxy = Proxy::start().await;
    let announcer = announcer(&proxy.url(), &queue.name);
    without_hanging(proxy.connected()).await;
    announcer.announce(&[job(1)]).await.unwrap();
    queue.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_connection_that_was_lost_is_made_anew_by_itself() {
    let queue = OwnQueue::new().await;
    let proxy = Proxy::start().await;
    let announcer = announcer(&proxy.url(), &queue.name);
    announcer.backlog().await.unwrap();
    without_hanging(proxy.connected()).await;
    proxy.cut();
    without_hanging(proxy.connected()).await;
    // It has declared the queue by then, and won't do so when that is gone.
    announcer.backlog().await.unwrap();
    queue.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_gone_is_out_of_reach_until_it_is_back() {
    let queue = OwnQueue::new().await;
    let proxy = Proxy::start().await;
    let port = proxy.port;
    let announcer = announcer(&proxy.url(), &queue.name);
    announcer.announce(&[job(1)]).await.unwrap();
    drop(proxy);
    assert_unavailable(&announcer.announce(&[job(2)]).await);
    assert_eq!(announcer.reach(), Reach::OutOfReach { since: START });
    let _proxy = Proxy::start_at(port).await;
    announcer.announce(&[job(2)]).await.unwrap();
    assert_eq!(announcer.reach(), Reach::InReach { since: START });
    queue.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_stops_waiting_leaves_a_sound_announcer() {
    let queue = OwnQueue::new().await;
    let announcer = queue.announcer();
    announcer.announce(&[job(1)]).await.unwrap();
    for _ in 0..10 {
        let jobs = [job(2)];
        assert!(futures::poll!(std::pin::pin!(announcer.announce(&jobs))).is_pending());
    }
    announcer.announce(&[job(3)]).await.unwrap();
    assert_eq!(queue.bodies().await.last(), Some(&body(3)));
    queue.end().await;
}

/// Time passes by itself while all tasks wait.
#[tokio::test(start_paused = true)]
async fn a_broker_that_says_nothing_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    assert_unavailable(&announcer(&url_at(port), "lectern-test-nobody").announce(&[job(1)]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_to_a_broker_that_says_nothing_ends_with_who_asked_for_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let announcer = announcer(&url_at(listener.local_addr().unwrap().port()), "lectern-test-nobody");
    let (mut connection, _) = listener.accept().await.unwrap();
    let mut greeting = [0; 8];
    connection.read_exact(&mut greeting).await.unwrap();
    assert_eq!(&greeting, b"AMQP\x00\x00\x09\x01");
    drop(announcer);
    let mut more = Vec::new();
    without_hanging(connection.read_to_end(&mut more)).await.unwrap();
    assert!(more.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_without_tls_gets_no_password_where_tls_is_asked_for() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut url = url_at(listener.local_addr().unwrap().port());
    url.set_scheme("amqps").unwrap();
    let announcer = announcer(&url, "lectern-test-nobody");
    let greeting = async {
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut heard = [0; 3];
        connection.read_exact(&mut heard).await.unwrap();
        heard
    };
    // A handshake in TLS 1.0's clothes (RFC 8446, section 5.1), not AMQP.
    assert_eq!(without_hanging(greeting).await, [0x16, 0x03, 0x01]);
    drop(announcer);
}

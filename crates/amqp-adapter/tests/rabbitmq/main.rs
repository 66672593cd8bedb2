//! The announcer at a real RabbitMQ.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod broker;
mod outages;
mod proxy;

use broker::{OwnQueue, announcer, body, job, rabbitmqctl, url, without_hanging};
use lapin::{
    options::{BasicConsumeOptions, BasicRejectOptions, QueueDeclareOptions},
    types::{AMQPValue, FieldTable},
};
use lectern_application::ports::{AnnouncerError, Clock, JobAnnouncer, Part, Reach};
use lectern_testkit::clock::FakeClock;

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_is_told_what_it_understands() {
    let queue = OwnQueue::new().await;
    let job = job(7);
    queue.announcer().announce(&[job]).await.unwrap();
    let delivery = queue.next().await.unwrap().delivery;
    assert_eq!(String::from_utf8(delivery.data).unwrap(), body(7));
    let properties = delivery.properties;
    let text = |text: &Option<lapin::types::ShortString>| text.as_ref().map(ToString::to_string);
    assert_eq!(text(properties.content_type()).as_deref(), Some("application/json"));
    assert_eq!(text(properties.message_id()), Some(job.id.0.to_string()));
    let now = FakeClock::default().now().as_unix_seconds();
    assert_eq!(properties.timestamp().map(i64::try_from), Some(Ok(now)));
    queue.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn announcements_survive_a_restart_of_the_broker() {
    let queue = OwnQueue::new().await;
    queue.announcer().announce(&[job(1)]).await.unwrap();
    // A queue that is not durable would refuse to be declared as one.
    queue.declare(QueueDeclareOptions::durable(), FieldTable::default()).await;
    let delivery = queue.next().await.unwrap().delivery;
    assert_eq!(delivery.properties.delivery_mode(), &Some(2));
    queue.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_that_declare_the_queue_plainly_find_it_as_they_want_it() {
    let queue = OwnQueue::new().await;
    queue.declare(QueueDeclareOptions::durable(), FieldTable::default()).await;
    queue.announcer().announce(&[job(1)]).await.unwrap();
    queue.declare(QueueDeclareOptions::durable(), FieldTable::default()).await;
    assert_eq!(queue.bodies().await, [body(1)]);
    queue.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn announcements_arrive_in_order_and_all_of_them() {
    let queue = OwnQueue::new().await;
    let announcer = queue.announcer();
    let jobs: Vec<_> = (0..1_000).map(job).collect();
    for batch in jobs.chunks(100) {
        announcer.announce(batch).await.unwrap();
    }
    assert_eq!(queue.bodies().await, (0..1_000).map(body).collect::<Vec<_>>());
    queue.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn several_may_announce_at_once() {
    let queue = OwnQueue::new().await;
    let announcer = queue.announcer();
    let calls = (0..20).map(|number| {
        let announcer = &announcer;
        async move { announcer.announce(&[job(number)]).await }
    });
    assert!(futures::future::join_all(calls).await.iter().all(Result::is_ok));
    assert_eq!(queue.bodies().await.len(), 20);
    queue.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_was_deleted_is_declared_anew() {
    let queue = OwnQueue::new().await;
    let announcer = queue.announcer();
    announcer.announce(&[job(1)]).await.unwrap();
    queue.delete().await;
    announcer.announce(&[job(2), job(3)]).await.unwrap();
    assert_eq!(queue.bodies().await, [body(2), body(3)]);
    queue.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_with_other_arguments_is_used_as_it_is() {
    let queue = OwnQueue::new().await;
    let mut arguments = FieldTable::default();
    arguments.insert("x-max-length".into(), AMQPValue::LongInt(1_000));
    queue.declare(QueueDeclareOptions::durable(), arguments).await;
    queue.announcer().announce(&[job(1)]).await.unwrap();
    assert_eq!(queue.bodies().await, [body(1)]);
    queue.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_does_not_store_a_message_has_refused_it() {
    let queue = OwnQueue::new().await;
    let mut arguments = FieldTable::default();
    arguments.insert("x-max-length".into(), AMQPValue::LongInt(1));
    arguments.insert("x-overflow".into(), AMQPValue::LongString("reject-publish".into()));
    queue.declare(QueueDeclareOptions::durable(), arguments).await;
    let announcer = queue.announcer();
    announcer.announce(&[job(1)]).await.unwrap();
    let refused = announcer.announce(&[job(2)]).await;
    assert!(matches!(refused, Err(AnnouncerError::Refused { .. })), "{refused:?}");
    assert_eq!(queue.bodies().await, [body(1)]);
    announcer.announce(&[job(3)]).await.unwrap();
    queue.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_backlog_is_what_no_worker_was_given() {
    let queue = OwnQueue::new().await;
    let announcer = queue.announcer();
    assert_eq!(announcer.backlog().await.unwrap(), 0);
    announcer.announce(&[job(1), job(2), job(3)]).await.unwrap();
    assert_eq!(announcer.backlog().await.unwrap(), 3);
    let given = queue.next().await.unwrap();
    assert_eq!(announcer.backlog().await.unwrap(), 2);
    given.delivery.acker.ack(lapin::options::BasicAckOptions::default()).await.unwrap();
    queue.delete().await;
    assert_eq!(announcer.backlog().await.unwrap(), 0);
    queue.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_sign_in_is_told_so_and_the_password_is_not_shown() {
    let mut url = url();
    url.set_password(Some("s3cr3t")).unwrap();
    let announcer = announcer(&url, "lectern-test-nobody");
    let refused = announcer.announce(&[job(1)]).await.unwrap_err();
    assert!(matches!(refused, AnnouncerError::Refused { .. }), "{refused:?}");
    assert!(!format!("{refused:?} {refused}").contains("s3cr3t"));
    assert!(matches!(announcer.reach(), Reach::OutOfReach { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_virtual_host_that_is_not_there_is_a_refusal() {
    let mut url = url();
    url.set_path("/nowhere");
    let refused = announcer(&url, "lectern-test-nobody").announce(&[job(1)]).await;
    assert!(matches!(refused, Err(AnnouncerError::Refused { .. })), "{refused:?}");
}

/// The command of the crate's documentation, for that queue.
async fn set_policy(queue: &OwnQueue) {
    let documented = include_str!("../../src/lib.rs");
    let command = documented.lines().find_map(|line| line.strip_prefix("//! rabbitmqctl ")).unwrap();
    let command = command.replace("task_queue", &queue.name).replace("lectern-dead-letters", &queue.name);
    let arguments = shlex::split(&command).unwrap();
    rabbitmqctl(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_workers_reject_is_kept_under_the_documented_policy() {
    let queue = OwnQueue::new().await;
    queue.announcer().announce(&[job(1)]).await.unwrap();
    set_policy(&queue).await;
    let channel = queue.channel().await;
    let (options, arguments) = (BasicConsumeOptions::default(), FieldTable::default());
    let dead = queue.dead_letters();
    let mut graves = channel.basic_consume(dead.into(), "".into(), options, arguments).await.unwrap();

    // The worker declares the queue plainly, and rejects.
    queue.declare(QueueDeclareOptions::durable(), FieldTable::default()).await;
    let given = queue.next().await.unwrap();
    given.delivery.acker.reject(BasicRejectOptions { requeue: false }).await.unwrap();

    let buried = without_hanging(futures::StreamExt::next(&mut graves)).await.unwrap().unwrap();
    assert_eq!(String::from_utf8(buried.data).unwrap(), body(1));
    rabbitmqctl(&["clear_policy", &queue.name]).await;
    queue.end().await;
}

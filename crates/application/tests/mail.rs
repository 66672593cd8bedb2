//! The outbox: no mail is lost, none is sent for ever, and nobody sends another's.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use lectern_application::{
    mail::{DeliverMail, Delivery},
    ports::{Clock, Letter, Mailer, MailerError},
};
use lectern_domain::{
    account::EmailAddress,
    mail::{Mail, MailRules},
};
use lectern_testkit::world::{World, steps::origin};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// A world with one mail in its outbox.
async fn with_a_mail() -> World {
    let world = World::new();
    world.sign_up_with_email("ada", "ada@example.org").await;
    ask(&world).await;
    world
}

async fn ask(world: &World) {
    let email = EmailAddress::parse("ada@example.org").unwrap();
    world.forgot_password().execute(&email, &origin()).await.unwrap();
}

async fn deliver(world: &World) -> Delivery {
    world.deliver_mail().execute().await.unwrap()
}

fn only(world: &World) -> Mail {
    let mut outbox = world.database.outbox();
    assert_eq!(outbox.len(), 1);
    outbox.remove(0)
}

#[tokio::test]
async fn a_sent_mail_leaves_no_secret_behind() {
    let world = with_a_mail().await;
    assert_eq!(deliver(&world).await, Delivery::Done);
    assert_eq!((world.mailer.sent().len(), world.database.outbox().len()), (1, 0));
    assert_eq!(deliver(&world).await, Delivery::Nothing);
}

#[tokio::test]
async fn what_can_not_be_sent_is_tried_again_and_keeps_its_id() {
    let world = with_a_mail().await;
    let id = only(&world).id();
    world.mailer.break_down();
    let mut pauses = Vec::new();
    for _ in 0..4 {
        assert_eq!(deliver(&world).await, Delivery::Postponed);
        assert_eq!(deliver(&world).await, Delivery::Nothing, "it rests");
        let now = world.clock.now();
        let pause = only(&world).parts().not_before.since(now);
        pauses.push(pause.as_secs());
        world.clock.advance(pause);
    }
    assert_eq!(pauses, [1, 2, 4, 8]);
    world.mailer.repair();
    assert_eq!(deliver(&world).await, Delivery::Done);
    assert_eq!(world.mailer.sent().first().map(|letter| letter.id), Some(id));
}

#[tokio::test]
async fn a_mail_is_dropped_when_its_code_has_expired() {
    let world = with_a_mail().await;
    world.mailer.break_down();
    assert_eq!(deliver(&world).await, Delivery::Postponed);
    world.mailer.repair();
    world.clock.advance(Duration::from_mins(10));
    assert_eq!(deliver(&world).await, Delivery::Dropped);
    assert_eq!((world.mailer.sent().len(), world.database.outbox().len()), (0, 0));
}

#[tokio::test]
async fn what_is_refused_for_good_is_not_tried_again() {
    let world = with_a_mail().await;
    world.mailer.refuse();
    assert_eq!(deliver(&world).await, Delivery::Dropped);
    assert_eq!((world.mailer.tries(), world.database.outbox().len()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_mailer_that_hangs_is_given_up() {
    let world = with_a_mail().await;
    world.mailer.hang();
    assert_eq!(deliver(&world).await, Delivery::Postponed);
    world.mailer.repair();
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(deliver(&world).await, Delivery::Done);
}

#[tokio::test]
async fn whoever_dies_while_sending_leaves_the_mail_to_the_next() {
    let world = with_a_mail().await;
    world.mailer.hang();
    let dying = deliver(&world);
    assert!(futures::poll!(std::pin::pin!(dying)).is_pending());
    world.mailer.repair();
    assert_eq!(deliver(&world).await, Delivery::Nothing, "it is another's");
    world.clock.advance(MailRules::default().lease);
    assert_eq!(deliver(&world).await, Delivery::Done);
}

#[tokio::test]
async fn a_mail_whose_removal_failed_is_sent_again_under_the_same_id() {
    let world = with_a_mail().await;
    let breaking = Arc::new(BreakingDown(world.clone()));
    let deliver_once = DeliverMail { mailer: breaking, ..world.deliver_mail() };
    assert!(deliver_once.execute().await.is_err());
    world.database.repair();
    world.clock.advance(MailRules::default().lease);
    assert_eq!(deliver(&world).await, Delivery::Done);
    let ids: Vec<_> = world.mailer.sent().into_iter().map(|letter| letter.id).collect();
    assert!(matches!(ids.as_slice(), [one, other] if one == other), "{ids:?}");
}

/// Sends, and then the database breaks down.
struct BreakingDown(World);

#[async_trait]
impl Mailer for BreakingDown {
    async fn send(&self, letter: &Letter) -> Result<(), MailerError> {
        self.0.mailer.send(letter).await?;
        self.0.database.break_down();
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_replicas_send_each_mail_once() {
    let world = World::new();
    for n in 0..20 {
        let (name, email) = (format!("user{n}"), format!("user{n}@example.org"));
        world.sign_up_with_email(&name, &email).await;
        let email = EmailAddress::parse(&email).unwrap();
        world.forgot_password().execute(&email, &origin()).await.unwrap();
    }
    let replicas = (0..4).map(|_| {
        let world = world.clone();
        tokio::spawn(async move { while deliver(&world).await != Delivery::Nothing {} })
    });
    for replica in replicas.collect::<Vec<_>>() {
        replica.await.unwrap();
    }
    let mut recipients: Vec<_> =
        world.mailer.sent().into_iter().map(|letter| letter.recipient.key().to_owned()).collect();
    recipients.sort_unstable();
    recipients.dedup();
    assert_eq!((recipients.len(), world.mailer.tries()), (20, 20));
}

/// Tells when something was sent.
struct Ringing {
    world: World,
    bell: Notify,
}

#[async_trait]
impl Mailer for Ringing {
    async fn send(&self, letter: &Letter) -> Result<(), MailerError> {
        let sent = self.world.mailer.send(letter).await;
        self.bell.notify_one();
        sent
    }
}

#[tokio::test(start_paused = true)]
async fn the_loop_is_woken_by_a_mail_outlives_a_database_and_ends_when_told() {
    let world = World::new();
    world.sign_up_with_email("ada", "ada@example.org").await;
    let ringing = Arc::new(Ringing { world: world.clone(), bell: Notify::new() });
    let deliver = DeliverMail { mailer: ringing.clone(), ..world.deliver_mail() };
    let shutdown = CancellationToken::new();
    let stopped = shutdown.clone();
    let running = tokio::spawn(async move { deliver.run(stopped).await });

    ask(&world).await;
    ringing.bell.notified().await;
    world.database.break_down();
    // Time passes by itself while all tasks wait: the loop meets the broken database.
    tokio::time::sleep(Duration::from_mins(1)).await;
    world.database.repair();
    ask(&world).await;
    ringing.bell.notified().await;

    shutdown.cancel();
    running.await.unwrap();
    assert_eq!(world.mailer.sent().len(), 2);
}

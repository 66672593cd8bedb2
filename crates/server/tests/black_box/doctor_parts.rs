//! What `lectern doctor` says about PostgreSQL, Redis, RabbitMQ, S3 and the SMTP server: those that are there, and those that
//! are away.

use lapin::{
    options::QueueDeclareOptions,
    types::{AMQPValue, FieldTable},
};
use tempfile::TempDir;

use crate::{
    doctor::doctor,
    inbox::{Encryption, Inbox},
    scaled::parts::{Parts, Stand, Stands},
    server::run,
};

/// What is said of a scaled installation, with other settings in place of those of its parts.
async fn said(parts: &Parts, others: &[(&str, &str)]) -> (Option<i32>, Vec<String>) {
    let folder = TempDir::new().unwrap();
    let settings = parts.settings();
    let settings = settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let settings: Vec<_> =
        settings.chain([("LECTERN_WORKER", "off")]).chain(others.iter().copied()).collect();
    doctor(folder.path(), &settings).await
}

/// The line about a check.
fn about<'a>(lines: &'a [String], check: &str) -> &'a str {
    let line =
        lines.iter().find(|line| line.get(9..).is_some_and(|said| said.starts_with(&format!("{check}: "))));
    assert!(line.is_some(), "nothing about {check}: {lines:#?}");
    line.unwrap()
}

async fn migrated(parts: &Parts) {
    let folder = TempDir::new().unwrap();
    let settings = parts.settings();
    let settings: Vec<_> = settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert!(run(folder.path(), &settings, &["db", "init"]).await.status.success());
}

#[tokio::test]
async fn parts_that_are_sound_are_found_sound() {
    let parts = Parts::stand(Stands::default()).await;
    migrated(&parts).await;
    // The database's server itself is one that forgets what it stored when it dies, as that of tests may.
    let (_, lines) = said(&parts, &[("LECTERN_DATABASE_CONNECTIONS", "5")]).await;
    for check in ["postgresql", "connections", "clock of postgresql", "redis", "rabbitmq", "recordings"] {
        assert!(about(&lines, check).starts_with("ok "), "{lines:#?}");
    }
    assert!(about(&lines, "rabbitmq").contains("no queue"), "nothing is declared by looking: {lines:#?}");
}

#[tokio::test]
async fn a_queue_that_workers_can_not_declare_is_a_warning() {
    let parts = Parts::stand(Stands::default()).await;
    let broker = parts.broker().await;
    let channel = broker.create_channel().await.unwrap();
    let mut arguments = FieldTable::default();
    arguments.insert("x-max-length".into(), AMQPValue::LongInt(10));
    channel.queue_declare(parts.queue().into(), QueueDeclareOptions::durable(), arguments).await.unwrap();
    let (_, lines) = said(&parts, &[]).await;
    let line = about(&lines, "rabbitmq");
    assert!(line.starts_with("warning") && line.contains("x-max-length"), "{line}");
}

#[tokio::test]
async fn a_full_redis_that_forgets_is_a_warning() {
    let parts = Parts::stand(Stands::default()).await;
    parts.redis_command(&["CONFIG", "SET", "maxmemory", "100mb"]).await;
    parts.redis_command(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]).await;
    let (_, lines) = said(&parts, &[]).await;
    let line = about(&lines, "redis");
    assert!(line.starts_with("warning") && line.contains("noeviction"), "{line}");
}

#[tokio::test]
async fn parts_that_are_away_are_problems_that_say_what_to_do_and_show_no_secret() {
    let parts = Parts::stand(Stands::default()).await;
    migrated(&parts).await;
    let (code, lines) = said(
        &parts,
        &[
            ("LECTERN_REDIS_URL", "redis://ada:s3cr3t@127.0.0.1:1/"),
            ("LECTERN_AMQP_URL", "amqp://ada:s3cr3t@127.0.0.1:1/%2f"),
            ("AWS_ENDPOINT", "http://127.0.0.1:1"),
            ("AWS_SECRET_ACCESS_KEY", "s3cr3t"),
            ("LECTERN_SMTP_URL", "smtp://ada:s3cr3t@127.0.0.1:1"),
            ("LECTERN_MAIL_FROM", "lectern@example.org"),
        ],
    )
    .await;
    assert_eq!(code, Some(1), "{lines:#?}");
    for (check, advice) in [
        ("redis", "LECTERN_REDIS_URL"),
        ("rabbitmq", "LECTERN_AMQP_URL"),
        ("recordings", "AWS_ENDPOINT_URL"),
        ("mail server", "LECTERN_SMTP_URL"),
    ] {
        let line = about(&lines, check);
        assert!(line.starts_with("PROBLEM") && line.contains(advice), "{line}");
    }
    assert!(!lines.concat().contains("s3cr3t"), "{lines:#?}");
}

#[tokio::test]
async fn a_broker_that_lets_nobody_in_is_a_problem() {
    let parts = Parts::stand(Stands::default()).await;
    let (_, url) = parts.settings().into_iter().find(|(name, _)| name == "LECTERN_AMQP_URL").unwrap();
    let url = url.replace("guest:guest@", "guest:s3cr3t@");
    let (_, lines) = said(&parts, &[("LECTERN_AMQP_URL", &url)]).await;
    assert!(about(&lines, "rabbitmq").starts_with("PROBLEM"), "{lines:#?}");
    assert!(!lines.concat().contains("s3cr3t"), "{lines:#?}");
}

#[tokio::test]
async fn a_redis_that_hangs_is_a_problem() {
    let parts = Parts::stand(Stands { redis: Stand::Own, ..Stands::default() }).await;
    parts.redis.pause().await;
    let (_, lines) = said(&parts, &[]).await;
    parts.redis.resume().await;
    let line = about(&lines, "redis");
    assert!(line.starts_with("PROBLEM") && line.contains("does not answer"), "{line}");
}

#[tokio::test]
async fn an_smtp_server_that_is_not_trusted_is_a_problem() {
    let inbox = Inbox::open(Encryption::StartTls).await;
    let url = format!("smtp://localhost:{}?tls=required", inbox.port());
    let mail = [("LECTERN_SMTP_URL", url.as_str()), ("LECTERN_MAIL_FROM", "lectern@example.org")];
    let folder = TempDir::new().unwrap();
    let authority = inbox.authority();
    let trusted = [&mail[..], &[("SSL_CERT_FILE", authority.to_str().unwrap())]].concat();
    for (settings, verdict) in [(&mail[..], "PROBLEM"), (&trusted[..], "ok ")] {
        let (_, lines) = doctor(folder.path(), settings).await;
        assert!(about(&lines, "mail server").starts_with(verdict), "{lines:#?}");
    }
    assert_eq!(inbox.count(), 0, "nothing was sent");
}

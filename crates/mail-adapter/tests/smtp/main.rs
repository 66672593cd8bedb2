//! What is said to an SMTP server, and what is made of what it answers.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod scripted_server;

use lectern_application::ports::{Letter, Mailer, MailerError};
use lectern_domain::{
    account::EmailAddress,
    challenge::Code,
    mail::{MailContent, MailId},
    time::Timestamp,
};
use lectern_mail_adapter::{Sender, SmtpMailer, SmtpSettings};
use scripted_server::{Script, Server};
use uuid::Uuid;

fn letter(recipient: &str) -> Letter {
    Letter {
        id: MailId(Uuid::from_u128(7)),
        recipient: EmailAddress::parse(recipient).unwrap(),
        content: MailContent::EmailVerification { code: Code::parse("012345").unwrap() },
        written_at: Timestamp::from_micros(0),
        useful_until: Timestamp::from_micros(600_000_000),
    }
}

fn mailer(url: String) -> SmtpMailer {
    let settings = SmtpSettings::parse(&url.into()).unwrap();
    let from = Sender::parse("Lectern <noreply@example.org>").unwrap();
    SmtpMailer::new(settings, from, "https://lectern.example.org".to_owned()).unwrap()
}

async fn send(server: &Server) -> Result<(), MailerError> {
    mailer(format!("smtp://127.0.0.1:{}", server.port)).send(&letter("ada@example.org")).await
}

/// An error with all that is beneath it.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let sources = std::iter::successors(error.source(), |error| error.source());
    sources.fold(error.to_string(), |text, source| format!("{text}: {source}"))
}

#[tokio::test]
async fn a_mail_is_handed_over() {
    let server = Server::start(Script::WILLING).await;
    send(&server).await.unwrap();
    let heard = server.heard();
    for line in [
        "MAIL FROM:<noreply@example.org>",
        "RCPT TO:<ada@example.org>",
        "To: ada@example.org",
        "    012345",
        "gave this address as that of an account at",
    ] {
        assert!(heard.iter().any(|heard| heard.contains(line)), "{line}: {heard:#?}");
    }
}

#[tokio::test]
async fn connections_are_used_again() {
    let server = Server::start(Script::WILLING).await;
    let mailer = mailer(format!("smtp://127.0.0.1:{}", server.port));
    for _ in 0..5 {
        mailer.send(&letter("ada@example.org")).await.unwrap();
    }
    // A connection is given back a moment after its mail, so that the next may need another.
    assert!(server.count("EHLO") <= 2, "{:?}", server.heard());
    assert_eq!(server.count("RCPT"), 5);
}

#[tokio::test]
async fn what_a_server_refuses_for_good_is_not_to_be_tried_again() {
    for answer in [
        ("RCPT", "550 5.1.1 <ada@example.org>: no such user"),
        ("MAIL", "553 not from you"),
        ("end of data", "554 spam"),
    ] {
        let server = Server::start(Script { answer: Some(answer), ..Script::WILLING }).await;
        let refused = send(&server).await;
        assert!(matches!(refused, Err(MailerError::Refused { .. })), "{answer:?}: {refused:?}");
    }
}

#[tokio::test]
async fn what_may_pass_is_to_be_tried_again() {
    for answer in [
        ("RCPT", "450 4.2.0 greylisted"),
        ("MAIL", "421 shutting down"),
        ("end of data", "452 no room"),
        ("RCPT", "what is SMTP?"),
    ] {
        let server = Server::start(Script { answer: Some(answer), ..Script::WILLING }).await;
        let refused = send(&server).await;
        assert!(matches!(refused, Err(MailerError::Unavailable { .. })), "{answer:?}: {refused:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_may_come_back() {
    let port = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let refused = mailer(format!("smtp://127.0.0.1:{port}")).send(&letter("ada@example.org")).await;
    assert!(matches!(refused, Err(MailerError::Unavailable { .. })), "{refused:?}");
}

#[tokio::test]
async fn wrong_credentials_are_nothing_wrong_with_the_mail() {
    let answer = Some(("AUTH", "535 5.7.8 authentication failed for user s3cr3t"));
    let server = Server::start(Script { extensions: &["AUTH PLAIN LOGIN"], answer }).await;
    let mailer = mailer(format!("smtp://ada:s3cr3t@127.0.0.1:{}", server.port));
    let error = mailer.send(&letter("ada@example.org")).await.unwrap_err();
    assert!(matches!(error, MailerError::Unavailable { .. }), "{error:?}");
    let shown = chain(&error);
    assert!(shown.contains("535") && !shown.contains("s3cr3t"), "{shown}");
}

#[tokio::test]
async fn credentials_are_sent_as_they_were_meant() {
    let server = Server::start(Script { extensions: &["AUTH PLAIN"], answer: None }).await;
    let mailer = mailer(format!("smtp://ada%40example.org:p%40ss@127.0.0.1:{}", server.port));
    mailer.send(&letter("ada@example.org")).await.unwrap();
    // The base64 of NUL, the user, NUL, the password (RFC 4616).
    assert_eq!(server.count("AUTH PLAIN AGFkYUBleGFtcGxlLm9yZwBwQHNz"), 1, "{:?}", server.heard());
}

#[tokio::test]
async fn no_address_gets_into_an_error() {
    for answer in ["550 <ada@example.org> is unknown", "450 try later, ada@example.org", "ada@example.org"] {
        let server = Server::start(Script { answer: Some(("RCPT", answer)), ..Script::WILLING }).await;
        let error = send(&server).await.unwrap_err();
        let shown = format!("{} {error:?}", chain(&error));
        assert!(!shown.contains("ada"), "{shown}");
    }
}

#[tokio::test]
async fn without_starttls_a_server_that_must_have_it_hears_nothing() {
    let server = Server::start(Script { extensions: &["AUTH PLAIN"], answer: None }).await;
    let url = format!("smtp://ada:s3cr3t@127.0.0.1:{}?tls=required", server.port);
    let refused = mailer(url).send(&letter("ada@example.org")).await;
    assert!(matches!(refused, Err(MailerError::Unavailable { .. })), "{refused:?}");
    assert_eq!((server.count("AUTH"), server.count("MAIL"), server.count("RCPT")), (0, 0, 0));
}

#[tokio::test]
async fn addresses_beyond_ascii_need_a_server_that_knows_them() {
    let knowing = Server::start(Script::WILLING).await;
    let sent = mailer(format!("smtp://127.0.0.1:{}", knowing.port)).send(&letter("юзер@example.org")).await;
    sent.unwrap();
    assert_eq!(knowing.count("RCPT TO:<юзер@example.org>"), 1);
    let old = Server::start(Script { extensions: &[], answer: None }).await;
    let url = format!("smtp://127.0.0.1:{}", old.port);
    assert!(mailer(url.clone()).send(&letter("юзер@example.org")).await.is_err());
    mailer(url).send(&letter("ada@пример.рф")).await.unwrap();
    assert_eq!(old.count("RCPT TO:<ada@xn--e1afmkfd.xn--p1ai>"), 1);
}

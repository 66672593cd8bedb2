//! The SMTP server, if there is one. No mail is sent.

use std::time::Duration;

use lectern_mail_adapter::SmtpMailer;
use tokio::time::timeout;

use super::{Finding, chain};
use crate::config::Settings;

const CHECK: &str = "mail server";
/// How long connecting, encrypting and signing in may take together.
const PATIENCE: Duration = Duration::from_secs(30);

/// Looks at it, if there is one.
pub(super) async fn look(settings: &Settings) -> Option<Finding> {
    let mail = settings.mail.clone()?;
    let mailer = match SmtpMailer::new(mail.smtp, mail.from, String::new()) {
        Ok(mailer) => mailer,
        Err(error) => return Some(failed(&chain(&error))),
    };
    Some(match timeout(PATIENCE, mailer.examine()).await {
        Ok(Ok(())) => Finding::ok(CHECK, "lets this server in"),
        Ok(Err(error)) => failed(&chain(&error)),
        Err(_) => failed(&format!("it does not answer within {PATIENCE:?}")),
    })
}

fn failed(why: &str) -> Finding {
    Finding::problem(
        CHECK,
        format!("no mail can be sent: {why}"),
        "Check that the SMTP server runs, that LECTERN_SMTP_URL names it with the right port, encryption, user and password, \
         and that its certificate is trusted here. Until then mails wait, and are dropped when their codes are of no use any \
         more.",
    )
}

//! Whether a server answers, through whatever is before it.

use std::time::Duration;

use super::{Finding, chain};
use crate::config::Settings;

const CHECK: &str = "server";
/// The most that it may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// What `/healthz` answers.
const HEALTHY: &str = "ok";

/// Asks the server at `url`, where one has to answer, or else at the public URL, where one may.
pub(super) async fn look(settings: &Settings, url: Option<&str>) -> Option<Finding> {
    let asked = url.or(settings.public_url.as_deref())?;
    let address = format!("{}/healthz", asked.trim_end_matches('/'));
    Some(match (ask(&address).await, url) {
        (Ok(()), _) => Finding::ok(CHECK, format!("{address} answers")),
        (Err(why), Some(_)) => Finding::problem(
            CHECK,
            format!("{address} does not answer as a server of Lectern does: {why}"),
            "Check that the server runs, and that whatever is before it passes requests on to it.",
        ),
        (Err(why), None) => Finding::warning(
            CHECK,
            format!("nothing answers at the public URL, {address}, as a server of Lectern does: {why}"),
            "If it should, check the server and what is before it; it may be that this machine can't reach it.",
        ),
    })
}

/// A machine that knows no authorities can't check certificates, but where there is none it need not.
fn client(address: &str) -> reqwest::Result<reqwest::Client> {
    let builder = || reqwest::Client::builder().timeout(PATIENCE);
    match builder().build() {
        Err(_no_authorities) if address.starts_with("http://") => builder().tls_certs_only([]).build(),
        built => built,
    }
}

async fn ask(address: &str) -> Result<(), String> {
    let client = client(address).map_err(|error| chain(&error))?;
    let answer = client.get(address).send().await.map_err(|error| chain(&error))?;
    let status = answer.status();
    if !status.is_success() {
        return Err(format!("it says {status}"));
    }
    let is_long = answer.content_length().is_none_or(|length| length > 64);
    let body = if is_long { String::new() } else { answer.text().await.map_err(|error| chain(&error))? };
    if body == HEALTHY { Ok(()) } else { Err("something else is there".to_owned()) }
}

//! Settings that pass, but don't go together with each other, with the network, or with this machine.

use std::net::SocketAddr;

use lectern_actix_http::TrustedProxies;
use lectern_speech_adapter::Host;

use super::Finding;
use crate::{
    compose::{Recognition, recognition},
    config::{Settings, WorkerPlace},
};

/// Looks at the settings.
pub(super) fn look(settings: &Settings) -> Vec<Finding> {
    let proxies = settings.trusted_proxies == TrustedProxies::default();
    vec![
        public_url(settings.listen, settings.public_url.as_deref()),
        proxies_of(settings.public_url.as_deref(), if proxies { Proxies::None } else { Proxies::Named }),
        mail(settings),
        recogniser(settings),
        guessable(settings),
    ]
}

/// Whether reverse proxies are named in the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Proxies {
    None,
    Named,
}

fn is_https(url: Option<&str>) -> bool {
    url.is_some_and(|url| url.starts_with("https://"))
}

/// Lectern itself speaks HTTP: what leaves the machine has to be protected by something before it.
fn public_url(listen: SocketAddr, url: Option<&str>) -> Finding {
    const CHECK: &str = "public URL";
    match url {
        Some(url) if is_https(Some(url)) => Finding::ok(CHECK, format!("{url}; cookies are for https only")),
        _ if listen.ip().is_loopback() => {
            let url = url.map_or_else(|| format!("http://{listen}"), ToOwned::to_owned);
            Finding::ok(CHECK, format!("{url}, listening on this machine alone"))
        }
        _ => Finding::warning(
            CHECK,
            format!(
                "listening on {listen}, but the public URL is not https, so passwords and tokens can be read on the way"
            ),
            "Put a reverse proxy with TLS before it, and set LECTERN_PUBLIC_URL=https://…",
        ),
    }
}

/// With https there is a proxy, and without its name everybody seems to come from it.
fn proxies_of(url: Option<&str>, proxies: Proxies) -> Finding {
    const CHECK: &str = "proxies";
    match proxies {
        Proxies::Named => Finding::ok(CHECK, "X-Forwarded-For of the named proxies counts"),
        Proxies::None if is_https(url) => Finding::warning(
            CHECK,
            "the public URL is https, so there is a proxy, but none is trusted: \
             everybody seems to come from its address, and shares one limit",
            "Name the proxy's address in LECTERN_TRUSTED_PROXIES.",
        ),
        Proxies::None => Finding::ok(CHECK, "none is trusted, X-Forwarded-For is ignored"),
    }
}

/// What others could sign in with by guessing. The server doesn't start like this where they can reach it.
fn guessable(settings: &Settings) -> Finding {
    const CHECK: &str = "secrets of the settings";
    let found: Vec<_> = settings.guessable_secrets().iter().map(ToString::to_string).collect();
    let (what, fix) = (found.join(", and "), "Remove the setting, so that a secret is made for you.");
    if found.is_empty() {
        Finding::ok(CHECK, "none can be guessed")
    } else if settings.listens_beyond_loopback() {
        Finding::problem(CHECK, format!("{what}; the server does not start like this"), fix)
    } else {
        Finding::warning(CHECK, what, fix)
    }
}

fn mail(settings: &Settings) -> Finding {
    const CHECK: &str = "mail";
    match settings.mail {
        Some(_) => Finding::ok(CHECK, "leaves by SMTP"),
        None => Finding::warning(
            CHECK,
            "there is no SMTP server: mails are written into the log, with their codes, and reach nobody",
            "Set LECTERN_SMTP_URL and LECTERN_MAIL_FROM.",
        ),
    }
}

fn recogniser(settings: &Settings) -> Finding {
    const CHECK: &str = "recogniser";
    match (settings.worker, recognition(&settings.recognizer, Host::current())) {
        (WorkerPlace::Off, _) => Finding::ok(CHECK, "not needed here, other workers transcribe"),
        (WorkerPlace::Embedded, Ok(Recognition::Here(recognizer))) => Finding::ok(CHECK, recognizer.name()),
        (WorkerPlace::Embedded, Ok(Recognition::Elsewhere { why })) => Finding::warning(
            CHECK,
            format!("recordings wait for other workers: {why}"),
            "If there are such workers, set LECTERN_WORKER=off.",
        ),
        (WorkerPlace::Embedded, Err(failure)) => Finding::problem(
            CHECK,
            failure.to_string(),
            "The server does not start like this: install it, or choose another with LECTERN_RECOGNIZER.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Verdict;

    fn url_verdict(listen: &str, url: Option<&str>) -> Verdict {
        public_url(listen.parse().unwrap(), url).verdict
    }

    #[test]
    fn what_leaves_the_machine_unprotected_is_a_warning() {
        assert_eq!(url_verdict("0.0.0.0:8080", None), Verdict::Warning);
        assert_eq!(url_verdict("10.0.0.1:8080", Some("http://lectern.example.org")), Verdict::Warning);
        assert_eq!(url_verdict("0.0.0.0:8080", Some("https://lectern.example.org")), Verdict::Ok);
        assert_eq!(url_verdict("127.0.0.1:8080", None), Verdict::Ok);
        assert_eq!(url_verdict("[::1]:8080", Some("http://localhost:8080")), Verdict::Ok);
    }

    #[test]
    fn https_without_a_trusted_proxy_is_a_warning() {
        let https = Some("https://lectern.example.org");
        assert_eq!(proxies_of(https, Proxies::None).verdict, Verdict::Warning);
        assert_eq!(proxies_of(https, Proxies::Named).verdict, Verdict::Ok);
        assert_eq!(proxies_of(None, Proxies::None).verdict, Verdict::Ok);
    }
}

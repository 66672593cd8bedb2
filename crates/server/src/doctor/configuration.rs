//! Settings that pass, but don't go together with each other, with the network, or with this machine.

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
        public_url(settings),
        proxies_of(settings, if proxies { Proxies::None } else { Proxies::Named }),
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

fn is_https(url: &str) -> bool {
    url.starts_with("https://")
}

/// What leaves the machine has to be protected, by TLS of the server's own or by something before it.
fn public_url(settings: &Settings) -> Finding {
    const CHECK: &str = "public URL";
    let (listen, url) = (settings.listen, settings.public_url_at(settings.listen));
    match (is_https(&url), settings.certificate.is_some()) {
        (true, _) => Finding::ok(CHECK, format!("{url}; cookies are for https only")),
        (false, true) => Finding::warning(
            CHECK,
            format!("the server speaks https, but the public URL is {url}, so cookies go out unprotected"),
            "Set LECTERN_PUBLIC_URL=https://…",
        ),
        (false, false) if listen.ip().is_loopback() => {
            Finding::ok(CHECK, format!("{url}, listening on this machine alone"))
        }
        (false, false) => Finding::warning(
            CHECK,
            format!(
                "listening on {listen}, but the public URL is not https, so passwords and tokens can be read on the way"
            ),
            "Set LECTERN_TLS_CERTIFICATE and LECTERN_TLS_KEY, or put a reverse proxy with TLS before it, \
             and set LECTERN_PUBLIC_URL=https://…",
        ),
    }
}

/// With https that the server doesn't speak itself there is a proxy, and without its name everybody seems to come from it.
fn proxies_of(settings: &Settings, proxies: Proxies) -> Finding {
    const CHECK: &str = "proxies";
    let is_https = is_https(&settings.public_url_at(settings.listen));
    match proxies {
        Proxies::Named => Finding::ok(CHECK, "X-Forwarded-For of the named proxies counts"),
        Proxies::None if is_https && settings.certificate.is_none() => Finding::warning(
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
    use crate::{config::Layers, doctor::Verdict};

    const HTTPS: (&str, &str) = ("LECTERN_PUBLIC_URL", "https://lectern.example.org");
    const TLS: [(&str, &str); 2] = [("LECTERN_TLS_CERTIFICATE", "c.pem"), ("LECTERN_TLS_KEY", "k.pem")];

    fn settings(variables: &[(&str, &str)]) -> Settings {
        let variables = variables.iter().map(|(name, value)| (name.into(), value.into()));
        Settings::read(&Layers::read(None, variables, &[]).unwrap()).unwrap()
    }

    fn url_verdict(listen: &str, variables: &[(&str, &str)]) -> Verdict {
        public_url(&settings(&[&[("LECTERN_LISTEN", listen)], variables].concat())).verdict
    }

    #[test]
    fn what_leaves_the_machine_unprotected_is_a_warning() {
        let http = ("LECTERN_PUBLIC_URL", "http://lectern.example.org");
        assert_eq!(url_verdict("0.0.0.0:8080", &[]), Verdict::Warning);
        assert_eq!(url_verdict("10.0.0.1:8080", &[http]), Verdict::Warning);
        assert_eq!(url_verdict("0.0.0.0:8080", &[HTTPS]), Verdict::Ok);
        assert_eq!(url_verdict("0.0.0.0:8443", &TLS), Verdict::Ok);
        assert_eq!(url_verdict("0.0.0.0:8443", &[TLS[0], TLS[1], http]), Verdict::Warning);
        assert_eq!(url_verdict("127.0.0.1:8080", &[]), Verdict::Ok);
        assert_eq!(
            url_verdict("[::1]:8080", &[("LECTERN_PUBLIC_URL", "http://localhost:8080")]),
            Verdict::Ok
        );
    }

    #[test]
    fn https_of_a_proxy_that_is_not_trusted_is_a_warning() {
        let verdict = |variables: &[_], proxies| proxies_of(&settings(variables), proxies).verdict;
        assert_eq!(verdict(&[HTTPS], Proxies::None), Verdict::Warning);
        assert_eq!(verdict(&[HTTPS], Proxies::Named), Verdict::Ok);
        assert_eq!(verdict(&[HTTPS, TLS[0], TLS[1]], Proxies::None), Verdict::Ok);
        assert_eq!(verdict(&[], Proxies::None), Verdict::Ok);
    }
}

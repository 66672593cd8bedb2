//! The certificate, if the server speaks TLS itself.

use std::time::Duration;

use lectern_actix_http::Certificate;
use lectern_domain::time::Timestamp;
use url::{Host, Url};

use super::{Finding, chain};
use crate::config::Settings;

const CHECK: &str = "certificate";
/// Whoever renews certificates does so a month before; what expires sooner than this is not being renewed.
const SOON: Duration = Duration::from_hours(14 * 24);
const RENEW: &str = "Renew it; the server takes the new files without a restart.";

/// Looks at the files that the settings name.
pub(super) fn look(settings: &Settings, now: Timestamp) -> Vec<Finding> {
    let Some(files) = &settings.certificate else { return Vec::new() };
    match files.read() {
        Ok(certificate) => {
            let url = settings.public_url_at(settings.listen);
            vec![validity(&certificate, now), names(&certificate, &url), order(&certificate)]
        }
        Err(error) => vec![Finding::problem(
            CHECK,
            chain(&error),
            "A server that runs goes on with the certificate it had, but none starts like this.",
        )],
    }
}

fn validity(certificate: &Certificate, now: Timestamp) -> Finding {
    let left = certificate.expires_at().since(now);
    let days = left.as_secs() / (24 * 60 * 60);
    if certificate.expires_at() <= now {
        return Finding::problem(CHECK, "it has expired, so clients refuse to connect", RENEW);
    }
    if certificate.valid_from() > now {
        let fix = "Check this machine's clock, and that the files are the right ones.";
        return Finding::problem(CHECK, "it is not valid yet, so clients refuse to connect", fix);
    }
    if left < SOON {
        return Finding::warning(CHECK, format!("it expires in {days} days"), RENEW);
    }
    Finding::ok(CHECK, format!("valid for {days} days more"))
}

fn names(certificate: &Certificate, public_url: &str) -> Finding {
    const CHECK: &str = "certificate's names";
    let url = Url::parse(public_url).ok();
    let host = url.as_ref().and_then(Url::host).map(|host| match host {
        Host::Domain(name) => name.to_owned(),
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => address.to_string(),
    });
    match host {
        Some(host) if certificate.covers(&host) => Finding::ok(CHECK, format!("it is one for {host}")),
        _ => Finding::problem(
            CHECK,
            format!("it is none for the host of the public URL, {public_url}, so clients refuse to connect"),
            "Get one for that name, or set LECTERN_PUBLIC_URL to one that it is for.",
        ),
    }
}

fn order(certificate: &Certificate) -> Finding {
    const CHECK: &str = "certificate's issuers";
    if !certificate.is_in_order() {
        return Finding::problem(
            CHECK,
            "in the file, a certificate is followed by another than that of its issuer",
            "Put the server's own certificate first, then that of its issuer, then that one's.",
        );
    }
    if certificate.is_alone() {
        return Finding::warning(
            CHECK,
            "the file has the server's own certificate alone, so only those trust it who have that of its issuer",
            "Name the file with the whole chain (certbot: fullchain.pem), unless a root that all clients have issued it.",
        );
    }
    Finding::ok(CHECK, "they are in the file, in order")
}

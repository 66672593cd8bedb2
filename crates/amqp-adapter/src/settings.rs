//! Which broker and which queue, from a URL and a name.

use std::{borrow::Cow, fmt, net::IpAddr};

use lapin::uri::{AMQPAuthority, AMQPQueryString, AMQPScheme, AMQPUri, AMQPUserInfo};
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// Whoever hears nothing from the other for twice so many seconds gives the connection up.
const HEARTBEAT_SECONDS: u16 = 10;
/// The most bytes that AMQP has room for in the name of a queue.
const MOST_BYTES: usize = 255;
/// The queue of what workers reject is called like the queue, and this.
const DEAD: &str = ".dead";

/// A broker, and who we are to it.
#[derive(Debug, Clone)]
pub struct AmqpSettings {
    is_encrypted: bool,
    host: String,
    port: u16,
    vhost: String,
    user: String,
    password: SecretString,
}

/// Why a URL names no broker. It may hold a password, so nothing of it is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmqpUrlError {
    /// It is no URL of either scheme.
    #[error(
        "must be amqp://USER:PASSWORD@HOST:PORT/VHOST or, under TLS, amqps://USER:PASSWORD@HOST:PORT/VHOST, where user, \
         password, port and virtual host may be left out, and special characters are written as %2F and the like"
    )]
    Form,
    /// There is a user without a password, or a password without a user.
    #[error("must have both a user and a password, or neither")]
    HalfCredentials,
    /// There is something after the virtual host.
    #[error("can't have anything after the virtual host: no setting of the connection is read from the URL")]
    Query,
}

impl AmqpSettings {
    /// Reads `amqp://` (by default on port 5672) or `amqps://` (TLS, by default on port 5671). User, password and virtual
    /// host are percent-decoded. Without user and password they are `guest` and `guest`, as at every broker that was just
    /// installed. Without a virtual host, or with nothing after the slash, it is `/`: the empty name that the
    /// [scheme](https://www.rabbitmq.com/docs/uri-spec) sees in the latter is what nobody means.
    pub fn parse(url: &SecretString) -> Result<Self, AmqpUrlError> {
        let url = Url::parse(url.expose_secret()).map_err(|_| AmqpUrlError::Form)?;
        let (is_encrypted, port) = match url.scheme() {
            "amqp" => (false, AMQPScheme::AMQP.default_port()),
            "amqps" => (true, AMQPScheme::AMQPS.default_port()),
            _ => return Err(AmqpUrlError::Form),
        };
        let host = url.host_str().map(|host| host.trim_matches(['[', ']'])).unwrap_or_default();
        // What is percent-encoded in a host is no name of one.
        if host.is_empty() || host.contains('%') || url.fragment().is_some() {
            return Err(AmqpUrlError::Form);
        }
        if url.query().is_some() {
            return Err(AmqpUrlError::Query);
        }
        let (user, password) = match (url.username(), url.password()) {
            ("", None) => ("guest".into(), "guest".into()),
            ("", Some(_)) | (_, None) => return Err(AmqpUrlError::HalfCredentials),
            (user, Some(password)) => (decoded(user)?, decoded(password)?),
        };
        let vhost = match url.path().strip_prefix('/') {
            None | Some("") => "/".into(),
            Some(vhost) => decoded(vhost)?,
        };
        Ok(Self {
            is_encrypted,
            host: host.to_owned(),
            port: url.port().unwrap_or(port),
            vhost: vhost.into_owned(),
            user: user.into_owned(),
            password: password.into_owned().into(),
        })
    }

    /// Whether user and password can be read on their way to another machine.
    pub fn is_exposed(&self) -> bool {
        !self.is_encrypted && !is_this_machine(&self.host)
    }

    /// What lapin connects to. It holds the password in clear, and shows it.
    pub(crate) fn uri(&self) -> AMQPUri {
        AMQPUri {
            scheme: if self.is_encrypted { AMQPScheme::AMQPS } else { AMQPScheme::AMQP },
            authority: AMQPAuthority {
                userinfo: AMQPUserInfo {
                    username: self.user.clone(),
                    password: self.password.expose_secret().to_owned(),
                },
                host: self.host.clone(),
                port: self.port,
            },
            vhost: self.vhost.clone(),
            query: AMQPQueryString { heartbeat: Some(HEARTBEAT_SECONDS), ..AMQPQueryString::default() },
        }
    }
}

/// Where it is, for the log: neither user nor password.
impl fmt::Display for AmqpSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_encrypted { AMQPScheme::AMQPS } else { AMQPScheme::AMQP };
        write!(f, "{scheme}://{}:{}", self.host, self.port)
    }
}

fn decoded(text: &str) -> Result<Cow<'_, str>, AmqpUrlError> {
    percent_decode_str(text).decode_utf8().map_err(|_| AmqpUrlError::Form)
}

fn is_this_machine(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

/// The name of a queue, with room for that of its dead letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueName(String);

/// The text is no name of a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be the name of a queue: 1 to 250 bytes without control characters, not beginning with amq.")]
pub struct QueueNameError;

impl QueueName {
    /// Reads a name. Those that begin with `amq.` are the broker's own.
    pub fn parse(text: &str) -> Result<Self, QueueNameError> {
        let has_room = (1..=MOST_BYTES - DEAD.len()).contains(&text.len());
        if !has_room || text.starts_with("amq.") || text.chars().any(char::is_control) {
            return Err(QueueNameError);
        }
        Ok(Self(text.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of the queue of what workers reject.
    pub fn dead_letters(&self) -> String {
        format!("{}{DEAD}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<AmqpSettings, AmqpUrlError> {
        AmqpSettings::parse(&url.to_owned().into())
    }

    fn broker(url: &str) -> (AMQPScheme, String, u16, String) {
        let uri = parse(url).unwrap().uri();
        (uri.scheme, uri.authority.host, uri.authority.port, uri.vhost)
    }

    fn named(scheme: AMQPScheme, host: &str, port: u16, vhost: &str) -> (AMQPScheme, String, u16, String) {
        (scheme, host.to_owned(), port, vhost.to_owned())
    }

    #[test]
    fn brokers_are_named_with_and_without_port_and_virtual_host() {
        use AMQPScheme::{AMQP, AMQPS};
        for (url, expected) in [
            ("amqp://localhost", named(AMQP, "localhost", 5672, "/")),
            ("amqp://localhost/", named(AMQP, "localhost", 5672, "/")),
            ("amqp://localhost/%2f", named(AMQP, "localhost", 5672, "/")),
            ("amqp://localhost//", named(AMQP, "localhost", 5672, "/")),
            ("amqp://mq.example.org:1234/lectures", named(AMQP, "mq.example.org", 1234, "lectures")),
            ("amqps://mq.example.org/a%2Fb", named(AMQPS, "mq.example.org", 5671, "a/b")),
            ("amqp://127.0.0.1:5672", named(AMQP, "127.0.0.1", 5672, "/")),
            ("amqp://[::1]:5672", named(AMQP, "::1", 5672, "/")),
        ] {
            assert_eq!(broker(url), expected, "{url}");
        }
    }

    #[test]
    fn user_and_password_are_decoded() {
        let userinfo =
            parse("amqp://ada%40:p%40ss%3A%2Fw%C3%B6rd@localhost").unwrap().uri().authority.userinfo;
        assert_eq!((userinfo.username.as_str(), userinfo.password.as_str()), ("ada@", "p@ss:/wörd"));
        let userinfo = parse("amqp://localhost").unwrap().uri().authority.userinfo;
        assert_eq!((userinfo.username.as_str(), userinfo.password.as_str()), ("guest", "guest"));
    }

    #[test]
    fn wrong_urls_are_refused_without_their_secrets() {
        for (url, expected) in [
            ("", AmqpUrlError::Form),
            ("localhost:5672", AmqpUrlError::Form),
            ("http://ada:s3cr3t@localhost", AmqpUrlError::Form),
            ("amqp://", AmqpUrlError::Form),
            ("amqp:localhost", AmqpUrlError::Form),
            ("amqp://ada:s3cr3t@", AmqpUrlError::Form),
            ("amqp://ada:s3cr3t@localhost:99999", AmqpUrlError::Form),
            ("amqp://ada:s3cr3t%FF@localhost", AmqpUrlError::Form),
            ("amqp://ada:s3cr3t@localhost/#s3cr3t", AmqpUrlError::Form),
            ("amqp://s3cr3t@localhost", AmqpUrlError::HalfCredentials),
            ("amqp://:s3cr3t@localhost", AmqpUrlError::HalfCredentials),
            ("amqp://ada:s3cr3t@localhost?heartbeat=1", AmqpUrlError::Query),
        ] {
            let error = parse(url).unwrap_err();
            assert_eq!(error, expected, "{url}");
            assert!(!format!("{error} {error:?}").contains("s3cr3t"));
        }
    }

    #[test]
    fn settings_are_shown_without_the_password() {
        let settings = parse("amqps://ada:s3cr3t@localhost/lectures").unwrap();
        assert!(!format!("{settings:?}").contains("s3cr3t"));
        assert_eq!(settings.to_string(), "amqps://localhost:5671");
    }

    #[test]
    fn only_a_connection_to_this_machine_is_safe_without_tls() {
        for url in ["amqp://localhost", "amqp://127.0.0.1", "amqp://[::1]", "amqps://mq.example.org"] {
            assert!(!parse(url).unwrap().is_exposed(), "{url}");
        }
        for url in ["amqp://mq.example.org", "amqp://10.0.0.1", "amqp://localhost.example.org"] {
            assert!(parse(url).unwrap().is_exposed(), "{url}");
        }
    }

    #[test]
    fn names_of_queues_leave_room_for_their_dead_letters() {
        let longest = QueueName::parse(&"q".repeat(250)).unwrap();
        assert_eq!(longest.dead_letters().len(), 255);
        assert_eq!(QueueName::parse("task_queue").unwrap().dead_letters(), "task_queue.dead");
        for text in ["", &"q".repeat(251), &"ä".repeat(126), "amq.gen-1", "task\nqueue"] {
            assert_eq!(QueueName::parse(text), Err(QueueNameError), "{text}");
        }
    }
}

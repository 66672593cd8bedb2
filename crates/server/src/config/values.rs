//! What single values mean. Each function reads a text, or says what is wrong with it as the end of a sentence that
//! begins with the setting's name.

use std::{net::SocketAddr, ops::RangeInclusive, path::PathBuf, str::FromStr, time::Duration};

use lectern_media_adapter::S3Settings;
use url::Url;

use super::{AudioUrl, DatabaseUrl};

/// An address and a port.
pub(super) fn socket_address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("must be an IP address and a port such as 127.0.0.1:8080, not '{text}'"))
}

/// A number within limits.
pub(super) fn number<T>(limits: RangeInclusive<T>) -> impl FnOnce(&str) -> Result<T, String>
where
    T: FromStr + PartialOrd + std::fmt::Display,
{
    move |text| {
        text.parse().ok().filter(|number| limits.contains(number)).ok_or_else(|| {
            format!("must be a whole number from {} to {}, not '{text}'", limits.start(), limits.end())
        })
    }
}

/// A time in seconds, decimals allowed, within limits.
pub(super) fn seconds(limits: RangeInclusive<Duration>) -> impl FnOnce(&str) -> Result<Duration, String> {
    move |text| {
        let time = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        time.filter(|time| limits.contains(time)).ok_or_else(|| {
            let [start, end] = [limits.start(), limits.end()].map(Duration::as_secs_f64);
            format!("must be a number of seconds from {start} to {end}, not '{text}'")
        })
    }
}

/// One of a few words.
pub(super) fn choice<T: Clone>(choices: &[(&str, T)]) -> impl FnOnce(&str) -> Result<T, String> {
    move |text| {
        let chosen = choices.iter().find(|(word, _)| *word == text);
        chosen.map(|(_, choice)| choice.clone()).ok_or_else(|| {
            let words: Vec<_> = choices.iter().map(|(word, _)| *word).collect();
            format!("must be one of {}, not '{text}'", words.join(", "))
        })
    }
}

/// The address under which people reach the server, without a slash at its end.
pub(super) fn public_url(text: &str) -> Result<String, String> {
    let is_plain = |url: &Url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none()
    };
    let url = Url::parse(text).ok().filter(is_plain);
    url.map(|url| url.as_str().trim_end_matches('/').to_owned())
        .ok_or_else(|| "must be an address such as https://lectern.example.org".to_owned())
}

/// A database. The URL may hold a password, so it is not repeated.
pub(super) fn database_url(text: &str) -> Result<DatabaseUrl, String> {
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        return Ok(DatabaseUrl::Postgres(text.into()));
    }
    path_after("sqlite://", text)
        .map(DatabaseUrl::Sqlite)
        .map_err(|_| "must be sqlite:// and a path, or postgres://user@host/database".to_owned())
}

/// A place for recordings. `aws` are the variables that say how to get to S3.
pub(super) fn audio_url(text: &str, aws: Vec<(String, String)>) -> Result<AudioUrl, String> {
    if text.starts_with("s3:") {
        let settings = S3Settings::parse(text, aws).map_err(|error| format!("can't be used: {error}"))?;
        return Ok(AudioUrl::S3(Box::new(settings)));
    }
    path_after("file://", text)
        .map(AudioUrl::Folder)
        .map_err(|_| "must be file:// and a path, or s3://bucket/prefix".to_owned())
}

fn path_after(scheme: &str, text: &str) -> Result<PathBuf, String> {
    let path = text.strip_prefix(scheme).filter(|path| !path.is_empty());
    path.map(PathBuf::from).ok_or_else(|| format!("must be {scheme} and a path"))
}

/// Any text but none.
pub(super) fn not_empty(text: &str) -> Result<String, String> {
    if text.trim().is_empty() { Err("must not be empty".to_owned()) } else { Ok(text.to_owned()) }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn times_can_have_decimals_and_have_limits() {
        let limits = || Duration::from_secs(1)..=Duration::from_mins(1);
        assert_eq!(seconds(limits())("1.5"), Ok(Duration::from_millis(1500)));
        for text in ["0.5", "61", "-1", "NaN", "ten", ""] {
            assert!(seconds(limits())(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_wrong_word_is_answered_with_the_right_ones() {
        let refused = choice(&[("embedded", 1), ("off", 2)])("on").unwrap_err();
        assert_eq!(refused, "must be one of embedded, off, not 'on'");
    }

    #[test]
    fn recordings_lie_in_a_folder_or_on_s3() {
        let folder = audio_url("file:///srv/audio", Vec::new()).unwrap();
        assert!(matches!(folder, AudioUrl::Folder(path) if path == Path::new("/srv/audio")));
        let region = || vec![("AWS_REGION".to_owned(), "eu-central-1".to_owned())];
        assert!(matches!(audio_url("s3://recordings/2026", region()), Ok(AudioUrl::S3(_))));
        assert!(audio_url("s3://recordings", Vec::new()).unwrap_err().contains("AWS_REGION"));
        assert!(audio_url("/srv/audio", Vec::new()).unwrap_err().contains("s3://bucket/prefix"));
    }

    #[test]
    fn a_public_url_has_no_slash_at_its_end() {
        assert_eq!(public_url("https://Example.org/").as_deref(), Ok("https://example.org"));
        assert_eq!(public_url("https://example.org/lectern/").as_deref(), Ok("https://example.org/lectern"));
        for text in ["example.org", "ftp://example.org", "https://me@example.org", "https://example.org/?a"] {
            assert!(public_url(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_database_is_a_file_or_on_a_server() {
        for scheme in ["postgres", "postgresql"] {
            let url = database_url(&format!("{scheme}://me:secret@db/lectern")).unwrap();
            assert!(matches!(url, DatabaseUrl::Postgres(_)));
            assert!(!format!("{url} {url:?}").contains("secret"));
        }
        assert!(!database_url("mysql://me:secret@db/lectern").unwrap_err().contains("secret"));
        let file = database_url("sqlite://./x.db").unwrap();
        assert!(matches!(file, DatabaseUrl::Sqlite(path) if path == Path::new("./x.db")));
        assert!(database_url("sqlite://").is_err());
    }
}

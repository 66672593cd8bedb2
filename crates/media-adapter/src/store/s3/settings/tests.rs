use secrecy::ExposeSecret as _;

use super::*;

const KEY: [(&str, &str); 2] =
    [("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "wJalrXUtn")];
const LONDON: (&str, &str) = ("AWS_REGION", "eu-west-2");
const ELSEWHERE: (&str, &str) = ("AWS_ENDPOINT_URL", "https://s3.example.org:9000");

fn parse(url: &str, environment: &[(&str, &str)]) -> Result<S3Settings, S3SettingsError> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    S3Settings::parse(url, environment.iter().map(owned))
}

fn endpoint(settings: &S3Settings) -> &str {
    settings.endpoint.as_ref().unwrap().as_str()
}

#[test]
fn a_url_names_a_bucket_and_a_prefix() {
    for (url, prefix) in [
        ("s3://lectures", ""),
        ("s3://lectures/", ""),
        ("s3://lectures/a", "a"),
        ("s3://lectures/a/b/", "a/b"),
    ] {
        let settings = parse(url, &[LONDON]).unwrap();
        assert_eq!((settings.bucket.as_str(), settings.prefix.as_ref()), ("lectures", prefix), "{url}");
    }
}

#[test]
fn a_url_of_another_form_is_refused() {
    for (url, error) in [
        ("https://lectures.s3.amazonaws.com", S3SettingsError::Url),
        ("S3:lectures", S3SettingsError::Url),
        ("s3://id:secret@lectures", S3SettingsError::Url),
        ("s3://lectures?region=eu-west-2", S3SettingsError::Url),
        ("s3://lectures/a%20b", S3SettingsError::Url),
        ("s3://", S3SettingsError::Bucket),
        ("s3:///prefix", S3SettingsError::Bucket),
        ("s3://my lectures", S3SettingsError::Bucket),
        ("s3://-lectures", S3SettingsError::Bucket),
        ("s3://lectures--use1-az4--x-s3", S3SettingsError::DirectoryBucket),
        ("s3://lectures/a//b", S3SettingsError::Prefix),
        ("s3://lectures/../b", S3SettingsError::Prefix),
    ] {
        assert_eq!(parse(url, &[LONDON]).unwrap_err(), error, "{url}");
    }
}

#[test]
fn amazon_is_asked_by_virtual_host_and_others_by_path() {
    let style = |url, environment: &[_]| parse(url, environment).unwrap().style;
    assert_eq!(style("s3://lectures", &[LONDON]), AddressStyle::VirtualHosted);
    assert_eq!(style("s3://lectures.example.org", &[LONDON]), AddressStyle::Path);
    assert_eq!(style("s3://lectures", &[ELSEWHERE]), AddressStyle::Path);
    assert_eq!(
        style("s3://lectures", &[LONDON, ("AWS_VIRTUAL_HOSTED_STYLE_REQUEST", "false")]),
        AddressStyle::Path
    );
}

#[test]
fn the_bucket_is_put_before_the_host_of_an_endpoint() {
    let virtual_hosted = ("AWS_VIRTUAL_HOSTED_STYLE_REQUEST", "true");
    let settings = parse("s3://lectures", &[ELSEWHERE, virtual_hosted]).unwrap();
    assert_eq!(endpoint(&settings), "https://lectures.s3.example.org:9000/");
    let address = ("AWS_ENDPOINT_URL", "https://192.0.2.1:9000");
    assert_eq!(parse("s3://lectures", &[address, virtual_hosted]).unwrap_err(), S3SettingsError::NoHostName);
}

#[test]
fn amazon_needs_a_region_and_others_have_none() {
    assert_eq!(parse("s3://lectures", &KEY).unwrap_err(), S3SettingsError::Region);
    assert_eq!(parse("s3://lectures", &[("AWS_DEFAULT_REGION", "eu-west-2")]).unwrap().region, "eu-west-2");
    assert_eq!(parse("s3://lectures", &[LONDON, ("AWS_DEFAULT_REGION", "x")]).unwrap().region, "eu-west-2");
    assert_eq!(parse("s3://lectures", &[ELSEWHERE]).unwrap().region, "us-east-1");
}

#[test]
fn the_endpoint_for_s3_alone_comes_first() {
    let own = ("AWS_ENDPOINT_URL_S3", "https://objects.example.org");
    let settings = parse("s3://lectures", &[ELSEWHERE, own]).unwrap();
    assert_eq!(endpoint(&settings), "https://objects.example.org/");
}

#[test]
fn an_endpoint_in_the_clear_must_be_allowed() {
    let plain = ("AWS_ENDPOINT_URL", "http://minio:9000");
    let variable = "AWS_ENDPOINT_URL";
    assert_eq!(parse("s3://lectures", &[plain]).unwrap_err(), S3SettingsError::PlainHttp { variable });
    assert!(parse("s3://lectures", &[plain, ("AWS_ALLOW_HTTP", "true")]).unwrap().allow_http);
}

#[test]
fn an_endpoint_of_another_form_is_refused() {
    let variable = "AWS_ENDPOINT_URL";
    for value in ["s3.example.org", "ftp://example.org", "https://u:p@example.org", "https://example.org/?x"]
    {
        let error = parse("s3://lectures", &[(variable, value)]).unwrap_err();
        assert_eq!(error, S3SettingsError::Endpoint { variable }, "{value}");
    }
}

#[test]
fn a_switch_is_true_or_false() {
    let error = parse("s3://lectures", &[LONDON, ("AWS_ALLOW_HTTP", "maybe")]).unwrap_err();
    assert_eq!(error, S3SettingsError::Switch { variable: "AWS_ALLOW_HTTP" });
}

#[test]
fn half_a_key_is_refused() {
    for (given, missing) in [(KEY[0], "AWS_SECRET_ACCESS_KEY"), (KEY[1], "AWS_ACCESS_KEY_ID")] {
        let error = parse("s3://lectures", &[LONDON, given]).unwrap_err();
        assert_eq!(error, S3SettingsError::HalfAKey { missing });
    }
}

#[test]
fn an_empty_variable_is_not_set() {
    let empty = [LONDON, ("AWS_ACCESS_KEY_ID", ""), ("AWS_SESSION_TOKEN", ""), ("AWS_ENDPOINT_URL", "")];
    let settings = parse("s3://lectures", &empty).unwrap();
    assert!(matches!(settings.credentials, Credentials::Role(names) if names.is_empty()));
}

#[test]
fn without_a_key_the_role_counts() {
    let role =
        [LONDON, ("AWS_ROLE_ARN", "arn:aws:iam::1:role/x"), ("AWS_WEB_IDENTITY_TOKEN_FILE", "/run/token")];
    let Credentials::Role(names) = parse("s3://lectures", &role).unwrap().credentials else {
        panic!("no role")
    };
    assert_eq!(names.len(), 2);
}

#[test]
fn a_key_counts_before_a_role() {
    let both =
        [LONDON, KEY[0], KEY[1], ("AWS_SESSION_TOKEN", "IQoJb3J"), ("AWS_ROLE_ARN", "arn:aws:iam::1:role/x")];
    let Credentials::Key { secret, token, .. } = parse("s3://lectures", &both).unwrap().credentials else {
        panic!("no key")
    };
    assert_eq!((secret.expose_secret(), token.unwrap().expose_secret()), ("wJalrXUtn", "IQoJb3J"));
}

#[test]
fn no_secret_is_shown() {
    let settings =
        parse("s3://lectures", &[LONDON, KEY[0], KEY[1], ("AWS_SESSION_TOKEN", "IQoJb3J")]).unwrap();
    let store = format!("{settings:?} {:?}", super::super::open(&settings).unwrap());
    assert!(!store.contains("wJalr") && !store.contains("IQoJ"), "{store}");
    let error = parse("s3://AKIA:wJalrXUtn@lectures", &[LONDON]).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("wJalr"), "{error}");
}

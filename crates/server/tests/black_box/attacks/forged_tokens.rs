//! Tokens that the server never made.

use serde_json::{Value, json};

use super::forge::{StolenKey, claims, encode, sign_hs256, unsigned, with};
use crate::{
    client::{Account, problem},
    server::Server,
};

async fn present(server: &Server, access_token: &str) -> (u16, String) {
    let request = server.client.get(server.url("/v1/me")).bearer_auth(access_token);
    let response = request.send().await.unwrap();
    if response.status().is_success() { (200, String::new()) } else { problem(response).await }
}

async fn refresh(server: &Server, refresh_token: &str) -> (u16, String) {
    let body = json!({"refresh_token": refresh_token});
    let response = server.client.post(server.url("/v1/auth/refresh")).json(&body).send().await.unwrap();
    if response.status().is_success() { (200, String::new()) } else { problem(response).await }
}

fn invalid() -> (u16, String) {
    (401, "token_invalid".to_owned())
}

/// Without this, all others could pass for the wrong reason.
#[tokio::test]
async fn a_token_forged_with_the_stolen_key_is_taken() {
    let server = Server::start(&[]).await;
    let ada = Account::register(&server, "ada").await;
    let key = StolenKey::of(&server);
    let forged = key.sign_claims(&claims(ada.access_token()));
    assert_eq!(present(&server, &forged).await.0, 200);
    let forged = key.sign_claims(&claims(ada.refresh_token()));
    assert_eq!(refresh(&server, &forged).await.0, 200);
}

#[tokio::test]
async fn a_token_that_nobody_signed_is_refused() {
    let server = Server::start(&[]).await;
    let ada = Account::register(&server, "ada").await;
    let kid = StolenKey::of(&server).kid;
    let payload = claims(ada.access_token());
    for alg in ["none", "None", "NONE", "nOnE", "", "EdDSA", "HS256", "ES256", "RS256"] {
        let header = json!({"alg": alg, "typ": "JWT", "kid": kid});
        assert_eq!(present(&server, &unsigned(&header, &payload)).await, invalid(), "{alg}");
    }
    let without_kid = json!({"alg": "none", "typ": "JWT"});
    assert_eq!(present(&server, &unsigned(&without_kid, &payload)).await, invalid());
}

#[tokio::test]
async fn the_public_key_is_no_secret_to_sign_with() {
    let server = Server::start(&[]).await;
    let ada = Account::register(&server, "ada").await;
    let key = StolenKey::of(&server);
    let jwks = server.client.get(server.url("/.well-known/jwks.json")).send().await.unwrap();
    let jwks: Value = jwks.json().await.unwrap();
    let public = jwks.pointer("/keys/0/x").and_then(Value::as_str).unwrap();
    let payload = claims(ada.access_token());
    let secrets = [public.to_owned(), jwks.to_string(), jwks.pointer("/keys/0").unwrap().to_string()];
    for secret in secrets.iter().map(String::as_bytes).chain([key.pem.as_bytes(), b"", b"secret"]) {
        for alg in ["HS256", "EdDSA"] {
            let header = with(&key.header(), "alg", json!(alg));
            assert_eq!(present(&server, &sign_hs256(secret, &header, &payload)).await, invalid());
        }
    }
}

#[tokio::test]
async fn a_kid_is_never_a_path_or_an_address() {
    let server = Server::start(&[]).await;
    let ada = Account::register(&server, "ada").await;
    let key = StolenKey::of(&server);
    let payload = claims(ada.access_token()).to_string();
    let kid = key.kid.clone();
    for tricky in [
        "../../../../dev/null",
        "/dev/null",
        "",
        ".",
        &format!("../keys/{kid}"),
        &format!("./{kid}"),
        &format!("{kid}.pem"),
        &format!("{kid}\0"),
        &format!("{kid}' OR '1'='1"),
        "https://evil.example/key",
        "00000000-0000-0000-0000-000000000000",
    ] {
        let header = with(&key.header(), "kid", json!(tricky)).to_string();
        assert_eq!(present(&server, &key.sign(&header, &payload)).await, invalid(), "{tricky:?}");
    }
    let own_key = json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
    for (name, value) in [
        ("jku", json!("https://evil.example/jwks.json")),
        ("x5u", json!("https://evil.example/cert.pem")),
        ("jwk", own_key),
        ("x5c", json!(["MIIB"])),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
    ] {
        let header = with(&key.header(), name, value).to_string();
        assert_eq!(present(&server, &key.sign(&header, &payload)).await, invalid(), "{name}");
    }
}

/// Validly signed, so that it is the claim that is refused.
#[tokio::test]
async fn a_claim_that_does_not_fit_is_refused() {
    let server = Server::start(&[]).await;
    let ada = Account::register(&server, "ada").await;
    let eve = Account::register(&server, "eve").await;
    let key = StolenKey::of(&server);
    let payload = claims(ada.access_token());
    let others = claims(eve.access_token());
    let issued = payload.get("iat").and_then(Value::as_i64).unwrap();
    for (name, value) in [
        ("iss", json!("https://evil.example")),
        ("iss", json!(["http://lectern.test"])),
        ("type", json!("refresh")),
        ("type", json!("Access")),
        ("iat", json!(issued + 3_600)),
        ("iat", json!("now")),
        ("exp", json!(f64::MAX)),
        ("exp", json!("2999-01-01")),
        ("sub", others.get("sub").cloned().unwrap()),
        ("sub", json!(null)),
        ("sid", json!("")),
        ("epoch", json!("0")),
        ("permissions", json!("admin")),
    ] {
        let forged = key.sign_claims(&with(&payload, name, value.clone()));
        assert_eq!(present(&server, &forged).await, invalid(), "{name}: {value}");
    }
    for name in ["iss", "sub", "sid", "type", "iat", "exp", "epoch"] {
        let mut less = payload.clone();
        less.as_object_mut().unwrap().remove(name);
        assert_eq!(present(&server, &key.sign_claims(&less)).await, invalid(), "without {name}");
    }
    let expired = with(&with(&payload, "iat", json!(issued - 3_600)), "exp", json!(issued - 60));
    assert_eq!(present(&server, &key.sign_claims(&expired)).await, (401, "token_expired".to_owned()));
    let unknown = with(&payload, "sid", json!("018f3b0e-0000-7000-8000-000000000000"));
    assert_eq!(present(&server, &key.sign_claims(&unknown)).await, (401, "session_revoked".to_owned()));
}

/// Rights come from the database, whatever a token says.
#[tokio::test]
async fn a_role_in_a_token_gives_no_rights() {
    let server = Server::start(&[]).await;
    let ada = Account::register(&server, "ada").await;
    let key = StolenKey::of(&server);
    let payload = with(&claims(ada.access_token()), "role", json!("admin"));
    let forged = key.sign_claims(&with(&payload, "permissions", json!(["audit.view"])));
    let request = server.client.get(server.url("/v1/audit-events")).bearer_auth(forged);
    assert_eq!(problem(request.send().await.unwrap()).await, (403, "permission_denied".to_owned()));
}

#[tokio::test]
async fn a_token_of_the_other_kind_is_refused() {
    let server = Server::start(&[]).await;
    let ada = Account::register(&server, "ada").await;
    assert_eq!(present(&server, ada.refresh_token()).await, invalid());
    assert_eq!(refresh(&server, ada.access_token()).await, invalid());
}

#[tokio::test]
async fn a_tampered_token_is_refused() {
    let server = Server::start(&[]).await;
    let ada = Account::register(&server, "ada").await;
    let token = ada.access_token();
    let [header, payload, signature]: [&str; 3] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
    let admin = encode(&with(&claims(token), "role", json!("admin")).to_string());
    let mut flipped = signature.to_owned();
    flipped.replace_range(..1, if signature.starts_with('A') { "B" } else { "A" });
    for tampered in [
        format!("{header}.{admin}.{signature}"),
        format!("{header}.{payload}.{flipped}"),
        format!("{header}.{payload}."),
        format!("{header}.{payload}"),
        format!("{header}.{payload}.{signature}="),
        format!("{header}.{payload}.{signature}.{signature}"),
        format!("{header}.{payload}.{}", encode(&"\0".repeat(64))),
        format!("{header}.{payload}={}", &signature[1..]),
        format!("{payload}.{header}.{signature}"),
        "..".to_owned(),
        ".".to_owned(),
        "a".repeat(7_000),
    ] {
        assert_eq!(present(&server, &tampered).await, invalid(), "{tampered}");
    }
}

/// RFC 8725, section 3.10 and RFC 7519, section 4: which of two claims of one name counts must not be a matter of taste.
#[tokio::test]
async fn a_token_that_says_something_twice_or_more_than_it_should_is_refused() {
    let server = Server::start(&[]).await;
    let ada = Account::register(&server, "ada").await;
    let key = StolenKey::of(&server);
    let (header, payload) = (key.header().to_string(), claims(ada.access_token()).to_string());
    let after = |text: &str, more: &str| format!("{},{more}}}", text.strip_suffix('}').unwrap());
    for (header, payload) in [
        (header.clone(), after(&payload, r#""type":"access""#)),
        (header.clone(), after(&payload, r#""exp":99999999999"#)),
        (header.clone(), after(&payload, r#""admin":true"#)),
        (header.clone(), format!("[{payload}]")),
        (header.clone(), format!("{payload}{payload}")),
        (header.clone(), String::new()),
        (after(&header, r#""alg":"EdDSA""#), payload.clone()),
        (after(&header, r#""cty":"JWT""#), payload.clone()),
    ] {
        let forged = key.sign(&header, &payload);
        assert_eq!(present(&server, &forged).await, invalid(), "{header} {payload}");
    }
    let padded = with(&claims(ada.access_token()), "iss", json!("x".repeat(10_000)));
    assert_eq!(present(&server, &key.sign_claims(&padded)).await, invalid());
}

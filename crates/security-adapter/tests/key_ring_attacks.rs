//! Tokens that `KeyRing` must refuse. Those whose form is the point are signed with the ring's real key, so that
//! nothing but the form can be the reason.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod claims;

use std::fs;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use claims::{access, refresh};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use lectern_application::ports::{TokenRejected, TokenSigner};
use lectern_security_adapter::{JwtAlgorithm, KeyRing};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A ring, and its key in the attacker's hands.
struct Forge {
    _folder: TempDir,
    ring: KeyRing,
    kid: String,
    key: EncodingKey,
}

impl Forge {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ring = KeyRing::open(folder.path(), JwtAlgorithm::EdDsa).unwrap();
        let paths = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let file = paths.into_iter().find(|path| path.extension().is_some()).unwrap();
        let kid = file.file_stem().unwrap().to_str().unwrap().to_owned();
        let key = EncodingKey::from_ed_pem(&fs::read(file).unwrap()).unwrap();
        Self { _folder: folder, ring, kid, key }
    }

    fn header(&self) -> String {
        json!({"alg": "EdDSA", "typ": "JWT", "kid": self.kid}).to_string()
    }

    /// A token of any two texts with a genuine signature.
    fn sign(&self, header: &str, payload: &str) -> String {
        self.sign_parts(&URL_SAFE_NO_PAD.encode(header), &URL_SAFE_NO_PAD.encode(payload))
    }

    fn sign_parts(&self, header: &str, payload: &str) -> String {
        let message = format!("{header}.{payload}");
        let signature = crypto::sign(message.as_bytes(), &self.key, Algorithm::EdDSA).unwrap();
        format!("{message}.{signature}")
    }

    fn accepts(&self, token: &str) -> bool {
        self.ring.verify(token).is_ok()
    }
}

/// The parts of a token.
fn parts(token: &str) -> [String; 3] {
    let parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    parts.try_into().unwrap()
}

/// The payload of a genuine access token.
fn payload(forge: &Forge) -> Value {
    let [_, payload, _] = parts(&forge.ring.sign_access(&access()).unwrap());
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

fn with(mut object: Value, member: &str, value: Value) -> String {
    object[member] = value;
    object.to_string()
}

fn without(mut object: Value, member: &str) -> String {
    object.as_object_mut().unwrap().remove(member).unwrap();
    object.to_string()
}

#[test]
fn the_forge_makes_tokens_that_are_accepted() {
    let forge = Forge::new();
    assert!(forge.accepts(&forge.sign(&forge.header(), &payload(&forge).to_string())));
    let lower_case_type = forge.header().replace("JWT", "jwt");
    assert!(forge.accepts(&forge.sign(&lower_case_type, &payload(&forge).to_string())));
}

#[test]
fn a_token_without_signature_is_refused() {
    let forge = Forge::new();
    let [genuine_header, payload, signature] = parts(&forge.ring.sign_access(&access()).unwrap());
    for algorithm in ["none", "None", "NONE", ""] {
        let header =
            URL_SAFE_NO_PAD.encode(json!({"alg": algorithm, "typ": "JWT", "kid": forge.kid}).to_string());
        for signature in ["", signature.as_str()] {
            assert!(!forge.accepts(&format!("{header}.{payload}.{signature}")), "{algorithm}");
        }
    }
    assert!(!forge.accepts(&format!("{genuine_header}.{payload}.")));
    assert!(!forge.accepts(&format!("{genuine_header}.{payload}")));
}

#[test]
fn the_public_key_is_no_symmetric_key() {
    let forge = Forge::new();
    let set: Value = serde_json::from_str(&forge.ring.public_keys()).unwrap();
    let public = set["keys"][0]["x"].as_str().unwrap();
    let header = json!({"alg": "HS256", "typ": "JWT", "kid": forge.kid}).to_string();
    let message = [header, payload(&forge).to_string()].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
    for secret in [URL_SAFE_NO_PAD.decode(public).unwrap(), public.as_bytes().to_vec()] {
        let key = EncodingKey::from_secret(&secret);
        let signature = crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
        assert!(!forge.accepts(&format!("{message}.{signature}")));
    }
}

#[test]
fn another_algorithm_than_the_keys_own_is_refused_even_with_its_signature() {
    let forge = Forge::new();
    for algorithm in ["HS256", "ES256", "RS256", "eddsa", "Ed25519"] {
        let header = json!({"alg": algorithm, "typ": "JWT", "kid": forge.kid}).to_string();
        assert!(!forge.accepts(&forge.sign(&header, &payload(&forge).to_string())), "{algorithm}");
    }
}

#[test]
fn a_kid_is_never_a_path() {
    let forge = Forge::new();
    let own = forge.kid.clone();
    for kid in
        ["../../etc/passwd", "/dev/null", "", ".", &format!("./{own}"), &format!("{own}.pem"), "unknown"]
    {
        let header = json!({"alg": "EdDSA", "typ": "JWT", "kid": kid}).to_string();
        assert!(!forge.accepts(&forge.sign(&header, &payload(&forge).to_string())), "{kid}");
    }
}

#[test]
fn a_token_of_another_ring_is_refused() {
    let token = Forge::new().ring.sign_access(&access()).unwrap();
    assert_eq!(Forge::new().ring.verify(&token), Err(TokenRejected));
}

#[test]
fn a_tampered_token_is_refused() {
    let forge = Forge::new();
    let [header, genuine, signature] = parts(&forge.ring.sign_access(&access()).unwrap());
    let promoted = URL_SAFE_NO_PAD.encode(with(payload(&forge), "role", json!("admin")));
    assert_ne!(genuine, promoted);
    assert!(!forge.accepts(&format!("{header}.{promoted}.{signature}")));
    let [_, _, other] = parts(&forge.ring.sign_refresh(&refresh()).unwrap());
    assert!(!forge.accepts(&format!("{header}.{genuine}.{other}")));
}

#[test]
fn a_header_with_anything_more_or_less_or_else_is_refused() {
    let forge = Forge::new();
    let kid = &forge.kid;
    let headers = [
        json!({"alg": "EdDSA", "typ": "JWT"}).to_string(),
        json!({"alg": "EdDSA", "kid": kid}).to_string(),
        json!({"typ": "JWT", "kid": kid}).to_string(),
        json!({"alg": "EdDSA", "typ": "JOSE", "kid": kid}).to_string(),
        json!({"alg": "EdDSA", "typ": null, "kid": kid}).to_string(),
        json!({"alg": "EdDSA", "typ": "JWT", "kid": 1}).to_string(),
        json!({"alg": "EdDSA", "typ": "JWT", "kid": kid, "crit": ["exp"]}).to_string(),
        json!({"alg": "EdDSA", "typ": "JWT", "kid": kid, "crit": []}).to_string(),
        json!({"alg": "EdDSA", "typ": "JWT", "kid": kid, "jwk": {"kty": "OKP"}}).to_string(),
        json!({"alg": "EdDSA", "typ": "JWT", "kid": kid, "b64": false}).to_string(),
        format!(r#"{{"alg":"none","alg":"EdDSA","typ":"JWT","kid":"{kid}"}}"#),
        format!(r#"{{"alg":"EdDSA","typ":"JWT","kid":"x","kid":"{kid}"}}"#),
        json!(["EdDSA", "JWT", kid]).to_string(),
        format!("{}x", forge.header()),
        "{}".to_owned(),
        String::new(),
    ];
    for header in headers {
        assert!(!forge.accepts(&forge.sign(&header, &payload(&forge).to_string())), "{header}");
    }
}

#[test]
fn every_claim_is_needed() {
    let forge = Forge::new();
    let access = payload(&forge);
    let names = ["iss", "sub", "sid", "epoch", "role", "permissions", "type", "iat", "exp", "jti"];
    assert_eq!(access.as_object().unwrap().len(), names.len());
    for name in names {
        let token = forge.sign(&forge.header(), &without(access.clone(), name));
        assert!(!forge.accepts(&token), "{name}");
    }
}

#[test]
fn a_claim_of_another_type_is_refused() {
    let forge = Forge::new();
    for (name, value) in [
        ("iss", json!(["https://lectern.example"])),
        ("sub", json!(1)),
        ("sub", json!("1")),
        ("sid", Value::Null),
        ("epoch", json!("7")),
        ("epoch", json!(7.0)),
        ("role", json!("Not A Role")),
        ("permissions", json!("audit.view")),
        ("permissions", json!(["audit.view", 1])),
        ("permissions", json!(["Not A Permission"])),
        ("type", json!("session")),
        ("type", json!("refresh")),
        ("type", json!(["access"])),
        ("iat", json!("0")),
        ("exp", json!(900.5)),
        ("exp", json!(i64::MAX)),
        ("exp", json!(u64::MAX)),
        ("exp", json!(true)),
        ("jti", json!("not-a-uuid")),
        ("nbf", json!(0)),
    ] {
        let token = forge.sign(&forge.header(), &with(payload(&forge), name, value.clone()));
        assert!(!forge.accepts(&token), "{name}: {value}");
    }
}

#[test]
fn a_claim_that_comes_twice_is_refused() {
    let forge = Forge::new();
    let genuine = payload(&forge).to_string();
    for twice in [r#"{"role":"admin","#, r#"{"exp":900,"#, r#"{"type":"access","#, r#"{"x":1,"x":2,"#] {
        let doubled = genuine.replacen('{', twice, 1);
        assert!(!forge.accepts(&forge.sign(&forge.header(), &doubled)), "{doubled}");
    }
}

#[test]
fn a_payload_with_anything_around_it_is_refused() {
    let forge = Forge::new();
    let genuine = payload(&forge).to_string();
    for payload in
        [format!("{genuine}x"), format!("{genuine}{genuine}"), format!(" {genuine}"), format!("[{genuine}]")]
    {
        assert!(!forge.accepts(&forge.sign(&forge.header(), &payload)), "{payload}");
    }
}

#[test]
fn base64_must_be_canonical() {
    let forge = Forge::new();
    let [header, payload, signature] = parts(&forge.ring.sign_access(&access()).unwrap());
    // 64 bytes leave four unused bits in the last character of 86; 'Q' and 'R' differ in those only.
    assert_eq!(signature.len(), 86);
    let last = signature.chars().last().unwrap();
    let alias = match last {
        'A' => 'B',
        'Q' => 'R',
        'g' => 'h',
        _ => 'x',
    };
    let aliased = format!("{}{alias}", &signature[..85]);
    for signature in [aliased, format!("{signature}=="), format!("{signature}\n"), format!(" {signature}")] {
        assert!(!forge.accepts(&format!("{header}.{payload}.{signature}")), "{signature}");
    }
    for payload in [format!("{payload}="), format!("{payload}=="), format!("{payload}\n")] {
        assert!(!forge.accepts(&forge.sign_parts(&header, &payload)), "{payload}");
    }
}

#[test]
fn a_token_has_three_parts() {
    let forge = Forge::new();
    let token = forge.ring.sign_access(&access()).unwrap();
    for token in [
        "",
        ".",
        "..",
        "...",
        &format!("{token}."),
        &format!(".{token}"),
        &format!("{token}.x"),
        &format!("{token} "),
    ] {
        assert!(!forge.accepts(token), "{token}");
    }
}

#[test]
fn a_token_beyond_8_kib_is_refused() {
    let forge = Forge::new();
    let issuer_of = |length: usize| with(payload(&forge), "iss", json!("x".repeat(length)));
    let token_of = |length: usize| forge.sign(&forge.header(), &issuer_of(length));
    let longest = (0..8192).rev().map(token_of).find(|token| token.len() <= 8192).unwrap();
    assert!(forge.accepts(&longest));
    let too_long = (5000..8192).map(token_of).find(|token| token.len() > 8192).unwrap();
    assert!(!forge.accepts(&too_long));
}

#[test]
fn expired_tokens_pass() {
    let forge = Forge::new();
    assert!(forge.accepts(&forge.ring.sign_access(&access()).unwrap()));
}

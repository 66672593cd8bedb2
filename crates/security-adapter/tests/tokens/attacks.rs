//! Tokens that `KeyRing` must refuse. Those whose form is the point are signed with the ring's real key, so that
//! nothing but the form can be the reason.

use lectern_application::ports::TokenSigner;
use serde_json::{Value, json};

use crate::{claims::access, forge::Forge};

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
    for forge in Forge::all() {
        assert!(forge.accepts(&forge.sign(&forge.header(), &forge.payload().to_string())));
        let lower_case_type = forge.header().replace("JWT", "jwt");
        assert!(forge.accepts(&forge.sign(&lower_case_type, &forge.payload().to_string())));
    }
}

#[test]
fn a_header_with_anything_more_or_less_or_else_is_refused() {
    for forge in Forge::all() {
        let (kid, alg) = (&forge.kid, forge.algorithm.as_str());
        let headers = [
            json!({"alg": alg, "typ": "JWT"}).to_string(),
            json!({"alg": alg, "kid": kid}).to_string(),
            json!({"typ": "JWT", "kid": kid}).to_string(),
            json!({"alg": alg, "typ": "JOSE", "kid": kid}).to_string(),
            json!({"alg": alg, "typ": null, "kid": kid}).to_string(),
            json!({"alg": alg, "typ": "JWT", "kid": 1}).to_string(),
            json!({"alg": alg, "typ": "JWT", "kid": kid, "crit": ["exp"]}).to_string(),
            json!({"alg": alg, "typ": "JWT", "kid": kid, "crit": []}).to_string(),
            json!({"alg": alg, "typ": "JWT", "kid": kid, "jwk": {"kty": "OKP"}}).to_string(),
            json!({"alg": alg, "typ": "JWT", "kid": kid, "b64": false}).to_string(),
            json!({"alg": alg, "typ": "JWT", "kid": kid, "b64": false, "crit": ["b64"]}).to_string(),
            json!({"alg": alg, "typ": "JWT", "kid": kid, "jwk": forge.public_key()}).to_string(),
            json!({"alg": alg, "typ": "JWT", "kid": kid, "jku": "https://evil.example/jwks.json"})
                .to_string(),
            json!({"alg": alg, "typ": "JWT", "kid": kid, "x5u": "https://evil.example/x5u.pem"}).to_string(),
            json!({"alg": alg, "typ": "JWT", "kid": kid, "x5c": ["AAAA"]}).to_string(),
            json!({"alg": alg, "typ": "JWT", "kid": kid, "zip": "DEF"}).to_string(),
            json!({"alg": alg, "typ": "JWT", "kid": kid, "cty": "JWT"}).to_string(),
            format!(r#"{{"alg":"none","alg":"{alg}","typ":"JWT","kid":"{kid}"}}"#),
            format!(r#"{{"alg":"{alg}","typ":"JWT","kid":"x","kid":"{kid}"}}"#),
            json!([alg, "JWT", kid]).to_string(),
            format!("{}x", forge.header()),
            "{}".to_owned(),
            String::new(),
        ];
        for header in headers {
            assert!(!forge.accepts(&forge.sign(&header, &forge.payload().to_string())), "{header}");
        }
    }
}

#[test]
fn every_claim_is_needed() {
    for forge in Forge::all() {
        let access = forge.payload();
        let names = ["iss", "sub", "sid", "epoch", "role", "permissions", "type", "iat", "exp", "jti"];
        assert_eq!(access.as_object().unwrap().len(), names.len());
        for name in names {
            let token = forge.sign(&forge.header(), &without(access.clone(), name));
            assert!(!forge.accepts(&token), "{name}");
        }
    }
}

#[test]
fn a_claim_of_another_type_is_refused() {
    for forge in Forge::all() {
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
            let token = forge.sign(&forge.header(), &with(forge.payload(), name, value.clone()));
            assert!(!forge.accepts(&token), "{name}: {value}");
        }
    }
}

#[test]
fn a_claim_that_comes_twice_is_refused() {
    for forge in Forge::all() {
        let genuine = forge.payload().to_string();
        for twice in [r#"{"role":"admin","#, r#"{"exp":900,"#, r#"{"type":"access","#, r#"{"x":1,"x":2,"#] {
            let doubled = genuine.replacen('{', twice, 1);
            assert!(!forge.accepts(&forge.sign(&forge.header(), &doubled)), "{doubled}");
        }
    }
}

#[test]
fn a_payload_with_anything_around_it_is_refused() {
    for forge in Forge::all() {
        let genuine = forge.payload().to_string();
        for payload in [
            format!("{genuine}x"),
            format!("{genuine}{genuine}"),
            format!(" {genuine}"),
            format!("[{genuine}]"),
        ] {
            assert!(!forge.accepts(&forge.sign(&forge.header(), &payload)), "{payload}");
        }
    }
}

#[test]
fn a_token_has_three_parts() {
    for forge in Forge::all() {
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
}

#[test]
fn a_token_beyond_8_kib_is_refused() {
    for forge in Forge::all() {
        let issuer_of = |length: usize| with(forge.payload(), "iss", json!("x".repeat(length)));
        let token_of = |length: usize| forge.sign(&forge.header(), &issuer_of(length));
        // Three bytes are four characters of base64.
        let about = (8192 - token_of(0).len()) / 4 * 3;
        let longest = (about..about + 8).rev().map(token_of).find(|token| token.len() <= 8192).unwrap();
        assert!(longest.len() > 8188 && forge.accepts(&longest));
        let too_long = (about..about + 8).map(token_of).find(|token| token.len() > 8192).unwrap();
        assert!(!forge.accepts(&too_long));
    }
}

#[test]
fn expired_tokens_pass() {
    for forge in Forge::all() {
        assert!(forge.accepts(&forge.ring.sign_access(&access()).unwrap()));
    }
}

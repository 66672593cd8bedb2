//! Tokens that `KeyRing` must refuse because nobody with the right key signed them, whatever they say of themselves.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use lectern_application::ports::TokenSigner;
use lectern_security_adapter::JwtAlgorithm;
use serde_json::{Value, json};

use crate::{
    claims::{access, refresh},
    forge::{Forge, parts},
};

#[test]
fn a_token_without_signature_is_refused() {
    for forge in Forge::all() {
        let [genuine, payload, signature] = forge.genuine();
        for algorithm in ["none", "None", "NONE", "nOnE", ""] {
            let header = URL_SAFE_NO_PAD.encode(forge.header_for(algorithm));
            for signature in ["", signature.as_str()] {
                assert!(!forge.accepts(&format!("{header}.{payload}.{signature}")), "{algorithm}");
            }
        }
        assert!(!forge.accepts(&format!("{genuine}.{payload}.")));
        assert!(!forge.accepts(&format!("{genuine}.{payload}")));
    }
}

#[test]
fn a_signature_of_all_zeros_is_refused() {
    for forge in Forge::all() {
        let [header, payload, _] = forge.genuine();
        for length in [1, 32, 64, 96] {
            let signature = URL_SAFE_NO_PAD.encode(vec![0; length]);
            assert!(!forge.accepts(&format!("{header}.{payload}.{signature}")), "{length}");
        }
    }
}

/// The order of P-256 (SEC 2, section 2.4.2).
const ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

fn number(hex: &str) -> Vec<u8> {
    let digits = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(digits).collect()
}

/// "Psychic signatures": a verifier that forgets to check the range of r and s takes them for any message.
#[test]
fn an_ecdsa_signature_out_of_range_is_refused() {
    let forge = Forge::new(JwtAlgorithm::Es256);
    let [header, payload, _] = forge.genuine();
    let zero = vec![0; 32];
    let one = [vec![0; 31], vec![1]].concat();
    let order = number(ORDER);
    let numbers = [zero, one, order, vec![0xff; 32]];
    for r in &numbers {
        for s in &numbers {
            let signature = URL_SAFE_NO_PAD.encode([r.as_slice(), s].concat());
            assert!(!forge.accepts(&format!("{header}.{payload}.{signature}")), "{r:02x?} {s:02x?}");
        }
    }
}

/// JWS wants r and s one after the other (RFC 7518, section 3.4), where most other protocols have them in DER.
#[test]
fn an_ecdsa_signature_in_der_is_refused() {
    let algorithm: &EcdsaSigningAlgorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
    let forge = Forge::new(JwtAlgorithm::Es256);
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, forge.pkcs8()).unwrap();
    let [header, payload, _] = forge.genuine();
    let message = format!("{header}.{payload}");
    let der = pair.sign(&aws_lc_rs::rand::SystemRandom::new(), message.as_bytes()).unwrap();
    assert!(der.as_ref().starts_with(&[0x30]));
    assert!(!forge.accepts(&format!("{message}.{}", URL_SAFE_NO_PAD.encode(der.as_ref()))));
}

/// The beginnings of public keys in DER (RFC 8410, section 4; RFC 5480, section 2), before what the JWK has.
const ED25519_PREFIX: &str = "302a300506032b6570032100";
const P256_PREFIX: &str = "3059301306072a8648ce3d020106082a8648ce3d03010703420004";

/// What a library that takes any public key for an HMAC secret might take for it.
fn public_forms(forge: &Forge) -> Vec<Vec<u8>> {
    let jwk = forge.public_key();
    let coordinate = |name: &str| jwk[name].as_str().map(|text| URL_SAFE_NO_PAD.decode(text).unwrap());
    let raw = [coordinate("x"), coordinate("y")].into_iter().flatten().collect::<Vec<_>>().concat();
    let prefix = if forge.algorithm == JwtAlgorithm::Es256 { P256_PREFIX } else { ED25519_PREFIX };
    let der = [number(prefix), raw.clone()].concat();
    let lines = STANDARD.encode(&der).as_bytes().chunks(64).map(<[u8]>::to_vec).collect::<Vec<_>>();
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----",
        String::from_utf8(lines.join(&b'\n')).unwrap()
    );
    let mut forms = vec![
        coordinate("x").unwrap(),
        jwk["x"].as_str().unwrap().into(),
        [&[4], raw.as_slice()].concat(),
        raw,
        der,
        format!("{pem}\n").into(),
        pem.into(),
        jwk.to_string().into(),
        forge.ring.public_keys().into(),
        forge.kid.clone().into(),
    ];
    forms.push(Vec::new());
    forms
}

#[test]
fn the_public_key_is_no_symmetric_key() {
    for forge in [JwtAlgorithm::EdDsa, JwtAlgorithm::Es256].map(Forge::new) {
        for secret in public_forms(&forge) {
            assert!(!forge.accepts(&forge.sign_by_secret(&secret)), "{secret:?}");
        }
    }
}

#[test]
fn another_algorithm_than_the_keys_own_is_refused_even_with_its_signature() {
    for forge in Forge::all() {
        let own = forge.algorithm.as_str();
        let others =
            ["EdDSA", "HS256", "HS384", "ES256", "ES384", "RS256", "PS256", "eddsa", "es256", "Ed25519"];
        for algorithm in others.into_iter().filter(|&other| other != own) {
            let token = forge.sign(&forge.header_for(algorithm), &forge.payload().to_string());
            assert!(!forge.accepts(&token), "{own} as {algorithm}");
        }
    }
}

#[test]
fn a_kid_is_never_a_path() {
    for forge in Forge::all() {
        let own = &forge.kid;
        let header =
            |kid: &Value| json!({"alg": forge.algorithm.as_str(), "typ": "JWT", "kid": kid}).to_string();
        for kid in [
            "../../etc/passwd",
            "/etc/passwd",
            "/dev/null",
            "/proc/sys/kernel/randomize_va_space",
            "",
            ".",
            "..",
            ".lock",
            "unknown",
            "' OR '1'='1",
            "%2e%2e%2f",
            &format!("./{own}"),
            &format!("../keys/{own}"),
            &format!("{own}.pem"),
            &format!("{own}.secret"),
            &format!("{own}\0"),
            &format!("{own}\0.pem"),
            &format!(" {own}"),
            &own.to_uppercase(),
        ] {
            let token = forge.sign(&header(&json!(kid)), &forge.payload().to_string());
            assert!(!forge.accepts(&token), "{kid}");
        }
        assert!(forge.accepts(&forge.sign(&header(&json!(own)), &forge.payload().to_string())));
    }
}

/// What an HMAC by an empty file or by a known text would pass, were a `kid` a path.
#[test]
fn a_token_signed_by_what_a_kid_points_to_is_refused() {
    for forge in Forge::all() {
        for secret in [b"".as_slice(), b"2\n", b"\0"] {
            assert!(!forge.accepts(&forge.sign_by_secret(secret)));
        }
    }
}

#[test]
fn a_token_of_another_ring_is_refused() {
    for (forge, other) in Forge::all().into_iter().zip(Forge::all()) {
        assert!(!forge.accepts(&other.ring.sign_access(&access()).unwrap()));
        // Even if it names a key of this one.
        assert!(!forge.accepts(&other.sign(&forge.header(), &forge.payload().to_string())));
    }
}

#[test]
fn a_tampered_token_is_refused() {
    for forge in Forge::all() {
        let [header, genuine, signature] = forge.genuine();
        let mut promoted = forge.payload();
        promoted["role"] = json!("admin");
        let promoted = URL_SAFE_NO_PAD.encode(promoted.to_string());
        assert_ne!(genuine, promoted);
        assert!(!forge.accepts(&format!("{header}.{promoted}.{signature}")));
        let [_, _, other] = parts(&forge.ring.sign_refresh(&refresh()).unwrap());
        assert!(!forge.accepts(&format!("{header}.{genuine}.{other}")));
        let twice = URL_SAFE_NO_PAD.decode(&signature).unwrap().repeat(2);
        assert!(!forge.accepts(&format!("{header}.{genuine}.{}", URL_SAFE_NO_PAD.encode(twice))));
    }
}

#[test]
fn base64_must_be_canonical() {
    for forge in Forge::all() {
        let [header, payload, signature] = forge.genuine();
        // 64 bytes leave four unused bits in the last character of 86, 32 bytes two in the last of 43.
        let (stem, last) = signature.split_at(signature.len() - 1);
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let unused = alphabet.chars().filter(|other| !last.starts_with(*other));
        for other in unused {
            assert!(!forge.accepts(&format!("{header}.{payload}.{stem}{other}")), "{last} as {other}");
        }
        let variants = [
            format!("{signature}="),
            format!("{signature}=="),
            format!("{signature}\n"),
            format!(" {signature}"),
            signature.replace('-', "+").replace('_', "/") + "=",
        ];
        for signature in variants {
            assert!(!forge.accepts(&format!("{header}.{payload}.{signature}")), "{signature}");
        }
        for payload in [format!("{payload}="), format!("{payload}=="), format!("{payload}\n")] {
            assert!(!forge.accepts(&forge.sign_parts(&header, &payload)), "{payload}");
        }
    }
}

//! Passwords against the hashes of other systems, which may be hostile.
//!
//! The vectors were made in Python with passlib 1.7.4 (on bcrypt 4.0.1) and argon2-cffi 25.1.0:
//!
//! ```python
//! b = passlib.hash.bcrypt_sha256.using(rounds=4, salt="abcdefghijklmnopqrstuu")
//! b.hash(password)                   # $bcrypt-sha256$v=2,t=2b,r=4$…
//! b.using(version=1).hash(password)  # $bcrypt-sha256$2b,4$…
//! argon2.low_level.hash_secret(password, salt, time_cost=…, memory_cost=…, parallelism=…, hash_len=…, type=…)
//! ```
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::num::NonZeroUsize;

use lectern_application::ports::{HashError, PasswordHasher, Verified};
use lectern_domain::account::{Password, PasswordHash};
use lectern_security_adapter::{BcryptHasher, BcryptSettings};

fn password(text: &str) -> Password {
    Password::new(text.to_owned()).unwrap()
}

async fn verify(text: &str, hash: &str) -> Result<Verified, HashError> {
    let settings = BcryptSettings { cost: 4, workers: NonZeroUsize::MIN, queue: 0 };
    let hasher = BcryptHasher::new(settings).unwrap();
    hasher.verify(password(text), PasswordHash::new(hash.to_owned())).await
}

async fn is_refused(hash: &str) -> bool {
    matches!(verify("correct horse", hash).await, Err(HashError::Invalid { .. }))
}

/// A password and its hash by another system.
type Vector = (&'static str, &'static str);

const PASSLIB: [Vector; 4] = [
    ("correct horse", "$bcrypt-sha256$v=2,t=2b,r=4$abcdefghijklmnopqrstuu$DDZkjU09Vim05Ait7x7R.JfuHDNAppu"),
    ("correct horse", "$bcrypt-sha256$2b,4$abcdefghijklmnopqrstuu$fm19hcnOB5jVIa57e1DmQZ/XByRYI72"),
    ("correct horse", "$bcrypt-sha256$2a,4$abcdefghijklmnopqrstuu$fm19hcnOB5jVIa57e1DmQZ/XByRYI72"),
    ("пароль", "$bcrypt-sha256$v=2,t=2b,r=4$abcdefghijklmnopqrstuu$lxY.JVk.wdVif3HWnR4zlDdLJWm/Q2C"),
];

const ARGON2: [Vector; 8] = [
    (
        "correct horse",
        "$argon2id$v=19$m=256,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$BaW4fpaHKjCZWAGDYdvtrxLvSh/SRTUPoEiB6ytkbCs",
    ),
    ("correct horse", "$argon2id$v=19$m=64,t=3,p=4$c2FsdHNhbHQ$RvF5sqxUN0wL0BlBzCmCBA"),
    (
        "correct horse",
        "$argon2i$v=19$m=256,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$KuC7rtmbFYDshX2KbKZjJ6KD/vxEmx9HeYrx1ZrGSWE",
    ),
    ("correct horse", "$argon2i$v=19$m=64,t=3,p=4$c2FsdHNhbHQ$ecHrrSQ90rMaVg8Pyvg8GQ"),
    (
        "correct horse",
        "$argon2d$v=19$m=256,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$XR/4TZL+nz3YNKwFGdftKI9IgtFHjOF0sqgzOy/oIps",
    ),
    // The version before the RFC's.
    ("correct horse", "$argon2id$v=16$m=64,t=3,p=4$c2FsdHNhbHQ$J6DyYWKjhk4iP95UB+tcRg"),
    ("correct horse", "$argon2id$m=64,t=3,p=4$c2FsdHNhbHQ$J6DyYWKjhk4iP95UB+tcRg"),
    (
        "пароль",
        "$argon2id$v=19$m=64,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$wOetNV+5BrjSCcMF9tN3/R1nmuD4Q1ol/mzo/G+JAdk",
    ),
];

/// What passlib and argon2-cffi make if nobody tells them otherwise.
const DEFAULTS: [Vector; 4] = [
    ("correct horse", "$bcrypt-sha256$v=2,t=2b,r=12$W4maxsVXSgJ.nvss18Ewru$j7UBiS5hz2Be3NJBXizvfrrxGyi2gNu"),
    ("correct horse", "$bcrypt-sha256$2b,12$OjqoHYD6nJmkYalUC7ru1O$8EkxNZPdRZCC5IQWKYksozA2CFXXQ3q"),
    (
        "correct horse",
        "$argon2id$v=19$m=65536,t=3,p=4$dBd99Ipotr+7NpiIL8/gQA$GZKWH61FZOjdttql8A74N3yRkHV2L1Qctr2yW3+YKB0",
    ),
    (
        "correct horse",
        "$argon2id$v=19$m=65536,t=3,p=4$ltKas1aKsZbSeq/VWguhdA$aeye6MaVbI0dbUa41ByW4wq3OsoryWoEpYiUtYNrDHA",
    ),
];

/// Hashes of `a`, repeated.
const LONG: [(usize, [&str; 3]); 4] = [
    (
        71,
        [
            "$bcrypt-sha256$v=2,t=2b,r=4$abcdefghijklmnopqrstuu$4keXnBSETrAPgpspNEoIIDwOTcTL8iW",
            "$bcrypt-sha256$2b,4$abcdefghijklmnopqrstuu$AYZaFSX4jbY5MhlansBj.ilC.t.eF7i",
            "$argon2id$v=19$m=64,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$sZ40m1EFmz5dK73FMuwpNR05sqt3OMztFGglFtVlrAQ",
        ],
    ),
    (
        72,
        [
            "$bcrypt-sha256$v=2,t=2b,r=4$abcdefghijklmnopqrstuu$jaoJ8eQl68XIU0mUzliSoSpZhTXTmym",
            "$bcrypt-sha256$2b,4$abcdefghijklmnopqrstuu$MZdaFkxTmWajqHlnY1xpdV3aw/JQMVy",
            "$argon2id$v=19$m=64,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$hrHvFJLmAx/f0JTjkr9rD3V1YS8ze4hyplAo5J+W0xk",
        ],
    ),
    (
        73,
        [
            "$bcrypt-sha256$v=2,t=2b,r=4$abcdefghijklmnopqrstuu$cUHaFfOheX.UlG.wVZ3t4rC9z/87CFG",
            "$bcrypt-sha256$2b,4$abcdefghijklmnopqrstuu$nMEchPFP.GMa3fNP9VjFqdwZqsWRD26",
            "$argon2id$v=19$m=64,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$Wi+yox2TgX0YUILkkrjEkaGghRNcqCDpVbFyjVaysdg",
        ],
    ),
    (
        300,
        [
            "$bcrypt-sha256$v=2,t=2b,r=4$abcdefghijklmnopqrstuu$RdHk6UrEG2kagkqN1C4iuA1MIGhnAf6",
            "$bcrypt-sha256$2b,4$abcdefghijklmnopqrstuu$732YxqcfkyAHmCAyA0pdVBL8G0GzSkm",
            "$argon2id$v=19$m=64,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$mjXgRyrazGCJgsfJv+NBI0/+PxVFfjT17eUlAqWxjP4",
        ],
    ),
];

#[tokio::test]
async fn a_foreign_hash_matches_its_password_and_is_outdated() {
    for (text, hash) in PASSLIB.into_iter().chain(ARGON2).chain(DEFAULTS) {
        assert_eq!(verify(text, hash).await.unwrap(), Verified::MatchOutdated, "{hash}");
    }
}

#[tokio::test]
async fn a_foreign_hash_matches_no_other_password() {
    for (_, hash) in PASSLIB.into_iter().chain(ARGON2) {
        for other in ["correct house", "correct horse ", "correct hors", ""] {
            assert_eq!(verify(other, hash).await.unwrap(), Verified::Mismatch, "{hash}");
        }
    }
}

#[tokio::test]
async fn every_byte_of_a_long_password_counts_in_foreign_hashes_too() {
    for (length, hashes) in LONG {
        let stem = "a".repeat(length - 1);
        for hash in hashes {
            let right = verify(&format!("{stem}a"), hash).await.unwrap();
            assert_eq!(right, Verified::MatchOutdated, "{length}: {hash}");
            for wrong in [format!("{stem}b"), stem.clone(), format!("{stem}aa")] {
                assert_eq!(verify(&wrong, hash).await.unwrap(), Verified::Mismatch, "{length}: {hash}");
            }
        }
    }
}

#[tokio::test]
async fn our_tagged_form_is_told_apart_from_those_of_passlib() {
    let text = "a".repeat(300);
    let settings = BcryptSettings { cost: 4, workers: NonZeroUsize::MIN, queue: 0 };
    let own = BcryptHasher::new(settings).unwrap().hash(password(&text)).await.unwrap();
    assert_eq!(verify(&text, own.as_str()).await.unwrap(), Verified::Match);
    // The same salt and digest, written as passlib's first version writes them, mean the same, and are outdated.
    let (salt, digest) = own.as_str().strip_prefix("$bcrypt-sha256$2b$04$").unwrap().split_at(22);
    let first = format!("$bcrypt-sha256$2b,4${salt}${digest}");
    assert_eq!(verify(&text, &first).await.unwrap(), Verified::MatchOutdated);
    // Its second version hashes something else.
    let second = format!("$bcrypt-sha256$v=2,t=2b,r=4${salt}${digest}");
    assert_eq!(verify(&text, &second).await.unwrap(), Verified::Mismatch);
}

#[tokio::test]
async fn a_malformed_hash_of_passlib_is_refused() {
    let (salt, digest) = ("abcdefghijklmnopqrstuu", "fm19hcnOB5jVIa57e1DmQZ/XByRYI72");
    for parameters in [
        "2y,4",
        "2x,4",
        "2b,04",
        "2b,+4",
        "2b,",
        "2b,x",
        "2b,4,4",
        "2b,4294967296",
        "v=1,t=2b,r=4",
        "v=3,t=2b,r=4",
        "v=2,t=2a,r=4",
        "v=2,t=2b,r=04",
        "v=2,t=2b,4",
        "v=2,t=2b",
        "t=2b,v=2,r=4",
        "v=2,t=2b,r=4,x=1",
    ] {
        assert!(is_refused(&format!("$bcrypt-sha256${parameters}${salt}${digest}")).await, "{parameters}");
    }
    for rest in [
        String::new(),
        salt.to_owned(),
        format!("{salt}${digest}$"),
        format!("{salt}{digest}"),
        format!("{}${digest}x", &salt[1..]),
        format!("{salt}${}", &digest[1..]),
        format!("{salt}${}é", &digest[2..]),
        // The last character of a salt has four bits that are not used.
        format!("{}z${digest}", &salt[..21]),
    ] {
        for parameters in ["2b,4", "v=2,t=2b,r=4"] {
            assert!(is_refused(&format!("$bcrypt-sha256${parameters}${rest}")).await, "{parameters} {rest}");
        }
    }
}

#[tokio::test]
async fn a_hash_of_passlib_that_asks_for_too_much_work_is_refused() {
    let rest = "abcdefghijklmnopqrstuu$fm19hcnOB5jVIa57e1DmQZ/XByRYI72";
    for cost in [0, 3, 17, 31, 99, 100] {
        assert!(is_refused(&format!("$bcrypt-sha256$2b,{cost}${rest}")).await, "{cost}");
        assert!(is_refused(&format!("$bcrypt-sha256$v=2,t=2b,r={cost}${rest}")).await, "{cost}");
    }
}

#[tokio::test]
async fn an_argon2_hash_that_asks_for_too_much_is_refused() {
    for parameters in [
        // Memory: just too much, and all there is to say.
        "m=262145,t=1,p=1",
        "m=4294967295,t=1,p=1",
        // Passes, alone and with memory.
        "m=64,t=65,p=1",
        "m=64,t=4294967295,p=1",
        "m=262144,t=5,p=1",
        "m=65536,t=17,p=1",
        // Lanes.
        "m=262144,t=1,p=17",
        "m=262144,t=1,p=16777215",
    ] {
        let hash = format!("$argon2id$v=19${parameters}$c2FsdHNhbHQ$RvF5sqxUN0wL0BlBzCmCBA");
        assert!(is_refused(&hash).await, "{parameters}");
    }
}

#[tokio::test]
async fn an_argon2_hash_at_the_limits_is_computed() {
    for parameters in ["m=262144,t=1,p=16", "m=64,t=64,p=8"] {
        let hash = format!("$argon2id$v=19${parameters}$c2FsdHNhbHQ$RvF5sqxUN0wL0BlBzCmCBA");
        assert_eq!(verify("correct horse", &hash).await.unwrap(), Verified::Mismatch, "{parameters}");
    }
}

#[tokio::test]
async fn a_malformed_argon2_hash_is_refused() {
    let (salt, digest) = ("c2FsdHNhbHQ", "RvF5sqxUN0wL0BlBzCmCBA");
    let long = "A".repeat(128);
    for hash in [
        "$argon2".to_owned(),
        "$argon2id".to_owned(),
        format!("$argon2id$v=19$m=64,t=3,p=4${salt}"),
        format!("$argon2id$v=19$m=64,t=3,p=4${salt}${digest}$"),
        format!("$argon2id$v=19$m=64,t=3,p=4${salt}${digest}="),
        format!("$argon2id$v=19$m=64,t=3,p=4${salt}${digest}\n"),
        format!("$argon2id$v=19$m=64,t=3,p=4${salt}${}", &digest[..8]),
        format!("$argon2id$v=19$m=64,t=3,p=4${salt}${long}"),
        format!("$argon2id$v=19$m=64,t=3,p=4$$${digest}"),
        format!("$argon2id$v=19$m=64,t=3,p=4$c2FsdA${digest}"),
        format!("$argon2id$v=19$m=64,t=3,p=4${long}${digest}"),
        format!("$argon2id$v=19$m=64,t=3,p=4$пароль${digest}"),
        format!("$argon2id$v=18$m=64,t=3,p=4${salt}${digest}"),
        format!("$argon2id$v=19$m=7,t=3,p=1${salt}${digest}"),
        format!("$argon2id$v=19$m=31,t=3,p=4${salt}${digest}"),
        format!("$argon2id$v=19$m=64,t=0,p=4${salt}${digest}"),
        format!("$argon2id$v=19$m=64,t=3,p=0${salt}${digest}"),
        format!("$argon2id$v=19$m=-64,t=3,p=4${salt}${digest}"),
        format!("$argon2id$v=19$m=4294967296,t=3,p=4${salt}${digest}"),
        format!("$argon2id$v=19$t=3,p=4${salt}${digest}"),
        format!("$argon2id$v=19${salt}${digest}"),
        format!("$argon2id$v=19$m=64,t=3,p=4,keyid=AAAA${salt}${digest}"),
        format!("$argon2id$v=19$m=64,t=3,p=4,data=AAAA${salt}${digest}"),
        format!("$argon2id$v=19$m=64,m=64,t=3,p=4${salt}${digest}"),
        format!("$argon2x$v=19$m=64,t=3,p=4${salt}${digest}"),
        format!("$argon2id,m=64$v=19$m=64,t=3,p=4${salt}${digest}"),
    ] {
        assert!(is_refused(&hash).await, "{hash}");
    }
}

#[tokio::test]
async fn an_error_about_a_foreign_hash_does_not_show_it() {
    for hash in [
        "$argon2id$v=19$m=262145,t=1,p=1$c2FsdHNhbHQ$RvF5sqxUN0wL0BlBzCmCBA",
        "$bcrypt-sha256$2b,17$abcdefghijklmnopqrstuu$fm19hcnOB5jVIa57e1DmQZ/XByRYI72",
    ] {
        let error = format!("{:?}", verify("correct horse", hash).await.unwrap_err());
        assert!(!error.contains("c2FsdHNhbHQ") && !error.contains("abcdefghijkl"), "{error}");
    }
}

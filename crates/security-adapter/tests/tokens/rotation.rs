//! Keys are replaced while rings use them.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::Path,
    sync::{Arc, Barrier},
    thread,
    time::Duration,
};

use lectern_application::ports::{Clock, TokenRejected, TokenSigner};
use lectern_domain::time::Timestamp;
use lectern_security_adapter::{
    JwtAlgorithm, KeyRing, KeyState, ListedKey, Rotated, Rotation, list_keys, rotate_keys,
};
use lectern_testkit::clock::{FakeClock, START};
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    claims::{access_at, refresh_at},
    rings::{TOKEN_LIFETIME, header, key_files, settings, write_key},
};

const OVERLAP: Duration = Rotation::DEFAULT_OVERLAP;
/// A second less than that.
const ALMOST_OVERLAP: Duration = Duration::from_secs(599);
const SECOND: Duration = Duration::from_secs(1);
/// What is more than enough for a key to be retired.
const LONG: Duration = Duration::from_hours(721);

/// A folder of keys, a ring that is open on it, and the time.
struct Bench {
    folder: TempDir,
    algorithm: JwtAlgorithm,
    clock: Arc<FakeClock>,
    ring: KeyRing,
}

impl Bench {
    fn new(algorithm: JwtAlgorithm) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FakeClock::default());
        let ring = KeyRing::open(folder.path(), settings(algorithm), clock.clone()).unwrap();
        clock.advance(SECOND);
        Self { folder, algorithm, clock, ring }
    }

    fn all() -> [Self; 3] {
        JwtAlgorithm::ALL.map(Self::new)
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn rotate(&self, rotation: Rotation) -> Rotated {
        rotate_keys(self.path(), &settings(self.algorithm), rotation, self.clock.now()).unwrap()
    }

    /// Another server on the same folder.
    fn another_ring(&self) -> KeyRing {
        KeyRing::open(self.path(), settings(self.algorithm), self.clock.clone()).unwrap()
    }

    fn access(&self) -> String {
        self.ring.sign_access(&access_at(self.clock.now())).unwrap()
    }

    fn refresh(&self) -> String {
        self.ring.sign_refresh(&refresh_at(self.clock.now())).unwrap()
    }

    fn listed(&self) -> Vec<ListedKey> {
        list_keys(self.path(), &settings(self.algorithm), self.clock.now()).unwrap()
    }

    /// The states of the keys of the configured algorithm.
    fn states(&self) -> Vec<KeyState> {
        let own = self.listed().into_iter().filter(|key| key.algorithm == self.algorithm);
        own.map(|key| key.state).collect()
    }
}

fn kid(token: &str) -> String {
    header(token)["kid"].as_str().unwrap().to_owned()
}

fn published(ring: &KeyRing) -> Vec<String> {
    let set: Value = serde_json::from_str(&ring.public_keys()).unwrap();
    let kids = set["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned());
    kids.collect()
}

#[test]
fn a_new_key_is_published_at_once_and_signs_after_the_overlap() {
    for bench in [JwtAlgorithm::EdDsa, JwtAlgorithm::Es256].map(Bench::new) {
        let old = kid(&bench.access());
        let made = bench.rotate(Rotation::After(OVERLAP)).made;
        bench.ring.reload();
        let new = made.iter().find(|key| key.algorithm == bench.algorithm).unwrap().kid.clone();
        assert_eq!(published(&bench.ring), [old.clone(), new.clone()]);
        bench.clock.advance(ALMOST_OVERLAP);
        assert_eq!(kid(&bench.access()), old);
        bench.clock.advance(SECOND);
        assert_eq!(kid(&bench.access()), new);
    }
}

#[test]
fn refresh_tokens_change_keys_as_access_tokens_do() {
    for bench in Bench::all() {
        let before = bench.refresh();
        bench.rotate(Rotation::After(OVERLAP));
        bench.ring.reload();
        assert_eq!(bench.refresh(), before);
        bench.clock.advance(OVERLAP);
        assert_ne!(kid(&bench.refresh()), kid(&before));
    }
}

#[test]
fn a_refresh_token_that_is_made_again_after_a_rotation_is_the_same() {
    for bench in Bench::all() {
        let claims = refresh_at(bench.clock.now());
        let first = bench.ring.sign_refresh(&claims).unwrap();
        bench.clock.advance(SECOND);
        bench.rotate(Rotation::After(Duration::ZERO));
        bench.ring.reload();
        assert_ne!(kid(&bench.refresh()), kid(&first));
        assert_eq!(bench.ring.sign_refresh(&claims).unwrap(), first);
    }
}

#[test]
fn no_token_is_lost_by_a_rotation_until_it_has_expired() {
    for bench in Bench::all() {
        bench.rotate(Rotation::After(OVERLAP));
        bench.ring.reload();
        bench.clock.advance(ALMOST_OVERLAP);
        // The last that the old key signs.
        let last = bench.refresh();
        bench.clock.advance(TOKEN_LIFETIME);
        bench.ring.reload();
        assert!(bench.ring.verify(&last).is_ok());
        assert!(bench.another_ring().verify(&last).is_ok());
    }
}

#[test]
fn a_key_verifies_nothing_any_more_when_all_that_it_signed_has_expired() {
    for bench in Bench::all() {
        let old = bench.refresh();
        bench.rotate(Rotation::After(OVERLAP));
        bench.clock.advance(OVERLAP + LONG);
        bench.ring.reload();
        assert_eq!(bench.ring.verify(&old), Err(TokenRejected));
        assert!(!published(&bench.ring).contains(&kid(&old)));
        assert!(bench.ring.verify(&bench.access()).is_ok());
    }
}

#[test]
fn the_next_rotation_removes_what_is_retired_and_nothing_else() {
    for bench in Bench::all() {
        let first = kid(&bench.access());
        assert_eq!(bench.rotate(Rotation::After(OVERLAP)).removed, [""; 0]);
        bench.clock.advance(OVERLAP + TOKEN_LIFETIME);
        assert_eq!(bench.rotate(Rotation::After(OVERLAP)).removed, [""; 0], "not before its time");
        bench.clock.advance(OVERLAP + Duration::from_hours(1));
        assert!(bench.rotate(Rotation::After(OVERLAP)).removed.contains(&first));
        assert!(key_files(bench.path()).iter().all(|file| !file.to_str().unwrap().contains(&first)));
        bench.ring.reload();
        assert!(bench.ring.verify(&bench.access()).is_ok());
    }
}

#[test]
fn a_key_that_nothing_replaced_is_never_retired() {
    for bench in Bench::all() {
        let token = bench.access();
        bench.clock.advance(100 * LONG);
        bench.ring.reload();
        assert!(bench.ring.verify(&token).is_ok());
        assert_eq!(bench.states(), [KeyState::Signing]);
    }
}

#[test]
fn keys_under_names_that_say_no_time_retire_only_for_one_that_does() {
    let bench = Bench::new(JwtAlgorithm::EdDsa);
    let text = fs::read_to_string(key_files(bench.path()).pop().unwrap()).unwrap();
    fs::remove_file(key_files(bench.path()).pop().unwrap()).unwrap();
    for name in ["alpha.pem", "beta.pem"] {
        write_key(&bench.path().join(name), &text);
    }
    bench.ring.reload();
    assert_eq!(bench.states(), [KeyState::Verifying { until: None }, KeyState::Signing]);
    assert_eq!(kid(&bench.access()), "beta");
    bench.rotate(Rotation::After(Duration::ZERO));
    bench.clock.advance(LONG);
    assert_eq!(bench.states(), [KeyState::Retired, KeyState::Retired, KeyState::Signing]);
}

#[test]
fn every_state_of_a_key_is_listed() {
    let bench = Bench::new(JwtAlgorithm::Es256);
    assert_eq!(bench.listed().len(), 2, "one for refresh tokens");
    bench.rotate(Rotation::After(OVERLAP));
    let begins = bench.clock.now().plus(OVERLAP);
    assert_eq!(bench.states(), [KeyState::Signing, KeyState::Waiting { begins }]);
    bench.clock.advance(OVERLAP);
    let until = Some(begins.plus(TOKEN_LIFETIME).plus(Duration::from_hours(1)));
    assert_eq!(bench.states(), [KeyState::Verifying { until }, KeyState::Signing]);
    bench.clock.advance(LONG);
    assert_eq!(bench.states(), [KeyState::Retired, KeyState::Signing]);
}

#[test]
fn revoked_keys_verify_nothing_from_then_on() {
    for bench in Bench::all() {
        let (access, refresh) = (bench.access(), bench.refresh());
        bench.rotate(Rotation::After(OVERLAP));
        let rotated = bench.rotate(Rotation::RevokeOld);
        bench.ring.reload();
        for token in [&access, &refresh] {
            assert_eq!(bench.ring.verify(token), Err(TokenRejected));
            assert_eq!(bench.another_ring().verify(token), Err(TokenRejected));
            assert!(rotated.removed.contains(&kid(token)));
        }
        assert!(bench.ring.verify(&bench.access()).is_ok());
        assert!(
            bench.listed().iter().all(|key| key.state == KeyState::Signing),
            "those that waited are gone too"
        );
        assert_eq!(key_files(bench.path()).len(), rotated.made.len());
    }
}

#[test]
fn after_a_change_of_algorithm_the_first_key_signs_at_once() {
    let bench = Bench { algorithm: JwtAlgorithm::Es256, ..Bench::new(JwtAlgorithm::EdDsa) };
    bench.rotate(Rotation::After(OVERLAP));
    assert_eq!(bench.states(), [KeyState::Signing]);
    let others: Vec<_> =
        bench.listed().into_iter().filter(|key| key.algorithm == JwtAlgorithm::EdDsa).collect();
    assert_eq!(others.first().unwrap().state, KeyState::Verifying { until: None });
}

#[test]
fn a_token_under_a_new_key_makes_a_ring_look_for_it() {
    for bench in Bench::all() {
        let other = bench.another_ring();
        bench.rotate(Rotation::After(Duration::ZERO));
        bench.ring.reload();
        assert!(other.verify(&bench.access()).is_ok());
        assert_eq!(published(&other), published(&bench.ring));
    }
}

#[test]
fn tokens_under_unknown_keys_make_a_ring_look_once_a_second() {
    let bench = Bench::new(JwtAlgorithm::EdDsa);
    let foreign = Bench::new(JwtAlgorithm::EdDsa).access();
    let other = bench.another_ring();
    assert_eq!(other.verify(&foreign), Err(TokenRejected));
    bench.rotate(Rotation::After(Duration::ZERO));
    bench.ring.reload();
    let token = bench.access();
    assert_eq!(other.verify(&token), Err(TokenRejected), "it has just looked");
    bench.clock.advance(SECOND);
    assert!(other.verify(&token).is_ok());
}

#[test]
fn a_folder_that_broke_leaves_a_ring_as_it_was() {
    for bench in Bench::all() {
        let token = bench.access();
        let torn = bench.path().join("torn.pem");
        write_key(&torn, "-----BEGIN PRIV");
        bench.ring.reload();
        assert!(bench.ring.verify(&token).is_ok());
        assert!(bench.ring.verify(&bench.access()).is_ok());
        // Nor does it take half of the folder's keys, and it goes on when all is well.
        bench.clock.advance(SECOND);
        fs::remove_file(torn).unwrap();
        bench.rotate(Rotation::After(Duration::ZERO));
        bench.ring.reload();
        assert_ne!(kid(&bench.access()), kid(&token));
    }
}

#[test]
fn a_folder_that_was_emptied_or_opened_to_others_leaves_a_ring_as_it_was() {
    let bench = Bench::new(JwtAlgorithm::EdDsa);
    let token = bench.access();
    fs::set_permissions(bench.path(), fs::Permissions::from_mode(0o777)).unwrap();
    bench.ring.reload();
    assert!(bench.ring.verify(&token).is_ok());
    fs::set_permissions(bench.path(), fs::Permissions::from_mode(0o700)).unwrap();
    for file in key_files(bench.path()) {
        fs::remove_file(file).unwrap();
    }
    bench.ring.reload();
    assert!(bench.ring.verify(&token).is_ok());
    fs::remove_dir_all(bench.path()).unwrap();
    bench.ring.reload();
    assert!(bench.ring.verify(&token).is_ok());
    assert!(!bench.path().exists());
}

#[test]
fn a_key_that_root_makes_belongs_to_whom_the_folder_does() {
    let bench = Bench::new(JwtAlgorithm::EdDsa);
    // Only root may give it away; for everybody else it is theirs already.
    let _ = chown(bench.path(), Some(12_345), Some(12_345));
    let made = bench.rotate(Rotation::After(OVERLAP)).made.pop().unwrap();
    let file = bench.path().join(made.kid).with_extension("pem");
    let owner = |path: &Path| path.metadata().unwrap().uid();
    assert_eq!(owner(&file), owner(bench.path()));
    assert_eq!(owner(&bench.path().join(".lock")), owner(bench.path()));
}

#[test]
fn rotations_at_once_follow_each_other() {
    let bench = Bench::new(JwtAlgorithm::Es256);
    let token = bench.access();
    let start = Barrier::new(8);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                start.wait();
                bench.rotate(Rotation::After(Duration::ZERO));
                bench.ring.reload();
                assert!(bench.ring.verify(&token).is_ok());
            });
        }
    });
    bench.ring.reload();
    assert_eq!(published(&bench.ring).len(), 9);
    assert_eq!(kid(&bench.access()), *published(&bench.ring).last().unwrap());
    assert!(bench.ring.verify(&bench.access()).is_ok());
}

#[test]
fn a_ring_that_reads_during_revocations_always_can_sign() {
    let bench = Bench::new(JwtAlgorithm::EdDsa);
    let other = bench.another_ring();
    thread::scope(|scope| {
        let revoking = scope.spawn(|| (0..20).for_each(|_| drop(bench.rotate(Rotation::RevokeOld))));
        while !revoking.is_finished() {
            other.reload();
            let token = other.sign_access(&access_at(START)).unwrap();
            assert!(other.verify(&token).is_ok());
        }
    });
    other.reload();
    bench.ring.reload();
    assert!(bench.ring.verify(&other.sign_access(&access_at(START)).unwrap()).is_ok());
}

#[test]
fn keys_of_a_folder_that_is_not_there_are_neither_listed_nor_made() {
    let data = tempfile::tempdir().unwrap();
    let missing = data.path().join("keys");
    let settings = settings(JwtAlgorithm::EdDsa);
    let now = Timestamp::from_micros(0);
    assert!(list_keys(&missing, &settings, now).is_err());
    assert!(rotate_keys(&missing, &settings, Rotation::RevokeOld, now).is_err());
    assert!(!missing.exists());
}

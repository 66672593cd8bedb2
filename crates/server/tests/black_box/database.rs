//! `lectern db`, on both databases.

use tempfile::TempDir;

use crate::{
    profile::{Profile, on_both_profiles},
    scaled::parts::{Parts, Stands},
    server::run,
};

async fn it_is_made_removed_on_purpose_and_made_again(profile: Profile) {
    let parts = match profile {
        Profile::Embedded => None,
        Profile::Scaled => Some(Parts::stand(Stands::default()).await),
    };
    let settings: Vec<(String, String)> = parts.iter().flat_map(Parts::settings).collect();
    let settings: Vec<(&str, &str)> =
        settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let folder = TempDir::new().unwrap();
    let db = async |arguments: &[&str]| {
        let output = run(folder.path(), &settings, &[&["db"], arguments].concat()).await;
        (output.status.code(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    };
    assert!(db(&["init"]).await.1.contains("migrations applied"));
    assert!(db(&["init"]).await.1.contains("up to date"));
    let (code, said) = db(&["drop"]).await;
    assert!(code == Some(2) && said.contains("--yes"), "{said}");
    assert!(db(&["init"]).await.1.contains("up to date"), "asking removes nothing");
    let (code, said) = db(&["drop", "--yes"]).await;
    assert!(code == Some(0) && said.contains("removed"), "{said}");
    let (code, said) = db(&["drop", "--yes"]).await;
    assert!(code == Some(0) && said.contains("is not there"), "{said}");
    assert!(db(&["init"]).await.1.contains("migrations applied"));
}

on_both_profiles!(it_is_made_removed_on_purpose_and_made_again);

//! What templates and script never do.

use std::{fs, path::Path};

fn file(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

#[test]
fn no_template_leaves_anything_unescaped() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
    let templates: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(templates.len() > 5, "{templates:?}");
    for template in templates {
        let text = fs::read_to_string(&template).unwrap();
        assert!(!text.contains("safe") && !text.contains("escape"), "{}", template.display());
    }
}

#[test]
fn the_script_never_takes_text_for_markup_or_code() {
    let script = file("assets/console.js");
    for way in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function("] {
        assert!(!script.contains(way), "{way}");
    }
}

#[test]
fn no_asset_comes_from_another_host() {
    for name in ["assets/console.js", "assets/console.css"] {
        assert!(!file(name).contains("://"), "{name}");
    }
}

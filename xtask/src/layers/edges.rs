//! Which crate of the workspace may name which.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::Outcome;

/// Where a crate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layer {
    Domain,
    Application,
    Testkit,
    /// Everything that connects a port to a technology.
    Adapter,
    /// The composition root, which alone names two adapters.
    Server,
    /// Throw-away servers for tests and tools.
    Services,
    /// Tools beside the product.
    Tools,
}

/// What a dependency is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Product,
    Tests,
}

impl Layer {
    /// The layer of a package, if it has one.
    fn of(package: &str) -> Option<Self> {
        match package {
            "lectern-domain" => Some(Self::Domain),
            "lectern-application" => Some(Self::Application),
            "lectern-testkit" => Some(Self::Testkit),
            "lectern-server" => Some(Self::Server),
            "lectern-services" => Some(Self::Services),
            "xtask" => Some(Self::Tools),
            "lectern-actix-http" | "lectern-web-console" => Some(Self::Adapter),
            name if name.starts_with("lectern-") && name.ends_with("-adapter") => Some(Self::Adapter),
            _ => None,
        }
    }

    fn may_name(self, other: Self, purpose: Purpose) -> bool {
        match self {
            Self::Domain | Self::Services => false,
            Self::Application => {
                other == Self::Domain || (other == Self::Testkit && purpose == Purpose::Tests)
            }
            Self::Testkit => matches!(other, Self::Domain | Self::Application),
            Self::Adapter => {
                matches!(other, Self::Domain | Self::Application)
                    || (matches!(other, Self::Testkit | Self::Services) && purpose == Purpose::Tests)
            }
            Self::Server => !matches!(other, Self::Testkit | Self::Services) || purpose == Purpose::Tests,
            Self::Tools => other == Self::Services,
        }
    }

    /// The rule, for whoever broke it.
    const fn rule(self) -> &'static str {
        match self {
            Self::Domain => "the domain names no other crate",
            Self::Application => "the application names the domain, and in tests the testkit",
            Self::Testkit => "the testkit names the domain and the application",
            Self::Adapter => {
                "an adapter names the application and the domain, in tests the testkit and the services, and never another \
                 adapter"
            }
            Self::Server => "the server names the testkit and the services in tests only",
            Self::Services => "the services name no crate of the product",
            Self::Tools => "xtask names the services, and no crate of the product",
        }
    }
}

/// The edges between crates of the workspace that no rule permits. `metadata` is what `cargo metadata` prints.
pub(super) fn violations(metadata: &Value) -> Outcome<Vec<String>> {
    let packages = metadata["packages"].as_array().ok_or("cargo metadata names no packages")?;
    let members: BTreeSet<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let mut violations = Vec::new();
    for package in packages {
        let name = package["name"].as_str().ok_or("a package without a name")?;
        let Some(layer) = Layer::of(name) else {
            violations.push(format!("{name}: it has no layer; give it one in xtask/src/layers/edges.rs"));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let Some(other) = dependency["name"].as_str().filter(|other| members.contains(other)) else {
                continue;
            };
            // A crate may name itself in order to turn on a feature in its own tests.
            let Some(other_layer) = Layer::of(other).filter(|_| other != name) else { continue };
            let purpose = if dependency["kind"] == "dev" { Purpose::Tests } else { Purpose::Product };
            if !layer.may_name(other_layer, purpose) {
                violations.push(format!("{name} names {other}: {}", layer.rule()));
            }
        }
    }
    Ok(violations)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What is found in a workspace of two crates, of which one names the other.
    fn found(package: &str, dependency: &str, kind: Option<&str>) -> Vec<String> {
        let metadata = json!({"packages": [
            {"name": package, "dependencies": [{"name": dependency, "kind": kind}, {"name": "uuid", "kind": null}]},
            {"name": dependency, "dependencies": []},
        ]});
        violations(&metadata).unwrap()
    }

    #[test]
    fn edges_that_go_inwards_are_permitted() {
        for (package, dependency, kind) in [
            ("lectern-application", "lectern-domain", None),
            ("lectern-application", "lectern-testkit", Some("dev")),
            ("lectern-testkit", "lectern-application", None),
            ("lectern-sqlite-adapter", "lectern-application", None),
            ("lectern-actix-http", "lectern-domain", None),
            ("lectern-redis-adapter", "lectern-testkit", Some("dev")),
            ("lectern-server", "lectern-sqlite-adapter", None),
            ("lectern-server", "lectern-testkit", Some("dev")),
            ("lectern-server", "lectern-services", Some("dev")),
            ("lectern-redis-adapter", "lectern-services", Some("dev")),
            ("xtask", "lectern-services", None),
        ] {
            assert_eq!(found(package, dependency, kind), [""; 0], "{package} -> {dependency}");
        }
    }

    #[test]
    fn every_other_edge_is_a_violation() {
        for (package, dependency, kind) in [
            ("lectern-domain", "lectern-application", None),
            ("lectern-domain", "lectern-testkit", Some("dev")),
            ("lectern-application", "lectern-sqlite-adapter", Some("dev")),
            ("lectern-application", "lectern-testkit", None),
            ("lectern-testkit", "lectern-sqlite-adapter", None),
            ("lectern-actix-http", "lectern-sqlite-adapter", None),
            ("lectern-sqlite-adapter", "lectern-media-adapter", Some("dev")),
            ("lectern-sqlite-adapter", "lectern-testkit", Some("build")),
            ("lectern-web-console", "lectern-server", None),
            ("lectern-server", "lectern-testkit", None),
            ("lectern-server", "lectern-services", None),
            ("lectern-redis-adapter", "lectern-services", None),
            ("lectern-domain", "lectern-services", Some("dev")),
            ("lectern-services", "lectern-testkit", Some("dev")),
            ("xtask", "lectern-domain", None),
        ] {
            let found = found(package, dependency, kind);
            assert_eq!(found.len(), 1, "{package} -> {dependency}: {found:?}");
            assert!(found[0].starts_with(&format!("{package} names {dependency}: ")), "{found:?}");
        }
    }

    #[test]
    fn a_crate_may_turn_on_its_own_features_in_its_tests() {
        assert_eq!(found("lectern-domain", "lectern-domain", Some("dev")), [""; 0]);
    }

    #[test]
    fn a_new_crate_must_be_given_a_layer() {
        let metadata = json!({"packages": [{"name": "lectern-shortcuts", "dependencies": []}]});
        let found = violations(&metadata).unwrap();
        assert!(found[0].starts_with("lectern-shortcuts: it has no layer"), "{found:?}");
    }

    #[test]
    fn what_is_no_metadata_is_an_error() {
        violations(&json!({})).unwrap_err();
    }
}

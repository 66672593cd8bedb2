//! Parting the document of all routes: a surface's operations, and of everything else what they need.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::StatusCode;
use lectern_domain::surface::Surface;
use serde_json::{Map, Value, json};

use super::documents::{About, about};

/// What of a path's description is an operation (OpenAPI 3.1, section 4.8.9).
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
/// What references into the document begin with.
const COMPONENTS: &str = "#/components/";

type Object = Map<String, Value>;

/// The document of one surface.
pub(super) fn of(whole: &Value, surface: Surface) -> Value {
    let mut paths = paths(whole, surface);
    tell_apart(&mut paths);
    describe_answers(&mut paths);
    let paths = Value::Object(paths);
    let mut document = whole.as_object().cloned().unwrap_or_default();
    document.insert("components".to_owned(), components(whole, &paths));
    let used = tags_of(&paths);
    if let Some(tags) = document.get_mut("tags").and_then(Value::as_array_mut) {
        tags.retain(|tag| tag["name"].as_str().is_some_and(|name| used.contains(name)));
    }
    document.insert("paths".to_owned(), paths);
    let mut document = Value::Object(document);
    if let Some(about) = about(surface) {
        introduce(&mut document, surface, &about);
    }
    document
}

/// The paths with this surface's operations. Those of dialects keep no tag but the dialect's.
fn paths(whole: &Value, surface: Surface) -> Object {
    let all = whole["paths"].as_object().into_iter().flatten();
    let own = all.filter_map(|(path, item)| {
        let mut item = item.as_object()?.clone();
        item.retain(|key, value| !is_operation(key) || belongs(value, surface));
        let operations = item.iter_mut().filter(|(key, _)| is_operation(key));
        let mut count = 0;
        for (_, operation) in operations {
            count += 1;
            if surface != Surface::V1 {
                operation["tags"] = json!([surface.as_str()]);
            }
        }
        (count > 0).then(|| (path.clone(), Value::Object(item)))
    });
    own.collect()
}

fn is_operation(key: &str) -> bool {
    METHODS.contains(&key)
}

/// Whether an operation is of that surface: it is tagged with the dialects' names, or is v1's.
fn belongs(operation: &Value, surface: Surface) -> bool {
    let tags = operation["tags"].as_array().into_iter().flatten();
    let dialects: Vec<_> = tags.filter_map(|tag| Surface::parse(tag.as_str()?)).collect();
    if surface == Surface::V1 { dialects.is_empty() } else { dialects.contains(&surface) }
}

/// Operations' ids must be unique (section 4.8.10). One that is mounted at several paths is told apart by these.
fn tell_apart(paths: &mut Object) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (_, _, operation) in operations(paths) {
        if let Some(id) = operation["operationId"].as_str() {
            *counts.entry(id.to_owned()).or_default() += 1;
        }
    }
    for (path, method, operation) in operations(paths) {
        let id = operation["operationId"].as_str().unwrap_or_default();
        if counts.get(id).is_some_and(|count| *count > 1) {
            let place: String =
                path.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
            operation["operationId"] = format!("{id}_{method}{place}").into();
        }
    }
}

/// Answers must be described (section 4.8.17). Where a status says enough, it does.
fn describe_answers(paths: &mut Object) {
    for (_, _, operation) in operations(paths) {
        for (status, answer) in operation["responses"].as_object_mut().into_iter().flatten() {
            let Some(answer) = answer.as_object_mut().filter(|answer| !answer.contains_key("$ref")) else {
                continue;
            };
            let meaning = StatusCode::from_bytes(status.as_bytes()).ok();
            let meaning = meaning.and_then(|status| status.canonical_reason()).unwrap_or(status);
            answer.entry("description").or_insert_with(|| meaning.into());
        }
    }
}

fn operations(paths: &mut Object) -> impl Iterator<Item = (&str, &str, &mut Value)> {
    paths.iter_mut().flat_map(|(path, item)| {
        let keys = item.as_object_mut().into_iter().flatten();
        let operations = keys.filter(|(key, _)| is_operation(key));
        operations.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

fn tags_of(paths: &Value) -> BTreeSet<String> {
    let items = paths.as_object().into_iter().flatten().filter_map(|(_, item)| item.as_object());
    let operations = items.flatten().filter(|(key, _)| is_operation(key));
    let tags = operations.filter_map(|(_, operation)| operation["tags"].as_array()).flatten();
    tags.filter_map(|tag| tag.as_str().map(ToOwned::to_owned)).collect()
}

/// The components that are reached from these paths.
fn components(whole: &Value, paths: &Value) -> Value {
    let all = &whole["components"];
    let mut reached = BTreeSet::new();
    let mut to_follow = vec![paths];
    while let Some(value) = to_follow.pop() {
        for reference in references(value) {
            if reached.insert(reference.clone())
                && let Some(component) = all.pointer(&reference)
            {
                to_follow.push(component);
            }
        }
    }
    reached.extend(schemes(paths).into_iter().map(|name| format!("/securitySchemes/{}", escaped(&name))));
    let sections = all.as_object().into_iter().flatten();
    let kept = sections.filter_map(|(section, members)| {
        let is_reached =
            |name: &String| reached.contains(&format!("/{}/{}", escaped(section), escaped(name)));
        let members: Object = members
            .as_object()?
            .iter()
            .filter(|(name, _)| is_reached(name))
            .map(|(name, member)| (name.clone(), member.clone()))
            .collect();
        (!members.is_empty()).then(|| (section.clone(), Value::Object(members)))
    });
    Value::Object(kept.collect())
}

/// The components that a part of the document refers to, as JSON Pointers from `components`: by `$ref`, or as what a
/// discriminator maps to.
fn references(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => {
            text.strip_prefix(COMPONENTS).map(|rest| format!("/{rest}")).into_iter().collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        Value::Object(members) => members.values().flat_map(references).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

/// The names of the security schemes that operations ask for.
fn schemes(paths: &Value) -> BTreeSet<String> {
    let items = paths.as_object().into_iter().flatten().filter_map(|(_, item)| item.as_object());
    let operations = items.flatten().filter(|(key, _)| is_operation(key));
    let requirements = operations.filter_map(|(_, operation)| operation["security"].as_array()).flatten();
    requirements.filter_map(Value::as_object).flat_map(|one| one.keys().cloned()).collect()
}

/// A name as a part of a JSON Pointer (RFC 6901, section 3).
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Says what the dialect is.
fn introduce(document: &mut Value, surface: Surface, about: &About) {
    document["info"]["title"] = about.title.into();
    document["info"]["description"] = about.description.into();
    document["tags"] = json!([{ "name": surface.as_str() }]);
    if let Some(bearer) = document.pointer_mut("/components/securitySchemes/bearer") {
        bearer["description"] = about.tokens.into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole() -> Value {
        json!({
            "openapi": "3.1.0",
            "info": {"title": "All", "version": "1"},
            "paths": {
                "/v1/things": {
                    "get": {"operationId": "list", "tags": ["things"], "security": [{"bearer": []}],
                        "responses": {"200": {"schema": {"$ref": "#/components/schemas/Things"}}}},
                },
                "/both": {
                    "parameters": [],
                    "post": {"operationId": "both", "tags": ["iccem", "katkru"], "responses": {"200": {
                        "schema": {"$ref": "#/components/schemas/Both"}}}},
                    "get": {"operationId": "twice", "tags": ["iccem"], "security": [{"secret": []}]},
                },
                "/api/both": {"get": {"operationId": "twice", "tags": ["iccem"]}},
            },
            "components": {
                "schemas": {
                    "Things": {"items": {"$ref": "#/components/schemas/Thing"}},
                    "Thing": {"more": {"$ref": "#/components/schemas/Things"}},
                    "Both": {"discriminator": {"mapping": {"a": "#/components/schemas/A"}}},
                    "A": {}, "Nobodys": {},
                },
                "securitySchemes": {"bearer": {"description": "v1's"}, "secret": {}},
            },
            "tags": [{"name": "things"}],
        })
    }

    fn keys(value: &Value) -> Vec<&str> {
        value.as_object().unwrap().keys().map(String::as_str).collect()
    }

    #[test]
    fn a_document_has_its_operations_and_no_others() {
        let whole = whole();
        assert_eq!(keys(&of(&whole, Surface::V1)["paths"]), ["/v1/things"]);
        let iccem = of(&whole, Surface::Iccem);
        assert_eq!(keys(&iccem["paths"]), ["/api/both", "/both"]);
        assert_eq!(keys(&iccem["paths"]["/both"]), ["get", "parameters", "post"]);
        assert_eq!(keys(&of(&whole, Surface::Katkru)["paths"]["/both"]), ["parameters", "post"]);
    }

    #[test]
    fn a_document_has_the_components_that_its_operations_reach() {
        let whole = whole();
        let v1 = of(&whole, Surface::V1);
        assert_eq!(keys(&v1["components"]["schemas"]), ["Thing", "Things"]);
        assert_eq!(keys(&v1["components"]["securitySchemes"]), ["bearer"]);
        let iccem = of(&whole, Surface::Iccem);
        assert_eq!(keys(&iccem["components"]["schemas"]), ["A", "Both"]);
        assert_eq!(keys(&iccem["components"]["securitySchemes"]), ["secret"]);
        assert_eq!(keys(&of(&whole, Surface::Katkru)["components"]), ["schemas"]);
    }

    #[test]
    fn a_dialect_s_document_is_about_the_dialect() {
        let katkru = of(&whole(), Surface::Katkru);
        assert_eq!(katkru["info"]["title"], "Lectern: katkru");
        assert_eq!(katkru["tags"][0]["name"], "katkru");
        assert_eq!(katkru["paths"]["/both"]["post"]["tags"], json!(["katkru"]));
        assert_eq!(of(&whole(), Surface::V1)["info"]["title"], "All");
    }

    #[test]
    fn an_answer_that_nobody_described_is_what_its_status_says() {
        let v1 = of(&whole(), Surface::V1);
        assert_eq!(v1["paths"]["/v1/things"]["get"]["responses"]["200"]["description"], "OK");
    }

    #[test]
    fn an_operation_at_several_paths_has_an_id_at_each() {
        let iccem = of(&whole(), Surface::Iccem);
        let id = |path: &str, method: &str| iccem["paths"][path][method]["operationId"].clone();
        assert_eq!(id("/both", "get"), "twice_get_both");
        assert_eq!(id("/api/both", "get"), "twice_get_api_both");
        assert_eq!(id("/both", "post"), "both");
    }
}

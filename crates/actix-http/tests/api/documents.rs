//! Each OpenAPI document holds together (OpenAPI 3.1), and says what there is and no more.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::server::Server;

const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

/// The operations of a document: path, method, and what is said of it.
fn operations(document: &Value) -> Vec<(&str, &str, &Map<String, Value>)> {
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        item.as_object()
            .unwrap()
            .iter()
            .map(move |(method, operation)| (path.as_str(), method.as_str(), operation.as_object().unwrap()))
    });
    operations.collect()
}

/// Every value of a key, however deep.
fn values_of<'a>(key: &str, value: &'a Value, found: &mut Vec<&'a Value>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| values_of(key, item, found)),
        Value::Object(members) => {
            found.extend(members.get(key));
            members.values().for_each(|member| values_of(key, member, found));
        }
        _ => {}
    }
}

fn array(value: Option<&Value>) -> Vec<Value> {
    value.and_then(Value::as_array).cloned().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_document_says_what_it_is() {
    let mut titles = BTreeSet::new();
    for (name, document) in Server::start().documents().await {
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1."), "{name}");
        assert!(!document["info"]["version"].as_str().unwrap().is_empty(), "{name}");
        assert!(!document["info"]["description"].as_str().unwrap().is_empty(), "{name}");
        titles.insert(document["info"]["title"].as_str().unwrap().to_owned());
    }
    assert_eq!(titles.len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reference_leads_somewhere() {
    for (name, document) in Server::start().documents().await {
        let mut references = Vec::new();
        values_of("$ref", &document, &mut references);
        for reference in references {
            let pointer = reference.as_str().unwrap().strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{name}: {reference}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_schema_is_needed() {
    for (name, document) in Server::start().documents().await {
        let text = document.to_string();
        for (schema, _) in document["components"]["schemas"].as_object().into_iter().flatten() {
            let reference = format!("\"#/components/schemas/{schema}\"");
            assert!(text.contains(&reference), "{name}: nothing refers to {schema}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_has_an_id_of_its_own() {
    for (name, document) in Server::start().documents().await {
        let mut ids = BTreeSet::new();
        for (path, method, operation) in operations(&document) {
            assert!(METHODS.contains(&method), "{name}: {method} {path}");
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{name}: {method} {path} is a second {id}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_says_what_it_is_for_and_what_it_answers() {
    for (name, document) in Server::start().documents().await {
        for (path, method, operation) in operations(&document) {
            assert!(
                operation.get("summary").and_then(Value::as_str).is_some_and(|text| !text.is_empty()),
                "{name}: {method} {path} has no summary"
            );
            let responses = operation["responses"].as_object().unwrap();
            assert!(!responses.is_empty(), "{name}: {method} {path} answers nothing");
            for (status, response) in responses {
                let status: u16 = status.parse().unwrap();
                assert!((100..600).contains(&status), "{name}: {method} {path}: {status}");
                assert!(response["description"].is_string(), "{name}: {method} {path}: {status}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_parameter_of_a_path_is_declared_and_no_other() {
    for (name, document) in Server::start().documents().await {
        for (path, method, operation) in operations(&document) {
            let named: BTreeSet<String> =
                path.split('{').skip(1).map(|rest| rest.split('}').next().unwrap().to_owned()).collect();
            let parameters = array(operation.get("parameters"));
            let declared: BTreeSet<String> = parameters
                .iter()
                .filter(|parameter| parameter["in"] == "path" && parameter["required"] == true)
                .map(|parameter| parameter["name"].as_str().unwrap().to_owned())
                .collect();
            assert_eq!(named, declared, "{name}: {method} {path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_security_scheme_that_is_asked_for_is_described_and_no_other() {
    for (name, document) in Server::start().documents().await {
        let asked: BTreeSet<String> = operations(&document)
            .into_iter()
            .flat_map(|(_, _, operation)| array(operation.get("security")))
            .flat_map(|requirement| requirement.as_object().unwrap().keys().cloned().collect::<Vec<_>>())
            .collect();
        let schemes = document["components"]["securitySchemes"].as_object();
        let described: BTreeSet<String> =
            schemes.into_iter().flatten().map(|(name, _)| name.clone()).collect();
        assert_eq!(asked, described, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tag_is_described_and_those_of_a_dialect_are_its_name() {
    for (name, document) in Server::start().documents().await {
        let described: BTreeSet<String> =
            array(document.get("tags")).iter().map(|tag| tag["name"].as_str().unwrap().to_owned()).collect();
        for (path, method, operation) in operations(&document) {
            for tag in array(operation.get("tags")) {
                let tag = tag.as_str().unwrap();
                assert!(described.contains(tag), "{name}: {method} {path} is tagged {tag}");
                assert!(name == "v1" || tag == name, "{name}: {method} {path} is tagged {tag}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_that_dialects_share_is_in_the_documents_of_all_of_them() {
    let documents = Server::start().documents().await;
    let mut with = documents.iter().filter(|(_, document)| document["paths"].get("/auth/login").is_some());
    assert_eq!(
        with.by_ref().map(|(name, _)| *name).collect::<Vec<_>>(),
        ["lazy-lecture", "fastapi-auth", "fast-web"]
    );
    let (_, v1) = documents.first().unwrap();
    assert!(v1["paths"].as_object().unwrap().keys().all(|path| !path.starts_with("/auth/")));
}

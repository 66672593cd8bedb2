//! The dialect of a site with sessions in cookies: what its golden files don't show, attacks first.

mod cookies;
mod credentials;
mod forgotten;
mod servers;

use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

use super::server::Server;

const EMAIL: &str = "ada@example.org";
/// Good enough for this dialect.
const PASSW: &str = "Passw0rd!";
const SIGN_UP: &str = "/api/v1/server/users/sign_up";
const LOGIN: &str = "/api/v1/public/users/login";
const LOGOUT: &str = "/api/v1/private/users/logout";
const SEANCES: &str = "/api/v1/private/users/seances";
const SET: &str = "/api/v1/server/users/passw/set_new_passw";

/// What a browser keeps of an answer.
#[derive(Debug, Clone)]
struct Cookies {
    access: String,
    refresh: String,
}

impl Cookies {
    fn both(&self) -> String {
        format!("access_token={}; refresh_token={}", self.access, self.refresh)
    }

    fn access(&self) -> String {
        format!("access_token={}", self.access)
    }

    fn refresh(&self) -> String {
        format!("refresh_token={}", self.refresh)
    }
}

/// The cookies that an answer sets: name, value, terms.
fn set_cookies(response: &Response) -> Vec<(String, String, String)> {
    let values = response.headers().get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let parts = values.map(|value| {
        let (name, rest) = value.split_once('=').unwrap();
        let (value, terms) = rest.split_once("; ").unwrap();
        (name.to_owned(), value.to_owned(), terms.to_owned())
    });
    parts.collect()
}

fn cookies_of(response: &Response) -> Cookies {
    let set = set_cookies(response);
    let value = |wanted: &str| set.iter().find(|(name, ..)| name == wanted).unwrap().1.clone();
    Cookies { access: value("access_token"), refresh: value("refresh_token") }
}

/// Whether an answer takes both cookies away.
fn takes_cookies_away(response: &Response) -> bool {
    let set = set_cookies(response);
    let gone = |wanted: &str| {
        set.iter().any(|(name, value, terms)| {
            name == wanted && value.is_empty() && terms.contains("Max-Age=0") && terms.contains("Path=/;")
        })
    };
    gone("access_token") && gone("refresh_token")
}

async fn with_ada() -> Server {
    let server = Server::start();
    let body = json!({"email": EMAIL, "passw": PASSW, "name": "Ada"});
    assert_eq!(server.post(SIGN_UP).json(&body).send().await.unwrap().status(), StatusCode::OK);
    server
}

fn login_request(server: &Server, email: &str, passw: &str) -> RequestBuilder {
    server.post(LOGIN).json(&json!({"email": email, "passw": passw}))
}

async fn log_in(server: &Server, passw: &str) -> Response {
    login_request(server, EMAIL, passw).send().await.unwrap()
}

async fn signed_in(server: &Server) -> Cookies {
    let response = log_in(server, PASSW).await;
    assert_eq!(response.status(), StatusCode::OK);
    cookies_of(&response)
}

async fn seances(server: &Server, cookies: &str) -> Response {
    server.post(SEANCES).header("cookie", cookies).send().await.unwrap()
}

async fn answered(response: Response) -> (u16, Value) {
    (response.status().as_u16(), response.json().await.unwrap())
}

fn failed(status: u16, text: &str) -> (u16, Value) {
    (status, json!({"success": false, "message": text, "detail": text}))
}

fn sign_in_again() -> (u16, Value) {
    (401, json!({"message": "Нужна повторная аутентификация", "error": "Unauthorized"}))
}

fn caller_unknown() -> (u16, Value) {
    (401, json!({"detail": "Требуется аутентификация."}))
}

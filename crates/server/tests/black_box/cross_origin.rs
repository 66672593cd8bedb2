//! Pages of other origins, as the settings let them in.

use reqwest::{Method, Response, StatusCode};
use serde_json::json;

use crate::{
    client::Account,
    profile::{Profile, on_both_profiles},
    server::{Server, run},
};

on_both_profiles!(
    a_page_of_a_listed_origin_works_with_cookies,
    a_page_of_any_other_origin_reads_nothing,
    a_refusal_can_be_read_where_any_other_answer_can,
);

const LISTED: &str = "https://app.example.org";
const EVIL: &str = "https://app.example.org.evil.example";

fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}

/// Signs somebody in with cookies from a page of that origin.
async fn log_in(server: &Server, origin: &str) -> Response {
    let body = json!({"login": "ada", "password": Account::PASSWORD, "cookies": true});
    let request = server.client.post(server.url("/v1/auth/login")).json(&body).header("origin", origin);
    request.send().await.unwrap()
}

/// Signs out with the cookies of that answer, from a page of that origin.
async fn log_out(server: &Server, signed_in: &Response, origin: &str) -> Response {
    let cookies: Vec<_> = signed_in.headers().get_all("set-cookie").iter().collect();
    let cookies = cookies.iter().map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap());
    let cookies = cookies.collect::<Vec<_>>().join("; ");
    let request = server.client.post(server.url("/v1/auth/logout")).header("cookie", cookies);
    request.header("origin", origin).header("sec-fetch-site", "same-site").send().await.unwrap()
}

async fn a_page_of_a_listed_origin_works_with_cookies(profile: Profile) {
    let server = Server::start_on(profile, &[("LECTERN_CORS_ORIGINS", LISTED)]).await;
    Account::register(&server, "ada").await;
    let preflight = server.client.request(Method::OPTIONS, server.url("/v1/auth/login"));
    let preflight = preflight.header("origin", LISTED).header("access-control-request-method", "POST");
    let allowed = preflight.send().await.unwrap();
    assert_eq!(allowed.status(), StatusCode::OK);
    let signed_in = log_in(&server, LISTED).await;
    let signed_out = log_out(&server, &signed_in, LISTED).await;
    assert_eq!(signed_out.status(), StatusCode::NO_CONTENT, "{}", server.log());
    for answer in [allowed, signed_in, signed_out] {
        assert_eq!(header(&answer, "access-control-allow-origin"), Some(LISTED));
        assert_eq!(header(&answer, "access-control-allow-credentials"), Some("true"));
    }
}

async fn a_page_of_any_other_origin_reads_nothing(profile: Profile) {
    let server = Server::start_on(profile, &[("LECTERN_CORS_ORIGINS", LISTED)]).await;
    Account::register(&server, "ada").await;
    for origin in [EVIL, "null"] {
        let signed_in = log_in(&server, origin).await;
        assert_eq!(header(&signed_in, "access-control-allow-origin"), None);
        let refused = log_out(&server, &signed_in, origin).await;
        assert_eq!(refused.status(), StatusCode::FORBIDDEN);
        assert_eq!(header(&refused, "access-control-allow-origin"), None);
        assert_eq!(header(&refused, "access-control-allow-credentials"), None);
    }
}

/// On a server whose answers anybody's pages may read, without cookies.
async fn a_refusal_can_be_read_where_any_other_answer_can(profile: Profile) {
    let server = Server::start_on(profile, &[("LECTERN_CORS_ORIGINS", "*")]).await;
    let wrong = json!({"login": "ada", "password": "wrong"});
    let mut statuses = Vec::new();
    for _ in 0..5 {
        let request = server.client.post(server.url("/v1/auth/login")).json(&wrong).header("origin", EVIL);
        let answer = request.send().await.unwrap();
        assert_eq!(header(&answer, "access-control-allow-origin"), Some("*"));
        assert_eq!(header(&answer, "access-control-allow-credentials"), None);
        statuses.push(answer.status().as_u16());
    }
    assert_eq!(statuses, [401, 401, 401, 401, 429]);
    for path in ["/nothing", "/auth/refresh", "/docs"] {
        let request = server.client.put(server.url(path)).header("origin", EVIL);
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_client_error(), "{path}");
        assert_eq!(header(&answer, "access-control-allow-origin"), Some("*"), "{path}");
    }
}

#[tokio::test]
async fn a_setting_that_names_no_origin_is_refused() {
    let folder = tempfile::TempDir::new().unwrap();
    let settings = [("LECTERN_CORS_ORIGINS", "app.example.org")];
    let output = run(folder.path(), &settings, &["config", "check"]).await;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(
        said.contains("origins such as https://app.example.org") && said.contains("cors_origins"),
        "{said}"
    );
}

//! What browsers are told with answers of the real program, pages and all.

use reqwest::{Response, header::HeaderMap};

use crate::server::Server;

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap())
}

async fn get(server: &Server, path: &str, accept: &str) -> Response {
    server.client.get(server.url(path)).header("accept", accept).send().await.unwrap()
}

#[tokio::test]
async fn a_page_keeps_its_own_policy_and_has_the_rest() {
    let server = Server::start(&[]).await;
    let page = get(&server, "/login", "text/html").await;
    let policy = header(page.headers(), "content-security-policy").unwrap();
    assert!(policy.contains("script-src 'self'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(header(page.headers(), "referrer-policy"), Some("same-origin"));
    assert_eq!(header(page.headers(), "x-frame-options"), Some("DENY"));
    assert_eq!(page.headers().get_all("content-security-policy").iter().count(), 1);
}

#[tokio::test]
async fn by_https_browsers_are_told_to_stay_with_it() {
    let year = Some("max-age=31536000");
    for (url, told) in [("https://lectern.test", year), ("http://lectern.test", None)] {
        let server = Server::start(&[("LECTERN_PUBLIC_URL", url)]).await;
        for path in ["/", "/healthz", "/nothing", "/v1/me", "/docs", "/login"] {
            let answer = get(&server, path, "*/*").await;
            assert_eq!(header(answer.headers(), "strict-transport-security"), told, "{url}{path}");
        }
    }
}

//! What other sites, other people and their recordings try on a browser in which somebody is signed in.

use reqwest::Method;
use serde_json::json;

use super::Browser;
use crate::{client::Account, server::Server, sound};

/// Markup that does something if it is taken for more than text.
const MARKUP: &str = "<img src=x onerror=window.owned=1><script>window.owned=1</script>";

/// A page of another site with a link.
fn elsewhere(link: &str) -> String {
    format!("data:text/html,<a id=\"link\" href=\"{link}\">a%20prize</a>")
}

#[tokio::test]
async fn no_link_leads_through_a_refresh_to_another_site() {
    let server = Server::start(&[]).await;
    Account::register(&server, "ada").await;
    let browser = Browser::signed_in(&server, "ada").await;
    for target in ["https://evil.example/", "//evil.example/", "/%5Cevil.example/", "/%09/evil.example/"] {
        browser.show(&server, &format!("/auth/refresh?redirect_url={target}")).await;
        assert_eq!(browser.address().await, server.url("/"), "{target}");
    }
}

#[tokio::test]
async fn another_sites_link_signs_nobody_out() {
    let server = Server::start(&[]).await;
    Account::register(&server, "ada").await;
    let browser = Browser::signed_in(&server, "ada").await;
    for path in ["/auth/logout", "/auth/refresh?redirect_url=/auth/logout"] {
        browser.go_to(&elsewhere(&server.url(path))).await;
        browser.click("#link").await;
        browser.until(&server, "location.pathname === '/auth/logout'").await;
        browser.show(&server, "/").await;
        assert_eq!(browser.address().await, server.url("/"), "{path}");
    }
}

#[tokio::test]
async fn another_sites_link_to_a_page_arrives_even_if_the_session_has_to_be_renewed() {
    let server = Server::start(&[]).await;
    Account::register(&server, "ada").await;
    let browser = Browser::signed_in(&server, "ada").await;
    browser.drop_cookie("access_token").await;
    browser.go_to(&elsewhere(&server.url("/console/sessions"))).await;
    browser.click("#link").await;
    browser.until(&server, "location.pathname === '/console/sessions'").await;
    assert_eq!(browser.address().await, server.url("/console/sessions"));
}

#[tokio::test]
async fn markup_in_a_title_and_in_what_was_heard_is_shown_as_text() {
    let recogniser = format!("echo '{MARKUP}' {{wav}}");
    let variables = [("LECTERN_RECOGNIZER", "command"), ("LECTERN_RECOGNIZER_COMMAND", recogniser.as_str())];
    let server = Server::start(&variables).await;
    let ada = Account::register(&server, "ada").await;
    let path = ada.upload(&server, sound::noise(11, 1), "audio/wav").await;
    let title = json!({"title": MARKUP});
    ada.request(&server, Method::PATCH, &path).json(&title).send().await.unwrap();
    assert_eq!(ada.watch(&server, &path).await.as_deref(), Some("completed"), "{}", server.log());
    let browser = Browser::signed_in(&server, "ada").await;
    for path in ["/".to_owned(), path.replace("/v1/", "/console/")] {
        browser.show(&server, &path).await;
        assert!(browser.text().await.contains(MARKUP), "{path}: {}", browser.text().await);
        assert_eq!(browser.value("window.owned === undefined").await, true, "{path}");
    }
}

#[tokio::test]
async fn a_script_that_got_into_a_page_all_the_same_does_not_run() {
    let server = Server::start(&[]).await;
    let browser = Browser::open().await;
    browser.show(&server, "/login").await;
    browser
        .run(
            "window.refused = [];
            document.addEventListener('securitypolicyviolation', (event) => {
                window.refused.push(event.effectiveDirective);
            });
            const script = document.createElement('script');
            script.textContent = 'window.owned = 1';
            document.body.append(script);
            const image = document.createElement('img');
            image.setAttribute('onerror', 'window.owned = 1');
            image.src = '/nothing-here';
            document.body.append(image);",
        )
        .await;
    browser.until(&server, "window.refused.includes('script-src-elem')").await;
    browser.until(&server, "window.refused.includes('script-src-attr')").await;
    assert_eq!(browser.value("window.owned === undefined").await, true);
}

#[tokio::test]
async fn pages_can_not_be_framed() {
    let server = Server::start(&[]).await;
    let browser = Browser::open().await;
    // A page of this site without a policy of its own, so that only the framed page's counts.
    browser.show(&server, "/healthz").await;
    browser
        .run(
            "const frame = document.createElement('iframe');
            frame.src = '/login';
            frame.onload = () => { window.framed = frame.contentDocument; };
            document.body.append(frame);",
        )
        .await;
    // What is refused has an origin of its own, into which the page can't look.
    browser.until(&server, "window.framed === null").await;
}

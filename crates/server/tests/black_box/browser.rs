//! The pages in a real browser: headless Chromium, one for each test, with a profile of its own.

mod attacks;
mod recordings;
mod sessions;

use std::time::Duration;

use fantoccini::{Client, ClientBuilder, Locator, elements::Element};
use hyper_util::client::legacy::connect::HttpConnector;
use lectern_services::{ChromeDriver, Service as _};
use serde_json::{Map, Value, json};
use tokio::{
    task::spawn_blocking,
    time::{interval, timeout},
};

use crate::{client::Account, server::Server};

/// The most that a browser may take to do what it was told, and a recogniser to be heard of.
const PATIENCE: Duration = Duration::from_mins(10);

/// A browser that shows pages of a server. It ends when dropped.
pub(crate) struct Browser {
    client: Client,
    _chromedriver: ChromeDriver,
}

impl Browser {
    /// A browser with nothing in it.
    pub(crate) async fn open() -> Self {
        let chromedriver = spawn_blocking(|| ChromeDriver::start().unwrap()).await.unwrap();
        let options = json!({"args": ChromeDriver::BROWSER_ARGUMENTS});
        let wanted = Map::from_iter([("goog:chromeOptions".to_owned(), options)]);
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = builder.capabilities(wanted).connect(&chromedriver.url()).await.unwrap();
        Self { client, _chromedriver: chromedriver }
    }

    /// A browser in which somebody who has an account is signed in, and looks at the console.
    pub(crate) async fn signed_in(server: &Server, username: &str) -> Self {
        let browser = Self::open().await;
        browser.show(server, "/login").await;
        browser.fill("#username", username).await;
        browser.fill("#password", Account::PASSWORD).await;
        browser.click("#login button").await;
        browser.until(server, &format!("document.querySelector('#who')?.textContent === '{username}'")).await;
        browser
    }

    /// Types an address of the server, and waits for what it leads to.
    pub(crate) async fn show(&self, server: &Server, path: &str) {
        self.client.goto(&server.url(path)).await.unwrap();
    }

    /// Types any address.
    pub(crate) async fn go_to(&self, address: &str) {
        self.client.goto(address).await.unwrap();
    }

    /// Waits until a condition in `JavaScript` is met by the page that is shown.
    pub(crate) async fn until(&self, server: &Server, condition: &str) {
        let script = format!("return Boolean({condition})");
        let met = timeout(PATIENCE, async {
            let mut ticks = interval(Duration::from_millis(50));
            loop {
                ticks.tick().await;
                // Between two pages there is none to ask.
                let answer = self.client.execute(&script, Vec::new()).await;
                if answer.is_ok_and(|answer| answer == true) {
                    return;
                }
            }
        });
        if met.await.is_err() {
            let page = self.client.source().await.unwrap();
            unreachable!("never {condition} at {}:\n{page}\n{}", self.address().await, server.log());
        }
    }

    /// What an expression in `JavaScript` is worth on the page that is shown.
    pub(crate) async fn value(&self, expression: &str) -> Value {
        self.client.execute(&format!("return {expression}"), Vec::new()).await.unwrap()
    }

    /// Runs `JavaScript` on the page that is shown, past its content security policy.
    pub(crate) async fn run(&self, script: &str) {
        self.client.execute(script, Vec::new()).await.unwrap();
    }

    /// Types into a field.
    pub(crate) async fn fill(&self, selector: &str, text: &str) {
        self.element(selector).await.send_keys(text).await.unwrap();
    }

    /// Presses a button or follows a link, once it can be: it is there, the page's script has made it work, and nothing
    /// else was put in its place meanwhile.
    pub(crate) async fn click(&self, selector: &str) {
        let there = Locator::Css(selector);
        let enabled = format!("{selector}:not(:disabled)");
        let pressed = timeout(PATIENCE, async {
            let mut ticks = interval(Duration::from_millis(50));
            loop {
                ticks.tick().await;
                if self.client.execute("return document.readyState", Vec::new()).await.unwrap() != "complete"
                {
                    continue;
                }
                let pressed = match self.client.find(Locator::Css(&enabled)).await {
                    Ok(element) => element.click().await,
                    Err(absent) => Err(absent),
                };
                match pressed {
                    Ok(()) => return,
                    Err(error) if error.is_no_such_element() || error.is_stale_element_reference() => {}
                    Err(error) => unreachable!("can't press {there:?}: {error}"),
                }
            }
        });
        assert!(
            pressed.await.is_ok(),
            "nothing to press at {there:?}: {}",
            self.client.source().await.unwrap()
        );
    }

    /// Says yes to the question that the page asks, once it does.
    pub(crate) async fn accept(&self) {
        let accepted = timeout(PATIENCE, async {
            let mut ticks = interval(Duration::from_millis(50));
            loop {
                ticks.tick().await;
                match self.client.accept_alert().await {
                    Ok(()) => return,
                    Err(error) if error.is_no_such_alert() => {}
                    Err(error) => unreachable!("can't say yes: {error}"),
                }
            }
        });
        assert!(accepted.await.is_ok(), "the page asks nothing");
    }

    async fn element(&self, selector: &str) -> Element {
        self.client.find(Locator::Css(selector)).await.unwrap()
    }

    /// What is shown, as people read it.
    pub(crate) async fn text(&self) -> String {
        self.element("body").await.text().await.unwrap()
    }

    /// The address of what is shown.
    pub(crate) async fn address(&self) -> String {
        self.client.current_url().await.unwrap().to_string()
    }

    /// What a cookie is worth.
    pub(crate) async fn cookie(&self, name: &str) -> Option<String> {
        let cookies = self.client.get_all_cookies().await.unwrap();
        cookies.into_iter().find(|cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned())
    }

    /// Puts another value into a cookie.
    pub(crate) async fn replace_cookie(&self, name: &str, value: String) {
        let mut cookie = self.client.get_named_cookie(name).await.unwrap();
        cookie.set_value(value);
        self.client.add_cookie(cookie).await.unwrap();
    }

    /// Drops a cookie, as browsers do when it has expired.
    pub(crate) async fn drop_cookie(&self, name: &str) {
        self.client.delete_cookie(name).await.unwrap();
    }
}

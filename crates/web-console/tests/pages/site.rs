//! The pages on the ports of a [`World`], and a browser without script.

use actix_web::{
    App,
    dev::Service as _,
    http::{Method, StatusCode, header},
    test::{TestRequest, init_service, read_body},
};
use lectern_application::{Caller, auth::IssuedTokens};
use lectern_testkit::world::{
    World,
    steps::{PASSWORD, login_input, origin},
};
use lectern_web_console::{Console, mount};
use secrecy::ExposeSecret as _;

/// What browsers say they want when somebody follows a link.
pub(crate) const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    headers: header::HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    /// A header, or nothing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Where it sends the browser, if it is 307.
    pub(crate) fn leads_to(&self) -> Option<&str> {
        (self.status == StatusCode::TEMPORARY_REDIRECT).then(|| self.header("location"))
    }
}

/// A browser with its cookies.
pub(crate) struct Browser<'a> {
    world: &'a World,
    cookies: Vec<(&'static str, String)>,
    accept: &'static str,
}

impl<'a> Browser<'a> {
    /// One without cookies.
    pub(crate) fn new(world: &'a World) -> Self {
        Self { world, cookies: Vec::new(), accept: BROWSER }
    }

    /// One in which somebody who has an account is signed in.
    pub(crate) async fn of(world: &'a World, username: &str) -> Self {
        let tokens = world.log_in().execute(login_input(username, PASSWORD), &origin()).await.unwrap();
        Self::new(world).with_tokens(&tokens)
    }

    pub(crate) fn with_tokens(self, tokens: &IssuedTokens) -> Self {
        let access = tokens.access_token.expose_secret().to_owned();
        let refresh = tokens.refresh_token.expose_secret().to_owned();
        self.with_cookie("access_token", access).with_cookie("refresh_token", refresh)
    }

    pub(crate) fn with_cookie(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.cookies.push((name, value.into()));
        self
    }

    /// As browsers do when a cookie has expired.
    pub(crate) fn drop_cookie(&mut self, name: &str) {
        self.cookies.retain(|(other, _)| *other != name);
    }

    /// The same cookies, with another `Accept`.
    pub(crate) fn accepting(mut self, accept: &'static str) -> Self {
        self.accept = accept;
        self
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path).await
    }

    pub(crate) async fn ask(&self, method: Method, path: &str) -> Answer {
        let pages = init_service(App::new().configure(mount(console(self.world)))).await;
        let mut request = TestRequest::default().method(method).uri(path);
        if !self.accept.is_empty() {
            request = request.insert_header((header::ACCEPT, self.accept));
        }
        let cookies = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        let cookies = cookies.collect::<Vec<_>>().join("; ");
        let request = request.insert_header((header::COOKIE, cookies)).to_request();
        let response = pages.call(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let body = String::from_utf8(read_body(response).await.to_vec()).unwrap();
        Answer { status, headers, body }
    }
}

/// Registers somebody.
pub(crate) async fn register(world: &World, username: &str) -> Caller {
    world.register_user(username).await
}

fn console(world: &World) -> Console {
    Console {
        authenticate: world.authenticate(),
        read_own_account: world.read_own_account(),
        list_transcriptions: world.list(),
        read_chunks: world.read_chunks(),
        list_own_sessions: world.list_own_sessions(),
    }
}

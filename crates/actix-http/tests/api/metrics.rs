//! Who may read metrics.

use lectern_testkit::{fakes::OneMetric, world::World};
use reqwest::StatusCode;

use super::server::{Server, WORKER_TOKEN, problem};

#[tokio::test(flavor = "multi_thread")]
async fn metrics_are_plain_text_that_nobody_keeps() {
    let server = Server::start();
    let answer = server.get("/metrics").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers().get("content-type").unwrap(), "text/plain; version=0.0.4; charset=utf-8");
    assert_eq!(answer.headers().get("cache-control").unwrap(), "no-store");
    assert_eq!(answer.text().await.unwrap(), OneMetric::TEXT);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_metrics_token_only_its_holders_read_them() {
    let server =
        Server::with(World::new(), |settings| settings.metrics_token = Some("the token".to_owned().into()));
    let account = server.token_of("ada").await;
    for wrong in [None, Some("the toke"), Some("the tokens"), Some(""), Some(WORKER_TOKEN), Some(&account)] {
        let mut request = server.get("/metrics");
        if let Some(token) = wrong {
            request = request.bearer_auth(token);
        }
        let refused = problem(request.send().await.unwrap()).await;
        assert_eq!(refused, (StatusCode::UNAUTHORIZED, "token_invalid".to_owned()), "{wrong:?}");
    }
    let answer = server.get("/metrics").bearer_auth("the token").send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), OneMetric::TEXT);
}

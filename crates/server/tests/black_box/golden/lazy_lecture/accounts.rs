//! The rows about accounts.

use reqwest::Method;
use serde_json::json;

use super::{ADMIN_TOKEN, PASSWORD, log_in, patch, register, start, start_with};
use crate::profile::{Profile, on_both_profiles};

on_both_profiles!(
    somebody_signs_up_in_and_on,
    somebody_is_changed_by_the_admin_token,
    what_is_presented_in_a_query_is_not_logged,
);

const NAME: &str = "adalovelace";

async fn somebody_signs_up_in_and_on(profile: Profile) {
    let golden = start(profile).await;
    golden.exchange("root", golden.request(Method::GET, "/").header("accept", "application/json")).await;

    golden.exchange("register-invalid", register(&golden, "ada1", "password")).await;
    golden.exchange("register-invalid.username", register(&golden, "ада-ловелас", PASSWORD)).await;
    golden.exchange("register-invalid.password", register(&golden, NAME, "Passw0rd")).await;
    let nothing = golden.request(Method::POST, "/auth/register").json(&json!({}));
    golden.exchange("register-invalid.nothing", nothing).await;
    golden.exchange("register", register(&golden, NAME, PASSWORD)).await;
    golden.exchange("register-taken", register(&golden, "AdaLovelace", PASSWORD)).await;

    golden.exchange("login-wrong", log_in(&golden, NAME, "Passw0rd?")).await;
    golden.exchange("login-wrong.unknown", log_in(&golden, "nobody", "weak")).await;
    let tokens = golden.exchange("login", log_in(&golden, NAME, PASSWORD)).await;
    let (access, first) = (tokens.text("/access_token"), tokens.text("/refresh_token"));

    let info = || golden.request(Method::GET, "/auth/info");
    golden.exchange("info", info().bearer_auth(&access)).await;
    golden.exchange("info.no-header", info()).await;
    golden.exchange("info.no-bearer", info().header("authorization", "Token abc")).await;
    golden.exchange("info.bad-token", info().bearer_auth("garbage")).await;
    golden.exchange("info.wrong-type", info().bearer_auth(&first)).await;

    let refresh =
        |token: &str| golden.request(Method::POST, "/auth/refresh").json(&json!({"refresh_token": token}));
    golden.exchange("refresh", refresh(&first)).await;
    golden.exchange("refresh.wrong-type", refresh(&access)).await;
    golden.exchange("refresh.garbage", refresh("garbage")).await;

    let blocked = golden.server.run(&["user", "block", NAME]).await;
    assert!(blocked.status.success(), "{blocked:?}");
    golden.exchange("login-wrong.blocked", log_in(&golden, NAME, PASSWORD)).await;
}

async fn somebody_is_changed_by_the_admin_token(profile: Profile) {
    let golden = start(profile).await;
    golden.prepare(register(&golden, NAME, PASSWORD)).await;
    let right = format!("user_id=1&secret_admin_token={ADMIN_TOKEN}");
    let lets = json!({"can_interact": true});
    golden.exchange("patch", patch(&golden, &right, &lets)).await;
    golden.exchange("patch.password", patch(&golden, &right, &json!({"password": "N3w=Passw0rd"}))).await;
    golden.exchange("patch.nothing", patch(&golden, &right, &json!({}))).await;

    let wrong = "user_id=1&secret_admin_token=a-guess";
    golden.exchange("patch-refused", patch(&golden, wrong, &lets)).await;
    golden.exchange("patch-refused.no-token", patch(&golden, "user_id=1", &lets)).await;
    let no_user = format!("secret_admin_token={ADMIN_TOKEN}");
    golden.exchange("patch-refused.no-user", patch(&golden, &no_user, &lets)).await;
    let unknown = format!("user_id=99&secret_admin_token={ADMIN_TOKEN}");
    golden.exchange("patch-refused.unknown", patch(&golden, &unknown, &lets)).await;
    let weak = json!({"password": "password"});
    golden.exchange("patch-refused.weak-password", patch(&golden, &right, &weak)).await;
    let made = golden.server.run(&["user", "set-role", NAME, "operator"]).await;
    assert!(made.status.success(), "{made:?}");
    golden.exchange("patch-refused.out-of-reach", patch(&golden, &right, &lets)).await;
}

async fn what_is_presented_in_a_query_is_not_logged(profile: Profile) {
    let mut golden = start_with(profile, &[("LECTERN_LOG", "trace")]).await;
    golden.prepare(register(&golden, NAME, PASSWORD)).await;
    let lets = json!({"password": "N3w=Passw0rd"});
    for query in [
        format!("user_id=1&secret_admin_token={ADMIN_TOKEN}"),
        "user_id=1&secret_admin_token=a-guess-at-it".to_owned(),
        format!("user_id=one&secret_admin_token={ADMIN_TOKEN}"),
    ] {
        golden.prepare(patch(&golden, &query, &lets)).await;
    }
    assert!(golden.server.terminate().await.success());
    let log = golden.server.log();
    assert!(log.contains("/auth/patch"), "{log}");
    for secret in [ADMIN_TOKEN, "a-guess-at-it", "secret_admin_token=", "N3w=Passw0rd", PASSWORD] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
}

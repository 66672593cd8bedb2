//! S3 dies, is slow, and comes back.

use std::time::Duration;

use lectern_services::{Direction, Moment};
use serde_json::json;

use super::{
    answer::Refusal,
    cluster::{Cluster, Plan},
    keen::{Keen, new_key},
    parts::{Stand, Stands},
};
use crate::{
    client::{Account, problem},
    sound,
};

/// A recording that goes to S3 in several parts.
const LONG: u32 = 7000;

async fn start(s3: Stand) -> Cluster {
    let stands = Stands { s3, ..Stands::default() };
    let settings = [("LECTERN_WORKER", "off")].into();
    Cluster::start(Plan { replicas: 1, stands, settings, ..Plan::default() }).await
}

#[tokio::test]
async fn an_upload_that_loses_s3_half_way_is_put_off_leaves_nothing_and_succeeds_afterwards() {
    let cluster = start(Stand::Proxied).await;
    let [server] = &cluster.replicas[..] else { unreachable!("one replica") };
    let ada = Account::register(server, "ada").await;
    let (recording, key) = (sound::noise(LONG, 1), new_key());
    let proxy = cluster.parts.s3.proxy();
    let second_part = proxy.cut_at(Direction::ToServer, b"partNumber=2", Moment::After);
    let upload = ada.send_under(server, recording.clone(), "audio/wav", &key);
    let cut = async {
        let mut looks = tokio::time::interval(Duration::from_millis(1));
        while !second_part.came_within(Duration::ZERO) {
            looks.tick().await;
        }
        proxy.cut();
    };
    let (refused, ()) = tokio::join!(upload, cut);
    assert!(refused.headers().contains_key("retry-after"), "{}", refused.status());
    assert_eq!(problem(refused).await, (503, "storage_unavailable".to_owned()));
    assert_eq!(ada.get(server, "/v1/transcriptions").await.get("total"), Some(&json!(0)));

    proxy.restore().unwrap();
    let accepted = ada.send_under(server, recording.clone(), "audio/wav", &key).await;
    assert_eq!(accepted.status(), 202, "{}", server.log());
    assert_eq!(ada.get(server, "/v1/transcriptions").await.get("total"), Some(&json!(1)));
    assert_eq!(cluster.parts.recordings().count().await, 1);
    let path = accepted.headers().get("location").unwrap().to_str().unwrap().to_owned();
    let audio = ada.request(server, reqwest::Method::GET, &format!("{path}/audio")).send().await.unwrap();
    assert!(audio.bytes().await.unwrap() == recording);
}

#[tokio::test]
async fn without_s3_all_but_recordings_goes_on_and_those_do_when_it_is_back() {
    let cluster = start(Stand::Own).await;
    let ada = Keen::register(&cluster.entrances(), "ada").await;
    let berta = Keen::register(&cluster.entrances(), "berta").await;
    let kept = ada.upload(&sound::noise(11, 1), &new_key()).await.unwrap();
    cluster.parts.s3.kill().await;
    ada.refresh().await;
    ada.get(&kept).await;
    assert_eq!(ada.refusals(), []);
    let (recording, key) = (sound::noise(11, 2), new_key());
    let back = async {
        let mut looks = tokio::time::interval(Duration::from_millis(20));
        while berta.refusals().is_empty() {
            looks.tick().await;
        }
        cluster.parts.s3.restart().await;
    };
    let (uploaded, ()) = tokio::join!(berta.upload(&recording, &key), back);
    uploaded.unwrap();
    let improper: Vec<_> = berta.refusals().into_iter().filter(|refusal| !refusal.is_proper()).collect();
    assert_eq!(improper, []);
    ada.assert_all_there().await;
    berta.assert_all_there().await;
}

#[tokio::test]
async fn a_slow_s3_makes_slow_uploads_that_are_whole() {
    let cluster = start(Stand::Proxied).await;
    let ada = Keen::register(&cluster.entrances(), "ada").await;
    cluster.parts.s3.proxy().delay(Duration::from_secs(1));
    ada.upload(&sound::noise(11, 1), &new_key()).await.unwrap();
    assert_eq!(ada.refusals().iter().find(|refusal| Refusal::is_fault(refusal)), None);
    ada.assert_all_there().await;
}

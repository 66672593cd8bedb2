//! What a client does with a server, from signing up to the exported transcript.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{
    accuracy::Accuracy,
    client::Client,
    events::Event,
    screen::{self, Progress},
};
use crate::{Outcome, programs::root};

/// The account that is made.
pub(super) const USERNAME: &str = "newcomer";
/// Its password, which everybody may know: it is for a server that is only tried.
const PASSWORD: &str = "water is never at rest";
/// What is transcribed, and what is said in it, from the workspace's root.
pub(crate) const RECORDING: &str = "assets/lecture.mp3";
const SAID: &str = "assets/lecture.txt";
/// The files that are written into the current folder.
const EXPORTS: [&str; 2] = ["docx", "srt"];
/// How often a stream of events may break off before that is an error.
const MOST_CONNECTIONS: usize = 5;

/// How it ended, and what is needed to go on by hand.
#[derive(Debug)]
pub(crate) struct Story {
    /// An access token of the account.
    pub(crate) token: String,
    /// The path of the transcription.
    pub(crate) transcription: String,
    /// How much of the transcript is right.
    pub(crate) accuracy: Accuracy,
}

/// Plays it against the server at `url`, as an account of that name, and shows every step.
pub(crate) fn tell(url: &str, username: &str) -> Outcome<Story> {
    let mut client = Client::new(url);
    client.post("/v1/auth/register", &json!({"username": username, "password": PASSWORD}))?;
    let tokens = client.post("/v1/auth/login", &json!({"login": username, "password": PASSWORD}))?;
    let token = tokens["access_token"].as_str().ok_or("the login answers no access token")?.to_owned();
    client.sign_in(&token);
    screen::step(&format!("signed up and signed in as {username}, password \"{PASSWORD}\""));

    let recording = root().join(RECORDING);
    let begun = Instant::now();
    let path = client.upload(
        "/v1/transcriptions",
        &recording,
        &[("title", "The journey of water"), ("language", "en")],
    )?;
    let transcription = client.get(&path)?;
    let duration = seconds(&transcription["duration_seconds"])?;
    screen::step(&format!("uploaded {RECORDING}, {:.0} s of speech", duration.as_secs_f64()));

    watch(&client, &path)?;
    let elapsed = begun.elapsed();
    screen::step(&format!(
        "transcribed in {:.0} s, {:.1} times as fast as it was spoken",
        elapsed.as_secs_f64(),
        duration.as_secs_f64() / elapsed.as_secs_f64()
    ));

    let transcript = String::from_utf8(client.download(&format!("{path}/export?format=txt"))?)?;
    screen::quote(&transcript);
    let said = root().join(SAID);
    let said =
        fs::read_to_string(&said).map_err(|error| format!("can't read {}: {error}", said.display()))?;
    let accuracy = Accuracy::of(&transcript, &said);
    screen::step(&format!("{accuracy} of the words are right, compared with {SAID}"));
    for format in EXPORTS {
        export(&client, &path, format)?;
    }
    Ok(Story { token, transcription: path, accuracy })
}

/// Writes the transcript into the current folder.
fn export(client: &Client, path: &str, format: &str) -> Outcome {
    let document = client.download(&format!("{path}/export?format={format}"))?;
    let file = format!("lecture.{format}");
    fs::write(Path::new(&file), &document).map_err(|error| format!("can't write {file}: {error}"))?;
    screen::step(&format!("wrote {file}, {} bytes", document.len()));
    Ok(())
}

/// Shows the progress until the transcription has come to an end; a bad end is an error.
fn watch(client: &Client, path: &str) -> Outcome {
    let mut progress = Progress::begin();
    let mut last_id: Option<String> = None;
    for _ in 0..MOST_CONNECTIONS {
        // The server ends the events with the last one. So does a connection that breaks off; how far it is, the
        // transcription itself says.
        for event in client.events(&format!("{path}/events"), last_id.as_deref())?.map_while(Result::ok) {
            show(&event, &mut progress)?;
            last_id = event.id;
        }
        if end_of(&client.get(path)?)? == Phase::Ended {
            return Ok(());
        }
    }
    Err(format!("the events broke off {MOST_CONNECTIONS} times before the transcript was complete").into())
}

/// Whether there is more to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    UnderWay,
    Ended,
}

/// How far a transcription is. Every end but a complete transcript is an error.
fn end_of(transcription: &Value) -> Outcome<Phase> {
    let state = transcription["state"].as_str().ok_or("the transcription has no state")?;
    match state {
        "queued" | "in_progress" | "processing_error" => Ok(Phase::UnderWay),
        "completed" => Ok(Phase::Ended),
        _ => {
            let description = transcription["description"].as_str().unwrap_or("the server's log may say why");
            Err(format!("the transcription ended as {state}: {description}").into())
        }
    }
}

/// Shows the progress that an event tells. What it says about states and chunks is not needed here.
fn show(event: &Event, progress: &mut Progress) -> Outcome {
    if event.name != "progress" {
        return Ok(());
    }
    let data: Value = serde_json::from_str(&event.data)
        .map_err(|error| format!("an event is no JSON ({error}): {}", event.data))?;
    let count = |member: &str| data[member].as_u64().ok_or(format!("progress without {member}"));
    progress.show(count("done")?, count("planned")?, seconds(&data["eta_seconds"]).ok());
    Ok(())
}

fn seconds(value: &Value) -> Outcome<Duration> {
    let seconds = value.as_f64().ok_or_else(|| format!("{value} is no number of seconds"))?;
    Ok(Duration::try_from_secs_f64(seconds)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(name: &str, data: &str) -> Event {
        Event { id: None, name: name.to_owned(), data: data.to_owned() }
    }

    #[test]
    fn only_a_complete_transcript_is_a_good_end() {
        assert_eq!(end_of(&json!({"state": "in_progress"})).unwrap(), Phase::UnderWay);
        assert_eq!(end_of(&json!({"state": "completed"})).unwrap(), Phase::Ended);
        let error = end_of(&json!({"state": "processing_fail", "description": "no model"})).unwrap_err();
        assert_eq!(error.to_string(), "the transcription ended as processing_fail: no model");
        end_of(&json!({})).unwrap_err();
    }

    #[test]
    fn progress_without_its_counts_is_an_error() {
        let mut progress = Progress::begin();
        show(&event("progress", r#"{"done":1,"planned":3,"eta_seconds":null}"#), &mut progress).unwrap();
        show(&event("progress", r#"{"done":1}"#), &mut progress).unwrap_err();
        show(&event("progress", "1 of 3"), &mut progress).unwrap_err();
    }

    #[test]
    fn other_events_are_passed_over() {
        show(&event("state", r#"{"state":"in_progress"}"#), &mut Progress::begin()).unwrap();
    }

    #[test]
    fn a_number_of_seconds_is_no_less_than_zero() {
        assert_eq!(seconds(&json!(1.5)).unwrap(), Duration::from_millis(1500));
        seconds(&json!(-1)).unwrap_err();
        seconds(&json!(null)).unwrap_err();
    }
}

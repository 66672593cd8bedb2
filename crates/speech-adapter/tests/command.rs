//! Programs of one's own as recognisers.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::{env, fs, path::PathBuf, time::Duration};

use lectern_application::ports::{Recognizer, RecognizerError, Speech, Utterance};
use lectern_domain::transcription::Language;
use lectern_speech_adapter::{CommandError, CommandRecognizer, Host};
use tempfile::TempDir;

/// A program that is a shell script, and where recordings are put for it.
struct Installed {
    script: PathBuf,
    host: Host,
    _folder: TempDir,
}

impl Installed {
    fn new(script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("script");
        fs::write(&file, script).unwrap();
        let scratch = folder.path().join("scratch");
        fs::create_dir(&scratch).unwrap();
        Self { script: file, host: Host { scratch, ..Host::current() }, _folder: folder }
    }

    /// Runs it with these arguments on ten seconds of something.
    async fn run(&self, arguments: &str, language: Option<&str>) -> Result<Vec<Utterance>, RecognizerError> {
        let language = language.map(|tag| Language::parse(tag).unwrap());
        let speech = Speech { samples: vec![0.25; 16_000 * 10], language };
        let command = format!("sh {} {arguments}", self.script.display());
        CommandRecognizer::parse(&command, self.host.clone()).unwrap().recognize(speech).await
    }

    fn recordings(&self) -> usize {
        self.host.scratch.read_dir().unwrap().count()
    }
}

async fn said_by(script: &str) -> Vec<Utterance> {
    Installed::new(script).run("{wav}", None).await.unwrap()
}

/// The detail of a failure, after which nothing may be left.
async fn failure_of(script: &str) -> String {
    let installed = Installed::new(script);
    let failure = installed.run("{wav}", None).await.unwrap_err();
    assert_eq!(installed.recordings(), 0);
    let RecognizerError::Failed { name, detail, .. } = failure else { unreachable!("{failure:?}") };
    assert_eq!(name, "sh");
    detail
}

fn utterance(start: u64, end: u64, text: &str) -> Utterance {
    Utterance { start: Duration::from_millis(start), end: Duration::from_millis(end), text: text.to_owned() }
}

#[tokio::test]
async fn json_is_put_in_order_and_within_the_recording() {
    let script =
        r#"echo '{"segments":[{"start":9,"end":11.5,"text":"two "},{"start":-1,"end":2.5,"text":"one"}]}'"#;
    assert_eq!(said_by(script).await, [utterance(0, 2500, "one"), utterance(9000, 10_000, "two")]);
}

#[tokio::test]
async fn subtitles_are_read() {
    let script = r"printf '1\n00:00:01,000 --> 00:00:02,500\nGood\nmorning\n'";
    assert_eq!(said_by(script).await, [utterance(1000, 2500, "Good morning")]);
}

#[tokio::test]
async fn plain_text_spans_the_recording() {
    assert_eq!(said_by("echo good morning").await, [utterance(0, 10_000, "good morning")]);
}

#[tokio::test]
async fn no_output_is_no_speech() {
    assert_eq!(said_by("true").await, []);
}

#[tokio::test]
async fn the_recording_is_a_wave_file_of_16_khz_mono_and_16_bits() {
    let said = said_by(r#"od -An -tx1 -j20 -N16 "$1" | tr -d ' \n'; wc -c < "$1""#).await;
    // PCM, 1 channel, 16,000 samples/s, 32,000 bytes/s, 2 bytes each, 16 bits; then 10 s after 44 bytes of header.
    assert_eq!(said[0].text, "0100 0100 803e0000 007d0000 0200 1000".replace(' ', "") + "320044");
}

#[tokio::test]
async fn the_language_is_told_or_auto() {
    let installed = Installed::new(r#"echo "$1""#);
    for (language, told) in [(Some("pt-BR"), "--language=pt-BR"), (None, "--language=auto")] {
        let said = installed.run("--language={language} {wav}", language).await.unwrap();
        assert_eq!(said[0].text, told);
    }
}

#[tokio::test]
async fn no_shell_ever_reads_the_command() {
    let installed = Installed::new(r#"shift; printf '%s|' "$@""#);
    let said = installed.run("{wav} '$(id) ;' \"a  b\" `id` > x", None).await.unwrap();
    assert_eq!(said[0].text, "$(id) ;|a  b|`id`|>|x|");
}

#[tokio::test]
async fn a_program_gets_no_input() {
    assert_eq!(said_by("wc -c").await[0].text, "0");
}

/// Runs itself again, with a secret in the environment.
#[tokio::test]
async fn a_program_does_not_see_the_servers_secrets() {
    const SECRET: &str = "LECTERN_WORKER_TOKEN";
    if env::var_os(SECRET).is_some() {
        assert_eq!(said_by("env | grep LECTERN_ || echo nothing").await[0].text, "nothing");
        return;
    }
    let mut again = std::process::Command::new(env::current_exe().unwrap());
    let ran = again.args(["--exact", "a_program_does_not_see_the_servers_secrets"]).env(SECRET, "wtok");
    let ran = ran.output().unwrap();
    let report = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success() && report.contains("1 passed"), "{report}");
}

#[tokio::test]
async fn a_failure_tells_the_end_of_what_the_program_complained_about() {
    let detail = failure_of("seq 1 5000 >&2; echo 'no such model' >&2; exit 3").await;
    assert!(detail.starts_with("exit status: 3: "), "{detail}");
    assert!(detail.ends_with("no such model"), "{detail}");
    assert!(detail.len() < 2100, "{} bytes", detail.len());
}

#[tokio::test]
async fn a_program_that_was_killed_has_failed() {
    assert!(failure_of("kill -9 $$").await.starts_with("signal: 9"));
}

#[tokio::test]
async fn a_program_that_never_stops_printing_has_failed() {
    assert_eq!(failure_of("exec yes").await, "it printed too much");
}

#[tokio::test]
async fn broken_json_is_a_failure() {
    assert_eq!(failure_of(r#"echo '{"segments": [{"start"'"#).await, "it printed JSON of an unknown form");
}

#[tokio::test]
async fn no_recording_is_left_after_success() {
    let installed = Installed::new("echo good morning");
    installed.run("{wav}", None).await.unwrap();
    assert_eq!(installed.recordings(), 0);
}

#[tokio::test]
async fn a_program_that_was_removed_is_not_installed() {
    let host = Host { search_path: "/nonexistent".into(), ..Host::current() };
    let recognizer = CommandRecognizer::parse("sh {wav}", host).unwrap();
    let failure = recognizer.recognize(Speech { samples: vec![0.0], language: None }).await;
    assert!(matches!(failure, Err(RecognizerError::NotInstalled { .. })), "{failure:?}");
}

#[test]
fn a_command_must_be_a_command() {
    for (command, error) in [
        ("", CommandError::Empty),
        ("'' {wav}", CommandError::Empty),
        ("recognize", CommandError::NoRecording),
        ("{wav}", CommandError::NoRecording),
        ("recognize '{wav}", CommandError::Quoting),
    ] {
        let parsed = CommandRecognizer::parse(command, Host::current());
        assert_eq!(parsed.map(|_| ()), Err(error), "{command}");
    }
}

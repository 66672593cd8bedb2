//! From a recording to its text.

use std::{
    path::Path,
    process::{Output, Stdio},
    time::Instant,
};

use tempfile::TempDir;
use tokio::process::Command;

use crate::{
    Outcome, lecture, programs,
    table::{Bar, Row, median, time},
};

const ROUNDS: usize = 3;

/// One chunk, which is what the yardstick does: the whole recording at once.
pub(crate) async fn measure() -> Outcome<Vec<Row>> {
    let folder = TempDir::new()?;
    let wav = folder.path().join("lecture.wav");
    let (mut ours, mut yardsticks) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        yardsticks.push(alone(&wav).await?);
        let began = Instant::now();
        let lectern = Command::new(programs::lectern()?)
            .args(["transcribe", "--recognizer", "pocketsphinx"])
            .arg(lecture())
            .current_dir(folder.path())
            .stderr(Stdio::null())
            .output();
        succeeded("lectern transcribe", &lectern.await?)?;
        ours.push(began.elapsed().as_secs_f64());
    }
    let (ours, yardstick) = (median(ours), median(yardsticks));
    Ok(vec![Row {
        what: "a minute of a lecture, mp3 to text".to_owned(),
        ours: time(ours),
        yardstick: format!("`ffmpeg` and `pocketsphinx_continuous`: {}", time(yardstick)),
        ratio: ours / yardstick,
        bar: Bar::AtMost(1.1),
    }])
}

/// Decoding and recognising by the tools themselves: how many seconds.
async fn alone(wav: &Path) -> Outcome<f64> {
    let began = Instant::now();
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-y", "-i"]).arg(lecture()).args(["-ar", "16000", "-ac", "1"]).arg(wav);
    succeeded("ffmpeg", &ffmpeg.output().await?)?;
    let mut sphinx = Command::new("pocketsphinx_continuous");
    sphinx.arg("-infile").arg(wav).args(["-time", "yes", "-logfn", "/dev/null"]);
    succeeded("pocketsphinx_continuous", &sphinx.output().await?)?;
    Ok(began.elapsed().as_secs_f64())
}

fn succeeded(what: &str, output: &Output) -> Outcome<()> {
    if output.status.success() && !output.stdout.is_empty() || what == "ffmpeg" && output.status.success() {
        return Ok(());
    }
    Err(format!("{what} failed: {}", String::from_utf8_lossy(&output.stderr)).into())
}

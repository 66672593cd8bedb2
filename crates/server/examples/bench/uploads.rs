//! Uploads of long recordings.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use lectern_application::ports::{AudioProbe as _, LocalFile};
use lectern_media_adapter::SymphoniaAudio;
use reqwest::{
    Client,
    multipart::{Form, Part},
};
use tempfile::TempDir;
use tokio::process::Command;

use crate::{
    Outcome, lecture,
    programs::Program,
    sign_up,
    table::{Bar, Row, median, time},
};

const ROUNDS: usize = 7;
/// What an upload may take besides, in seconds: a request, a commit.
const BESIDES: f64 = 0.3;
/// How much the server's peak memory may grow, in KiB.
const GROWTH: f64 = 32.0 * 1024.0;

pub(crate) async fn measure() -> Outcome<Vec<Row>> {
    let folder = TempDir::new()?;
    let recording = two_hours(folder.path()).await?;
    let bytes = fs::read(&recording)?;
    let (mut yardsticks, mut uploads, mut growths) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        yardsticks.push(copy_and_scan(&recording, folder.path()).await?);
        let lectern = Program::lectern(&[]).await?;
        let token = sign_up(&lectern, "ada").await?;
        let before = lectern.kibibytes("VmRSS")?;
        let form = Form::new().part("audio", Part::bytes(bytes.clone()).mime_str("audio/mpeg")?);
        // Directly, whatever proxy this machine has.
        let client = Client::builder().no_proxy().build()?;
        let request = client.post(format!("http://{}/v1/transcriptions", lectern.address));
        let began = Instant::now();
        request.bearer_auth(token).multipart(form).send().await?.error_for_status()?;
        uploads.push(began.elapsed().as_secs_f64());
        growths.push((lectern.kibibytes("VmHWM")? - before).max(0.0));
    }
    let (yardstick, upload, growth) = (median(yardsticks), median(uploads), median(growths));
    let size = kibibytes(&recording)?;
    Ok(vec![
        Row {
            what: format!("upload of two hours of mp3 ({:.0} MiB) to 202", size / 1024.0),
            ours: time(upload),
            yardstick: format!("`cp` and a packet scan: {}", time(yardstick)),
            ratio: upload / yardstick,
            bar: Bar::Within {
                limit: "ratio ≤ 1.5 after 0.3 s".to_owned(),
                is_met: upload - BESIDES <= 1.5 * yardstick,
            },
        },
        Row {
            what: "growth of the server's peak memory meanwhile".to_owned(),
            ours: format!("{:.1} MiB", growth / 1024.0),
            yardstick: format!("the recording: {:.0} MiB", size / 1024.0),
            ratio: growth / size,
            bar: Bar::Within { limit: "≤ 32 MiB".to_owned(), is_met: growth <= GROWTH },
        },
    ])
}

/// Two hours of the lecture, again and again.
async fn two_hours(folder: &Path) -> Outcome<PathBuf> {
    let recording = folder.join("two-hours.mp3");
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-v", "error", "-stream_loop", "150", "-i"]).arg(lecture());
    let made = ffmpeg.args(["-t", "7190", "-c", "copy"]).arg(&recording).status().await?;
    if made.success() { Ok(recording) } else { Err("ffmpeg failed".into()) }
}

async fn copy_and_scan(recording: &Path, folder: &Path) -> Outcome<f64> {
    let copy = folder.join("copy");
    let began = Instant::now();
    if !Command::new("cp").arg(recording).arg(&copy).status().await?.success() {
        return Err("cp failed".into());
    }
    SymphoniaAudio::new(None).probe(&LocalFile::lasting(copy)).await?;
    Ok(began.elapsed().as_secs_f64())
}

#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "sizes are far below 2^52")]
fn kibibytes(file: &Path) -> Outcome<f64> {
    Ok(fs::metadata(file)?.len() as f64 / 1024.0)
}

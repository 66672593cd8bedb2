//! Speech to recognise, spoken by the synthesiser Flite inside FFmpeg.

use std::process::Command;

use lectern_application::ports::Speech;

/// What a lecturer might say; it takes about half a minute.
pub(crate) const LECTURE: &str = "Good morning everybody. Today we will talk about the history of the computer. The \
    first machines were very large and filled a whole room. They were used to solve problems of science. Later the \
    machines became small and cheap, and people could use them at home. In the next lesson we will look at how the \
    machine works, and why it is so fast. Please read the first two chapters of the book before the next lesson. \
    Thank you very much and have a good day.";

/// Someone saying `text`.
pub(crate) fn spoken(text: &str) -> Speech {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("text");
    std::fs::write(&script, text).unwrap();
    let source = format!("flite=textfile={}:voice=rms", script.display());
    let ffmpeg = Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i", &source, "-ar", "16000", "-ac", "1", "-f", "f32le", "-"])
        .output()
        .expect("FFmpeg with Flite is needed: apt-get install ffmpeg");
    assert!(ffmpeg.status.success(), "{}", String::from_utf8_lossy(&ffmpeg.stderr));
    let (samples, _) = ffmpeg.stdout.as_chunks::<4>();
    Speech { samples: samples.iter().copied().map(f32::from_le_bytes).collect(), language: None }
}

/// Nobody saying anything.
pub(crate) fn silence(seconds: usize) -> Speech {
    Speech { samples: vec![0.0; seconds * 16_000], language: None }
}

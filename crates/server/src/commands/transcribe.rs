//! `lectern transcribe`: a recording to text, without any server.

use std::{fs, path::Path, sync::Arc};

use indicatif::{ProgressBar, ProgressStyle};
use lectern_application::{
    ports::{ExportFormat, LocalFile},
    worker::{TranscribeFile, TranscribeFileError, TranscribeFileInput},
};
use lectern_domain::transcription::{Language, Title};
use lectern_media_adapter::TranscriptFiles;
use lectern_speech_adapter::Host;

use super::block_on;
use crate::{
    cli::TranscribeArguments,
    compose::{Recognition, recognition, sound},
    config::Settings,
    failure::Failure,
    output, shutdown,
};

pub(super) fn run(arguments: &TranscribeArguments, settings: &Settings) -> Result<(), Failure> {
    let recognizer = match recognition(&settings.recognizer, Host::current())? {
        Recognition::Here(recognizer) => recognizer,
        Recognition::Elsewhere { why } => {
            return Err(Failure::operation("there is nothing to transcribe with").because(why));
        }
    };
    let sound = sound();
    let transcribe = TranscribeFile {
        probe: Arc::<lectern_media_adapter::SymphoniaAudio>::clone(&sound),
        decoder: sound,
        recognizer,
        renderer: Arc::new(TranscriptFiles),
        chunk_size: settings.uploads.chunk_size,
    };
    let input = input(arguments)?;
    let document = block_on(async {
        let shutdown = shutdown::on_signals()?;
        let bar = bar();
        let work = transcribe.execute(input, |done, planned| {
            bar.set_length(planned.into());
            bar.set_position(done.into());
        });
        let outcome = tokio::select! {
            () = shutdown.cancelled() => Err(Failure::operation("interrupted; nothing was written")),
            outcome = work => outcome.map_err(|error| failed(&arguments.file, error)),
        };
        bar.finish_and_clear();
        outcome
    })?;
    match &arguments.output {
        None => output::result(&document.bytes),
        Some(path) => fs::write(path, &document.bytes)
            .map_err(|error| Failure::operation(format!("can't write {}", path.display())).because(error)),
    }
}

fn input(arguments: &TranscribeArguments) -> Result<TranscribeFileInput, Failure> {
    let language = arguments.language.as_deref().map(Language::parse).transpose();
    let title = arguments.file.file_stem().and_then(|stem| Title::parse(&stem.to_string_lossy()).ok());
    Ok(TranscribeFileInput {
        file: LocalFile::lasting(arguments.file.clone()),
        title,
        language: language.map_err(|error| Failure::usage("the language").because(error))?,
        format: ExportFormat::parse(&arguments.format)
            .ok_or_else(|| Failure::usage(format!("there is no format {}", arguments.format)))?,
    })
}

fn failed(file: &Path, error: TranscribeFileError) -> Failure {
    Failure::operation(format!("can't transcribe {}", file.display())).because(error)
}

/// On stderr, so that the text can be redirected; hidden where there is no terminal.
fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    // The template is a constant that is known to be right; the default style would do as well.
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} chunks, {eta} left") {
        bar.set_style(style);
    }
    bar
}

//! A probe that doesn't look.

use std::{sync::Mutex, time::Duration};

use async_trait::async_trait;
use lectern_application::ports::{AudioProbe, AudioReadError, LocalFile, Probed};

use crate::on_demand::OnDemand;

/// Finds in every file what it was told: at first an mp3 of 150 seconds.
#[derive(Debug)]
pub struct FakeProbe {
    answer: Mutex<Answer>,
}

#[derive(Debug, Clone)]
enum Answer {
    Probed(Probed),
    NotAudio,
    UnsupportedCodec(String),
    Unreadable,
}

impl Default for FakeProbe {
    fn default() -> Self {
        let probed = Probed { duration: Duration::from_secs(150), media_type: "audio/mpeg".to_owned() };
        Self { answer: Mutex::new(Answer::Probed(probed)) }
    }
}

impl FakeProbe {
    /// From now on files are mp3s of that duration.
    pub fn find(&self, duration: Duration) {
        self.answer(Answer::Probed(Probed { duration, media_type: "audio/mpeg".to_owned() }));
    }

    /// From now on files are recordings of that media type that play for a minute.
    pub fn find_media_type(&self, media_type: &str) {
        let duration = Duration::from_mins(1);
        self.answer(Answer::Probed(Probed { duration, media_type: media_type.to_owned() }));
    }

    /// From now on files are no audio.
    pub fn find_no_audio(&self) {
        self.answer(Answer::NotAudio);
    }

    /// From now on files are in a codec that can't be decoded.
    pub fn find_codec(&self, codec: &str) {
        self.answer(Answer::UnsupportedCodec(codec.to_owned()));
    }

    /// From now on files can't be read.
    pub fn break_down(&self) {
        self.answer(Answer::Unreadable);
    }

    fn answer(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }
}

#[async_trait]
impl AudioProbe for FakeProbe {
    async fn probe(&self, _file: &LocalFile) -> Result<Probed, AudioReadError> {
        match self.answer.lock().unwrap().clone() {
            Answer::Probed(probed) => Ok(probed),
            Answer::NotAudio => Err(AudioReadError::NotAudio),
            Answer::UnsupportedCodec(codec) => {
                Err(AudioReadError::UnsupportedCodec { codec, fix: "install its decoder".to_owned() })
            }
            Answer::Unreadable => {
                Err(AudioReadError::Unreadable { source: Box::new(OnDemand("the file can't be read")) })
            }
        }
    }
}

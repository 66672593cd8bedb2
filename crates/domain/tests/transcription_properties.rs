//! Whatever happens to a transcription, in whatever order, it stays within the table.

use std::time::Duration;

use lectern_domain::{
    account::UserId,
    time::Timestamp,
    transcription::{
        AudioKey, ChunkNumber, ChunkNumbers, ChunkPlan, NewTranscription, Recording, Sha256, StateName,
        Transcription, TranscriptionId, TranscriptionNumber, TransitionError,
    },
};
use proptest::prelude::*;
use uuid::Uuid;

#[derive(Debug, Clone, Copy)]
enum Step {
    Start,
    StoreChunk(u32),
    Fail,
    Finish,
    Cancel,
    AcknowledgeCancel,
    Retry,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::Start),
        (0_u32..12).prop_map(Step::StoreChunk),
        Just(Step::Fail),
        Just(Step::Finish),
        Just(Step::Cancel),
        Just(Step::AcknowledgeCancel),
        Just(Step::Retry),
    ]
}

/// A transcription with the numbers that a store would hold for it.
struct World {
    transcription: Transcription,
    stored: ChunkNumbers,
    now: Timestamp,
}

impl World {
    fn new(plan: ChunkPlan) -> Self {
        let created_at = Timestamp::from_micros(0);
        let new = NewTranscription {
            id: TranscriptionId(Uuid::nil()),
            owner: UserId(Uuid::nil()),
            title: None,
            language: None,
            recording: Recording {
                key: AudioKey(Uuid::nil()),
                media_type: "audio/mpeg".to_owned(),
                bytes: 1,
                sha256: Sha256([0; 32]),
            },
            plan,
            created_at,
        };
        let transcription = new.numbered(TranscriptionNumber(1));
        Self { transcription, stored: ChunkNumbers::default(), now: created_at }
    }

    fn take(&mut self, step: Step) -> Result<(), TransitionError> {
        self.now = self.now.plus(Duration::from_secs(1));
        let (before, now) = (self.transcription.clone(), self.now);
        self.transcription = match step {
            Step::Start => before.start(now),
            Step::StoreChunk(number) => before.store_chunk(ChunkNumber(number), now),
            Step::Fail => before.fail(now),
            Step::Finish => before.finish(&self.stored, now),
            Step::Cancel => before.cancel(now),
            Step::AcknowledgeCancel => before.acknowledge_cancel(&self.stored, now),
            Step::Retry => before.retry(now),
        }?;
        if let Step::StoreChunk(number) = step {
            self.stored.insert(ChunkNumber(number));
        }
        Ok(())
    }
}

/// The table of the design, written down once more: the states that may follow, none if the event is refused.
fn allowed(from: StateName, step: Step) -> &'static [StateName] {
    use StateName as S;
    const ERROR: &[StateName] = &[S::ProcessingError, S::ProcessingFail];
    const DONE: &[StateName] = &[S::Completed, S::CompletedPartially];
    const STOPPED: &[StateName] = &[S::Cancelled, S::CompletedPartially];
    match (from, step) {
        (S::Queued | S::InProgress | S::ProcessingError, Step::Start | Step::StoreChunk(_)) => {
            &[S::InProgress]
        }
        (S::Queued | S::InProgress | S::ProcessingError, Step::Fail) => ERROR,
        (S::Queued | S::InProgress | S::ProcessingError, Step::Cancel)
        | (S::Queued, Step::AcknowledgeCancel)
        | (S::Cancelled, Step::StoreChunk(_)) => &[S::Cancelled],
        (S::InProgress | S::ProcessingError, Step::Finish) => DONE,
        (S::InProgress | S::ProcessingError | S::Cancelled, Step::AcknowledgeCancel) => STOPPED,
        (S::ProcessingError | S::Cancelled | S::CompletedPartially | S::ProcessingFail, Step::Retry) => {
            &[S::Queued]
        }
        (S::Cancelled, Step::Finish)
        | (S::CompletedPartially, Step::StoreChunk(_) | Step::Finish | Step::AcknowledgeCancel) => {
            &[S::CompletedPartially]
        }
        _ => &[],
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_sequence_of_events_leaves_the_table(
        duration in 10_u64..600,
        size in 1_u64..120,
        steps in prop::collection::vec(step(), 0..60),
    ) {
        let plan = ChunkPlan::new(Duration::from_secs(duration), Duration::from_secs(size)).unwrap();
        let mut world = World::new(plan);
        for step in steps {
            let from = world.transcription.clone();
            match world.take(step) {
                Ok(()) => {
                    let to = world.transcription.state();
                    prop_assert!(allowed(from.state(), step).contains(&to), "{:?} {step:?} {to:?}", from.state());
                    prop_assert_eq!(world.transcription.parts().revision, from.parts().revision + 1);
                }
                Err(TransitionError::ChunkOutOfPlan { number, last }) => {
                    prop_assert!(number > last && last == plan.last());
                }
                Err(TransitionError::AudioRemoved) => prop_assert!(false, "nobody removed it"),
                Err(TransitionError::Illegal(illegal)) => {
                    prop_assert_eq!(illegal.from, from.state());
                    let needs_chunks = matches!((from.state(), step), (StateName::Cancelled, Step::Finish));
                    let refused = allowed(from.state(), step).is_empty() || (needs_chunks && world.stored.is_empty());
                    prop_assert!(refused, "{:?} {step:?}", from.state());
                    // A refused event changes nothing.
                    prop_assert_eq!(&world.transcription, &from);
                }
            }
            let parts = world.transcription.parts();
            prop_assert!(parts.error_count <= 3);
            prop_assert_eq!(parts.error_count == 3, parts.state.name() == StateName::ProcessingFail);
            prop_assert_eq!(parts.state.finished_at().is_none(), parts.state.name().is_active());
            if parts.state.name() == StateName::Completed {
                prop_assert!(plan.is_complete(&world.stored));
            }
        }
    }

    #[test]
    fn what_has_no_audio_any_more_is_never_active_again(
        steps in prop::collection::vec((step(), any::<bool>()), 0..60),
    ) {
        let plan = ChunkPlan::new(Duration::from_secs(150), Duration::from_mins(1)).unwrap();
        let mut world = World::new(plan);
        for (step, remove) in steps {
            let before = world.transcription.clone();
            if remove {
                let removed = before.clone().remove_audio(world.now);
                prop_assert_eq!(removed.is_err(), before.state().is_active(), "an active one needs it");
                world.transcription = removed.unwrap_or(before);
            }
            let before = world.transcription.clone();
            let is_removed = before.parts().audio_removed_at.is_some();
            match world.take(step) {
                Err(TransitionError::AudioRemoved) => {
                    prop_assert!(is_removed && matches!(step, Step::Retry));
                    prop_assert_eq!(&world.transcription, &before);
                }
                Err(_) => {}
                Ok(()) => prop_assert!(!is_removed || !matches!(step, Step::Retry)),
            }
            let parts = world.transcription.parts();
            prop_assert_eq!(parts.audio_removed_at, before.parts().audio_removed_at);
            prop_assert!(parts.audio_removed_at.is_none() || !parts.state.name().is_active());
        }
    }

    #[test]
    fn the_planned_chunks_cover_the_recording_without_gap_or_overlap(
        duration_ms in 1_u64..8_000_000,
        size_ms in 1_000_u64..700_000,
    ) {
        let duration = Duration::from_millis(duration_ms);
        let plan = ChunkPlan::new(duration, Duration::from_millis(size_ms)).unwrap();
        let mut covered = Duration::ZERO;
        for number in plan.planned() {
            let range = plan.range(number);
            prop_assert_eq!(range.start, covered);
            prop_assert!(range.end > range.start);
            prop_assert!(plan.is_valid(number));
            covered = range.end;
        }
        prop_assert_eq!(covered, duration);
        prop_assert_eq!(u64::from(plan.last().0), duration_ms / size_ms);
    }

    #[test]
    fn the_missing_chunks_are_the_planned_ones_that_are_not_stored(
        duration in 1_u64..600,
        size in 1_u64..60,
        numbers in prop::collection::vec(0_u32..700, 0..50),
    ) {
        let plan = ChunkPlan::new(Duration::from_secs(duration), Duration::from_secs(size)).unwrap();
        let stored: ChunkNumbers = numbers.into_iter().map(ChunkNumber).collect();
        let missing = plan.missing(&stored).count();
        prop_assert_eq!(missing + usize::try_from(plan.done_count(&stored)).unwrap(), plan.planned().count());
    }
}

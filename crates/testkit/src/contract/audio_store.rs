//! The contract of [`AudioStore`]: uploads are staged, kept whole, read in ranges, and leave nothing behind.

pub mod recordings;
mod steps;
pub mod uploads;

use std::{any::Any, sync::Arc};

use lectern_application::ports::AudioStore;

/// An empty audio store.
pub struct AudioStoreFixture {
    /// The store.
    pub store: Arc<dyn AudioStore>,
    /// Counts the staging files there are, and nothing that lies beside them.
    pub staging_files: Box<dyn Fn() -> usize + Send + Sync>,
    /// What has to live as long as the test.
    pub keep: Box<dyn Any + Send + Sync>,
}

/// Stamps the contract of [`AudioStore`] as tests.
///
/// Takes an async expression that makes a fresh [`AudioStoreFixture`].
#[macro_export]
macro_rules! audio_store_contract {
    ($fixture:expr) => {
        $crate::__stamp_contract!($fixture; audio_store::uploads:
            a_staged_upload_is_measured_and_hashed,
            an_empty_upload_is_staged,
            a_dropped_upload_leaves_no_file,
            an_upload_dropped_in_a_write_leaves_no_file,
            a_dropped_staged_upload_leaves_no_file,
        );
        $crate::__stamp_contract!($fixture; audio_store::recordings:
            a_kept_recording_comes_back,
            a_large_upload_in_odd_pieces_comes_back,
            keeping_removes_the_staging_file,
            a_failed_keep_leaves_nothing,
            a_recording_is_never_overwritten,
            a_recording_is_kept_all_or_nothing,
            a_dropped_keep_is_all_or_nothing,
            a_range_is_answered,
            a_range_without_end_goes_to_the_end,
            a_range_beyond_the_end_is_cut,
            a_range_from_the_end_is_empty,
            an_empty_recording_is_read,
            an_unknown_recording_is_missing,
            a_deleted_recording_is_missing,
            deleting_a_recording_twice_is_no_error,
            recordings_are_listed_by_age,
            no_more_recordings_are_listed_than_asked_for,
            pages_join_without_gap_or_overlap,
            a_page_goes_on_after_a_deleted_recording,
            staged_uploads_are_not_listed,
            a_working_store_answers_a_ping,
        );
    };
}

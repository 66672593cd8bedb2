//! The contract of [`Transactions`], the unit of work with all its stores, [`Queries`] and [`LogSink`].
//!
//! The suites never have two units open in one task, because a database with one writer makes the second wait.

pub mod account_lists;
pub mod accounts;
pub mod administrators;
pub mod audit;
pub mod audit_log;
pub mod challenges;
pub mod changes;
pub mod chunks;
pub mod jobs;
pub mod keys;
pub mod ledger;
pub mod lists;
pub mod log_size;
pub mod logs;
pub mod mails;
pub mod queue;
pub mod removed_audio;
pub mod roles;
pub mod search;
pub mod sessions;
pub mod shelved;
mod steps;
pub mod transactions;
pub mod transcriptions;
pub mod users;
pub mod waiting;
pub mod workload;

use std::{any::Any, sync::Arc};

use lectern_application::ports::{LogSink, Queries, Transactions};

use steps::{assert_conflict, in_state, unique_name};

/// An empty database.
pub struct StoreFixture {
    /// Its units of work.
    pub transactions: Arc<dyn Transactions>,
    /// Its reads.
    pub queries: Arc<dyn Queries>,
    /// Its log.
    pub log: Arc<dyn LogSink>,
    /// What has to live as long as the test.
    pub keep: Box<dyn Any + Send + Sync>,
}

/// Stamps the contract of [`Transactions`], `UnitOfWork`, [`Queries`] and [`LogSink`] as tests.
///
/// Takes an async expression that makes a fresh [`StoreFixture`].
#[macro_export]
macro_rules! store_contract {
    ($fixture:expr) => {
        $crate::__stamp_contract!($fixture; store::transactions:
            a_dropped_unit_is_rolled_back,
            a_unit_dropped_in_the_middle_of_a_call_is_rolled_back,
            a_dropped_commit_is_all_or_nothing,
            nobody_waits_for_who_stopped_waiting,
            a_failed_call_dooms_the_unit,
            nothing_saves_a_doomed_unit,
            the_unit_after_a_doomed_one_works,
            an_open_unit_is_invisible_and_in_nobodys_way,
            a_committed_unit_is_visible,
            a_unit_sees_its_own_changes,
            no_update_is_lost_between_units,
            fifty_concurrent_units_all_commit,
            a_working_database_answers_a_ping,
        );
        $crate::__stamp_contract!($fixture; store::users:
            a_new_account_comes_back_as_it_was_given,
            an_account_with_everything_comes_back,
            an_account_without_anything_optional_comes_back,
            every_standing_comes_back,
            saving_replaces_direct_permissions,
            saving_an_account_leaves_others_alone,
            active_accounts_of_a_role_are_counted,
            numbers_of_accounts_ascend,
            an_unknown_account_is_none,
            built_in_roles_are_there,
            an_unknown_role_is_none,
            an_account_is_viewed_with_its_role,
        );
        $crate::__stamp_contract!($fixture; store::accounts:
            a_taken_username_conflicts,
            a_taken_email_conflicts,
            a_taken_id_conflicts,
            saving_under_a_taken_name_conflicts,
            an_account_keeps_its_own_names,
            missing_names_do_not_conflict,
            a_blocked_account_keeps_its_names,
            deleting_an_account_frees_its_names,
            restoring_an_account_conflicts_with_its_successor,
            an_account_is_found_by_its_username,
            an_account_is_found_by_its_email,
            an_unknown_login_finds_nobody,
            a_blocked_account_is_found_by_login,
            a_deleted_account_is_found_by_id_only,
            an_account_is_found_by_its_number,
            a_reused_name_finds_its_new_owner,
            of_the_deleted_accounts_of_a_name_the_last_one_is_found,
            an_account_that_is_there_is_found_before_deleted_ones,
        );
        $crate::__stamp_contract!($fixture; store::administrators:
            of_two_administrators_who_turn_on_each_other_at_once_one_stays,
        );
        $crate::__stamp_contract!($fixture; store::account_lists:
            the_newest_account_is_listed_first,
            accounts_are_listed_in_every_order,
            deleted_accounts_are_listed_by_when_they_were,
            accounts_without_a_value_come_before_all_others,
            accounts_are_listed_by_what_their_holders_sign_in_with,
            accounts_are_found_by_a_part_of_what_their_holders_sign_in_with,
            a_list_of_accounts_goes_on_after_any_item,
            lists_of_accounts_come_in_pages,
            accounts_are_filtered_by_standing,
            accounts_are_filtered_by_role,
            accounts_are_found_by_a_part_of_any_name,
            a_search_for_accounts_ignores_letter_case_and_composition,
            nothing_in_a_search_for_accounts_is_an_operator,
            an_account_is_not_found_across_two_of_its_names,
            a_changed_name_is_found_and_the_old_one_is_not,
            a_search_that_finds_many_accounts_is_listed_in_every_order,
            filters_for_accounts_work_together,
            a_list_of_accounts_shows_what_a_view_shows,
        );
        $crate::__stamp_contract!($fixture; store::roles:
            a_new_role_comes_back_as_it_was_given,
            a_taken_role_name_conflicts,
            saving_a_role_replaces_what_it_allows,
            a_built_in_role_is_put_back_as_it_was,
            saving_an_unknown_role_errs,
            a_deleted_role_leaves_nothing_behind,
            a_role_in_use_is_not_deleted,
            accounts_have_roles_that_exist,
            accounts_of_a_role_are_counted,
            the_epochs_of_a_roles_accounts_rise,
            roles_are_listed_by_name,
            roles_are_part_of_their_unit,
        );
        $crate::__stamp_contract!($fixture; store::sessions:
            every_field_of_a_session_comes_back,
            an_unknown_session_is_none,
            a_session_is_saved_on_its_generation,
            a_stale_save_changes_nothing,
            a_generation_is_swapped_once,
            saving_an_unknown_session_is_stale,
            live_sessions_come_least_recently_used_first,
            live_sessions_are_read_most_recently_used_first,
            ended_and_expired_sessions_are_not_live,
            live_sessions_are_the_accounts_own,
            purging_sessions_spares_the_cut_off,
            purging_sessions_keeps_to_its_limit,
            a_session_is_viewed_with_its_account,
            a_session_is_found_although_it_was_missing,
            a_session_is_viewed_with_what_became_of_its_account,
        );
        $crate::__stamp_contract!($fixture; store::transcriptions:
            a_new_transcription_comes_back_as_it_was_given,
            every_state_comes_back,
            what_changes_in_a_transcription_is_saved,
            an_unknown_transcription_is_none,
            a_transcription_is_found_by_its_number,
            an_unknown_number_has_no_transcription,
            a_transcription_is_seen_with_its_owners_number,
            numbers_of_transcriptions_ascend,
            a_deleted_transcriptions_number_is_not_used_again,
            a_second_active_transcription_conflicts,
            saving_a_second_active_transcription_conflicts,
            a_final_transcription_makes_room_for_another,
            every_owner_may_have_an_active_transcription,
            the_active_transcription_is_found,
            transcriptions_are_counted_by_owner,
            the_oldest_finished_transcription_is_found,
            deleting_a_transcription_takes_its_chunks_and_its_job,
            deleting_a_transcription_leaves_others_alone,
            deleting_a_transcription_twice_is_no_error,
        );
        $crate::__stamp_contract!($fixture; store::chunks:
            a_chunk_comes_back_as_it_was_stored,
            the_largest_chunk_comes_back,
            a_chunk_replaces_its_predecessor_with_its_segments,
            chunks_belong_to_one_transcription,
            the_numbers_of_stored_chunks_are_known,
            a_transcript_is_in_the_order_of_numbers,
            chunks_come_in_pages,
            chunks_come_from_anywhere,
            no_chunks_are_an_empty_page,
            the_description_is_cut_by_characters,
            only_chunk_0_is_a_description,
            only_planned_chunks_count_as_done,
            a_short_last_chunk_counts_as_done,
        );
        $crate::__stamp_contract!($fixture; store::jobs:
            every_field_of_a_job_comes_back,
            putting_a_job_replaces_it,
            a_missing_job_is_none,
            a_removed_job_is_gone,
            removing_a_missing_job_is_no_error,
            a_leased_job_is_found_by_its_lease,
            an_earlier_lease_finds_nothing,
        );
        $crate::__stamp_contract!($fixture; store::queue:
            an_empty_queue_has_no_job,
            the_next_job_comes_back_as_it_was_put,
            the_oldest_job_goes_first,
            a_live_lease_is_passed_over_until_it_expires,
            a_resting_job_is_passed_over_until_it_is_available,
            a_job_of_the_future_is_not_available,
            a_released_job_is_available_again,
            a_job_taken_by_a_dropped_unit_is_available,
            concurrent_units_never_get_the_same_job,
        );
        $crate::__stamp_contract!($fixture; store::waiting:
            an_empty_queue_has_no_waiting_job,
            a_waiting_job_comes_with_what_it_is_about,
            jobs_to_announce_come_in_the_order_of_waiting,
            announced_jobs_come_in_the_order_of_announcements,
            a_leased_job_waits_once_it_is_lost,
            a_resting_job_waits_once_it_is_available,
            jobs_of_finished_transcriptions_do_not_wait,
            waiting_jobs_are_counted_announced_or_not,
        );
        $crate::__stamp_contract!($fixture; store::workload:
            nothing_to_do_is_no_workload,
            jobs_are_counted_by_who_may_have_them,
            active_transcriptions_are_counted_by_state,
            what_is_finished_is_no_workload,
            mails_in_the_outbox_are_counted,
        );
        $crate::__stamp_contract!($fixture; store::lists:
            the_newest_transcription_is_listed_first,
            lists_come_in_pages,
            an_empty_list_is_no_error,
            only_ones_own_transcriptions_are_listed,
            a_list_is_filtered_by_state,
            a_list_shows_what_a_view_shows,
            unreferenced_recordings_are_found,
            any_number_of_recordings_is_looked_for,
        );
        $crate::__stamp_contract!($fixture; store::shelved:
            without_active_transcriptions_there_is_no_active_recording,
            active_recordings_are_found_with_their_owners,
            a_recording_is_active_as_its_transcription_is,
        );
        $crate::__stamp_contract!($fixture; store::changes:
            changes_come_in_the_order_of_revisions,
            changes_begin_after_the_revision,
            a_replaced_chunk_is_a_change,
            changes_show_the_transcription_as_it_is,
            changes_are_of_one_transcription,
            an_unknown_transcription_has_no_changes,
        );
        $crate::__stamp_contract!($fixture; store::search:
            words_are_found_by_their_beginnings,
            all_words_have_to_be_found,
            letter_case_is_ignored,
            the_text_of_chunks_is_found,
            words_may_be_far_apart,
            replaced_text_is_not_found,
            a_new_title_is_found_and_the_old_one_is_not,
            a_deleted_transcription_is_not_found,
            only_ones_own_words_are_found,
            a_blank_search_filters_nothing,
            operators_are_plain_text,
            operators_are_found_as_words,
            no_search_is_an_error,
            a_search_is_filtered_by_state,
        );
        $crate::__stamp_contract!($fixture; store::ledger:
            every_field_of_an_entry_comes_back,
            the_newest_entry_is_listed_first,
            a_ledger_comes_in_pages,
            only_ones_own_entries_are_listed,
            a_ledger_has_a_key_once,
            other_keys_do_not_conflict_in_a_ledger,
            a_balance_and_its_entry_are_one,
            concurrent_units_add_up,
            concurrent_units_use_a_ledgers_key_once,
            a_sound_ledger_has_no_mismatch,
            a_balance_without_entries_is_a_mismatch,
            a_sum_beyond_all_balances_is_a_mismatch,
        );
        $crate::__stamp_contract!($fixture; store::keys:
            every_field_of_a_key_record_comes_back,
            an_unused_key_has_no_record,
            a_key_is_used_once,
            other_uses_of_a_key_do_not_conflict,
            a_key_is_part_of_its_unit,
            concurrent_units_use_a_key_once,
            a_removed_key_can_be_used_anew,
            purging_keys_spares_the_cut_off,
            purging_keys_keeps_to_its_limit,
        );
        $crate::__stamp_contract!($fixture; store::audit:
            every_kind_of_event_is_recorded,
            an_event_outlives_what_it_is_about,
            events_are_part_of_their_unit,
            purging_events_spares_the_cut_off,
            purging_events_keeps_to_its_limit,
        );
        $crate::__stamp_contract!($fixture; store::audit_log:
            a_recorded_event_comes_back,
            a_bare_event_comes_back,
            the_newest_event_is_listed_first,
            the_audit_log_comes_in_pages,
            the_audit_log_is_filtered,
        );
        $crate::__stamp_contract!($fixture; store::logs:
            every_field_of_a_log_entry_comes_back,
            a_bare_log_entry_comes_back,
            any_text_of_a_log_entry_comes_back,
            a_log_entry_is_appended_once,
            any_number_of_log_entries_is_appended,
            the_newest_log_entry_is_listed_first,
            the_log_comes_in_pages,
            the_log_is_filtered,
            a_part_of_a_message_is_found_as_it_is,
            purging_the_log_spares_the_cut_off,
            purging_the_log_keeps_to_its_limit,
        );
        $crate::__stamp_contract!($fixture; store::log_size:
            a_log_that_is_too_long_loses_its_oldest_entries,
            shortening_the_log_keeps_to_its_limit,
            an_entry_that_is_appended_twice_counts_once,
            entries_that_were_purged_do_not_count,
            entries_that_are_appended_at_once_all_count,
        );
        $crate::__stamp_contract!($fixture; store::removed_audio:
            a_transcription_remembers_when_its_audio_was_removed,
            the_audio_of_what_ended_first_is_due_first,
            audio_that_is_due_spares_the_cut_off,
            audio_that_is_due_keeps_to_its_limit,
            the_audio_of_an_active_transcription_is_never_due,
            removed_audio_is_not_due_again,
            removed_audio_is_referred_to_no_more,
        );
        $crate::__stamp_contract!($fixture; store::challenges:
            every_field_of_a_challenge_comes_back,
            an_unknown_challenge_is_none,
            saving_a_challenge_changes_its_state,
            no_wrong_code_is_lost_between_units,
            concurrent_units_see_each_others_challenges,
            live_challenges_are_an_addresss_for_a_purpose,
            removing_an_accounts_challenges_spares_all_others,
            purging_challenges_spares_the_cut_off,
            purging_challenges_keeps_to_its_limit,
        );
        $crate::__stamp_contract!($fixture; store::mails:
            every_field_of_a_mail_comes_back,
            putting_a_mail_replaces_it,
            a_missing_mail_is_none,
            mails_are_part_of_their_unit,
            a_removed_mail_is_gone,
            the_mail_that_is_due_longest_goes_first,
            a_mail_is_due_from_its_very_moment,
            concurrent_units_never_get_the_same_mail,
        );
    };
}

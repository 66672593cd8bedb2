//! The tables as diesel sees them. The truth is `migrations/postgres`.

diesel::table! {
    roles (name) {
        name -> Text,
        holds_all -> Bool,
        built_in -> Bool,
        allowed -> Array<Text>,
    }
}

diesel::table! {
    users (id) {
        id -> Uuid,
        number -> BigInt,
        username -> Nullable<Text>,
        username_key -> Nullable<Text>,
        email -> Nullable<Text>,
        email_key -> Nullable<Text>,
        first_name -> Nullable<Text>,
        last_name -> Nullable<Text>,
        display_name -> Nullable<Text>,
        password_hash -> Text,
        role -> Text,
        permissions -> Array<Text>,
        can_interact -> Bool,
        balance -> BigInt,
        epoch -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        last_activity_at -> Nullable<Timestamptz>,
        blocked_at -> Nullable<Timestamptz>,
        deleted_at -> Nullable<Timestamptz>,
        search_key -> Text,
        email_verified_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    sessions (id) {
        id -> Uuid,
        user_id -> Uuid,
        policy -> Text,
        opened_by -> Text,
        user_agent -> Text,
        ip -> Nullable<Text>,
        generation -> BigInt,
        rotated_at -> Timestamptz,
        created_at -> Timestamptz,
        last_seen_at -> Timestamptz,
        expires_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
        end_reason -> Nullable<Text>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text, Timestamptz, Uuid};
    use crate::words::Tsvector;

    transcriptions (id) {
        id -> Uuid,
        number -> BigInt,
        owner_id -> Uuid,
        title -> Nullable<Text>,
        language -> Nullable<Text>,
        audio_key -> Uuid,
        media_type -> Text,
        audio_bytes -> BigInt,
        audio_sha256 -> Binary,
        duration_ns -> BigInt,
        chunk_ns -> BigInt,
        state -> Text,
        finished_at -> Nullable<Timestamptz>,
        error_count -> BigInt,
        revision -> BigInt,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        title_words -> Tsvector,
        audio_removed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    use diesel::sql_types::{BigInt, Jsonb, Text, Uuid};
    use crate::words::Tsvector;

    chunks (transcription_id, number) {
        transcription_id -> Uuid,
        number -> BigInt,
        revision -> BigInt,
        text -> Text,
        segments -> Jsonb,
        words -> Tsvector,
    }
}

diesel::table! {
    jobs (transcription_id) {
        transcription_id -> Uuid,
        attempts -> BigInt,
        available_at -> Timestamptz,
        enqueued_at -> Timestamptz,
        lease_id -> Nullable<Uuid>,
        worker -> Nullable<Text>,
        lease_expires_at -> Nullable<Timestamptz>,
        announced_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    ledger_entries (number) {
        number -> BigInt,
        id -> Uuid,
        user_id -> Uuid,
        amount -> BigInt,
        balance_after -> BigInt,
        reason -> Text,
        actor_id -> Uuid,
        idempotency_key -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    idempotency_keys (number) {
        number -> BigInt,
        owner_id -> Nullable<Uuid>,
        operation -> Text,
        key -> Text,
        fingerprint -> Binary,
        created_kind -> Text,
        created_id -> Text,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    audit_events (id) {
        id -> Uuid,
        at -> Timestamptz,
        kind -> Text,
        object_id -> Nullable<Uuid>,
        actor_id -> Nullable<Uuid>,
        subject_id -> Nullable<Uuid>,
        ip -> Nullable<Text>,
        user_agent -> Text,
        request_id -> Nullable<Uuid>,
        details -> Jsonb,
    }
}

diesel::table! {
    log_entries (id) {
        id -> Uuid,
        at -> Timestamptz,
        level -> Text,
        target -> Text,
        message -> Text,
        request_id -> Nullable<Uuid>,
        method -> Nullable<Text>,
        route -> Nullable<Text>,
        status -> Nullable<Integer>,
        duration_us -> Nullable<BigInt>,
        fields -> Jsonb,
    }
}

diesel::table! {
    log_size (id) {
        id -> Integer,
        entries -> BigInt,
    }
}

diesel::table! {
    challenges (id) {
        id -> Binary,
        purpose -> Text,
        user_id -> Nullable<Uuid>,
        address -> Binary,
        network -> Nullable<Text>,
        code -> Binary,
        wrong_codes -> BigInt,
        confirmed_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    mails (id) {
        id -> Uuid,
        recipient -> Nullable<Text>,
        content -> Text,
        code -> Text,
        attempts -> BigInt,
        created_at -> Timestamptz,
        not_before -> Timestamptz,
        useful_until -> Timestamptz,
    }
}

diesel::allow_tables_to_appear_in_same_query!(roles, users, sessions, transcriptions, chunks, jobs);

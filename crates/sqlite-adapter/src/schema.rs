//! The tables as diesel sees them. The truth is `migrations/sqlite`.

diesel::table! {
    roles (name) {
        name -> Text,
        holds_all -> Bool,
        built_in -> Bool,
    }
}

diesel::table! {
    role_permissions (role, permission) {
        role -> Text,
        permission -> Text,
    }
}

diesel::table! {
    users (number) {
        number -> BigInt,
        id -> Binary,
        username -> Nullable<Text>,
        username_key -> Nullable<Text>,
        email -> Nullable<Text>,
        email_key -> Nullable<Text>,
        first_name -> Nullable<Text>,
        last_name -> Nullable<Text>,
        display_name -> Nullable<Text>,
        password_hash -> Text,
        role -> Text,
        can_interact -> Bool,
        balance -> BigInt,
        epoch -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
        last_activity_at -> Nullable<BigInt>,
        blocked_at -> Nullable<BigInt>,
        deleted_at -> Nullable<BigInt>,
        search_key -> Text,
        email_verified_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    user_permissions (user_id, permission) {
        user_id -> Binary,
        permission -> Text,
    }
}

diesel::table! {
    sessions (id) {
        id -> Binary,
        user_id -> Binary,
        policy -> Text,
        opened_by -> Text,
        user_agent -> Text,
        ip -> Nullable<Text>,
        generation -> BigInt,
        rotated_at -> BigInt,
        created_at -> BigInt,
        last_seen_at -> BigInt,
        expires_at -> BigInt,
        ended_at -> Nullable<BigInt>,
        end_reason -> Nullable<Text>,
    }
}

diesel::table! {
    transcriptions (number) {
        number -> BigInt,
        id -> Binary,
        owner_id -> Binary,
        title -> Nullable<Text>,
        language -> Nullable<Text>,
        audio_key -> Binary,
        media_type -> Text,
        audio_bytes -> BigInt,
        audio_sha256 -> Binary,
        duration_ns -> BigInt,
        chunk_ns -> BigInt,
        state -> Text,
        finished_at -> Nullable<BigInt>,
        error_count -> BigInt,
        revision -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
        audio_removed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    chunks (transcription_id, number) {
        transcription_id -> Binary,
        number -> BigInt,
        revision -> BigInt,
        text -> Text,
        segments -> Text,
    }
}

diesel::table! {
    jobs (transcription_id) {
        transcription_id -> Binary,
        attempts -> BigInt,
        available_at -> BigInt,
        enqueued_at -> BigInt,
        lease_id -> Nullable<Binary>,
        worker -> Nullable<Text>,
        lease_expires_at -> Nullable<BigInt>,
        announced_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    ledger_entries (number) {
        number -> BigInt,
        id -> Binary,
        user_id -> Binary,
        amount -> BigInt,
        balance_after -> BigInt,
        reason -> Text,
        actor_id -> Binary,
        idempotency_key -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    idempotency_keys (owner_id, operation, key) {
        owner_id -> Binary,
        operation -> Text,
        key -> Text,
        fingerprint -> Binary,
        created_kind -> Text,
        created_id -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    audit_events (id) {
        id -> Binary,
        at -> BigInt,
        kind -> Text,
        object_id -> Nullable<Binary>,
        actor_id -> Nullable<Binary>,
        subject_id -> Nullable<Binary>,
        ip -> Nullable<Text>,
        user_agent -> Text,
        request_id -> Nullable<Binary>,
        details -> Text,
    }
}

diesel::table! {
    log_entries (id) {
        id -> Binary,
        at -> BigInt,
        level -> Text,
        target -> Text,
        message -> Text,
        request_id -> Nullable<Binary>,
        method -> Nullable<Text>,
        route -> Nullable<Text>,
        status -> Nullable<Integer>,
        duration_us -> Nullable<BigInt>,
        fields -> Text,
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
        user_id -> Nullable<Binary>,
        address -> Binary,
        network -> Nullable<Text>,
        code -> Binary,
        wrong_codes -> BigInt,
        confirmed_at -> Nullable<BigInt>,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    mails (id) {
        id -> Binary,
        recipient -> Nullable<Text>,
        content -> Text,
        code -> Text,
        attempts -> BigInt,
        created_at -> BigInt,
        not_before -> BigInt,
        useful_until -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(roles, users, sessions, transcriptions, chunks);

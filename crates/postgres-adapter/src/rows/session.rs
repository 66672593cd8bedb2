//! Sessions.

use diesel::{
    pg::Pg,
    prelude::{AsChangeset, Insertable, Queryable, Selectable},
};
use lectern_application::ports::StoreError;
use lectern_domain::{
    account::UserId,
    session::{Device, EndReason, Generation, RefreshPolicy, Session, SessionId, SessionParts, UserAgent},
    surface::Surface,
};

use uuid::Uuid;

use super::{At, Row};
use crate::schema::sessions;

#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions, check_for_backend(Pg))]
pub(crate) struct SessionRow {
    id: Uuid,
    user_id: Uuid,
    policy: String,
    opened_by: String,
    user_agent: String,
    ip: Option<String>,
    generation: i64,
    rotated_at: At,
    created_at: At,
    last_seen_at: At,
    expires_at: At,
    ended_at: Option<At>,
    end_reason: Option<String>,
}

impl TryFrom<SessionRow> for Session {
    type Error = StoreError;

    fn try_from(row: SessionRow) -> Result<Self, StoreError> {
        let cells = Row { table: "sessions", key: &row.id };
        let reason = cells.optional("end_reason", row.end_reason.as_deref(), end_reason)?;
        let ended = match (row.ended_at, reason) {
            (None, None) => None,
            (Some(at), Some(reason)) => Some((at.0, reason)),
            (None, Some(_)) | (Some(_), None) => return cells.valid("ended_at", None),
        };
        Ok(Self::from_parts(SessionParts {
            id: SessionId(row.id),
            user: UserId(row.user_id),
            policy: cells.valid("policy", policy(&row.policy))?,
            opened_by: cells.valid("opened_by", Surface::parse(&row.opened_by))?,
            device: Device {
                user_agent: UserAgent::from_header(&row.user_agent),
                ip: cells.optional("ip", row.ip, |ip| ip.parse().ok())?,
            },
            generation: Generation(cells.valid("generation", row.generation.try_into().ok())?),
            rotated_at: row.rotated_at.0,
            created_at: row.created_at.0,
            last_seen_at: row.last_seen_at.0,
            expires_at: row.expires_at.0,
            ended,
        }))
    }
}

/// A whole session.
#[derive(Insertable)]
#[diesel(table_name = sessions)]
pub(crate) struct SessionValues<'a> {
    id: Uuid,
    user_id: Uuid,
    policy: &'static str,
    opened_by: &'static str,
    user_agent: &'a str,
    created_at: At,
    #[diesel(embed)]
    progress: SessionProgress,
}

impl<'a> From<&'a Session> for SessionValues<'a> {
    fn from(session: &'a Session) -> Self {
        let progress = session.into();
        let session = session.parts();
        Self {
            id: session.id.0,
            user_id: session.user.0,
            policy: policy_name(session.policy),
            opened_by: session.opened_by.as_str(),
            user_agent: session.device.user_agent.as_str(),
            created_at: At(session.created_at),
            progress,
        }
    }
}

/// What changes in the life of a session.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = sessions, treat_none_as_null = true)]
pub(crate) struct SessionProgress {
    ip: Option<String>,
    generation: i64,
    rotated_at: At,
    last_seen_at: At,
    expires_at: At,
    ended_at: Option<At>,
    end_reason: Option<&'static str>,
}

impl From<&Session> for SessionProgress {
    fn from(session: &Session) -> Self {
        let session = session.parts();
        Self {
            ip: session.device.ip.map(|ip| ip.to_string()),
            generation: session.generation.0.into(),
            rotated_at: At(session.rotated_at),
            last_seen_at: At(session.last_seen_at),
            expires_at: At(session.expires_at),
            ended_at: session.ended.map(|(at, _)| At(at)),
            end_reason: session.ended.map(|(_, reason)| end_reason_name(reason)),
        }
    }
}

const fn policy_name(policy: RefreshPolicy) -> &'static str {
    match policy {
        RefreshPolicy::Rotating => "rotating",
        RefreshPolicy::Static => "static",
    }
}

fn policy(name: &str) -> Option<RefreshPolicy> {
    [RefreshPolicy::Rotating, RefreshPolicy::Static].into_iter().find(|policy| policy_name(*policy) == name)
}

const fn end_reason_name(reason: EndReason) -> &'static str {
    match reason {
        EndReason::LoggedOut => "logged_out",
        EndReason::Reused => "reused",
        EndReason::Revoked => "revoked",
        EndReason::Displaced => "displaced",
    }
}

fn end_reason(name: &str) -> Option<EndReason> {
    [EndReason::LoggedOut, EndReason::Reused, EndReason::Revoked, EndReason::Displaced]
        .into_iter()
        .find(|reason| end_reason_name(*reason) == name)
}

//! Mails.

use diesel::{
    pg::Pg,
    prelude::{AsChangeset, Insertable, Queryable, Selectable},
};
use lectern_application::ports::StoreError;
use lectern_domain::{
    account::EmailAddress,
    challenge::Code,
    mail::{Mail, MailContent, MailId, MailParts},
};

use uuid::Uuid;

use super::{At, Row};
use crate::schema::mails;

#[derive(Queryable, Selectable)]
#[diesel(table_name = mails, check_for_backend(Pg))]
pub(crate) struct MailRow {
    id: Uuid,
    recipient: Option<String>,
    content: String,
    code: String,
    attempts: i64,
    created_at: At,
    not_before: At,
    useful_until: At,
}

impl TryFrom<MailRow> for Mail {
    type Error = StoreError;

    fn try_from(row: MailRow) -> Result<Self, StoreError> {
        let cells = Row { table: "mails", key: &row.id };
        let code = cells.valid("code", Code::parse(&row.code).ok())?;
        let content = match row.content.as_str() {
            "password_reset" => MailContent::PasswordReset { code },
            "email_verification" => MailContent::EmailVerification { code },
            _ => return cells.valid("content", None),
        };
        let address = |address: String| EmailAddress::parse(&address).ok();
        Ok(Self::from_parts(MailParts {
            id: MailId(row.id),
            recipient: cells.optional("recipient", row.recipient, address)?,
            content,
            attempts: cells.valid("attempts", row.attempts.try_into().ok())?,
            created_at: row.created_at.0,
            not_before: row.not_before.0,
            useful_until: row.useful_until.0,
        }))
    }
}

/// A mail, new or in place of another.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = mails, treat_none_as_null = true)]
pub(crate) struct MailValues<'a> {
    id: Uuid,
    recipient: Option<&'a str>,
    content: &'static str,
    code: &'a str,
    attempts: i64,
    created_at: At,
    not_before: At,
    useful_until: At,
}

impl<'a> From<&'a Mail> for MailValues<'a> {
    fn from(mail: &'a Mail) -> Self {
        let mail = mail.parts();
        let (MailContent::PasswordReset { code } | MailContent::EmailVerification { code }) = &mail.content;
        Self {
            id: mail.id.0,
            recipient: mail.recipient.as_ref().map(EmailAddress::as_str),
            content: mail.content.name(),
            code: code.expose(),
            attempts: mail.attempts.into(),
            created_at: At(mail.created_at),
            not_before: At(mail.not_before),
            useful_until: At(mail.useful_until),
        }
    }
}

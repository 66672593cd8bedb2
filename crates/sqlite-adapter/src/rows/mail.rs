//! Mails.

use diesel::{
    prelude::{AsChangeset, Insertable, Queryable, Selectable},
    sqlite::Sqlite,
};
use lectern_application::ports::StoreError;
use lectern_domain::{
    account::EmailAddress,
    challenge::Code,
    mail::{Mail, MailContent, MailId, MailParts},
    time::Timestamp,
};

use super::{IdKey, Row};
use crate::schema::mails;

#[derive(Queryable, Selectable)]
#[diesel(table_name = mails, check_for_backend(Sqlite))]
pub(crate) struct MailRow {
    id: Vec<u8>,
    recipient: Option<String>,
    content: String,
    code: String,
    attempts: i64,
    created_at: i64,
    not_before: i64,
    useful_until: i64,
}

impl TryFrom<MailRow> for Mail {
    type Error = StoreError;

    fn try_from(row: MailRow) -> Result<Self, StoreError> {
        let key = IdKey(&row.id);
        let cells = Row { table: "mails", key: &key };
        let code = cells.valid("code", Code::parse(&row.code).ok())?;
        let content = match row.content.as_str() {
            "password_reset" => MailContent::PasswordReset { code },
            "email_verification" => MailContent::EmailVerification { code },
            _ => return cells.valid("content", None),
        };
        let address = |address: String| EmailAddress::parse(&address).ok();
        Ok(Self::from_parts(MailParts {
            id: MailId(cells.uuid("id", &row.id)?),
            recipient: cells.optional("recipient", row.recipient, address)?,
            content,
            attempts: cells.valid("attempts", row.attempts.try_into().ok())?,
            created_at: Timestamp::from_micros(row.created_at),
            not_before: Timestamp::from_micros(row.not_before),
            useful_until: Timestamp::from_micros(row.useful_until),
        }))
    }
}

/// A mail, new or in place of another.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = mails, treat_none_as_null = true)]
pub(crate) struct MailValues<'a> {
    id: &'a [u8],
    recipient: Option<&'a str>,
    content: &'static str,
    code: &'a str,
    attempts: i64,
    created_at: i64,
    not_before: i64,
    useful_until: i64,
}

impl<'a> From<&'a Mail> for MailValues<'a> {
    fn from(mail: &'a Mail) -> Self {
        let mail = mail.parts();
        let (MailContent::PasswordReset { code } | MailContent::EmailVerification { code }) = &mail.content;
        Self {
            id: mail.id.0.as_bytes(),
            recipient: mail.recipient.as_ref().map(EmailAddress::as_str),
            content: mail.content.name(),
            code: code.expose(),
            attempts: mail.attempts.into(),
            created_at: mail.created_at.as_micros(),
            not_before: mail.not_before.as_micros(),
            useful_until: mail.useful_until.as_micros(),
        }
    }
}

//! The outbox.

use diesel::{
    ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl, SelectableHelper,
    SqliteConnection,
};
use lectern_domain::{
    mail::{Mail, MailId},
    time::Timestamp,
};

use crate::{
    failure::Failure,
    rows::{MailRow, MailValues},
    schema::mails,
};

pub(crate) fn put(connection: &mut SqliteConnection, mail: &Mail) -> Result<(), Failure> {
    diesel::insert_into(mails::table)
        .values(MailValues::from(mail))
        .on_conflict(mails::id)
        .do_update()
        .set(MailValues::from(mail))
        .execute(connection)?;
    Ok(())
}

pub(crate) fn by_id(connection: &mut SqliteConnection, id: MailId) -> Result<Option<Mail>, Failure> {
    one(mails::table.find(id.0.as_bytes().as_slice()).select(MailRow::as_select()).first(connection))
}

/// Nobody else can get the same mail: the transaction holds the database's only write lock.
pub(crate) fn next_due(connection: &mut SqliteConnection, now: Timestamp) -> Result<Option<Mail>, Failure> {
    one(mails::table
        .filter(mails::not_before.le(now.as_micros()))
        .order((mails::not_before, mails::id))
        .select(MailRow::as_select())
        .first(connection))
}

pub(crate) fn remove(connection: &mut SqliteConnection, id: MailId) -> Result<(), Failure> {
    diesel::delete(mails::table.find(id.0.as_bytes().as_slice())).execute(connection)?;
    Ok(())
}

fn one(row: QueryResult<MailRow>) -> Result<Option<Mail>, Failure> {
    Ok(row.optional()?.map(Mail::try_from).transpose()?)
}

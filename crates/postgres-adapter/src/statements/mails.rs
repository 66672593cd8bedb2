//! The outbox.

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, SelectableHelper};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use lectern_domain::{
    mail::{Mail, MailId},
    time::Timestamp,
};

use crate::{
    failure::Failure,
    rows::{At, MailRow, MailValues},
    schema::mails,
};

pub(crate) async fn put(connection: &mut AsyncPgConnection, mail: &Mail) -> Result<(), Failure> {
    diesel::insert_into(mails::table)
        .values(MailValues::from(mail))
        .on_conflict(mails::id)
        .do_update()
        .set(MailValues::from(mail))
        .execute(connection)
        .await?;
    Ok(())
}

pub(crate) async fn by_id(connection: &mut AsyncPgConnection, id: MailId) -> Result<Option<Mail>, Failure> {
    one(mails::table.find(id.0).select(MailRow::as_select()).for_no_key_update().first(connection).await)
}

/// Passes over what others hold.
pub(crate) async fn next_due(
    connection: &mut AsyncPgConnection,
    now: Timestamp,
) -> Result<Option<Mail>, Failure> {
    one(mails::table
        .filter(mails::not_before.le(At(now)))
        .order((mails::not_before, mails::id))
        .select(MailRow::as_select())
        .for_no_key_update()
        .skip_locked()
        .first(connection)
        .await)
}

pub(crate) async fn remove(connection: &mut AsyncPgConnection, id: MailId) -> Result<(), Failure> {
    diesel::delete(mails::table.find(id.0)).execute(connection).await?;
    Ok(())
}

fn one(row: QueryResult<MailRow>) -> Result<Option<Mail>, Failure> {
    Ok(row.optional()?.map(Mail::try_from).transpose()?)
}

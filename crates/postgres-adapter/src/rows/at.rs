//! Times. Both sides count microseconds: the domain from 1970, PostgreSQL from 2000.

use diesel::{
    data_types::PgTimestamp,
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::{Pg, PgValue},
    serialize::{self, Output, ToSql},
    sql_types::Timestamptz,
};
use lectern_domain::time::Timestamp;

/// 2000-01-01T00:00:00Z, where PostgreSQL begins to count, in microseconds since 1970.
const EPOCH: i64 = 946_684_800_000_000;

/// A time in a column. It compares equal to what was written.
#[derive(Debug, Clone, Copy, AsExpression, FromSqlRow)]
#[diesel(sql_type = Timestamptz)]
pub(crate) struct At(pub(crate) Timestamp);

impl ToSql<Timestamptz, Pg> for At {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let micros = PgTimestamp(self.0.as_micros().saturating_sub(EPOCH));
        ToSql::<Timestamptz, Pg>::to_sql(&micros, &mut out.reborrow())
    }
}

impl FromSql<Timestamptz, Pg> for At {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let PgTimestamp(micros) = FromSql::<Timestamptz, Pg>::from_sql(value)?;
        Ok(Self(Timestamp::from_micros(micros.saturating_add(EPOCH))))
    }
}

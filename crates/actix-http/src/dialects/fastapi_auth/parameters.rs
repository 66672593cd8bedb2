//! The parameters of its lists.

use lectern_application::{
    accounts::AllAccountsFilter,
    ports::{AccountSort, SortOrder, StandingFilter},
};
use lectern_domain::account::{AccountSearch, UserNumber};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::problem::{Fields, Problem};

/// Which accounts to list, and in which order.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListParams {
    /// Only the one of this number.
    id: Option<i64>,
    /// Only those with this in their given name, in any letter case.
    #[param(max_length = 254)]
    first_name: Option<String>,
    /// Only those with this in their family name, in any letter case.
    #[param(max_length = 254)]
    last_name: Option<String>,
    /// Only those that are blocked, or only those that are not.
    #[param(value_type = Option<bool>)]
    is_blocked: Option<Flag>,
    /// By what they are ordered. By default, by their numbers.
    #[param(inline)]
    sort_by: Option<SortParam>,
    /// Whether the least or the greatest comes first. By default, the least.
    #[param(inline)]
    sort_order: Option<OrderParam>,
}

/// What accounts are ordered by.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FastapiAuthSort)]
enum SortParam {
    Id,
    Balance,
    LastActivityAt,
}

/// In which direction.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FastapiAuthOrder)]
enum OrderParam {
    Asc,
    Desc,
}

/// True or false, in any of the words that `FastAPI` takes for them: its clients write `True` as well as `1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
struct Flag(bool);

/// It is none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be true or false")]
struct NotAFlag;

impl TryFrom<String> for Flag {
    type Error = NotAFlag;

    fn try_from(text: String) -> Result<Self, NotAFlag> {
        match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "on" | "1" => Ok(Self(true)),
            "false" | "f" | "no" | "n" | "off" | "0" => Ok(Self(false)),
            _ => Err(NotAFlag),
        }
    }
}

impl TryFrom<ListParams> for AllAccountsFilter {
    type Error = Problem;

    fn try_from(params: ListParams) -> Result<Self, Problem> {
        let mut fields = Fields::default();
        let mut part =
            |name: &str, text: Option<&str>| fields.optional(name, text, AccountSearch::parse).flatten();
        let first_name = part("first_name", params.first_name.as_deref());
        let last_name = part("last_name", params.last_name.as_deref());
        fields.finish()?;
        Ok(Self {
            number: params.id.map(UserNumber),
            first_name,
            last_name,
            standing: match params.is_blocked {
                None => StandingFilter::Undeleted,
                Some(Flag(true)) => StandingFilter::Blocked,
                Some(Flag(false)) => StandingFilter::Active,
            },
            sort: match params.sort_by {
                None | Some(SortParam::Id) => AccountSort::Number,
                Some(SortParam::Balance) => AccountSort::Balance,
                Some(SortParam::LastActivityAt) => AccountSort::LastActivityAt,
            },
            order: match params.sort_order {
                None | Some(OrderParam::Asc) => SortOrder::Ascending,
                Some(OrderParam::Desc) => SortOrder::Descending,
            },
        })
    }
}

/// Deleted accounts, the one that was deleted last first.
pub(super) fn deleted() -> AllAccountsFilter {
    AllAccountsFilter {
        standing: StandingFilter::Deleted,
        sort: AccountSort::DeletedAt,
        order: SortOrder::Descending,
        ..AllAccountsFilter::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_is_read_in_all_words_that_clients_have_for_it() {
        for (text, flag) in [("True", Ok(Flag(true))), ("0", Ok(Flag(false))), ("", Err(NotAFlag))] {
            assert_eq!(Flag::try_from(text.to_owned()), flag, "{text}");
        }
    }
}

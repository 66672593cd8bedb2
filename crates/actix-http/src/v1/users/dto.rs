//! Bodies and parameters of the routes under `/v1/users`.

use lectern_application::{
    accounts::{CreateAccountInput, UpdateAccountInput},
    auth::RegisterInput,
    ports::{AccountFilter, AccountSort, SearchedNames, SortOrder, StandingFilter},
};
use lectern_domain::{
    access::{Permission, PermissionSet, RoleName},
    account::{AccountSearch, EmailAddress, FirstName, LastName, Password, Username},
    idempotency::IdempotencyKey,
    surface::Surface,
};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::{
    problem::{Fields, Problem},
    v1::patch::Patch,
};

/// Which accounts to list, and in which order.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ListParams {
    /// Which page, from 1.
    #[param(minimum = 1, format = Int64)]
    pub(super) page: Option<u32>,
    /// How many items a page has.
    #[param(minimum = 1, maximum = 200)]
    pub(super) size: Option<u32>,
    /// Only those with this in their user name, e-mail address, or given and family name, in any letter case.
    #[param(max_length = 254)]
    search: Option<String>,
    /// Only those of this role.
    #[param(example = "user")]
    role: Option<String>,
    /// Only those that stand so. By default, all but the deleted.
    #[param(inline)]
    standing: Option<StandingParam>,
    /// By what they are ordered. By default, by when they were made.
    #[param(inline)]
    sort: Option<SortParam>,
    /// Whether the least or the greatest comes first. By default, the greatest: the newest.
    #[param(inline)]
    order: Option<OrderParam>,
}

/// How an account stands.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum StandingParam {
    Active,
    Blocked,
    Deleted,
}

/// What accounts are ordered by.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum SortParam {
    CreatedAt,
    Number,
    Username,
    Email,
    LastActivityAt,
}

/// In which direction.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum OrderParam {
    Asc,
    Desc,
}

impl TryFrom<ListParams> for AccountFilter {
    type Error = Problem;

    fn try_from(params: ListParams) -> Result<Self, Problem> {
        let mut fields = Fields::default();
        let search = fields.optional("search", params.search.as_deref(), AccountSearch::parse).flatten();
        let role = fields.optional("role", params.role.as_deref(), RoleName::parse);
        fields.finish()?;
        Ok(Self {
            search,
            searched: SearchedNames::All,
            role,
            standing: match params.standing {
                None => StandingFilter::Undeleted,
                Some(StandingParam::Active) => StandingFilter::Active,
                Some(StandingParam::Blocked) => StandingFilter::Blocked,
                Some(StandingParam::Deleted) => StandingFilter::Deleted,
            },
            sort: match params.sort {
                None | Some(SortParam::CreatedAt) => AccountSort::CreatedAt,
                Some(SortParam::Number) => AccountSort::Number,
                Some(SortParam::Username) => AccountSort::Username,
                Some(SortParam::Email) => AccountSort::Email,
                Some(SortParam::LastActivityAt) => AccountSort::LastActivityAt,
            },
            order: match params.order {
                Some(OrderParam::Asc) => SortOrder::Ascending,
                None | Some(OrderParam::Desc) => SortOrder::Descending,
            },
        })
    }
}

/// The account to be. A user name or an e-mail address is needed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateBody {
    /// 1 to 64 letters, digits and `. _ - +`.
    #[schema(example = "grace", min_length = 1, max_length = 64)]
    username: Option<String>,
    /// An e-mail address.
    #[schema(example = "grace@example.org", format = Email, max_length = 254)]
    email: Option<String>,
    /// 8 to 256 characters, not one of the most common passwords.
    #[schema(value_type = String, format = Password, example = "correct horse battery staple", min_length = 8, max_length = 256)]
    password: SecretString,
    /// Given name, at most 100 characters.
    #[schema(min_length = 1, max_length = 100)]
    first_name: Option<String>,
    /// Family name, at most 100 characters.
    #[schema(min_length = 1, max_length = 100)]
    last_name: Option<String>,
    /// Its role, `user` if left out. Needs `users.grant`, and all that the role allows.
    #[schema(example = "user")]
    role: Option<String>,
    /// Whether it may upload and change things.
    #[serde(default = "approved")]
    #[schema(default = true)]
    can_interact: bool,
}

const fn approved() -> bool {
    true
}

impl CreateBody {
    /// Checks it.
    pub(super) fn input(
        self,
        idempotency_key: Option<IdempotencyKey>,
    ) -> Result<CreateAccountInput, Problem> {
        let mut fields = Fields::default();
        let username = fields.optional("/username", self.username.as_deref(), Username::parse);
        let email = fields.optional("/email", self.email.as_deref(), EmailAddress::parse);
        let first_name = fields.optional("/first_name", self.first_name.as_deref(), FirstName::parse);
        let last_name = fields.optional("/last_name", self.last_name.as_deref(), LastName::parse);
        let role = fields.optional("/role", self.role.as_deref(), RoleName::parse);
        let password = Password::new(self.password);
        if let Err(error) = &password {
            fields.add("/password", error);
        }
        fields.finish()?;
        let password = password.map_err(|error| Problem::field("/password", error.to_string()))?;
        let surface = Surface::V1;
        let policy = surface.password_policy();
        let account = RegisterInput {
            username,
            email,
            password,
            first_name,
            last_name,
            surface,
            policy,
            idempotency_key,
        };
        let permissions = PermissionSet::default();
        Ok(CreateAccountInput { account, role, permissions, can_interact: self.can_interact })
    }
}

/// What to change. What is left out stays; null takes a name away.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UpdateBody {
    /// 1 to 64 letters, digits and `. _ - +`.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64)]
    username: Patch,
    /// An e-mail address.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Email, max_length = 254)]
    email: Patch,
    /// Given name, at most 100 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    first_name: Patch,
    /// Family name, at most 100 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    last_name: Patch,
    /// Whether it may upload and change things. Needs `users.approve`.
    can_interact: Option<bool>,
}

impl TryFrom<UpdateBody> for UpdateAccountInput {
    type Error = Problem;

    fn try_from(body: UpdateBody) -> Result<Self, Problem> {
        let mut fields = Fields::default();
        let input = Self {
            username: body.username.change(&mut fields, "/username", Username::parse),
            email: body.email.change(&mut fields, "/email", EmailAddress::parse),
            first_name: body.first_name.change(&mut fields, "/first_name", FirstName::parse),
            last_name: body.last_name.change(&mut fields, "/last_name", LastName::parse),
            can_interact: body.can_interact,
        };
        fields.finish()?;
        Ok(input)
    }
}

/// Another role.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleOfUserBody {
    /// Its name.
    #[schema(example = "operator")]
    role: String,
}

impl TryFrom<RoleOfUserBody> for RoleName {
    type Error = Problem;

    fn try_from(body: RoleOfUserBody) -> Result<Self, Problem> {
        Self::parse(&body.role).map_err(|error| Problem::field("/role", error.to_string()))
    }
}

/// Permissions besides those of the role.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PermissionsOfUserBody {
    /// Their names, at most 64. They replace those that the account holds directly.
    #[schema(example = json!(["users.view"]), max_items = 64)]
    permissions: Vec<String>,
}

impl TryFrom<PermissionsOfUserBody> for PermissionSet {
    type Error = Problem;

    fn try_from(body: PermissionsOfUserBody) -> Result<Self, Problem> {
        permission_set(&body.permissions)
    }
}

/// Permissions from a body's field `permissions`.
pub(in crate::v1) fn permission_set(names: &[String]) -> Result<PermissionSet, Problem> {
    let mut fields = Fields::default();
    let permissions = names.iter().enumerate().filter_map(|(index, name)| {
        fields.required(&format!("/permissions/{index}"), name, Permission::parse)
    });
    let permissions = permissions.collect::<PermissionSet>();
    fields.finish()?;
    permissions.grantable().map_err(|error| Problem::field("/permissions", error.to_string()))
}

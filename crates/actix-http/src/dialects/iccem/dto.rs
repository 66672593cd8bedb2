//! Its bodies and parameters.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};
use lectern_application::{
    accounts::CreateAccountInput,
    auth::{EnterBySecretInput, Introspection, IssuedTokens, RegisterInput},
    ports::{AccountFilter, AccountSort, AccountView, PageRequest, SearchedNames, SortOrder},
};
use lectern_domain::{
    access::{PermissionSet, RoleName},
    account::{AccountSearch, Login, Password},
    session::RefreshPolicy,
    surface::Surface,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::permissions;
use crate::{
    api::IccemSettings,
    extract::{RawBody, secret_equals},
    problem::{Fields, Problem},
};

/// How many users a list has unless asked otherwise.
const DEFAULT_LIMIT: u32 = 10;
/// The most that may be asked for.
const MAX_LIMIT: u32 = 100;

/// A success.
#[derive(Serialize, ToSchema)]
#[schema(as = IccemSuccess)]
pub(super) struct Success<T> {
    /// The status, 200.
    status_code: u16,
    /// `success`.
    #[schema(example = "success")]
    result: &'static str,
    /// What was asked for.
    data: T,
}

impl<T: Serialize> Success<T> {
    /// The answer that says so. It is nobody else's, so nothing keeps it.
    pub(super) fn of(data: T) -> HttpResponse {
        HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(Self {
            status_code: 200,
            result: "success",
            data,
        })
    }
}

/// A failure.
#[derive(Serialize, ToSchema)]
#[schema(as = IccemFailure)]
pub(super) struct Failure {
    /// The status.
    #[schema(example = 403)]
    status_code: u16,
    /// `error`.
    #[schema(example = "error")]
    result: String,
    /// What went wrong.
    #[schema(example = "Permission denied")]
    data: String,
    /// The same.
    #[schema(example = "Permission denied")]
    detail: String,
}

/// What a front end shows of the shared secret.
#[derive(Deserialize)]
struct SecretShown {
    secret_hash: SecretString,
}

/// Who is to be signed in.
#[derive(Deserialize, ToSchema)]
#[schema(as = IccemToken)]
pub(super) struct TokenBody {
    /// The SHA-256 of the secret that front ends share with the server, in lower-case hexadecimal digits.
    #[schema(value_type = String, min_length = 64, max_length = 64)]
    #[expect(dead_code, reason = "it is looked at before the rest is read")]
    secret_hash: SecretString,
    /// The role that a new account is to have. `user` without a login is a guest.
    #[schema(example = "user")]
    role: String,
    /// User name or e-mail address.
    #[schema(example = "ada")]
    login: Option<String>,
    /// The password.
    #[schema(value_type = Option<String>, format = Password)]
    password: Option<SecretString>,
}

impl TokenBody {
    /// What the body asks for, if it shows the secret. Before that, nothing else of it is looked at.
    pub(super) fn input(body: &RawBody, settings: &IccemSettings) -> Result<EnterBySecretInput, Problem> {
        let SecretShown { secret_hash } = body.json()?;
        if !secret_equals(secret_hash.expose_secret(), &fingerprint(&settings.secret)) {
            return Err(Problem::new(StatusCode::FORBIDDEN, "secret_wrong", "Invalid token secret"));
        }
        let Self { role, login, password, .. } = body.json()?;
        let (grantable, policy) = (settings.grantable_roles.clone(), settings.passwords.clone());
        Ok(EnterBySecretInput { login, password, role, grantable, policy })
    }
}

/// The SHA-256 of a secret, in lower-case hexadecimal digits.
fn fingerprint(secret: &SecretString) -> SecretString {
    let digest = Sha256::digest(secret.expose_secret());
    digest.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}")).into()
}

/// What is refreshed.
#[derive(Deserialize, ToSchema)]
#[schema(as = IccemRefresh)]
pub(super) struct RefreshBody {
    /// The refresh token.
    #[schema(value_type = String)]
    pub(super) refresh_token: SecretString,
}

/// A session's tokens.
#[derive(Serialize, ToSchema)]
#[schema(as = IccemTokens)]
pub(super) struct TokensBody<'a> {
    /// For requests, as `Authorization: Bearer`.
    access_token: &'a str,
    /// For `/refresh`. Missing in its answers, where it stays the same: it changes for sessions of other APIs alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
}

impl<'a> TokensBody<'a> {
    /// Those of a new session.
    pub(super) fn both(tokens: &'a IssuedTokens) -> Self {
        Self {
            access_token: tokens.access_token.expose_secret(),
            refresh_token: Some(tokens.refresh_token.expose_secret()),
        }
    }

    /// Those that are new.
    pub(super) fn refreshed(tokens: &'a IssuedTokens) -> Self {
        let both = Self::both(tokens);
        match tokens.opened_by.refresh_policy() {
            RefreshPolicy::Static => Self { refresh_token: None, ..both },
            RefreshPolicy::Rotating => both,
        }
    }
}

/// What an access token stands for.
#[derive(Serialize, ToSchema)]
#[schema(as = IccemMe)]
pub(super) struct MeBody {
    /// User name, else e-mail address.
    #[schema(example = "ada")]
    sub: String,
    /// The role.
    #[schema(example = "admin")]
    role: String,
    /// What the account may do, by its role or directly.
    permissions: Vec<String>,
    /// When the token expires, in seconds since 1970-01-01T00:00:00Z.
    exp: i64,
    /// `access`.
    #[schema(example = "access")]
    r#type: &'static str,
}

impl From<Introspection> for MeBody {
    fn from(Introspection { account, expires_at }: Introspection) -> Self {
        let user = account.user.parts();
        Self {
            sub: user.login().to_owned(),
            role: user.role.to_string(),
            permissions: permissions::names(&account.rights().named()),
            exp: expires_at.as_micros() / 1_000_000,
            r#type: "access",
        }
    }
}

/// What was done, in words.
#[derive(Serialize, ToSchema)]
#[schema(as = IccemMessage)]
pub(super) struct MessageBody {
    #[schema(example = "pong")]
    pub(super) message: &'static str,
}

/// The account to be.
#[derive(Deserialize, ToSchema)]
#[schema(as = IccemCreateUser)]
pub(super) struct CreateUserBody {
    /// User name or e-mail address.
    #[schema(example = "ada")]
    login: String,
    /// The password.
    #[schema(value_type = String, format = Password)]
    password: SecretString,
    /// Its role.
    #[schema(example = "user")]
    role: String,
    /// What it may do besides what its role allows, at most 64 names.
    #[schema(example = json!(["view_users"]), max_items = 64)]
    permissions: Option<Vec<String>>,
}

impl CreateUserBody {
    /// What it asks for.
    pub(super) fn input(self, settings: &IccemSettings) -> Result<CreateAccountInput, Problem> {
        let mut fields = Fields::default();
        let login = fields.required("/login", &self.login, |login| Login::parse(login).ok_or(NO_LOGIN));
        let role = fields.required("/role", &self.role, RoleName::parse);
        fields.finish()?;
        let password = Password::new(self.password);
        let password = password.map_err(|error| Problem::field("/password", error.to_string()))?;
        let permissions = permissions::named(&self.permissions.unwrap_or_default())?;
        let (username, email) = match login {
            Some(Login::Username(username)) => (Some(username), None),
            Some(Login::Email(email)) => (None, Some(email)),
            None => (None, None),
        };
        let (surface, policy) = (Surface::Iccem, settings.passwords.clone());
        let account = RegisterInput {
            username,
            email,
            password,
            first_name: None,
            last_name: None,
            surface,
            policy,
            idempotency_key: None,
        };
        let can_interact = surface.lets_new_accounts_interact();
        Ok(CreateAccountInput { account, role, permissions, can_interact })
    }
}

const NO_LOGIN: &str = "must be a user name or an e-mail address";

/// Permissions besides those of the role.
#[derive(Deserialize, ToSchema)]
#[schema(as = IccemPermissions)]
pub(super) struct PermissionsBody {
    /// Their names, at most 64. They replace those that the account holds directly.
    #[schema(example = json!(["view_users"]), max_items = 64)]
    permissions: Vec<String>,
}

impl TryFrom<PermissionsBody> for PermissionSet {
    type Error = Problem;

    fn try_from(body: PermissionsBody) -> Result<Self, Problem> {
        permissions::named(&body.permissions)
    }
}

/// An account.
#[derive(Serialize, ToSchema)]
#[schema(as = IccemUser)]
pub(super) struct UserBody {
    /// Its id.
    id: Uuid,
    /// User name, else e-mail address.
    #[schema(example = "ada")]
    login: String,
    /// Three asterisks.
    #[schema(example = "***")]
    password: &'static str,
    /// Its role.
    #[schema(example = "user")]
    role: String,
    /// What it may do besides what its role allows.
    permissions: Vec<String>,
}

impl From<AccountView> for UserBody {
    fn from(account: AccountView) -> Self {
        let user = account.user.parts();
        Self {
            id: user.id.0,
            login: user.login().to_owned(),
            password: "***",
            role: user.role.to_string(),
            permissions: permissions::names(&user.permissions),
        }
    }
}

/// Which users to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct UsersParams {
    /// At most how many. By default, 10.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// How many to leave out.
    #[param(minimum = 0)]
    offset: Option<u32>,
    /// Only those with this in their login, in any letter case.
    #[param(max_length = 254)]
    search: Option<String>,
    /// Only those of this role.
    #[param(example = "user")]
    role: Option<String>,
}

impl UsersParams {
    /// What they ask for: by login, from A to Z.
    pub(super) fn request(self) -> Result<(AccountFilter, PageRequest), Problem> {
        let mut fields = Fields::default();
        let search = fields.optional("search", self.search.as_deref(), AccountSearch::parse).flatten();
        let role = self.role.as_deref().filter(|role| !role.is_empty());
        let role = fields.optional("role", role, RoleName::parse);
        let (limit, offset) = (self.limit.unwrap_or(DEFAULT_LIMIT), u64::from(self.offset.unwrap_or(0)));
        let page = PageRequest::after(offset, limit).filter(|_| limit <= MAX_LIMIT);
        let Some(page) = page else {
            fields.add("limit", &format_args!("must be from 1 to {MAX_LIMIT}"));
            return Err(fields.into_problem());
        };
        fields.finish()?;
        let (searched, sort, order) = (SearchedNames::Login, AccountSort::Login, SortOrder::Ascending);
        Ok((AccountFilter { search, searched, role, sort, order, ..AccountFilter::default() }, page))
    }
}

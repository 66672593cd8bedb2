//! The server's own log.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, get, web::Data};
use lectern_application::ports::LogFilter;
use lectern_domain::log::{LogEntry, LogLevel, LogText};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    api::Api,
    extract::{Query, SignedIn},
    failures::{CallerFailures, QueryFailures},
    openapi::Routes,
    problem::{Fields, Problem},
    span::milliseconds,
    v1::{
        page::{PageBody, page_request},
        time::{parse_rfc3339, rfc3339},
    },
};

pub(super) fn configure(config: &mut Routes<'_>) {
    config.service(list);
}

/// A line of the log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LogEntry)]
struct LogEntryBody {
    /// Its id.
    id: Uuid,
    /// When.
    #[schema(format = DateTime)]
    at: String,
    /// How bad it is: `info`, `warn` or `error`.
    #[schema(example = "info")]
    level: &'static str,
    /// Which part of the program says so.
    target: String,
    /// What it says: `served` for a request.
    message: String,
    /// The request's id, if it is about one: the `X-Request-Id` of its answer.
    request_id: Option<Uuid>,
    /// The request's method.
    #[schema(example = "GET")]
    method: Option<String>,
    /// The pattern of the route that took the request, or `none`.
    #[schema(example = "/v1/users/{id}")]
    route: Option<String>,
    /// The status of the answer.
    #[schema(example = 200)]
    status: Option<u16>,
    /// How long it took until the answer began.
    #[schema(example = 1.5)]
    duration_ms: Option<f64>,
    /// What else there is to say, by name. Never a secret or an address.
    fields: BTreeMap<String, String>,
}

impl From<LogEntry> for LogEntryBody {
    fn from(entry: LogEntry) -> Self {
        let text = |text: LogText| text.as_str().to_owned();
        let fields = entry.fields.iter().map(|(name, text)| (name.to_owned(), text.to_owned()));
        Self {
            id: entry.id.0,
            at: rfc3339(entry.at),
            level: entry.level.as_str(),
            fields: fields.collect(),
            target: text(entry.target),
            message: text(entry.message),
            request_id: entry.request_id,
            method: entry.method.map(text),
            route: entry.route.map(text),
            status: entry.status,
            duration_ms: entry.duration.map(milliseconds),
        }
    }
}

/// Which lines to list. All that is given has to hold.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListParams {
    /// Which page, from 1.
    #[param(minimum = 1, format = Int64)]
    page: Option<u32>,
    /// How many items a page has.
    #[param(minimum = 1, maximum = 200)]
    size: Option<u32>,
    /// Only those that are at least so bad: `info`, `warn` or `error`.
    #[param(example = "warn")]
    level: Option<String>,
    /// Only those at this time or later.
    #[param(value_type = Option<String>, format = DateTime)]
    since: Option<String>,
    /// Only those before this time.
    #[param(value_type = Option<String>, format = DateTime)]
    until: Option<String>,
    /// Only those about this request.
    request_id: Option<Uuid>,
    /// Only those about requests that this route took.
    #[param(example = "/v1/users/{id}")]
    route: Option<String>,
    /// Only those about answers of this status.
    #[param(minimum = 100, maximum = 599, format = Int32)]
    status: Option<u16>,
    /// Only those whose message has this text, whatever the case of ASCII letters.
    #[param(max_length = 200)]
    message: Option<String>,
}

/// The most characters of a message that are looked for.
const MESSAGE_CHARS: usize = 200;

impl ListParams {
    fn filter(&self) -> Result<LogFilter, Problem> {
        let mut fields = Fields::default();
        let level = fields.optional("level", self.level.as_deref(), |name| {
            let known = LogLevel::ALL.map(LogLevel::as_str).join(", ");
            LogLevel::parse(name).ok_or_else(|| format!("must be one of {known}"))
        });
        let since = fields.optional("since", self.since.as_deref(), parse_rfc3339);
        let until = fields.optional("until", self.until.as_deref(), parse_rfc3339);
        let message = fields.optional("message", self.message.as_deref(), |text| {
            let has_room = text.chars().count() <= MESSAGE_CHARS;
            has_room.then(|| LogText::cut(text)).ok_or("must have at most 200 characters")
        });
        if self.status.is_some_and(|status| !(100..=599).contains(&status)) {
            fields.add("status", &"must be a status of HTTP, from 100 to 599");
        }
        fields.finish()?;
        let route = self.route.as_deref().map(LogText::cut);
        Ok(LogFilter {
            level,
            since,
            until,
            request_id: self.request_id,
            route,
            status: self.status,
            message,
        })
    }
}

/// List lines of the server's log, newest first, if they are kept (`LECTERN_LOG_TO_DB`). Needs the permission
/// `audit.view`.
#[utoipa::path(
    tag = "audit",
    operation_id = "list_logs",
    params(ListParams),
    security(("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = PageBody<LogEntryBody>), QueryFailures, CallerFailures)
)]
#[get("/logs")]
async fn list(api: Data<Api>, caller: SignedIn, query: Query<ListParams>) -> Result<HttpResponse, Problem> {
    let page = page_request(query.0.page, query.0.size)?;
    let page = api.list_logs.execute(&caller.0, query.0.filter()?, page).await?;
    Ok(HttpResponse::Ok().json(PageBody::new(page, LogEntryBody::from)))
}

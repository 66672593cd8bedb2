//! What lists are asked for.

use lectern_application::ports::{
    AccountFilter, AccountSort, AuditFilter, LogFilter, SearchedNames, StandingFilter, TranscriptionFilter,
};
use lectern_domain::{
    access::RoleName,
    account::{AccountSearch, UserId},
    log::{LogLevel, LogText},
};
use lectern_testkit::build;
use uuid::Uuid;

/// Events about one account.
pub(crate) fn one_audit_filter(subject: UserId) -> AuditFilter {
    AuditFilter { subject: Some(subject), ..AuditFilter::default() }
}

/// Every filter of the log that an index is for.
pub(crate) fn log_filters() -> [LogFilter; 6] {
    let all = LogFilter::default;
    [
        LogFilter { level: Some(LogLevel::Warn), ..all() },
        LogFilter { level: Some(LogLevel::Error), ..all() },
        LogFilter { since: Some(build::at(1)), until: Some(build::at(2)), ..all() },
        LogFilter { request_id: Some(Uuid::from_u128(1)), ..all() },
        LogFilter { route: Some(LogText::cut("/v1/me")), ..all() },
        LogFilter { status: Some(500), ..all() },
    ]
}

/// All that is somebody's.
pub(crate) fn everything_of(owner: UserId) -> TranscriptionFilter {
    TranscriptionFilter { owner, state: None, search: None }
}

/// Every form of the list of accounts.
pub(crate) fn account_filters() -> Vec<AccountFilter> {
    let search = AccountSearch::parse("ada").unwrap();
    let mut filters = Vec::new();
    let sorts = [
        AccountSort::CreatedAt,
        AccountSort::Username,
        AccountSort::Email,
        AccountSort::LastActivityAt,
        AccountSort::Login,
    ];
    for sort in sorts {
        for (search, searched) in [
            (None, SearchedNames::All),
            (search.clone(), SearchedNames::All),
            (search.clone(), SearchedNames::Login),
        ] {
            let standing = StandingFilter::Blocked;
            filters.push(AccountFilter {
                search,
                searched,
                role: Some(RoleName::USER),
                standing,
                sort,
                ..AccountFilter::default()
            });
        }
    }
    filters
}

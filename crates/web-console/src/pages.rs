//! The pages. Each module has a template of the same name.

pub(crate) mod devices;
pub(crate) mod entry;
pub(crate) mod files;
pub(crate) mod transcription;
pub(crate) mod transcriptions;

use lectern_application::ports::Page;
use lectern_domain::transcription::TranscriptionId;
use uuid::Uuid;

use crate::{failure::Failure, gate::Visitor};

/// What a page calls whoever looks at it.
fn name_of(visitor: &Visitor) -> String {
    let user = visitor.account.user.parts();
    let username = || user.username.as_ref().map(ToString::to_string);
    let email = || user.email.as_ref().map(|email| email.as_str().to_owned());
    user.display_name.as_ref().map(ToString::to_string).or_else(username).or_else(email).unwrap_or_default()
}

/// The ways from one page of a list to the next.
struct Turns {
    page: u32,
    pages: u64,
    /// What comes before `page=` in an address: `?`, or `?…&`.
    query: String,
}

impl Turns {
    /// `None` if there is only one page. `filter` is the query's other parameters.
    fn new<T>(page: &Page<T>, filter: &[(&str, &str)]) -> Option<Self> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(filter);
        let query = query.finish();
        let query = if query.is_empty() { "?".to_owned() } else { format!("?{query}&") };
        let turns = Self { page: page.request.page(), pages: page.pages(), query };
        (turns.pages > 1 || turns.page > 1).then_some(turns)
    }

    fn previous(&self) -> Option<String> {
        (self.page > 1).then(|| format!("{}page={}", self.query, self.page - 1))
    }

    fn next(&self) -> Option<String> {
        (u64::from(self.page) < self.pages).then(|| format!("{}page={}", self.query, self.page + 1))
    }
}

/// The transcription that a path names. What is no id is nobody's id.
fn transcription_id(text: &str) -> Result<TranscriptionId, Failure> {
    Uuid::try_parse(text).map(TranscriptionId).map_err(|_| Failure::not_found())
}

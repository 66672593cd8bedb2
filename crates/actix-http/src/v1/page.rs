//! Pages of lists.

use lectern_application::ports::{Page, PageRequest};
use serde::Serialize;
use utoipa::ToSchema;

use crate::problem::Problem;

/// How many items a page has unless asked otherwise.
pub(super) const DEFAULT_SIZE: u32 = 50;

/// The most items that a page has.
const MAX_SIZE: u32 = 200;

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PageBody<T: ToSchema> {
    /// Which page this is, from 1.
    page: u32,
    /// How many items a page has.
    size: u32,
    /// How many items there are on all pages.
    total: u64,
    /// How many pages there are.
    pages: u64,
    /// The items of this page.
    items: Vec<T>,
}

impl<T: ToSchema> PageBody<T> {
    pub(super) fn new<U>(page: Page<U>, item: impl FnMut(U) -> T) -> Self {
        Self {
            page: page.request.page(),
            size: page.request.size(),
            total: page.total,
            pages: page.pages(),
            items: page.items.into_iter().map(item).collect(),
        }
    }
}

/// Checks `page` and `size`.
pub(super) fn page_request(page: Option<u32>, size: Option<u32>) -> Result<PageRequest, Problem> {
    let page = page.unwrap_or(1);
    let size = Some(size.unwrap_or(DEFAULT_SIZE)).filter(|size| *size <= MAX_SIZE);
    size.and_then(|size| PageRequest::new(page, size)).ok_or_else(|| {
        if page == 0 {
            Problem::field("page", "must be at least 1")
        } else {
            Problem::field("size", format!("must be from 1 to {MAX_SIZE}"))
        }
    })
}

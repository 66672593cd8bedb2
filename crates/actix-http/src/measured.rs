//! Counting and timing requests, by method, route and status.
//!
//! A request costs a look-up in a map of its thread: series are made once, with their labels.

use std::{cell::RefCell, collections::HashMap, time::Duration};

use actix_web::http::{Method, StatusCode};
use lectern_application::metrics::catalogue::{
    HTTP_IN_FLIGHT, HTTP_REQUESTS, HTTP_SECONDS, LISTENERS, METHODS, OTHER_METHOD,
};
use metrics::{Counter, Gauge, Histogram};

thread_local! {
    static ROUTES: RefCell<HashMap<Box<str>, Route>> = RefCell::default();
    static IN_FLIGHT: Gauge = HTTP_IN_FLIGHT.of::<&str>([]);
}

/// What was measured at a route.
#[derive(Default)]
struct Route {
    methods: HashMap<&'static str, OfMethod>,
}

/// What was measured of a method there.
struct OfMethod {
    seconds: Histogram,
    answers: HashMap<StatusCode, Counter>,
}

/// Counts a request that was answered. `route` is a route's pattern, or `none`; never a path.
pub(crate) fn answered(method: &Method, route: &str, status: StatusCode, took: Duration) {
    let method = known(method);
    ROUTES.with_borrow_mut(|routes| {
        if !routes.contains_key(route) {
            routes.insert(route.into(), Route::default());
        }
        let Some(at_route) = routes.get_mut(route) else { return };
        let measured = at_route.methods.entry(method).or_insert_with(|| OfMethod {
            seconds: HTTP_SECONDS.of([method.to_owned(), route.to_owned()]),
            answers: HashMap::new(),
        });
        measured.seconds.record(took);
        let answers = measured.answers.entry(status);
        answers
            .or_insert_with(|| {
                HTTP_REQUESTS.of([method.to_owned(), route.to_owned(), status.as_str().to_owned()])
            })
            .increment(1);
    });
}

/// The method, if it is one of those that are told apart: anybody can make one up.
fn known(method: &Method) -> &'static str {
    METHODS.into_iter().find(|known| *known == method.as_str()).unwrap_or(OTHER_METHOD)
}

/// One more for as long as this is there.
pub(crate) struct Present(Gauge);

impl Present {
    /// A request that is not answered yet.
    pub(crate) fn request() -> Self {
        Self::of(IN_FLIGHT.with(Gauge::clone))
    }

    /// A client that watches.
    pub(crate) fn listener() -> Self {
        Self::of(LISTENERS.of::<&str>([]))
    }

    fn of(gauge: Gauge) -> Self {
        gauge.increment(1.0);
        Self(gauge)
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_that_nobody_knows_are_one() {
        assert_eq!(known(&Method::GET), "GET");
        for made_up in ["BREW", "get", "GETT", "OTHER"] {
            assert_eq!(known(&made_up.parse().unwrap()), "other");
        }
    }
}

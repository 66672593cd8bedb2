//! Bodies as they come, and for how long they are waited for.
//!
//! The clock runs only while the server waits for the client: a disk that is slow is nobody's fault.

use std::{
    cell::RefCell,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
    time::Duration,
};

use actix_web::{
    dev::{Payload, ServiceRequest},
    error::PayloadError,
    web::Bytes,
};
use futures::Stream;
use tokio::time::{Instant, Sleep, sleep_until};

use super::ConnectionLimits;

/// Over how much waiting the rate of a body is looked at.
const WINDOW: Duration = Duration::from_mins(1);

/// The body of a request, which whoever reads it and whoever answers have together: what is left of a body when a request
/// is answered has to be there still, or else actix-web waits for the rest of it without an end.
#[derive(Clone)]
pub(crate) struct Arriving(Rc<RefCell<Body>>);

struct Body {
    payload: Payload,
    pace: Pace,
    is_given_up: bool,
}

impl Arriving {
    /// Puts itself in the place of a request's body; `None` if there is none.
    pub(crate) fn of(request: &mut ServiceRequest, limits: &ConnectionLimits) -> Option<Self> {
        use actix_web::HttpMessage as _;

        let payload = match request.take_payload() {
            Payload::None => return None,
            payload => payload,
        };
        let pace = Pace::new(limits.silence, limits.least_rate);
        let arriving = Self(Rc::new(RefCell::new(Body { payload, pace, is_given_up: false })));
        request.set_payload(Payload::Stream { payload: Box::pin(arriving.clone()) });
        request.extensions_mut().insert(arriving.clone());
        Some(arriving)
    }

    /// Whether it was waited for too long.
    pub(crate) fn is_given_up(&self) -> bool {
        self.0.borrow().is_given_up
    }
}

impl Stream for Arriving {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let body = &mut *self.0.borrow_mut();
        if !body.is_given_up {
            if let Poll::Ready(piece) = Pin::new(&mut body.payload).poll_next(context) {
                let length = piece.iter().flatten().map(Bytes::len).sum();
                body.pace.came(length);
                return Poll::Ready(piece);
            }
            ready!(body.pace.poll_over(context));
            body.is_given_up = true;
        }
        Poll::Ready(Some(Err(PayloadError::Io(io::ErrorKind::TimedOut.into()))))
    }
}

/// How long there has been waiting, and what came of it.
struct Pace {
    silence: Duration,
    /// What has to come in a window. 0 is no bound.
    least: u64,
    /// When something came last.
    heard: Instant,
    /// Since when there is waiting, as far as this window goes.
    waiting: Option<Instant>,
    /// How long there was waiting in this window, but for the present one.
    waited: Duration,
    /// What came in this window.
    bytes: u64,
    timer: Pin<Box<Sleep>>,
}

impl Pace {
    fn new(silence: Duration, least_rate: u64) -> Self {
        let now = Instant::now();
        Self {
            silence,
            least: least_rate.saturating_mul(WINDOW.as_secs()),
            heard: now,
            waiting: None,
            waited: Duration::ZERO,
            bytes: 0,
            timer: Box::pin(sleep_until(now)),
        }
    }

    /// So many bytes came.
    fn came(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        if let Some(since) = self.waiting.take() {
            self.waited += since.elapsed();
        }
    }

    /// Nothing came: ready when that has been so for too long.
    fn poll_over(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.waiting.is_none() {
            let now = Instant::now();
            self.heard = now;
            self.waiting = Some(now);
            self.set(now);
        }
        loop {
            ready!(self.timer.as_mut().poll(context));
            let now = Instant::now();
            if now.duration_since(self.heard) >= self.silence || self.bytes < self.least {
                return Poll::Ready(());
            }
            (self.waiting, self.waited, self.bytes) = (Some(now), Duration::ZERO, 0);
            self.set(now);
        }
    }

    /// Sets the timer to the end of the silence or of the window, whichever comes first.
    fn set(&mut self, now: Instant) {
        let silence = self.heard + self.silence;
        let window = now + WINDOW.saturating_sub(self.waited);
        let next = if self.least == 0 { silence } else { silence.min(window) };
        self.timer.as_mut().reset(next);
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::time::sleep;

    use super::*;

    /// Seconds until a body is given up of which so many bytes come every so many seconds.
    async fn given_up_after(bytes: usize, every: u64, least_rate: u64) -> Option<u64> {
        let mut pace = Pace::new(Duration::from_secs(30), least_rate);
        let began = Instant::now();
        while began.elapsed() < Duration::from_hours(1) {
            tokio::select! {
                biased;
                () = poll_fn(|context| pace.poll_over(context)) => return Some(began.elapsed().as_secs()),
                () = sleep(Duration::from_secs(every)) => pace.came(bytes),
            }
        }
        None
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_waited_out_for_as_long_as_it_may_last() {
        assert_eq!(given_up_after(1_000_000, 31, 1024).await, Some(30));
        assert_eq!(given_up_after(1_000_000, 29, 1024).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_trickle_is_given_up_after_a_minute() {
        assert_eq!(given_up_after(1, 1, 1024).await, Some(60));
        assert_eq!(given_up_after(1023, 1, 1024).await, Some(60));
        assert_eq!(given_up_after(1, 29, 1024).await, Some(60));
    }

    #[tokio::test(start_paused = true)]
    async fn what_comes_fast_enough_may_take_as_long_as_it_needs() {
        assert_eq!(given_up_after(1100, 1, 1024).await, None);
        assert_eq!(given_up_after(1, 29, 0).await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn time_in_which_nobody_waits_does_not_count() {
        let mut pace = Pace::new(Duration::from_secs(30), 1024);
        for _ in 0..100 {
            pace.came(1);
            sleep(Duration::from_mins(10)).await;
        }
        let over = poll_fn(|context| pace.poll_over(context));
        let second = sleep(Duration::from_secs(1));
        tokio::select! {
            biased;
            () = over => unreachable!("it was not waited for"),
            () = second => {}
        }
    }
}

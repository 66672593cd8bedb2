//! Waiting for a condition that nobody reports.

use std::{
    thread,
    time::{Duration, Instant},
};

/// How often it is looked.
const INTERVAL: Duration = Duration::from_millis(20);

/// Asks until there is an answer, or `patience` is over. It is asked once at least.
pub fn until<T>(patience: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        if begun.elapsed() >= patience {
            return None;
        }
        pause(INTERVAL);
    }
}

/// Does nothing for so long.
pub(crate) fn pause(time: Duration) {
    #[expect(clippy::disallowed_methods, reason = "other processes tell nobody when they are ready")]
    thread::sleep(time);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_asked_until_there_is_an_answer() {
        let mut asked = 0;
        let answer = until(Duration::from_mins(1), || {
            asked += 1;
            (asked == 3).then_some("ready")
        });
        assert_eq!(answer, Some("ready"));
    }

    #[test]
    fn without_patience_it_is_asked_once() {
        let mut asked = 0;
        assert_eq!(
            until(Duration::ZERO, || {
                asked += 1;
                None::<()>
            }),
            None
        );
        assert_eq!(asked, 1);
    }
}

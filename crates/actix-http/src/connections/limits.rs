//! The numbers.

use std::time::Duration;

/// How many connections there may be, and how long each may keep the server waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// The most at once, over all threads. More wait until one ends.
    pub most: usize,
    /// The most of one network: an IPv4 address, or an IPv6 network of 64 bits. Trusted proxies have no bound.
    pub most_of_a_network: usize,
    /// The most that stay open between requests. Each of these takes a second file of the process.
    pub most_kept: usize,
    /// How long a request's head may take to arrive.
    pub head: Duration,
    /// How long a connection is kept between requests.
    pub keep_alive: Duration,
    /// How long a client may send nothing of a body, or take nothing of an answer.
    pub silence: Duration,
    /// The fewest bytes of a body in a second, over each minute of waiting for it. 0 is no bound.
    pub least_rate: u64,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            most: 20_000,
            most_of_a_network: 5_000,
            most_kept: 20_000,
            head: Duration::from_secs(10),
            keep_alive: Duration::from_secs(30),
            silence: Duration::from_secs(30),
            least_rate: 1024,
        }
    }
}

impl ConnectionLimits {
    /// What everything but connections may need: the database, recordings, pipes to recognisers, libraries.
    const OTHER_FILES: usize = 512;

    /// How many files the process needs for all of it.
    pub fn files(self) -> usize {
        self.most.saturating_add(self.most.min(self.most_kept)).saturating_add(Self::OTHER_FILES)
    }

    /// As many of it as a process can have that may open so many files. Where there are few, more connections are worth
    /// more than those that stay open between requests.
    pub fn within(self, files: usize) -> Self {
        if self.files() <= files {
            return self;
        }
        let most_kept = self.most_kept.min(self.most).min(files / 4);
        let room = files.saturating_sub(Self::OTHER_FILES).saturating_sub(most_kept);
        Self { most: self.most.min(room).max(1), most_kept, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn within(files: usize) -> (usize, usize) {
        let limits = ConnectionLimits::default().within(files);
        (limits.most, limits.most_kept)
    }

    #[test]
    fn connections_never_take_more_files_than_there_are() {
        for files in [700, 1024, 4096, 20_000, 40_511] {
            let (most, kept) = within(files);
            assert!(most + kept + 512 <= files, "{files}: {most} + {kept}");
        }
    }

    #[test]
    fn enough_files_change_nothing() {
        assert_eq!(within(40_512), (20_000, 20_000));
        assert_eq!(within(1024), (256, 256));
        assert_eq!(within(20_000), (14_488, 5_000));
    }
}

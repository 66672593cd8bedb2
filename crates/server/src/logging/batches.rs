//! Lines that are gathered, and written many at once by a thread of its own.
//!
//! A line that is written by itself costs a request more than everything else about it, be it by a call of the
//! operating system or by waking another thread. So lines wait a moment for company, of which readers see nothing.
//! Nothing is left out: if the reader is slower than the log for long, everybody waits for it. And what is a warning or
//! worse is written before its thread goes on, whatever becomes of the process then.

use std::{
    io::{self, Write},
    mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// How long the first line of a batch waits for others. The lines that are lost if the process is killed are from no
/// longer before.
const LINGER: Duration = Duration::from_millis(20);
/// A batch of so many bytes waits for no more.
const ENOUGH: usize = 64 * 1024;
/// With so many bytes waiting, whoever has more waits until they are written.
const MOST: usize = 1024 * 1024;
/// The longest that the end of the log waits for its reader.
const PATIENCE: Duration = Duration::from_secs(2);

/// Where lines are put.
#[derive(Clone)]
pub(super) struct Batches(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// There is something to write, or more than enough, or this is the end.
    news: Condvar,
    /// There is room again, or all is written.
    room: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Vec<u8>,
    /// How many bytes were put so far.
    put: u64,
    /// How many of them were written.
    written: u64,
    /// Somebody waits until theirs are.
    is_urgent: bool,
    is_closing: bool,
    is_over: bool,
}

/// Whether to wait for a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Urgency {
    /// Until there is room for it.
    Routine,
    /// Until it is written.
    Urgent,
}

/// Dropped, it waits until all lines are written. What is logged after that is not.
#[must_use = "dropped, it ends the log"]
pub(super) struct End(Arc<Shared>);

/// Begins to write what is put into batches to `sink`.
pub(super) fn begin(sink: impl Write + Send + 'static) -> io::Result<(Batches, End)> {
    let shared = Arc::new(Shared::default());
    let written = Arc::clone(&shared);
    thread::Builder::new().name("log".to_owned()).spawn(move || written.write_all(sink))?;
    Ok((Batches(Arc::clone(&shared)), End(shared)))
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it holds the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, line: &[u8], urgency: Urgency) {
        let is_full = |state: &mut State| state.waiting.len() >= MOST && !state.is_over;
        let mut state = self.room.wait_while(self.lock(), is_full).unwrap_or_else(PoisonError::into_inner);
        let before = state.waiting.len();
        state.waiting.extend_from_slice(line);
        state.put = state.put.saturating_add(bytes(line));
        let (after, end) = (state.waiting.len(), state.put);
        if urgency == Urgency::Urgent {
            state.is_urgent = true;
            self.news.notify_one();
            let is_unwritten = |state: &mut State| state.written < end && !state.is_over;
            drop(self.room.wait_while(state, is_unwritten));
            return;
        }
        drop(state);
        if before == 0 || (before < ENOUGH && after >= ENOUGH) {
            self.news.notify_one();
        }
    }

    /// Writes until the end. A sink that fails is tried again with the next batch: there is nobody to tell.
    fn write_all(&self, mut sink: impl Write) {
        let mut batch = Vec::new();
        while self.next(&mut batch) {
            let _ = sink.write_all(&batch).and_then(|()| sink.flush());
            let mut state = self.lock();
            state.written = state.written.saturating_add(bytes(&batch));
            drop(state);
            self.room.notify_all();
            batch.clear();
        }
        self.lock().is_over = true;
        self.room.notify_all();
    }

    /// Waits for a batch; `false` if there will be none any more.
    fn next(&self, batch: &mut Vec<u8>) -> bool {
        let is_idle = |state: &mut State| state.waiting.is_empty() && !state.is_closing;
        let state = self.news.wait_while(self.lock(), is_idle).unwrap_or_else(PoisonError::into_inner);
        let may_grow =
            |state: &mut State| state.waiting.len() < ENOUGH && !state.is_urgent && !state.is_closing;
        let lingered = self.news.wait_timeout_while(state, LINGER, may_grow);
        let (mut state, _) = lingered.unwrap_or_else(PoisonError::into_inner);
        mem::swap(&mut state.waiting, batch);
        state.is_urgent = false;
        self.room.notify_all();
        !batch.is_empty()
    }
}

impl Drop for End {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.is_closing = true;
        self.0.news.notify_one();
        // Ends early if somebody panicked, which is no reason to wait.
        let _ = self.0.room.wait_timeout_while(state, PATIENCE, |state| !state.is_over);
    }
}

fn bytes(line: &[u8]) -> u64 {
    u64::try_from(line.len()).unwrap_or(u64::MAX)
}

/// Takes lines.
pub(super) struct Lines<'a> {
    shared: &'a Shared,
    urgency: Urgency,
}

impl Write for Lines<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.shared.put(line, self.urgency);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Batches {
    type Writer = Lines<'a>;

    fn make_writer(&'a self) -> Lines<'a> {
        Lines { shared: &self.0, urgency: Urgency::Routine }
    }

    fn make_writer_for(&'a self, of: &Metadata<'_>) -> Lines<'a> {
        let urgency = if *of.level() <= Level::WARN { Urgency::Urgent } else { Urgency::Routine };
        Lines { shared: &self.0, urgency }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// Hands on what is written, and waits for a permit before each batch.
    struct Reader {
        permits: mpsc::Receiver<()>,
        read: mpsc::Sender<Vec<u8>>,
    }

    impl Write for Reader {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            // Without anybody who gives permits none is needed.
            let _ = self.permits.recv();
            let _ = self.read.send(bytes.to_vec());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn log() -> (Batches, End, mpsc::Sender<()>, mpsc::Receiver<Vec<u8>>) {
        let (permit, permits) = mpsc::channel();
        let (read, reader) = mpsc::channel();
        let (batches, end) = begin(Reader { permits, read }).unwrap();
        (batches, end, permit, reader)
    }

    fn put(batches: &Batches, line: &[u8]) {
        batches.make_writer().write_all(line).unwrap();
    }

    #[test]
    fn a_line_is_written_without_another() {
        let (batches, _end, permit, reader) = log();
        drop(permit);
        put(&batches, b"alone\n");
        assert_eq!(reader.recv().unwrap(), b"alone\n");
    }

    #[test]
    fn a_warning_is_written_before_its_thread_goes_on() {
        let (batches, _end, permit, reader) = log();
        drop(permit);
        put(&batches, b"routine\n");
        batches.0.put(b"warning\n", Urgency::Urgent);
        let read: Vec<u8> = reader.try_iter().flatten().collect();
        assert_eq!(read, b"routine\nwarning\n");
    }

    #[test]
    fn warnings_and_errors_are_urgent() {
        let (batches, _end, permit, reader) = log();
        drop(permit);
        let log = tracing_subscriber::fmt().with_writer(batches).with_ansi(false).finish();
        tracing::subscriber::with_default(log, || {
            tracing::warn!("first");
            tracing::error!("second");
            assert_eq!(reader.try_iter().count(), 2);
        });
    }

    #[test]
    fn the_end_waits_for_every_line_in_its_order() {
        let (batches, end, permit, reader) = log();
        drop(permit);
        let lines: Vec<String> = (0..50_000).map(|number| format!("line {number}\n")).collect();
        for line in &lines {
            put(&batches, line.as_bytes());
        }
        drop(end);
        let read: Vec<u8> = reader.try_iter().flatten().collect();
        assert!(read == lines.concat().into_bytes(), "{} bytes of {}", read.len(), lines.concat().len());
    }

    #[test]
    fn lines_of_many_threads_stay_whole() {
        let (batches, end, permit, reader) = log();
        drop(permit);
        thread::scope(|scope| {
            for letter in [b'a', b'b', b'c', b'd'] {
                let batches = &batches;
                scope.spawn(move || (0..5000).for_each(|_| put(batches, &[letter, letter, letter, b'\n'])));
            }
        });
        drop(end);
        let read: Vec<u8> = reader.try_iter().flatten().collect();
        assert_eq!(read.len(), 4 * 5000 * 4);
        assert!(read.chunks(4).all(|line| line[0] == line[1] && line[1] == line[2] && line[3] == b'\n'));
    }

    #[test]
    fn a_slow_reader_is_waited_for_rather_than_left_out() {
        let (batches, end, permit, reader) = log();
        let line = vec![b'x'; MOST / 2];
        let writing = batches.clone();
        let writer = thread::spawn(move || (0..20).for_each(|_| put(&writing, &line)));
        // Now all that the first batch left may be waiting, or as much as there is room for.
        permit.send(()).unwrap();
        drop(permit);
        writer.join().unwrap();
        drop(end);
        let sizes: Vec<usize> = reader.try_iter().map(|batch| batch.len()).collect();
        assert_eq!(sizes.iter().sum::<usize>(), 10 * MOST);
        assert!(sizes.iter().all(|size| *size < MOST + MOST / 2), "{sizes:?}");
    }

    #[test]
    fn what_comes_after_the_end_keeps_nobody_waiting() {
        let (batches, end, permit, _reader) = log();
        drop(permit);
        drop(end);
        for _ in 0..3 {
            put(&batches, &vec![b'x'; MOST]);
        }
    }
}

//! Recognisers that are programs of their own, run as child processes.
//!
//! | item | program |
//! |---|---|
//! | [`PocketSphinx`] | `pocketsphinx_continuous` with its English model, as Debian packages it |
//! | [`CommandRecognizer`] | any, by a command line from the configuration |
//!
//! [`select`] makes the one that the configuration asks for, or finds out what is there.
//!
//! Invariants: a recording reaches a program as a file that is gone when the recognition ends, however it ends; what a
//! killed server leaves, the next one removes, given a folder of its own ([`Host::with_scratch`]). A program gets no
//! standard input, no shell, no unbounded output and none of the server's settings (`LECTERN_*`), and neither it nor the
//! children in its process group outlive the future that waits for it.
//!
//! To add a recogniser, implement `Recognizer` on top of `child::run`, and give it a variant of [`RecognizerKind`].

mod child;
mod command;
mod host;
mod launcher;
mod pocketsphinx;
mod selection;
mod timeline;
mod wav;

pub use command::{CommandError, CommandRecognizer};
pub use host::Host;
pub use pocketsphinx::PocketSphinx;
pub use selection::{RecognizerKind, Selection, SelectionError, select};

//! Jobs announced through RabbitMQ: the port `JobAnnouncer` with lapin.
//!
//! | item | |
//! |---|---|
//! | [`RabbitAnnouncer`] | the port |
//! | [`examine`] | what a broker is like |
//! | [`AmqpSettings`] | which broker, and as whom: read from a URL |
//! | [`QueueName`] | which queue |
//!
//! Each announcement is a persistent message with the body `{"transcription_id": 1, "user_id": 1}`, sent by the default
//! exchange to a durable queue. It is announced once the broker has confirmed it (publisher confirms) and has not given
//! it back (an unroutable message is confirmed all the same). Announcements are hints: the database says what there is to
//! do, so one may come twice, or be of a job that is done.
//!
//! # Dead letters
//!
//! Workers declare the queue plainly, as durable and without arguments, and a declaration with other arguments would be
//! refused, to them or to us. So the queue is declared plainly here too, beside a second one, `<queue>.dead`; and what
//! workers reject gets there by a *policy*, as RabbitMQ recommends, which an operator sets once:
//!
//! ```sh
//! rabbitmqctl set_policy lectern-dead-letters '^task_queue$' '{"dead-letter-exchange": "", "dead-letter-routing-key": "task_queue.dead"}' --apply-to queues
//! ```
//!
//! A worker that dies has not acknowledged its message, so it is delivered again, at once and without end. The policy
//! can have a limit to that as well, on quorum queues: `"delivery-limit": 10`.
//!
//! Without the policy, what workers reject is dropped; its job is announced again after ten minutes either way. A queue
//! that is already there with arguments of its own is used as it is.
//!
//! # When RabbitMQ is gone
//!
//! Nothing is lost and no request fails: jobs wait in the database, and whoever leases them by HTTP still gets them. When
//! it is back, it is found within half a minute.
//!
//! Invariants: no error, no `Debug` and no line that is logged here shows a password; every wait for the broker has an
//! end; no connection outlives who asked for it.

mod announcer;
mod examine;
mod failure;
mod handshake;
mod session;
mod settings;
mod wire;

pub use announcer::RabbitAnnouncer;
pub use examine::{BrokerReport, QueueReport, examine};
pub use settings::{AmqpSettings, AmqpUrlError, QueueName, QueueNameError};

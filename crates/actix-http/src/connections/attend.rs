//! What each request has to do with its connection.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use actix_web::{
    Error, HttpMessage as _, ResponseError as _,
    body::{BodySize, BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{ConnectionType, StatusCode},
    middleware::Next,
    web::Bytes,
};

use super::{AtHand, Connection, ConnectionLimits, arriving::Arriving};
use crate::problem::Problem;

/// The most of an answer that is handed on at once. actix-web copies what it is handed, and holds it until it is sent.
const PIECE: usize = 64 * 1024;

/// Has the connection know that it has a request, until all of its answer is written, and waits for the body no longer than
/// the limits say. Outside whatever makes failures of it.
pub(crate) async fn attend(
    limits: ConnectionLimits,
    mut request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<Attended>, Error> {
    let connection = request.conn_data::<Arc<Connection>>().cloned();
    let is_last = connection.as_ref().is_some_and(|connection| !connection.is_kept());
    let at_hand = connection.map(AtHand::begin);
    let arriving = Arriving::of(&mut request, &limits);
    let mut response = next.call(request).await?;
    if is_last {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    Ok(response.map_body(|_, body| Attended {
        body,
        rest: Bytes::new(),
        _until_written: (at_hand, arriving),
    }))
}

/// Says why to connections of networks that have too many, and to clients whose body didn't come in time. Inside whatever
/// writes failures.
pub(crate) async fn turn_away<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let connection = request.conn_data::<Arc<Connection>>();
    if connection.is_some_and(|connection| connection.is_refused()) {
        return Ok(request.into_response(too_many_connections().error_response()));
    }
    let arriving = request.extensions().get::<Arriving>().cloned();
    let answered = next.call(request).await;
    if !arriving.is_some_and(|arriving| arriving.is_given_up()) {
        return answered.map(ServiceResponse::map_into_boxed_body);
    }
    match answered {
        Ok(response) => Ok(response.into_response(too_slow().error_response())),
        Err(_) => Err(too_slow().into()),
    }
}

fn too_many_connections() -> Problem {
    let detail = "this network has too many connections; close some, or use fewer for more requests each";
    Problem {
        retry_after: Some(Duration::from_secs(5)),
        ..Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_connections", detail)
    }
}

fn too_slow() -> Problem {
    let detail = "the request's body came too slowly, or stopped coming; send it again";
    Problem::new(StatusCode::REQUEST_TIMEOUT, "request_timeout", detail)
}

/// The body of an answer, in pieces of bounded size, with what lasts until it is written.
pub(crate) struct Attended {
    body: BoxBody,
    /// What is left of the present piece.
    rest: Bytes,
    _until_written: (Option<AtHand>, Option<Arriving>),
}

impl MessageBody for Attended {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = self.get_mut();
        if this.rest.is_empty() {
            match ready!(Pin::new(&mut this.body).poll_next(context)) {
                Some(Ok(piece)) => this.rest = piece,
                end => return Poll::Ready(end),
            }
        }
        let length = this.rest.len().min(PIECE);
        Poll::Ready(Some(Ok(this.rest.split_to(length))))
    }
}

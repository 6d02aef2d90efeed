//! The body of a request: read whole before anything else looks at it, never more than 64 KiB, never for ever.

use std::time::Duration;

use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use poem::http::header;
use poem::{Body, Request};
use tokio::time::timeout;

use crate::problem::{Problem, kind};

/// The largest body, in bytes.
const LARGEST: usize = 64 * 1024;

/// Reads the body into memory and puts it back.
pub(super) async fn buffer(request: &mut Request, patience: Duration) -> Result<(), Problem> {
    let announced = request.header(header::CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    if announced.is_some_and(|length| length > LARGEST as u64) {
        return Err(Problem::of(&kind::BODY_TOO_LARGE));
    }
    // Not by poem's own means, which have room for four kilobytes in every request, and copy them about.
    let body: BoxBody<_, _> = request.take_body().into();
    match timeout(patience, Limited::new(body, LARGEST).collect()).await {
        Ok(Ok(collected)) => {
            request.set_body(Body::from_bytes(collected.to_bytes()));
            Ok(())
        }
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Problem::of(&kind::BODY_TOO_LARGE)),
        Ok(Err(_)) => Err(Problem::of(&kind::BAD_REQUEST)),
        Err(_) => Err(Problem::of(&kind::BODY_TIMEOUT)),
    }
}

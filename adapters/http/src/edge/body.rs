//! The body of a request: read whole before anything else looks at it, never more than 64 KiB, never for ever.

use std::error::Error;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
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
    match timeout(patience, whole(request.take_body())).await {
        Ok(Ok(bytes)) => {
            request.set_body(Body::from_bytes(bytes));
            Ok(())
        }
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Problem::of(&kind::BODY_TOO_LARGE)),
        Ok(Err(_)) => Err(Problem::of(&kind::BAD_REQUEST)),
        Err(_) => Err(Problem::of(&kind::BODY_TIMEOUT)),
    }
}

/// The whole body, in one piece. Nearly all come so; one that comes in crumbs takes no more room than its bytes do. Trailers are dropped.
///
/// Not by poem's own means, which have room for four kilobytes in every request, and copy them about.
async fn whole(body: Body) -> Result<Bytes, Box<dyn Error + Send + Sync>> {
    let body: BoxBody<_, _> = body.into();
    let mut body = Limited::new(body, LARGEST);
    let (mut first, mut joined) = (Bytes::new(), BytesMut::new());
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame?.into_data() else { continue };
        match (first.is_empty(), joined.is_empty()) {
            (true, true) => first = piece,
            (false, _) => {
                joined.extend_from_slice(&std::mem::take(&mut first));
                joined.extend_from_slice(&piece);
            }
            (true, false) => joined.extend_from_slice(&piece),
        }
    }
    Ok(if joined.is_empty() { first } else { joined.freeze() })
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    fn in_pieces(pieces: Vec<&'static [u8]>) -> Body {
        let pieces = pieces.into_iter().map(|piece| Ok::<_, Infallible>(Bytes::from_static(piece)));
        Body::from_bytes_stream(futures_util::stream::iter(pieces.map(|piece| piece.map_err(std::io::Error::other))))
    }

    #[tokio::test]
    async fn pieces_are_joined() {
        for pieces in [vec![], vec![&b""[..]], vec![b"one"], vec![b"", b"one", b"", b"two", b"three"], vec![b"a"; 70]] {
            let joined = pieces.concat();
            assert_eq!(whole(in_pieces(pieces)).await.unwrap(), joined);
        }
    }

    #[tokio::test]
    async fn crumbs_take_no_more_room_than_their_bytes() {
        let read = whole(in_pieces(vec![b"x"; LARGEST])).await.unwrap();
        assert_eq!(read.len(), LARGEST);
        let room = read.try_into_mut().unwrap().capacity();
        assert!(room <= 2 * LARGEST, "{room} bytes");
        assert!(whole(in_pieces(vec![b"x"; LARGEST + 1])).await.unwrap_err().is::<LengthLimitError>());
    }
}

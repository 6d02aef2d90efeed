//! What poem alone can do: the bytes of an answer that was recorded before, from a handler that does nothing else.
//!
//! `bare_poem ANSWER` reads what `curl --include` has written to the file ANSWER, serves it at every path of a free loopback port,
//! as 304 without a body to those who send its `ETag` in `If-None-Match`, and prints the base URL. `tests/load` compares with it.

use std::env;
use std::error::Error;
use std::fs;

use bytes::Bytes;
use poem::endpoint::make_sync;
use poem::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use poem::listener::{Acceptor, Listener, TcpListener};
use poem::{Request, Response, Server};

/// An answer as it was recorded.
struct Answer {
    headers: HeaderMap,
    body: Bytes,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let file = env::args().nth(1).ok_or("bare_poem needs the file of a recorded answer")?;
    let answer = Answer::read(&fs::read_to_string(file)?)?;
    let acceptor = TcpListener::bind("127.0.0.1:0").into_acceptor().await?;
    for address in acceptor.local_addr().iter().filter_map(|address| address.as_socket_addr()) {
        println!("http://{address}");
    }
    Ok(Server::new_with_acceptor(acceptor).run(make_sync(move |request| answer.to(&request))).await?)
}

impl Answer {
    /// Takes the recorded text apart. What the server writes by itself, or per connection, is left to it.
    fn read(text: &str) -> Result<Self, Box<dyn Error>> {
        let (head, body) = text.split_once("\r\n\r\n").ok_or("the head of the answer does not end")?;
        let mut headers = HeaderMap::new();
        for (name, value) in head.lines().skip(1).filter_map(|line| line.split_once(": ")) {
            let name: HeaderName = name.parse()?;
            if ![header::DATE, header::CONTENT_LENGTH, header::CONNECTION].contains(&name) {
                headers.append(name, HeaderValue::from_str(value)?);
            }
        }
        Ok(Self { headers, body: Bytes::copy_from_slice(body.as_bytes()) })
    }

    fn to(&self, request: &Request) -> Response {
        let etag = self.headers.get(header::ETAG);
        let is_known = etag.is_some() && request.headers().get(header::IF_NONE_MATCH) == etag;
        let mut response = match is_known {
            true => StatusCode::NOT_MODIFIED.into(),
            false => Response::builder().body(self.body.clone()),
        };
        *response.headers_mut() = self.headers.clone();
        if is_known {
            response.headers_mut().remove(header::CONTENT_TYPE);
        }
        response
    }
}

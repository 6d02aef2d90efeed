//! The API of the tutorial, on poem: `/protected` is for whoever brings a token of the auth server.
//!
//! Who is not let in is answered `{"error": …}` with 401, and 503 while there are no keys to verify with.
//! `ISSUER` is the address of the auth server (http://127.0.0.1:8080), `PORT` the port on loopback (3000, 0 for any free one).

use std::env;

use jwksd_verifier::poem::Bearer;
use jwksd_verifier::{Algorithm, Policy, Refusal, RemoteJwks, Verifier};
use poem::error::ResponseError;
use poem::http::header;
use poem::listener::{Acceptor, Listener, TcpListener};
use poem::web::Json;
use poem::{EndpointExt, Response, Route, Server, get, handler};
use serde::Deserialize;
use serde_json::{Value, json};

/// What the API wants to know beyond the registered claims.
#[derive(Deserialize)]
struct Profile {
    username: String,
}

#[handler]
fn protected(Bearer(verified): Bearer<Profile>) -> Json<Value> {
    let claims = verified.claims;
    Json(json!({ "message": format!("Hello, {}!", claims.more.username), "sub": claims.sub, "exp": claims.exp }))
}

/// The status and the headers of the refusal, with the body that callers of the tutorial know.
async fn refused(refusal: Refusal) -> Response {
    if let Refusal::Unavailable(cause) = &refusal {
        eprintln!("tutorial-api: {cause}");
    }
    let mut response = refusal.as_response();
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    response.set_body(json!({ "error": refusal.to_string() }).to_string());
    response
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let issuer = env::var("ISSUER").unwrap_or_else(|_| "http://127.0.0.1:8080".to_owned());
    let port = env::var("PORT").map_or(Ok(3000), |port| port.parse::<u16>())?;

    // Tokens of jwksd are for its issuer, unless it was started with another --audience.
    let policy = Policy::builder(&issuer, &issuer, &[Algorithm::Rs256]).build()?;
    let verifier = Verifier::new(policy, RemoteJwks::at(&format!("{issuer}/jwks.json"))?);

    let routes = Route::new().at("/protected", get(protected)).data(verifier).catch_error(refused);
    let acceptor = TcpListener::bind(("127.0.0.1", port)).into_acceptor().await?;
    for address in acceptor.local_addr().iter().filter_map(|address| address.as_socket_addr()) {
        println!("listening at http://{address}");
    }
    Ok(Server::new_with_acceptor(acceptor).run(routes).await?)
}

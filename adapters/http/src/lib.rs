//! The HTTP adapter: routes, problems, OpenAPI document, Swagger UI.
//!
//! A request meets the edge first: its id, its origin, whether path and method exist, how large it may be. The JWKS is answered
//! there from memory; everything else goes to an operation in `routes`, which translates for one use case. Wire types live here
//! and nowhere else (I11), and errors leave as problems made of fixed texts (I9).

mod administered;
mod administered_clients;
mod administered_keys;
mod administered_users;
mod docs;
mod document;
mod edge;
mod extract;
mod jwks;
mod lab_body;
mod oauth;
mod outage;
mod problem;
mod qr;
mod reply;
mod routes;
mod service;

pub use routes::operations::RenderMetrics;
pub use routes::outbox::{OutboxMail, ReadOutbox};
pub use service::{CodeParts, DevParts, HttpParts, HttpSettings, MailParts, document, service};

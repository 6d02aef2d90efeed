//! The stories of the HTTP API, told in process: the real endpoint over stores in memory and a clock that the tests move.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod administration;
mod authentication;
mod bad_input;
mod breakable;
mod client_administration;
mod client_tokens;
mod clients;
mod credentials;
mod discovery;
mod document;
mod edge;
mod every_answer;
mod examples;
mod introspection;
mod jwks;
mod key_life;
mod key_operations;
mod lab;
mod lab_key_sets;
mod limits;
mod mailbox;
mod metrics;
mod otp;
mod outage;
mod passwords;
mod prod;
mod refresh_grant;
mod refresh_races;
mod registration;
mod revocation;
mod round_trips;
mod second_factor;
mod second_factor_logins;
mod secrets;
mod session_ends;
mod sessions;
mod status_lists;
mod test_app;
mod user_administration;
mod userinfo;
mod what_hurt_others;
mod wire;

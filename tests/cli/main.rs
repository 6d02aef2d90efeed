//! The built program as its users meet it: started in an empty folder, with nothing of the caller's environment.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod clients;
mod configuration;
mod encryption;
mod keys;
mod lab;
mod lifetime;
mod sandbox;
mod second_factor;
mod services;
mod sessions;
mod tls;
mod tokens;
mod usage;
mod users;
mod verify;

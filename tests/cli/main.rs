//! The built program as its users meet it: started in an empty folder, with nothing of the caller's environment.

mod configuration;
mod encryption;
mod lifetime;
mod sandbox;
mod tokens;
mod usage;
mod users;

//! `jwksd keys` and `jwksd bootstrap` on the command line.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Listing;

/// What to do with keys.
#[derive(Subcommand)]
pub enum KeysCommand {
    /// List every key with its state, its instants, and the encryption key that sealed it
    List(Listing),
    /// Let the stand-by sign from now on, and publish a new stand-by
    Rotate {
        /// Rotate whatever it breaks: live tokens, caches that do not know the stand-by yet
        #[arg(long = "force")]
        force: bool,
        /// How the answer looks
        #[command(flatten)]
        listing: Listing,
    },
    /// Take a key out of the JWKS at once and for good; the stand-by signs if it was the signer
    Revoke {
        /// The kid, which may begin with a hyphen
        #[arg(allow_hyphen_values = true)]
        kid: String,
        /// Why, in your words; it is kept with the key
        #[arg(long = "reason", value_name = "TEXT")]
        reason: String,
        /// How the answer looks
        #[command(flatten)]
        listing: Listing,
    },
    /// Erase expired keys before the schedule does
    Cleanup(Listing),
    /// Print the public keys as a JWKS; or, with --with-private-key, write both halves of one key as PEM
    Export {
        /// The kid of one key; else every key that is published
        #[arg(long = "kid", value_name = "KID", allow_hyphen_values = true)]
        kid: Option<String>,
        /// Give the private half out too, into the folder of --out; whoever has it can sign for this issuer
        #[arg(long = "with-private-key", requires_all = ["kid", "out"])]
        with_private_key: bool,
        /// The folder for private_key.pem (for its owner only) and public_key.pem; it is made where it is missing
        #[arg(long = "out", value_name = "DIR", requires = "with_private_key")]
        out: Option<PathBuf>,
        /// Overwrite files that are there
        #[arg(long = "force", requires = "with_private_key")]
        force: bool,
    },
    /// Take in a private key (PEM) that was made elsewhere, as the stand-by
    Import {
        /// The file with the key; `-` reads it from standard input
        file: String,
        /// How the answer looks
        #[command(flatten)]
        listing: Listing,
    },
    /// Seal every private half and every other secret anew with --encryption-key, all or nothing, so that --encryption-key-previous can be dropped
    Rewrap {
        /// Write nothing, and list what would be done and what does not open
        #[arg(long = "dry-run")]
        dry_run: bool,
        /// Seal anew whatever opens, although something does not
        #[arg(long = "force", conflicts_with = "dry_run")]
        force: bool,
        /// How the answer looks
        #[command(flatten)]
        listing: Listing,
    },
}

/// Where `bootstrap` writes to.
#[derive(Args, Clone)]
pub struct Bootstrap {
    /// The folder for private_key.pem (for its owner only), public_key.pem and jwks.json; it is made where it is missing
    #[arg(long = "out", value_name = "DIR")]
    pub out: PathBuf,
    /// Overwrite files that are there
    #[arg(long = "force")]
    pub force: bool,
}

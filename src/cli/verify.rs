//! The command line of `jwksd token verify`.

use clap::Args;
use clap::builder::PossibleValuesParser;
use jwksd_verifier::Algorithm;

/// What to verify, and with what.
#[derive(Args)]
pub struct Verify {
    /// The token; `-` or nothing reads it from standard input
    pub token: Option<String>,
    /// The file or the address of a JWKS to verify with; `-` reads it from standard input. Prints the payload as it was signed
    #[arg(long = "jwks", value_name = "FILE|URL")]
    pub jwks: Option<String>,
    /// The algorithm that is accepted; else it is any that its key is for
    #[arg(long = "alg", value_name = "ALGORITHM", value_parser = algorithms(), requires = "jwks")]
    pub alg: Option<String>,
    /// Look at the signature alone, whatever was signed: no issuer, no audience, no times
    #[arg(long = "signature-only", requires = "jwks")]
    pub signature_only: bool,
}

fn algorithms() -> PossibleValuesParser {
    PossibleValuesParser::new(Algorithm::ALL.map(Algorithm::as_str))
}

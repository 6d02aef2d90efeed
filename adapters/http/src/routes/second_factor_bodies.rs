//! What the operations on a second factor take and answer.

use jwksd_domain::second_factor::{Code, RecoveryCode, SecondFactor, SecondFactorProof};
use jwksd_domain::usecase::CallerProof;
use jwksd_domain::user::Password;
use poem_openapi::types::Example;
use poem_openapi::{Enum, Object};
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::extract::{BodyOf, given};
use crate::problem::{Problem, kind};

/// The password of the caller, once more.
#[derive(Deserialize, Object)]
#[oai(example)]
pub(crate) struct TotpEnrolment {
    /// The password.
    #[oai(validator(min_length = 1, max_length = 512))]
    password: String,
}

/// A first code of the app.
#[derive(Deserialize, Object)]
#[oai(example)]
pub(crate) struct TotpConfirmation {
    /// The six digits that the app shows.
    #[oai(validator(pattern = "^ *([0-9] *){6}$"))]
    code: String,
}

/// What the caller shows once more: one of these.
#[derive(Deserialize, Object)]
#[oai(example, skip_serializing_if_is_none)]
pub(crate) struct Proof {
    /// The password.
    #[oai(validator(min_length = 1, max_length = 512))]
    #[serde(default, deserialize_with = "given")]
    password: Option<String>,
    /// The six digits that the app shows.
    #[oai(validator(pattern = "^ *([0-9] *){6}$"))]
    #[serde(default, deserialize_with = "given")]
    totp: Option<String>,
    /// A recovery code, which is spent by it.
    #[oai(validator(pattern = "^[ -]*([A-Za-z2-7][ -]*){16}$"))]
    #[serde(default, deserialize_with = "given")]
    recovery_code: Option<String>,
}

/// What an authenticator app is to be told, in three forms; it is shown this once.
#[derive(Object)]
pub(crate) struct TotpSecret {
    /// The secret in base32, for typing.
    pub(crate) secret: String,
    /// What apps read from a QR code.
    pub(crate) otpauth_uri: String,
    /// The QR code as an SVG document.
    pub(crate) qr_svg: String,
    /// The QR code as a PNG, in a `data:` URI.
    pub(crate) qr_png: String,
}

/// Recovery codes, each of which lets the user in once in the place of the app; they are shown this once.
#[derive(Object)]
#[oai(rename = "NewRecoveryCodes")]
pub(crate) struct RecoveryCodes {
    /// Ten of them.
    recovery_codes: Vec<String>,
}

/// Whether a user has a second factor.
#[derive(Clone, Copy, Enum)]
#[oai(rename_all = "lowercase")]
pub(crate) enum TotpState {
    /// There is none.
    Off,
    /// One was enrolled and not confirmed: it is not asked for.
    Pending,
    /// One is asked for at each login.
    Confirmed,
}

/// The second factor of the caller.
#[derive(Object)]
#[oai(skip_serializing_if_is_none)]
pub(crate) struct TotpStatus {
    /// Whether there is one.
    state: TotpState,
    /// When it was confirmed, in RFC 3339.
    confirmed_at: Option<String>,
    /// How many recovery codes are left.
    recovery_codes_left: u32,
}

impl TotpEnrolment {
    /// The password.
    pub(crate) fn password(self) -> Result<Password, Problem> {
        Ok(Password::parse(self.password)?)
    }
}

impl TotpConfirmation {
    /// The code.
    pub(crate) fn code(self) -> Result<Code, Problem> {
        Ok(Code::parse("code", &Zeroizing::new(self.code))?)
    }
}

impl Proof {
    /// The proof as the use cases take it.
    pub(crate) fn shown(self) -> Result<CallerProof, Problem> {
        match (self.password, second_factor(self.totp, self.recovery_code)?) {
            (Some(password), None) => Ok(CallerProof::Password(Password::parse(password)?)),
            (None, Some(proof)) => Ok(CallerProof::SecondFactor(proof)),
            (Some(_), Some(_)) => {
                Err(Problem::with(&kind::INVALID_FIELD, "password", "must not be given beside a second factor"))
            }
            (None, None) => {
                let why = "is missing, and so are totp and recovery_code: give one of them";
                Err(Problem::with(&kind::INVALID_FIELD, "password", why))
            }
        }
    }
}

/// What is shown beside a password, from the two members in which it may be given.
pub(crate) fn second_factor(
    totp: Option<String>,
    recovery_code: Option<String>,
) -> Result<Option<SecondFactorProof>, Problem> {
    match (totp.map(Zeroizing::new), recovery_code.map(Zeroizing::new)) {
        (None, None) => Ok(None),
        (Some(code), None) => Ok(Some(SecondFactorProof::Code(Code::parse("totp", &code)?))),
        (None, Some(code)) => Ok(Some(SecondFactorProof::Recovery(RecoveryCode::parse("recovery_code", &code)?))),
        (Some(_), Some(_)) => {
            Err(Problem::with(&kind::INVALID_FIELD, "recovery_code", "must not be given beside totp"))
        }
    }
}

impl From<Vec<RecoveryCode>> for RecoveryCodes {
    fn from(codes: Vec<RecoveryCode>) -> Self {
        Self { recovery_codes: codes.iter().map(|code| code.expose().to_string()).collect() }
    }
}

impl From<Option<SecondFactor>> for TotpStatus {
    fn from(factor: Option<SecondFactor>) -> Self {
        let state = match &factor {
            None => TotpState::Off,
            Some(factor) if factor.is_confirmed() => TotpState::Confirmed,
            Some(_) => TotpState::Pending,
        };
        let left = factor.as_ref().map_or(0, |factor| factor.recovery.len());
        let confirmed_at = factor.and_then(|factor| factor.confirmed_at).map(|at| at.to_string());
        Self { state, confirmed_at, recovery_codes_left: u32::try_from(left).unwrap_or(u32::MAX) }
    }
}

impl BodyOf for TotpEnrolment {}

impl BodyOf for TotpConfirmation {}

impl BodyOf for Proof {}

impl Example for TotpEnrolment {
    fn example() -> Self {
        Self { password: "password".to_owned() }
    }
}

impl Example for TotpConfirmation {
    fn example() -> Self {
        Self { code: "123456".to_owned() }
    }
}

impl Example for Proof {
    fn example() -> Self {
        Self { password: Some("password".to_owned()), totp: None, recovery_code: None }
    }
}

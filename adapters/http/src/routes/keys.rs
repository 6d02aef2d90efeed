//! The keys, for administrators.

use std::sync::Arc;

use jwksd_domain::key::{ImportRefused, Kid, RevocationRefused, RotationMode, RotationRefused};
use jwksd_domain::usecase::{
    CleanUpKeys, ImportKey, ImportKeyError, ListKeys, RevocationReason, RevokeError, RevokeKey, RotateError,
    RotateKeys, Trigger,
};
use poem_openapi::param::Path;
use poem_openapi::{ApiResponse, OpenApi};

use super::Capability;
use super::administration::{Listing, found};
use crate::administered_keys::{
    CleanUpResult, ImportedKey, KeyDetail, KeyImport, KeyList, RevocationRequest, RevocationResult, RotationRequest,
    RotationResult,
};
use crate::extract::{Administrator, Body, ClientOrigin, OptionalBody};
use crate::outage;
use crate::problem::{Problem, kind};
use crate::reply::{Json, Reply};

/// What a rotation comes to.
#[derive(ApiResponse)]
pub(crate) enum RotationAnswer {
    /// The stand-by signs from now on, and a new stand-by is published.
    #[oai(status = 200)]
    Rotated(Json<RotationResult>),
    /// It would leave tokens that cannot be verified; `force` does it all the same.
    #[oai(status = 409)]
    Refused(Problem),
    /// Something is down.
    #[oai(status = 503)]
    Unavailable(Problem),
}

/// One key.
#[derive(ApiResponse)]
pub(crate) enum KeyAnswer {
    /// The key.
    #[oai(status = 200)]
    Found(Json<Box<KeyDetail>>),
    /// There is no such key.
    #[oai(status = 404)]
    Unknown(Problem),
    /// Something is down.
    #[oai(status = 503)]
    Unavailable(Problem),
}

/// What a revocation comes to.
#[derive(ApiResponse)]
pub(crate) enum RevocationAnswer {
    /// The key is out of the JWKS and never comes back.
    #[oai(status = 200)]
    Revoked(Json<RevocationResult>),
    /// The reason is not what it must be.
    #[oai(status = 400)]
    Invalid(Problem),
    /// There is no such key.
    #[oai(status = 404)]
    Unknown(Problem),
    /// The key cannot be revoked.
    #[oai(status = 409)]
    Refused(Problem),
    /// Something is down.
    #[oai(status = 503)]
    Unavailable(Problem),
}

/// What an import comes to.
#[derive(ApiResponse)]
pub(crate) enum ImportAnswer {
    /// The key is published, and signs next.
    #[oai(status = 201)]
    Imported(Json<ImportedKey>),
    /// The PEM is no private key of the right type.
    #[oai(status = 400)]
    Invalid(Problem),
    /// The key is known already, was revoked, or is one whose private half everybody can read.
    #[oai(status = 409)]
    Refused(Problem),
    /// Something is down.
    #[oai(status = 503)]
    Unavailable(Problem),
}

/// What administrators do with keys.
pub(crate) struct Keys {
    /// Lists the keys.
    pub(crate) list: Arc<ListKeys>,
    /// Rotates the keys.
    pub(crate) rotate: Arc<RotateKeys>,
    /// Revokes keys.
    pub(crate) revoke: Arc<RevokeKey>,
    /// Takes keys in.
    pub(crate) import: Arc<ImportKey>,
    /// Erases expired keys.
    pub(crate) clean_up: Arc<CleanUpKeys>,
}

#[OpenApi]
impl Keys {
    /// List the keys.
    #[oai(path = "/admin/keys", method = "get", operation_id = "listKeys", tag = "Capability::Administration")]
    async fn list_keys(&self, _caller: Administrator) -> Reply<Listing<KeyList>> {
        match self.list.run().await {
            Ok((ring, now)) => found(KeyList::of(&ring, now)),
            Err(cause) => Listing::Unavailable(outage::reported(&cause)).into(),
        }
    }

    /// Let the stand-by sign from now on.
    #[oai(
        path = "/admin/keys/rotate",
        method = "post",
        operation_id = "rotateKeys",
        tag = "Capability::Administration"
    )]
    async fn rotate_keys(
        &self,
        caller: Administrator,
        origin: ClientOrigin,
        body: OptionalBody<RotationRequest>,
    ) -> Reply<RotationAnswer> {
        let mode = match body.0.and_then(|request| request.force) {
            Some(true) => RotationMode::Forced,
            Some(false) | None => RotationMode::Careful,
        };
        match self.rotate.run(Trigger::Asked(mode, origin.0.by(caller.0))).await {
            Ok(rotation) => RotationAnswer::Rotated(Json(rotation.into())).into(),
            Err(RotateError::Refused(RotationRefused::WouldStrandTokens { .. })) => {
                RotationAnswer::Refused(Problem::of(&kind::WOULD_STRAND_TOKENS)).into()
            }
            Err(RotateError::Refused(RotationRefused::StandbyTooFresh { .. })) => {
                RotationAnswer::Refused(Problem::of(&kind::STANDBY_TOO_FRESH)).into()
            }
            Err(RotateError::Unavailable(cause)) => RotationAnswer::Unavailable(outage::reported(&cause)).into(),
        }
    }

    /// Erase expired keys.
    #[oai(
        path = "/admin/keys/cleanup",
        method = "post",
        operation_id = "cleanUpKeys",
        tag = "Capability::Administration"
    )]
    async fn clean_up_keys(&self, caller: Administrator, origin: ClientOrigin) -> Reply<Listing<CleanUpResult>> {
        match self.clean_up.run(origin.0.by(caller.0)).await {
            Ok(erased) => found(CleanUpResult { erased: u64::try_from(erased).unwrap_or(u64::MAX) }),
            Err(cause) => Listing::Unavailable(outage::reported(&cause)).into(),
        }
    }

    /// Show one key with its public half.
    #[oai(path = "/admin/keys/:kid", method = "get", operation_id = "getKey", tag = "Capability::Administration")]
    async fn get_key(
        &self,
        _caller: Administrator,
        /// The kid, as `GET /admin/keys` lists it.
        kid: Path<String>,
    ) -> Reply<KeyAnswer> {
        match self.list.run().await {
            Ok((ring, now)) => match KeyDetail::of(&ring, &kid.0, now) {
                Some(detail) => KeyAnswer::Found(Json(Box::new(detail))).into(),
                None => KeyAnswer::Unknown(Problem::of(&kind::UNKNOWN_KEY)).into(),
            },
            Err(cause) => KeyAnswer::Unavailable(outage::reported(&cause)).into(),
        }
    }

    /// Revoke a key at once and for good.
    ///
    /// It leaves the JWKS, and if it was the signer the published stand-by signs from now on. The answer says how far it reaches.
    #[oai(
        path = "/admin/keys/:kid/revoke",
        method = "post",
        operation_id = "revokeKey",
        tag = "Capability::Administration"
    )]
    async fn revoke_key(
        &self,
        caller: Administrator,
        origin: ClientOrigin,
        /// The kid, as `GET /admin/keys` lists it.
        kid: Path<String>,
        body: Body<RevocationRequest>,
    ) -> Reply<RevocationAnswer> {
        let reason = match RevocationReason::parse(&body.0.reason) {
            Ok(reason) => reason,
            Err(error) => return RevocationAnswer::Invalid(error.into()).into(),
        };
        let unknown = || RevocationAnswer::Unknown(Problem::of(&kind::UNKNOWN_KEY)).into();
        let Ok(kid) = Kid::parse(&kid.0) else { return unknown() };
        match self.revoke.run(&kid, reason, origin.0.by(caller.0)).await {
            Ok(revoked) => RevocationAnswer::Revoked(Json(revoked.into())).into(),
            Err(RevokeError::Refused(RevocationRefused::UnknownKey(_))) => unknown(),
            Err(RevokeError::Refused(RevocationRefused::Fixture(_))) => {
                RevocationAnswer::Refused(Problem::of(&kind::FIXTURE_KEY)).into()
            }
            Err(RevokeError::Unavailable(cause)) => RevocationAnswer::Unavailable(outage::reported(&cause)).into(),
        }
    }

    /// Take in a private key that was made elsewhere, as the stand-by.
    #[oai(path = "/admin/keys/import", method = "post", operation_id = "importKey", tag = "Capability::Administration")]
    async fn import_key(
        &self,
        caller: Administrator,
        origin: ClientOrigin,
        body: Body<KeyImport>,
    ) -> Reply<ImportAnswer> {
        match self.import.run(&body.0.into_pem(), origin.0.by(caller.0)).await {
            Ok((kid, from)) => {
                ImportAnswer::Imported(Json(ImportedKey { kid: kid.to_string(), activated_at: from.to_string() }))
                    .into()
            }
            Err(ImportKeyError::Unreadable(problem)) => {
                ImportAnswer::Invalid(Problem::with(&kind::INVALID_FIELD, "pem", problem)).into()
            }
            Err(ImportKeyError::Refused(ImportRefused::Known(_))) => {
                ImportAnswer::Refused(Problem::of(&kind::KEY_KNOWN)).into()
            }
            Err(ImportKeyError::Refused(ImportRefused::Revoked(_))) => {
                ImportAnswer::Refused(Problem::of(&kind::KEY_REVOKED)).into()
            }
            Err(ImportKeyError::Refused(ImportRefused::KnownToAll(_))) => {
                ImportAnswer::Refused(Problem::of(&kind::KEY_KNOWN_TO_ALL)).into()
            }
            Err(ImportKeyError::Unavailable(cause)) => ImportAnswer::Unavailable(outage::reported(&cause)).into(),
        }
    }
}

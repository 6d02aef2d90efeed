//! One-time codes over SQLite.

use std::sync::Arc;

use async_trait::async_trait;
use jwksd_domain::otp::{OtpHash, OtpId, StoredOtp};
use jwksd_domain::ports::{OtpRepository, StoreError};
use jwksd_domain::time::Timestamp;
use sqlx::SqliteConnection;

use crate::error::SqliteError;
use crate::otp_rows;
use crate::store::Store;
use crate::task::Task;

/// Keeps one-time codes in the database.
pub(crate) struct SqliteOtpRepository(pub(crate) Arc<Store>);

#[async_trait]
impl OtpRepository for SqliteOtpRepository {
    async fn replace(&self, otp: &StoredOtp, now: Timestamp) -> Result<(), StoreError> {
        Ok(self.0.write(ReplaceOtp { otp: otp.clone(), now }).await?)
    }

    async fn attempt(&self, id: OtpId, now: Timestamp) -> Result<Option<StoredOtp>, StoreError> {
        Ok(self.0.write(AttemptOtp { id, now }).await?)
    }

    async fn consume(&self, id: OtpId, hash: &OtpHash) -> Result<bool, StoreError> {
        Ok(self.0.write(ConsumeOtp { id, hash: *hash }).await?)
    }
}

struct ReplaceOtp {
    otp: StoredOtp,
    now: Timestamp,
}

#[async_trait]
impl Task for ReplaceOtp {
    type Answer = ();

    async fn run(&self, connection: &mut SqliteConnection) -> Result<(), SqliteError> {
        otp_rows::forget_over(connection, self.now).await?;
        Ok(otp_rows::replace(connection, &self.otp).await?)
    }
}

struct AttemptOtp {
    id: OtpId,
    now: Timestamp,
}

#[async_trait]
impl Task for AttemptOtp {
    type Answer = Option<StoredOtp>;

    async fn run(&self, connection: &mut SqliteConnection) -> Result<Option<StoredOtp>, SqliteError> {
        otp_rows::spend_attempt(connection, self.id, self.now).await
    }
}

struct ConsumeOtp {
    id: OtpId,
    hash: OtpHash,
}

#[async_trait]
impl Task for ConsumeOtp {
    type Answer = bool;

    async fn run(&self, connection: &mut SqliteConnection) -> Result<bool, SqliteError> {
        Ok(otp_rows::erase(connection, self.id, &self.hash).await?)
    }
}

//! Second factors over SQLite.

use std::sync::Arc;

use async_trait::async_trait;
use jwksd_domain::ports::{SecondFactorRepository, StoreError};
use jwksd_domain::second_factor::{Enrolment, RecoveryHash, SecondFactor, SecondFactorChange};
use jwksd_domain::user::UserId;
use sqlx::SqliteConnection;

use crate::error::SqliteError;
use crate::second_factor_rows;
use crate::store::Store;
use crate::task::Task;

/// Keeps second factors in the database.
pub(crate) struct SqliteSecondFactorRepository(pub(crate) Arc<Store>);

#[async_trait]
impl SecondFactorRepository for SqliteSecondFactorRepository {
    async fn find(&self, user: UserId) -> Result<Option<SecondFactor>, StoreError> {
        Ok(self.0.read(FindSecondFactor(user)).await?)
    }

    async fn enrol(&self, factor: &SecondFactor) -> Result<bool, StoreError> {
        Ok(self.0.write(EnrolSecondFactor(factor.clone())).await?)
    }

    async fn update(&self, enrolment: Enrolment, change: &SecondFactorChange) -> Result<bool, StoreError> {
        Ok(self.0.write(ChangeSecondFactor { enrolment, change: change.clone() }).await?)
    }
}

struct FindSecondFactor(UserId);

#[async_trait]
impl Task for FindSecondFactor {
    type Answer = Option<SecondFactor>;

    async fn run(&self, connection: &mut SqliteConnection) -> Result<Option<SecondFactor>, SqliteError> {
        second_factor_rows::of_user(connection, self.0).await
    }
}

struct EnrolSecondFactor(SecondFactor);

#[async_trait]
impl Task for EnrolSecondFactor {
    type Answer = bool;

    const CAN_REFUSE: bool = false;

    async fn run(&self, connection: &mut SqliteConnection) -> Result<bool, SqliteError> {
        Ok(second_factor_rows::enrol(connection, &self.0).await? > 0)
    }
}

struct ChangeSecondFactor {
    enrolment: Enrolment,
    change: SecondFactorChange,
}

#[async_trait]
impl Task for ChangeSecondFactor {
    type Answer = bool;

    const CAN_REFUSE: bool = false;

    async fn run(&self, connection: &mut SqliteConnection) -> Result<bool, SqliteError> {
        let (enrolment, user) = (self.enrolment, self.enrolment.user);
        let changed = match &self.change {
            SecondFactorChange::Confirm(confirmation) => {
                let confirmed = second_factor_rows::confirm(connection, enrolment, confirmation).await?;
                if confirmed > 0 {
                    replace_codes(connection, user, &confirmation.recovery).await?;
                }
                confirmed
            }
            SecondFactorChange::Accept(step, secret) => {
                second_factor_rows::accept(connection, enrolment, *step, secret).await?
            }
            SecondFactorChange::Spend(hash) => second_factor_rows::spend(connection, enrolment, hash).await?,
            SecondFactorChange::Renew(hashes) => {
                let confirmed = second_factor_rows::confirmed(connection, enrolment).await?;
                if confirmed > 0 {
                    replace_codes(connection, user, hashes).await?;
                }
                confirmed
            }
            SecondFactorChange::Remove => {
                let removed = second_factor_rows::remove(connection, enrolment).await?;
                if removed > 0 {
                    second_factor_rows::forget_codes(connection, user).await?;
                }
                removed
            }
        };
        Ok(changed > 0)
    }
}

async fn replace_codes(
    connection: &mut SqliteConnection,
    user: UserId,
    hashes: &[RecoveryHash],
) -> Result<(), sqlx::Error> {
    second_factor_rows::forget_codes(connection, user).await?;
    for hash in hashes {
        second_factor_rows::add_code(connection, user, hash).await?;
    }
    Ok(())
}

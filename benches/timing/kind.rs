//! Those who are not let in.

use std::sync::Arc;

use jwksd::compose::Stores;
use jwksd_domain::ports::{PasswordHasher, UserChange};
use jwksd_domain::time::Timestamp;
use jwksd_domain::user::{Email, NewUser, Password, PasswordHash, Role, UserState, Username};
use tokio::task::JoinSet;

use crate::door::address;

/// What everybody shows.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// Who is not let in, and why.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// Nobody has the name.
    Nobody,
    /// The password is another one.
    WrongPassword,
    /// The password is right, the user is disabled.
    Disabled,
    /// The password is right, the user is a demo user and this no dev profile.
    Demo,
}

impl Kind {
    /// Every kind, the yardstick first.
    pub(crate) const ALL: [Self; 4] = [Self::Nobody, Self::WrongPassword, Self::Disabled, Self::Demo];

    /// What it is called.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::WrongPassword => "a user, wrong password",
            Self::Disabled => "a disabled user",
            Self::Demo => "a demo user",
        }
    }

    /// The name of that number: of the same length whatever the kind.
    pub(crate) fn user(self, number: usize) -> String {
        let letter = match self {
            Self::Nobody => 'n',
            Self::WrongPassword => 'w',
            Self::Disabled => 'd',
            Self::Demo => 'o',
        };
        format!("{letter}{number:07}")
    }

    /// Adds as many users of the kind.
    pub(crate) async fn add(
        self,
        stores: &Stores,
        hasher: &Arc<dyn PasswordHasher>,
        count: usize,
    ) -> anyhow::Result<()> {
        let password = if let Self::WrongPassword = self { "another horse battery" } else { PASSWORD };
        let hash = hasher.hash(&Password::parse(password.to_owned())?).await?;
        let mut adding = JoinSet::new();
        for number in 0..count {
            let (stores, new) = (stores.clone(), self.new_user(number, hash.clone())?);
            adding.spawn(async move {
                let user = stores.users.insert(new).await?;
                if let Self::Disabled = self {
                    stores.users.update(user.id, &[UserChange::State(UserState::Disabled)]).await?;
                }
                anyhow::Ok(())
            });
            if adding.len() >= 256 {
                adding.join_next().await.transpose()?.transpose()?;
            }
        }
        while let Some(added) = adding.join_next().await {
            added??;
        }
        Ok(())
    }

    fn new_user(self, number: usize, password_hash: PasswordHash) -> anyhow::Result<NewUser> {
        Ok(NewUser {
            username: Username::parse(&self.user(number))?,
            email: Some(Email::parse(&address(&self.user(number)))?),
            email_verified: true,
            password_hash,
            role: Role::Read,
            registered_at: Timestamp::from_unix_seconds(1_800_000_000),
            demo: matches!(self, Self::Demo),
        })
    }
}

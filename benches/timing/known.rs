//! Those who are known: users and clients, under names that are told from nobody's by a letter.

use std::collections::BTreeSet;
use std::ops::Range;

use jwksd::compose::Ports;
use jwksd_domain::client::{
    Audience, Client, ClientId, ClientName, ClientSecret, ClientState, Grant, NewClient, ScopeSet,
};
use jwksd_domain::ports::{SealContext, UserChange};
use jwksd_domain::second_factor::{Confirmation, Enrolment, SecondFactor, SecondFactorChange, Step};
use jwksd_domain::user::{Email, NewUser, Password, PasswordHash, Role, User, UserState, Username};
use tokio::task::JoinSet;

use crate::door::Subject;
use crate::kind::Kind;

/// What everybody shows, as long as a secret of a client.
pub(crate) const SECRET: &str = "correct-horse-battery-staple-correct-horse-";

/// Adds those who are known.
#[derive(Clone)]
pub(crate) struct Known {
    ports: Ports,
    /// The hash of what everybody shows, and of something else.
    hashes: [PasswordHash; 2],
}

/// The e-mail address of whoever has that name.
pub(crate) fn address(name: &str) -> String {
    format!("{name}@example.com")
}

impl Known {
    /// Adds them to what stands behind `ports`.
    pub(crate) async fn new(ports: Ports) -> anyhow::Result<Self> {
        let right = ports.hasher.hash(&Password::parse(SECRET.to_owned())?).await?;
        let other = ports.hasher.hash(&Password::parse("another horse battery".to_owned())?).await?;
        Ok(Self { ports, hashes: [right, other] })
    }

    /// Adds the subjects of a kind that have those numbers.
    pub(crate) async fn add(&self, subject: Subject, kind: Kind, numbers: Range<usize>) -> anyhow::Result<()> {
        let mut adding = JoinSet::new();
        for number in numbers {
            let (known, name) = (self.clone(), kind.user(number));
            adding.spawn(async move {
                match subject {
                    Subject::User => known.add_user(kind, &name).await,
                    Subject::Client => known.add_client(kind, &name).await,
                }
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

    async fn add_user(&self, kind: Kind, name: &str) -> anyhow::Result<()> {
        let [right, other] = self.hashes.clone();
        let new = NewUser {
            username: Username::parse(name)?,
            email: Some(Email::parse(&address(name))?),
            email_verified: true,
            password_hash: if matches!(kind, Kind::Disabled | Kind::Demo) { right } else { other },
            role: Role::Read,
            registered_at: self.ports.clock.now(),
            demo: kind == Kind::Demo,
        };
        let user = self.ports.stores.users.insert(new).await?;
        match kind {
            Kind::SecondFactor => self.enrol(&user).await?,
            Kind::Disabled => {
                self.ports.stores.users.update(user.id, &[UserChange::State(UserState::Disabled)]).await?;
            }
            Kind::Nobody | Kind::WrongSecret | Kind::Demo => {}
        }
        Ok(())
    }

    async fn enrol(&self, user: &User) -> anyhow::Result<()> {
        let (now, factors) = (self.ports.clock.now(), &self.ports.stores.second_factors);
        let enrolment = Enrolment { user: user.id, at: now };
        let secret = self.ports.cipher.seal(&SealContext::of_second_factor(user.id), &[7; 20]).await?;
        factors.enrol(&SecondFactor::begin(enrolment, secret)).await?;
        let confirmation = Confirmation { at: now, step: Step::at(now), recovery: Vec::new() };
        factors.update(enrolment, &SecondFactorChange::Confirm(confirmation)).await?;
        Ok(())
    }

    async fn add_client(&self, kind: Kind, name: &str) -> anyhow::Result<()> {
        let new = NewClient {
            id: ClientId::parse(name)?,
            name: ClientName::parse(name)?,
            scopes: ScopeSet::parse("read")?,
            audiences: vec![Audience::parse("https://api.example.com")?],
            grants: BTreeSet::from([Grant::ClientCredentials]),
        };
        let shown = ClientSecret::shown(SECRET.to_owned());
        let secret = shown.filter(|_| kind == Kind::Disabled).unwrap_or_else(|| ClientSecret::from_random([7; 32]));
        let mut client = Client::new(new, &secret, self.ports.clock.now())?;
        if kind == Kind::Disabled {
            client.state = ClientState::Disabled;
        }
        Ok(self.ports.stores.clients.insert(&client).await?)
    }
}

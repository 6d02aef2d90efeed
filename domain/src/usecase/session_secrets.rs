//! The secrets of sessions: drawn, sealed and opened, and nothing else is.

use std::sync::Arc;

use super::Outage;
use crate::ports::{Cipher, CipherError, Entropy, SealContext, Sealed};
use crate::session::{Session, SessionId, SessionSecret};

/// Makes and opens the secrets of sessions, so that those who need them are not given the cipher of every other secret too.
pub struct SessionSecrets {
    cipher: Arc<dyn Cipher>,
    entropy: Arc<dyn Entropy>,
}

impl SessionSecrets {
    /// Seals with `cipher` what it draws from `entropy`.
    pub fn new(cipher: Arc<dyn Cipher>, entropy: Arc<dyn Entropy>) -> Self {
        Self { cipher, entropy }
    }

    /// A new secret for the session `id`, in the open and sealed.
    pub(super) async fn make(&self, id: SessionId) -> Result<(SessionSecret, Sealed), Outage> {
        let mut bytes = [0; 32];
        self.entropy.fill(&mut bytes);
        let secret = SessionSecret::new(bytes);
        let sealed = self.cipher.seal(&SealContext::of_session(id), secret.expose()).await?;
        Ok((secret, sealed))
    }

    /// The secret of `session`. That it does not open is an outage and no reason to send anybody away: with the right encryption
    /// key the session goes on.
    pub(super) async fn open(&self, session: &Session) -> Result<SessionSecret, Outage> {
        let opened = self.cipher.open(&SealContext::of_session(session.id), &session.secret).await?;
        Ok(SessionSecret::from_slice(&opened).ok_or(CipherError::Rejected)?)
    }
}

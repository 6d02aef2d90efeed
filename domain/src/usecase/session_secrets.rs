//! The secrets of sessions: drawn, sealed and opened, and nothing else is.

use std::sync::Arc;

use zeroize::Zeroizing;

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

    /// A new secret.
    pub(super) fn draw(&self) -> SessionSecret {
        let mut bytes = Zeroizing::new([0; 32]);
        self.entropy.fill(&mut *bytes);
        SessionSecret::new(*bytes)
    }

    /// The secret, sealed for the session `id` with the present encryption key.
    pub(super) async fn seal(&self, id: SessionId, secret: &SessionSecret) -> Result<Sealed, Outage> {
        Ok(self.cipher.seal(&SealContext::of_session(id), secret.expose()).await?)
    }

    /// The secret of `session`. One that does not open is an outage: somebody has to look at it, or another process, which has been
    /// given the encryption key already, can open it.
    pub(super) async fn open(&self, session: &Session) -> Result<SessionSecret, Outage> {
        let opened = self.cipher.open(&SealContext::of_session(session.id), &session.secret).await?;
        Ok(SessionSecret::from_slice(&opened).ok_or(CipherError::Rejected)?)
    }
}

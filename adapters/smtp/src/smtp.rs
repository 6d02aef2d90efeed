//! Handing mails over by SMTP (RFC 5321): with TLS from the start (RFC 8314), or by STARTTLS, without which nothing is sent.

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use jwksd_domain::ports::BoxError;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use tokio::time::timeout;
use zeroize::Zeroizing;

use crate::transport::{Parcel, Transport, TransportError};

/// How long one attempt may take, from the connection to the answer that the mail was taken.
const PATIENCE: Duration = Duration::from_secs(30);

/// How the connection is kept from being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the start.
    Tls,
    /// STARTTLS, which must succeed.
    StartTls,
    /// Not at all.
    None,
}

/// Whom the server knows us as. Has no `Debug`.
#[derive(Clone)]
pub struct Credentials {
    /// The name.
    pub user: String,
    /// The password.
    pub password: Zeroizing<String>,
}

/// Where mails are handed over, and by whom. Has no `Debug`: it may hold a password.
#[derive(Clone)]
pub struct SmtpOptions {
    /// The name of the server, which its certificate must be for.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is kept from being read.
    pub security: Security,
    /// Whom the server knows us as, if it asks.
    pub credentials: Option<Credentials>,
    /// Who the mails are from: an address, or a name and an address such as `jwksd <no-reply@example.com>`.
    pub from: String,
}

/// Why no mail could ever be handed over.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// The sender is no address.
    #[error("the sender is no address such as no-reply@example.com")]
    Sender(#[source] lettre::address::AddressError),
    /// The parameters of TLS do not work.
    #[error("TLS cannot be set up")]
    Tls(#[source] lettre::transport::smtp::Error),
}

/// Hands mails over to a server, on a connection for each.
pub struct SmtpTransport {
    inner: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl SmtpTransport {
    /// Hands mails over by `options`. Certificates are checked against those that the system trusts; the variable
    /// `SSL_CERT_FILE` names others. Connects to nothing yet.
    ///
    /// # Errors
    /// See [`SetUpError`].
    pub fn new(options: SmtpOptions) -> Result<Self, SetUpError> {
        let SmtpOptions { host, port, security, credentials, from } = options;
        let from: Mailbox = from.parse().map_err(SetUpError::Sender)?;
        let parameters = || TlsParameters::new_rustls(host.clone()).map_err(SetUpError::Tls);
        let tls = match security {
            Security::Tls => Tls::Wrapper(parameters()?),
            Security::StartTls => Tls::Required(parameters()?),
            Security::None => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(port)
            .tls(tls)
            .hello_name(ClientId::Domain(from.email.domain().to_owned()));
        if let Some(Credentials { user, password }) = credentials {
            builder = builder.credentials(authentication::Credentials::new(user, password.to_string()));
        }
        Ok(Self { inner: builder.build(), from })
    }

    fn message(&self, parcel: &Parcel) -> Result<Message, BoxError> {
        let to = Mailbox::new(None, parcel.to.as_str().parse()?);
        let written = Duration::from_millis(u64::try_from(parcel.written_at.unix_millis()).unwrap_or(0));
        let id = format!("<{}@{}>", parcel.id, self.from.email.domain());
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .date(SystemTime::UNIX_EPOCH + written)
            .message_id(Some(id))
            .subject(parcel.letter.subject)
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .multipart(MultiPart::alternative_plain_html(
                parcel.letter.text.to_string(),
                parcel.letter.html.to_string(),
            ))?;
        Ok(message)
    }
}

#[async_trait]
impl Transport for SmtpTransport {
    async fn deliver(&self, parcel: &Parcel) -> Result<(), TransportError> {
        let message = self.message(parcel).map_err(TransportError::Refused)?;
        match timeout(PATIENCE, self.inner.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) if error.is_permanent() => Err(TransportError::Refused(error.into())),
            Ok(Err(error)) => Err(TransportError::Unavailable(error.into())),
            Err(elapsed) => Err(TransportError::Unavailable(elapsed.into())),
        }
    }
}

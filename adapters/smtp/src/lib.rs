//! The Mailer port over SMTP, and the outbox of the dev profile.
//!
//! `letter` finds the words for a mail, as plain text and as HTML. `MailQueue` takes charge of mails and tries until a `Transport`
//! has delivered them; the one that the program has is `SmtpTransport`, by lettre. `Outbox` delivers nothing: it shows what it was
//! given, to whoever tries the dev profile.

mod letter;
mod outbox;
mod queue;
mod smtp;
mod transport;

pub use letter::Letter;
pub use outbox::{Outbox, ShownMail};
pub use queue::{MailQueue, QueueBounds};
pub use smtp::{Credentials, Security, SetUpError, SmtpOptions, SmtpTransport};
pub use transport::{Parcel, Transport, TransportError};

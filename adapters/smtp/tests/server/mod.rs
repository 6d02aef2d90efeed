//! A server that knows just enough SMTP to take a mail, or not.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jwksd_testkit::suites::mailer::{Arrivals, ArrivedMail};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// A server on a free port of loopback.
pub(crate) struct SmtpServer {
    port: u16,
    mails: Mutex<Vec<String>>,
    arrived: Notify,
}

impl SmtpServer {
    /// Starts one that gives `verdict` on each mail.
    pub(crate) async fn start(verdict: &'static str) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = Arc::new(Self { port, mails: Mutex::default(), arrived: Notify::new() });
        let served = Arc::clone(&server);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let served = Arc::clone(&served);
                // A client that goes away is no failure.
                tokio::spawn(async move { served.converse(stream, verdict).await });
            }
        });
        server
    }

    /// Its port.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// What it took, headers and all.
    pub(crate) fn raw_mails(&self) -> Vec<String> {
        self.mails.lock().unwrap().clone()
    }

    async fn converse(&self, stream: TcpStream, verdict: &str) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        stream.write_all(b"220 test\r\n").await?;
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let answer = match line.split([' ', '\r', ':']).next() {
                Some("DATA") => {
                    stream.write_all(b"354 go on\r\n").await?;
                    let mail = content(&mut stream).await?;
                    if verdict.starts_with('2') {
                        self.mails.lock().unwrap().push(mail);
                        self.arrived.notify_one();
                    }
                    verdict
                }
                Some("QUIT") => "221 bye",
                _ => "250 fine",
            };
            stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
        }
    }
}

/// The lines up to the one that ends the mail.
async fn content(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut mail = String::new();
    loop {
        let start = mail.len();
        if stream.read_line(&mut mail).await? == 0 || &mail[start..] == ".\r\n" {
            mail.truncate(start);
            return Ok(mail);
        }
    }
}

#[async_trait]
impl Arrivals for SmtpServer {
    async fn wait_for(&self, count: usize) -> Vec<ArrivedMail> {
        while self.mails.lock().unwrap().len() < count {
            self.arrived.notified().await;
        }
        self.raw_mails().iter().map(|raw| arrived(raw)).collect()
    }
}

/// Takes a mail of two parts apart.
fn arrived(raw: &str) -> ArrivedMail {
    let header = |name: &str| raw.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim();
    let boundary = raw.split("boundary=\"").nth(1).unwrap().split('"').next().unwrap();
    let parts: Vec<_> = raw.split(&format!("--{boundary}\r\n")).skip(1).map(decoded).collect();
    let part = |kind: &str| parts.iter().find(|part| part.contains(kind)).unwrap().clone();
    ArrivedMail { to: header("To:").to_owned(), text: part("text/plain"), html: part("text/html") }
}

/// Soft breaks and escapes of quoted-printable undone (RFC 2045 section 6.7), as far as these mails have any.
fn decoded(part: &str) -> String {
    if !part.contains("quoted-printable") {
        return part.to_owned();
    }
    part.replace("=\r\n", "").replace("=3D", "=")
}

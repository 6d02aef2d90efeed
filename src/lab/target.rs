//! The API that is put to the test: where it is, whether it may be asked, and one request to it.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hyper::client::conn::http1;
use hyper::header::{AUTHORIZATION, CONNECTION, HOST, USER_AGENT};
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use jwksd_domain::lab::Answer;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

const AGENT: &str = concat!("jwksd-lab/", env!("CARGO_PKG_VERSION"));

/// An API at an address of http. What it answers is not read beyond its status, and nowhere is followed.
pub struct Target {
    url: Uri,
    addresses: Vec<SocketAddr>,
    patience: Duration,
}

/// Why an API is not put to the test.
#[derive(Debug, PartialEq, Eq)]
pub enum NoTarget {
    /// It is no address of http with a host.
    Malformed,
    /// It is on another machine, and nobody said that it is theirs.
    SomebodyElses,
    /// There is no such host.
    NotFound,
}

impl Target {
    /// The API at `url`, which is given `patience` for each answer. It must be on this machine, unless `owned` is its host.
    ///
    /// # Errors
    /// See [`NoTarget`]. No name is looked up but `localhost` and what is owned.
    pub async fn find(url: &str, owned: Option<&str>, patience: Duration) -> Result<Self, NoTarget> {
        let url: Uri = url.parse().map_err(|_| NoTarget::Malformed)?;
        let (Some("http"), Some(host), Some(authority)) = (url.scheme_str(), url.host(), url.authority()) else {
            return Err(NoTarget::Malformed);
        };
        // A name and a password before the host make it look like another one.
        if authority.as_str().contains('@') {
            return Err(NoTarget::Malformed);
        }
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let is_owned = owned == Some(host) || owned == Some(bare);
        if !is_owned && !may_be_here(bare) {
            return Err(NoTarget::SomebodyElses);
        }
        let found = lookup_host((bare, url.port_u16().unwrap_or(80))).await.map_err(|_| NoTarget::NotFound)?;
        let addresses: Vec<_> = found.filter(|address| is_owned || address.ip().is_loopback()).collect();
        if addresses.is_empty() { Err(NoTarget::NotFound) } else { Ok(Self { url, addresses, patience }) }
    }

    /// Where it is.
    pub const fn url(&self) -> &Uri {
        &self.url
    }

    /// What it answers to a GET with that token, or without any.
    pub async fn ask(&self, token: Option<&str>) -> Answer {
        match timeout(self.patience, self.exchange(token)).await {
            Err(_) => Answer::TooLate,
            Ok(Ok(status)) => Answer::Status(status),
            // What broke, and how, is for whoever runs the API to see.
            Ok(Err(_)) => Answer::Broken,
        }
    }

    async fn exchange(&self, token: Option<&str>) -> io::Result<u16> {
        let stream = TcpStream::connect(&*self.addresses).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
        // Ends when the answer was read, or when nobody waits for it any more.
        tokio::spawn(connection);
        let authority = self.url.authority().map_or("", |authority| authority.as_str());
        let path = self.url.path_and_query().map_or("/", |path| path.as_str());
        let mut asked =
            Request::get(path).header(HOST, authority).header(USER_AGENT, AGENT).header(CONNECTION, "close");
        if let Some(token) = token {
            asked = asked.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        let asked = asked.body(String::new()).map_err(io::Error::other)?;
        Ok(sender.send_request(asked).await.map_err(io::Error::other)?.status().as_u16())
    }
}

fn may_be_here(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn refused(url: &str, owned: Option<&str>) -> Option<NoTarget> {
        Target::find(url, owned, Duration::from_secs(1)).await.err()
    }

    #[tokio::test]
    async fn what_is_on_this_machine_may_be_asked() {
        for url in ["http://127.0.0.1:3000/a?b=c", "http://127.9.9.9/", "http://[::1]:3000/"] {
            assert_eq!(refused(url, None).await, None, "{url}");
        }
    }

    #[tokio::test]
    async fn what_is_elsewhere_may_be_asked_by_who_names_its_host() {
        for url in
            ["http://192.0.2.1/", "http://api.example.com/", "http://127.0.0.1.example.com/", "http://[2001:db8::1]/"]
        {
            assert_eq!(refused(url, None).await, Some(NoTarget::SomebodyElses), "{url}");
            assert_eq!(refused(url, Some("192.0.2.2")).await, Some(NoTarget::SomebodyElses), "{url}");
        }
        assert_eq!(refused("http://192.0.2.1:8000/", Some("192.0.2.1")).await, None);
        assert_eq!(refused("http://[2001:db8::1]/", Some("2001:db8::1")).await, None);
    }

    #[tokio::test]
    async fn what_is_no_address_of_http_cannot_be_asked() {
        for url in ["/protected", "127.0.0.1:3000", "ftp://127.0.0.1/", "http://", "http://127.0.0.1@192.0.2.1/"] {
            assert_eq!(refused(url, None).await, Some(NoTarget::Malformed), "{url}");
        }
    }
}

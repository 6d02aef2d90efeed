//! Where a request comes from, as the edge has found out.

use std::net::{IpAddr, Ipv4Addr};

use jwksd_domain::audit::Origin;
use poem::{FromRequest, Request, RequestBody};

/// The origin of the request.
pub(crate) struct ClientOrigin(pub(crate) Origin);

impl<'a> FromRequest<'a> for ClientOrigin {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        let known = request.data::<Origin>().cloned();
        Ok(Self(known.unwrap_or_else(|| Origin::new(IpAddr::V4(Ipv4Addr::LOCALHOST), None))))
    }
}

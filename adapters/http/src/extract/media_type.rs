//! In what form a body is sent: its media type, its charset and its coding. What is not said of it is as usual.

use poem::http::{HeaderMap, header};

use crate::problem::{Problem, kind};

/// The media type of JSON (RFC 8259 section 11).
pub(crate) const JSON: &str = "application/json";
/// The media type of forms.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// The media type of the body, which is one of `accepted`; the first of them where there is no content type.
///
/// # Errors
/// 415 where it is another one, in another charset than UTF-8 (RFC 8259 section 8.1), or coded (RFC 9110 section 15.5.16).
pub(crate) fn media_type<const N: usize>(
    headers: &HeaderMap,
    accepted: [&'static str; N],
) -> Result<&'static str, Problem> {
    if !is_plain(headers) {
        let why = "names a coding, and bodies are taken as they are: leave it out, or send identity.";
        return Err(Problem::with(&kind::UNSUPPORTED_CONTENT_CODING, "Content-Encoding", why));
    }
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(accepted[0]) };
    let mut parts = value.to_str().unwrap_or_default().split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let found = accepted.into_iter().find(|known| known.eq_ignore_ascii_case(essence));
    let media_type = found.ok_or_else(|| Problem::of(&kind::UNSUPPORTED_MEDIA_TYPE))?;
    if parts.all(is_no_foreign_charset) {
        return Ok(media_type);
    }
    let why = "names another charset than UTF-8, in which bodies are read: leave charset out, and send UTF-8.";
    Err(Problem::with(&kind::UNSUPPORTED_MEDIA_TYPE, "Content-Type", why))
}

/// Whether the body is sent as it is, which `identity` says too.
fn is_plain(headers: &HeaderMap) -> bool {
    let codings =
        headers.get_all(header::CONTENT_ENCODING).iter().flat_map(|value| value.as_bytes().split(|c| *c == b','));
    codings.map(<[u8]>::trim_ascii).all(|coding| coding.is_empty() || coding.eq_ignore_ascii_case(b"identity"))
}

/// ASCII is UTF-8 too.
fn is_no_foreign_charset(parameter: &str) -> bool {
    match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            let charset = value.trim().trim_matches('"');
            ["utf-8", "utf8", "us-ascii"].into_iter().any(|known| known.eq_ignore_ascii_case(charset))
        }
        Some(_) | None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: header::HeaderName, values: &[&str]) -> Result<&'static str, &'static str> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(&name, value.parse().unwrap());
        }
        media_type(&headers, [JSON, FORM]).map_err(|problem| problem.kind().code)
    }

    #[test]
    fn parameters_and_case_do_not_change_a_media_type() {
        assert_eq!(of(header::CONTENT_TYPE, &[]), Ok(JSON));
        assert_eq!(of(header::CONTENT_TYPE, &["Application/JSON; charset=utf-8"]), Ok(JSON));
        assert_eq!(of(header::CONTENT_TYPE, &["application/x-www-form-urlencoded"]), Ok(FORM));
        for other in ["", "text/plain", "application/xml", "application/jsonp", "text/json", "multipart/form-data"] {
            assert_eq!(of(header::CONTENT_TYPE, &[other]), Err("unsupported_media_type"), "{other}");
        }
    }

    #[test]
    fn a_charset_is_utf_8() {
        for charset in ["UTF-8", "\"utf-8\"", "utf8", "US-ASCII"] {
            assert_eq!(of(header::CONTENT_TYPE, &[&format!("application/json;charset={charset}")]), Ok(JSON));
        }
        for charset in ["iso-8859-1", "utf-16", "\"latin1\"", ""] {
            let told = of(header::CONTENT_TYPE, &[&format!("application/json; x=y; Charset = {charset}")]);
            assert_eq!(told, Err("unsupported_media_type"), "{charset}");
        }
    }

    #[test]
    fn a_body_is_not_coded() {
        for plain in [&[][..], &["identity"], &["Identity, identity"], &[""]] {
            assert_eq!(of(header::CONTENT_ENCODING, plain), Ok(JSON), "{plain:?}");
        }
        for coded in [&["gzip"][..], &["br"], &["identity", "gzip"], &["identity, deflate"], &["nonsense"]] {
            assert_eq!(of(header::CONTENT_ENCODING, coded), Err("unsupported_content_coding"), "{coded:?}");
        }
    }
}

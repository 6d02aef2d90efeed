//! What a client asks of a representation: `Accept` (RFC 9110 section 12.5.1) and `If-None-Match` (section 13.1.2).

use poem::http::{HeaderMap, header};

use super::{JSON, JWK_SET};

/// Whether the client asks for `application/jwk-set+json` by name, and for nothing plainer more; or refuses what is plainer, and takes
/// anything else.
pub(super) fn prefers_jwk_set(headers: &HeaderMap) -> bool {
    let values = || headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    // What nearly everybody sends is neither, and is not looked at closely.
    if !values().any(|value| ["jwk-set", "q=0", "Q=0"].iter().any(|sign| value.contains(sign))) {
        return false;
    }
    let quality = |wanted: &str| {
        let ranges = values().flat_map(|value| value.split(','));
        ranges.filter_map(|range| quality_of(range, wanted)).max()
    };
    let by_range = || quality("application/*").or_else(|| quality("*/*"));
    match (quality(JWK_SET), quality(JSON)) {
        (Some(wanted), plainer) => wanted > 0 && wanted >= plainer.unwrap_or(0),
        (None, Some(0)) => by_range().is_some_and(|wanted| wanted > 0),
        (None, Some(_) | None) => false,
    }
}

/// Whether the client has the representation of this entity tag. Tags are compared weakly: `W/` does not count.
pub(crate) fn if_none_match(headers: &HeaderMap, etag: &[u8]) -> bool {
    headers.get_all(header::IF_NONE_MATCH).iter().any(|value| {
        let value = value.as_bytes().trim_ascii();
        value == b"*" || value == etag || entity_tags(value).any(|tag| tag == etag)
    })
}

/// The weight of a media range in thousandths, if it is the range `wanted`; 1000 where none is given, 0 where it is malformed.
fn quality_of(range: &str, wanted: &str) -> Option<u16> {
    let mut parts = range.split(';').map(str::trim);
    if !parts.next()?.eq_ignore_ascii_case(wanted) {
        return None;
    }
    let weight = parts.find_map(|part| {
        let (name, weight) = part.split_once('=')?;
        name.trim_end().eq_ignore_ascii_case("q").then_some(weight.trim_start())
    });
    Some(weight.map_or(1000, |weight| match weight.split_once('.') {
        _ if weight == "1" => 1000,
        Some(("1", zeros)) if zeros.bytes().all(|c| c == b'0') => 1000,
        Some(("0", digits)) if (1..=3).contains(&digits.len()) => format!("{digits:0<3}").parse().unwrap_or(0),
        Some(_) | None => 0,
    }))
}

/// The opaque tags of a list, quotes included. What is not well-formed ends the list.
fn entity_tags(mut list: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        list = list.trim_ascii_start();
        while let Some(rest) = list.strip_prefix(b",") {
            list = rest.trim_ascii_start();
        }
        list = list.strip_prefix(b"W/").unwrap_or(list);
        let inner = list.strip_prefix(b"\"")?;
        let end = inner.iter().position(|c| *c == b'"')? + 2;
        let (tag, rest) = list.split_at(end);
        list = rest;
        Some(tag)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: header::HeaderName, values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(&name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn json_unless_a_jwk_set_is_asked_for() {
        let prefers = |values: &[&str]| prefers_jwk_set(&with(header::ACCEPT, values));
        for values in [
            &["application/jwk-set+json"][..],
            &["Application/jwk-set+JSON; q=0.5, */*"],
            &["application/jwk-set+json, application/json"],
            &["text/html", "application/jwk-set+json;q=0.9, application/json;q=0.8"],
            &["application/json;q=0, */*;q=0.1"],
            &["application/*", "application/json;Q=0"],
        ] {
            assert!(prefers(values), "{values:?}");
        }
        for values in [
            &[][..],
            &["*/*"],
            &["application/json"],
            &["application/jwk-set+json;q=0"],
            &["application/jwk-set+json;q=x"],
            &["application/jwk-set+json ; charset=utf-8 ; q = 0.000"],
            &["application/jwk-set+json;q=0, */*"],
            &["application/json;q=0"],
            &["application/json;q=0, application/*;q=0, */*"],
            &["application/json;q=0, application/jwk-set+json;q=0, */*"],
            &["application/jwk-set+json;q=0.8, application/json"],
        ] {
            assert!(!prefers(values), "{values:?}");
        }
    }

    #[test]
    fn lists_weak_tags_and_the_asterisk_match() {
        let matches = |values: &[&str]| if_none_match(&with(header::IF_NONE_MATCH, values), b"\"abc\"");
        for values in [
            &["\"abc\""][..],
            &["W/\"abc\""],
            &["*"],
            &[" \"x,y\" ,, \"abc\""],
            &["\"x\"", "\"abc\""],
            &["W/\"x\",W/\"abc\""],
        ] {
            assert!(matches(values), "{values:?}");
        }
        for values in [&[][..], &["abc"], &["\"ab\""], &["\"abc"], &["\"\""], &["\"x, \\\"abc\""], &["w/\"abc\""]] {
            assert!(!matches(values), "{values:?}");
        }
    }
}

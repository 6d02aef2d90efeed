//! Reading JSON and forms into typed values, and saying what is wrong by the name of the field, never by its value.

use serde::de::DeserializeOwned;
use serde::de::value::{Error as FormError, MapDeserializer};
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;

use super::form_text;
use crate::problem::{Problem, kind};

/// Reads a JSON object. Members that `T` does not have are ignored; those that it has must be there once.
pub(super) fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|_| Problem::of(&kind::MALFORMED_BODY))?;
    // Without this an array of the members' values in their order would do as well.
    if !text.trim_start().starts_with('{') {
        return Err(Problem::of(&kind::MALFORMED_BODY));
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        match error.inner().classify() {
            Category::Data => wrong_field(&error.inner().to_string(), &path),
            Category::Syntax | Category::Eof | Category::Io => Problem::of(&kind::MALFORMED_BODY),
        }
    })?;
    deserializer.end().map_err(|_| Problem::of(&kind::MALFORMED_BODY))?;
    Ok(value)
}

/// Reads a form (`application/x-www-form-urlencoded`), every value a string. A field that was left empty counts as absent.
pub(super) fn form<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let malformed = || Problem::of(&kind::MALFORMED_BODY);
    let text = std::str::from_utf8(bytes).map_err(|_| malformed())?;
    let decode = |part: &str| form_text::decode(part).map(|mut text| std::mem::take(&mut *text)).ok_or_else(malformed);
    let mut pairs = Vec::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        pairs.push((decode(name)?, decode(value)?));
    }
    pairs.retain(|(_, value)| !value.is_empty());
    T::deserialize(MapDeserializer::new(pairs.into_iter()))
        .map_err(|error: FormError| wrong_field(&error.to_string(), "."))
}

/// A member that may be absent but not null: to what is there already, null says nothing. Forms, which know no null, can hold it too.
pub(crate) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// The problem that serde's `message` at `path` tells of. Of the message only names and expectations are used, which
/// come from our types; what was found instead may be a secret.
fn wrong_field(message: &str, path: &str) -> Problem {
    let named = |prefix| message.strip_prefix(prefix)?.split_once('`').map(|(name, _)| name.to_owned());
    if let Some(name) = named("missing field `") {
        return Problem::with(&kind::INVALID_FIELD, name, "is missing");
    }
    if let Some(name) = named("duplicate field `") {
        return Problem::with(&kind::INVALID_FIELD, name, "is given more than once");
    }
    let expected = message.rsplit_once(", expected ").map_or("of another type", |(_, expected)| {
        expected.split_once(" at line ").map_or(expected, |(expected, _)| expected)
    });
    match path {
        "." | "?" => Problem::of(&kind::MALFORMED_BODY),
        path => Problem::with(&kind::INVALID_FIELD, path.to_owned(), &format!("must be {expected}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Sample {
        username: String,
        password: String,
        #[serde(default)]
        force: Option<bool>,
    }

    fn complaint(result: Result<Sample, Problem>) -> String {
        let body = poem_openapi::types::ToJSON::to_json(&result.unwrap_err().body()).unwrap();
        body["detail"].as_str().unwrap().to_owned()
    }

    #[test]
    fn what_json_lacks_is_named() {
        let cases = [
            (r#"{"password":"p"}"#, "username is missing"),
            (r#"{"username":"u","password":1}"#, "password must be a string"),
            (r#"{"username":null,"password":"p"}"#, "username must be a string"),
            (r#"{"username":"u","username":"v","password":"p"}"#, "username is given more than once"),
            (r#"{"username":"u","password":{"a, expected x":[]}}"#, "password must be a string"),
            (r#"{"username":"u","password":"p","force":"yes"}"#, "force must be a boolean"),
        ];
        for (body, detail) in cases {
            assert_eq!(complaint(json(body.as_bytes())), detail, "{body}");
        }
    }

    #[test]
    fn what_is_no_json_object_is_malformed() {
        let deep = format!(r#"{{"username":"u","password":"p","x":{}{}}}"#, "[".repeat(30_000), "]".repeat(30_000));
        for body in ["", " ", "null", "[]", r#"["u","p"]"#, "{", r#"{"username":"u","password":"p"} x"#, "<a/>"] {
            assert_eq!(complaint(json(body.as_bytes())), kind::MALFORMED_BODY.detail, "{body}");
        }
        assert_eq!(complaint(json(b"{\"username\":\"\xff\",\"password\":\"p\"}")), kind::MALFORMED_BODY.detail);
        assert!(json::<Sample>(deep.as_bytes()).is_ok(), "what is ignored may be as deep as it likes");
    }

    #[test]
    fn a_form_is_strict() {
        let read = form::<Sample>(b"username=J%C3%B6rg+X&password=a%26b&other=").unwrap();
        assert_eq!((read.username.as_str(), read.password.as_str(), read.force), ("Jörg X", "a&b", None));
        for without in [&b"username=u"[..], b"username=u&password=", b"username=u&password"] {
            assert_eq!(complaint(form(without)), "password is missing");
        }
        assert_eq!(complaint(form(b"username=u&username=v&password=p")), "username is given more than once");
        assert_eq!(complaint(form(b"username=%ff&password=p")), kind::MALFORMED_BODY.detail);
    }
}

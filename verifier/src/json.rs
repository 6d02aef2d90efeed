//! JSON without second meanings: an object in which a member stands twice is refused, at any depth.
//!
//! RFC 8259 section 4 leaves open which of the two counts, so two readers may see two different tokens (RFC 7515 section 4,
//! RFC 7519 section 4).

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Why a text is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It is no JSON object.
    NoObject,
    /// A member stands twice in one object.
    Twice,
    /// A member is missing or of another type.
    WrongType,
}

/// What is taken of an object: each implementation says which members mean something to it.
pub(crate) trait Take<'de>: Default {
    /// Takes the value of the member `name`, which comes next; or leaves it and says that it means nothing.
    fn take<A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<bool, A::Error>;
}

/// An object that was read through once.
pub(crate) struct Object<'de, T> {
    pub(crate) taken: T,
    /// All its members, by their names.
    pub(crate) members: Vec<Member<'de>>,
}

/// A member of an object.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Member<'a> {
    pub(crate) name: Cow<'a, str>,
    /// Whether it means nothing here and is null.
    pub(crate) is_null: bool,
}

/// Nothing is taken.
#[derive(Default)]
pub(crate) struct Nothing;

/// The text in `bytes`, which is UTF-8 (RFC 8259 section 8.1): looked at once, not string by string.
pub(crate) fn text(bytes: &[u8]) -> Result<&str, Refused> {
    std::str::from_utf8(bytes).map_err(|_| Refused::NoObject)
}

/// Reads the object in `text`.
pub(crate) fn read<'a, T: Take<'a>>(text: &'a str) -> Result<Object<'a, T>, Refused> {
    serde_json::from_str(text).map_err(|_| why(text))
}

/// Why it cannot be read: looked into only then, since good texts are many and want to be read once.
fn why(text: &str) -> Refused {
    match serde_json::from_str(text) {
        Ok(Checked::Object) => Refused::WrongType,
        Err(error) if error.is_data() => Refused::Twice,
        Ok(Checked::Null | Checked::Other) | Err(_) => Refused::NoObject,
    }
}

impl<'de> Take<'de> for Nothing {
    fn take<A: MapAccess<'de>>(&mut self, _: &str, _: &mut A) -> Result<bool, A::Error> {
        Ok(false)
    }
}

impl<'de, T: Take<'de>> Deserialize<'de> for Object<'de, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Take<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<'de, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut taken, mut members) = (T::default(), Vec::with_capacity(16));
        while let Some(Name(name)) = map.next_key()? {
            let is_null = !taken.take(&name, &mut map)? && matches!(map.next_value()?, Checked::Null);
            members.push(Member { name, is_null });
        }
        members.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        match members.windows(2).any(|pair| pair[0].name == pair[1].name) {
            true => Err(A::Error::custom("a member stands twice")),
            false => Ok(Object { taken, members }),
        }
    }
}

/// A value that was read through and is not kept.
enum Checked {
    Object,
    Null,
    Other,
}

impl<'de> Deserialize<'de> for Checked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CheckedVisitor)
    }
}

struct CheckedVisitor;

impl<'de> Visitor<'de> for CheckedVisitor {
    type Value = Checked;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        ObjectVisitor::<Nothing>(PhantomData).visit_map(map).map(|_| Checked::Object)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        while sequence.next_element::<Checked>()?.is_some() {}
        Ok(Checked::Other)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Checked::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Checked::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Checked::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Checked::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Checked::Other)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Checked::Other)
    }
}

/// A name, borrowed where it has no escapes: `"alg"` and `"\u0061lg"` are the same one.
struct Name<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor).map(Self)
    }
}

struct NameVisitor;

impl<'de> Visitor<'de> for NameVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Option<Refused> {
        read::<Nothing>(text).err()
    }

    #[test]
    fn a_member_that_stands_twice_is_found_at_any_depth_and_in_any_spelling() {
        for twice in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"b":2,"\u0061":3}"#,
            r#"{"a":null,"a":1}"#,
            r#"{"a":null,"a":null}"#,
            r#"{"x":{"a":1,"a":2}}"#,
            r#"{"x":[0,{"a":1,"b":[{"c":1,"c":2}]}]}"#,
        ] {
            assert_eq!(refused(twice), Some(Refused::Twice), "{twice}");
        }
    }

    #[test]
    fn only_an_object_has_members() {
        for other in ["", "1", "[]", "null", "\"a\"", "{", "{}x", "{\"a\":1,}", "{\"a\":\"\u{0}\"}", "\u{feff}{}"] {
            assert_eq!(refused(other), Some(Refused::NoObject), "{other}");
        }
        assert_eq!(refused(&"[".repeat(10_000)), Some(Refused::NoObject));
        assert_eq!(text(b"\xff"), Err(Refused::NoObject));
    }

    #[test]
    fn members_are_told_by_their_names() {
        let object = read::<Nothing>(r#"{"b":{"c":1},"a":null,"d":[1.5,-1,true,{"a":1},{"a":1}]}"#).unwrap();
        let found: Vec<_> = object.members.iter().map(|member| (member.name.as_ref(), member.is_null)).collect();
        assert_eq!(found, [("a", true), ("b", false), ("d", false)]);
    }
}

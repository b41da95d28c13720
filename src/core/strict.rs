//! JSON that somebody handed in, read strictly: what the page does not name is refused, and a refusal says where.
//!
//! A derived reader alone would take a list for an object and an object for a word. To read another file, derive its shape with
//! `deny_unknown_fields`, put [`objects`] and [`word`] where they belong, and call [`read`].

use crate::core::refusal::Refusal;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::marker::PhantomData;

/// Reads a file that holds one object.
///
/// # Errors
/// [`Refusal`] naming the field by its path, or the line.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Refusal> {
    let mut reader = serde_json::Deserializer::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
    let found: Object<T> = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let error = error.into_inner();
        if path.is_empty() || path == "." { Refusal::at_line(error.line(), error) } else { Refusal::at(path, error) }
    })?;
    reader.end().map_err(|error| Refusal::at_line(error.line(), error))?;
    Ok(found.0)
}

/// A list of objects.
///
/// # Errors
/// Where the list or one of them is something else.
pub fn objects<'de, D: Deserializer<'de>, T: Deserialize<'de>>(reader: D) -> Result<Vec<T>, D::Error> {
    Ok(Vec::<Object<T>>::deserialize(reader)?.into_iter().map(|object| object.0).collect())
}

/// A list of objects, or null for none.
///
/// # Errors
/// Where the list or one of them is something else.
pub fn objects_or_null<'de, D: Deserializer<'de>, T: Deserialize<'de>>(reader: D) -> Result<Option<Vec<T>>, D::Error> {
    let list = Option::<Vec<Object<T>>>::deserialize(reader)?;
    Ok(list.map(|list| list.into_iter().map(|object| object.0).collect()))
}

/// One object.
///
/// # Errors
/// Where it is something else.
pub fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(reader: D) -> Result<T, D::Error> {
    Object::deserialize(reader).map(|object| object.0)
}

/// One of the words of an enum, as text.
///
/// # Errors
/// Where it is not a text, or another word.
pub fn word<'de, D: Deserializer<'de>, T: Deserialize<'de>>(reader: D) -> Result<T, D::Error> {
    let text = String::deserialize(reader)?;
    T::deserialize(text.into_deserializer())
}

/// One of the words of an enum, as text, or null for none.
///
/// # Errors
/// Where it is neither, or another word.
pub fn word_or_null<'de, D: Deserializer<'de>, T: Deserialize<'de>>(reader: D) -> Result<Option<T>, D::Error> {
    let text = Option::<String>::deserialize(reader)?;
    text.map(|text| T::deserialize(text.into_deserializer())).transpose()
}

/// A `T` that is written as an object.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        struct Only<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Only<T> {
            type Value = T;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map))
            }
        }
        reader.deserialize_map(Only(PhantomData)).map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Colour {
        Red,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Part {
        size: i64,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Whole {
        #[serde(deserialize_with = "word")]
        colour: Colour,
        #[serde(default, deserialize_with = "objects")]
        parts: Vec<Part>,
    }

    #[test]
    fn only_what_is_named_is_read() {
        let well: Whole = read("\u{feff}{\"colour\":\"red\",\r\n\"parts\":[{\"size\":3}]} ").unwrap();
        assert!(matches!(well.colour, Colour::Red) && well.parts[0].size == 3);
        let refused = [
            ("", "line 1: "),
            ("[\"red\"]", "line 1: invalid type: sequence, expected an object"),
            ("{\"colour\":\"red\"}\n{}", "line 2: trailing"),
            ("{}", "line 1: missing field `colour`"),
            ("{\"colour\":{\"red\":null}}", "colour: invalid type: map"),
            ("{\"colour\":\"blue\"}", "colour: unknown variant `blue`"),
            ("{\"colour\":\"red\",\"colour\":\"red\"}", "line 1: duplicate field `colour`"),
            ("{\"\":1}", "line 1: unknown field ``"),
            ("{\"colour\":\"red\",\"a\\nb\":1}", "a\\nb: unknown field `a\\nb`"),
            ("{\"colour\":\"red\",\"parts\":[{\"size\":1},[2]]}", "parts[1]: invalid type: sequence"),
            ("{\"colour\":\"red\",\"parts\":[{\"size\":1.0}]}", "parts[0].size: invalid type: floating"),
            ("{\"colour\":\"red\",\n\"parts\":[{\"size\":1}}", "parts: expected `,` or `]` at line 2"),
        ];
        for (text, start) in refused {
            let said = read::<Whole>(text).unwrap_err().to_string();
            assert!(said.starts_with(start), "{said} instead of {start}");
            assert_eq!(said.lines().count(), 1);
        }
        assert!(read::<Whole>(&"[".repeat(1_000_000)).is_err());
        assert!(read::<Whole>(&format!("{{\"colour\":{}", "[".repeat(1_000_000))).is_err());
    }
}

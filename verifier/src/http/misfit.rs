//! Where a body does not have the documented form: which member, and how. Never what the caller wrote.

use serde::{
    Serialize,
    de::{DeserializeOwned, Deserializer, Error as _, Visitor, value},
    forward_to_deserialize_any,
};
use serde_json::error::Category;
use utoipa::ToSchema;
use waxseal_protocol::{ErrorCode, object::object};

use super::Problem;

/// A member that is not as the interface has it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Misfit {
    /// By its documented name; `None` for the body as a whole, and for a member that the interface does not have.
    pub member: Option<&'static str>,
    /// In which way.
    pub reason: MisfitReason,
}

/// In which way a body does not have the documented form.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MisfitReason {
    /// A text or a value that is not one of the documented ones, or a member that is there twice.
    Format,
    /// A text or a list that is too short or too long.
    Length,
    /// It has to be there.
    Missing,
    /// The body is no JSON.
    NotJson,
    /// A number that is too small or too large.
    Range,
    /// Another type, such as a text in the place of a number.
    Type,
    /// The interface has no such member here.
    UnknownMember,
}

impl Misfit {
    /// Of a member that the interface has.
    pub const fn of(member: &'static str, reason: MisfitReason) -> Self {
        Self {
            member: Some(member),
            reason,
        }
    }

    /// What keeps `bytes` from being a `T`: for a body that was refused, which is read once more.
    pub(super) fn find<T: DeserializeOwned>(bytes: &[u8]) -> Self {
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        let mut track = serde_path_to_error::Track::new();
        let tracked = serde_path_to_error::Deserializer::new(&mut reader, &mut track);
        let Err(error) = object::<_, T>(tracked) else {
            // It is the rest behind the object that is too much.
            return Self::of_body(MisfitReason::NotJson);
        };
        if error.classify() != Category::Data {
            return Self::of_body(MisfitReason::NotJson);
        }
        // It may quote what it met: only how it begins is looked at.
        let message = error.to_string();
        let reason = reason(&message);
        let path = track.path();
        let first = path.iter().next().map(ToString::to_string);
        let mut members = members_of::<T>().iter().copied();
        let member = match reason {
            MisfitReason::UnknownMember => None,
            MisfitReason::Missing => {
                members.find(|name| message.starts_with(&format!("missing field `{name}`")))
            }
            // What comes twice is refused before its value, and so before the path has it.
            _ if message.starts_with("duplicate field") => {
                members.find(|name| message.starts_with(&format!("duplicate field `{name}`")))
            }
            _ => members.find(|name| Some(*name) == first.as_deref()),
        };
        Self { member, reason }
    }

    const fn of_body(reason: MisfitReason) -> Self {
        Self {
            member: None,
            reason,
        }
    }
}

impl From<Misfit> for Problem {
    fn from(misfit: Misfit) -> Self {
        Self::from(ErrorCode::RequestInvalid).with_misfit(misfit)
    }
}

/// From serde's own words, which begin alike for all types.
fn reason(message: &str) -> MisfitReason {
    let is_of_number = |rest: &str| rest.starts_with("integer") || rest.starts_with("floating");
    match message {
        _ if message.starts_with("missing field") => MisfitReason::Missing,
        _ if message.starts_with("unknown field") => MisfitReason::UnknownMember,
        _ if message.starts_with("invalid type") => MisfitReason::Type,
        _ if message.starts_with("invalid length") => MisfitReason::Length,
        _ if message
            .strip_prefix("invalid value: ")
            .is_some_and(is_of_number) =>
        {
            MisfitReason::Range
        }
        _ => MisfitReason::Format,
    }
}

/// The names of a struct's members, as its derived code asks for them.
fn members_of<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut members = &[][..];
    // It asks and then gets no value: that is all that is wanted of it.
    let _: Result<T, _> = T::deserialize(AskedFor(&mut members));
    members
}

struct AskedFor<'m>(&'m mut &'static [&'static str]);

impl<'de> Deserializer<'de> for AskedFor<'_> {
    type Error = value::Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        members: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Self::Error> {
        *self.0 = members;
        Err(Self::Error::custom("no value"))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(Self::Error::custom("no value"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Body {
        #[expect(dead_code, reason = "read")]
        count: u8,
        #[serde(default)]
        #[expect(dead_code, reason = "read")]
        words: Vec<String>,
    }

    #[test]
    fn a_misfit_names_members_of_the_interface_alone() {
        let cases = [
            ("4242", None, MisfitReason::Type),
            ("{", None, MisfitReason::NotJson),
            ("{\"count\":1}}", None, MisfitReason::NotJson),
            ("{}", Some("count"), MisfitReason::Missing),
            ("{\"count\":\"4242\"}", Some("count"), MisfitReason::Type),
            ("{\"count\":1.5}", Some("count"), MisfitReason::Type),
            ("{\"count\":4242}", Some("count"), MisfitReason::Range),
            ("{\"count\":-1}", Some("count"), MisfitReason::Range),
            (
                "{\"count\":1,\"count\":1}",
                Some("count"),
                MisfitReason::Format,
            ),
            (
                "{\"count\":1,\"words\":[\"a\",4242]}",
                Some("words"),
                MisfitReason::Type,
            ),
            ("{\"4242\":1}", None, MisfitReason::UnknownMember),
            (
                "{\"missing field `words`\":1}",
                None,
                MisfitReason::UnknownMember,
            ),
        ];
        for (body, member, reason) in cases {
            assert!(serde_json::from_str::<Body>(body).is_err(), "{body}");
            let expected = Misfit { member, reason };
            assert_eq!(Misfit::find::<Body>(body.as_bytes()), expected, "{body}");
        }
    }
}

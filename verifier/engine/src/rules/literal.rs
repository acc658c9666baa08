//! What a literal is where its type is given by what it is compared with.

use super::{
    error::{Errors, Position, RuleErrorCode},
    members::{Members, network},
    parser::repeated,
    plan::Kind,
    scalar::Scalar,
    syntax::Literal,
};
use crate::{
    attribute::{Type, Unit, Value},
    country::CountryCode,
};

/// What it is by itself.
pub(super) fn default_value(literal: &Literal) -> (Kind, Value) {
    let number = |unit| Kind {
        of: Type::Integer,
        unit,
    };
    match literal {
        Literal::Boolean(value) => (Kind::of(Type::Boolean), Value::Boolean(*value)),
        Literal::Decimal(value) => (Kind::of(Type::Decimal), Value::Decimal(*value)),
        Literal::Duration(ms) if ms % 1_000 == 0 => {
            (number(Unit::Seconds), Value::Integer(ms / 1_000))
        }
        Literal::Duration(ms) => (number(Unit::Milliseconds), Value::Integer(*ms)),
        Literal::Integer(value) => (number(Unit::None), Value::Integer(*value)),
        Literal::Money(micros) => (number(Unit::UsdMicros), Value::Integer(*micros)),
        Literal::Text(text) => (Kind::of(Type::Text), Value::from(text.as_str())),
    }
}

/// What it is as a value of `kind`.
pub(super) fn adapt(literal: &Literal, kind: Kind) -> Result<Value, (RuleErrorCode, String)> {
    let (own, value) = default_value(literal);
    if own.goes_with(kind) {
        return Ok(value);
    }
    match (literal, kind.of, kind.unit) {
        (Literal::Text(text), Type::Country, _) => {
            CountryCode::parse(text).map(Value::Country).map_err(|_| {
                let message = format!("{} is no assigned country code", repeated(text));
                (RuleErrorCode::CountryUnknown, message)
            })
        }
        (Literal::Text(text), Type::Address, _) => text.parse().map(Value::Address).map_err(|_| {
            let message = format!(
                "{} is no IP address; networks go between [ and ]",
                repeated(text)
            );
            (RuleErrorCode::AddressInvalid, message)
        }),
        (Literal::Integer(value), Type::Integer | Type::Decimal, Unit::Minor) => {
            Ok(Value::Integer(*value))
        }
        (Literal::Duration(ms), _, Unit::Milliseconds) => Ok(Value::Integer(*ms)),
        _ if own.is_number() && kind.is_number() => Err((
            RuleErrorCode::UnitMismatch,
            format!("{kind} is needed, this is {own}"),
        )),
        _ => Err((
            RuleErrorCode::TypeMismatch,
            format!("{kind} is needed, this is {own}"),
        )),
    }
}

/// The set of values between brackets, of a type that has sets. Mistakes are told, each at its place.
pub(super) fn members(
    kind: Kind,
    set: &[(Position, Literal)],
    errors: &mut Errors,
) -> Option<Members> {
    let mut values = Vec::with_capacity(set.len());
    let mut networks = Vec::new();
    for (at, literal) in set {
        if let (Type::Address, Literal::Text(text)) = (kind.of, literal) {
            match network(text) {
                Some(network) => networks.push(network),
                None => {
                    let message = format!("{} is no IP address and no network", repeated(text));
                    errors.add(*at, RuleErrorCode::AddressInvalid, message);
                }
            }
            continue;
        }
        match adapt(literal, kind) {
            Ok(value) => values.push(value),
            Err((code, message)) => errors.add(*at, code, message),
        }
    }
    if values.len() + networks.len() < set.len() {
        return None;
    }
    Some(match kind.of {
        Type::Address => Members::Networks(networks.into_iter().collect()),
        Type::Boolean => return None,
        Type::Country => Members::countries(values.iter().filter_map(country).collect()),
        Type::Decimal | Type::Integer => {
            let scalars = values.iter().filter_map(Scalar::of);
            Members::numbers(scalars.filter_map(Scalar::millionths).collect())
        }
        Type::Text => Members::texts(values.into_iter().filter_map(text).collect()),
    })
}

fn country(value: &Value) -> Option<CountryCode> {
    match value {
        Value::Country(country) => Some(*country),
        _ => None,
    }
}

fn text(value: Value) -> Option<Box<str>> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

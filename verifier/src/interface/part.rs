//! What the parts of a request say of a route.

use std::sync::Arc;

use axum::{Extension, extract::State, http::HeaderMap};
use utoipa::{
    IntoParams, ToSchema,
    openapi::{
        ObjectBuilder, Required,
        path::{ParameterBuilder, ParameterIn},
    },
};
use waxseal_protocol::ErrorCode;

use super::{Sketch, access::CallerKind, json_of};
use crate::{
    app::App,
    http::{
        IdempotencyKey, MAX_IDEMPOTENCY_KEY, PathOf, Peer, Problem, Shoppers, StrictJson,
        StrictQuery,
    },
    identity::{Caller, ClientToken, Operator},
};

/// A part of a request that a handler takes.
pub trait Part {
    /// Notes what it says.
    fn describe(sketch: &mut Sketch);
}

/// Says nothing of the route: it is everybody's.
impl<T> Part for Extension<T> {
    fn describe(_: &mut Sketch) {}
}

/// What a handler reads of them is no part of the interface, or has a part of its own.
impl Part for HeaderMap {
    fn describe(_: &mut Sketch) {}
}

impl Part for Peer {
    fn describe(_: &mut Sketch) {}
}

impl Part for Shoppers {
    fn describe(_: &mut Sketch) {}
}

impl Part for State<Arc<App>> {
    fn describe(_: &mut Sketch) {}
}

impl Part for Caller {
    fn describe(sketch: &mut Sketch) {
        sketch.caller = Some(CallerKind::Server);
    }
}

impl Part for ClientToken {
    fn describe(sketch: &mut Sketch) {
        sketch.caller = Some(CallerKind::Frame);
    }
}

impl Part for Operator {
    fn describe(sketch: &mut Sketch) {
        sketch.caller = Some(CallerKind::Operator);
    }
}

impl<T> Part for PathOf<T> {
    fn describe(sketch: &mut Sketch) {
        sketch.refuses(&[ErrorCode::NotFound]);
    }
}

impl<T: IntoParams> Part for StrictQuery<T> {
    fn describe(sketch: &mut Sketch) {
        sketch.refuses(&[ErrorCode::RequestInvalid]);
        let parameters = T::into_params(|| Some(ParameterIn::Query));
        sketch.parameters.extend(parameters);
    }
}

impl<T: ToSchema> Part for StrictJson<T> {
    fn describe(sketch: &mut Sketch) {
        sketch.refuses(&[
            ErrorCode::BodyTooLarge,
            ErrorCode::RequestInvalid,
            ErrorCode::RequestTimeout,
            ErrorCode::UnsupportedMediaType,
        ]);
        sketch.body = Some(json_of::<T>(sketch));
    }
}

/// What cannot be read is the handler's to answer.
impl<T: Part> Part for Result<T, Problem> {
    fn describe(sketch: &mut Sketch) {
        T::describe(sketch);
    }
}

impl Part for IdempotencyKey {
    fn describe(sketch: &mut Sketch) {
        sketch.refuses(&[ErrorCode::IdempotencyConflict, ErrorCode::RequestInvalid]);
        let schema = ObjectBuilder::new()
            .schema_type(utoipa::openapi::Type::String)
            .pattern(Some("^[!-~]+$"))
            .min_length(Some(1))
            .max_length(Some(MAX_IDEMPOTENCY_KEY));
        let parameter = ParameterBuilder::new()
            .name("Idempotency-Key")
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(
                "The same key and meaning give the first answer again; the same key with another meaning is refused.",
            ))
            .schema(Some(schema));
        sketch.parameters.push(parameter.build());
    }
}

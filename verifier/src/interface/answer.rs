//! What answers say of a route, and the answers that say more than their body.

use std::marker::PhantomData;

use axum::{
    Json,
    body::Body,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::{
    ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type},
};

use super::{Sketch, json_of};
use crate::http::Problem;

/// What a handler answers.
pub trait Answer: IntoResponse {
    /// Notes what it says.
    fn describe(sketch: &mut Sketch);
}

/// 201 with what was made.
pub struct Created<T>(pub T);

/// A file of the SDK's build.
pub struct File(pub Response<Body>);

/// 204.
pub struct NoContent;

/// Text that is no JSON.
pub struct PlainText(pub Response<Body>);

/// JSON of the form of `T` that was written by hand, for a buffer that is wiped.
pub struct Written<T>(Response<Body>, PhantomData<T>);

impl<T> Written<T> {
    /// Says that `response` has the form of `T`.
    pub const fn new(response: Response<Body>) -> Self {
        Self(response, PhantomData)
    }
}

impl<T: Answer> Answer for Result<T, Problem> {
    fn describe(sketch: &mut Sketch) {
        T::describe(sketch);
    }
}

impl<T: Serialize + ToSchema> Answer for Json<T> {
    fn describe(sketch: &mut Sketch) {
        let schema = json_of::<T>(sketch);
        sketch.answers(StatusCode::OK, Some(("application/json", schema)));
    }
}

impl<T: Serialize + ToSchema> Answer for Created<T> {
    fn describe(sketch: &mut Sketch) {
        let schema = json_of::<T>(sketch);
        sketch.answers(StatusCode::CREATED, Some(("application/json", schema)));
    }
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, Json(self.0)).into_response()
    }
}

impl Answer for File {
    fn describe(sketch: &mut Sketch) {
        let schema = ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)));
        sketch.answers(StatusCode::OK, Some(("*/*", object(schema))));
    }
}

impl IntoResponse for File {
    fn into_response(self) -> Response {
        self.0
    }
}

impl Answer for NoContent {
    fn describe(sketch: &mut Sketch) {
        sketch.answers(StatusCode::NO_CONTENT, None);
    }
}

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

impl Answer for PlainText {
    fn describe(sketch: &mut Sketch) {
        let schema = ObjectBuilder::new().schema_type(Type::String);
        sketch.answers(StatusCode::OK, Some(("text/plain", object(schema))));
    }
}

impl IntoResponse for PlainText {
    fn into_response(self) -> Response {
        self.0
    }
}

impl<T: ToSchema> Answer for Written<T> {
    fn describe(sketch: &mut Sketch) {
        let schema = json_of::<T>(sketch);
        sketch.answers(StatusCode::OK, Some(("application/json", schema)));
    }
}

impl<T> IntoResponse for Written<T> {
    fn into_response(self) -> Response {
        self.0
    }
}

fn object(schema: ObjectBuilder) -> RefOr<Schema> {
    RefOr::T(Schema::Object(schema.build()))
}

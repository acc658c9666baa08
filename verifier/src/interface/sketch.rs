//! What the types of a handler say of its route.

use axum::http::StatusCode;
use utoipa::{
    ToSchema,
    openapi::{Ref, RefOr, Schema, path::Parameter},
};
use waxseal_protocol::ErrorCode;

use super::access::CallerKind;

/// What a handler takes and gives, gathered from its types.
#[derive(Default)]
pub struct Sketch {
    /// Query parameters and headers. Those of the path stand in its template.
    pub parameters: Vec<Parameter>,
    /// Its body, which is always JSON.
    pub body: Option<RefOr<Schema>>,
    /// Codes that its parts may refuse it with.
    pub codes: Vec<ErrorCode>,
    /// The caller that it names.
    pub caller: Option<CallerKind>,
    /// What it answers if nothing is refused.
    pub success: Option<Success>,
    pub(super) schemas: Vec<(String, RefOr<Schema>)>,
}

/// An answer that is no problem.
pub struct Success {
    pub(super) status: StatusCode,
    /// Media type and form of the body, where there is one.
    pub(super) content: Option<(&'static str, RefOr<Schema>)>,
}

impl Sketch {
    /// Notes that it may be refused so.
    pub fn refuses(&mut self, codes: &[ErrorCode]) {
        self.codes.extend(codes);
    }

    /// Notes its answer.
    pub(super) fn answers(
        &mut self,
        status: StatusCode,
        content: Option<(&'static str, RefOr<Schema>)>,
    ) {
        self.success = Some(Success { status, content });
    }
}

/// A reference to the schema of `T`, which is noted with all that it refers to.
pub fn json_of<T: ToSchema>(sketch: &mut Sketch) -> RefOr<Schema> {
    let name = T::name();
    sketch.schemas.push((name.to_string(), T::schema()));
    T::schemas(&mut sketch.schemas);
    Ref::from_schema_name(name).into()
}

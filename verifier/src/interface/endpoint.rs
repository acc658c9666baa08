//! Handlers that can be described: every part and the answer of theirs can.

use std::{future::Future, sync::Arc};

use axum::handler::Handler;

use super::{Answer, Part, Sketch};
use crate::app::App;

/// A handler whose types say what its route takes and gives. `T` is what axum tells handlers apart by.
pub trait Endpoint<T>: Handler<T, Arc<App>> {
    /// Notes what the types say.
    fn describe(sketch: &mut Sketch);
}

macro_rules! describe_functions_of {
    ($($part:ident)*) => {
        impl<F, Answering, M, $($part,)*> Endpoint<(M, $($part,)*)> for F
        where
            F: Fn($($part),*) -> Answering + Handler<(M, $($part,)*), Arc<App>>,
            Answering: Future,
            Answering::Output: Answer,
            $($part: Part,)*
        {
            fn describe(sketch: &mut Sketch) {
                $($part::describe(sketch);)*
                <Answering::Output as Answer>::describe(sketch);
            }
        }
    };
}

describe_functions_of!();
describe_functions_of!(A);
describe_functions_of!(A B);
describe_functions_of!(A B C);
describe_functions_of!(A B C D);
describe_functions_of!(A B C D E);
describe_functions_of!(A B C D E G);

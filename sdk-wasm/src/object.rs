//! Plain JavaScript objects.
//!
//! Options and messages are built member by member through this one function, not through the
//! setters of their types: each setter would be one more import of the module and of its glue.

use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

/// An object with these members.
pub(crate) fn object(members: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in members {
        // Setting a member of a plain object does not throw.
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object
}

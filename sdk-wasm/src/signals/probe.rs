//! Reads properties that a browser may lack, or that may throw when they are read.

use alloc::{string::String, vec::Vec};

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// A property, if there is one.
///
/// # Errors
/// What its getter throws.
pub(super) fn property(object: &JsValue, name: &str) -> Result<Option<JsValue>, JsValue> {
    let value = Reflect::get(object, &name.into())?;
    Ok(Some(value).filter(|value| !value.is_null() && !value.is_undefined()))
}

/// A numeric property, if there is one.
///
/// # Errors
/// What its getter throws.
pub(super) fn number(object: &JsValue, name: &str) -> Result<Option<f64>, JsValue> {
    Ok(property(object, name)?.and_then(|value| value.as_f64()))
}

/// A text property, if there is one.
///
/// # Errors
/// What its getter throws.
pub(super) fn text(object: &JsValue, name: &str) -> Result<Option<String>, JsValue> {
    Ok(property(object, name)?.and_then(|value| value.as_string()))
}

/// A list of texts, if there is one.
///
/// # Errors
/// What its getter throws.
pub(super) fn texts(object: &JsValue, name: &str) -> Result<Option<Vec<String>>, JsValue> {
    let Some(list) = property(object, name)? else {
        return Ok(None);
    };
    Ok(Some(
        js_sys::Array::from(&list)
            .iter()
            .filter_map(|entry| entry.as_string())
            .collect(),
    ))
}

/// What a method without arguments gives, if there is such a method.
///
/// # Errors
/// What it throws.
pub(super) fn call(object: &JsValue, name: &str) -> Result<Option<JsValue>, JsValue> {
    match property(object, name)?.and_then(|method| method.dyn_into::<Function>().ok()) {
        Some(method) => method.call0(object).map(Some),
        None => Ok(None),
    }
}

//! The port to the merchant's page.

use alloc::string::String;

use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use waxseal_protocol::{
    ErrorCode,
    message::{SessionStatus, SubmitResponse},
};
use web_sys::{MessageEvent, MessagePort};

use crate::{
    frame::{field::Field, form::CardState},
    object::object,
};

/// The frame's end of the channel that the page handed over in its hello.
pub struct Port {
    port: MessagePort,
    nonce: String,
}

/// What the page asks of the frame.
pub enum HostMessage {
    /// Empty the form.
    Clear,
    /// Move the focus.
    Focus(Field),
    /// Seal and send the card. The number names the request in the answer.
    Submit(f64),
    /// Use a renewed client token and read the session again.
    Update(String),
}

impl Port {
    /// Takes the port; `nonce` is the page's own, which it recognises the frame by.
    pub fn new(port: MessagePort, nonce: String) -> Self {
        Self { port, nonce }
    }

    /// Listens, from now on and for what was sent before. What is no message of ours is dropped.
    pub fn listen(&self, mut receive: impl FnMut(HostMessage) + 'static) {
        let closure = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(message) = HostMessage::read(&event.data()) {
                receive(message);
            }
        });
        self.port
            .set_onmessage(Some(closure.into_js_value().unchecked_ref()));
    }

    /// The form is there.
    pub fn ready(&self) {
        self.post(&[
            ("type", "ready".into()),
            ("nonce", self.nonce.as_str().into()),
        ]);
    }

    /// The state changed. This and [`Port::result`] are all that the page learns of a card.
    pub fn change(&self, state: &CardState) {
        let brand = state
            .brand
            .map_or(JsValue::NULL, |brand| brand.as_str().into());
        let errors: Array = state
            .errors
            .iter()
            .map(|code| JsValue::from(code.as_str()))
            .collect();
        self.post(&[
            ("type", "change".into()),
            ("brand", brand),
            ("complete", state.complete.into()),
            ("valid", state.errors.is_empty().into()),
            ("errors", errors.into()),
        ]);
    }

    // EXPOSE: the last four digits, once the verifier has taken the card.
    /// The verifier's answer to a submit.
    pub fn result(&self, id: f64, answer: &SubmitResponse) {
        let last4 = answer.last4.as_deref();
        let last4 = last4.filter(|_| answer.status == SessionStatus::Accepted);
        self.post(&[
            ("type", "result".into()),
            ("id", id.into()),
            ("status", answer.status.as_str().into()),
            ("brand", answer.brand.as_str().into()),
            ("last4", last4.into()),
        ]);
    }

    /// A submit failed.
    pub fn submit_failed(&self, id: f64, code: ErrorCode) {
        self.post(&[
            ("type", "error".into()),
            ("id", id.into()),
            ("code", code.as_str().into()),
        ]);
    }

    /// Something else failed. `fatal`: the frame can do nothing more.
    pub fn failed(&self, code: ErrorCode, fatal: bool) {
        self.post(&[
            ("type", "error".into()),
            ("code", code.as_str().into()),
            ("fatal", fatal.into()),
        ]);
    }

    /// The form takes so many CSS pixels.
    pub fn resize(&self, height: f64) {
        self.post(&[("type", "resize".into()), ("height", height.into())]);
    }

    fn post(&self, members: &[(&str, JsValue)]) {
        // Only a value that cannot be cloned throws, and these all can.
        let _ = self.port.post_message(&object(members));
    }
}

impl HostMessage {
    fn read(data: &JsValue) -> Option<Self> {
        let member = |name: &str| Reflect::get(data, &name.into()).ok();
        Some(match member("type")?.as_string()?.as_str() {
            "clear" => Self::Clear,
            "focus" => Self::Focus(Field::parse(&member("field")?.as_string()?)?),
            "submit" => Self::Submit(member("id")?.as_f64()?),
            "update" => Self::Update(member("clientToken")?.as_string()?),
            _ => return None,
        })
    }
}

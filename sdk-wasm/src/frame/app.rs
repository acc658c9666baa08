//! The running frame: one form, one session, one port to the page.

use alloc::{rc::Rc, string::String};
use core::cell::{Cell, RefCell};

use js_sys::{Function, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use waxseal_protocol::{ErrorCode, seal::SealedCard};

use super::{
    events,
    field::Field,
    form::{CardState, Form},
    seal::{seal_card, warm_up},
    session::{Session, local_s},
    verifier,
    view::{View, show_unavailable},
};
use crate::{
    bridge::port::{HostMessage, Port},
    signals::{self, Collected, Environment, behaviour::Behaviour},
};

/// What the page's hello and the document say of this frame.
pub(crate) struct Mount {
    /// Origin of the page.
    pub(crate) origin: String,
    /// Session id in the document's URL.
    pub(crate) session: String,
    /// Name of this module's build.
    pub(crate) build: String,
    /// Starts to collect signals of a level, when called with its name.
    pub(crate) collect: Function,
    /// The same, with a promise of what was collected, which is kept within a quarter of a second.
    pub(crate) collected: Function,
}

/// The running frame.
pub(crate) struct App {
    mount: Mount,
    port: Port,
    pub(super) view: View,
    pub(super) form: RefCell<Form>,
    pub(super) behaviour: RefCell<Behaviour>,
    session: RefCell<Rc<Session>>,
    is_submitting: Cell<bool>,
    last_state: RefCell<Option<CardState>>,
}

/// Opens the session, shows the form and tells the page that it is ready; or says why not.
pub(crate) async fn run(mount: Mount, port: Port, client_token: String) {
    if let Err(code) = start(mount, port, client_token).await {
        show_unavailable(code);
    }
}

async fn start(mount: Mount, port: Port, client_token: String) -> Result<(), ErrorCode> {
    let session = match Session::open(client_token, &mount.origin, &mount.session).await {
        Ok(session) => session,
        Err(code) => {
            port.failed(code, true);
            return Err(code);
        }
    };
    let view = View::mount(&session.view).ok_or(ErrorCode::Internal)?;
    let now = session.clock.month(local_s());
    let form = Form::new(session.view.accepted_brands.clone(), now);
    let app = Rc::new(App {
        mount,
        port,
        view,
        form: RefCell::new(form),
        behaviour: RefCell::default(),
        session: RefCell::new(Rc::new(session)),
        is_submitting: Cell::new(false),
        last_state: RefCell::new(None),
    });
    events::listen(&app).ok_or(ErrorCode::Internal)?;
    let receiver = Rc::clone(&app);
    app.port.listen(move |message| receiver.receive(message));
    app.port.ready();
    app.tell_state();
    Ok(())
}

impl App {
    /// Shows what the form holds and tells the page if what it may know has changed.
    pub(super) fn refresh(&self) {
        self.view.show(&self.form.borrow());
        self.tell_state();
    }

    /// The form takes so many CSS pixels.
    pub(super) fn resize(&self, height: f64) {
        self.port.resize(height);
    }

    /// Seals once for nothing, and starts to collect signals, while nobody waits.
    pub(super) fn warm_up(&self) {
        warm_up(&self.session(), &self.mount.origin, &self.mount.build);
        let _ = self.ask(&self.mount.collect);
    }

    /// Calls a function of the script's with the level of the session. None of them throws.
    fn ask(&self, function: &Function) -> Option<JsValue> {
        let level = self.session().view.signals.as_str();
        function.call1(&JsValue::UNDEFINED, &level.into()).ok()
    }

    async fn collected(&self) -> Collected {
        let promise = self.ask(&self.mount.collected);
        let promise = promise.and_then(|promise| promise.dyn_into::<Promise>().ok());
        let readings = match promise {
            Some(promise) => JsFuture::from(promise).await.ok(),
            None => None,
        };
        Collected::new(readings.unwrap_or_default())
    }

    fn receive(self: &Rc<Self>, message: HostMessage) {
        let app = Rc::clone(self);
        match message {
            HostMessage::Clear => {
                // First the form: it looks at what there was.
                self.form.borrow_mut().clear();
                self.view.clear();
                self.view.show_notice(None);
                self.refresh();
            }
            HostMessage::Focus(field) => {
                self.view.focus(field);
            }
            HostMessage::Submit(id) => spawn_local(async move { app.submit(id).await }),
            HostMessage::Update(client_token) => spawn_local(async move {
                if let Err(code) = app.renew(client_token).await {
                    app.port.failed(code, false);
                }
            }),
        }
    }

    fn session(&self) -> Rc<Session> {
        Rc::clone(&self.session.borrow())
    }

    fn tell_state(&self) {
        let state = self.form.borrow().state();
        let mut last_state = self.last_state.borrow_mut();
        if last_state.as_ref() != Some(&state) {
            self.port.change(&state);
            *last_state = Some(state);
        }
    }

    async fn renew(&self, client_token: String) -> Result<(), ErrorCode> {
        let mount = &self.mount;
        let session = Session::open(client_token, &mount.origin, &mount.session).await?;
        let now = session.clock.month(local_s());
        self.form
            .borrow_mut()
            .renew(session.view.accepted_brands.clone(), now);
        self.view.show_session(&session.view);
        *self.session.borrow_mut() = Rc::new(session);
        self.refresh();
        Ok(())
    }

    async fn submit(&self, id: f64) {
        if self.is_submitting.replace(true) {
            self.port.submit_failed(id, ErrorCode::SubmitInProgress);
            return;
        }
        self.view.show_notice(None);
        let sealed = self.seal(self.collected().await);
        let answer = match sealed {
            Ok(envelope) => verifier::submit(&self.session().client_token, envelope).await,
            Err(code) => Err(code),
        };
        self.is_submitting.set(false);
        match answer {
            Ok(answer) => self.port.result(id, &answer),
            Err(code) => {
                self.show_failure(code).await;
                self.port.submit_failed(id, code);
            }
        }
    }

    /// The one place where a card is sealed to be sent.
    fn seal(&self, collected: Collected) -> Result<String, ErrorCode> {
        events::read_all(self);
        self.form.borrow_mut().show_all();
        self.refresh();
        let card = self.form.borrow().card();
        // The focus leaves a field, whose event borrows the form: it is not borrowed any more.
        let card = card.map_err(|(field, code)| {
            self.view.focus(field);
            code
        })?;
        let behaviour = self.behaviour.borrow();
        let environment = Environment::new(&behaviour, collected).ok_or(ErrorCode::Internal)?;
        let session = self.session();
        let signals = signals::measure(&environment, session.view.signals);
        let card = SealedCard::new(card, signals::browser_data(&environment), signals);
        seal_card(&session, &self.mount.origin, &self.mount.build, &card)
    }

    /// Shows a customer what went wrong, at the field that it belongs to if there is one.
    async fn show_failure(&self, code: ErrorCode) {
        if matches!(code, ErrorCode::SessionChanged | ErrorCode::ClockSkew) {
            // The amount or the clock that this frame knows is old. The next submit uses the new
            // one, which the customer sees first; if it cannot be had, that submit fails likewise.
            let client_token = self.session().client_token.clone();
            let _ = self.renew(client_token).await;
        }
        if let Some(field) = field_of(code) {
            if self.form.borrow().error(field).is_none() {
                self.form.borrow_mut().refuse(field, code);
                self.view.focus(field);
            }
            self.refresh();
            self.view.announce(Some(code));
        } else {
            self.view.show_notice(Some(code));
        }
    }
}

/// The field that a refusal by the verifier is about.
fn field_of(code: ErrorCode) -> Option<Field> {
    match code {
        ErrorCode::CardBrandNotAccepted
        | ErrorCode::CardBrandUnknown
        | ErrorCode::CardNumberIncomplete
        | ErrorCode::CardNumberInvalid
        | ErrorCode::TestCardInLiveMode => Some(Field::Number),
        ErrorCode::CardExpired | ErrorCode::ExpiryInvalid => Some(Field::Expiry),
        ErrorCode::CvcInvalid => Some(Field::Cvc),
        ErrorCode::NameInvalid => Some(Field::Name),
        ErrorCode::PostalCodeInvalid => Some(Field::PostalCode),
        _ => None,
    }
}

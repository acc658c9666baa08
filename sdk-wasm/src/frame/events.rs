//! What happens in the form, as the browser tells it.

use alloc::rc::Rc;

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue, convert::FromWasmAbi, prelude::Closure};
use web_sys::{Element, Event, EventTarget, InputEvent, KeyboardEvent, ResizeObserver, window};

use super::{
    app::App,
    field::Field,
    mask::{Edit, EditKind, Masked, mask_cvc, mask_expiry, mask_number, tidy_expiry},
};

/// Listens for as long as the document lives.
pub(super) fn listen(app: &Rc<App>) -> Option<()> {
    let main = app.view.main()?;
    on(app, &main, "input", |app, event| {
        let input = event.dyn_ref::<InputEvent>();
        // An input method is still choosing: its end is an event of its own.
        if !input.is_some_and(InputEvent::is_composing) {
            let input_type = input.map(InputEvent::input_type).unwrap_or_default();
            let field = field_of(event)?;
            app.behaviour.borrow_mut().input(
                field,
                &input_type,
                event.is_trusted(),
                event.time_stamp(),
            );
            take(app, field, &input_type);
        }
        Some(())
    });
    on(app, &main, "beforeinput", |_, event| {
        // What the browser would do again was typed before the text was formatted: it would come out as
        // another number.
        let input = event.dyn_ref::<InputEvent>()?;
        if input.input_type() == "historyRedo" {
            event.prevent_default();
        }
        Some(())
    });
    for kind in ["change", "compositionend"] {
        on(app, &main, kind, |app, event| {
            take(app, field_of(event)?, "")
        });
    }
    on(app, &main, "focusin", |app, event| {
        let mut behaviour = app.behaviour.borrow_mut();
        behaviour.enter(field_of(event)?, event.time_stamp());
        Some(())
    });
    on(app, &main, "focusout", |app, event| {
        let field = field_of(event)?;
        let mut behaviour = app.behaviour.borrow_mut();
        behaviour.leave(field, event.time_stamp());
        drop(behaviour);
        leave(app, field);
        Some(())
    });
    on(app, &main, "paste", |app, event| {
        app.behaviour.borrow_mut().paste(field_of(event)?);
        Some(())
    });
    on(app, &main, "keydown", |app, event| {
        // Autofill sends events of this name that are no keyboard's.
        let key = event
            .dyn_ref::<KeyboardEvent>()
            .filter(|key| !key.repeat())?;
        // A shortcut types nothing. AltGr, which types, is Control with Alt on some systems.
        if !(key.ctrl_key() || key.meta_key()) || key.alt_key() {
            let mut behaviour = app.behaviour.borrow_mut();
            behaviour.press(field_of(event)?, &key.code(), &key.key(), key.time_stamp());
        }
        if key.key() == "Enter" && !key.is_composing() {
            event.prevent_default();
            app.view.focus(field_of(event)?.next()?);
        }
        Some(())
    });
    on(app, &main, "keyup", |app, event| {
        let key = event.dyn_ref::<KeyboardEvent>()?;
        let mut behaviour = app.behaviour.borrow_mut();
        behaviour.release(field_of(event)?, &key.code(), key.time_stamp());
        Some(())
    });
    on(app, &main, "submit", |_, event| {
        event.prevent_default();
        Some(())
    });
    observe_pointer(app)?;
    observe_height(app, &main)?;
    when_idle(app)
}

/// On the window: listeners of wheels hold up no scrolling there.
fn observe_pointer(app: &Rc<App>) -> Option<()> {
    if cfg!(waxseal_without_signals) {
        return Some(());
    }
    let window = window()?;
    let shown_at_ms = window.performance()?.now();
    app.behaviour.borrow_mut().completion.show(shown_at_ms);
    on(app, &window, "pointermove", |app, event| {
        let (x, y) = (number(event, "clientX")?, number(event, "clientY")?);
        let mut behaviour = app.behaviour.borrow_mut();
        behaviour.pointer.move_to(x, y, event.time_stamp());
        Some(())
    });
    on(app, &window, "pointerdown", |app, event| {
        let kind = Reflect::get(event, &"pointerType".into())
            .ok()?
            .as_string()?;
        app.behaviour.borrow_mut().pointer.press(&kind);
        Some(())
    });
    on(app, &window, "pointercancel", |app, _| {
        app.behaviour.borrow_mut().scrolling.touch();
        Some(())
    });
    on(app, &window, "wheel", |app, event| {
        let delta_px = number(event, "deltaY")?;
        app.behaviour.borrow_mut().scrolling.wheel(delta_px);
        Some(())
    });
    on(app, &window, "visibilitychange", |app, _| {
        app.behaviour.borrow_mut().completion.hide();
        Some(())
    });
    Some(())
}

fn number(event: &Event, name: &str) -> Option<f64> {
    Reflect::get(event, &name.into()).ok()?.as_f64()
}

/// Reads every input, should one have changed without an event.
pub(super) fn read_all(app: &App) {
    for field in Field::ALL {
        read_untold(app, field);
    }
}

/// Reads an input that nothing should have happened to.
fn read_untold(app: &App, field: Field) {
    let text = app.view.read(field);
    if text.is_some_and(|(text, _)| *text != app.form.borrow().value(field)) {
        app.behaviour.borrow_mut().set(field);
    }
    read(app, field, EditKind::Other);
}

/// A field changed: formats it, and moves on when it was typed or pasted to its end.
fn take(app: &App, field: Field, input_type: &str) -> Option<()> {
    let at_end = read(app, field, EditKind::from_input_type(input_type))?;
    app.refresh();
    let by_hand = matches!(input_type, "insertText" | "insertFromPaste");
    let next = field.next()?;
    let form = app.form.borrow();
    let moves_on = by_hand && at_end && form.is_done(field) && form.value(next).is_empty();
    // The focus leaves a field, whose event borrows the form again.
    drop(form);
    if moves_on { app.view.focus(next) } else { None }
}

/// Takes an input's text into the form. Whether the caret is at its end.
fn read(app: &App, field: Field, kind: EditKind) -> Option<bool> {
    let (text, caret) = app.view.read(field)?;
    let mut form = app.form.borrow_mut();
    if *text == form.value(field) {
        return Some(false);
    }
    let edit = Edit {
        text: &text,
        caret,
        kind,
        previous: form.value(field),
    };
    let masked = match field {
        Field::Number => mask_number(&edit),
        Field::Expiry => mask_expiry(&edit),
        Field::Cvc => mask_cvc(&edit, form.brand()),
        Field::Name | Field::PostalCode => {
            form.set(field, &text);
            return Some(false);
        }
    };
    form.set(field, &masked.text);
    drop(form);
    app.view.write(field, &masked);
    Some(masked.caret == masked.text.len())
}

/// A field lost the focus: what is wrong with it is shown and said.
fn leave(app: &App, field: Field) {
    read_untold(app, field);
    let tidy = (field == Field::Expiry).then(|| tidy_expiry(app.form.borrow().value(field)));
    if let Some(text) = tidy.flatten() {
        app.form.borrow_mut().set(field, &text);
        app.view.write(
            field,
            &Masked {
                caret: text.len(),
                text,
            },
        );
    }
    app.form.borrow_mut().leave(field);
    app.refresh();
    app.view.announce(app.form.borrow().error(field));
}

fn field_of(event: &Event) -> Option<Field> {
    Field::parse(&event.target()?.unchecked_ref::<Element>().id())
}

/// Runs `handle` for each such event in the form; its answer only serves to return early.
fn on(
    app: &Rc<App>,
    target: &EventTarget,
    kind: &str,
    handle: impl Fn(&App, &Event) -> Option<()> + 'static,
) {
    let app = Rc::clone(app);
    let listener = listener(move |event: Event| {
        handle(&app, &event);
    });
    // Only an aborted signal would throw, and none is passed.
    let _ = target.add_event_listener_with_callback(kind, &listener);
}

fn observe_height(app: &Rc<App>, main: &Element) -> Option<()> {
    let (app, observed) = (Rc::clone(app), main.clone());
    let callback = listener(move |_: JsValue| {
        app.resize(observed.get_bounding_client_rect().height());
    });
    ResizeObserver::new(&callback).ok()?.observe(main);
    Some(())
}

/// Safari has no idle callback: there, after what is due now.
fn when_idle(app: &Rc<App>) -> Option<()> {
    let app = Rc::clone(app);
    let callback = listener(move |_: JsValue| app.warm_up());
    let window = window()?;
    let request_idle = Reflect::get(&window, &"requestIdleCallback".into()).ok()?;
    match request_idle.dyn_into::<Function>() {
        Ok(request_idle) => request_idle.call1(&window, &callback).ok().map(drop),
        Err(_) => window.set_timeout_with_callback(&callback).ok().map(drop),
    }
}

/// A function for the browser to keep.
fn listener<T: FromWasmAbi + 'static>(handle: impl Fn(T) + 'static) -> Function {
    Closure::<dyn Fn(T)>::new(handle)
        .into_js_value()
        .unchecked_into()
}

//! The form in the document: reads the inputs, shows what is wrong with them.

use alloc::{string::String, vec::Vec};

use js_sys::{Array, Intl::NumberFormat};
use wasm_bindgen::{JsCast, JsValue};
use waxseal_protocol::{ErrorCode, card::Brand, message::SessionView};
use web_sys::{Document, Element, HtmlInputElement, HtmlTemplateElement, window};
use zeroize::Zeroizing;

use super::{
    field::Field,
    form::Form,
    mask::Masked,
    text::{Texts, texts_for},
};
use crate::object::object;

/// The mounted form.
pub(super) struct View {
    document: Document,
    texts: &'static Texts,
    /// What formats amounts: the session's locale, or the browser's own.
    locale: Option<String>,
}

/// In place of the form: why there is none. The code is for who is asked for help.
pub(super) fn show_unavailable(code: ErrorCode) -> Option<()> {
    let document = window()?.document()?;
    let main = document.get_element_by_id("main")?;
    let texts = texts_for(browser_languages().iter().map(String::as_str));
    let notice = document.create_element("p").ok()?;
    notice.set_class_name("unavailable");
    notice.set_text_content(Some(
        &[texts.unavailable, " (", code.as_str(), ")"].concat(),
    ));
    set_language(&document, texts);
    main.replace_children_with_node_1(&notice);
    main.remove_attribute("aria-busy").ok()
}

impl View {
    /// Puts the form into the document, in the session's or the browser's language.
    pub(super) fn mount(session: &SessionView) -> Option<Self> {
        let document = window()?.document()?;
        let locale = session.locale.clone();
        let languages = browser_languages();
        let tags = locale.iter().chain(&languages).map(String::as_str);
        let view = Self {
            texts: texts_for(tags),
            document,
            locale,
        };
        set_language(&view.document, view.texts);
        let main = view.element("main")?;
        let template: HtmlTemplateElement = view.element("form-template")?.unchecked_into();
        let form = template.content().clone_node_with_deep(true).ok()?;
        main.replace_children_with_node_1(&form);
        main.remove_attribute("aria-busy").ok()?;
        for field in Field::ALL {
            view.set_text(&id(field, "-label"), view.texts.label(field));
        }
        view.set_text("optional", view.texts.optional);
        view.set_text("assurance", view.texts.assurance);
        view.show_cvc_hint(None);
        view.show_session(session);
        Some(view)
    }

    /// Shows who is paid, and how much.
    pub(super) fn show_session(&self, session: &SessionView) {
        self.set_text("merchant", &session.merchant_name);
        let amount = self.amount(session);
        self.set_text(
            "amount",
            &amount.unwrap_or_else(|| session.currency.clone()),
        );
    }

    /// The whole document's content.
    pub(super) fn main(&self) -> Option<Element> {
        self.element("main")
    }

    /// What an input holds, and its caret in UTF-16 code units.
    pub(super) fn read(&self, field: Field) -> Option<(Zeroizing<String>, usize)> {
        let input = self.input(field)?;
        let caret = input.selection_start().ok().flatten().unwrap_or(u32::MAX);
        Some((Zeroizing::new(input.value()), usize::try_from(caret).ok()?))
    }

    /// Writes a formatted text. The caret is set only where the person is: setting it moves the
    /// focus in some browsers.
    pub(super) fn write(&self, field: Field, masked: &Masked) -> Option<()> {
        let input = self.input(field)?;
        if input.value() == *masked.text {
            return Some(());
        }
        input.set_value(&masked.text);
        if self.document.active_element().as_ref() == Some(input.as_ref()) {
            let caret = u32::try_from(masked.caret).ok()?;
            input.set_selection_range(caret, caret).ok()?;
        }
        Some(())
    }

    /// Empties every input. Each is replaced by a copy, whose history of edits is its own: undoing must not
    /// bring a card back for whoever is at the device next.
    pub(super) fn clear(&self) {
        let focused = self.document.active_element();
        for field in Field::ALL {
            let Some(input) = self.input(field) else {
                continue;
            };
            input.set_value("");
            let (Ok(copy), Some(parent)) = (input.clone_node(), input.parent_node()) else {
                continue;
            };
            // It is its parent's child.
            let _ = parent.replace_child(&copy, &input);
            if focused.as_ref() == Some(input.as_ref()) {
                self.focus(field);
            }
        }
    }

    /// Moves the focus.
    pub(super) fn focus(&self, field: Field) -> Option<()> {
        self.input(field)?.focus().ok()
    }

    /// Shows the brand, and what is wrong with each field.
    pub(super) fn show(&self, form: &Form) {
        self.show_brand(form.brand());
        for field in Field::ALL {
            let text = form
                .error(field)
                .map_or("", |code| self.texts.message(code));
            self.set_text(&id(field, "-error"), text);
            if let Some(input) = self.input(field) {
                // Only a browser without ARIA reflection would throw, and has no assistant to tell.
                let _ = if text.is_empty() {
                    input.remove_attribute("aria-invalid")
                } else {
                    input.set_attribute("aria-invalid", "true")
                };
            }
        }
    }

    /// Has a screen reader say what is wrong with a field, once.
    pub(super) fn announce(&self, code: Option<ErrorCode>) {
        self.set_text("status", code.map_or("", |code| self.texts.message(code)));
    }

    /// Shows what is wrong with the submission and with no field.
    pub(super) fn show_notice(&self, code: Option<ErrorCode>) {
        self.set_text("notice", code.map_or("", |code| self.texts.message(code)));
    }

    fn show_brand(&self, brand: Option<Brand>) {
        if let Some(badge) = self.element("brand") {
            let class = brand.map_or("", Brand::as_str);
            badge.set_class_name(&["brand ", class].concat());
            badge.set_text_content(Some(brand.map_or("", |brand| brand.spec().name)));
        }
        self.show_cvc_hint(brand);
    }

    fn show_cvc_hint(&self, brand: Option<Brand>) {
        let is_long = brand.is_some_and(|brand| brand.spec().cvc_length == 4);
        self.set_text("cvc-hint", self.texts.cvc_hint[usize::from(is_long)]);
        if let Some(input) = self.input(Field::Cvc) {
            input.set_placeholder(if is_long { "1234" } else { "123" });
        }
    }

    /// The amount as the locale writes it. As decimal text, not as a float: every amount is exact.
    fn amount(&self, session: &SessionView) -> Option<String> {
        let digits = JsValue::from(session.currency_exponent);
        let options = object(&[
            ("style", "currency".into()),
            ("currency", session.currency.as_str().into()),
            ("minimumFractionDigits", digits.clone()),
            ("maximumFractionDigits", digits),
        ]);
        let locales: Array = self.locale.iter().map(JsValue::from).collect();
        let format = NumberFormat::new(&locales, options.unchecked_ref()).format();
        let decimal = super::amount::decimal(session.amount, session.currency_exponent);
        format
            .call1(&JsValue::UNDEFINED, &decimal.into())
            .ok()?
            .as_string()
    }

    fn input(&self, field: Field) -> Option<HtmlInputElement> {
        Some(self.element(field.as_str())?.unchecked_into())
    }

    fn element(&self, id: &str) -> Option<Element> {
        self.document.get_element_by_id(id)
    }

    fn set_text(&self, id: &str, text: &str) {
        if let Some(element) = self.element(id) {
            element.set_text_content(Some(text));
        }
    }
}

fn id(field: Field, suffix: &str) -> String {
    [field.as_str(), suffix].concat()
}

fn set_language(document: &Document, texts: &Texts) {
    if let Some(root) = document.document_element() {
        // Both are constants that any browser takes.
        let _ = root.set_attribute("lang", texts.lang);
        let _ = root.set_attribute("dir", if texts.is_rtl { "rtl" } else { "ltr" });
    }
}

fn browser_languages() -> Vec<String> {
    let languages = window().map(|window| window.navigator().languages());
    languages
        .iter()
        .flat_map(Array::iter)
        .filter_map(|language| language.as_string())
        .collect()
}

//! What must be nowhere is planted in every input: afterwards no log, no metric, no answer, no export and no
//! file of the database holds it, in any encoding.

mod planted;
mod sinks;

use serde_json::{Map, Value, json};
use waxseal_tests::{Checkout, Collector};

use self::{
    planted::Planted,
    sinks::{Sinks, search},
};
use crate::{
    interface::{Call, Callers, Operation, operations},
    target::Target,
    wire::{ask, request},
};

/// Fields that are kept as they are given: what no parser can tell from any other text (somebody else's random key)
/// would be kept there as whatever the merchant's server wanted to keep.
const KEPT_AS_GIVEN: [&str; 5] = ["name", "note", "order_id", "reference", "customer"];

#[test]
fn what_is_planted_in_every_input_is_found_nowhere() {
    let collector = Collector::start();
    let mut target = Target::start_with(|installation| {
        installation.set_variable("WAXSEAL_LOG", "debug");
        collector.set_options(installation);
    });
    let callers = Callers::of(&target);
    let checkout = target.checkout(&target.owner);
    let planted = Planted::new(&target, &checkout);
    let mut sinks = Sinks::default();
    for operation in operations(&target) {
        plant(&target, &callers, &operation, &planted, &mut sinks);
    }
    plant_in_forms(&target, &planted, &mut sinks);
    plant_sealed(&target, &planted, &mut sinks);
    sinks.read_running(&target);
    target.stop();
    sinks.read_files(&target);
    sinks.read_traces(&collector);

    let hits = search(&planted, &sinks);
    assert!(hits.is_empty(), "{hits:#?}");
}

fn plant(
    target: &Target,
    callers: &Callers,
    operation: &Operation,
    planted: &Planted,
    sinks: &mut Sinks,
) {
    let own = callers.for_route(operation);
    for text in planted.texts() {
        let keeps = !text.is_refused_where_kept && has_kept_field(operation);
        let mut calls = operation.with_everywhere(target, own, &text.given);
        if keeps {
            calls.retain(|call| call.body.is_empty() || !Operation::keeps(call));
        }
        // A credential that is none, in each scheme.
        for authorization in &text.authorizations {
            calls.push(Call {
                authorization,
                path: operation.path.clone(),
                headers: vec![],
                body: vec![],
            });
        }
        for call in calls {
            let reply = operation.send(target, &call);
            assert!(reply.status < 500, "{}: {}", operation.name(), reply.body);
            sinks.answer(&operation.name(), &reply);
        }
    }
    for member in &operation.members {
        for number in planted.numbers() {
            let mut body: Map<String, Value> = operation.good_body(target);
            body.insert(member.clone(), number);
            let call = Call {
                authorization: own,
                path: operation.path.replace("{id}", "1"),
                headers: vec![],
                body: serde_json::to_vec(&body).unwrap(),
            };
            sinks.answer(&operation.name(), &operation.send(target, &call));
        }
    }
}

fn has_kept_field(operation: &Operation) -> bool {
    let names = operation.members.iter().map(String::as_str);
    names.into_iter().any(|name| KEPT_AS_GIVEN.contains(&name))
}

impl Operation {
    /// Whether the body differs from a good one in a field that is kept as given.
    fn keeps(call: &Call<'_>) -> bool {
        let body: Option<Value> = serde_json::from_slice(&call.body).ok();
        let body = body.unwrap_or_default();
        KEPT_AS_GIVEN.iter().any(|name| {
            body[name]
                .as_str()
                .is_some_and(|text| text != "Till" && text != "My shop" && text != "order-1")
        })
    }
}

/// OAuth's endpoints take forms.
fn plant_in_forms(target: &Target, planted: &Planted, sinks: &mut Sinks) {
    for text in planted.texts() {
        let value = crate::interface::percent_encoded(&text.given);
        for name in [
            "grant_type",
            "client_id",
            "client_secret",
            "client_assertion",
            "code",
            "code_verifier",
            "redirect_uri",
            "refresh_token",
            "resource",
            "scope",
            "token",
            "unknown",
        ] {
            for path in ["/oauth/token", "/oauth/revoke", "/oauth/authorize"] {
                let body = format!("{name}={value}&step=sign_in");
                let form = [("content-type", "application/x-www-form-urlencoded")];
                let reply = ask(target.console, &request("POST", path, &form, body));
                sinks.answer(path, &reply);
                let query = format!("{path}?{name}={value}");
                sinks.answer(
                    path,
                    &ask(target.console, &request("GET", &query, &form, "")),
                );
            }
        }
    }
}

/// In an envelope that opens: card fields, and signals, which are kept encrypted.
fn plant_sealed(target: &Target, planted: &Planted, sinks: &mut Sinks) {
    for (pan, cvc) in &planted.cards {
        let mut checkout: Checkout = target.checkout(&target.owner);
        let envelope = checkout.seal(&planted.sealed(pan, cvc));
        let reply = target.submit(&checkout.token, &envelope);
        assert_eq!(reply.status, 200, "{}", reply.body);
        sinks.answer("an accepted card", &reply);
    }
    let mut checkout = target.checkout(&target.owner);
    for text in planted.texts().iter().filter(|text| text.given.len() < 500) {
        for member in ["number", "cvc", "name", "postal_code", "unknown"] {
            checkout = target.checkout(&target.owner);
            let mut card =
                json!({ "number": "4242424242424242", "exp_month": 12, "exp_year": 2030 });
            card[member] = text.given.as_str().into();
            let sealed = json!({ "card": card, "signals": { (text.given.as_str()): text.given } });
            let envelope = checkout.seal_text(&sealed.to_string());
            sinks.answer("a sealed text", &target.submit(&checkout.token, &envelope));
        }
    }
    drop(checkout);
}

//! Every place of the interface where a text may be put, read off its own description.

use std::fmt::Write;

use serde_json::{Map, Value, json};
use waxseal_tests::ORIGIN;

use crate::{
    target::{Target, session_request},
    wire::{Reply, ask, request},
};

const RULES: &str = "rule \"a\" when session.amount_minor else 0 > 5 then flag reason a";

/// A route on one listener.
pub(crate) struct Operation {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) listener: String,
    /// `client`, `operator`, `client_token`, or nothing.
    pub(crate) caller: String,
    query: Vec<String>,
    /// Members of its body, if it takes one.
    pub(crate) members: Vec<String>,
}

/// What a route is called with.
pub(crate) struct Call<'v> {
    pub(crate) authorization: &'v str,
    pub(crate) path: String,
    pub(crate) headers: Vec<(&'v str, &'v str)>,
    pub(crate) body: Vec<u8>,
}

pub(crate) fn operations(target: &Target) -> Vec<Operation> {
    let document = target
        .call("private", "", "GET", "/openapi.json", None)
        .json();
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, about) in methods.as_object().unwrap() {
            let schema = &about["requestBody"]["content"]["application/json"]["schema"]["$ref"];
            let name = schema.as_str().and_then(|path| path.rsplit('/').next());
            let members = name
                .and_then(|name| document["components"]["schemas"][name]["properties"].as_object());
            let members = members.map(|members| members.keys().cloned().collect());
            let parameters = about["parameters"].as_array().cloned().unwrap_or_default();
            let query = parameters
                .iter()
                .filter(|parameter| parameter["in"] == "query");
            let query: Vec<_> = query
                .map(|parameter| parameter["name"].as_str().unwrap().to_owned())
                .collect();
            let caller = about["security"][0]
                .as_object()
                .and_then(|wants| wants.keys().next());
            for listener in about["tags"].as_array().unwrap() {
                found.push(Operation {
                    method: method.to_uppercase(),
                    path: path.clone(),
                    listener: listener.as_str().unwrap().to_owned(),
                    caller: caller.cloned().unwrap_or_default(),
                    query: query.clone(),
                    members: members.clone().unwrap_or_default(),
                });
            }
        }
    }
    assert!(found.len() > 50, "{} operations", found.len());
    found
}

impl Operation {
    pub(crate) fn name(&self) -> String {
        format!("{} {} on {}", self.method, self.path, self.listener)
    }

    /// A body that its route takes, but for ids.
    pub(crate) fn good_body(&self, target: &Target) -> Map<String, Value> {
        let body = match self.path.as_str() {
            "/v1/assessments" => json!({ "amount": 5, "currency": "USD", "ip": "192.0.2.1" }),
            "/v1/clients" => {
                json!({ "merchant": target.owner.id, "name": "Till", "role": "checkout" })
            }
            "/v1/clients/{id}" => json!({ "name": "Till" }),
            "/v1/keys" => json!({ "purpose": "dek", "mode": "test" }),
            "/v1/lists" => json!({ "name": "resellers", "kind": "text" }),
            "/v1/lists/{list}/entries" => {
                json!({ "value": "192.0.2.1", "reason": "known", "expires_at": "2030-01-01T00:00:00Z" })
            }
            "/v1/merchants" => json!({ "name": "My shop", "mode": "test", "origins": [ORIGIN] }),
            "/v1/merchants/{id}" => json!({ "name": "My shop" }),
            "/v1/outcomes" => json!({ "kind": "fraud", "session": "cs_test_1" }),
            "/v1/reviews/{id}/decide" => json!({ "verdict": "legitimate", "reason": "known" }),
            "/v1/rules" | "/v1/rules/backtest" => json!({ "text": RULES }),
            "/v1/rules/rollback" => json!({ "merchant": target.owner.id }),
            "/v1/sessions" => session_request(),
            "/v1/sessions/{id}" => json!({ "rev": 1 }),
            "/v1/session/card" => json!({ "envelope": "a.b..c." }),
            "/v1/cards/{id}/reveal" => json!({ "reason": "Asked by the bank" }),
            _ => json!({}),
        };
        body.as_object().unwrap().clone()
    }

    /// Calls it with `text` in each place in turn: each part of the path, each parameter, each member as a
    /// value, as a name, in a list; some headers.
    pub(crate) fn with_everywhere<'v>(
        &self,
        target: &Target,
        authorization: &'v str,
        text: &'v str,
    ) -> Vec<Call<'v>> {
        let encoded = percent_encoded(text);
        let plain_path = self.path.replace("{id}", "1").replace("{reference}", "c-1");
        let plain_path = plain_path
            .replace("{version}", "v0.1.0")
            .replace("{file}", "a")
            .replace("{list}", "blocked_ips")
            .replace("{name}", "a");
        let good = self.good_body(target);
        let body = |members: &Map<String, Value>| match self.members.is_empty() {
            true => Vec::new(),
            false => serde_json::to_vec(members).unwrap(),
        };
        let mut calls = Vec::new();
        let mut call = |path: String, headers: Vec<(&'v str, &'v str)>, body: Vec<u8>| {
            calls.push(Call {
                authorization,
                path,
                headers,
                body,
            });
        };
        for (at, part) in self.path.split('/').enumerate() {
            if part.starts_with('{') {
                let mut parts: Vec<_> = plain_path.split('/').collect();
                parts[at] = &encoded;
                call(parts.join("/"), vec![], body(&good));
            }
        }
        for name in self.query.iter().map(String::as_str).chain(["unknown"]) {
            call(
                format!("{plain_path}?{name}={encoded}"),
                vec![],
                body(&good),
            );
            call(
                format!("{plain_path}?{encoded}={name}"),
                vec![],
                body(&good),
            );
        }
        let is_header = text
            .bytes()
            .all(|byte| byte == b'\t' || (0x20..0x7f).contains(&byte));
        if is_header {
            for header in [
                "idempotency-key",
                "user-agent",
                "x-forwarded-for",
                "referer",
                "cookie",
                "dpop",
                "x-request-id",
            ] {
                call(plain_path.clone(), vec![(header, text)], body(&good));
            }
        }
        for member in &self.members {
            for value in [json!(text), json!([text]), json!({ (text): text })] {
                let mut members = good.clone();
                members.insert(member.clone(), value);
                call(plain_path.clone(), vec![], body(&members));
            }
        }
        if !self.members.is_empty() {
            let mut members = good.clone();
            members.insert(text.to_owned(), json!(text));
            call(plain_path.clone(), vec![], body(&members));
            call(plain_path, vec![], text.as_bytes().to_vec());
        }
        calls
    }

    pub(crate) fn send(&self, target: &Target, call: &Call<'_>) -> Reply {
        let mut headers = vec![("content-type", "application/json")];
        if !call.authorization.is_empty() {
            headers.push(("authorization", call.authorization));
        }
        headers.extend_from_slice(&call.headers);
        let bytes = request(&self.method, &call.path, &headers, &call.body);
        ask(target.address(&self.listener), &bytes)
    }
}

/// Who may call each kind of route: the owner's server, the operator, and a frame of the owner's.
pub(crate) struct Callers {
    owner: String,
    operator: String,
    frame: String,
}

impl Callers {
    pub(crate) fn of(target: &Target) -> Self {
        Self {
            owner: target.owner.authorization(),
            operator: target.operator.clone(),
            frame: format!("Bearer {}", target.checkout(&target.owner).token),
        }
    }

    pub(crate) fn for_route(&self, operation: &Operation) -> &str {
        match operation.caller.as_str() {
            "client" => &self.owner,
            "client_token" => &self.frame,
            "operator" => &self.operator,
            _ => "",
        }
    }
}

/// Every byte that is no letter and no digit (RFC 3986 section 2.1).
pub(crate) fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        match byte.is_ascii_alphanumeric() {
            true => encoded.push(char::from(byte)),
            false => write!(encoded, "%{byte:02X}").unwrap(),
        }
        encoded
    })
}

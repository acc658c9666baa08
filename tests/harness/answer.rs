//! An answer, read whole.

use axum::{
    body::Body,
    http::{HeaderMap, Response, StatusCode},
};
use http_body_util::BodyExt;
use serde_json::Value;

/// Status, headers and body of an answer.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body as text.
    pub text: String,
}

impl Answer {
    /// Reads a response to its end.
    pub async fn read(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("the body arrives").to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Self {
            status: parts.status,
            headers: parts.headers,
            text,
        }
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }

    /// Asserts problem details of that code, in their whole documented form, and gives the code.
    #[track_caller]
    pub fn problem(&self) -> String {
        assert_eq!(
            self.headers["content-type"], "application/problem+json",
            "{}",
            self.text
        );
        let body = self.json();
        let members = body.as_object().expect("an object");
        let names = members.keys().map(String::as_str);
        // Which member of a body, and in which way, stands with one code alone, as the mistakes of rules do.
        let of_body = |name: &&str| match *name {
            "member" | "reason" => body["code"] == "request_invalid",
            "errors" => body["code"] == "rules_invalid",
            _ => false,
        };
        let names: Vec<_> = names.filter(|name| !of_body(name)).collect();
        assert_eq!(
            names,
            ["actor", "code", "request_id", "status", "title", "type"]
        );
        assert_eq!(body["status"], self.status.as_u16());
        let code = body["code"].as_str().expect("a code").to_owned();
        assert_eq!(body["type"], format!("urn:waxseal:problem:{code}"));
        assert_eq!(
            body["request_id"],
            self.headers["x-request-id"].to_str().expect("ASCII")
        );
        code
    }
}

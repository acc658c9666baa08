//! The trace that a caller has begun (W3C Trace Context).

use axum::http::HeaderMap;
use opentelemetry::{
    Context,
    propagation::{Extractor, TextMapPropagator},
};
use opentelemetry_sdk::propagation::TraceContextPropagator;

const HEADER: &str = "traceparent";

/// `version "-" trace-id "-" parent-id "-" trace-flags`, in lower-case hex (section 3.2).
const HYPHENS: [usize; 3] = [2, 35, 52];
const LENGTH: usize = 55;

/// What `traceparent` says, or that there is no parent. `tracestate` is not read: it is free text, and spans carry it.
pub(super) fn parent(headers: &HeaderMap) -> Context {
    let mut values = headers.get_all(HEADER).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Context::new();
    };
    let Some(value) = value.to_str().ok().filter(|value| is_well_formed(value)) else {
        return Context::new();
    };
    TraceContextPropagator::new().extract_with_context(&Context::new(), &TraceParent(value))
}

/// The propagator takes short and signed numbers too.
fn is_well_formed(value: &str) -> bool {
    let is_right = |(at, byte)| match HYPHENS.contains(&at) {
        true => byte == b'-',
        false => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
    };
    value.len() == LENGTH && value.bytes().enumerate().all(is_right)
}

struct TraceParent<'a>(&'a str);

impl Extractor for TraceParent<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        (key == HEADER).then_some(self.0)
    }

    fn keys(&self) -> Vec<&str> {
        vec![HEADER]
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderName};
    use opentelemetry::trace::TraceContextExt;

    use super::*;

    const GOOD: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn parent_of(lines: &[(&'static str, &str)]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(HeaderName::from_static(name), value.parse().unwrap());
        }
        let context = parent(&headers);
        let span = context.span();
        let span = span.span_context();
        assert!(span.trace_state().header().is_empty());
        span.is_valid().then(|| span.trace_id().to_string())
    }

    #[test]
    fn a_parent_is_taken_without_its_state() {
        let found = parent_of(&[("traceparent", GOOD), ("tracestate", "a=secret")]);
        assert_eq!(found.unwrap(), &GOOD[3..35]);
    }

    #[test]
    fn what_is_no_parent_is_none() {
        for bad in [
            "",
            "00",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
            "00-+af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-1-1-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-",
            "00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01",
        ] {
            assert_eq!(parent_of(&[("traceparent", bad)]), None, "{bad}");
        }
        assert_eq!(parent_of(&[]), None);
        let twice = [("traceparent", GOOD), ("traceparent", GOOD)];
        assert_eq!(parent_of(&twice), None);
    }
}

//! The one list of public error codes.
//!
//! A code is stable: it may be added, never renamed or reused. The verifier answers with it as the
//! `code` member of a problem details object (RFC 9457); the SDK hands it to `onError`.

use serde::{Deserialize, Serialize};

/// Who can act on an error.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// The person at the checkout: retype, use another card.
    Customer,
    /// The verifier itself: its logs tell more.
    Internal,
    /// The merchant's code or configuration.
    Merchant,
    /// The connection: try again.
    Network,
}

macro_rules! error_codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:literal, $actor:ident, $title:literal;)+) => {
        /// A stable public error code with the HTTP status and the actor that belong to it.
        #[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
        pub enum ErrorCode {
            $($(#[$doc])* #[doc = $title] #[serde(rename = $code)] $name,)+
        }

        impl ErrorCode {
            /// Every code, in the order of this file.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The code as it crosses the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// HTTP status of an answer that carries the code; 0 for a code that only the SDK raises.
            pub const fn http_status(self) -> u16 {
                match self { $(Self::$name => $status,)+ }
            }

            /// Who can act on it.
            pub const fn actor(self) -> Actor {
                match self { $(Self::$name => Actor::$actor,)+ }
            }

            /// One fixed English sentence: never contains anything from the request.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)+ }
            }
        }
    };
}

error_codes! {
    AddressNotAllowed = "address_not_allowed", 403, Merchant, "This caller may not call from this address.";
    AttemptsExhausted = "attempts_exhausted", 409, Merchant, "The session has used all its attempts.";
    BodyTooLarge = "body_too_large", 413, Merchant, "The request body is larger than this endpoint takes.";
    CardBrandNotAccepted = "card_brand_not_accepted", 422, Customer, "This card brand is not accepted here.";
    CardBrandUnknown = "card_brand_unknown", 422, Customer, "The card number belongs to no known brand.";
    CardExpired = "card_expired", 422, Customer, "The card has expired.";
    CardNumberIncomplete = "card_number_incomplete", 422, Customer, "The card number is incomplete.";
    CardNumberInvalid = "card_number_invalid", 422, Customer, "The card number is not valid.";
    ClientCertificateRefused = "client_certificate_refused", 403, Merchant, "The client certificate has ended, is revoked or is no longer trusted.";
    ClientRevoked = "client_revoked", 409, Merchant, "The client is revoked; make another.";
    ClientTokenExpired = "client_token_expired", 401, Merchant, "The client token has expired; renew it.";
    ClientTokenInvalid = "client_token_invalid", 401, Merchant, "The client token is missing or not valid.";
    ClockSkew = "clock_skew", 400, Customer, "The envelope's time is too far from the server's.";
    CvcInvalid = "cvc_invalid", 422, Customer, "The security code is not valid for this card.";
    EnvelopeInvalid = "envelope_invalid", 400, Merchant, "The envelope could not be opened.";
    EnvelopeReplayed = "envelope_replayed", 409, Network, "The envelope has been submitted before; seal again.";
    ExpiryInvalid = "expiry_invalid", 422, Customer, "The expiry date is not valid.";
    Forbidden = "forbidden", 403, Merchant, "The caller lacks the scope for this request.";
    FormExpired = "form_expired", 403, Merchant, "The form is not of this page, or of before; open the page anew.";
    FrameLoadFailed = "frame_load_failed", 0, Network, "The card frame could not be loaded.";
    FrameTimeout = "frame_timeout", 0, Network, "The card frame did not answer in time.";
    IdempotencyConflict = "idempotency_conflict", 409, Merchant, "The idempotency key was used for another request.";
    Internal = "internal", 500, Internal, "The verifier failed; its log tells more.";
    KeyInUse = "key_in_use", 409, Merchant, "Values are still encrypted under the key; wait until they are moved.";
    KeyMismatch = "key_mismatch", 0, Internal, "The published key does not have the thumbprint that the client token names.";
    KeyNeedsSuccessor = "key_needs_successor", 409, Merchant, "It is the only active key of its kind; rotate first.";
    KeyNextWaiting = "key_next_waiting", 409, Merchant, "The next key waits to take its place already.";
    KeyNotRotatable = "key_not_rotatable", 422, Merchant, "Keys of this purpose are not rotated.";
    KeyRevoked = "key_revoked", 400, Merchant, "The sealing key is no longer accepted; renew the client token.";
    KeyStateConflict = "key_state_conflict", 409, Merchant, "A key does not go from its state to that one.";
    KeyTooFresh = "key_too_fresh", 409, Merchant, "The key was put out of use less than an hour ago; wait.";
    KeyUnknown = "key_unknown", 400, Merchant, "The sealing key is not the one that the client token names.";
    ListInUse = "list_in_use", 409, Merchant, "Rules that are asked name the list, or it is always there.";
    ListKindConflict = "list_kind_conflict", 409, Merchant, "There is a list of that name whose entries are of another kind.";
    MerchantUnknown = "merchant_unknown", 422, Merchant, "There is no merchant of that id.";
    MethodNotAllowed = "method_not_allowed", 405, Merchant, "This method is not allowed here.";
    NameInvalid = "name_invalid", 422, Customer, "The cardholder name is not valid.";
    NetworkError = "network_error", 0, Network, "The verifier could not be reached.";
    NotFound = "not_found", 404, Merchant, "There is nothing here.";
    OriginMismatch = "origin_mismatch", 400, Merchant, "The page's origin is not the session's.";
    OriginNotAllowed = "origin_not_allowed", 403, Merchant, "The request did not come from the card frame.";
    OriginNotRegistered = "origin_not_registered", 422, Merchant, "The origin is not registered for this merchant.";
    PostalCodeInvalid = "postal_code_invalid", 422, Customer, "The postal code is not valid.";
    RateLimited = "rate_limited", 429, Network, "The limit for this request is reached; try again later.";
    RequestInvalid = "request_invalid", 400, Merchant, "The request does not have the documented form.";
    RequestTimeout = "request_timeout", 408, Network, "The request did not arrive in time.";
    ReviewClaimed = "review_claimed", 409, Merchant, "Somebody else looks at this decision.";
    ReviewDecided = "review_decided", 409, Merchant, "Somebody has decided on this already.";
    RevisionConflict = "revision_conflict", 409, Merchant, "The session has changed since that revision.";
    RulesActive = "rules_active", 409, Merchant, "This version decides already; it cannot be tried beside itself.";
    RulesInvalid = "rules_invalid", 422, Merchant, "The rules have mistakes; each is told with its place.";
    RulesNothingBefore = "rules_nothing_before", 409, Merchant, "Nothing decided before that it could go back to.";
    SessionChanged = "session_changed", 409, Merchant, "The session has changed since the card was sealed; seal again.";
    SessionCompleted = "session_completed", 409, Merchant, "The session already has a card.";
    SessionExpired = "session_expired", 410, Merchant, "The session has expired.";
    SessionMismatch = "session_mismatch", 400, Merchant, "The envelope belongs to another session.";
    SubmitInProgress = "submit_in_progress", 0, Merchant, "A submit is already under way.";
    TestCardInLiveMode = "test_card_in_live_mode", 422, Customer, "Test cards are refused in live mode.";
    Unauthenticated = "unauthenticated", 401, Merchant, "The credentials are missing or not valid.";
    Unavailable = "unavailable", 503, Network, "The verifier is too busy; try again.";
    Unmounted = "unmounted", 0, Merchant, "The card frame has been unmounted.";
    UnsupportedMediaType = "unsupported_media_type", 415, Merchant, "The content type must be application/json, or at an address that takes a form application/x-www-form-urlencoded.";
    WasmUnavailable = "wasm_unavailable", 0, Customer, "This browser cannot run WebAssembly.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_sorted_and_round_trip() {
        for pair in ErrorCode::ALL.windows(2) {
            assert!(
                pair[0].as_str() < pair[1].as_str(),
                "{} is out of order",
                pair[1].as_str()
            );
        }
        for code in ErrorCode::ALL {
            let json = serde_json::to_string(code).unwrap();
            assert_eq!(json, format!("\"{}\"", code.as_str()));
            assert_eq!(serde_json::from_str::<ErrorCode>(&json).unwrap(), *code);
        }
    }
}

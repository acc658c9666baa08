//! Cards to submit.

use waxseal_protocol::{
    seal::{BrowserData, CardFields, SealedCard},
    signal::Signals,
};
use zeroize::Zeroizing;

/// A Visa test number.
pub const VISA: &str = "4242424242424242";
/// A Mastercard test number.
pub const MASTERCARD: &str = "5555555555554444";
/// An American Express test number.
pub const AMEX: &str = "378282246310005";

/// A card of that number, valid until the end of 2030.
pub fn card(number: &str) -> CardFields {
    let cvc = if number.len() == 15 { "1234" } else { "123" };
    CardFields {
        number: Zeroizing::new(number.to_owned()),
        exp_month: 12,
        exp_year: 2030,
        cvc: Some(Zeroizing::new(cvc.to_owned())),
        name: Some(Zeroizing::new("Jane Roe".to_owned())),
        postal_code: Some(Zeroizing::new("10115".to_owned())),
        network: None,
    }
}

/// What the frame would seal with that card.
pub fn sealed(card: CardFields) -> SealedCard {
    let browser = BrowserData {
        accept_language: "de-DE,de;q=0.9".to_owned(),
        color_depth: 24,
        java_enabled: false,
        javascript_enabled: true,
        language: "de-DE".to_owned(),
        screen_height: 1080,
        screen_width: 1920,
        tz_offset_min: -60,
        user_agent: "Mozilla/5.0".to_owned(),
    };
    SealedCard::new(card, browser, Signals::new())
}

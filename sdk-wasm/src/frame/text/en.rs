//! English.

use super::Texts;

pub(super) const TEXTS: Texts = Texts {
    lang: "en",
    is_rtl: false,
    labels: [
        "Card number",
        "Expiry date",
        "Security code",
        "Name on card",
        "Postal code",
    ],
    optional: "optional",
    cvc_hint: [
        "3 digits on the back of the card",
        "4 digits on the front of the card",
    ],
    assurance: "Sealed here, before it leaves your device",
    unavailable: "The card form cannot be shown at the moment.",
    brand_not_accepted: "Cards of this brand are not accepted here.",
    brand_unknown: "No card begins with these digits. Check the number.",
    cvc_invalid: "Enter all digits of the security code.",
    expired: "This card has expired.",
    expiry_invalid: "Enter the expiry date as month and year.",
    name_invalid: "Enter the name as it stands on the card.",
    number_incomplete: "The card number is incomplete.",
    number_invalid: "The card number is not right. Check the digits.",
    offline: "There is no connection. Try again in a moment.",
    outdated: "This page has been open for too long. Reload it.",
    postal_code_invalid: "Check the postal code.",
    session_changed: "The order has changed. Check the amount, then pay again.",
    test_card: "This is a test card. Use a real one.",
    other: "The card could not be submitted.",
};

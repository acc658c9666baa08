//! Any text as a person may type it into the card form.

#![no_main]

use libfuzzer_sys::fuzz_target;
use waxseal_protocol::card::{
    Brand, CardholderName, Cvc, Expiry, PAN_MAX_LEN, PAN_MIN_LEN, Pan, PostalCode, detect,
    fold_digits,
};

fuzz_target!(|text: &str| {
    let folded = fold_digits(text);
    assert_eq!(
        *fold_digits(&folded),
        *folded,
        "folded twice is folded once"
    );
    detect(&folded);

    if let Ok(pan) = Pan::parse(text) {
        assert!((PAN_MIN_LEN..=PAN_MAX_LEN).contains(&pan.digits().len()));
        assert!(pan.digits().bytes().all(|digit| digit.is_ascii_digit()));
        assert!(pan.digits().starts_with(pan.iin()) && pan.digits().ends_with(pan.last4()));
        assert!(!format!("{pan:?}").contains(pan.last4()));
        let again = Pan::parse(pan.digits()).unwrap();
        assert_eq!((again.digits(), again.brand()), (pan.digits(), pan.brand()));
    }
    if let Ok(expiry) = Expiry::parse(text) {
        let written = format!("{:02}/{}", expiry.month(), expiry.year());
        assert!(
            Expiry::parse(&written) == Ok(expiry),
            "{written} is another month"
        );
    }
    for brand in Brand::ALL {
        if let Ok(cvc) = Cvc::parse(text, brand) {
            assert!(matches!(cvc.digits().len(), 3 | 4));
            assert_eq!(
                Cvc::parse(cvc.digits(), brand).unwrap().digits(),
                cvc.digits()
            );
        }
    }
    if let Ok(name) = CardholderName::parse(text) {
        assert_eq!(
            CardholderName::parse(name.as_str()).unwrap().as_str(),
            name.as_str()
        );
        assert!(
            Pan::parse(name.as_str()).is_err(),
            "a card number passes as a name"
        );
    }
    if let Ok(code) = PostalCode::parse(text) {
        assert_eq!(
            PostalCode::parse(code.as_str()).unwrap().as_str(),
            code.as_str()
        );
        assert!(
            Pan::parse(code.as_str()).is_err(),
            "a card number passes as a postal code"
        );
    }
});

use super::*;

const NOW: Month = Month {
    year: 2026,
    month: 11,
};

fn form() -> Form {
    Form::new(Brand::ALL.to_vec(), NOW)
}

fn filled() -> Form {
    let mut form = form();
    form.set(Field::Number, "4242 4242 4242 4242");
    form.set(Field::Expiry, "12 / 30");
    form.set(Field::Cvc, "123");
    form.set(Field::Name, " Ada Lovelace ");
    form
}

#[test]
fn a_complete_form_gives_the_card() {
    let mut form = filled();
    let card = form.card().ok().unwrap();
    assert_eq!(card.number.as_str(), "4242424242424242");
    assert_eq!((card.exp_month, card.exp_year), (12, 2030));
    assert_eq!(card.cvc.unwrap().as_str(), "123");
    assert_eq!(card.name.unwrap().as_str(), "Ada Lovelace");
    assert!(card.postal_code.is_none() && card.network.is_none());
    form.set(Field::PostalCode, "90210");
    assert_eq!(
        form.card().ok().unwrap().postal_code.unwrap().as_str(),
        "90210"
    );
    let state = CardState {
        brand: Some(Brand::Visa),
        complete: true,
        errors: vec![],
    };
    assert_eq!(form.state(), state);
}

#[test]
fn each_field_can_be_what_is_wrong() {
    for (field, value, code) in [
        (Field::Number, "", ErrorCode::CardNumberIncomplete),
        (
            Field::Number,
            "4242 4242 4242",
            ErrorCode::CardNumberIncomplete,
        ),
        (
            Field::Number,
            "4242 4242 4242 4241",
            ErrorCode::CardNumberInvalid,
        ),
        (
            Field::Number,
            "9999 9999 9999 9999",
            ErrorCode::CardBrandUnknown,
        ),
        (Field::Expiry, "", ErrorCode::ExpiryInvalid),
        (Field::Expiry, "13 / 30", ErrorCode::ExpiryInvalid),
        (Field::Expiry, "10 / 26", ErrorCode::CardExpired),
        (Field::Expiry, "12 / 46", ErrorCode::ExpiryInvalid),
        (Field::Cvc, "", ErrorCode::CvcInvalid),
        (Field::Cvc, "1234", ErrorCode::CvcInvalid),
        (Field::Name, "  ", ErrorCode::NameInvalid),
        (Field::PostalCode, "90210;", ErrorCode::PostalCodeInvalid),
    ] {
        let mut form = filled();
        form.set(field, value);
        assert_eq!(form.card().err(), Some((field, code)), "{field:?} {value}");
        assert!(!form.state().complete);
        form.show_all();
        assert_eq!(form.state().errors, [code]);
    }
}

#[test]
fn errors_wait_until_a_field_is_left() {
    let mut form = form();
    form.set(Field::Number, "4242");
    assert_eq!(form.error(Field::Number), None);
    form.leave(Field::Number);
    assert_eq!(
        form.error(Field::Number),
        Some(ErrorCode::CardNumberIncomplete)
    );
    form.set(Field::Number, "4242 4");
    assert_eq!(form.error(Field::Number), None);
    form.leave(Field::Expiry);
    assert_eq!(
        form.error(Field::Expiry),
        None,
        "an empty field is left in peace"
    );
}

#[test]
fn what_no_key_can_mend_is_shown_at_once() {
    for (field, value, code) in [
        (
            Field::Number,
            "3782 822463 10004",
            ErrorCode::CardNumberInvalid,
        ),
        (Field::Number, "9", ErrorCode::CardBrandUnknown),
        (Field::Expiry, "10 / 26", ErrorCode::CardExpired),
        (Field::Expiry, "13 / 30", ErrorCode::ExpiryInvalid),
    ] {
        let mut form = form();
        form.set(field, value);
        assert_eq!(form.error(field), Some(code), "{value}");
    }
    let mut form = form();
    form.set(Field::Expiry, "12 / 20");
    assert_eq!(form.error(Field::Expiry), None, "12 / 2030 may follow");
}

#[test]
fn only_accepted_brands_pass_and_a_shared_card_goes_over_the_accepted_one() {
    let mut form = Form::new(vec![Brand::Jcb, Brand::Visa], NOW);
    form.set(Field::Number, "5555 5555 5555 4444");
    form.leave(Field::Number);
    assert_eq!(
        form.error(Field::Number),
        Some(ErrorCode::CardBrandNotAccepted)
    );
    let mut both = filled();
    both.set(Field::Number, "3566 0020 2036 0505");
    both.renew(vec![Brand::Rupay], NOW);
    assert_eq!(both.brand(), Some(Brand::Jcb));
    assert_eq!(both.card().ok().unwrap().network, Some(Brand::Rupay));
}

#[test]
fn the_security_code_goes_with_the_brand() {
    let mut form = form();
    form.set(Field::Cvc, "1234");
    assert_eq!(form.check(Field::Cvc), Ok(()));
    form.set(Field::Number, "3782 822463 10005");
    assert_eq!(form.check(Field::Cvc), Ok(()));
    form.set(Field::Number, "4242");
    assert_eq!(form.check(Field::Cvc), Err(ErrorCode::CvcInvalid));
}

#[test]
fn focus_moves_on_only_when_nothing_more_can_be_typed() {
    for (number, done) in [
        ("4242 4242 4242 4242", true),
        ("4242 4242 4242 4241", false),
        ("4222 2222 2222 2", false),
        ("3782 822463 10005", true),
        ("5555 5555 5555 4444", true),
        ("6759 6498 2643 8453", false),
        ("6799 9901 0000 0000 019", true),
        ("6011 1111 1111 1117", false),
    ] {
        let mut form = form();
        form.set(Field::Number, number);
        assert_eq!(form.is_done(Field::Number), done, "{number}");
    }
    let mut form = filled();
    assert!(form.is_done(Field::Expiry) && !form.is_done(Field::Cvc));
    form.set(Field::Expiry, "10 / 26");
    assert!(!form.is_done(Field::Expiry));
}

#[test]
fn a_refusal_stands_until_its_field_changes() {
    let mut form = filled();
    form.refuse(Field::Number, ErrorCode::TestCardInLiveMode);
    assert_eq!(form.state().errors, [ErrorCode::TestCardInLiveMode]);
    form.set(Field::Cvc, "124");
    assert_eq!(form.state().errors, [ErrorCode::TestCardInLiveMode]);
    form.set(Field::Number, "4111 1111 1111 1111");
    assert_eq!(form.state().errors, []);
}

#[test]
fn what_a_submit_shows_stays_when_the_focus_moves_to_it() {
    let mut form = filled();
    form.set(Field::Cvc, "12");
    form.set(Field::Name, "");
    form.show_all();
    // The focus goes from the empty name to the first wrong field.
    form.leave(Field::Name);
    assert_eq!(
        form.state().errors,
        [ErrorCode::CvcInvalid, ErrorCode::NameInvalid]
    );
    form.set(Field::Name, "A");
    assert_eq!(form.error(Field::Name), None);
}

#[test]
fn a_page_that_clears_at_every_key_learns_of_no_digit() {
    let mut form = form();
    let mut told = Vec::new();
    for digit in "4539148803436467".chars() {
        form.set(Field::Number, &digit.to_string());
        form.leave(Field::Number);
        told.push((form.state(), form.card().err()));
        form.clear();
    }
    let (_, after) = told.split_at(1);
    assert!(after.windows(2).all(|pair| pair[0] == pair[1]), "{after:?}");

    // A whole number is told of again, whatever was cleared before.
    form.set(Field::Number, "4242 4242 4242 4242");
    assert_eq!(form.state().brand, Some(Brand::Visa));
    form.clear();
    form.set(Field::Number, "5050 5050 5050 5050");
    assert_eq!(form.state().brand, None);
    form.show_all();
    assert_eq!(
        form.error(Field::Number),
        Some(ErrorCode::CardNumberInvalid)
    );
}

#[test]
fn clearing_a_whole_number_hides_nothing_of_the_next() {
    let mut form = filled();
    form.clear();
    form.set(Field::Number, "37");
    assert_eq!(form.state().brand, Some(Brand::Amex));
}

#[test]
fn clearing_leaves_nothing() {
    let mut form = filled();
    form.show_all();
    form.clear();
    assert!(
        Field::ALL
            .into_iter()
            .all(|field| form.value(field).is_empty())
    );
    assert_eq!(
        form.state(),
        CardState {
            brand: None,
            complete: false,
            errors: vec![]
        }
    );
}

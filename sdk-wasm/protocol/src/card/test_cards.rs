//! Test numbers that the field's sandboxes share. No issuer gives them out.

use super::brand::Brand;

/// A number for test mode.
#[derive(Debug)]
pub struct TestCard {
    /// All digits.
    pub number: &'static str,
    /// The brand it is taken for.
    pub brand: Brand,
    /// What it is, for a list that people read.
    pub note: &'static str,
}

/// The well-known test numbers, from the public documentation of payment processors (Stripe, Adyen,
/// Braintree, Worldpay, Razorpay, `YooKassa`), grouped by brand.
pub const TEST_CARDS: &[TestCard] = &[
    card(Brand::Amex, "378282246310005", "American Express"),
    card(Brand::Amex, "371449635398431", "American Express"),
    card(
        Brand::Amex,
        "378734493671000",
        "American Express, corporate",
    ),
    card(Brand::Amex, "370000000000002", "American Express"),
    card(Brand::Diners, "36227206271667", "Diners Club, 14 digits"),
    card(Brand::Diners, "36006666333344", "Diners Club, 14 digits"),
    card(Brand::Diners, "30569309025904", "Diners Club, 14 digits"),
    card(Brand::Diners, "38520000023237", "Diners Club, 14 digits"),
    card(Brand::Diners, "3056930009020004", "Diners Club, 16 digits"),
    card(Brand::Discover, "6011111111111117", "Discover"),
    card(Brand::Discover, "6011000990139424", "Discover"),
    card(Brand::Discover, "6011981111111113", "Discover, debit"),
    card(Brand::Discover, "6445644564456445", "Discover"),
    card(Brand::Elo, "5066991111111118", "Elo"),
    card(Brand::Elo, "6362970000457013", "Elo"),
    card(Brand::Hipercard, "6062826786276634", "Hipercard"),
    card(Brand::Jcb, "3566002020360505", "JCB"),
    card(Brand::Jcb, "3530111333300000", "JCB"),
    card(Brand::Jcb, "3569990010095841", "JCB"),
    card(Brand::Maestro, "6759649826438453", "Maestro"),
    card(Brand::Maestro, "6304000000000000", "Maestro"),
    card(Brand::Maestro, "6771798021000008", "Maestro"),
    card(Brand::Maestro, "5018000000000009", "Maestro"),
    card(Brand::Maestro, "6799990100000000019", "Maestro, 19 digits"),
    card(Brand::Mastercard, "5555555555554444", "Mastercard"),
    card(Brand::Mastercard, "5105105105105100", "Mastercard, prepaid"),
    card(Brand::Mastercard, "5200828282828210", "Mastercard, debit"),
    card(Brand::Mastercard, "5555341244441115", "Mastercard"),
    card(
        Brand::Mastercard,
        "2223003122003222",
        "Mastercard, 2-series",
    ),
    card(
        Brand::Mastercard,
        "2222400070000005",
        "Mastercard, 2-series",
    ),
    card(Brand::Mir, "2202474301322987", "Mir"),
    card(Brand::Mir, "2200000000000004", "Mir"),
    card(Brand::Mir, "2200000000000053", "Mir"),
    card(Brand::Rupay, "6527658900001005", "RuPay"),
    card(Brand::Unionpay, "6200000000000005", "UnionPay"),
    card(Brand::Unionpay, "6200000000000047", "UnionPay, debit"),
    card(Brand::Unionpay, "6250946000000016", "UnionPay"),
    card(Brand::Unionpay, "8171999927660000", "UnionPay"),
    card(
        Brand::Unionpay,
        "6205500000000000004",
        "UnionPay, 19 digits",
    ),
    card(
        Brand::Unionpay,
        "8171999900000000021",
        "UnionPay, 19 digits",
    ),
    card(Brand::Visa, "4111111111111111", "Visa"),
    card(Brand::Visa, "4242424242424242", "Visa"),
    card(Brand::Visa, "4012888888881881", "Visa"),
    card(Brand::Visa, "4000056655665556", "Visa, debit"),
    card(Brand::Visa, "4988438843884305", "Visa"),
    card(Brand::Visa, "4222222222222", "Visa, 13 digits"),
    card(Brand::Visa, "4000000000000000006", "Visa, 19 digits"),
];

/// Whether `digits` is one of [`TEST_CARDS`]. Test cards are refused in live mode.
pub fn is_test_card(digits: &str) -> bool {
    TEST_CARDS.iter().any(|card| card.number == digits)
}

const fn card(brand: Brand, number: &'static str, note: &'static str) -> TestCard {
    TestCard {
        number,
        brand,
        note,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::Pan;

    #[test]
    fn each_is_a_valid_number_of_its_brand() {
        for card in TEST_CARDS {
            let pan = Pan::parse(card.number).unwrap_or_else(|e| panic!("{}: {e:?}", card.number));
            assert_eq!(pan.brand(), card.brand, "{}", card.number);
            assert!(is_test_card(pan.digits()));
        }
        assert!(!is_test_card("4111111111111112"));
        assert!(!is_test_card(""));
    }

    #[test]
    fn every_brand_has_one_and_none_stands_twice() {
        for brand in Brand::ALL {
            assert!(
                TEST_CARDS.iter().any(|card| card.brand == brand),
                "{brand:?}"
            );
        }
        for (at, card) in TEST_CARDS.iter().enumerate() {
            assert!(
                TEST_CARDS[..at]
                    .iter()
                    .all(|other| other.number != card.number)
            );
        }
    }
}

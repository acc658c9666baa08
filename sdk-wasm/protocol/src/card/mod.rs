//! Card data as newtypes: a value of one of these types has been checked, is redacted in `Debug` and
//! is wiped from memory when dropped.

mod brand;
mod brand_table;
mod cvc;
mod digits;
mod expiry;
mod iin;
mod luhn;
mod name;
mod pan;
mod postal_code;
mod test_cards;

pub use brand::{Brand, BrandSpec};
pub use cvc::{Cvc, CvcError};
pub use digits::{digit_value, fold_digits};
pub use expiry::{Expiry, ExpiryError};
pub use iin::{Candidate, best_brand, detect, max_length};
pub use luhn::is_luhn_valid;
pub use name::{CardholderName, NameError};
pub use pan::{Pan, PanError};
pub use postal_code::{PostalCode, PostalCodeError};
pub use test_cards::{TEST_CARDS, TestCard, is_test_card};

/// The fewest digits that a PAN of any supported brand has (Maestro).
pub const PAN_MIN_LEN: usize = 12;

/// The most digits that a PAN can have (ISO/IEC 7812-1).
pub const PAN_MAX_LEN: usize = 19;

/// How many digits free text next to a card may hold. One more could be a PAN that was typed into
/// the wrong field, and would then be stored and shown as a name or a postal code.
const MAX_DIGITS_IN_TEXT: usize = PAN_MIN_LEN - 1;

#[cfg(test)]
mod tests {
    use zeroize::ZeroizeOnDrop;

    /// Compiles only for what is wiped when dropped.
    pub(super) fn assert_wiped(_: &impl ZeroizeOnDrop) {}
}

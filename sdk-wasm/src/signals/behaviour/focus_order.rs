//! `focus_order`: the fields as the focus came to them, by their place in the form.

use alloc::string::String;

use crate::frame::field::Field;

/// As many as tell an order; who goes back more often is a person.
const MOST_VISITS: usize = 16;

/// Records where the focus goes.
#[derive(Debug, Default)]
pub struct FocusOrder(String);

impl FocusOrder {
    /// The focus came to a field.
    pub fn enter(&mut self, field: Field) {
        if self.0.len() < MOST_VISITS {
            self.0.push(char::from(b'0' + field as u8));
        }
    }

    /// A digit a visit.
    pub fn digits(&self) -> String {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visits_are_in_order_and_bounded() {
        let mut order = FocusOrder::default();
        for field in [Field::Number, Field::Name, Field::Number, Field::PostalCode] {
            order.enter(field);
        }
        assert_eq!(order.digits(), "0304");
        for _ in 0..100 {
            order.enter(Field::Cvc);
        }
        assert_eq!(order.digits(), "0304222222222222");
    }
}

//! An order, from the first look at the checkout to its acceptance.

use serde::{Deserialize, Serialize};

use crate::{basket::Basket, money::Cents};

/// Everything this shop keeps of one shopper.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Shopper {
    /// What is in the cart now.
    pub basket: Basket,
    /// The order that the checkout is about.
    pub open: Option<OpenOrder>,
    /// The last order that was paid.
    pub placed: Option<PlacedOrder>,
}

/// An order without an accepted card.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct OpenOrder {
    /// Order number.
    pub id: String,
    /// How many verifier sessions it was given: a new one only after the last one expired.
    pub sessions: u32,
    /// Its verifier session.
    pub session: Option<Agreed>,
}

/// A verifier session, and the basket that its amount and country come from.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Agreed {
    /// Session id: known to this backend only as its own note, never read from a browser.
    pub session_id: String,
    /// What is being paid for.
    pub basket: Basket,
}

/// An order with an accepted card.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PlacedOrder {
    /// Order number.
    pub id: String,
    /// Its verifier session.
    pub session_id: String,
    /// What was paid for.
    pub basket: Basket,
    /// What the verifier's session says was to be paid.
    pub amount: Cents,
}

impl OpenOrder {
    /// An order without a session yet.
    pub const fn new(id: String) -> Self {
        Self {
            id,
            sessions: 0,
            session: None,
        }
    }

    /// The same for each try to open the same session; another one after [`Self::forget_session`].
    pub fn idempotency_key(&self) -> String {
        format!("{}.{}", self.id, self.sessions)
    }

    /// Drops a session that can take no card any more, so that the next one is a new one.
    pub fn forget_session(&mut self) {
        self.session = None;
        self.sessions = self.sessions.saturating_add(1);
    }
}

impl Shopper {
    /// The verifier session of the open order.
    pub fn open_session_id(&self) -> Option<&str> {
        let agreed = self.open.as_ref()?.session.as_ref()?;
        Some(&agreed.session_id)
    }

    /// The open order was paid: what it was for leaves the cart, what was added since stays.
    pub fn place(&mut self, session_id: &str, amount: Cents) {
        let Some(open) = self.open.take() else { return };
        let agreed = open.session.map(|agreed| agreed.basket).unwrap_or_default();
        // When the answer to the last change was lost, the cart is what the verifier was told.
        let is_newer = agreed.total() != amount && self.basket.total() == amount;
        let paid_for = if is_newer {
            self.basket.clone()
        } else {
            agreed
        };
        for line in paid_for.lines() {
            let left = self
                .basket
                .quantity(line.product)
                .saturating_sub(line.quantity);
            self.basket.set(line.product, left);
        }
        self.placed = Some(PlacedOrder {
            id: open.id,
            session_id: session_id.to_owned(),
            basket: paid_for,
            amount,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Product;

    #[test]
    fn placing_takes_what_was_paid_for_out_of_the_cart() {
        let mut shopper = Shopper::default();
        shopper.basket.add(Product::Wax, 2);
        let mut open = OpenOrder::new("FS-1".into());
        open.session = Some(Agreed {
            session_id: "cs_1".into(),
            basket: shopper.basket.clone(),
        });
        let total = shopper.basket.total();
        shopper.open = Some(open);
        shopper.basket.add(Product::Wax, 1);
        shopper.basket.add(Product::Seal, 1);
        shopper.place("cs_1", total);
        assert_eq!(shopper.basket.quantity(Product::Wax), 1);
        assert_eq!(shopper.basket.quantity(Product::Seal), 1);
        assert!(shopper.open.is_none());
        let placed = shopper.placed.unwrap();
        assert_eq!((placed.basket.pieces(), placed.amount), (2, total));
    }

    #[test]
    fn a_forgotten_session_changes_the_idempotency_key() {
        let mut order = OpenOrder::new("FS-1".into());
        let first = order.idempotency_key();
        assert_eq!(first, order.idempotency_key());
        order.forget_session();
        assert_ne!(first, order.idempotency_key());
    }
}

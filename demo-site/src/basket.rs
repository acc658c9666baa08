//! What a shopper wants, and where it goes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{catalog::Product, country::Country, money::Cents};

/// The most of one product that an order takes.
pub const MAX_QUANTITY: u8 = 20;

/// Products with their quantities, and the shipping country: all that an amount is computed from.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Basket {
    quantities: BTreeMap<Product, u8>,
    country: Country,
}

/// One product in a basket.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Line {
    /// What.
    pub product: Product,
    /// How many, at least one.
    pub quantity: u8,
    /// Price of them together.
    pub price: Cents,
}

impl Basket {
    /// Adds `count` of `product`, up to [`MAX_QUANTITY`].
    pub fn add(&mut self, product: Product, count: u8) {
        self.set(product, self.quantity(product).saturating_add(count));
    }

    /// Sets the quantity of `product`, at most [`MAX_QUANTITY`]; none removes it.
    pub fn set(&mut self, product: Product, quantity: u8) {
        match quantity.min(MAX_QUANTITY) {
            0 => self.quantities.remove(&product),
            quantity => self.quantities.insert(product, quantity),
        };
    }

    /// Ships to `country`.
    pub const fn ship_to(&mut self, country: Country) {
        self.country = country;
    }

    /// Removes every product; the country stays.
    pub fn clear(&mut self) {
        self.quantities.clear();
    }

    /// How many of `product`.
    pub fn quantity(&self, product: Product) -> u8 {
        self.quantities.get(&product).copied().unwrap_or(0)
    }

    /// How many pieces in all.
    pub fn pieces(&self) -> u64 {
        self.quantities.values().copied().map(u64::from).sum()
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.quantities.is_empty()
    }

    /// Where it goes.
    pub const fn country(&self) -> Country {
        self.country
    }

    /// Its products.
    pub fn lines(&self) -> impl Iterator<Item = Line> {
        self.quantities.iter().map(|(&product, &quantity)| Line {
            product,
            quantity,
            price: product.price().times(quantity.into()),
        })
    }

    /// Price of all products, without shipping.
    pub fn subtotal(&self) -> Cents {
        self.lines().map(|line| line.price).sum()
    }

    /// Price of shipping.
    pub fn shipping(&self) -> Cents {
        self.country.shipping(self.subtotal())
    }

    /// What is to be paid.
    pub fn total(&self) -> Cents {
        self.subtotal().plus(self.shipping())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_follow_quantities_and_country() {
        let mut basket = Basket::default();
        assert_eq!(basket.total(), Cents::ZERO);
        basket.add(Product::Wax, 2);
        basket.add(Product::Paper, 1);
        assert_eq!(basket.subtotal(), Cents::new(61_00));
        assert_eq!(basket.total(), Cents::new(67_00));
        basket.add(Product::Wax, 1);
        assert_eq!(
            basket.total(),
            Cents::new(75_50),
            "free shipping from $75.00"
        );
        basket.ship_to(Country::parse("FR").unwrap());
        assert_eq!(basket.total(), Cents::new(93_50));
        basket.set(Product::Wax, 0);
        basket.set(Product::Paper, 0);
        assert!(basket.is_empty());
        assert_eq!(basket.total(), Cents::ZERO);
    }

    #[test]
    fn quantities_are_bounded() {
        let mut basket = Basket::default();
        basket.add(Product::Desk, u8::MAX);
        basket.add(Product::Desk, u8::MAX);
        assert_eq!(basket.quantity(Product::Desk), MAX_QUANTITY);
    }
}

//! Who there is.

use crate::random::Random;

/// Countries; only whether two are the same matters.
pub(super) const COUNTRIES: u8 = 12;

pub(super) struct Customer {
    pub(super) country: u8,
    /// US dollars.
    pub(super) mean: f64,
    pub(super) deviation: f64,
    /// Payments a day.
    pub(super) rate: f64,
    pub(super) cards: Vec<Card>,
    pub(super) devices: Vec<u32>,
    pub(super) ip: u32,
    /// Merchants nearby, in which the customer buys.
    pub(super) merchants: Vec<u32>,
    /// Pastes and fills by a password manager.
    pub(super) hasty: bool,
    pub(super) no_signals: bool,
}

#[derive(Clone, Copy)]
pub(super) struct Card {
    pub(super) id: u32,
    pub(super) country: u8,
    pub(super) is_prepaid: bool,
}

pub(super) struct Merchant {
    /// In a square of side 100, as customers are.
    place: (f64, f64),
    /// By which amounts are multiplied.
    pub(super) level: f64,
    pub(super) ships: bool,
}

pub(super) struct World {
    pub(super) customers: Vec<Customer>,
    pub(super) merchants: Vec<Merchant>,
    ids: u32,
}

impl World {
    pub(super) fn new(customers: u32, random: &mut Random) -> Self {
        let mut world = Self {
            customers: Vec::new(),
            merchants: Vec::new(),
            ids: 0,
        };
        let place = |random: &mut Random| (random.between(0.0, 100.0), random.between(0.0, 100.0));
        for _ in 0..(customers / 20).clamp(5, 2_000) {
            let merchant = Merchant {
                place: place(random),
                level: random.normal(0.0, 0.4).exp(),
                ships: random.chance(0.8),
            };
            world.merchants.push(merchant);
        }
        let mut shared = 0;
        for at in 0..customers {
            // Some live or work behind one address.
            if at % 8 == 0 || random.chance(0.6) {
                shared = world.new_id();
            }
            let customer = world.customer(place(random), shared, random);
            world.customers.push(customer);
        }
        world
    }

    pub(super) const fn new_id(&mut self) -> u32 {
        self.ids += 1;
        self.ids
    }

    pub(super) fn new_card(&mut self, country: u8, random: &mut Random) -> Card {
        Card {
            id: self.new_id(),
            country,
            is_prepaid: random.chance(0.06),
        }
    }

    fn customer(&mut self, place: (f64, f64), ip: u32, random: &mut Random) -> Customer {
        let country = country(random);
        let mean = random.between(10.0, 120.0);
        let mut near: Vec<(f64, u32)> = Vec::new();
        for (at, merchant) in (0..).zip(&self.merchants) {
            let (x, y) = (place.0 - merchant.place.0, place.1 - merchant.place.1);
            near.push((x.hypot(y), at));
        }
        near.sort_by(|one, other| one.0.total_cmp(&other.0));
        let cards = if random.chance(0.3) { 2 } else { 1 };
        let devices = if random.chance(0.4) { 2 } else { 1 };
        Customer {
            country,
            mean,
            deviation: mean / 2.0,
            rate: random.between(0.03, 1.2),
            cards: (0..cards)
                .map(|_| {
                    let from = if random.chance(0.04) {
                        self::country(random)
                    } else {
                        country
                    };
                    self.new_card(from, random)
                })
                .collect(),
            devices: (0..devices).map(|_| self.new_id()).collect(),
            ip,
            merchants: near.iter().take(12).map(|(_, at)| *at).collect(),
            hasty: random.chance(0.15),
            no_signals: random.chance(0.05),
        }
    }
}

/// The first ones have the most people.
pub(super) fn country(random: &mut Random) -> u8 {
    let unit = random.unit();
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "below 12"
    )]
    let country = (unit * unit * f64::from(COUNTRIES)) as u8;
    country
}

/// Another country than this.
pub(super) fn other_country(than: u8, random: &mut Random) -> u8 {
    let step = u8::try_from(1 + random.below(usize::from(COUNTRIES) - 1)).unwrap_or(1);
    (than + step) % COUNTRIES
}

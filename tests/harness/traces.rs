//! What purchases are made with, and the search for what they leave behind.

use std::{collections::BTreeSet, path::Path};

use waxseal_verifier::rng::{Rng, SystemRng};

use crate::{Codes, Hit, Needle, Search, cvc_forms, excess, folder_files, pan_encodings};

/// Purchases whose cards have codes of four digits.
pub const PURCHASES: usize = 50;
/// Standard deviations: by chance alone one run in three hundred thousand has more.
pub const AT_MOST: f64 = 4.5;

/// What was typed, and what could have been but was not.
pub struct Planted {
    /// American Express numbers.
    pub pans: Vec<String>,
    /// Their codes.
    pub cvcs: Vec<String>,
    /// Codes that nobody typed.
    pub never: Vec<String>,
    /// Something that is no secret, to see that the search sees.
    pub order: String,
}

impl Planted {
    /// New ones.
    #[allow(clippy::new_without_default, reason = "it draws")]
    pub fn new() -> Self {
        let rng = SystemRng::default();
        let pans: Vec<String> = (0..PURCHASES).map(|_| amex(&rng)).collect();
        let mut codes: Vec<String> = Vec::new();
        while codes.len() < 2 * PURCHASES {
            let code = digits(&rng, 4);
            // Last fours are kept, and rightly so.
            if !codes.contains(&code) && pans.iter().all(|pan| !pan.ends_with(&code)) {
                codes.push(code);
            }
        }
        let never = codes.split_off(PURCHASES);
        let order = format!("order-{}", digits(&rng, 12));
        Self {
            pans,
            cvcs: codes,
            never,
            order,
        }
    }
}

/// What was found of everything that was planted.
pub struct Traces<'p> {
    planted: &'p Planted,
    pans: Search,
    cvcs: Search,
    order: Search,
    hits: BTreeSet<Hit>,
    before: BTreeSet<(usize, &'static str)>,
    /// Groups of four digits.
    pub codes: Codes,
    has_order: bool,
}

impl<'p> Traces<'p> {
    /// Nothing yet.
    pub fn of(planted: &'p Planted) -> Self {
        let all = |values: &[String], forms: fn(&str) -> Vec<Needle>| {
            Search::new(values.iter().map(|value| forms(value)).collect::<Vec<_>>())
        };
        Self {
            planted,
            pans: all(&planted.pans, pan_encodings),
            cvcs: all(&planted.cvcs, cvc_forms),
            order: all(std::slice::from_ref(&planted.order), plain),
            hits: BTreeSet::new(),
            before: BTreeSet::new(),
            codes: Codes::default(),
            has_order: false,
        }
    }

    /// Of what was planted, but for what these folders hold before anybody typed it: short codes stand in some
    /// files by themselves.
    pub fn new_in(planted: &'p Planted, folders: &[&Path]) -> Self {
        let mut before = Self::of(planted);
        before.look_into(folders);
        let hits = before.hits.iter();
        Self {
            before: hits.map(|hit| (hit.value, hit.form)).collect(),
            ..Self::of(planted)
        }
    }

    /// Searches every file in some folders.
    pub fn look_into(&mut self, folders: &[&Path]) {
        for (path, bytes) in folder_files(folders) {
            self.look(&path.display().to_string(), &bytes);
        }
    }

    /// Searches some bytes.
    pub fn look(&mut self, place: &str, bytes: &[u8]) {
        self.hits.extend(self.pans.hits(place, bytes));
        self.hits.extend(self.cvcs.hits(place, bytes));
        self.codes.count(bytes);
        self.has_order |= !self.order.hits(place, bytes).is_empty();
    }

    /// Asserts that nothing was found. Never prints a value, only its form and place.
    #[track_caller]
    pub fn assert_none(&self, what: &str) {
        assert!(self.has_order, "{what}: the search sees nothing");
        let forms: BTreeSet<_> = self
            .hits
            .iter()
            .filter(|hit| !self.before.contains(&(hit.value, hit.form)))
            .map(|hit| format!("{} in {}", hit.form, hit.place))
            .collect();
        assert!(forms.is_empty(), "{what}: {forms:#?}");
        let typed = self.codes.of(&self.planted.cvcs);
        let never = self.codes.of(&self.planted.never);
        for (kind, (typed, never)) in ["within digits", "alone"]
            .iter()
            .zip(typed.iter().zip(&never))
        {
            let excess = excess(typed, never);
            let sum = |counts: &[u32]| counts.iter().sum::<u32>();
            println!(
                "{what}, {kind}: {} typed, {} never typed, excess {excess:.2}",
                sum(typed),
                sum(never)
            );
            assert!(excess < AT_MOST, "{what}, {kind}: {excess}");
        }
    }
}

/// Asserts that no file in `folders` holds anything of what was planted.
#[track_caller]
pub fn assert_folders_clean(what: &str, planted: &Planted, folders: &[&Path]) {
    let mut traces = Traces::of(planted);
    traces.look_into(folders);
    traces.assert_none(what);
}

fn plain(text: &str) -> Vec<Needle> {
    let bytes = text.as_bytes().to_vec();
    vec![Needle {
        form: "as it is",
        bytes,
    }]
}

/// An American Express number: those have codes of four digits.
fn amex(rng: &dyn Rng) -> String {
    let body = format!("37{}", digits(rng, 12));
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, digit)| {
            let doubled = u32::from(digit - b'0') * if at % 2 == 0 { 2 } else { 1 };
            doubled / 10 + doubled % 10
        })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

fn digits(rng: &dyn Rng, count: usize) -> String {
    let digit = |_| char::from(b'0' + rng.array::<1>().unwrap()[0] % 10);
    (0..count).map(digit).collect()
}

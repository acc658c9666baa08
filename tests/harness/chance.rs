//! Whether codes that were typed occur more often than codes that were not.
//!
//! Four digits are everywhere: in times, counts and ids. So nothing follows from finding one. But codes
//! drawn at random and then dealt at random into two hands, of which one is typed, occur as often as each
//! other, unless something keeps what was typed.

/// How often each code of four digits was seen.
pub struct Codes {
    /// Wherever four digits follow each other.
    within: Vec<u32>,
    /// Where neither a further digit nor a letter stands beside them.
    alone: Vec<u32>,
}

impl Default for Codes {
    fn default() -> Self {
        Self {
            within: vec![0; 10_000],
            alone: vec![0; 10_000],
        }
    }
}

impl Codes {
    /// Counts what is in `bytes`.
    pub fn count(&mut self, bytes: &[u8]) {
        let mut start = 0;
        while start < bytes.len() {
            if !bytes[start].is_ascii_digit() {
                start += 1;
                continue;
            }
            let rest = bytes[start..].iter();
            let length = rest.take_while(|byte| byte.is_ascii_digit()).count();
            let end = start + length;
            for window in bytes[start..end].windows(4) {
                self.within[code(window)] += 1;
            }
            let is_letter = |at: Option<usize>| {
                at.and_then(|at| bytes.get(at))
                    .is_some_and(u8::is_ascii_alphabetic)
            };
            if length == 4 && !is_letter(start.checked_sub(1)) && !is_letter(Some(end)) {
                self.alone[code(&bytes[start..end])] += 1;
            }
            start = end;
        }
    }

    /// How often each of these occurs: anywhere, and standing alone.
    pub fn of(&self, codes: &[String]) -> [Vec<u32>; 2] {
        [&self.within, &self.alone].map(|counts| {
            let count = |text: &String| counts[code(text.as_bytes())];
            codes.iter().map(count).collect()
        })
    }
}

/// By how many standard deviations `typed` lies above `never`: the Mann-Whitney statistic with ties, which
/// minds only which of two counts is larger, so that a code that happens to be a year does not decide.
pub fn excess(typed: &[u32], never: &[u32]) -> f64 {
    let pairs = typed
        .iter()
        .flat_map(|one| never.iter().map(move |other| one.cmp(other) as i32));
    // Twice U less its mean.
    let above = f64::from(pairs.sum::<i32>());
    let mut all: Vec<u32> = typed.iter().chain(never).copied().collect();
    all.sort_unstable();
    let size = |count: usize| f64::from(u32::try_from(count).expect("few"));
    let (m, n, both) = (size(typed.len()), size(never.len()), size(all.len()));
    let ties: f64 = all
        .chunk_by(|one, other| one == other)
        .map(|tied| size(tied.len()).powi(3) - size(tied.len()))
        .sum();
    let variance = m * n / 12.0 * (both + 1.0 - ties / (both * (both - 1.0)));
    if variance == 0.0 {
        return 0.0;
    }
    above / 2.0 / variance.sqrt()
}

fn code(digits: &[u8]) -> usize {
    digits
        .iter()
        .fold(0, |code, digit| code * 10 + usize::from(digit - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededRng;
    use waxseal_verifier::rng::Rng;

    fn dealt(seed: u64) -> (Vec<String>, Vec<String>) {
        let rng: &dyn Rng = &SeededRng::new(seed);
        let mut codes: Vec<String> = Vec::new();
        while codes.len() < 100 {
            let number = u32::from_be_bytes(rng.array().expect("numbers"));
            let code = format!("{:04}", number % 10_000);
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        let never = codes.split_off(50);
        (codes, never)
    }

    /// A log of some thousand times and ids, as a database has them.
    fn noise(seed: u64) -> Vec<u8> {
        let rng: &dyn Rng = &SeededRng::new(seed + 1000);
        let mut bytes = Vec::new();
        for _ in 0..4000 {
            let [time, id] = [(); 2].map(|()| u32::from_be_bytes(rng.array().expect("numbers")));
            bytes.extend(
                format!(
                    "{{\"at\":17950{time},\"id\":\"cs_{id:x}\",\"n\":{}}}",
                    id % 10_000
                )
                .bytes(),
            );
        }
        bytes
    }

    #[test]
    fn digits_are_counted_within_others_and_alone() {
        let mut codes = Codes::default();
        codes.count(b"12345 a1234 1234b \"1234\" 1234");
        let [within, alone] = codes.of(&["1234".to_owned(), "2345".to_owned()]);
        assert_eq!((within, alone), (vec![5, 1], vec![2, 0]));
    }

    #[test]
    fn by_chance_alone_the_excess_is_small_and_one_more_of_each_typed_code_shows() {
        for seed in 0..100 {
            let (typed, never) = dealt(seed);
            let mut codes = Codes::default();
            codes.count(&noise(seed));
            let of_chance = excesses(&codes, &typed, &never);
            assert!(
                of_chance.iter().all(|excess| *excess < 4.0),
                "{of_chance:?}"
            );
            for code in &typed {
                codes.count(format!("\0{code}\0").as_bytes());
            }
            let [_, alone] = excesses(&codes, &typed, &never);
            assert!(alone > 4.0, "seed {seed}: {alone}");
        }
    }

    fn excesses(codes: &Codes, typed: &[String], never: &[String]) -> [f64; 2] {
        let (typed, never) = (codes.of(typed), codes.of(never));
        [0, 1].map(|kind| excess(&typed[kind], &never[kind]))
    }
}

//! The rules that every merchant starts with.

use std::sync::LazyLock;

use super::set::RuleSet;

/// Their text.
pub const SEED_TEXT: &str = include_str!("seed.rules");

/// They, compiled.
///
/// # Panics
/// When the text that is part of the build is none; a test reads it.
pub fn seed() -> &'static RuleSet {
    static SEED: LazyLock<RuleSet> = LazyLock::new(|| {
        // Unwrap safety: the text is part of the build, and a test reads it.
        #[expect(clippy::expect_used, reason = "a build constant, see above")]
        RuleSet::parse(SEED_TEXT).expect("the rules of the build are well-formed")
    });
    &SEED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_canonical() {
        assert_eq!(seed().text(), SEED_TEXT);
    }
}

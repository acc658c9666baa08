//! `completion`: how long the form was there before the first input, how long it was filled, and how
//! long the last input was ago at submit.

use alloc::{vec, vec::Vec};

/// Records when the form was filled.
#[derive(Debug, Default)]
pub struct Completion {
    shown_at_ms: f64,
    first_at_ms: Option<f64>,
    last_at_ms: f64,
    times_hidden: i32,
    untrusted: i32,
}

impl Completion {
    /// The form is there.
    pub fn show(&mut self, at_ms: f64) {
        self.shown_at_ms = at_ms;
    }

    /// A field's text changed. `is_trusted` is false of an event that a script made.
    pub fn input(&mut self, is_trusted: bool, at_ms: f64) {
        self.first_at_ms.get_or_insert(at_ms);
        self.last_at_ms = at_ms;
        if !is_trusted {
            self.untrusted = self.untrusted.saturating_add(1);
        }
    }

    /// The page went out of sight.
    pub fn hide(&mut self) {
        self.times_hidden = self.times_hidden.saturating_add(1);
    }

    /// The numbers of the signal so far; all times are 0 of a form without an input.
    pub fn ints(&self, now_ms: f64) -> Vec<i32> {
        let (to_first, filling, to_submit) = self.first_at_ms.map_or((0.0, 0.0, 0.0), |first| {
            (
                first - self.shown_at_ms,
                self.last_at_ms - first,
                now_ms - self.last_at_ms,
            )
        });
        // The casts saturate.
        #[allow(clippy::cast_possible_truncation)]
        let ms = |ms: f64| ms as i32;
        vec![
            ms(to_first),
            ms(filling),
            ms(to_submit),
            self.times_hidden,
            self.untrusted,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_lie_between_showing_and_submitting() {
        let mut completion = Completion::default();
        completion.show(500.0);
        assert_eq!(completion.ints(9_000.0), [0, 0, 0, 0, 0]);
        completion.input(true, 2_000.9);
        completion.hide();
        completion.input(false, 12_000.0);
        assert_eq!(completion.ints(12_750.0), [1500, 9999, 750, 1, 1]);
    }
}

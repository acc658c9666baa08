//! `scroll`: how often and how far the page was scrolled with the pointer over the form. The form is as
//! high as its content and does not scroll itself.

use alloc::{vec, vec::Vec};

/// Counts scrolling.
#[derive(Debug, Default)]
pub struct Scrolling {
    wheels: i32,
    wheel_px: f64,
    touches: i32,
}

impl Scrolling {
    /// A wheel turned, by CSS pixels (W3C UI Events; a mode of lines counts as it is).
    pub fn wheel(&mut self, delta_px: f64) {
        self.wheels = self.wheels.saturating_add(1);
        if delta_px.is_finite() {
            self.wheel_px += delta_px.abs();
        }
    }

    /// A touch became a scroll: the browser takes the pointer away.
    pub fn touch(&mut self) {
        self.touches = self.touches.saturating_add(1);
    }

    /// The numbers of the signal so far.
    pub fn ints(&self) -> Vec<i32> {
        // The cast saturates.
        #[allow(clippy::cast_possible_truncation)]
        let wheel_px = self.wheel_px as i32;
        vec![self.wheels, wheel_px, self.touches]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wheels_and_touches_are_counted() {
        let mut scrolling = Scrolling::default();
        for delta_px in [100.0, -50.5, f64::NAN] {
            scrolling.wheel(delta_px);
        }
        scrolling.touch();
        assert_eq!(scrolling.ints(), [3, 150, 1]);
        scrolling.wheel(f64::MAX);
        assert_eq!(scrolling.ints()[1], i32::MAX);
    }
}

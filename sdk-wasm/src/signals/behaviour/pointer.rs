//! `pointer`: how the pointer moved over the form: how far, how straight, how fast; never where.
//!
//! A pause ends a stroke. How straight is the sum of the strokes' shortest ways over the ways that were
//! taken: 100 of a program that goes straight, or jumps. Distances are whole sixteenths of a CSS pixel
//! inside, since there is no square root of fractions without the standard library.

use alloc::{vec, vec::Vec};

use super::median::{MOST_SAMPLES, median, spread};

/// A pause between two strokes, in ms.
const PAUSE_MS: f64 = 300.0;

const PER_PX: f64 = 16.0;

/// Records the pointer's movement.
#[derive(Debug, Default)]
pub struct PointerPath {
    moves: i32,
    path: u64,
    shortest: u64,
    speeds_px_s: Vec<u16>,
    presses: i32,
    kinds: i32,
    last: Option<Point>,
    start: Option<Point>,
}

#[derive(Clone, Copy, Debug)]
struct Point {
    x: f64,
    y: f64,
    at_ms: f64,
}

impl PointerPath {
    /// The pointer moved to a place in CSS pixels.
    pub fn move_to(&mut self, x: f64, y: f64, at_ms: f64) {
        let point = Point { x, y, at_ms };
        self.moves = self.moves.saturating_add(1);
        match self.last.filter(|last| at_ms - last.at_ms < PAUSE_MS) {
            Some(last) => {
                let way = last.distance(point);
                self.path = self.path.saturating_add(way);
                self.add_speed(way, at_ms - last.at_ms);
            }
            None => {
                self.end_stroke();
                self.start = Some(point);
            }
        }
        self.last = Some(point);
    }

    /// The pointer was pressed; `kind` is the event's `pointerType` (W3C Pointer Events).
    pub fn press(&mut self, kind: &str) {
        self.presses = self.presses.saturating_add(1);
        self.kinds |= match kind {
            "mouse" => 1,
            "touch" => 2,
            "pen" => 4,
            _ => 8,
        };
    }

    /// The numbers of the signal so far.
    pub fn ints(&self) -> Vec<i32> {
        let shortest = self.shortest.saturating_add(self.open_stroke());
        let percent = (shortest.saturating_mul(100)).checked_div(self.path);
        let px = self.path / 16;
        vec![
            self.moves,
            i32::try_from(px).unwrap_or(i32::MAX),
            percent.map_or(0, |percent| i32::try_from(percent.min(100)).unwrap_or(100)),
            median(&self.speeds_px_s).into(),
            spread(&self.speeds_px_s).into(),
            self.presses,
            self.kinds,
        ]
    }

    fn end_stroke(&mut self) {
        self.shortest = self.shortest.saturating_add(self.open_stroke());
        self.start = None;
    }

    fn open_stroke(&self) -> u64 {
        let ends = self.start.zip(self.last);
        ends.map_or(0, |(start, last)| start.distance(last))
    }

    fn add_speed(&mut self, way: u64, ms: f64) {
        // A browser may tell of two moves with one time.
        if self.speeds_px_s.len() < MOST_SAMPLES && ms > 0.0 {
            // The casts saturate; a way is far below 2^52.
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_precision_loss,
                clippy::cast_sign_loss
            )]
            self.speeds_px_s
                .push((way as f64 / PER_PX * 1_000.0 / ms) as u16);
        }
    }
}

impl Point {
    fn distance(self, other: Self) -> u64 {
        // The casts saturate far beyond any screen.
        #[allow(clippy::cast_possible_truncation)]
        let side = |from: f64, to: f64| u64::from((((to - from) * PER_PX) as i32).unsigned_abs());
        let (x, y) = (side(self.x, other.x), side(self.y, other.y));
        (x * x).saturating_add(y * y).isqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_way_is_straight_and_a_corner_is_not() {
        let mut straight = PointerPath::default();
        for step in 0..11 {
            straight.move_to(
                f64::from(step) * 3.0,
                f64::from(step) * 4.0,
                f64::from(step) * 10.0,
            );
        }
        assert_eq!(straight.ints(), [11, 50, 100, 500, 0, 0, 0]);

        let mut corner = PointerPath::default();
        for (x, y, at_ms) in [(0.0, 0.0, 0.0), (30.0, 0.0, 10.0), (30.0, 40.0, 20.0)] {
            corner.move_to(x, y, at_ms);
        }
        assert_eq!(corner.ints()[..3], [3, 70, 71]);
    }

    #[test]
    fn a_pause_ends_a_stroke() {
        let mut path = PointerPath::default();
        for (x, at_ms) in [
            (0.0, 0.0),
            (100.0, 50.0),
            (500.0, 5_000.0),
            (400.0, 5_050.0),
        ] {
            path.move_to(x, 0.0, at_ms);
        }
        // There and back again, but never turned within a stroke; the jump between counts for neither.
        assert_eq!(path.ints(), [4, 200, 100, 2000, 0, 0, 0]);
    }

    #[test]
    fn presses_and_their_kinds_are_counted_and_nothing_overflows() {
        let mut path = PointerPath::default();
        path.press("mouse");
        path.press("pen");
        path.press("mouse");
        for at in 0..300 {
            path.move_to(f64::MAX, f64::MIN, f64::from(at));
            path.move_to(f64::NAN, f64::MAX, f64::from(at));
        }
        assert_eq!(path.ints()[5..], [3, 5]);
        assert!(path.speeds_px_s.len() <= MOST_SAMPLES);
    }
}

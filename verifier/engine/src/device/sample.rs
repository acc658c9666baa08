//! How common values are, from a merchant's latest visits.

use super::{Component, Visit};

/// A merchant's latest visits, oldest forgotten first, so that what was common long ago no longer counts.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    visits: Vec<Visit>,
}

/// Visits that the shipped share of a component stands for, beside those that were counted.
const ASSUMED: f64 = 30.0;
/// Nothing is rarer than that, however few were counted.
const RAREST: f64 = 0.002;

impl Sample {
    /// Visits that a sample has at most.
    pub const MAX: usize = 256;

    /// Of visits, newest first.
    pub fn new(visits: impl IntoIterator<Item = Visit>) -> Self {
        Self {
            visits: visits.into_iter().take(Self::MAX).collect(),
        }
    }

    /// How many there are.
    pub fn len(&self) -> u32 {
        u32::try_from(self.visits.len()).unwrap_or(u32::MAX)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.visits.is_empty()
    }

    /// Share of visits with that value, smoothed by the shipped share.
    pub(super) fn share(&self, component: Component, digest: u32) -> f64 {
        let with = self
            .visits
            .iter()
            .filter(|visit| visit.digest(component) == Some(digest));
        let with = u32::try_from(with.count()).unwrap_or(u32::MAX);
        let assumed = ASSUMED * component.row().shared;
        let share = (f64::from(with) + assumed) / (f64::from(self.len()) + ASSUMED);
        share.clamp(RAREST, 0.99)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::Form;

    #[test]
    fn what_many_have_becomes_common_and_what_none_has_rare() {
        let visit = |digest| Visit {
            form: Form::Computer,
            browser_version: 0,
            digests: [digest; Component::COUNT],
        };
        let shipped = Sample::default().share(Component::Screen, 1);
        assert!((shipped - Component::Screen.row().shared).abs() < 1e-9);
        let sample = Sample::new((0..1_000).map(|n| visit(1 + n % 2)));
        assert_eq!(sample.len(), 256);
        assert!(sample.share(Component::Screen, 1) > 0.4);
        assert!(sample.share(Component::Screen, 3) < shipped / 5.0);
    }
}

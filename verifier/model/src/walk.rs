//! The walker: every tree of a forest, without a branch that depends on a row.
//!
//! A node is 8 bytes. A row lies twice in what is asked: with missing values above everything and below everything,
//! and a node names the one that sends a missing value where it belongs. A leaf leads to itself, so that each tree
//! takes as many steps as it is deep.

use crate::forest::{Forest, Node};

/// A forest laid out for walking.
#[derive(Clone, Debug)]
pub struct Walker {
    features: usize,
    base_margin: f64,
    trees: Vec<Place>,
    nodes: Vec<Step>,
    /// What is added at each node; only leaves' count.
    values: Vec<f32>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    first: u32,
    depth: u32,
}

#[derive(Clone, Copy, Debug)]
struct Step {
    threshold: f32,
    /// Place in a [`Row`].
    slot: u16,
    /// Place in the tree of the child for values below.
    left: u16,
}

/// A row as the walker asks it.
#[derive(Clone, Debug, Default)]
pub struct Row(Vec<f32>);

impl Row {
    /// Of values, in which NaN is a missing one.
    pub fn new(values: &[f32]) -> Self {
        let mut row = Self::default();
        row.fill(values);
        row
    }

    /// In place of what it held. An infinite value is a missing one too.
    pub fn fill(&mut self, values: &[f32]) {
        self.0.clear();
        let missing_as = |stand_in: f32| {
            move |value: &f32| match value.is_finite() {
                true => *value,
                false => stand_in,
            }
        };
        self.0.extend(values.iter().map(missing_as(f32::INFINITY)));
        self.0
            .extend(values.iter().map(missing_as(f32::NEG_INFINITY)));
    }
}

impl Row {
    /// The values, with missing ones above everything; then again, with missing ones below everything.
    pub(crate) fn slots(&self) -> &[f32] {
        &self.0
    }
}

impl Walker {
    /// Lays a forest out.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "a forest has fewer nodes and features"
    )]
    pub fn new(forest: &Forest) -> Self {
        let features = forest.features();
        let mut walker = Self {
            features,
            base_margin: forest.base_margin().into(),
            trees: Vec::with_capacity(forest.trees().len()),
            nodes: Vec::new(),
            values: Vec::new(),
        };
        for tree in forest.trees() {
            walker.trees.push(Place {
                first: walker.nodes.len() as u32,
                depth: tree.depth() as u32,
            });
            for (at, node) in tree.nodes().iter().enumerate() {
                walker.nodes.push(step(node, at as u16, features as u16));
                walker.values.push(node.value);
            }
        }
        walker
    }

    /// How many features a row has.
    pub const fn features(&self) -> usize {
        self.features
    }

    /// Log-odds of fraud.
    ///
    /// # Panics
    /// When the row is of another number of features.
    pub fn margin(&self, row: &Row) -> f64 {
        assert_eq!(row.0.len(), 2 * self.features, "a row of another model");
        let mut margin = self.base_margin;
        let mut fours = self.trees.chunks_exact(4);
        // Four at once: a step waits for the one before it, but not for other trees'.
        for four in &mut fours {
            let depth = four.iter().map(|tree| tree.depth).max().unwrap_or(0);
            let firsts = [four[0].first, four[1].first, four[2].first, four[3].first];
            let mut at = firsts.map(|first| first as usize);
            for _ in 0..depth {
                for (at, first) in at.iter_mut().zip(firsts) {
                    *at = self.next(*at, first as usize, row);
                }
            }
            for at in at {
                margin += f64::from(self.values[at]);
            }
        }
        for tree in fours.remainder() {
            let first = tree.first as usize;
            let at = (0..tree.depth).fold(first, |at, _| self.next(at, first, row));
            margin += f64::from(self.values[at]);
        }
        margin
    }

    #[inline(always)]
    #[allow(clippy::inline_always, reason = "a step of the innermost loop")]
    fn next(&self, at: usize, first: usize, row: &Row) -> usize {
        let step = self.nodes[at];
        let is_right = row.0[usize::from(step.slot)] >= step.threshold;
        first + usize::from(step.left) + usize::from(is_right)
    }
}

fn step(node: &Node, at: u16, features: u16) -> Step {
    match node.is_leaf() {
        // Nothing in the second half of a row is so high.
        true => Step {
            threshold: f32::INFINITY,
            slot: features,
            left: at,
        },
        false => Step {
            threshold: node.threshold,
            slot: node.feature + if node.default_left { features } else { 0 },
            left: node.left,
        },
    }
}

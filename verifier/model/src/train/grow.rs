//! One tree at a time, breadth first.

use std::ops::{Add, AddAssign, Sub};

use super::{
    Settings,
    bins::{Bins, MISSING},
    split::{Bounds, Search, Split, weight},
};
use crate::{
    error::ModelError,
    forest::{MAX_TREE_NODES, Node, Tree},
    random::Random,
};

/// A row's derivatives of the loss, or a sum of several rows'.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Gradient {
    pub(super) first: f64,
    pub(super) second: f64,
}

impl Add for Gradient {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl AddAssign for Gradient {
    fn add_assign(&mut self, other: Self) {
        self.first += other.first;
        self.second += other.second;
    }
}

impl Sub for Gradient {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            first: self.first - other.first,
            second: self.second - other.second,
        }
    }
}

/// Grows trees on the rows of one table.
pub(super) struct Grower<'a> {
    bins: &'a Bins,
    columns: &'a [Vec<f32>],
    settings: &'a Settings,
    /// Where the sums of each feature begin in a node's; the last one is missing values'.
    starts: Vec<usize>,
    /// Sums that are not in use.
    spare: Vec<Vec<Gradient>>,
}

/// A node whose answer or question is not decided yet.
struct Open {
    at: usize,
    depth: u8,
    /// Where its rows lie.
    rows: std::ops::Range<usize>,
    sum: Gradient,
    bounds: Bounds,
    sums: Vec<Gradient>,
}

impl<'a> Grower<'a> {
    pub(super) fn new(bins: &'a Bins, columns: &'a [Vec<f32>], settings: &'a Settings) -> Self {
        let mut starts = vec![0];
        for feature in 0..columns.len() {
            starts.push(starts[feature] + bins.count(feature) + 1);
        }
        Self {
            bins,
            columns,
            settings,
            starts,
            spare: Vec::new(),
        }
    }

    /// Grows a tree on rows and features that are drawn, and adds its answers to the margins of all rows.
    pub(super) fn grow(
        &mut self,
        gradients: &[Gradient],
        margins: &mut [f64],
        random: &mut Random,
    ) -> Result<Tree, ModelError> {
        let settings = self.settings;
        let mut rows = drawn(gradients.len(), settings.row_share, random);
        let features = drawn(self.columns.len(), settings.feature_share, random);
        let sum = rows.iter().fold(Gradient::default(), |sum, row| {
            sum + gradients[*row as usize]
        });
        let sums = self.sums(&rows, &features, gradients);
        let mut nodes = vec![Node::leaf(0.0, 0.0)];
        let mut level = vec![Open {
            at: 0,
            depth: 0,
            rows: 0..rows.len(),
            sum,
            bounds: Bounds::NONE,
            sums,
        }];
        while !level.is_empty() {
            let mut next = Vec::new();
            for open in level {
                let found = self
                    .best(&open, &features)
                    .filter(|_| nodes.len() + 2 <= MAX_TREE_NODES);
                let Some(split) = found else {
                    nodes[open.at] = self.leaf(&open);
                    self.spare.push(open.sums);
                    continue;
                };
                let left = nodes.len();
                nodes[open.at] = self.question(&split, left, open.sum);
                nodes.extend([Node::leaf(0.0, 0.0); 2]);
                next.extend(self.divide(open, &split, left, (&mut rows, &features), gradients));
            }
            level = next;
        }
        let tree = Tree::new(nodes, self.columns.len())?;
        for (row, margin) in margins.iter_mut().enumerate() {
            *margin += f64::from(self.answer(&tree, row));
        }
        Ok(tree)
    }

    fn best(&self, open: &Open, features: &[u32]) -> Option<Split> {
        if open.depth == self.settings.depth {
            return None;
        }
        let mut search = Search::new(self.settings, open.sum, open.bounds);
        for feature in features {
            let feature = *feature as usize;
            let sums = &open.sums[self.starts[feature]..self.starts[feature + 1]];
            if let Some((missing, bins)) = sums.split_last() {
                search.try_feature(feature, bins, *missing);
            }
        }
        search.best
    }

    #[allow(
        clippy::cast_possible_truncation,
        reason = "an answer and a cover, not exact ones"
    )]
    fn leaf(&self, open: &Open) -> Node {
        let answer = weight(open.sum, open.bounds, self.settings) * self.settings.learning_rate;
        Node::leaf(answer as f32, open.sum.second as f32)
    }

    #[allow(
        clippy::cast_possible_truncation,
        reason = "bounded by a tree's nodes and features"
    )]
    fn question(&self, split: &Split, left: usize, sum: Gradient) -> Node {
        let cuts = &self.bins.cuts[split.feature];
        Node {
            left: left as u16,
            feature: split.feature as u16,
            // Beyond the last bin: everything that is there goes left.
            threshold: cuts.get(split.bin).copied().unwrap_or(f32::MAX),
            default_left: split.default_left,
            value: 0.0,
            cover: sum.second as f32,
        }
    }

    /// Divides a node's rows, and sums up the smaller half; the other one is the rest.
    fn divide(
        &mut self,
        open: Open,
        split: &Split,
        left: usize,
        (rows, features): (&mut [u32], &[u32]),
        gradients: &[Gradient],
    ) -> [Open; 2] {
        let bins = &self.bins.of_rows[split.feature];
        let goes_left = |row: u32| match bins[row as usize] {
            MISSING => split.default_left,
            bin => usize::from(bin) <= split.bin,
        };
        let own = &mut rows[open.rows.clone()];
        let (lefts, rights): (Vec<u32>, Vec<u32>) = own.iter().partition(|row| goes_left(**row));
        own[..lefts.len()].copy_from_slice(&lefts);
        own[lefts.len()..].copy_from_slice(&rights);
        let is_last = open.depth + 1 == self.settings.depth;
        let (less, mut rest) = (lefts.len() <= rights.len(), open.sums);
        let mut fewer = Vec::new();
        if is_last {
            // Nothing more is asked.
            self.spare.push(std::mem::take(&mut rest));
        } else {
            fewer = self.sums(if less { &lefts } else { &rights }, features, gradients);
            for feature in features {
                let feature = *feature as usize;
                let range = self.starts[feature]..self.starts[feature + 1];
                for (rest, fewer) in rest[range.clone()].iter_mut().zip(&fewer[range]) {
                    *rest = subtract(*rest, *fewer);
                }
            }
        }
        let sums = if less { [fewer, rest] } else { [rest, fewer] };
        let constraint = self
            .settings
            .monotone
            .get(split.feature)
            .copied()
            .unwrap_or(0);
        let bounds = open.bounds.of_children(split, constraint, self.settings);
        let middle = open.rows.start + lefts.len();
        let ranges = [open.rows.start..middle, middle..open.rows.end];
        let [first, second] = sums;
        let child = |at: usize, rows, sum, bounds, sums| Open {
            at,
            depth: open.depth + 1,
            rows,
            sum,
            bounds,
            sums,
        };
        let [left_rows, right_rows] = ranges;
        [
            child(left, left_rows, split.left, bounds[0], first),
            child(left + 1, right_rows, split.right, bounds[1], second),
        ]
    }

    /// Sums of the gradients of rows, by feature and bin.
    fn sums(&mut self, rows: &[u32], features: &[u32], gradients: &[Gradient]) -> Vec<Gradient> {
        let length = self.starts.last().copied().unwrap_or(0);
        let mut sums = self.spare.pop().unwrap_or_default();
        sums.clear();
        sums.resize(length, Gradient::default());
        let own: Vec<Gradient> = rows.iter().map(|row| gradients[*row as usize]).collect();
        for feature in features {
            let feature = *feature as usize;
            let of_rows = &self.bins.of_rows[feature];
            let sums = &mut sums[self.starts[feature]..self.starts[feature + 1]];
            let missing = sums.len() - 1;
            for (row, gradient) in rows.iter().zip(&own) {
                let bin = usize::from(of_rows[*row as usize]).min(missing);
                sums[bin] += *gradient;
            }
        }
        sums
    }

    fn answer(&self, tree: &Tree, row: usize) -> f32 {
        let mut at = 0;
        loop {
            let node = &tree.nodes()[at];
            if node.is_leaf() {
                return node.value;
            }
            let value = self.columns[usize::from(node.feature)][row];
            let is_left = if value.is_nan() {
                node.default_left
            } else {
                value < node.threshold
            };
            at = usize::from(node.left) + usize::from(!is_left);
        }
    }
}

/// What is left of a bin's sum; nothing, where only rounding is left.
fn subtract(sum: Gradient, part: Gradient) -> Gradient {
    let rest = sum - part;
    match rest.second > sum.second * 1e-9 {
        true => rest,
        false => Gradient::default(),
    }
}

/// A share of the numbers up to `count`, at least one, in their order.
#[allow(clippy::cast_possible_truncation, reason = "rows are bounded")]
fn drawn(count: usize, share: f64, random: &mut Random) -> Vec<u32> {
    let count = count as u32;
    if share >= 1.0 {
        return (0..count).collect();
    }
    let mut drawn: Vec<u32> = (0..count).filter(|_| random.chance(share)).collect();
    if drawn.is_empty() {
        drawn.push(random.below(count as usize) as u32);
    }
    drawn
}

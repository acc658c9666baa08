//! How much each feature moved a row's log-odds: exact Shapley values of the trees with their covers as background
//! (Lundberg, Erion, Lee: Consistent Individualized Feature Attribution for Tree Ensembles, 2018).
//!
//! For one leaf with value v, the Shapley value of a feature j on its path is the integral over t in [0, 1] of
//! `v (o_j - z_j) prod_{i != j} (t o_i + (1 - t) z_i)`: the multilinear extension's derivative (Owen, 1972), where o
//! is 1 if the row answers the path's questions about the feature as the path does, and z is the share of the training
//! data that does. The integrand is a polynomial of lower degree than the path has features, so that Gauss and
//! Legendre's rule with n points is exact for up to 2n of them: no recursion over subsets, and no error but
//! rounding. Sums of leaves are gathered from the bottom up, each edge once (as Linear `TreeSHAP` does: Yu et al., 2022).

use crate::{
    forest::{Forest, Node, Tree},
    walk::Row,
};

/// Points of the rule that is exact for paths of up to 8 features, and of up to 16.
const FEW: usize = 4;
const MANY: usize = 8;

/// A forest laid out for explaining.
#[derive(Clone, Debug)]
pub struct Explainer {
    features: usize,
    expected: f64,
    layout: Layout,
}

#[derive(Clone, Debug)]
enum Layout {
    Few(Trees<FEW>),
    Many(Trees<MANY>),
}

/// Questions of all trees, without their leaves.
#[derive(Clone, Debug)]
struct Trees<const N: usize> {
    /// Where each tree ends.
    ends: Vec<usize>,
    questions: Vec<Question>,
    /// For each question: the row goes left, goes right, or did not get by an earlier question on the same feature.
    cases: Vec<[Case<N>; 3]>,
    /// Questions of the largest tree.
    widest: usize,
}

#[derive(Clone, Copy, Debug)]
struct Question {
    threshold: f32,
    /// Place in a [`Row`].
    slot: u16,
    feature: u16,
    /// The last question above on the same feature, in its tree; the place behind the last one, if there is none.
    former: u16,
    /// To which side the path left that.
    former_side: u8,
    /// Questions below, in their tree; [`LEAF`] where there is none.
    children: [u16; 2],
}

const LEAF: u16 = u16::MAX;
/// The case of a row that did not get by an earlier question.
const STRAYED: u8 = 2;

/// By side.
#[derive(Clone, Copy, Debug)]
struct Case<const N: usize> {
    /// By which the product over the path changes at each point; for a leaf times its value.
    factor: [[f32; N]; 2],
    /// What a sum of leaves' products counts for the feature, less what it counts by the former question; for a leaf what
    /// the product above it counts.
    weight: [[f32; N]; 2],
}

/// What explaining needs room for; kept from one row to the next.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    row: Row,
    few: Room<FEW>,
    many: Room<MANY>,
}

#[derive(Clone, Debug, Default)]
struct Room<const N: usize> {
    products: Vec<Points<N>>,
    sums: Vec<Points<N>>,
    sides: Vec<u8>,
    /// By feature.
    counted: Vec<Points<N>>,
}

#[derive(Clone, Copy, Debug)]
struct Points<const N: usize>([f32; N]);

impl<const N: usize> Default for Points<N> {
    fn default() -> Self {
        Self([0.0; N])
    }
}

impl Explainer {
    /// Lays a forest out.
    pub fn new(forest: &Forest) -> Self {
        let depth = forest.trees().iter().map(Tree::depth).max().unwrap_or(0);
        let layout = if depth <= 2 * FEW {
            Layout::Few(Trees::new(forest))
        } else {
            Layout::Many(Trees::new(forest))
        };
        let expected: f64 = forest.trees().iter().map(expected).sum();
        Self {
            features: forest.features(),
            expected: expected + f64::from(forest.base_margin()),
            layout,
        }
    }

    /// The mean log-odds, from which contributions lead to a row's.
    pub const fn expected(&self) -> f64 {
        self.expected
    }

    /// Contribution of each feature to the log-odds of a row, in which NaN is a missing value. Together with
    /// [`Explainer::expected`] they are the row's log-odds.
    ///
    /// # Panics
    /// When the row is of another number of features.
    pub fn contributions(&self, row: &[f32], scratch: &mut Scratch) -> Vec<f32> {
        assert_eq!(row.len(), self.features, "a row of another model");
        let Scratch {
            row: slots,
            few,
            many,
        } = scratch;
        slots.fill(row);
        match &self.layout {
            Layout::Few(trees) => trees.contributions(slots.slots(), self.features, few),
            Layout::Many(trees) => trees.contributions(slots.slots(), self.features, many),
        }
    }
}

/// The `count` largest contributions by amount, largest first: feature and contribution. Those of nothing are left out.
pub fn largest(contributions: &[f32], count: usize) -> Vec<(usize, f32)> {
    let mut all: Vec<(usize, f32)> = contributions.iter().copied().enumerate().collect();
    all.retain(|(_, contribution)| *contribution != 0.0);
    // The sort is stable: equal ones stay in the features' order.
    all.sort_by(|one, other| other.1.abs().total_cmp(&one.1.abs()));
    all.truncate(count);
    all
}

fn expected(tree: &Tree) -> f64 {
    let nodes = tree.nodes();
    let mut shares = vec![1.0; nodes.len()];
    let mut sum = 0.0;
    for (at, node) in nodes.iter().enumerate() {
        if node.is_leaf() {
            sum += shares[at] * f64::from(node.value);
            continue;
        }
        for child in children(node) {
            shares[child] = shares[at] * tree.share(node, child);
        }
    }
    sum
}

fn children(node: &Node) -> [usize; 2] {
    [usize::from(node.left), usize::from(node.left) + 1]
}

/// An edge of a path: the feature, the share of the training data that answers the path's questions about it, and the
/// question and side that it leaves.
#[derive(Clone, Copy)]
struct Edge {
    feature: u16,
    share: f64,
    question: u16,
    side: u8,
}

impl<const N: usize> Trees<N> {
    fn new(forest: &Forest) -> Self {
        let rule = rule::<N>();
        let mut trees = Self {
            ends: Vec::new(),
            questions: Vec::new(),
            cases: Vec::new(),
            widest: 0,
        };
        for tree in forest.trees() {
            let first = trees.questions.len();
            trees.lay_out(tree, forest.features(), &rule);
            let end = trees.questions.len();
            trees.widest = trees.widest.max(end - first);
            trees.ends.push(end);
        }
        trees
    }

    #[allow(
        clippy::cast_possible_truncation,
        reason = "a tree has fewer nodes, a forest fewer features"
    )]
    fn lay_out(&mut self, tree: &Tree, features: usize, rule: &[(f64, f64); N]) {
        let nodes = tree.nodes();
        // The number of each question among the questions.
        let mut count = 0;
        let numbers: Vec<u16> = nodes
            .iter()
            .map(|node| match node.is_leaf() {
                true => LEAF,
                false => {
                    count += 1;
                    count - 1
                }
            })
            .collect();
        let mut above: Vec<Vec<Edge>> = vec![Vec::new(); nodes.len()];
        for (at, node) in nodes.iter().enumerate().filter(|(_, node)| !node.is_leaf()) {
            let path = std::mem::take(&mut above[at]);
            let former = path.iter().rfind(|edge| edge.feature == node.feature);
            let former_share = former.map_or(1.0, |edge| edge.share);
            let below = children(node);
            let steps = below.map(|child| tree.share(node, child));
            for (side, child) in below.into_iter().enumerate() {
                let mut path = path.clone();
                path.push(Edge {
                    feature: node.feature,
                    share: former_share * steps[side],
                    question: numbers[at],
                    side: side as u8,
                });
                above[child] = path;
            }
            let leaves = below.map(|child| nodes[child].is_leaf().then_some(nodes[child].value));
            self.cases.push(cases(rule, former_share, steps, leaves));
            self.questions.push(Question {
                threshold: node.threshold,
                slot: node.feature
                    + if node.default_left {
                        features as u16
                    } else {
                        0
                    },
                feature: node.feature,
                former: former.map_or(count, |edge| edge.question),
                former_side: former.map_or(0, |edge| edge.side),
                children: below.map(|child| numbers[child]),
            });
        }
    }

    fn contributions(&self, slots: &[f32], features: usize, room: &mut Room<N>) -> Vec<f32> {
        room.products.resize(self.widest.max(1), Points::default());
        room.sums.resize(self.widest, Points::default());
        room.sides.resize(self.widest + 1, 0);
        room.counted.clear();
        room.counted.resize(features, Points::default());
        let mut first = 0;
        for end in &self.ends {
            let questions = &self.questions[first..*end];
            let cases = &self.cases[first..*end];
            descend(questions, cases, slots, room);
            ascend(questions, cases, room);
            first = *end;
        }
        room.counted
            .iter()
            .map(|points| points.0.iter().sum())
            .collect()
    }
}

/// From the root down: to which side the row goes, and the product over the path.
fn descend<const N: usize>(
    questions: &[Question],
    cases: &[[Case<N>; 3]],
    slots: &[f32],
    room: &mut Room<N>,
) {
    let products = &mut room.products[..];
    let sides = &mut room.sides[..=questions.len()];
    products[0] = Points([1.0; N]);
    // Where there is no former question, every row got by it.
    sides[questions.len()] = 0;
    for (at, (question, cases)) in questions.iter().zip(cases).enumerate() {
        let is_right = slots[usize::from(question.slot)] >= question.threshold;
        let got_by = sides[usize::from(question.former)] == question.former_side;
        let side = if got_by { u8::from(is_right) } else { STRAYED };
        sides[at] = side;
        let factor = &cases[usize::from(side)].factor;
        let product = products[at].0;
        for (child, factor) in question.children.iter().zip(factor) {
            if *child != LEAF {
                products[usize::from(*child)] = Points(times(product, *factor));
            }
        }
    }
}

/// From the leaves up: sums of the leaves below each question, and what they count.
fn ascend<const N: usize>(questions: &[Question], cases: &[[Case<N>; 3]], room: &mut Room<N>) {
    let sums = &mut room.sums[..];
    for (at, (question, cases)) in questions.iter().zip(cases).enumerate().rev() {
        let case = &cases[usize::from(room.sides[at])];
        let product = room.products[at].0;
        let mut sum = [0.0; N];
        let mut counted = room.counted[usize::from(question.feature)].0;
        for (side, child) in question.children.iter().enumerate() {
            if *child == LEAF {
                sum = plus(sum, times(product, case.factor[side]));
                counted = plus(counted, times(product, case.weight[side]));
            } else {
                let below = sums[usize::from(*child)].0;
                sum = plus(sum, below);
                counted = plus(counted, times(below, case.weight[side]));
            }
        }
        room.counted[usize::from(question.feature)] = Points(counted);
        sums[at] = Points(sum);
    }
}

fn times<const N: usize>(one: [f32; N], other: [f32; N]) -> [f32; N] {
    std::array::from_fn(|at| one[at] * other[at])
}

fn plus<const N: usize>(one: [f32; N], other: [f32; N]) -> [f32; N] {
    std::array::from_fn(|at| one[at] + other[at])
}

/// A question's cases, from the share of the former edge, its own steps, and the values of the leaves below it.
fn cases<const N: usize>(
    rule: &[(f64, f64); N],
    former: f64,
    steps: [f64; 2],
    leaves: [Option<f32>; 2],
) -> [Case<N>; 3] {
    // To which side the row goes; to none, if it strayed before.
    [Some(0), Some(1), None].map(|goes: Option<usize>| {
        let of = |side: usize| {
            let holds = goes == Some(side);
            let (factor, weight) = weigh(rule, former, steps[side], goes.is_some(), holds);
            match leaves[side] {
                None => (factor, weight),
                Some(value) => {
                    let factor = factor.map(|factor| factor * value);
                    (factor, times(factor, weight))
                }
            }
        };
        let [left, right] = [of(0), of(1)];
        Case {
            factor: [left.0, right.0],
            weight: [left.1, right.1],
        }
    })
}

/// An edge's factors and weights: whether the row got by the former edge, and by this one.
#[allow(clippy::cast_possible_truncation, reason = "weights, not exact ones")]
fn weigh<const N: usize>(
    rule: &[(f64, f64); N],
    former: f64,
    step: f64,
    got_by: bool,
    holds: bool,
) -> ([f32; N], [f32; N]) {
    let share = former * step;
    let whole = |t: f64, share: f64| t + (1.0 - t) * share;
    let counted = |t: f64, weight: f64, share: f64| weight * (1.0 - share) / whole(t, share);
    let of = |(t, weight): (f64, f64)| match (got_by, holds) {
        (true, true) => (
            whole(t, share) / whole(t, former),
            counted(t, weight, share) - counted(t, weight, former),
        ),
        (true, false) => (
            (1.0 - t) * share / whole(t, former),
            -weight / (1.0 - t) - counted(t, weight, former),
        ),
        (false, _) => (step, 0.0),
    };
    (
        rule.map(|point| of(point).0 as f32),
        rule.map(|point| of(point).1 as f32),
    )
}

/// Points and weights of Gauss and Legendre's rule on [0, 1], by Newton's method on the polynomial's roots.
#[allow(clippy::cast_precision_loss, reason = "N is 4 or 8")]
fn rule<const N: usize>() -> [(f64, f64); N] {
    let n = N as f64;
    std::array::from_fn(|at| {
        let mut x = (std::f64::consts::PI * (at as f64 + 0.75) / (n + 0.5)).cos();
        let mut slope = 1.0;
        for _ in 0..32 {
            let (mut last, mut value) = (1.0, x);
            for k in 2..=N {
                let k = k as f64;
                (last, value) = (value, ((2.0 * k - 1.0) * x * value - (k - 1.0) * last) / k);
            }
            slope = n * (x * value - last) / (x * x - 1.0);
            x -= value / slope;
        }
        ((1.0 - x) / 2.0, 1.0 / ((1.0 - x * x) * slope * slope))
    })
}

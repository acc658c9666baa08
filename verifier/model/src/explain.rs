//! How much each feature moved a row's log-odds: exact Shapley values of the trees with their covers as background
//! (Lundberg, Erion, Lee: Consistent Individualized Feature Attribution for Tree Ensembles, 2018).
//!
//! For one leaf with value v, the Shapley value of a feature j on its path is the integral over t in [0, 1] of
//! `v (o_j - z_j) prod_{i != j} (t o_i + (1 - t) z_i)`: the multilinear extension's derivative (Owen, 1972), where o
//! is 1 if the row answers the path's questions about the feature as the path does, and z is the share of the training
//! data that does. The integrand is a polynomial of lower degree than the path has features, so that Gauss and
//! Legendre's rule with n points is exact for up to 2n of them: no recursion over subsets, and no error but
//! rounding. Sums of leaves are gathered from the bottom up, each edge once (as Linear `TreeSHAP` does: Yu et al., 2022).

use crate::forest::{Forest, Node, Tree};

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
    Few(Edges<FEW>),
    Many(Edges<MANY>),
}

#[derive(Clone, Debug)]
struct Edges<const N: usize> {
    /// Where each tree ends.
    ends: Vec<usize>,
    /// One for each node, that of the edge which leads to it; a root has one that changes nothing.
    all: Vec<Edge<N>>,
    /// Nodes of the largest tree.
    widest: usize,
}

#[derive(Clone, Debug)]
struct Edge<const N: usize> {
    /// The node above, in its tree.
    parent: u16,
    /// The node that the last edge above with the same feature leads to; the root, if there is none.
    former: u16,
    feature: u16,
    is_right: bool,
    default_left: bool,
    is_leaf: bool,
    threshold: f32,
    value: f32,
    /// By which the product over the path changes, at each point: (o of the former edge, o of this one) is (1, 1),
    /// (1, 0) or (0, 0).
    factor: [[f32; N]; 3],
    /// What a leaf's product below counts for the feature, less what it counts by the former edge.
    weight: [[f32; N]; 3],
}

/// What explaining needs room for; kept from one row to the next.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    few: Room<FEW>,
    many: Room<MANY>,
}

#[derive(Clone, Debug, Default)]
struct Room<const N: usize> {
    products: Vec<Points<N>>,
    sums: Vec<Points<N>>,
    holds: Vec<bool>,
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
            Layout::Few(Edges::new(forest))
        } else {
            Layout::Many(Edges::new(forest))
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
        let mut contributions = vec![0.0; self.features];
        match &self.layout {
            Layout::Few(edges) => edges.add(row, &mut scratch.few, &mut contributions),
            Layout::Many(edges) => edges.add(row, &mut scratch.many, &mut contributions),
        }
        contributions
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

impl<const N: usize> Edges<N> {
    fn new(forest: &Forest) -> Self {
        let rule = rule::<N>();
        let mut laid_out = Self {
            ends: Vec::new(),
            all: Vec::new(),
            widest: 0,
        };
        for tree in forest.trees() {
            laid_out.lay_out(tree, &rule);
            laid_out.widest = laid_out.widest.max(tree.nodes().len());
            laid_out.ends.push(laid_out.all.len());
        }
        laid_out
    }

    #[allow(clippy::cast_possible_truncation, reason = "a tree has fewer nodes")]
    fn lay_out(&mut self, tree: &Tree, rule: &[(f64, f64); N]) {
        let nodes = tree.nodes();
        let first = self.all.len();
        // For each node the feature and the share of the edges above it, the nearest one last.
        let mut above: Vec<Vec<(u16, f64, u16)>> = vec![Vec::new(); nodes.len()];
        self.all.push(Edge {
            parent: 0,
            former: 0,
            feature: 0,
            is_right: false,
            default_left: false,
            is_leaf: nodes[0].is_leaf(),
            threshold: 0.0,
            value: nodes[0].value,
            factor: [[1.0; N]; 3],
            weight: [[0.0; N]; 3],
        });
        for (at, node) in nodes.iter().enumerate().filter(|(_, node)| !node.is_leaf()) {
            for child in children(node) {
                let former = above[at].iter().rfind(|edge| edge.0 == node.feature);
                let (former_share, former) = former.map_or((1.0, 0), |edge| (edge.1, edge.2));
                let step = tree.share(node, child);
                let share = former_share * step;
                let mut path = above[at].clone();
                path.push((node.feature, share, child as u16));
                above[child] = path;
                let (factor, weight) = weigh(rule, former_share, step);
                self.all.push(Edge {
                    parent: at as u16,
                    former,
                    feature: node.feature,
                    is_right: child != usize::from(node.left),
                    default_left: node.default_left,
                    is_leaf: nodes[child].is_leaf(),
                    threshold: node.threshold,
                    value: nodes[child].value,
                    factor,
                    weight,
                });
            }
        }
        debug_assert_eq!(self.all.len() - first, nodes.len());
    }

    fn add(&self, row: &[f32], room: &mut Room<N>, contributions: &mut [f32]) {
        room.products.resize(self.widest, Points::default());
        room.sums.resize(self.widest, Points::default());
        room.holds.resize(self.widest, false);
        let mut first = 0;
        for end in &self.ends {
            let edges = &self.all[first..*end];
            let products = &mut room.products[..edges.len()];
            let sums = &mut room.sums[..edges.len()];
            let holds = &mut room.holds[..edges.len()];
            descend(edges, row, products, holds);
            ascend(edges, products, sums, holds, contributions);
            first = *end;
        }
    }
}

/// From the root down: whether the row answers as the path does, and the product over it.
fn descend<const N: usize>(
    edges: &[Edge<N>],
    row: &[f32],
    products: &mut [Points<N>],
    holds: &mut [bool],
) {
    products[0] = Points([1.0; N]);
    holds[0] = true;
    for (at, edge) in edges.iter().enumerate().skip(1) {
        let value = row[usize::from(edge.feature)];
        let is_right = if value.is_finite() {
            value >= edge.threshold
        } else {
            !edge.default_left
        };
        let former = holds[usize::from(edge.former)];
        let hold = former && is_right == edge.is_right;
        holds[at] = hold;
        let factor = &edge.factor[case(former, hold)];
        let above = products[usize::from(edge.parent)].0;
        for ((product, above), factor) in products[at].0.iter_mut().zip(above).zip(factor) {
            *product = above * factor;
        }
    }
}

/// From the leaves up: sums of the leaves below each edge, and what they count.
fn ascend<const N: usize>(
    edges: &[Edge<N>],
    products: &[Points<N>],
    sums: &mut [Points<N>],
    holds: &[bool],
    contributions: &mut [f32],
) {
    for (at, edge) in edges.iter().enumerate() {
        sums[at] = match edge.is_leaf {
            true => Points(products[at].0.map(|product| product * edge.value)),
            false => Points::default(),
        };
    }
    for (at, edge) in edges.iter().enumerate().skip(1).rev() {
        let below = sums[at].0;
        let weight = &edge.weight[case(holds[usize::from(edge.former)], holds[at])];
        let counted = below.iter().zip(weight).map(|(sum, weight)| sum * weight);
        contributions[usize::from(edge.feature)] += counted.sum::<f32>();
        for (sum, below) in sums[usize::from(edge.parent)].0.iter_mut().zip(below) {
            *sum += below;
        }
    }
}

fn case(former: bool, hold: bool) -> usize {
    2 - usize::from(former) - usize::from(hold)
}

/// An edge's factors and weights, from the share of the former edge and this edge's own step.
#[allow(clippy::cast_possible_truncation, reason = "weights, not exact ones")]
fn weigh<const N: usize>(
    rule: &[(f64, f64); N],
    former: f64,
    step: f64,
) -> ([[f32; N]; 3], [[f32; N]; 3]) {
    let share = former * step;
    let at = |f: &dyn Fn(f64, f64) -> f64| rule.map(|(point, weight)| f(point, weight) as f32);
    let whole = |t: f64, share: f64| t + (1.0 - t) * share;
    let counted = |t: f64, weight: f64, share: f64| weight * (1.0 - share) / whole(t, share);
    let against = |t: f64, weight: f64| -weight / (1.0 - t);
    let factor = [
        at(&|t, _| whole(t, share) / whole(t, former)),
        at(&|t, _| (1.0 - t) * share / whole(t, former)),
        at(&|_, _| step),
    ];
    let weight = [
        at(&|t, weight| counted(t, weight, share) - counted(t, weight, former)),
        at(&|t, weight| against(t, weight) - counted(t, weight, former)),
        [0.0; N],
    ];
    (factor, weight)
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

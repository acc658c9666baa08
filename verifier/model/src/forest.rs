//! Trees: what training and import make, and everything else reads.

use crate::error::{ModelError, refuse};

/// Features that a model may have.
pub const MAX_FEATURES: usize = 512;
/// Trees that a model may have.
pub const MAX_TREES: usize = 4_096;
/// Nodes that all trees of a model may have together.
pub const MAX_NODES: usize = 1 << 20;
/// Nodes of one tree: a place in it is 16 bits.
pub const MAX_TREE_NODES: usize = u16::MAX as usize;
/// Questions from a root to a leaf.
pub const MAX_DEPTH: usize = 16;

/// Where a tree asks, or what it answers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Node {
    /// The left child's place in the tree, the right one's is one more; 0 in a leaf.
    pub left: u16,
    /// Which feature is asked for.
    pub feature: u16,
    /// A value below it goes left.
    pub threshold: f32,
    /// Where a missing value goes.
    pub default_left: bool,
    /// What a leaf adds to the margin, in log-odds.
    pub value: f32,
    /// How much of the training data (sum of hessians, or of weights) came by.
    pub cover: f32,
}

impl Node {
    /// An answer.
    pub const fn leaf(value: f32, cover: f32) -> Self {
        Self {
            left: 0,
            feature: 0,
            threshold: 0.0,
            default_left: false,
            value,
            cover,
        }
    }

    /// Whether it is an answer.
    pub const fn is_leaf(&self) -> bool {
        self.left == 0
    }
}

/// One tree, breadth first: the root is at 0, and the children of the first node that has any are at 1 and 2, of
/// the next at 3 and 4. That order is the only one, so there can be neither cycles nor strays.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    nodes: Vec<Node>,
    depth: usize,
}

/// Trees whose answers are added up.
#[derive(Clone, Debug, PartialEq)]
pub struct Forest {
    features: usize,
    base_margin: f32,
    trees: Vec<Tree>,
}

impl Tree {
    /// Checks nodes.
    ///
    /// # Errors
    /// When they are no tree in the order above, too many or too deep, or a number is not finite.
    pub fn new(nodes: Vec<Node>, features: usize) -> Result<Self, ModelError> {
        if nodes.is_empty() || nodes.len() > MAX_TREE_NODES {
            return refuse(format!(
                "a tree has {} nodes; it may have 1 to {MAX_TREE_NODES}",
                nodes.len()
            ));
        }
        let mut depths = vec![0_usize; nodes.len()];
        let mut next = 1;
        for (at, node) in nodes.iter().enumerate() {
            let numbers = [node.threshold, node.value, node.cover];
            if numbers.iter().any(|number| !number.is_finite()) || node.cover < 0.0 {
                return refuse(format!("node {at} has a number that is not finite"));
            }
            if node.is_leaf() {
                continue;
            }
            if usize::from(node.feature) >= features {
                return refuse(format!("node {at} asks for a feature that is not there"));
            }
            let left = usize::from(node.left);
            if left != next || left + 1 >= nodes.len() {
                return refuse(format!("node {at} has a child where none can be"));
            }
            depths[left] = depths[at] + 1;
            depths[left + 1] = depths[left];
            next += 2;
        }
        if next != nodes.len() {
            return refuse("a tree has nodes that no path leads to");
        }
        let depth = depths.into_iter().max().unwrap_or(0);
        if depth > MAX_DEPTH {
            return refuse(format!("a tree is {depth} deep; {MAX_DEPTH} is the limit"));
        }
        Ok(Self { nodes, depth })
    }

    /// The nodes, breadth first.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Questions from the root to the farthest leaf.
    pub const fn depth(&self) -> usize {
        self.depth
    }

    /// The leaf's value for a row, in which NaN is a missing value: node by node, as a definition; the walker is
    /// faster.
    pub fn value(&self, row: &[f32]) -> f32 {
        let mut at = 0;
        loop {
            let node = &self.nodes[at];
            if node.is_leaf() {
                return node.value;
            }
            let value = row[usize::from(node.feature)];
            let goes_left = if value.is_nan() {
                node.default_left
            } else {
                value < node.threshold
            };
            at = usize::from(node.left) + usize::from(!goes_left);
        }
    }

    /// Share of what comes to the parent of this node that goes on to it.
    pub(crate) fn share(&self, parent: &Node, at: usize) -> f64 {
        let left = usize::from(parent.left);
        let [left, right] = [left, left + 1].map(|child| f64::from(self.nodes[child].cover));
        match left + right {
            0.0 => 0.5,
            sum if at == usize::from(parent.left) => left / sum,
            sum => right / sum,
        }
    }
}

impl Forest {
    /// Puts trees together.
    ///
    /// # Errors
    /// When there are too many features, trees or nodes, or the base margin is not finite.
    pub fn new(features: usize, base_margin: f32, trees: Vec<Tree>) -> Result<Self, ModelError> {
        if features == 0 || features > MAX_FEATURES {
            return refuse(format!(
                "there are {features} features; there may be 1 to {MAX_FEATURES}"
            ));
        }
        if trees.is_empty() || trees.len() > MAX_TREES {
            let count = trees.len();
            return refuse(format!(
                "there are {count} trees; there may be 1 to {MAX_TREES}"
            ));
        }
        if trees.iter().map(|tree| tree.nodes.len()).sum::<usize>() > MAX_NODES {
            return refuse(format!(
                "the trees have more than {MAX_NODES} nodes together"
            ));
        }
        let asked = trees.iter().flat_map(|tree| &tree.nodes);
        let mut asked = asked.filter(|node| !node.is_leaf());
        if asked.any(|node| usize::from(node.feature) >= features) {
            return refuse("a tree asks for a feature that is not there");
        }
        if !base_margin.is_finite() {
            return refuse("the base score is not finite");
        }
        Ok(Self {
            features,
            base_margin,
            trees,
        })
    }

    /// How many features a row has.
    pub const fn features(&self) -> usize {
        self.features
    }

    /// What the trees' answers are added to, in log-odds.
    pub const fn base_margin(&self) -> f32 {
        self.base_margin
    }

    /// The trees.
    pub fn trees(&self) -> &[Tree] {
        &self.trees
    }

    /// Log-odds of fraud for a row, by definition; the walker is faster.
    pub fn margin(&self, row: &[f32]) -> f64 {
        let values = self.trees.iter().map(|tree| f64::from(tree.value(row)));
        f64::from(self.base_margin) + values.sum::<f64>()
    }
}

/// The probability of log-odds.
pub fn sigmoid(margin: f64) -> f64 {
    1.0 / (1.0 + (-margin).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(left: u16) -> Node {
        Node {
            left,
            threshold: 1.0,
            ..Node::leaf(0.0, 1.0)
        }
    }

    #[test]
    fn only_whole_trees_are_taken() {
        let leaf = Node::leaf(0.5, 1.0);
        assert!(Tree::new(vec![leaf], 1).is_ok());
        let good = vec![ask(1), ask(3), leaf, leaf, leaf];
        assert_eq!(Tree::new(good.clone(), 1).unwrap().depth(), 2);
        let with = |at: usize, node: Node| {
            let mut nodes = good.clone();
            nodes[at] = node;
            nodes
        };
        for (name, nodes) in [
            ("none", vec![]),
            ("a cycle", with(1, ask(1))),
            ("a child twice", with(2, ask(3))),
            ("a stray", with(1, leaf)),
            ("beyond the end", with(2, ask(5))),
            ("NaN", with(3, Node::leaf(f32::NAN, 1.0))),
            ("infinite", with(3, Node::leaf(f32::INFINITY, 1.0))),
            ("a negative cover", with(3, Node::leaf(0.0, -1.0))),
            (
                "a threshold of NaN",
                with(
                    1,
                    Node {
                        threshold: f32::NAN,
                        ..ask(3)
                    },
                ),
            ),
            (
                "no such feature",
                with(
                    1,
                    Node {
                        feature: 1,
                        ..ask(3)
                    },
                ),
            ),
        ] {
            assert!(Tree::new(nodes, 1).is_err(), "{name}");
        }
    }

    #[test]
    fn a_tree_that_is_too_deep_is_refused() {
        let chain = |depth: usize| {
            let mut nodes = Vec::new();
            for at in 0..depth {
                let left = u16::try_from(2 * at + 1).unwrap();
                nodes.push(ask(left));
                nodes.push(Node::leaf(0.0, 1.0));
            }
            // The root stands alone, each pair has the next question first.
            nodes.remove(1);
            nodes.push(Node::leaf(0.0, 1.0));
            let mut ordered = vec![ask(1)];
            for at in 1..depth {
                ordered.push(ask(u16::try_from(2 * at + 1).unwrap()));
                ordered.push(Node::leaf(0.0, 1.0));
            }
            ordered.extend([Node::leaf(0.0, 1.0), Node::leaf(0.0, 1.0)]);
            ordered
        };
        assert!(Tree::new(chain(MAX_DEPTH), 1).is_ok());
        assert!(Tree::new(chain(MAX_DEPTH + 1), 1).is_err());
    }
}

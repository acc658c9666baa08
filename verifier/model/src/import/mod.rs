//! Models of `XGBoost`, from the JSON that `Booster.save_model("….json")` writes (its "Model IO" document).
//!
//! Taken is what the walker can do: `gbtree`, `binary:logistic`, one output, no categorical splits. Everything else is
//! refused, as is what its own program would never write.

use serde::{Deserialize, Deserializer, de::Error};

use crate::{
    error::{ModelError, refuse},
    forest::{Forest, MAX_TREE_NODES, Node, Tree},
    table::check_names,
};

/// Bytes of a file that is read, at most.
pub const MAX_BYTES: usize = 64 << 20;

/// What a file holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// Names of the features, if it was trained with names.
    pub features: Vec<String>,
    /// The trees.
    pub forest: Forest,
    /// The version that wrote it.
    pub version: String,
}

#[derive(Deserialize)]
struct File {
    learner: Learner,
    #[serde(default)]
    version: Vec<u32>,
}

#[derive(Deserialize)]
struct Learner {
    #[serde(default)]
    feature_names: Vec<String>,
    #[serde(default)]
    feature_types: Vec<String>,
    gradient_booster: Booster,
    #[serde(rename = "learner_model_param")]
    parameters: Parameters,
    objective: Objective,
}

#[derive(Deserialize)]
struct Objective {
    name: String,
}

#[derive(Deserialize)]
struct Parameters {
    base_score: String,
    #[serde(deserialize_with = "quoted")]
    num_class: u32,
    #[serde(deserialize_with = "quoted")]
    num_feature: usize,
    #[serde(default = "one", deserialize_with = "quoted")]
    num_target: u32,
}

#[derive(Deserialize)]
struct Booster {
    name: String,
    // Only `gbtree` has it so.
    model: Option<Trees>,
}

#[derive(Deserialize)]
struct Trees {
    trees: Vec<RawTree>,
    #[serde(default)]
    tree_info: Vec<i32>,
}

#[derive(Deserialize)]
struct RawTree {
    left_children: Vec<i32>,
    right_children: Vec<i32>,
    split_indices: Vec<u32>,
    split_conditions: Vec<f32>,
    #[serde(deserialize_with = "flags")]
    default_left: Vec<bool>,
    sum_hessian: Vec<f32>,
    #[serde(default)]
    split_type: Vec<u8>,
    #[serde(default)]
    categories: Vec<i64>,
    tree_param: TreeParameters,
}

#[derive(Deserialize)]
struct TreeParameters {
    #[serde(deserialize_with = "quoted")]
    num_nodes: usize,
    #[serde(default = "one", deserialize_with = "quoted")]
    size_leaf_vector: u32,
}

const fn one() -> u32 {
    1
}

/// Numbers stand in quotes.
fn quoted<'de, D: Deserializer<'de>, T: std::str::FromStr>(from: D) -> Result<T, D::Error> {
    let text = String::deserialize(from)?;
    text.parse()
        .map_err(|_| D::Error::custom("a parameter is no number"))
}

/// Older versions write `true`, later ones 1.
fn flags<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<bool>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Flag {
        Bool(bool),
        Number(u8),
    }
    let flags = Vec::<Flag>::deserialize(from)?;
    let read = |flag| match flag {
        Flag::Bool(flag) => Ok(flag),
        Flag::Number(number @ (0 | 1)) => Ok(number == 1),
        Flag::Number(_) => Err(D::Error::custom("default_left is neither 0 nor 1")),
    };
    flags.into_iter().map(read).collect()
}

/// Reads a file.
///
/// # Errors
/// When it is no such model, or one that the walker cannot do.
pub fn xgboost(json: &[u8]) -> Result<Imported, ModelError> {
    if json.len() > MAX_BYTES {
        return refuse(format!("the file is longer than {MAX_BYTES} bytes"));
    }
    let file: File = serde_json::from_slice(json)
        .map_err(|error| ModelError::new(format!("no model of XGBoost in JSON: {error}")))?;
    let learner = file.learner;
    let parameters = &learner.parameters;
    let objective = &learner.objective.name;
    if objective != "binary:logistic" {
        return refuse("the objective is another one than binary:logistic");
    }
    if learner.gradient_booster.name != "gbtree" {
        return refuse("the booster is another one than gbtree");
    }
    if parameters.num_class > 1 || parameters.num_target != 1 {
        return refuse("the model has more than one output");
    }
    let Some(trees) = learner.gradient_booster.model else {
        return refuse("the model has no trees");
    };
    if trees.tree_info.iter().any(|group| *group != 0) {
        return refuse("the model has more than one output");
    }
    let features = parameters.num_feature;
    let names = learner.feature_names;
    if !names.is_empty() {
        check_names(&names)?;
        if names.len() != features {
            return refuse("there are not as many names as features");
        }
    }
    if learner.feature_types.iter().any(|kind| kind == "c") {
        return refuse("the model has categorical features");
    }
    let base_margin = base_margin(&parameters.base_score)?;
    let read = |(at, tree): (usize, RawTree)| {
        let tree = tree.into_tree(features);
        tree.map_err(|error| error.within(&format!("tree {at}")))
    };
    let trees = trees.trees.into_iter().enumerate().map(read);
    let version: Vec<String> = file.version.iter().map(u32::to_string).collect();
    Ok(Imported {
        features: names,
        forest: Forest::new(features, base_margin, trees.collect::<Result<_, _>>()?)?,
        version: version.join("."),
    })
}

/// A probability; since 3.1 in brackets, as there may be one for each output.
#[allow(clippy::cast_possible_truncation, reason = "a margin")]
fn base_margin(text: &str) -> Result<f32, ModelError> {
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let score: f64 = bare
        .unwrap_or(text)
        .parse()
        .map_err(|_| ModelError::new("the base score is no number"))?;
    match score > 0.0 && score < 1.0 {
        true => Ok((score / (1.0 - score)).ln() as f32),
        false => refuse("the base score is no probability"),
    }
}

impl RawTree {
    /// Breadth first, whatever order it was written in; nodes that were deleted fall out.
    fn into_tree(self, features: usize) -> Result<Tree, ModelError> {
        let count = self.tree_param.num_nodes;
        let lengths = [
            self.left_children.len(),
            self.right_children.len(),
            self.split_indices.len(),
            self.split_conditions.len(),
            self.default_left.len(),
            self.sum_hessian.len(),
        ];
        if count == 0 || count > MAX_TREE_NODES || lengths.iter().any(|length| *length != count) {
            return refuse("its arrays are not as long as it says, or too long");
        }
        if self.tree_param.size_leaf_vector > 1 {
            return refuse("a leaf has more than one output");
        }
        if !self.categories.is_empty() || self.split_type.iter().any(|kind| *kind != 0) {
            return refuse("it has categorical splits");
        }
        let mut nodes = vec![Node::leaf(0.0, 0.0)];
        let mut sources = vec![0];
        let mut is_seen = vec![false; count];
        is_seen[0] = true;
        let mut at = 0;
        while at < nodes.len() {
            let from: usize = sources[at];
            let cover = self.sum_hessian[from];
            let children = [self.left_children[from], self.right_children[from]];
            nodes[at] = match children {
                [-1, -1] => Node::leaf(self.split_conditions[from], cover),
                children => {
                    let left = u16::try_from(nodes.len());
                    for child in children {
                        let child = usize::try_from(child).ok().filter(|child| *child < count);
                        let child =
                            child.filter(|child| !std::mem::replace(&mut is_seen[*child], true));
                        let Some(child) = child else {
                            return refuse(format!("node {from} has a child that is none"));
                        };
                        sources.push(child);
                        nodes.push(Node::leaf(0.0, 0.0));
                    }
                    let feature = u16::try_from(self.split_indices[from]);
                    let (Ok(left), Ok(feature)) = (left, feature) else {
                        return refuse(format!("node {from} is out of bounds"));
                    };
                    Node {
                        left,
                        feature,
                        threshold: self.split_conditions[from],
                        default_left: self.default_left[from],
                        value: 0.0,
                        cover,
                    }
                }
            };
            at += 1;
        }
        Tree::new(nodes, features)
    }
}

#[cfg(test)]
mod tests;

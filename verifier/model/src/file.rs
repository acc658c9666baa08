//! The file of a model.
//!
//! One line `waxseal-model 1 sha256:…`, then JSON, of which that is the digest. The digest is the model's identity,
//! what is signed, and what a file that was cut off or damaged fails at first.

use std::fmt::Write;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    calibrate::Calibration,
    drift::Distribution,
    error::{ModelError, refuse},
    forest::{Forest, MAX_NODES, Node, Tree},
    table::check_names,
    train::Settings,
};

/// Bytes of a file, at most.
pub const MAX_BYTES: usize = 32 << 20;
const MAGIC: &str = "waxseal-model";
const FORMAT: &str = "1";

/// A model with all that has to be known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// What people call it: 1 to 40 lower-case letters, digits and hyphens.
    pub name: String,
    /// Where it comes from.
    pub origin: Origin,
    /// Names of the features, in their order.
    pub features: Vec<String>,
    /// The trees.
    pub forest: Forest,
    /// From log-odds to a probability.
    pub calibration: Calibration,
    /// How each feature was distributed in training, if that is known.
    pub distributions: Vec<Distribution>,
    /// How the log-odds were.
    pub scores: Option<Distribution>,
}

/// Where a model comes from.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// `trained`, or the program that it was imported from.
    pub maker: String,
    /// Whether its data was simulated: such a model says nothing of real customers.
    pub simulated: bool,
    /// Rows it was trained on; 0 where that is not known.
    pub rows: u64,
    /// Frauds among them.
    pub frauds: u64,
    /// Settings of the training, if it was here.
    pub settings: Option<Settings>,
    /// Average precision on the validation part, if there was one.
    pub average_precision: Option<f64>,
    /// When, as RFC 3339, if that was told.
    pub at: Option<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Document {
    name: String,
    origin: Origin,
    features: Vec<String>,
    base_margin: f32,
    calibration: Calibration,
    distributions: Vec<Distribution>,
    scores: Option<Distribution>,
    trees: Vec<Columns>,
}

/// A tree's nodes, column by column; where `left` is 0, `value` has a leaf's answer, else a threshold.
#[derive(Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Columns {
    left: Vec<u16>,
    feature: Vec<u16>,
    default_left: Vec<u8>,
    value: Vec<f32>,
    cover: Vec<f32>,
}

impl Model {
    /// The file, and its digest in hexadecimal.
    ///
    /// # Errors
    /// When the model is not one that could be read again.
    pub fn write(&self) -> Result<(Vec<u8>, String), ModelError> {
        self.check()?;
        let document = Document {
            name: self.name.clone(),
            origin: self.origin.clone(),
            features: self.features.clone(),
            base_margin: self.forest.base_margin(),
            calibration: self.calibration.clone(),
            distributions: self.distributions.clone(),
            scores: self.scores.clone(),
            trees: self.forest.trees().iter().map(Columns::of).collect(),
        };
        let body = serde_json::to_vec(&document)
            .map_err(|error| ModelError::new(format!("cannot be written: {error}")))?;
        let digest = digest(&body);
        let mut file = format!("{MAGIC} {FORMAT} sha256:{digest}\n").into_bytes();
        file.extend(body);
        match file.len() > MAX_BYTES {
            true => refuse(format!("the file would be longer than {MAX_BYTES} bytes")),
            false => Ok((file, digest)),
        }
    }

    /// Reads a file; gives the model and its digest.
    ///
    /// # Errors
    /// When it is none, of another format, damaged, or holds what no model has.
    pub fn read(file: &[u8]) -> Result<(Self, String), ModelError> {
        if file.len() > MAX_BYTES {
            return refuse(format!("the file is longer than {MAX_BYTES} bytes"));
        }
        let end = file.iter().take(128).position(|byte| *byte == b'\n');
        let line = end.and_then(|end| std::str::from_utf8(&file[..end]).ok());
        let (Some(end), Some(line)) = (end, line) else {
            return refuse("the file is no model");
        };
        let words: Vec<&str> = line.split(' ').collect();
        let stated = match words[..] {
            [MAGIC, FORMAT, stated] => stated,
            [MAGIC, ..] => {
                return refuse("the file is of a format that this version does not know");
            }
            _ => return refuse("the file is no model"),
        };
        let body = &file[end + 1..];
        let digest = digest(body);
        if stated.strip_prefix("sha256:") != Some(&digest) {
            return refuse("the file is damaged: its digest is another one");
        }
        let document: Document = serde_json::from_slice(body)
            .map_err(|error| ModelError::new(format!("the file is no model: {error}")))?;
        let nodes = document.trees.iter().map(|tree| tree.left.len());
        if nodes.sum::<usize>() > MAX_NODES {
            return refuse(format!(
                "the trees have more than {MAX_NODES} nodes together"
            ));
        }
        let features = document.features.len();
        let read = |(at, tree): (usize, Columns)| {
            let tree = tree.tree(features);
            tree.map_err(|error| error.within(&format!("tree {at}")))
        };
        let trees = document.trees.into_iter().enumerate().map(read);
        let model = Self {
            name: document.name,
            origin: document.origin,
            forest: Forest::new(
                features,
                document.base_margin,
                trees.collect::<Result<_, _>>()?,
            )?,
            features: document.features,
            calibration: document.calibration,
            distributions: document.distributions,
            scores: document.scores,
        };
        model.check()?;
        Ok((model, digest))
    }

    fn check(&self) -> Result<(), ModelError> {
        let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if self.name.is_empty() || self.name.len() > 40 || !self.name.bytes().all(is_word) {
            return refuse("a model's name is 1 to 40 lower-case letters, digits and hyphens");
        }
        check_names(&self.features)?;
        if self.features.len() != self.forest.features() {
            return refuse("there are not as many names as features");
        }
        if !self.distributions.is_empty() && self.distributions.len() != self.features.len() {
            return refuse("there are not as many distributions as features");
        }
        self.calibration.check()?;
        let all = self.distributions.iter().chain(&self.scores);
        all.into_iter().try_for_each(Distribution::check)
    }
}

impl Columns {
    fn of(tree: &Tree) -> Self {
        let mut columns = Self::default();
        for node in tree.nodes() {
            columns.left.push(node.left);
            columns.feature.push(node.feature);
            columns.default_left.push(node.default_left.into());
            columns.value.push(if node.is_leaf() {
                node.value
            } else {
                node.threshold
            });
            columns.cover.push(node.cover);
        }
        columns
    }

    fn tree(self, features: usize) -> Result<Tree, ModelError> {
        let count = self.left.len();
        let lengths = [
            self.feature.len(),
            self.default_left.len(),
            self.value.len(),
            self.cover.len(),
        ];
        if lengths.iter().any(|length| *length != count) {
            return refuse("its columns are not of one length");
        }
        let node = |at: usize| {
            let left = self.left[at];
            let is_leaf = left == 0;
            let number = self.value[at];
            Node {
                left,
                feature: self.feature[at],
                threshold: if is_leaf { 0.0 } else { number },
                default_left: self.default_left[at] != 0,
                value: if is_leaf { number } else { 0.0 },
                cover: self.cover[at],
            }
        };
        Tree::new((0..count).map(node).collect(), features)
    }
}

fn digest(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests;

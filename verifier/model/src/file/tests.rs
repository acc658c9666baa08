use proptest::prelude::*;

use super::*;

fn model() -> Model {
    let question = Node {
        left: 1,
        feature: 1,
        threshold: 0.1,
        default_left: true,
        value: 0.0,
        cover: 3.5,
    };
    let nodes = vec![question, Node::leaf(-0.3, 1.5), Node::leaf(1e-7, 2.0)];
    let tree = Tree::new(nodes, 2).unwrap();
    Model {
        name: "shop-1".into(),
        origin: Origin {
            maker: "trained".into(),
            simulated: true,
            rows: 4,
            frauds: 1,
            settings: Some(Settings::default()),
            average_precision: Some(0.5),
            at: None,
        },
        features: vec!["amount".into(), "count.1h".into()],
        forest: Forest::new(2, -1.5, vec![tree.clone(), tree]).unwrap(),
        calibration: Calibration::Isotonic(vec![(-1.0, 0.1), (2.0, 0.9)]),
        distributions: vec![Distribution::new(&[1.0, 2.0, f32::NAN]); 2],
        scores: Some(Distribution::new(&[0.0])),
    }
}

#[test]
fn what_was_written_is_read_the_same() {
    let model = model();
    let (file, digest) = model.write().unwrap();
    assert_eq!(Model::read(&file).unwrap(), (model, digest));
}

/// The file with its JSON changed and a digest that is right.
fn forged(pointer: &str, value: serde_json::Value) -> Vec<u8> {
    let (file, _) = model().write().unwrap();
    let start = file.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let mut document: serde_json::Value = serde_json::from_slice(&file[start..]).unwrap();
    *document
        .pointer_mut(pointer)
        .unwrap_or_else(|| panic!("no {pointer}")) = value;
    let body = serde_json::to_vec(&document).unwrap();
    let mut forged = format!("{MAGIC} {FORMAT} sha256:{}\n", super::digest(&body)).into_bytes();
    forged.extend(body);
    forged
}

#[test]
fn numbers_and_shapes_are_checked_though_the_digest_is_right() {
    use serde_json::{Value, json};
    assert!(Model::read(&forged("/name", json!("other"))).is_ok());
    for (pointer, value) in [
        ("/name", json!("No Name")),
        ("/name", json!("")),
        ("/base_margin", json!(1e39)),
        ("/base_margin", Value::Null),
        ("/features", json!(["amount"])),
        ("/features/1", json!("amount")),
        ("/features/1", json!("a b")),
        ("/trees", json!([])),
        ("/trees/0/left/0", json!(0)),
        ("/trees/0/left/1", json!(1)),
        ("/trees/0/feature/0", json!(2)),
        ("/trees/0/value/0", json!(1e39)),
        ("/trees/0/value", json!([1.0])),
        ("/trees/0/cover/0", json!(-1.0)),
        (
            "/calibration",
            json!({ "isotonic": [[0.0, 0.9], [1.0, 0.1]] }),
        ),
        (
            "/calibration",
            json!({ "platt": { "slope": -1.0, "offset": 0.0 } }),
        ),
        ("/distributions", json!([])),
        ("/distributions/0/shares/0", json!(2.0)),
        ("/distributions/0/shares", json!([1.0])),
        ("/scores/shares", json!([])),
        ("/origin/rows", json!(-1)),
    ] {
        let read = Model::read(&forged(pointer, value.clone()));
        // Without distributions a model is whole.
        assert_eq!(
            read.is_ok(),
            pointer == "/distributions",
            "{pointer} = {value}"
        );
    }
}

#[test]
fn other_files_are_named_as_what_they_are() {
    let (file, _) = model().write().unwrap();
    let text = String::from_utf8(file.clone()).unwrap();
    let later = text.replacen("model 1 ", "model 2 ", 1);
    for (file, message) in [
        (&b""[..], "the file is no model"),
        (b"{\"learner\":{}}", "the file is no model"),
        (b"waxseal-modeling 1 sha256:00\n{}", "the file is no model"),
        (
            later.as_bytes(),
            "the file is of a format that this version does not know",
        ),
        (
            &file[..file.len() - 1],
            "the file is damaged: its digest is another one",
        ),
    ] {
        assert_eq!(Model::read(file).unwrap_err().to_string(), message);
    }
}

proptest! {
    #[test]
    fn no_bit_can_be_flipped_and_nothing_cut_off(at in any::<prop::sample::Index>(), bit in 0_u8..8, length in any::<prop::sample::Index>()) {
        let (file, _) = model().write().unwrap();
        let mut flipped = file.clone();
        flipped[at.index(file.len())] ^= 1 << bit;
        prop_assert!(Model::read(&flipped).is_err());
        prop_assert!(Model::read(&file[..length.index(file.len())]).is_err());
    }
}

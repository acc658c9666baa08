//! `verifier model` as whoever runs the verifier meets it.

use std::{
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;

use crate::scene::{Scene, binary, text};

fn lines(bytes: &[u8]) -> Vec<Value> {
    let lines = text(bytes);
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Commands over files alone know no configuration.
fn run(scene: &Scene, args: &[&str]) -> Output {
    match args[1] {
        "evaluate" | "import" | "simulate" | "train" => {
            Command::new(binary()).args(args).output().unwrap()
        }
        _ => scene.run(args, &[]),
    }
}

/// What one line of error says of a command that has to fail.
fn refused(scene: &Scene, args: &[&str]) -> String {
    let output = run(scene, args);
    assert!(!output.status.success(), "{args:?}");
    let error = text(&output.stderr).trim().to_owned();
    assert_eq!(error.lines().count(), 1, "{error}");
    error
}

fn done(scene: &Scene, args: &[&str]) -> String {
    let output = run(scene, args);
    assert!(
        output.status.success(),
        "{args:?}: {}",
        text(&output.stderr)
    );
    text(&output.stdout)
}

fn listed(scene: &Scene) -> Vec<(String, String, bool)> {
    let lines = lines(done(scene, &["model", "list", "--json"]).as_bytes());
    let told = |line: &Value| {
        let of = |name: &str| line[name].as_str().unwrap().to_owned();
        assert!(line["fault"].is_null(), "{line}");
        (
            of("version"),
            of("state"),
            line["simulated"].as_bool().unwrap(),
        )
    };
    lines.iter().map(told).collect()
}

/// Arguments with paths in them.
fn with<'a>(first: &[&'a str], path: &'a Path, rest: &[&'a str]) -> Vec<&'a str> {
    let path = path.to_str().unwrap();
    [first, &[path], rest].concat()
}

#[test]
fn a_model_is_simulated_for_trained_evaluated_added_and_used() {
    let scene = Scene::new();
    let folder = tempfile::tempdir().unwrap();
    let [data, later, model, plots] =
        ["data.csv", "later.csv", "shop.model", "plots"].map(|name| folder.path().join(name));
    for (seed, path) in [("1", &data), ("2", &later)] {
        let args = [
            "model",
            "simulate",
            "--customers",
            "400",
            "--days",
            "20",
            "--seed",
            seed,
            "--out",
        ];
        let told = done(&scene, &with(&args, path, &[]));
        assert!(told.contains("simulated payments"), "{told}");
    }
    let data = data.to_str().unwrap();
    let train = [
        "model", "train", "--csv", data, "--label", "fraud", "--name", "shop", "--rounds", "40",
        "--out",
    ];
    let told = done(&scene, &with(&train, &model, &[]));
    assert!(told.contains("simulated payments"), "{told}");

    let later = later.to_str().unwrap();
    let asked = [
        "--csv",
        later,
        "--label",
        "fraud",
        "--customer",
        "customer",
        "--day",
        "day",
        "--plots",
        plots.to_str().unwrap(),
    ];
    let told = done(&scene, &with(&["model", "evaluate"], &model, &asked));
    for word in [
        "simulated data",
        "AUC ROC",
        "average precision",
        "CP@100",
        "calibration",
    ] {
        assert!(told.contains(word), "{word}: {told}");
    }
    for name in ["roc.svg", "precision_recall.svg"] {
        let svg = std::fs::read_to_string(plots.join(name)).unwrap();
        assert!(
            svg.starts_with("<svg ") && svg.contains("shop (simulated data)"),
            "{svg}"
        );
    }

    assert_eq!(
        listed(&scene),
        [("builtin".to_owned(), "champion".to_owned(), true)]
    );
    let told = done(&scene, &with(&["model", "add"], &model, &[]));
    let version = told.split(' ').next().unwrap().to_owned();
    assert!(
        version.starts_with("shop@") && told.contains("of simulated payments"),
        "{told}"
    );
    assert!(done(&scene, &with(&["model", "add"], &model, &[])).contains("there already"));
    let states = || {
        listed(&scene)
            .into_iter()
            .map(|(_, state, _)| state)
            .collect::<Vec<_>>()
    };
    assert_eq!(states(), ["champion", "kept"]);
    done(&scene, &["model", "challenger", &version]);
    assert_eq!(states(), ["champion", "challenger"]);
    done(&scene, &["model", "use", &version]);
    assert_eq!(states(), ["kept", "champion"]);
    done(&scene, &["model", "use", "builtin"]);
    assert_eq!(states(), ["champion", "kept"]);
    let audit = done(&scene, &["audit", "export", "--format", "jsonl"]);
    for action in [
        "risk_model.added",
        "risk_model.challenged",
        "risk_model.used",
    ] {
        assert!(audit.contains(action), "{action}");
    }
}

#[test]
fn what_cannot_be_used_is_told_in_a_line_and_what_was_there_stays() {
    let scene = Scene::new();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    };
    let out = folder.path().join("out.model");
    let train = |csv: &Path| {
        let args = [
            "model",
            "train",
            "--csv",
            csv.to_str().unwrap(),
            "--label",
            "fraud",
            "--name",
            "shop",
            "--out",
            out.to_str().unwrap(),
        ];
        refused(&scene, &args)
    };
    std::fs::write(&out, "as it was").unwrap();
    for (csv, word) in [
        ("amount_usd\n1\n", "there is no column fraud"),
        ("customer,fraud\n1,0\n", "no column is a feature"),
        (
            "amount_usd,fraud\nNaN,0\n1,1\n",
            "line 2: amount_usd is no finite number",
        ),
        (
            "amount_usd,fraud\n1,0\n2,0\n3,0\n4,0\n5,0\n",
            "has no fraud in it",
        ),
        (
            "amount_usd,fraud\n1,1\n2,1\n3,1\n4,1\n5,1\n",
            "nothing but fraud",
        ),
        ("amount_usd,fraud\n", "0 rows"),
        ("", "no column"),
    ] {
        let told = train(&file("bad.csv", csv.as_bytes()));
        assert!(told.contains(word), "{csv:?}: {told}");
        assert_eq!(std::fs::read_to_string(&out).unwrap(), "as it was");
    }

    let json = Path::new(env!("CARGO_MANIFEST_DIR")).join("../verifier/model/data/xgboost.json");
    let other = folder.path().join("other.model");
    let import = ["--name", "other", "--out", other.to_str().unwrap()];
    done(&scene, &with(&["model", "import"], &json, &import));
    let told = refused(&scene, &with(&["model", "add"], &other, &[]));
    assert!(
        told.contains("the model asks for amount, which a verifier does not compute"),
        "{told}"
    );

    let whole = std::fs::read(&other).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    for (content, word) in [
        (&whole[..whole.len() - 1], "damaged"),
        (&flipped, "damaged"),
        (b"{}", "no model"),
    ] {
        let told = refused(
            &scene,
            &with(&["model", "add"], &file("broken.model", content), &[]),
        );
        assert!(told.contains(word), "{told}");
    }
    let told = refused(
        &scene,
        &with(
            &["model", "import"],
            &file("broken.json", b"{\"learner\":"),
            &import,
        ),
    );
    assert!(told.contains("no model of XGBoost"), "{told}");
    assert_eq!(std::fs::read(&other).unwrap(), whole);
    for command in ["use", "challenger"] {
        assert!(refused(&scene, &["model", command, "other@000000000000"]).contains("model list"));
    }
    assert_eq!(listed(&scene).len(), 1);
}

//! Any bytes as a model's file behind a first line with the right digest, and as a whole file: they are refused, or they
//! come back as they were read.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};
use waxseal_model::{file::Model, walk::Walker};

fuzz_target!(|body: &[u8]| {
    assert!(Model::read(body).is_err() || body.starts_with(b"waxseal-model 1 "));
    let digest: String = Sha256::digest(body)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let mut file = format!("waxseal-model 1 sha256:{digest}\n").into_bytes();
    file.extend(body);
    let Ok((model, _)) = Model::read(&file) else {
        return;
    };
    Walker::new(&model.forest);
    let (again, digest) = model.write().expect("what was read can be written");
    assert_eq!(
        Model::read(&again).expect("what was written can be read"),
        (model, digest)
    );
});

//! `waxseal-bench`: measures the running verifier and prints JSON lines.
//!
//! `waxseal-bench open|sizes|submit [--quick]`; `scripts/bench` calls it.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement that cannot go on has nothing to say"
)]

mod figure;
mod load;
mod open;
mod server;
mod sizes;
mod submit;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    what: What,
    /// Fewer rounds: a look, not a figure to publish.
    #[arg(long, global = true)]
    quick: bool,
}

#[derive(Subcommand)]
enum What {
    /// Opening an envelope, against a bare ECDH.
    Open,
    /// What browsers load.
    Sizes {
        /// The SDK's build output.
        #[arg(long, default_value = "sdk-wasm/dist")]
        assets: PathBuf,
    },
    /// Submissions a second over HTTP.
    Submit {
        /// The release build of the verifier.
        #[arg(long, default_value = "target/release/verifier")]
        verifier: PathBuf,
        /// The SDK's build output.
        #[arg(long, default_value = "sdk-wasm/dist")]
        assets: PathBuf,
    },
}

fn main() {
    let cli = Cli::parse();
    match cli.what {
        What::Open => open::measure(cli.quick),
        What::Sizes { assets } => sizes::measure(&assets),
        What::Submit { verifier, assets } => submit::measure(&verifier, &assets, cli.quick),
    }
}

//! `waxseal-bench`: measures the running verifier and prints JSON lines.
//!
//! `waxseal-bench audit|auth|backtest|engine|hostile|limits|model|open|sizes|submit|tls|velocity|volume [--quick]`; `scripts/bench` calls it.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement that cannot go on has nothing to say"
)]

mod audit;
mod auth;
mod backtest;
mod engine;
mod figure;
mod hostile;
mod limits;
mod load;
mod model;
mod no_store;
mod open;
mod population;
mod postgres;
mod server;
mod sizes;
mod submit;
mod tls;
mod velocity;
mod volume;
mod workload;

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};
use mimalloc::MiMalloc;
use zeroizing_alloc::ZeroAlloc;

// The verifier's own, for what is measured against it in this program.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<MiMalloc> = ZeroAlloc(MiMalloc);

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
    /// What the audit costs, and how fast it is verified.
    Audit(Built),
    /// Checking access tokens.
    Auth,
    /// Rules over stored decisions.
    Backtest,
    /// One decision from given attributes.
    Engine,
    /// Honest customers beside hostile traffic.
    Hostile(Built),
    /// Whether a caller may ask.
    Limits,
    /// Training, scoring and explaining.
    Model {
        /// The published simulated data, as CSV or gzip of it; what `WAXSEAL_MODEL_DATA` names, if left out.
        #[arg(long)]
        data: Option<PathBuf>,
    },
    /// Opening an envelope, against a bare ECDH.
    Open,
    /// What browsers load.
    Sizes {
        /// The SDK's build output.
        #[arg(long, default_value = "sdk-wasm/dist")]
        assets: PathBuf,
        /// The same without signals; what they weigh is left out where it is not built.
        #[arg(long, default_value = "target-wasm/bare/dist")]
        bare: PathBuf,
    },
    /// Submissions a second over HTTP.
    Submit(Built),
    /// Submissions a second on the PostgreSQL server that `WAXSEAL_TEST_POSTGRES` names.
    Postgres(Built),
    /// What TLS costs.
    Tls(Built),
    /// What counts of what came lately cost.
    Velocity,
    /// What `submit` does and more with 100,000 and 1,000,000 cards present.
    Volume(Built),
    /// What `submit` measures against: the pipeline over a store that keeps nothing.
    #[command(hide = true)]
    NoStore {
        config: PathBuf,
        address: SocketAddr,
    },
}

/// What was built before.
#[derive(Args)]
struct Built {
    /// The release build of the verifier.
    #[arg(long, default_value = "target/release/verifier")]
    verifier: PathBuf,
    /// The SDK's build output.
    #[arg(long, default_value = "sdk-wasm/dist")]
    assets: PathBuf,
}

fn main() {
    let cli = Cli::parse();
    match cli.what {
        What::Audit(built) => audit::measure(&built.verifier, &built.assets, cli.quick),
        What::Auth => auth::measure(cli.quick),
        What::Backtest => backtest::measure(cli.quick),
        What::Engine => engine::measure(cli.quick),
        What::Hostile(built) => hostile::measure(&built.verifier, &built.assets, cli.quick),
        What::Limits => limits::measure(cli.quick),
        What::Model { data } => {
            let named = std::env::var_os("WAXSEAL_MODEL_DATA").map(PathBuf::from);
            model::measure(data.or(named).as_deref(), cli.quick);
        }
        What::NoStore { config, address } => no_store::run(&config, address),
        What::Open => open::measure(cli.quick),
        What::Sizes { assets, bare } => sizes::measure(&assets, &bare),
        What::Postgres(built) => postgres::measure(&built.verifier, &built.assets, cli.quick),
        What::Submit(built) => submit::measure(&built.verifier, &built.assets, cli.quick),
        What::Tls(built) => tls::measure(&built.verifier, &built.assets, cli.quick),
        What::Velocity => velocity::measure(cli.quick),
        What::Volume(built) => volume::measure(&built.verifier, &built.assets, cli.quick),
    }
}

//! Options of the command line, each with its environment variable.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand};

/// A demo shop that takes cards with Waxseal.
#[derive(Debug, Parser)]
#[command(name = "waxseal-demo", version)]
pub struct Options {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Buys something without a browser, sealing the card with the protocol crate.
    Check(CheckOptions),
    /// Runs the shop.
    Serve(Box<ServeOptions>),
}

/// Options of `check`.
#[derive(Args, Debug)]
pub struct CheckOptions {
    /// Where the shop is.
    #[arg(
        long,
        env = "WAXSEAL_DEMO_ORIGIN",
        default_value = "http://localhost:8080"
    )]
    pub shop: String,
}

/// Options of `serve`.
#[derive(Args, Debug)]
pub struct ServeOptions {
    /// Address to listen on.
    #[arg(long, env = "WAXSEAL_DEMO_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,

    /// Origin of the shop's pages, as browsers see it and as the verifier has it registered
    /// [default: <http://localhost> with the port of --listen].
    #[arg(long, env = "WAXSEAL_DEMO_ORIGIN")]
    pub origin: Option<String>,

    /// Origin of the verifier's public listener, as browsers see it.
    #[arg(
        long,
        env = "WAXSEAL_DEMO_VERIFIER_ORIGIN",
        default_value = "http://localhost:8787"
    )]
    pub verifier_origin: String,

    /// The verifier's private listener. Plain HTTP on this machine only; https wants --verifier-ca.
    #[arg(
        long,
        env = "WAXSEAL_DEMO_VERIFIER_PRIVATE",
        default_value = "http://127.0.0.1:8788"
    )]
    pub verifier_private: String,

    /// Certificate (PEM) of the authority that the verifier's private listener has its certificate from.
    #[arg(long, env = "WAXSEAL_DEMO_VERIFIER_CA")]
    pub verifier_ca: Option<PathBuf>,

    /// This shop's certificate (PEM), by which the verifier knows it.
    #[arg(long, env = "WAXSEAL_DEMO_CLIENT_CERTIFICATE", requires_all = ["client_key", "verifier_ca"])]
    pub client_certificate: Option<PathBuf>,

    /// The key of that certificate.
    #[arg(long, env = "WAXSEAL_DEMO_CLIENT_KEY", requires = "client_certificate")]
    pub client_key: Option<PathBuf>,

    /// File with what `verifier merchants add --json` printed, mode 0600: needed where no certificate says
    /// who calls. Without it `WAXSEAL_DEMO_CLIENT_ID` and `WAXSEAL_DEMO_CLIENT_SECRET` are read.
    #[arg(long, env = "WAXSEAL_DEMO_CREDENTIALS")]
    pub credentials: Option<PathBuf>,

    /// manifest.json of the SDK's build: pins the loader by its sha384.
    #[arg(long, env = "WAXSEAL_DEMO_SDK_MANIFEST")]
    pub sdk_manifest: Option<PathBuf>,

    /// File that keeps carts and orders; without it they end with the process.
    #[arg(long, env = "WAXSEAL_DEMO_STATE")]
    pub state: Option<PathBuf>,

    /// Address of the relay that shows what the network sees; the verifier's origin must lead here.
    #[arg(long, env = "WAXSEAL_DEMO_RELAY_LISTEN", requires = "relay_to")]
    pub relay_listen: Option<SocketAddr>,

    /// Address of the verifier's public listener behind the relay.
    #[arg(long, env = "WAXSEAL_DEMO_RELAY_TO", requires = "relay_listen")]
    pub relay_to: Option<SocketAddr>,
}

//! The demo shop's command line.

use std::process::ExitCode;

use clap::Parser;
use waxseal_demo::{
    check,
    cli::{Command, Options},
    serve,
};

fn main() -> ExitCode {
    let options = Options::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    match options.command {
        Command::Check(options) => match runtime.block_on(check::run(&options)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(&error),
        },
        Command::Serve(options) => match runtime.block_on(serve::run(*options)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => fail(&error),
        },
    }
}

#[allow(
    clippy::print_stderr,
    reason = "the one line that a failed command leaves"
)]
fn fail(error: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("waxseal-demo: {error}");
    ExitCode::FAILURE
}

//! The `verifier` command.

use std::process::ExitCode;

use clap::Parser;
use waxseal_verifier::cli::Cli;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "a command's last word to its caller")]
            {
                eprintln!("verifier: {error}");
            }
            ExitCode::FAILURE
        }
    }
}

//! The `verifier` command.

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;
use waxseal_verifier::cli::Cli;

// Many small buffers a request: measured a tenth less processor time than with the system's.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

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

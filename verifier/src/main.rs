//! The `verifier` command.

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;
use waxseal_verifier::cli::Cli;
use zeroizing_alloc::ZeroAlloc;

// Every buffer is wiped when it is freed, libraries' own too: a card number passes through JSON, FF1
// and the sealing library. mimalloc, because a request makes many small ones: measured a tenth less
// processor time than with the system's.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<MiMalloc> = ZeroAlloc(MiMalloc);

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(code) => code,
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "a command's last word to its caller")]
            {
                eprintln!("verifier: {error}");
            }
            ExitCode::FAILURE
        }
    }
}

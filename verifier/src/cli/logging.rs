//! Logs: JSON lines on standard error, field by field from what the code names.

use tracing_subscriber::EnvFilter;

/// Installs the subscriber. `WAXSEAL_LOG` sets the level; only this crate's own events are written,
/// since a library's might quote what it was given.
pub(super) fn install() {
    let level = std::env::var("WAXSEAL_LOG").unwrap_or_default();
    let level = match level.as_str() {
        "debug" | "error" | "off" | "warn" => level.as_str(),
        _ => "info",
    };
    let filter = EnvFilter::new(format!("off,waxseal_verifier={level}"));
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_target(false)
        .with_env_filter(filter)
        // Else a disk that is full of logs would end the threads that write there: the complaint itself is
        // printed where it cannot be.
        .log_internal_errors(false)
        .with_writer(std::io::stderr)
        .init();
}

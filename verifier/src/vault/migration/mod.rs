//! Cards on their way from one vault to another: each sealed by itself to the other vault's key.
//!
//! The form of a file is written down in `verifier/MIGRATION.md`.

mod export;
mod header;
mod import;
mod jwe;
mod record;
mod record_error;
mod reference;
mod sealer;
mod token_map;
mod vault_key;

pub use export::{ExportPage, export_page};
pub use header::Header;
pub use import::{Import, Outcome, Prepared, Refused};
pub use jwe::{MAX_SEALED_LEN, SealedRecord};
pub use record::{Details, MigratedCard};
pub use record_error::RecordError;
pub use reference::Reference;
pub use sealer::{SealError, Sealer};
pub use token_map::{Progress, line as map_line, read as read_map};
pub use vault_key::{VaultKeyError, parse_vault_key};

/// Length of every plaintext in bytes, so that a record's length tells nothing of the card. The longest
/// record fits.
pub const RECORD_LEN: usize = 1024;

/// The `typ` of every record: no envelope of a checkout is one, and none of these is taken there.
pub const TYP: &str = "waxseal-migration+jwe";

//! No core dumps: memory holds PANs, CVCs and keys, and a crash must not put them on a disk.

use rustix::process::{
    DumpableBehavior, Resource, Rlimit, dumpable_behavior, getrlimit, set_dumpable_behavior,
    setrlimit,
};

use super::CliError;

/// Forbids core dumps of this process, and that other processes of its user read its memory.
pub(super) fn forbid() -> Result<(), CliError> {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    setrlimit(Resource::Core, none)?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    Ok(())
}

/// Whether they are forbidden.
pub(super) fn are_forbidden() -> bool {
    let limit = getrlimit(Resource::Core);
    let not_dumpable = matches!(dumpable_behavior(), Ok(DumpableBehavior::NotDumpable));
    not_dumpable && limit.maximum == Some(0)
}

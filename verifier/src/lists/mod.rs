//! Named lists, as operators keep them and as every verifier holds them in memory.

mod delete;
mod held;
mod keep;
mod kind;
mod shared;

pub use delete::delete_list;
pub use held::{HeldLists, ListsOf};
pub use keep::{
    EntryDetails, EntryPage, EntryRequest, ListDetails, ListError, ListPage, ListRequest, NewEntry,
    create_list, entries, list, lists, put_entry, remove_entry,
};
pub use kind::{ListKind, is_word};
pub use shared::SharedLists;

pub use crate::risk::BLOCKED_IPS;

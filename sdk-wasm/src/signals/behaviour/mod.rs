//! How the form was filled. Recorded from the moment that the form is there.

pub mod key_timing;
pub mod paste_counts;

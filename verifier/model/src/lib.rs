//! Gradient-boosted trees: training, import, scoring, explanation, evaluation, and the simulator. No I/O, no clock, no random numbers of its own: what it needs is given to it.

pub mod calibrate;
pub mod drift;
pub mod error;
pub mod explain;
pub mod feature;
pub mod file;
pub mod forest;
pub mod import;
pub mod measure;
pub mod plot;
pub mod random;
pub mod report;
pub mod simulate;
pub mod table;
pub mod train;
pub mod walk;

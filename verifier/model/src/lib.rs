//! Gradient-boosted trees: training, import, scoring, explanation, evaluation, and the simulator. No I/O, no clock, no random numbers of its own: what it needs is given to it.

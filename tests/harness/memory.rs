//! What a process has in its memory.

use std::{
    fs::{File, read_to_string},
    os::unix::fs::FileExt,
};

/// Of a part that is larger, some is read after the other; they overlap by more than any needle.
const CHUNK: u64 = 16 << 20;
const OVERLAP: u64 = 4 << 10;
const PAGE: u64 = 4096;
const PAGE_STEP: usize = 4096;

/// Gives each writable part of a process's memory that is there, with its name, to `look`; gives how many
/// bytes that were.
///
/// A process that may not be dumped shows it to root alone.
pub fn process_memory(pid: u32, mut look: impl FnMut(&str, &[u8])) -> u64 {
    let maps = read_to_string(format!("/proc/{pid}/maps")).expect("the process runs");
    let [memory, pages] = ["mem", "pagemap"].map(|name| {
        File::open(format!("/proc/{pid}/{name}"))
            .expect("to read a verifier's memory run this test as root (CAP_SYS_PTRACE)")
    });
    let mut all = 0;
    for line in maps.lines() {
        let mut fields = line.split_whitespace();
        let (Some(range), Some(rights)) = (fields.next(), fields.next()) else {
            continue;
        };
        if !rights.starts_with("rw") {
            continue;
        }
        let name = fields.nth(3).unwrap_or("anonymous");
        let (start, end) = range.split_once('-').expect("a range");
        let [start, end] = [start, end].map(|at| u64::from_str_radix(at, 16).expect("hex"));
        for (start, end) in touched(&pages, start, end) {
            let mut at = start;
            while at < end {
                let length = (end - at).min(CHUNK + OVERLAP);
                let mut bytes = vec![0; usize::try_from(length).expect("small")];
                // A part may be given back meanwhile.
                if memory.read_exact_at(&mut bytes, at).is_ok() {
                    all += length.min(CHUNK);
                    look(&format!("{name} {at:x}"), &bytes);
                }
                at += CHUNK;
            }
        }
    }
    all
}

/// The runs of pages that were ever written to: an allocator reserves far more than it uses.
fn touched(pages: &File, start: u64, end: u64) -> Vec<(u64, u64)> {
    let mut runs: Vec<(u64, u64)> = Vec::new();
    let count = usize::try_from((end - start) / PAGE).expect("small");
    let mut entries = vec![0; count * 8];
    pages
        .read_exact_at(&mut entries, start / PAGE * 8)
        .expect("the process runs");
    for (entry, at) in entries.chunks_exact(8).zip((start..).step_by(PAGE_STEP)) {
        // The entry's highest byte: present, or swapped out.
        if entry[7] & 0b1100_0000 == 0 {
            continue;
        }
        match runs.last_mut() {
            Some(last) if last.1 == at => last.1 = at + PAGE,
            _ => runs.push((at, at + PAGE)),
        }
    }
    runs
}

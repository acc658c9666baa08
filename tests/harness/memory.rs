//! What a process has in its memory.

use std::{
    fs::{File, read_to_string},
    os::unix::fs::FileExt,
};

/// Of a part that is larger, some is read after the other; they overlap by more than any needle.
const CHUNK: u64 = 16 << 20;
const OVERLAP: u64 = 4 << 10;

/// Gives each writable part of a process's memory, with its name, to `look`; gives how many bytes that were.
///
/// A process that may not be dumped shows it to root alone.
pub fn process_memory(pid: u32, mut look: impl FnMut(&str, &[u8])) -> u64 {
    let maps = read_to_string(format!("/proc/{pid}/maps")).expect("the process runs");
    let memory = File::open(format!("/proc/{pid}/mem"))
        .expect("to read a verifier's memory run this test as root (CAP_SYS_PTRACE)");
    let mut all = 0;
    for line in maps.lines() {
        let mut fields = line.split_whitespace();
        let (Some(range), Some(rights)) = (fields.next(), fields.next()) else {
            continue;
        };
        if !rights.starts_with("rw") {
            continue;
        }
        let name = format!("{} {}", fields.nth(3).unwrap_or("anonymous"), range);
        let (start, end) = range.split_once('-').expect("a range");
        let [start, end] = [start, end].map(|at| u64::from_str_radix(at, 16).expect("hex"));
        let mut at = start;
        while at < end {
            let length = (end - at).min(CHUNK + OVERLAP);
            let mut bytes = vec![0; usize::try_from(length).expect("small")];
            // What a driver or the kernel maps may not be readable.
            if memory.read_exact_at(&mut bytes, at).is_ok() {
                all += length.min(CHUNK);
                look(&name, &bytes);
            }
            at += CHUNK;
        }
    }
    all
}

//! Verification: of every chain from its beginning, of every root, and of both against each other.

use std::collections::BTreeMap;

use super::{
    Fault,
    root::{RootKeys, hash_of, tree_text},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{
    clock::Timestamp,
    store::{
        Connection, RowId, StoreError,
        audit::{
            chain::Hash,
            roots::{self, Head, Root},
            walk::{self, Start},
        },
    },
};

/// Faults of one chain that are told, besides that it was cut off: after one of them others may follow of it, and
/// whoever has the database may have made millions.
const TOLD_PER_CHAIN: usize = 20;

/// What was kept of roots elsewhere.
#[derive(Default)]
pub struct Witnesses {
    /// Lines of a file.
    pub roots: Vec<Root>,
    /// One signed root.
    pub head: Option<String>,
    /// The retention's beginning, where it is known: what was logged since then is not pruned.
    pub kept_since: Option<Timestamp>,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Report {
    /// Entries that were read.
    pub entries: u64,
    /// Chains that they are in.
    pub chains: u64,
    /// Roots that were checked.
    pub roots: u64,
    /// Since when every entry is there, where older ones were pruned.
    pub since: Option<Timestamp>,
    /// What is not as it was written.
    pub faults: Vec<Fault>,
}

/// Which chain.
type Chain = (RowId, u8);

/// Verifies the whole audit.
///
/// # Errors
/// When the store fails; what is not as it should be is in the report.
pub fn verify(
    connection: &Connection,
    keys: &RootKeys,
    witnesses: &Witnesses,
) -> Result<Report, StoreError> {
    let mut report = Report::default();
    let kept = roots::behind(connection, 0)?;
    let mut signed = SignedHeads::default();
    check_roots(&kept, keys, &mut signed, &mut report);
    check_witnesses(&kept, keys, witnesses, &mut signed, &mut report);
    for start in walk::starts(connection)? {
        let chain = (start.pruned.merchant, start.pruned.chain);
        let heads = signed.heads.remove(&chain).unwrap_or_default();
        let since = witnesses.kept_since;
        check_chain(
            connection,
            &start,
            &heads,
            (&signed.times, since),
            &mut report,
        )?;
        report.chains += 1;
    }
    // Of these nothing is left.
    for heads in signed.heads.values() {
        let ends = heads.iter().max_by_key(|(_, head)| head.place.seq);
        report
            .faults
            .extend(ends.map(|(root, head)| Fault::CutOff(head.place, *root)));
    }
    let others = walk::count(connection)?.abs_diff(report.entries);
    if others > 0 {
        report.faults.push(Fault::InNoChain(others));
    }
    Ok(report)
}

/// What roots that were signed have of each chain.
#[derive(Default)]
struct SignedHeads {
    heads: BTreeMap<Chain, Vec<(u64, Head)>>,
    times: BTreeMap<u64, Timestamp>,
}

impl SignedHeads {
    fn add(&mut self, root: &Root) {
        for head in &root.moved {
            let chain = (head.place.merchant, head.place.chain);
            let heads = self.heads.entry(chain).or_default();
            heads.push((root.number, *head));
        }
    }
}

fn check_roots(kept: &[Root], keys: &RootKeys, signed: &mut SignedHeads, report: &mut Report) {
    let mut now: BTreeMap<Chain, Head> = BTreeMap::new();
    let (mut next, mut previous): (u64, Option<Hash>) = (1, None);
    for root in kept {
        let has_gap = next != root.number;
        if has_gap {
            // A number is whatever somebody wrote there.
            report.faults.push(match root.number - next {
                1 => Fault::RootMissing(next),
                _ => Fault::RootsMissing(next, root.number - 1),
            });
        }
        for head in &root.moved {
            now.insert((head.place.merchant, head.place.chain), *head);
        }
        report.roots += 1;
        match keys.open(&root.signed) {
            None => report.faults.push(Fault::RootForged(root.number)),
            Some(claims) => {
                let before = previous.map(|hash| URL_SAFE_NO_PAD.encode(hash));
                let is_behind = has_gap || claims.previous == before;
                let is_over = claims.root == tree_text(now.values().copied())
                    && claims.chains == now.len() as u64;
                if claims.number == root.number && is_behind && (is_over || has_gap) {
                    let at = Timestamp::from_millis(claims.at);
                    signed.times.insert(root.number, at);
                    signed.add(root);
                } else {
                    report.faults.push(Fault::RootDiffers(root.number));
                }
            }
        }
        next = root.number + 1;
        previous = Some(hash_of(&root.signed));
    }
}

fn check_witnesses(
    kept: &[Root],
    keys: &RootKeys,
    witnesses: &Witnesses,
    signed: &mut SignedHeads,
    report: &mut Report,
) {
    let of = |number| {
        let at = kept.binary_search_by_key(&number, |root| root.number);
        at.ok().map(|at| &kept[at])
    };
    for witness in &witnesses.roots {
        let claims = keys.open(&witness.signed);
        if claims.is_none_or(|claims| claims.number != witness.number) {
            report.faults.push(Fault::WitnessForged);
            continue;
        }
        match of(witness.number) {
            Some(root) if root.signed == witness.signed => {}
            Some(_) => report.faults.push(Fault::RootDiffers(witness.number)),
            None => {
                report.faults.push(Fault::RootMissing(witness.number));
                signed.add(witness);
            }
        }
    }
    if let Some(head) = &witnesses.head {
        match keys.open(head) {
            None => report.faults.push(Fault::WitnessForged),
            Some(claims) => match of(claims.number) {
                None => report.faults.push(Fault::RootMissing(claims.number)),
                Some(root) if root.signed == *head => {}
                Some(_) => report.faults.push(Fault::RootDiffers(claims.number)),
            },
        }
    }
}

fn check_chain(
    connection: &Connection,
    start: &Start,
    heads: &[(u64, Head)],
    (times, kept_since): (&BTreeMap<u64, Timestamp>, Option<Timestamp>),
    report: &mut Report,
) -> Result<(), StoreError> {
    let mut faults = Vec::new();
    if start.pruned.seq > 0 {
        let ends_there =
            |(_, head): &&(u64, Head)| head.place == start.pruned && head.hash == start.hash;
        match heads.iter().find(ends_there) {
            None => faults.push(Fault::PrunedElsewhere(start.pruned)),
            Some((root, _)) => {
                let at = times.get(root).copied();
                report.since = report.since.max(at);
                if at > kept_since && kept_since.is_some() {
                    faults.push(Fault::PrunedEarly(start.pruned, *root));
                }
            }
        }
    }
    let mut left = heads.iter().peekable();
    let mut last = start.pruned;
    walk::walk(connection, start, |seen| {
        report.entries += 1;
        let is_next = seen.place.seq == last.seq + 1;
        let mut tell = |fault| {
            if faults.len() < TOLD_PER_CHAIN {
                faults.push(fault);
            }
        };
        if !is_next {
            let mut missing = last;
            missing.seq += 1;
            tell(Fault::Missing(missing));
        } else if seen.hash != seen.expected {
            tell(Fault::Changed(seen.place));
        }
        last = seen.place;
        while let Some((root, head)) = left.next_if(|(_, head)| head.place.seq <= last.seq) {
            if head.place.seq == last.seq && head.hash != seen.hash {
                tell(Fault::Rewritten(seen.place, *root));
            }
        }
    })?;
    if let Some((root, head)) = left.rfind(|(_, head)| head.place.seq > last.seq) {
        faults.push(Fault::CutOff(head.place, *root));
    }
    report.faults.extend(faults);
    Ok(())
}

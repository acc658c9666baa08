//! The Merkle tree hash of RFC 6962 section 2.1, with SHA-256, over the heads of chains.

use aws_lc_rs::digest::{Context, SHA256};

use crate::store::audit::{
    chain::{Hash, Place},
    roots::Head,
};

/// The tree's hash over heads in the order of their places.
pub(super) fn root(heads: impl IntoIterator<Item = Head>) -> Hash {
    let leaves: Vec<Hash> = heads.into_iter().map(|head| leaf(&head)).collect();
    tree(&leaves)
}

/// `0x00 || merchant(16) || chain(1) || sequence(8, big-endian) || hash(32)`
fn leaf(Head { place, hash }: &Head) -> Hash {
    let Place {
        merchant,
        chain,
        seq,
    } = place;
    sha256(&[
        &[0],
        merchant.as_bytes(),
        &[*chain],
        &seq.to_be_bytes(),
        hash,
    ])
}

fn tree(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => sha256(&[]),
        [leaf] => *leaf,
        _ => {
            // The largest power of two smaller than their number.
            let left = leaves.len().next_power_of_two() / 2;
            let (left, right) = leaves.split_at(left);
            sha256(&[&[1], &tree(left), &tree(right)])
        }
    }
}

fn sha256(parts: &[&[u8]]) -> Hash {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{hex::hex, store::RowId};

    #[test]
    fn trees_are_those_of_the_rfc() {
        // The empty tree; and three leaves, of which the third stands alone.
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(hex(&root([])), empty);
        let head = |chain| Head {
            place: Place {
                merchant: RowId::LEAST,
                chain,
                seq: 1,
            },
            hash: [chain; 32],
        };
        let [a, b, c] = [0, 1, 2].map(|chain| leaf(&head(chain)));
        let pair = sha256(&[&[1], &a, &b]);
        assert_eq!(root([0, 1].map(head)), pair);
        assert_eq!(root([0, 1, 2].map(head)), sha256(&[&[1], &pair, &c]));
    }
}

//! What a verification finds.

use std::fmt;

use crate::store::{RowId, audit::chain::Place};

/// Something that is not as it was written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fault {
    /// The entry was changed, or stands in another's place.
    Changed(Place),
    /// The entry is not there, though later ones are.
    Missing(Place),
    /// The chain ends before the entry, which this root has signed.
    CutOff(Place, u64),
    /// The entry and what is before it were written anew: this root has signed another.
    Rewritten(Place, u64),
    /// Entries up to this one were removed, and no signed root has it as a chain's end.
    PrunedElsewhere(Place),
    /// Entries up to this one were removed before their time was over: this root ends there.
    PrunedEarly(Place, u64),
    /// So many entries are in no chain that there is.
    InNoChain(u64),
    /// The root was not signed by any of the keys.
    RootForged(u64),
    /// The root is not there, though another one or a witness has it.
    RootMissing(u64),
    /// The roots from the one to the other are not there, though a later one is.
    RootsMissing(u64, u64),
    /// The root is not the one that the next one or a witness has, or its heads are not those that were signed.
    RootDiffers(u64),
    /// What was given as a signed root is none.
    WitnessForged,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed(place) => write!(f, "{}: was changed or put there", name(place)),
            Self::Missing(place) => write!(f, "{}: is missing", name(place)),
            Self::CutOff(place, root) => {
                write!(f, "{}: was cut off, root {root} has it", name(place))
            }
            Self::Rewritten(place, root) => {
                write!(
                    f,
                    "{}: was written anew, root {root} has another",
                    name(place)
                )
            }
            Self::PrunedElsewhere(place) => {
                write!(f, "{}: was pruned, but no root ends there", name(place))
            }
            Self::PrunedEarly(place, root) => write!(
                f,
                "{}: was pruned with root {root} before its retention was over",
                name(place)
            ),
            Self::InNoChain(count) => write!(f, "{count} entries: are in no chain that there is"),
            Self::RootForged(number) => {
                write!(f, "root {number}: was not signed by any of the keys")
            }
            Self::RootMissing(number) => write!(f, "root {number}: is missing"),
            Self::RootsMissing(first, last) => write!(f, "roots {first} to {last}: are missing"),
            Self::RootDiffers(number) => {
                write!(
                    f,
                    "root {number}: is not over what was signed or said of it"
                )
            }
            Self::WitnessForged => {
                f.write_str("the root that was given: was not signed by any of the keys")
            }
        }
    }
}

fn name(place: &Place) -> String {
    let whose = if place.merchant == RowId::LEAST {
        "installation".to_owned()
    } else {
        place.merchant.text("mch")
    };
    format!("{whose} chain {} entry {}", place.chain, place.seq)
}

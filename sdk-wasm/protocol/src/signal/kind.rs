//! Types and bounds of signals' values.

/// The type and bounds of a signal's value.
///
/// What a position of [`Kind::Bits`], [`Kind::Digits`], [`Kind::Ints`] or [`Kind::Plains`] stands for
/// is in [`super::SignalName::parts`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// A whole number, of which so many bits each say yes or no; the first is the lowest.
    Bits(u8),
    /// At most so many decimal digits, each an answer of its own.
    Digits(usize),
    /// A whole number between two bounds.
    Int {
        /// Smallest value.
        min: i32,
        /// Largest value.
        max: i32,
    },
    /// A list of whole numbers.
    Ints {
        /// Most entries.
        entries: usize,
        /// Smallest value.
        min: i32,
        /// Largest value.
        max: i32,
    },
    /// [`super::KeyTiming`].
    KeyTiming,
    /// [`super::PasteCounts`].
    PasteCounts,
    /// Printable ASCII without quotes and backslashes, at most so many characters: its JSON form is
    /// as long as it is.
    Plain(usize),
    /// A list of such texts.
    Plains {
        /// Most entries.
        entries: usize,
        /// Most characters of an entry.
        chars: usize,
    },
    /// [`super::Screen`].
    Screen,
    /// Printable ASCII, at most so many characters.
    Text(usize),
    /// A list of printable ASCII texts.
    Texts {
        /// Most entries.
        entries: usize,
        /// Most characters of an entry.
        chars: usize,
    },
}

impl Kind {
    /// The bounds that whole numbers of this kind have.
    pub(super) const fn bounds(self) -> (i32, i32) {
        match self {
            Self::Bits(bits) => (0, (1 << bits) - 1),
            Self::Int { min, max } | Self::Ints { min, max, .. } => (min, max),
            _ => (0, 0),
        }
    }

    /// The most entries and the most characters of each that texts of this kind have.
    pub(super) const fn lengths(self) -> (usize, usize) {
        match self {
            Self::Digits(chars) | Self::Plain(chars) | Self::Text(chars) => (1, chars),
            Self::Plains { entries, chars } | Self::Texts { entries, chars } => (entries, chars),
            Self::Ints { entries, .. } => (entries, 0),
            _ => (0, 0),
        }
    }
}

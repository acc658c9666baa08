//! The registry of signals.

use crate::message::SignalLevel;

/// The name of a signal, as it crosses the wire.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum SignalName {
    /// Number of logical processors.
    HardwareConcurrency,
    /// How long keys were held, and the time between them.
    KeyTiming,
    /// Preferred languages, best first.
    Languages,
    /// How often each field was filled by a paste.
    PasteCounts,
    /// Device pixels per CSS pixel, in thousandths.
    PixelRatio,
    /// What the browser calls its platform.
    Platform,
    /// Size and depth of the screen.
    Screen,
    /// IANA time zone.
    TimeZone,
    /// How many touches the device tells apart.
    TouchPoints,
    /// Minutes that local time is ahead of UTC.
    UtcOffsetMin,
}

/// What a signal describes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Group {
    /// How the form was filled.
    Behaviour,
    /// The device and its browser.
    Device,
}

/// The type and bounds of a signal's value.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// A whole number between two bounds.
    Int {
        /// Smallest value.
        min: i32,
        /// Largest value.
        max: i32,
    },
    /// [`super::KeyTiming`].
    KeyTiming,
    /// [`super::PasteCounts`].
    PasteCounts,
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

struct Row {
    text: &'static str,
    group: Group,
    kind: Kind,
    minimal: bool,
    purpose: &'static str,
}

impl SignalName {
    /// Every signal, in alphabetical order of the names on the wire.
    pub const ALL: [Self; 10] = [
        Self::HardwareConcurrency,
        Self::KeyTiming,
        Self::Languages,
        Self::PasteCounts,
        Self::PixelRatio,
        Self::Platform,
        Self::Screen,
        Self::TimeZone,
        Self::TouchPoints,
        Self::UtcOffsetMin,
    ];

    /// The order in which signals are left out when the plaintext would not fit: first what tells
    /// devices apart least, last what the geographic rules read.
    pub const DROP_ORDER: [Self; 10] = [
        Self::TouchPoints,
        Self::HardwareConcurrency,
        Self::PixelRatio,
        Self::Platform,
        Self::Screen,
        Self::PasteCounts,
        Self::KeyTiming,
        Self::Languages,
        Self::UtcOffsetMin,
        Self::TimeZone,
    ];

    /// The signal with that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.as_str() == text)
    }

    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        self.row().text
    }

    /// What the signal describes.
    pub const fn group(self) -> Group {
        self.row().group
    }

    /// Type and bounds of the value.
    pub const fn kind(self) -> Kind {
        self.row().kind
    }

    /// Why a decision needs it, for people: the record of processing that the GDPR asks for.
    pub const fn purpose(self) -> &'static str {
        self.row().purpose
    }

    /// Whether the frame may measure the signal at that level.
    pub const fn collected_at(self, level: SignalLevel) -> bool {
        match level {
            SignalLevel::Full => true,
            SignalLevel::Minimal => self.row().minimal,
            SignalLevel::Off => false,
        }
    }

    const fn row(self) -> Row {
        match self {
            Self::HardwareConcurrency => Row {
                text: "hardware_concurrency",
                group: Group::Device,
                kind: Kind::Int { min: 0, max: 1024 },
                minimal: false,
                purpose: "Tells devices apart; servers that run browsers have unusual counts.",
            },
            Self::KeyTiming => Row {
                text: "key_timing",
                group: Group::Behaviour,
                kind: Kind::KeyTiming,
                minimal: false,
                purpose: "Tells typing by a person from typing by a program; never which keys.",
            },
            Self::Languages => Row {
                text: "languages",
                group: Group::Device,
                kind: Kind::Texts {
                    entries: 8,
                    chars: 35,
                },
                minimal: true,
                purpose: "Compared with the countries of the card, of shipping and of the address.",
            },
            Self::PasteCounts => Row {
                text: "paste_counts",
                group: Group::Behaviour,
                kind: Kind::PasteCounts,
                minimal: false,
                purpose: "Lists of stolen cards are pasted field by field; never what was pasted.",
            },
            Self::PixelRatio => Row {
                text: "pixel_ratio",
                group: Group::Device,
                kind: Kind::Int {
                    min: 0,
                    max: 100_000,
                },
                minimal: false,
                purpose: "Tells devices apart; headless browsers keep the default.",
            },
            Self::Platform => Row {
                text: "platform",
                group: Group::Device,
                kind: Kind::Text(64),
                minimal: false,
                purpose: "Compared with the user agent: a difference shows a disguised browser.",
            },
            Self::Screen => Row {
                text: "screen",
                group: Group::Device,
                kind: Kind::Screen,
                minimal: false,
                purpose: "Tells devices apart; automated browsers have default or impossible sizes.",
            },
            Self::TimeZone => Row {
                text: "time_zone",
                group: Group::Device,
                kind: Kind::Text(64),
                minimal: true,
                purpose: "Compared with the country of the address: a difference shows a proxy.",
            },
            Self::TouchPoints => Row {
                text: "touch_points",
                group: Group::Device,
                kind: Kind::Int { min: 0, max: 256 },
                minimal: false,
                purpose: "Compared with the platform: a phone without touch is none.",
            },
            Self::UtcOffsetMin => Row {
                text: "utc_offset_min",
                group: Group::Device,
                kind: Kind::Int {
                    min: -1440,
                    max: 1440,
                },
                minimal: true,
                purpose: "Compared with the time zone: a difference shows a patched browser.",
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_unique_and_found() {
        for pair in SignalName::ALL.windows(2) {
            assert!(pair[0].as_str() < pair[1].as_str() && pair[0] < pair[1]);
        }
        for name in SignalName::ALL {
            assert_eq!(SignalName::parse(name.as_str()), Some(name));
            assert!(name.purpose().ends_with('.'));
        }
        assert_eq!(SignalName::parse("Platform"), None);
    }

    #[test]
    fn the_drop_order_has_every_signal_once() {
        let mut sorted = SignalName::DROP_ORDER;
        sorted.sort_unstable();
        assert_eq!(sorted, SignalName::ALL);
    }

    #[test]
    fn what_a_decision_needs_is_dropped_last() {
        let minimal = |name: &SignalName| name.collected_at(SignalLevel::Minimal);
        let first = SignalName::DROP_ORDER.iter().position(minimal).unwrap();
        assert!(SignalName::DROP_ORDER[first..].iter().all(minimal));
    }

    #[test]
    fn eight_describe_the_device_and_two_the_behaviour() {
        let behaviour = |name: &&SignalName| name.group() == Group::Behaviour;
        assert_eq!(SignalName::ALL.iter().filter(behaviour).count(), 2);
        assert!(
            SignalName::ALL
                .iter()
                .all(|name| !name.collected_at(SignalLevel::Off))
        );
        assert!(
            SignalName::ALL
                .iter()
                .all(|name| name.collected_at(SignalLevel::Full))
        );
    }
}

//! The registry of signals.

use super::{FieldInput, Kind};
use crate::message::SignalLevel;

/// The name of a signal, as it crosses the wire.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum SignalName {
    /// Digest of a tone that the browser computes.
    Audio,
    /// Digests of a drawing: its shapes, its text.
    Canvas,
    /// Widest gamut of the screen: 1 sRGB, 2 P3, 3 Rec. 2020.
    ColorGamut,
    /// How long filling the form took.
    Completion,
    /// Memory in MiB, as coarse as the browser tells it.
    DeviceMemory,
    /// A random number that the browser keeps for this form, the one before it, and its age in days.
    DeviceToken,
    /// [`FieldInput`] of each field, in the order of the form.
    Fields,
    /// The fields as the focus came to them, 0 for the number to 4 for the postal code.
    FocusOrder,
    /// Which of 64 fonts are there, as hexadecimal digits, the first font in the lowest bit.
    Fonts,
    /// Number of logical processors.
    HardwareConcurrency,
    /// Traces of a browser without a window, or of what drives it.
    Headless,
    /// How long keys were held, and the time between them.
    KeyTiming,
    /// Preferred languages, best first.
    Languages,
    /// Answers to media queries.
    Media,
    /// Which functions of the browser were replaced.
    Natives,
    /// How often each field was filled by a paste.
    PasteCounts,
    /// States of permissions: 0 unknown, 1 denied, 2 to be asked, 3 granted. None is asked for.
    Permissions,
    /// Device pixels per CSS pixel, in thousandths.
    PixelRatio,
    /// What the browser calls its platform.
    Platform,
    /// How the pointer moved; never where.
    Pointer,
    /// Which [`super::PrivacyMode`] the browser is in, or `none`.
    Privacy,
    /// Size and depth of the screen.
    Screen,
    /// How often and how far the page was scrolled with the pointer over the form.
    Scroll,
    /// Whether the processor draws in the place of graphics hardware.
    SoftwareRenderer,
    /// What the browser lets the form keep.
    Storage,
    /// IANA time zone.
    TimeZone,
    /// How many touches the device tells apart.
    TouchPoints,
    /// User-agent client hints, of low and of high entropy.
    UaData,
    /// What contradicts the user agent.
    UaMismatch,
    /// Minutes that local time is ahead of UTC.
    UtcOffsetMin,
    /// How many voices the browser can speak with.
    Voices,
    /// Whether the browser says that a program drives it.
    Webdriver,
    /// Vendor and renderer of the graphics.
    Webgl,
    /// Digest of what the graphics can do: limits, precisions, extensions.
    WebglLimits,
    /// Size of the form and of the browser's window, and where that is, in CSS pixels.
    Window,
    /// What a worker is told otherwise than the form.
    Worker,
}

/// What a signal describes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Group {
    /// What drives the browser, and whether its answers are its own.
    Automation,
    /// How the form was filled.
    Behaviour,
    /// The device and its browser.
    Device,
}

struct Row {
    text: &'static str,
    group: Group,
    kind: Kind,
    is_minimal: bool,
    is_compact: bool,
}

/// Characters of a digest: 64 bits in base64url.
const DIGEST: usize = 11;

impl SignalName {
    /// Every signal, in alphabetical order of the names on the wire.
    pub const ALL: [Self; 36] = [
        Self::Audio,
        Self::Canvas,
        Self::ColorGamut,
        Self::Completion,
        Self::DeviceMemory,
        Self::DeviceToken,
        Self::Fields,
        Self::FocusOrder,
        Self::Fonts,
        Self::HardwareConcurrency,
        Self::Headless,
        Self::KeyTiming,
        Self::Languages,
        Self::Media,
        Self::Natives,
        Self::PasteCounts,
        Self::Permissions,
        Self::PixelRatio,
        Self::Platform,
        Self::Pointer,
        Self::Privacy,
        Self::Screen,
        Self::Scroll,
        Self::SoftwareRenderer,
        Self::Storage,
        Self::TimeZone,
        Self::TouchPoints,
        Self::UaData,
        Self::UaMismatch,
        Self::UtcOffsetMin,
        Self::Voices,
        Self::Webdriver,
        Self::Webgl,
        Self::WebglLimits,
        Self::Window,
        Self::Worker,
    ];

    /// The order in which signals are left out when the plaintext would not fit: first what tells
    /// devices apart least, then what describes the device, what was done, what drives it; last what
    /// the geographic rules read.
    pub const DROP_ORDER: [Self; 36] = [
        Self::Voices,
        Self::Scroll,
        Self::ColorGamut,
        Self::TouchPoints,
        Self::Permissions,
        Self::Storage,
        Self::DeviceMemory,
        Self::HardwareConcurrency,
        Self::PixelRatio,
        Self::Media,
        Self::Window,
        Self::FocusOrder,
        Self::WebglLimits,
        Self::Audio,
        Self::Fonts,
        Self::Completion,
        Self::Pointer,
        Self::Canvas,
        Self::Webgl,
        Self::UaData,
        Self::Platform,
        Self::Screen,
        Self::PasteCounts,
        Self::KeyTiming,
        Self::Fields,
        Self::Worker,
        Self::SoftwareRenderer,
        Self::UaMismatch,
        Self::Headless,
        Self::Natives,
        Self::Webdriver,
        Self::DeviceToken,
        Self::Privacy,
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

    /// Whether its readings have the short form; see [`super::Reading`].
    pub const fn is_compact(self) -> bool {
        self.row().is_compact
    }

    /// Whether the frame may measure the signal at that level.
    pub const fn collected_at(self, level: SignalLevel) -> bool {
        match level {
            SignalLevel::Full => true,
            SignalLevel::Minimal => self.row().is_minimal,
            SignalLevel::Off => false,
        }
    }

    const fn row(self) -> &'static Row {
        const ALL_ROWS: &[Row] = &ROWS;
        &ALL_ROWS[self as usize]
    }
}

/// In the order of the names.
const ROWS: [Row; 36] = [
    device("audio", Kind::Plain(DIGEST)),
    device(
        "canvas",
        Kind::Plains {
            entries: 2,
            chars: DIGEST,
        },
    ),
    device("color_gamut", Kind::Int { min: 0, max: 3 }),
    behaviour(
        "completion",
        Kind::Ints {
            entries: 5,
            min: 0,
            max: 999_999,
        },
    ),
    device(
        "device_memory",
        Kind::Int {
            min: 0,
            max: 1_048_576,
        },
    ),
    device(
        "device_token",
        Kind::Plains {
            entries: 3,
            chars: 22,
        },
    ),
    behaviour(
        "fields",
        Kind::Ints {
            entries: FieldInput::FIELDS * FieldInput::LEN,
            min: 0,
            max: FieldInput::MAX as i32,
        },
    ),
    behaviour("focus_order", Kind::Digits(16)),
    device("fonts", Kind::Plain(16)),
    device("hardware_concurrency", Kind::Int { min: 0, max: 1024 }).of_the_first_release(),
    automation("headless", Kind::Bits(8)),
    behaviour("key_timing", Kind::KeyTiming).of_the_first_release(),
    device(
        "languages",
        Kind::Texts {
            entries: 8,
            chars: 35,
        },
    )
    .of_the_first_release()
    .minimal(),
    device("media", Kind::Digits(16)),
    automation("natives", Kind::Bits(16)),
    behaviour("paste_counts", Kind::PasteCounts).of_the_first_release(),
    device("permissions", Kind::Digits(8)),
    device(
        "pixel_ratio",
        Kind::Int {
            min: 0,
            max: 100_000,
        },
    )
    .of_the_first_release(),
    device("platform", Kind::Text(64)).of_the_first_release(),
    behaviour(
        "pointer",
        Kind::Ints {
            entries: 7,
            min: 0,
            max: 99_999,
        },
    ),
    device("privacy", Kind::Plain(17)).minimal(),
    device("screen", Kind::Screen).of_the_first_release(),
    behaviour(
        "scroll",
        Kind::Ints {
            entries: 3,
            min: 0,
            max: 99_999,
        },
    ),
    automation("software_renderer", Kind::Int { min: 0, max: 1 }),
    device("storage", Kind::Bits(6)),
    device("time_zone", Kind::Text(64))
        .of_the_first_release()
        .minimal(),
    device("touch_points", Kind::Int { min: 0, max: 256 }).of_the_first_release(),
    device(
        "ua_data",
        Kind::Plains {
            entries: 8,
            chars: 20,
        },
    ),
    automation("ua_mismatch", Kind::Bits(7)),
    device(
        "utc_offset_min",
        Kind::Int {
            min: -1440,
            max: 1440,
        },
    )
    .of_the_first_release()
    .minimal(),
    device("voices", Kind::Int { min: 0, max: 4096 }),
    automation("webdriver", Kind::Int { min: 0, max: 1 }),
    device(
        "webgl",
        Kind::Plains {
            entries: 2,
            chars: 96,
        },
    ),
    device("webgl_limits", Kind::Plain(DIGEST)),
    device(
        "window",
        Kind::Ints {
            entries: 6,
            min: -99_999,
            max: 99_999,
        },
    ),
    automation("worker", Kind::Bits(7)),
];

const fn device(text: &'static str, kind: Kind) -> Row {
    row(text, Group::Device, kind)
}

const fn behaviour(text: &'static str, kind: Kind) -> Row {
    row(text, Group::Behaviour, kind)
}

const fn automation(text: &'static str, kind: Kind) -> Row {
    row(text, Group::Automation, kind)
}

const fn row(text: &'static str, group: Group, kind: Kind) -> Row {
    Row {
        text,
        group,
        kind,
        is_minimal: false,
        is_compact: true,
    }
}

impl Row {
    const fn minimal(mut self) -> Self {
        self.is_minimal = true;
        self
    }

    /// The first release's signals keep its form: its verifiers refuse them in another.
    const fn of_the_first_release(mut self) -> Self {
        self.is_compact = false;
        self
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
    fn levels_collect_all_the_least_and_none() {
        let count = |level| {
            let collected = SignalName::ALL
                .iter()
                .filter(|name| name.collected_at(level));
            collected.count()
        };
        assert_eq!(count(SignalLevel::Full), SignalName::ALL.len());
        assert_eq!(count(SignalLevel::Minimal), 4);
        assert_eq!(count(SignalLevel::Off), 0);
    }

    #[test]
    fn ten_signals_keep_the_form_of_the_first_release() {
        let first = SignalName::ALL.iter().filter(|name| !name.is_compact());
        assert_eq!(first.count(), 10);
    }
}

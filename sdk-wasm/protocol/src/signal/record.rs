//! The record of processing: what each signal is for, for the people whose browsers are asked.

use alloc::{
    format,
    string::{String, ToString},
};
use core::fmt::Write;

use super::{FieldInput, Group, Kind, SignalName};
use crate::message::SignalLevel;

/// What kind of personal data a signal is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DataClass {
    /// How a form was filled: no content, and no identification.
    Behaviour,
    /// What a device or browser is like.
    Device,
    /// A random number that stands for a device.
    Identifier,
}

impl DataClass {
    /// In words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Behaviour => "behaviour, no content and no identification",
            Self::Device => "device data, read from the customer's browser",
            Self::Identifier => "identifier, random, kept in the customer's browser",
        }
    }
}

/// How long signals are kept: the option of the verifier's configuration.
const RETENTION: &str = "`retention.submission_details_s`";

impl SignalName {
    /// What kind of personal data it is.
    pub const fn class(self) -> DataClass {
        match (self, self.group()) {
            (Self::DeviceToken, _) => DataClass::Identifier,
            (_, Group::Behaviour) => DataClass::Behaviour,
            (_, Group::Automation | Group::Device) => DataClass::Device,
        }
    }

    /// How long it is kept, and by whom.
    pub const fn retention(self) -> &'static str {
        match self {
            Self::DeviceToken => {
                "`retention.submission_details_s`; told by the browser for 90 days at most, see below"
            }
            _ => RETENTION,
        }
    }

    /// Why a decision needs it: the record of processing that the GDPR asks for.
    pub const fn purpose(self) -> &'static str {
        match self {
            Self::Audio => "Tells devices apart: processors and browsers round differently.",
            Self::Canvas => {
                "Tells devices apart: fonts and smoothing differ; noise shows a disguise."
            }
            Self::ColorGamut => "Tells devices apart; servers without a screen have the least.",
            Self::Completion => "Programs fill and submit faster, or more evenly, than people do.",
            Self::DeviceMemory => "Tells devices apart; a phone with a server's memory is none.",
            Self::DeviceToken => {
                "Recognises a device that paid here before, without looking at what it is."
            }
            Self::Fields => {
                "Tells a person from a program, and from somebody who copies a list of cards."
            }
            Self::FocusOrder => "Programs go through a form in one order and never back.",
            Self::Fonts => {
                "Tells devices apart; compared with the platform, which comes with fonts of its own."
            }
            Self::HardwareConcurrency => {
                "Tells devices apart; servers that run browsers have unusual counts."
            }
            Self::Headless | Self::Webdriver => "Shows a browser that a program drives.",
            Self::KeyTiming => {
                "Tells typing by a person from typing by a program; never which keys."
            }
            Self::Languages => {
                "Compared with the countries of the card, of shipping and of the address."
            }
            Self::Media => {
                "Tells devices apart; compared with the platform: a phone without touch is none."
            }
            Self::Natives => "Shows a browser whose answers a script or an extension forges.",
            Self::PasteCounts => {
                "Lists of stolen cards are pasted field by field; never what was pasted."
            }
            Self::Permissions => {
                "Tells browsers apart; programs that drive one grant or deny what people are asked."
            }
            Self::PixelRatio => "Tells devices apart; headless browsers keep the default.",
            Self::Platform => {
                "Compared with the user agent: a difference shows a disguised browser."
            }
            Self::Pointer => "Tells a hand from a program, whose pointer jumps or goes straight.",
            Self::Privacy => "Tells what a browser masks, so that nobody is judged by it.",
            Self::Screen => {
                "Tells devices apart; automated browsers have default or impossible sizes."
            }
            Self::Scroll => "People scroll to a form; programs need not.",
            Self::SoftwareRenderer => "Servers that run browsers have no graphics hardware.",
            Self::Storage => "Tells a device that cannot be recognised from one that is new.",
            Self::TimeZone => {
                "Compared with the country of the address: a difference shows a proxy."
            }
            Self::TouchPoints => "Compared with the platform: a phone without touch is none.",
            Self::UaData => "Tells devices apart, and recognises one whose browser was updated.",
            Self::UaMismatch => "Shows a browser that claims to be another.",
            Self::UtcOffsetMin => {
                "Compared with the time zone: a difference shows a patched browser."
            }
            Self::Voices => "Tells devices apart; servers have none.",
            Self::Webgl => "Tells devices apart; compared with the platform.",
            Self::WebglLimits => "Tells devices apart; compared with the renderer that is claimed.",
            Self::Window => "Tells devices apart; automated browsers have windows without a frame.",
            Self::Worker => "Shows forged answers: who forges them forgets workers.",
        }
    }

    /// What each bit, digit, number or text of the value stands for, in order. Empty for a value that
    /// is one thing. Those of `fields` are one field's, and come once for each.
    #[allow(clippy::too_many_lines, reason = "a line each")]
    pub const fn parts(self) -> &'static [&'static str] {
        match self {
            Self::Canvas => &["shapes", "text"],
            Self::Completion => &[
                "to_first_input_ms",
                "filling_ms",
                "to_submit_ms",
                "times_hidden",
                "untrusted_events",
            ],
            Self::DeviceToken => &["current", "previous", "age_days"],
            Self::Fields => &[
                "keys",
                "dwell_ms_median",
                "dwell_ms_spread",
                "flight_ms_median",
                "flight_ms_spread",
                "corrections",
                "pastes",
                "autofills",
                "keyless",
                "sets",
                "visits",
                "focus_ds",
            ],
            Self::Headless => &[
                "ua_headless",
                "no_plugins",
                "no_chrome_object",
                "no_outer_size",
                "notification_denied",
                "no_languages",
                "driver_globals",
                "window_beyond_screen",
            ],
            Self::Media => &[
                "color_scheme",
                "reduced_motion",
                "contrast",
                "forced_colors",
                "inverted_colors",
                "reduced_transparency",
                "reduced_data",
                "dynamic_range",
                "monochrome",
                "hover",
                "any_hover",
                "pointer",
                "any_pointer",
            ],
            Self::Natives => &[
                "to_string",
                "user_agent",
                "platform",
                "webdriver",
                "languages",
                "hardware_concurrency",
                "device_memory",
                "plugins",
                "permissions_query",
                "to_data_url",
                "get_image_data",
                "webgl_parameter",
                "measure_text",
                "timezone_offset",
                "resolved_options",
                "screen",
            ],
            Self::Permissions => &[
                "notifications",
                "persistent_storage",
                "clipboard_read",
                "clipboard_write",
                "background_sync",
                "storage_access",
            ],
            Self::Pointer => &[
                "moves",
                "path_px",
                "straightness_percent",
                "speed_px_s_median",
                "speed_px_s_spread",
                "presses",
                "kinds",
            ],
            Self::Scroll => &["wheels", "wheel_px", "touch_scrolls"],
            Self::Storage => &[
                "local",
                "session",
                "indexed_db",
                "cookies",
                "caches",
                "persisted",
            ],
            Self::UaData => &[
                "brand",
                "version",
                "platform",
                "platform_version",
                "architecture",
                "bitness",
                "model",
                "form",
            ],
            Self::UaMismatch => &[
                "platform",
                "ua_data_platform",
                "ua_data_version",
                "ua_data_mobile",
                "vendor",
                "engine",
                "touch",
            ],
            Self::Webgl => &["vendor", "renderer"],
            Self::Window => &[
                "inner_width",
                "inner_height",
                "outer_width",
                "outer_height",
                "x",
                "y",
            ],
            Self::Worker => &[
                "user_agent",
                "platform",
                "languages",
                "hardware_concurrency",
                "device_memory",
                "time_zone",
                "ua_data_platform",
            ],
            _ => &[],
        }
    }

    /// Where among [`Self::parts`] that name is.
    pub fn part(self, part: &str) -> Option<usize> {
        self.parts().iter().position(|known| *known == part)
    }
}

/// The registry as the table of `docs/signals.md`.
pub fn reference() -> String {
    let mut table = String::from(
        "| signal | value | collected at level | class | purpose | kept |\n|---|---|---|---|---|---|\n",
    );
    for name in SignalName::ALL {
        let levels = match name.collected_at(SignalLevel::Minimal) {
            true => "full, minimal",
            false => "full",
        };
        // Writing to a string does not fail.
        let _ = writeln!(
            table,
            "| `{}` | {} | {levels} | {} | {} | {} |",
            name.as_str(),
            value(name),
            name.class().as_str(),
            name.purpose(),
            name.retention(),
        );
    }
    table
}

/// The value's type, bounds and parts, in words.
fn value(name: SignalName) -> String {
    let kind = match name.kind() {
        Kind::Bits(_) => "bits".to_string(),
        Kind::Digits(most) => format!("up to {most} digits"),
        Kind::Int { min, max } => format!("{min} to {max}"),
        Kind::Ints { min, max, .. } if matches!(name, SignalName::Fields) => {
            format!("{} × numbers of {min} to {max}", FieldInput::FIELDS)
        }
        Kind::Ints { min, max, .. } => format!("numbers of {min} to {max}"),
        Kind::KeyTiming | Kind::PasteCounts | Kind::Screen => "numbers".to_string(),
        Kind::Plain(most) | Kind::Text(most) => format!("up to {most} characters"),
        Kind::Plains { entries, chars } | Kind::Texts { entries, chars } => {
            format!("{entries} × up to {chars} characters")
        }
    };
    if name.parts().is_empty() {
        return kind;
    }
    format!("{kind}: {}", name.parts().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signal_has_a_purpose_and_a_row() {
        let table = reference();
        assert_eq!(table.lines().count(), 2 + SignalName::ALL.len());
        for name in SignalName::ALL {
            assert!(name.purpose().ends_with('.'), "{name:?}");
            assert!(table.contains(&format!("| `{}` | ", name.as_str())));
        }
    }

    #[test]
    fn parts_are_as_many_as_the_value_has_room_for() {
        for name in SignalName::ALL {
            let parts = name.parts().len();
            let fits = match name.kind() {
                Kind::Bits(bits) => parts == usize::from(bits),
                Kind::Digits(most) => parts <= most,
                Kind::Ints { entries, .. } if name == SignalName::Fields => {
                    parts == FieldInput::LEN && entries == parts * FieldInput::FIELDS
                }
                Kind::Ints { entries, .. } | Kind::Plains { entries, .. } => parts == entries,
                _ => parts == 0,
            };
            assert!(fits, "{name:?}");
        }
        assert_eq!(SignalName::Headless.part("driver_globals"), Some(6));
        assert_eq!(SignalName::Headless.part("other"), None);
    }
}

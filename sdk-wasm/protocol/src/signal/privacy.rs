//! Browsers that hide what they run on.

use super::SignalName;

/// A browser that gives false or coarse answers to protect who uses it. That is a customer's right
/// and no sign of fraud: what such a browser masks is not measured, and is told apart from what is
/// missing ([`super::Outcome::Masked`]).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PrivacyMode {
    /// Brave: random noise, anew for each site and start ("farbling").
    Brave,
    /// Firefox with `privacy.resistFingerprinting`, as in the Tor and Mullvad browsers: everybody
    /// gives the same answers.
    FirefoxResisting,
    /// Safari 17 and later: noise in what is drawn, in private windows or everywhere.
    Safari,
    /// Samsung Internet: noise in what is drawn.
    Samsung,
}

impl PrivacyMode {
    /// Every mode.
    pub const ALL: [Self; 4] = [
        Self::Brave,
        Self::FirefoxResisting,
        Self::Safari,
        Self::Samsung,
    ];

    /// The value of the signal `privacy`. A browser that masks nothing has `none`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Brave => "brave",
            Self::FirefoxResisting => "firefox_resisting",
            Self::Safari => "safari",
            Self::Samsung => "samsung",
        }
    }

    /// The mode of that value; nothing for `none`, and for what a later build may say.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == text)
    }

    /// Whether what such a browser answers to that signal is made up, or the same for everybody.
    pub const fn masks(self, name: SignalName) -> bool {
        use SignalName as Name;
        match self {
            Self::Brave => matches!(
                name,
                Name::Audio
                    | Name::Canvas
                    | Name::DeviceMemory
                    | Name::Fonts
                    | Name::HardwareConcurrency
                    | Name::Screen
                    | Name::Voices
                    | Name::Webgl
                    | Name::WebglLimits
                    | Name::Window
            ),
            Self::FirefoxResisting => matches!(
                name,
                Name::Audio
                    | Name::Canvas
                    | Name::ColorGamut
                    | Name::DeviceMemory
                    | Name::Fonts
                    | Name::HardwareConcurrency
                    | Name::Media
                    | Name::PixelRatio
                    | Name::Platform
                    | Name::Screen
                    | Name::TimeZone
                    | Name::TouchPoints
                    | Name::UtcOffsetMin
                    | Name::Voices
                    | Name::Webgl
                    | Name::WebglLimits
                    | Name::Window
            ),
            Self::Safari | Self::Samsung => matches!(name, Name::Audio | Name::Canvas),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{message::SignalLevel, signal::Group};

    #[test]
    fn modes_are_found_by_name() {
        for mode in PrivacyMode::ALL {
            assert_eq!(PrivacyMode::parse(mode.as_str()), Some(mode));
            assert!(mode.as_str().len() <= 17);
        }
        assert_eq!(PrivacyMode::parse("none"), None);
    }

    #[test]
    fn what_is_drawn_is_masked_by_all_and_what_is_done_by_none() {
        for mode in PrivacyMode::ALL {
            assert!(mode.masks(SignalName::Canvas) && mode.masks(SignalName::Audio));
            for name in SignalName::ALL {
                assert!(
                    name.group() == Group::Device || !mode.masks(name),
                    "{name:?}"
                );
            }
            assert!(!mode.masks(SignalName::Privacy) && !mode.masks(SignalName::DeviceToken));
        }
        assert!(SignalName::Privacy.collected_at(SignalLevel::Minimal));
    }
}

//! What the browser flow of EMV 3-D Secure needs of the customer's browser.

use alloc::string::String;
use core::fmt;

use serde::{Deserialize, Serialize};

use crate::printable::{is_printable, plain};

/// Browser data as EMV 3-D Secure (2.x, "browser information") asks for it; always sent, since a
/// challenge may follow. The IP address and the `Accept` header are the server's to see.
#[derive(Clone, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct BrowserData {
    /// Preferred languages joined by commas, best first; at most 128 characters.
    pub accept_language: String,
    /// Bits per pixel of the screen.
    pub color_depth: u8,
    /// Whether the browser runs Java.
    pub java_enabled: bool,
    /// Whether the browser runs JavaScript.
    pub javascript_enabled: bool,
    /// Language of the browser (BCP 47), at most 35 characters.
    pub language: String,
    /// Height of the screen in CSS pixels, at most 999,999.
    pub screen_height: u32,
    /// Width of the screen in CSS pixels, at most 999,999.
    pub screen_width: u32,
    /// UTC minus local time in minutes, as `Date.getTimezoneOffset()` gives it; at most a day.
    pub tz_offset_min: i16,
    /// User agent, at most 512 characters.
    pub user_agent: String,
}

const MAX_ACCEPT_LANGUAGE: usize = 128;
const MAX_LANGUAGE: usize = 35;
const MAX_SCREEN: u32 = 999_999;
const MAX_TZ_OFFSET_MIN: i16 = 24 * 60;
const MAX_USER_AGENT: usize = 512;

impl BrowserData {
    /// The data cut to its bounds: long texts shortened, what is not printable ASCII, and
    /// quotes and backslashes, replaced: no browser's own texts have them.
    #[must_use]
    pub fn bounded(self) -> Self {
        Self {
            accept_language: plain(&self.accept_language, MAX_ACCEPT_LANGUAGE),
            language: plain(&self.language, MAX_LANGUAGE),
            screen_height: self.screen_height.min(MAX_SCREEN),
            screen_width: self.screen_width.min(MAX_SCREEN),
            tz_offset_min: self
                .tz_offset_min
                .clamp(-MAX_TZ_OFFSET_MIN, MAX_TZ_OFFSET_MIN),
            user_agent: plain(&self.user_agent, MAX_USER_AGENT),
            ..self
        }
    }

    pub(super) fn is_bounded(&self) -> bool {
        is_printable(&self.accept_language, MAX_ACCEPT_LANGUAGE)
            && is_printable(&self.language, MAX_LANGUAGE)
            && self.screen_height <= MAX_SCREEN
            && self.screen_width <= MAX_SCREEN
            && (-MAX_TZ_OFFSET_MIN..=MAX_TZ_OFFSET_MIN).contains(&self.tz_offset_min)
            && is_printable(&self.user_agent, MAX_USER_AGENT)
    }
}

impl fmt::Debug for BrowserData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BrowserData(redacted)")
    }
}

//! A visit with what it is looked for by, made from signals.

use std::fmt::Write;

use waxseal_protocol::signal::{SignalName, SignalValue, Signals};

use super::{Component, Form, Visit};

/// A visit that was just made.
#[derive(Clone, Debug)]
pub struct Presented {
    /// What it told.
    pub visit: Visit,
    /// Digests of the token that the browser keeps and of the one before it.
    pub tokens: [Option<[u8; 8]>; 2],
    /// Digests of what drawing and sounding tell together, and of what the hardware and its place do; earlier visits that have
    /// one of them are compared. `None` where too little of it is known.
    pub keys: [Option<[u8; 8]>; 2],
}

/// What each blocking key is made of: one change leaves the other.
const KEYS: [&[Component]; 2] = [
    &[
        Component::CanvasShapes,
        Component::Platform,
        Component::WebglRenderer,
    ],
    &[
        Component::HardwareConcurrency,
        Component::Languages,
        Component::Platform,
        Component::Screen,
        Component::TimeZone,
    ],
];

impl Presented {
    /// Digests what signals and user agent tell. `keyed` is a keyed digest, under a key of the merchant's own. What was
    /// masked, skipped or unstable is not there, and speaks neither for nor against anything.
    pub fn new(
        signals: &Signals,
        user_agent: &str,
        mut keyed: impl FnMut(&[u8]) -> [u8; 16],
    ) -> Self {
        let mut visit = Visit {
            form: form(signals, user_agent),
            browser_version: browser_version(signals, user_agent),
            digests: [0; Component::COUNT],
        };
        for component in Component::ALL {
            let told = tell(signals, component).filter(|told| !told.is_empty());
            if let Some(told) = told {
                let text = format!("{}\0{told}", component.as_str());
                let [a, b, c, d, ..] = keyed(text.as_bytes());
                // 0 is what there is nothing of.
                visit.digests[component as usize] = u32::from_le_bytes([a, b, c, d]).max(1);
            }
        }
        let tokens = signals.texts(SignalName::DeviceToken).unwrap_or(&[]);
        let token = |place: usize| tokens.get(place).filter(|token| !token.is_empty());
        let tokens = [token(0), token(1)]
            .map(|token| token.map(|token| half(keyed(format!("token\0{token}").as_bytes()))));
        let mut number = 0_u8;
        let keys = KEYS.map(|components| {
            let digests = components.iter().map(|component| visit.digest(*component));
            let digests: Option<Vec<u32>> = digests.collect();
            number += 1;
            digests.map(|digests| {
                let mut text = vec![b'k', number, 0];
                text.extend(digests.into_iter().flat_map(u32::to_le_bytes));
                half(keyed(&text))
            })
        });
        Self {
            visit,
            tokens,
            keys,
        }
    }
}

fn half(digest: [u8; 16]) -> [u8; 8] {
    let mut half = [0; 8];
    half.copy_from_slice(&digest[..8]);
    half
}

fn form(signals: &Signals, user_agent: &str) -> Form {
    let said = signals
        .texts(SignalName::UaData)
        .and_then(|data| data.get(7));
    let is_phone = said.is_some_and(|form| form == "mobile")
        || ["Mobile", "Android", "iPad"]
            .iter()
            .any(|word| user_agent.contains(word));
    match is_phone {
        true => Form::Phone,
        false => Form::Computer,
    }
}

/// The major version, by the hints or by the user agent; 0 where neither says it.
fn browser_version(signals: &Signals, user_agent: &str) -> u16 {
    let hinted = signals
        .texts(SignalName::UaData)
        .and_then(|data| data.get(1));
    let hinted = hinted.and_then(|version| major(version));
    let named = || {
        let names = ["Firefox/", "Edg/", "Chrome/", "CriOS/", "Version/"];
        names
            .iter()
            .find_map(|name| major(user_agent.split_once(name)?.1))
    };
    hinted.or_else(named).unwrap_or(0)
}

fn major(version: &str) -> Option<u16> {
    let end = version.find(|c: char| !c.is_ascii_digit());
    version[..end.unwrap_or(version.len())].parse().ok()
}

/// What a component is made of, as text; `None` where it was not measured.
fn tell(signals: &Signals, component: Component) -> Option<String> {
    let int = |name| signals.int(name).map(|number| number.to_string());
    let text = |name| signals.text(name).map(str::to_owned);
    let one_of = |name, place: usize| signals.texts(name)?.get(place).cloned();
    match component {
        Component::Audio => text(SignalName::Audio),
        Component::Brand => one_of(SignalName::UaData, 0),
        Component::CanvasShapes => one_of(SignalName::Canvas, 0),
        Component::CanvasText => one_of(SignalName::Canvas, 1),
        Component::ColorGamut => int(SignalName::ColorGamut),
        Component::DeviceMemory => int(SignalName::DeviceMemory),
        Component::Fonts => text(SignalName::Fonts),
        Component::HardwareConcurrency => int(SignalName::HardwareConcurrency),
        Component::Languages => Some(signals.texts(SignalName::Languages)?.join(",")),
        Component::Media => text(SignalName::Media),
        Component::PixelRatio => int(SignalName::PixelRatio),
        Component::Platform => platform(signals),
        Component::PlatformVersion => one_of(SignalName::UaData, 3),
        Component::Screen | Component::ScreenAvailable => screen(signals, component),
        Component::TimeZone => text(SignalName::TimeZone),
        Component::TouchPoints => int(SignalName::TouchPoints),
        Component::Voices => int(SignalName::Voices),
        Component::WebglLimits => text(SignalName::WebglLimits),
        Component::WebglRenderer => Some(signals.texts(SignalName::Webgl)?.join("\0")),
        Component::Window => {
            // The form's own size is the shop's page's.
            let outer = signals.ints(SignalName::Window)?.get(2..)?;
            Some(joined(outer))
        }
    }
}

fn platform(signals: &Signals) -> Option<String> {
    let mut told = signals.text(SignalName::Platform)?.to_owned();
    // Architecture, bitness, model.
    let hints = signals
        .texts(SignalName::UaData)
        .and_then(|data| data.get(4..7));
    for hint in hints.unwrap_or(&[]) {
        told.push('\0');
        told.push_str(hint);
    }
    Some(told)
}

/// The longer side first: a phone that was turned is the same.
fn screen(signals: &Signals, component: Component) -> Option<String> {
    let SignalValue::Screen(screen) = signals.value(SignalName::Screen)? else {
        return None;
    };
    let (width, height) = match component {
        Component::ScreenAvailable => (screen.avail_width, screen.avail_height),
        _ => (screen.width, screen.height),
    };
    let sides = [width.max(height), width.min(height)].map(i32::from);
    let depth = i32::from(screen.color_depth);
    (sides[0] > 0).then(|| joined(&[sides[0], sides[1], depth]))
}

fn joined(numbers: &[i32]) -> String {
    let mut text = String::new();
    for number in numbers {
        // Writing into a String never fails.
        let _ = write!(text, "{number},");
    }
    text
}

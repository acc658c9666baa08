//! What a device is recognised by, and how much each part of it says.

use super::Form;

/// One part of what a browser tells of its device.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Component {
    /// Digest of a tone.
    Audio,
    /// The browser's brand.
    Brand,
    /// Digest of drawn shapes.
    CanvasShapes,
    /// Digest of drawn text.
    CanvasText,
    /// Widest gamut of the screen.
    ColorGamut,
    /// Memory.
    DeviceMemory,
    /// Installed fonts.
    Fonts,
    /// Logical processors.
    HardwareConcurrency,
    /// Preferred languages.
    Languages,
    /// Answers to media queries.
    Media,
    /// Device pixels per CSS pixel.
    PixelRatio,
    /// Platform, architecture, model.
    Platform,
    /// Version of the operating system.
    PlatformVersion,
    /// Size and depth of the screen.
    Screen,
    /// Size of the screen without what the system keeps of it.
    ScreenAvailable,
    /// IANA time zone.
    TimeZone,
    /// Touches told apart.
    TouchPoints,
    /// Voices.
    Voices,
    /// Digest of what the graphics can do.
    WebglLimits,
    /// Vendor and renderer of the graphics.
    WebglRenderer,
    /// Size of the browser's window and where it is.
    Window,
}

/// What kind of evidence a component is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Family {
    /// The model of the device and its software: devices of one model agree in all of it, so that its sum is bounded.
    Build,
    /// Where its user lives, and how they have set it up: devices of one model differ in it.
    Person,
}

pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) family: Family,
    /// Share of devices that have the value of another, before any were counted.
    pub(super) shared: f64,
    /// Share of its agreement that counts: components of one family tell much of the same.
    pub(super) weight: f64,
    /// Share of devices in which it is another after 30 days: computers, then phones.
    pub(super) changes: [f64; 2],
    /// Whether an update of the browser may change it.
    pub(super) is_updated: bool,
}

impl Component {
    /// Components.
    pub const COUNT: usize = 21;

    /// Every component, in the order of its digests in a visit. New ones go last: visits are stored.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Audio,
        Self::Brand,
        Self::CanvasShapes,
        Self::CanvasText,
        Self::ColorGamut,
        Self::DeviceMemory,
        Self::Fonts,
        Self::HardwareConcurrency,
        Self::Languages,
        Self::Media,
        Self::PixelRatio,
        Self::Platform,
        Self::PlatformVersion,
        Self::Screen,
        Self::ScreenAvailable,
        Self::TimeZone,
        Self::TouchPoints,
        Self::Voices,
        Self::WebglLimits,
        Self::WebglRenderer,
        Self::Window,
    ];

    /// Its name in reasons.
    pub const fn as_str(self) -> &'static str {
        self.row().name
    }

    /// Share of devices of a form in which it is another after `days`; never so small that one change excludes a device.
    pub(super) fn change(self, form: Form, days: f64) -> f64 {
        let changes = self.row().changes[usize::from(form == Form::Phone)];
        let after = 1.0 - (1.0 - changes).powf(days.clamp(0.0, 365.0) / 30.0);
        after.clamp(changes / 4.0, 0.9)
    }

    pub(super) const fn row(self) -> &'static Row {
        const ALL_ROWS: &[Row] = &ROWS;
        &ALL_ROWS[self as usize]
    }
}

/// In the order of the components. The shares are assumptions, chosen by hand and not measured on anybody's customers:
/// docs/devices.md says so. What merchants' own visits share takes their place as it is counted.
const ROWS: [Row; Component::COUNT] = [
    build("audio", 0.30, 0.3, [0.02, 0.02]).updated(),
    build("brand", 0.45, 0.3, [0.01, 0.01]),
    build("canvas_shapes", 0.15, 0.5, [0.03, 0.02]).updated(),
    build("canvas_text", 0.10, 0.6, [0.06, 0.04]).updated(),
    build("color_gamut", 0.60, 0.3, [0.04, 0.005]),
    build("device_memory", 0.50, 0.4, [0.005, 0.002]),
    build("fonts", 0.15, 0.6, [0.06, 0.02]).updated(),
    build("hardware_concurrency", 0.30, 0.6, [0.005, 0.002]),
    person("languages", 0.30, 0.8, [0.02, 0.02]),
    person("media", 0.25, 0.5, [0.10, 0.10]),
    build("pixel_ratio", 0.40, 0.4, [0.08, 0.02]),
    build("platform", 0.30, 0.5, [0.002, 0.002]),
    build("platform_version", 0.25, 0.5, [0.25, 0.25]),
    build("screen", 0.15, 0.6, [0.10, 0.005]),
    person("screen_available", 0.15, 0.4, [0.15, 0.01]),
    person("time_zone", 0.30, 0.7, [0.03, 0.03]),
    build("touch_points", 0.50, 0.2, [0.005, 0.002]),
    build("voices", 0.30, 0.4, [0.08, 0.05]).updated(),
    build("webgl_limits", 0.15, 0.4, [0.03, 0.02]).updated(),
    build("webgl_renderer", 0.10, 0.6, [0.03, 0.01]).updated(),
    person("window", 0.08, 0.6, [0.60, 0.20]),
];

const fn build(name: &'static str, shared: f64, weight: f64, changes: [f64; 2]) -> Row {
    row(name, Family::Build, shared, weight, changes)
}

const fn person(name: &'static str, shared: f64, weight: f64, changes: [f64; 2]) -> Row {
    row(name, Family::Person, shared, weight, changes)
}

const fn row(
    name: &'static str,
    family: Family,
    shared: f64,
    weight: f64,
    changes: [f64; 2],
) -> Row {
    Row {
        name,
        family,
        shared,
        weight,
        changes,
        is_updated: false,
    }
}

impl Row {
    const fn updated(mut self) -> Self {
        self.is_updated = true;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_in_the_order_of_the_components() {
        for (place, component) in Component::ALL.into_iter().enumerate() {
            assert_eq!(component as usize, place);
        }
        let names = Component::ALL.map(Component::as_str);
        assert!(names.is_sorted());
    }

    #[test]
    fn more_has_changed_after_longer() {
        for component in Component::ALL {
            let after = [0.0, 1.0, 30.0, 90.0, 1e9];
            let after = after.map(|days| component.change(Form::Computer, days));
            assert!(after.is_sorted() && after[0] > 0.0 && after[4] < 1.0);
        }
    }
}

//! Whether what the browser says of where it is agrees with where its address is.

use waxseal_engine::attribute::{Attribute, Attributes};
use waxseal_protocol::signal::{SignalName, Signals};

use crate::risk::{country::CountryCode, time_zones};

/// Sets what can be compared: nothing without the address's country, and nothing of a browser that does not tell.
pub(super) fn compare(
    attributes: &mut Attributes,
    signals: &Signals,
    ip_country: Option<CountryCode>,
) {
    let Some(country) = ip_country else {
        return;
    };
    let zone = signals.text(SignalName::TimeZone);
    if let Some(countries) = zone.and_then(time_zones::countries) {
        attributes.set(Attribute::IpTimeZoneMatches, countries.contains(&country));
    }
    let told = signals.texts(SignalName::Languages);
    let regions = told
        .unwrap_or_default()
        .iter()
        .filter_map(|tag| region(tag));
    let regions: Vec<_> = regions.collect();
    if !regions.is_empty() {
        attributes.set(Attribute::IpLanguageMatches, regions.contains(&country));
    }
}

/// The region of a language tag (BCP 47), behind the language and perhaps a script: `de-AT`, `zh-Hant-TW`.
fn region(tag: &str) -> Option<CountryCode> {
    let mut parts = tag.split(['-', '_']).skip(1);
    let region = parts.find(|part| part.len() != 4)?;
    CountryCode::parse(&region.to_ascii_uppercase()).ok()
}

#[cfg(test)]
mod tests {
    use waxseal_engine::attribute::Value;
    use waxseal_protocol::signal::{Outcome, Reading, SignalValue};

    use super::*;

    fn compared(ip: Option<&str>, zone: &str, languages: &[&str]) -> [Value; 2] {
        let mut signals = Signals::new();
        let languages = languages.iter().map(|tag| (*tag).to_owned()).collect();
        for (name, value) in [
            (SignalName::TimeZone, SignalValue::Text(zone.to_owned())),
            (SignalName::Languages, SignalValue::Texts(languages)),
        ] {
            assert!(signals.insert(name, Reading::new(Outcome::Value(value), 0)));
        }
        let mut attributes = Attributes::default();
        let country = ip.map(|code| CountryCode::parse(code).unwrap());
        compare(&mut attributes, &signals, country);
        [Attribute::IpTimeZoneMatches, Attribute::IpLanguageMatches]
            .map(|attribute| attributes.get(attribute).clone())
    }

    #[test]
    fn what_is_told_is_compared_and_what_is_not_is_unknown() {
        let [yes, no, unknown] = [Value::Boolean(true), Value::Boolean(false), Value::Unknown];
        for (ip, zone, languages, wanted) in [
            (
                Some("DE"),
                "Europe/Berlin",
                &["de-DE", "en"][..],
                [&yes, &yes],
            ),
            (Some("DE"), "Europe/Moscow", &["ru-RU"], [&no, &no]),
            (Some("DE"), "UTC", &["de"], [&unknown, &unknown]),
            (Some("DE"), "", &[], [&unknown, &unknown]),
            (
                Some("TW"),
                "Asia/Taipei",
                &["en-US", "zh-hant-tw"],
                [&yes, &yes],
            ),
            (
                Some("LU"),
                "Europe/Brussels",
                &["fr-x-lu"],
                [&yes, &unknown],
            ),
            (None, "Europe/Berlin", &["de-DE"], [&unknown, &unknown]),
        ] {
            let found = compared(ip, zone, languages);
            assert_eq!(found.each_ref(), wanted, "{ip:?} {zone} {languages:?}");
        }
    }
}

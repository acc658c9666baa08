//! The features that a verifier can compute for each submission: what a model may ask for if it is to be used.
//!
//! A model names its features; they are found here by name, so that a model for other features is refused, whatever
//! their order or number. Ids and dates are none.

use crate::error::{ModelError, refuse};

/// One feature.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Feature {
    /// As models and CSV files name it.
    pub name: &'static str,
    /// What it is, in words, with its unit.
    pub words: &'static str,
    /// 1 where more of it can only make fraud likelier, -1 where only less likely, 0 where either: constraints for
    /// training.
    pub monotone: i8,
}

macro_rules! features {
    ($($id:ident = $name:literal, $monotone:literal, $words:literal;)*) => {
        /// Places of the features in [`ONLINE`].
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        #[repr(usize)]
        pub enum Online {
            $(#[doc = $words] $id,)*
        }

        /// All features, in the order of [`Online`].
        pub const ONLINE: &[Feature] = &[$(Feature { name: $name, words: $words, monotone: $monotone },)*];
    };
}

#[rustfmt::skip] // One line each.
features! {
    Amount = "amount_usd", 0, "amount in US dollars";
    AmountOverCustomerMean = "amount_over_customer_mean_30d", 0, "amount as a multiple of the customer's mean over 30 days";
    AmountOverCardMean = "amount_over_card_mean_30d", 0, "amount as a multiple of the card's mean over 30 days";
    AmountOverMerchantMean = "amount_over_merchant_mean_7d", 0, "amount as a multiple of the merchant's mean over 7 days";
    CustomerMeanRise = "customer_mean_7d_over_before", 0, "customer's mean amount over 7 days as a multiple of the mean of the 23 days before";
    CardMeanRise = "card_mean_7d_over_before", 0, "card's mean amount over 7 days as a multiple of the mean of the 23 days before";
    CardCount1h = "card_count_1h", 1, "payments with the card within an hour";
    CardCount24h = "card_count_24h", 1, "payments with the card within 24 hours";
    CardCount30d = "card_count_30d", 0, "payments with the card within 30 days";
    CustomerCount24h = "customer_count_24h", 0, "payments of the customer within 24 hours";
    CustomerCount30d = "customer_count_30d", 0, "payments of the customer within 30 days";
    EmailCount24h = "email_count_24h", 0, "payments with the email address within 24 hours";
    IpCount1h = "ip_count_1h", 1, "payments from the address within an hour";
    IpCount24h = "ip_count_24h", 0, "payments from the address within 24 hours";
    DeviceCount1h = "device_count_1h", 1, "payments from the device within an hour";
    DeviceCount24h = "device_count_24h", 0, "payments from the device within 24 hours";
    MerchantRush = "merchant_count_1h_over_24h", 0, "merchant's payments within an hour as a share of those within 24 hours";
    BinCountryDiffers = "bin_country_differs_from_shipping", 0, "card's country is another one than goods are sent to";
    IpCountryDiffers = "ip_country_differs_from_bin", 0, "address's country is another one than the card's";
    BillingCountryDiffers = "billing_country_differs_from_bin", 0, "billing country is another one than the card's";
    IpHidden = "ip_hosting_or_anonymizer", 1, "address of a hosting provider, proxy, VPN or Tor";
    CardPrepaid = "card_prepaid", 0, "prepaid card";
    CardIsNew = "card_is_new", 0, "card not seen before";
    DeviceIsNew = "device_is_new", 1, "device not seen before";
    DeviceKnownSessions = "device_known_sessions", 0, "earlier sessions of the device";
    Automation = "behaviour_automation", 1, "likeness of the form's use to a program's, 0 to 1";
    Attempts = "session_attempts", 0, "envelopes of the session";
    SessionAge = "session_age_s", 0, "seconds since the session was created";
}

/// How many there are.
pub const COUNT: usize = ONLINE.len();

/// The place of each of a model's features in [`ONLINE`].
///
/// # Errors
/// Names the first that a verifier does not compute.
pub fn places(names: &[String]) -> Result<Vec<usize>, ModelError> {
    let place = |name: &String| ONLINE.iter().position(|feature| feature.name == *name);
    let found = |name| match place(name) {
        Some(place) => Ok(place),
        None => refuse(format!(
            "the model asks for {name}, which a verifier does not compute"
        )),
    };
    names.iter().map(found).collect()
}

/// A row of all features, of which none is there yet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Values([f32; COUNT]);

impl Default for Values {
    fn default() -> Self {
        Self([f32::NAN; COUNT])
    }
}

impl Values {
    /// Sets a feature; what is not finite is missing.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "a feature, not an exact one"
    )]
    pub fn set(&mut self, feature: Online, value: Option<f64>) {
        let value = value.map_or(f32::NAN, |value| value as f32);
        self.0[feature as usize] = if value.is_finite() { value } else { f32::NAN };
    }

    /// All of them; NaN is a missing one.
    pub const fn all(&self) -> &[f32; COUNT] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_found_by_name_alone() {
        assert_eq!(Online::SessionAge as usize, COUNT - 1);
        let names = |names: &[&str]| {
            names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            places(&names(&["card_prepaid", "amount_usd"])).unwrap(),
            [Online::CardPrepaid as usize, 0]
        );
        let error = places(&names(&["amount_usd", "customer_id"])).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the model asks for customer_id, which a verifier does not compute"
        );
        crate::table::check_names(
            &ONLINE
                .iter()
                .map(|feature| feature.name.to_owned())
                .collect::<Vec<_>>(),
        )
        .unwrap();
    }

    #[test]
    fn what_is_not_finite_is_missing() {
        let mut values = Values::default();
        values.set(Online::Amount, Some(1e300));
        assert!(values.all()[0].is_nan());
        values.set(Online::Amount, Some(2.0));
        assert!((values.all()[0] - 2.0).abs() < f32::EPSILON);
        values.set(Online::Amount, None);
        assert!(values.all()[0].is_nan());
    }
}

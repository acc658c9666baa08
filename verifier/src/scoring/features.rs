//! Attributes into the features that models ask for.

use waxseal_engine::attribute::{Attribute, Attributes, Value};
use waxseal_model::feature::{Online, Values};

/// Millionths of a US dollar in one.
const MICROS: f64 = 1_000_000.0;

/// All features of a submission; what is unknown is missing.
pub fn features(attributes: &Attributes) -> Values {
    let of = Of(attributes);
    let amount = of
        .number(Attribute::SessionAmountUsdMicros)
        .map(|micros| micros / MICROS);
    let customer = Spending {
        week: (
            Attribute::VelocityCustomerCount7d,
            Attribute::VelocityCustomerSumUsdMicros7d,
        ),
        month: (
            Attribute::VelocityCustomerCount30d,
            Attribute::VelocityCustomerSumUsdMicros30d,
        ),
    };
    let card = Spending {
        week: (
            Attribute::VelocityCardCount7d,
            Attribute::VelocityCardSumUsdMicros7d,
        ),
        month: (
            Attribute::VelocityCardCount30d,
            Attribute::VelocityCardSumUsdMicros30d,
        ),
    };
    let merchant = (
        Attribute::VelocityMerchantCount7d,
        Attribute::VelocityMerchantSumUsdMicros7d,
    );
    let over = |mean: Option<f64>| Some(amount? / mean?);
    let mut values = Values::default();
    for (feature, value) in [
        (Online::Amount, amount),
        (
            Online::AmountOverCustomerMean,
            over(of.mean(customer.month)),
        ),
        (Online::AmountOverCardMean, over(of.mean(card.month))),
        (Online::AmountOverMerchantMean, over(of.mean(merchant))),
        (Online::CustomerMeanRise, of.rise(customer)),
        (Online::CardMeanRise, of.rise(card)),
        (
            Online::MerchantRush,
            of.ratio(
                Attribute::VelocityMerchantCount1h,
                Attribute::VelocityMerchantCount24h,
            ),
        ),
        (
            Online::BinCountryDiffers,
            of.differs(Attribute::CardBinCountry, Attribute::SessionShippingCountry),
        ),
        (
            Online::IpCountryDiffers,
            of.differs(Attribute::CardBinCountry, Attribute::IpCountry),
        ),
        (
            Online::BillingCountryDiffers,
            of.differs(Attribute::CardBinCountry, Attribute::SessionBillingCountry),
        ),
        (
            Online::IpHidden,
            of.either(Attribute::IpHosting, Attribute::IpAnonymizer),
        ),
        (Online::DeviceIsNew, of.device_is_new()),
    ] {
        values.set(feature, value);
    }
    for (feature, attribute) in AS_THEY_ARE {
        values.set(feature, of.number(attribute));
    }
    values
}

/// Features that are an attribute's number.
const AS_THEY_ARE: [(Online, Attribute); 16] = [
    (Online::CardCount1h, Attribute::VelocityCardCount1h),
    (Online::CardCount24h, Attribute::VelocityCardCount24h),
    (Online::CardCount30d, Attribute::VelocityCardCount30d),
    (
        Online::CustomerCount24h,
        Attribute::VelocityCustomerCount24h,
    ),
    (
        Online::CustomerCount30d,
        Attribute::VelocityCustomerCount30d,
    ),
    (Online::EmailCount24h, Attribute::VelocityEmailCount24h),
    (Online::IpCount1h, Attribute::VelocityIpCount1h),
    (Online::IpCount24h, Attribute::VelocityIpCount24h),
    (Online::DeviceCount1h, Attribute::VelocityDeviceCount1h),
    (Online::DeviceCount24h, Attribute::VelocityDeviceCount24h),
    (Online::CardPrepaid, Attribute::CardPrepaid),
    (Online::CardIsNew, Attribute::CardIsNew),
    (Online::DeviceKnownSessions, Attribute::DeviceKnownSessions),
    (Online::Automation, Attribute::BehaviourAutomation),
    (Online::Attempts, Attribute::SessionAttempts),
    (Online::SessionAge, Attribute::SessionAgeS),
];

/// Counts and sums of one key.
#[derive(Clone, Copy)]
struct Spending {
    week: (Attribute, Attribute),
    month: (Attribute, Attribute),
}

struct Of<'a>(&'a Attributes);

impl Of<'_> {
    #[allow(clippy::cast_precision_loss, reason = "a feature, not an exact one")]
    fn number(&self, attribute: Attribute) -> Option<f64> {
        match self.0.get(attribute) {
            Value::Boolean(value) => Some(f64::from(u8::from(*value))),
            Value::Decimal(value) => Some(value.to_f64()),
            Value::Integer(value) => Some(*value as f64),
            _ => None,
        }
    }

    fn ratio(&self, part: Attribute, whole: Attribute) -> Option<f64> {
        let whole = self.number(whole).filter(|whole| *whole > 0.0)?;
        Some(self.number(part)? / whole)
    }

    /// In US dollars.
    fn mean(&self, (count, sum): (Attribute, Attribute)) -> Option<f64> {
        self.ratio(sum, count).map(|micros| micros / MICROS)
    }

    /// The mean of the last 7 days over that of the 23 before.
    fn rise(&self, of: Spending) -> Option<f64> {
        let number = |attribute| self.number(attribute);
        let count = number(of.month.0)? - number(of.week.0)?;
        let sum = number(of.month.1)? - number(of.week.1)?;
        let before = (count > 0.0 && sum > 0.0).then(|| sum / count / MICROS)?;
        Some(self.mean(of.week)? / before)
    }

    fn differs(&self, one: Attribute, other: Attribute) -> Option<f64> {
        let (one, other) = (self.0.get(one), self.0.get(other));
        let is_known = *one != Value::Unknown && *other != Value::Unknown;
        is_known.then(|| f64::from(u8::from(one != other)))
    }

    /// Unknown only where both are.
    fn either(&self, one: Attribute, other: Attribute) -> Option<f64> {
        let (one, other) = (self.number(one), self.number(other));
        match (one, other) {
            (Some(one), Some(other)) => Some(one.max(other)),
            (one, other) => one.or(other),
        }
    }

    fn device_is_new(&self) -> Option<f64> {
        match self.0.get(Attribute::DeviceVerdict) {
            Value::Text(verdict) => match &**verdict {
                "new" => Some(1.0),
                "same" | "likely" => Some(0.0),
                _ => None,
            },
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use waxseal_engine::attribute::Decimal;
    use waxseal_model::feature::ONLINE;

    #[test]
    fn what_is_unknown_is_missing_and_ratios_are_of_means() {
        let nothing = features(&Attributes::default());
        assert!(nothing.all().iter().all(|value| value.is_nan()));
        let mut attributes = Attributes::default();
        for (attribute, value) in [
            (Attribute::SessionAmountUsdMicros, 90_000_000_i64),
            (Attribute::VelocityCustomerCount7d, 1),
            (Attribute::VelocityCustomerSumUsdMicros7d, 60_000_000),
            (Attribute::VelocityCustomerCount30d, 3),
            (Attribute::VelocityCustomerSumUsdMicros30d, 90_000_000),
            (Attribute::VelocityMerchantCount1h, 5),
            (Attribute::VelocityMerchantCount24h, 20),
            (Attribute::VelocityCardCount30d, 0),
            (Attribute::VelocityCardSumUsdMicros30d, 0),
        ] {
            attributes.set(attribute, Value::Integer(value));
        }
        attributes.set(Attribute::IpHosting, Value::Boolean(false));
        attributes.set(
            Attribute::BehaviourAutomation,
            Value::Decimal(Decimal::from_millionths(250_000)),
        );
        attributes.set(Attribute::DeviceVerdict, Value::Text("new".into()));
        let values = features(&attributes);
        for (feature, expected) in [
            (Online::Amount, 90.0),
            (Online::AmountOverCustomerMean, 3.0),
            (Online::CustomerMeanRise, 4.0),
            (Online::MerchantRush, 0.25),
            (Online::CardCount30d, 0.0),
            (Online::AmountOverCardMean, f32::NAN),
            (Online::IpHidden, 0.0),
            (Online::Automation, 0.25),
            (Online::DeviceIsNew, 1.0),
            (Online::BinCountryDiffers, f32::NAN),
        ] {
            let value = values.all()[feature as usize];
            let is_same = value.is_nan() && expected.is_nan() || (value - expected).abs() < 1e-6;
            assert!(is_same, "{}: {value}", ONLINE[feature as usize].name);
        }
    }
}

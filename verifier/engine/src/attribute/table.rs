//! Every attribute that there is: one line each.
//!
//! A line has the name in code and the number in snapshots, the name in rules, the type, the unit, whether it may be
//! unknown (`Maybe`), whether a decision shows its value to the merchant (`Shown`), and what it means. New lines go to
//! the end of their group and take its next number; add them to `pinned.txt` as the test says, and to the page of
//! rules. A line that once was released keeps its number, name, type and unit for ever. What is added later has to be
//! `Maybe`: snapshots of former builds do not have it.

use super::{Type, Unit};

/// One line of the table.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) kind: Type,
    pub(super) unit: Unit,
    pub(super) presence: Presence,
    pub(super) visibility: Visibility,
    pub(super) meaning: &'static str,
}

/// Whether an attribute always has a value.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Presence {
    Always,
    Maybe,
}

/// Whether a merchant's server may read the value in a decision.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Visibility {
    Hidden,
    Shown,
}

macro_rules! attributes {
    ($($id:ident = $number:literal, $name:literal, $kind:ident, $unit:ident, $presence:ident, $visibility:ident,
        $meaning:literal;)*) => {
        /// Something that rules may read, by its number.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[repr(u16)]
        pub enum Attribute {
            $(#[doc = $meaning] $id = $number,)*
        }

        impl Attribute {
            /// All of them, in the table's order.
            pub const ALL: &'static [Self] = &[$(Self::$id,)*];
        }

        pub(super) static ROWS: &[Row] = &[$(Row {
            name: $name,
            kind: Type::$kind,
            unit: Unit::$unit,
            presence: Presence::$presence,
            visibility: Visibility::$visibility,
            meaning: $meaning,
        },)*];
    };
}

#[rustfmt::skip] // One line each.
attributes! {
    // The client's address.
    IpAddress = 1, "ip.address", Address, None, Always, Hidden, "Address that the submission came from.";
    IpCountry = 2, "ip.country", Country, None, Maybe, Shown, "Country of the address, by the configured table.";
    IpNetwork = 3, "ip.network", Text, None, Maybe, Shown, "Longest listed network that holds the address, in CIDR notation.";
    IpHosting = 4, "ip.hosting", Boolean, None, Maybe, Shown, "Whether the address is in a listed range of a hosting provider.";
    IpAnonymizer = 5, "ip.anonymizer", Boolean, None, Maybe, Shown, "Whether the address is in a listed range of a proxy, a VPN or Tor.";
    IpTimeZoneMatches = 6, "ip.time_zone_matches", Boolean, None, Maybe, Shown, "Whether the browser's time zone is one of the address's country; unknown where either is.";
    IpLanguageMatches = 7, "ip.language_matches", Boolean, None, Maybe, Shown, "Whether a region of the browser's languages (`de-AT`) is the address's country; unknown where none names one.";

    // The card.
    CardBin = 100, "card.bin", Text, None, Maybe, Hidden, "First six digits of the card.";
    CardBinCountry = 101, "card.bin_country", Country, None, Maybe, Shown, "Country of the card's issuer, by its first eight digits.";
    CardBinType = 102, "card.bin_type", Text, None, Maybe, Shown, "`credit`, `debit` or `charge`, by the first digits.";
    CardPrepaid = 103, "card.prepaid", Boolean, None, Maybe, Shown, "Whether the card is prepaid, by the first digits.";
    CardBrand = 104, "card.brand", Text, None, Maybe, Shown, "Brand of the card, such as `visa`.";
    CardId = 105, "card.id", Text, None, Maybe, Shown, "Id of the card in the vault.";
    CardIsNew = 106, "card.is_new", Boolean, None, Maybe, Shown, "Whether the merchant has not seen the card before.";

    // The session, as the merchant's server made it.
    SessionAmountMinor = 200, "session.amount_minor", Integer, Minor, Maybe, Shown, "Amount in minor units of its own currency.";
    SessionAmountUsdMicros = 201, "session.amount_usd_micros", Integer, UsdMicros, Maybe, Shown, "Amount in US dollars; unknown where the currency has no rate.";
    SessionCurrency = 202, "session.currency", Text, None, Maybe, Shown, "ISO 4217 code of the amount's currency.";
    SessionShippingCountry = 203, "session.shipping_country", Country, None, Maybe, Shown, "Country that goods are sent to; unknown when nothing is shipped.";
    SessionBillingCountry = 204, "session.billing_country", Country, None, Maybe, Shown, "Country of the billing address.";
    SessionPurpose = 205, "session.purpose", Text, None, Maybe, Shown, "`payment` or `setup`.";
    SessionAttempts = 206, "session.attempts", Integer, None, Maybe, Shown, "Envelopes of the session up to this one.";
    SessionAgeS = 207, "session.age_s", Integer, Seconds, Maybe, Shown, "Time since the session was created.";
    SessionChallengePassed = 208, "session.challenge_passed", Boolean, None, Maybe, Shown, "Whether the captcha or proof of work that came with the card is good; unknown where none came or nobody could say.";

    // The customer.
    CustomerId = 250, "customer.id", Text, None, Maybe, Hidden, "Id of the customer, where the merchant named one.";
    CustomerEmailDigest = 251, "customer.email_digest", Text, None, Maybe, Hidden, "Digest of the email address, as the merchant gave it and lists have it.";

    // Velocity: other sessions of the merchant that were not rejected, without this one.
    VelocityCardOrIpSumUsdMicros1h = 300, "velocity.card_or_ip.sum_usd_micros_1h", Integer, UsdMicros, Always, Shown, "Sum over an hour with the same card or the same address, each session once. Counting stops above 5,000.00 USD.";
    VelocityCardCount1m = 310, "velocity.card.count_1m", Integer, None, Maybe, Shown, "Sessions within a minute of the same card.";
    VelocityCardCount10m = 311, "velocity.card.count_10m", Integer, None, Maybe, Shown, "Sessions within ten minutes of the same card.";
    VelocityCardCount1h = 312, "velocity.card.count_1h", Integer, None, Maybe, Shown, "Sessions within an hour of the same card.";
    VelocityCardCount24h = 313, "velocity.card.count_24h", Integer, None, Maybe, Shown, "Sessions within 24 hours of the same card.";
    VelocityCardCount7d = 314, "velocity.card.count_7d", Integer, None, Maybe, Shown, "Sessions within 7 days of the same card.";
    VelocityCardCount30d = 315, "velocity.card.count_30d", Integer, None, Maybe, Shown, "Sessions within 30 days of the same card.";
    VelocityCardSumUsdMicros1m = 316, "velocity.card.sum_usd_micros_1m", Integer, UsdMicros, Maybe, Shown, "Sum within a minute of the same card.";
    VelocityCardSumUsdMicros10m = 317, "velocity.card.sum_usd_micros_10m", Integer, UsdMicros, Maybe, Shown, "Sum within ten minutes of the same card.";
    VelocityCardSumUsdMicros1h = 318, "velocity.card.sum_usd_micros_1h", Integer, UsdMicros, Maybe, Shown, "Sum within an hour of the same card.";
    VelocityCardSumUsdMicros24h = 319, "velocity.card.sum_usd_micros_24h", Integer, UsdMicros, Maybe, Shown, "Sum within 24 hours of the same card.";
    VelocityCardSumUsdMicros7d = 320, "velocity.card.sum_usd_micros_7d", Integer, UsdMicros, Maybe, Shown, "Sum within 7 days of the same card.";
    VelocityCardSumUsdMicros30d = 321, "velocity.card.sum_usd_micros_30d", Integer, UsdMicros, Maybe, Shown, "Sum within 30 days of the same card.";
    VelocityDeviceCount1m = 325, "velocity.device.count_1m", Integer, None, Maybe, Shown, "Sessions within a minute of the same device.";
    VelocityDeviceCount10m = 326, "velocity.device.count_10m", Integer, None, Maybe, Shown, "Sessions within ten minutes of the same device.";
    VelocityDeviceCount1h = 327, "velocity.device.count_1h", Integer, None, Maybe, Shown, "Sessions within an hour of the same device.";
    VelocityDeviceCount24h = 328, "velocity.device.count_24h", Integer, None, Maybe, Shown, "Sessions within 24 hours of the same device.";
    VelocityDeviceCount7d = 329, "velocity.device.count_7d", Integer, None, Maybe, Shown, "Sessions within 7 days of the same device.";
    VelocityDeviceCount30d = 330, "velocity.device.count_30d", Integer, None, Maybe, Shown, "Sessions within 30 days of the same device.";
    VelocityDeviceSumUsdMicros1m = 331, "velocity.device.sum_usd_micros_1m", Integer, UsdMicros, Maybe, Shown, "Sum within a minute of the same device.";
    VelocityDeviceSumUsdMicros10m = 332, "velocity.device.sum_usd_micros_10m", Integer, UsdMicros, Maybe, Shown, "Sum within ten minutes of the same device.";
    VelocityDeviceSumUsdMicros1h = 333, "velocity.device.sum_usd_micros_1h", Integer, UsdMicros, Maybe, Shown, "Sum within an hour of the same device.";
    VelocityDeviceSumUsdMicros24h = 334, "velocity.device.sum_usd_micros_24h", Integer, UsdMicros, Maybe, Shown, "Sum within 24 hours of the same device.";
    VelocityDeviceSumUsdMicros7d = 335, "velocity.device.sum_usd_micros_7d", Integer, UsdMicros, Maybe, Shown, "Sum within 7 days of the same device.";
    VelocityDeviceSumUsdMicros30d = 336, "velocity.device.sum_usd_micros_30d", Integer, UsdMicros, Maybe, Shown, "Sum within 30 days of the same device.";
    VelocityIpCount1m = 340, "velocity.ip.count_1m", Integer, None, Maybe, Shown, "Sessions within a minute of the same address.";
    VelocityIpCount10m = 341, "velocity.ip.count_10m", Integer, None, Maybe, Shown, "Sessions within ten minutes of the same address.";
    VelocityIpCount1h = 342, "velocity.ip.count_1h", Integer, None, Maybe, Shown, "Sessions within an hour of the same address.";
    VelocityIpCount24h = 343, "velocity.ip.count_24h", Integer, None, Maybe, Shown, "Sessions within 24 hours of the same address.";
    VelocityIpCount7d = 344, "velocity.ip.count_7d", Integer, None, Maybe, Shown, "Sessions within 7 days of the same address.";
    VelocityIpCount30d = 345, "velocity.ip.count_30d", Integer, None, Maybe, Shown, "Sessions within 30 days of the same address.";
    VelocityIpSumUsdMicros1m = 346, "velocity.ip.sum_usd_micros_1m", Integer, UsdMicros, Maybe, Shown, "Sum within a minute of the same address.";
    VelocityIpSumUsdMicros10m = 347, "velocity.ip.sum_usd_micros_10m", Integer, UsdMicros, Maybe, Shown, "Sum within ten minutes of the same address.";
    VelocityIpSumUsdMicros1h = 348, "velocity.ip.sum_usd_micros_1h", Integer, UsdMicros, Maybe, Shown, "Sum within an hour of the same address.";
    VelocityIpSumUsdMicros24h = 349, "velocity.ip.sum_usd_micros_24h", Integer, UsdMicros, Maybe, Shown, "Sum within 24 hours of the same address.";
    VelocityIpSumUsdMicros7d = 350, "velocity.ip.sum_usd_micros_7d", Integer, UsdMicros, Maybe, Shown, "Sum within 7 days of the same address.";
    VelocityIpSumUsdMicros30d = 351, "velocity.ip.sum_usd_micros_30d", Integer, UsdMicros, Maybe, Shown, "Sum within 30 days of the same address.";
    VelocityCustomerCount1m = 355, "velocity.customer.count_1m", Integer, None, Maybe, Shown, "Sessions within a minute of the same customer.";
    VelocityCustomerCount10m = 356, "velocity.customer.count_10m", Integer, None, Maybe, Shown, "Sessions within ten minutes of the same customer.";
    VelocityCustomerCount1h = 357, "velocity.customer.count_1h", Integer, None, Maybe, Shown, "Sessions within an hour of the same customer.";
    VelocityCustomerCount24h = 358, "velocity.customer.count_24h", Integer, None, Maybe, Shown, "Sessions within 24 hours of the same customer.";
    VelocityCustomerCount7d = 359, "velocity.customer.count_7d", Integer, None, Maybe, Shown, "Sessions within 7 days of the same customer.";
    VelocityCustomerCount30d = 360, "velocity.customer.count_30d", Integer, None, Maybe, Shown, "Sessions within 30 days of the same customer.";
    VelocityCustomerSumUsdMicros1m = 361, "velocity.customer.sum_usd_micros_1m", Integer, UsdMicros, Maybe, Shown, "Sum within a minute of the same customer.";
    VelocityCustomerSumUsdMicros10m = 362, "velocity.customer.sum_usd_micros_10m", Integer, UsdMicros, Maybe, Shown, "Sum within ten minutes of the same customer.";
    VelocityCustomerSumUsdMicros1h = 363, "velocity.customer.sum_usd_micros_1h", Integer, UsdMicros, Maybe, Shown, "Sum within an hour of the same customer.";
    VelocityCustomerSumUsdMicros24h = 364, "velocity.customer.sum_usd_micros_24h", Integer, UsdMicros, Maybe, Shown, "Sum within 24 hours of the same customer.";
    VelocityCustomerSumUsdMicros7d = 365, "velocity.customer.sum_usd_micros_7d", Integer, UsdMicros, Maybe, Shown, "Sum within 7 days of the same customer.";
    VelocityCustomerSumUsdMicros30d = 366, "velocity.customer.sum_usd_micros_30d", Integer, UsdMicros, Maybe, Shown, "Sum within 30 days of the same customer.";
    VelocityEmailCount1m = 370, "velocity.email.count_1m", Integer, None, Maybe, Shown, "Sessions within a minute of the same email digest.";
    VelocityEmailCount10m = 371, "velocity.email.count_10m", Integer, None, Maybe, Shown, "Sessions within ten minutes of the same email digest.";
    VelocityEmailCount1h = 372, "velocity.email.count_1h", Integer, None, Maybe, Shown, "Sessions within an hour of the same email digest.";
    VelocityEmailCount24h = 373, "velocity.email.count_24h", Integer, None, Maybe, Shown, "Sessions within 24 hours of the same email digest.";
    VelocityEmailCount7d = 374, "velocity.email.count_7d", Integer, None, Maybe, Shown, "Sessions within 7 days of the same email digest.";
    VelocityEmailCount30d = 375, "velocity.email.count_30d", Integer, None, Maybe, Shown, "Sessions within 30 days of the same email digest.";
    VelocityEmailSumUsdMicros1m = 376, "velocity.email.sum_usd_micros_1m", Integer, UsdMicros, Maybe, Shown, "Sum within a minute of the same email digest.";
    VelocityEmailSumUsdMicros10m = 377, "velocity.email.sum_usd_micros_10m", Integer, UsdMicros, Maybe, Shown, "Sum within ten minutes of the same email digest.";
    VelocityEmailSumUsdMicros1h = 378, "velocity.email.sum_usd_micros_1h", Integer, UsdMicros, Maybe, Shown, "Sum within an hour of the same email digest.";
    VelocityEmailSumUsdMicros24h = 379, "velocity.email.sum_usd_micros_24h", Integer, UsdMicros, Maybe, Shown, "Sum within 24 hours of the same email digest.";
    VelocityEmailSumUsdMicros7d = 380, "velocity.email.sum_usd_micros_7d", Integer, UsdMicros, Maybe, Shown, "Sum within 7 days of the same email digest.";
    VelocityEmailSumUsdMicros30d = 381, "velocity.email.sum_usd_micros_30d", Integer, UsdMicros, Maybe, Shown, "Sum within 30 days of the same email digest.";
    VelocityMerchantCount1m = 385, "velocity.merchant.count_1m", Integer, None, Maybe, Shown, "Sessions within a minute of the merchant.";
    VelocityMerchantCount10m = 386, "velocity.merchant.count_10m", Integer, None, Maybe, Shown, "Sessions within ten minutes of the merchant.";
    VelocityMerchantCount1h = 387, "velocity.merchant.count_1h", Integer, None, Maybe, Shown, "Sessions within an hour of the merchant.";
    VelocityMerchantCount24h = 388, "velocity.merchant.count_24h", Integer, None, Maybe, Shown, "Sessions within 24 hours of the merchant.";
    VelocityMerchantCount7d = 389, "velocity.merchant.count_7d", Integer, None, Maybe, Shown, "Sessions within 7 days of the merchant.";
    VelocityMerchantCount30d = 390, "velocity.merchant.count_30d", Integer, None, Maybe, Shown, "Sessions within 30 days of the merchant.";
    VelocityMerchantSumUsdMicros1m = 391, "velocity.merchant.sum_usd_micros_1m", Integer, UsdMicros, Maybe, Shown, "Sum within a minute of the merchant.";
    VelocityMerchantSumUsdMicros10m = 392, "velocity.merchant.sum_usd_micros_10m", Integer, UsdMicros, Maybe, Shown, "Sum within ten minutes of the merchant.";
    VelocityMerchantSumUsdMicros1h = 393, "velocity.merchant.sum_usd_micros_1h", Integer, UsdMicros, Maybe, Shown, "Sum within an hour of the merchant.";
    VelocityMerchantSumUsdMicros24h = 394, "velocity.merchant.sum_usd_micros_24h", Integer, UsdMicros, Maybe, Shown, "Sum within 24 hours of the merchant.";
    VelocityMerchantSumUsdMicros7d = 395, "velocity.merchant.sum_usd_micros_7d", Integer, UsdMicros, Maybe, Shown, "Sum within 7 days of the merchant.";
    VelocityMerchantSumUsdMicros30d = 396, "velocity.merchant.sum_usd_micros_30d", Integer, UsdMicros, Maybe, Shown, "Sum within 30 days of the merchant.";

    // Card testing.
    VelocityIpCards1h = 400, "velocity.ip.cards_1h", Integer, None, Maybe, Shown, "Different cards within an hour of the same address, this one included.";
    VelocityIpCards24h = 401, "velocity.ip.cards_24h", Integer, None, Maybe, Shown, "Different cards within 24 hours of the same address, this one included.";
    VelocityDeviceCards1h = 402, "velocity.device.cards_1h", Integer, None, Maybe, Shown, "Different cards within an hour of the same device, this one included.";
    VelocityDeviceCards24h = 403, "velocity.device.cards_24h", Integer, None, Maybe, Shown, "Different cards within 24 hours of the same device, this one included.";
    VelocityBinCards1h = 404, "velocity.bin.cards_1h", Integer, None, Maybe, Shown, "Different cards within an hour of the same issuer's range, this one included.";
    VelocityBinCards24h = 405, "velocity.bin.cards_24h", Integer, None, Maybe, Shown, "Different cards within 24 hours of the same issuer's range, this one included.";
    VelocityBinRunCards1h = 406, "velocity.bin_run.cards_1h", Integer, None, Maybe, Shown, "Different cards within an hour of a number that differs in its last three digits alone, this one included.";
    VelocityBinRunCards24h = 407, "velocity.bin_run.cards_24h", Integer, None, Maybe, Shown, "Different cards within 24 hours of a number that differs in its last three digits alone, this one included.";
    VelocityCustomerCards1h = 408, "velocity.customer.cards_1h", Integer, None, Maybe, Shown, "Different cards within an hour of the same customer, this one included.";
    VelocityCustomerCards24h = 409, "velocity.customer.cards_24h", Integer, None, Maybe, Shown, "Different cards within 24 hours of the same customer, this one included.";
    VelocityEmailCards1h = 410, "velocity.email.cards_1h", Integer, None, Maybe, Shown, "Different cards within an hour of the same email digest, this one included.";
    VelocityEmailCards24h = 411, "velocity.email.cards_24h", Integer, None, Maybe, Shown, "Different cards within 24 hours of the same email digest, this one included.";
    VelocityIpSmallCount10m = 412, "velocity.ip.small_count_10m", Integer, None, Maybe, Shown, "Sessions below 5.00 USD within ten minutes of the same address, this one included.";
    VelocityDeviceSmallCount10m = 413, "velocity.device.small_count_10m", Integer, None, Maybe, Shown, "Sessions below 5.00 USD within ten minutes of the same device, this one included.";
    VelocityBinSmallCount10m = 414, "velocity.bin.small_count_10m", Integer, None, Maybe, Shown, "Sessions below 5.00 USD within ten minutes of the same issuer's range, this one included.";
    VelocityBinRunSmallCount10m = 415, "velocity.bin_run.small_count_10m", Integer, None, Maybe, Shown, "Sessions below 5.00 USD within ten minutes of a number that differs in its last three digits alone, this one included.";
    VelocityMerchantSmallCount10m = 416, "velocity.merchant.small_count_10m", Integer, None, Maybe, Shown, "Sessions below 5.00 USD within ten minutes of the merchant, this one included.";
    VelocityIpRejectedCount1h = 417, "velocity.ip.rejected_count_1h", Integer, None, Maybe, Shown, "Submissions that were rejected within an hour of the same address.";
    VelocityDeviceRejectedCount1h = 418, "velocity.device.rejected_count_1h", Integer, None, Maybe, Shown, "Submissions that were rejected within an hour of the same device.";
    VelocityBinRejectedCount1h = 419, "velocity.bin.rejected_count_1h", Integer, None, Maybe, Shown, "Submissions that were rejected within an hour of the same issuer's range.";
    VelocityBinRunRejectedCount1h = 420, "velocity.bin_run.rejected_count_1h", Integer, None, Maybe, Shown, "Submissions that were rejected within an hour of a number that differs in its last three digits alone.";
    VelocityMerchantRejectedCount1h = 421, "velocity.merchant.rejected_count_1h", Integer, None, Maybe, Shown, "Submissions that were rejected within an hour of the merchant.";

    // The device, as it was recognised.
    DeviceVerdict = 500, "device.verdict", Text, None, Maybe, Shown, "`same`, `likely`, `new` or `none`.";
    DeviceProbability = 501, "device.probability", Decimal, None, Maybe, Shown, "Probability that it is the device that it was recognised as, 0 to 1.";
    DeviceKnownSessions = 502, "device.known_sessions", Integer, None, Maybe, Shown, "Earlier sessions of that device.";

    // Behaviour in the form.
    BehaviourAutomation = 600, "behaviour.automation", Decimal, None, Maybe, Shown, "How much it looks like a program's, 0 to 1.";

    // The learned score.
    ModelScore = 700, "model.score", Decimal, None, Maybe, Shown, "Probability of fraud by the model in use, 0 to 1.";
    ModelVersion = 701, "model.version", Text, None, Maybe, Shown, "Version of that model.";
    ModelChallengerScore = 702, "model.challenger_score", Decimal, None, Maybe, Hidden, "Probability of fraud by the model that is tried beside it, 0 to 1.";
    ModelChallengerVersion = 703, "model.challenger_version", Text, None, Maybe, Hidden, "Version of that one.";

    // The SDK and its signals.
    SdkBuildKnown = 750, "sdk.build_known", Boolean, None, Always, Shown, "Whether the verifier knows the build that the envelope names.";
    SignalsUnknown = 751, "signals.unknown", Integer, None, Always, Shown, "Signals whose names the verifier does not know, and dropped.";
}

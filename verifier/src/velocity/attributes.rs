//! What was counted, as rules read it.

use waxseal_engine::attribute::{Attribute, Attributes};

use super::{Found, Kind};

/// For each kind the first attribute of its sessions (the other windows and the sums follow it) and of its cards,
/// and those of small sessions and rejections.
struct Row {
    sessions: Option<Attribute>,
    cards: Option<Attribute>,
    small: Option<Attribute>,
    rejected: Option<Attribute>,
}

const fn row(kind: Kind) -> Row {
    use Attribute as A;
    let (sessions, cards, small, rejected) = match kind {
        Kind::Bin => (
            None,
            Some(A::VelocityBinCards1h),
            Some(A::VelocityBinSmallCount10m),
            Some(A::VelocityBinRejectedCount1h),
        ),
        Kind::BinRun => (
            None,
            Some(A::VelocityBinRunCards1h),
            Some(A::VelocityBinRunSmallCount10m),
            Some(A::VelocityBinRunRejectedCount1h),
        ),
        Kind::Card => (Some(A::VelocityCardCount1m), None, None, None),
        Kind::Customer => (
            Some(A::VelocityCustomerCount1m),
            Some(A::VelocityCustomerCards1h),
            None,
            None,
        ),
        Kind::Device => (
            Some(A::VelocityDeviceCount1m),
            Some(A::VelocityDeviceCards1h),
            Some(A::VelocityDeviceSmallCount10m),
            Some(A::VelocityDeviceRejectedCount1h),
        ),
        Kind::Email => (
            Some(A::VelocityEmailCount1m),
            Some(A::VelocityEmailCards1h),
            None,
            None,
        ),
        Kind::Ip => (
            Some(A::VelocityIpCount1m),
            Some(A::VelocityIpCards1h),
            Some(A::VelocityIpSmallCount10m),
            Some(A::VelocityIpRejectedCount1h),
        ),
        Kind::Merchant => (
            Some(A::VelocityMerchantCount1m),
            None,
            Some(A::VelocityMerchantSmallCount10m),
            Some(A::VelocityMerchantRejectedCount1h),
        ),
    };
    Row {
        sessions,
        cards,
        small,
        rejected,
    }
}

/// Sets what is known of a kind.
pub fn fill(attributes: &mut Attributes, kind: Kind, found: &Found) {
    let Row {
        sessions,
        cards,
        small,
        rejected,
    } = row(kind);
    if let Some(first) = sessions {
        let counts = found.sessions.counts.map(i64::from);
        let numbers = counts.into_iter().chain(found.sessions.usd_micros);
        set(attributes, first, numbers);
    }
    if let Some(first) = cards {
        set(attributes, first, found.cards.map(i64::from));
    }
    for (attribute, count) in [(small, found.small_10m), (rejected, found.rejected_1h)] {
        if let Some(attribute) = attribute {
            attributes.set(attribute, count);
        }
    }
}

/// Attributes of one key have numbers that follow each other.
fn set(attributes: &mut Attributes, first: Attribute, numbers: impl IntoIterator<Item = i64>) {
    for (number, value) in (first.number()..).zip(numbers) {
        if let Some(attribute) = Attribute::of_number(number) {
            attributes.set(attribute, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use waxseal_engine::attribute::Value;

    use super::*;
    use crate::velocity::series::Windows;

    /// Every attribute of a count that there is has its own number put in, and no other.
    #[test]
    fn each_number_goes_to_the_attribute_of_its_name() {
        let found = Found {
            sessions: Windows {
                counts: [1, 2, 3, 4, 5, 6],
                usd_micros: [11, 12, 13, 14, 15, 16],
            },
            cards: [21, 22],
            small_10m: 31,
            rejected_1h: 41,
        };
        let mut attributes = Attributes::default();
        for kind in Kind::ALL {
            fill(&mut attributes, kind, &found);
        }
        let windows = ["1m", "10m", "1h", "24h", "7d", "30d"];
        let mut set = 0;
        for attribute in Attribute::ALL {
            let name = attribute.name();
            let Some((group, rest)) = name
                .strip_prefix("velocity.")
                .and_then(|name| name.split_once('.'))
            else {
                continue;
            };
            if group == "card_or_ip" {
                continue;
            }
            let (what, window) = rest.rsplit_once('_').unwrap();
            let at = i64::try_from(windows.iter().position(|name| *name == window).unwrap());
            let wanted = at.unwrap()
                + match what {
                    "count" => 1,
                    "sum_usd_micros" => 11,
                    "cards" => 21 - 2,
                    "small_count" => 31 - 1,
                    "rejected_count" => 41 - 2,
                    other => panic!("{other}"),
                };
            assert_eq!(
                *attributes.get(*attribute),
                Value::Integer(wanted),
                "{name}"
            );
            set += 1;
        }
        assert_eq!(attributes.known().count(), set);
    }
}

//! The server's clock, as the frame keeps it: a customer's own clock may be wrong by years.

/// The server's time, kept as its distance from the local clock.
///
/// The local clock, not a monotonic one: browsers stop the latter while the device sleeps.
#[derive(Clone, Copy, Debug)]
pub struct ServerClock {
    offset_s: i64,
}

/// A month of the Gregorian calendar.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Month {
    /// Year, four digits.
    pub year: u16,
    /// 1 to 12.
    pub month: u8,
}

impl ServerClock {
    /// From the server's and the local time of one moment, in seconds since the Unix epoch.
    pub fn new(server_s: u64, local_s: u64) -> Self {
        Self {
            offset_s: server_s.cast_signed().wrapping_sub(local_s.cast_signed()),
        }
    }

    /// The server's time when the local clock shows `local_s`.
    pub fn now_s(self, local_s: u64) -> u64 {
        local_s.saturating_add_signed(self.offset_s)
    }

    /// The month (UTC) when the local clock shows `local_s`.
    pub fn month(self, local_s: u64) -> Month {
        Month::at(self.now_s(local_s))
    }
}

impl Month {
    /// The month (UTC) that has the given second since the Unix epoch.
    pub fn at(now_s: u64) -> Self {
        let mut days = now_s / 86_400;
        let mut year = 1970;
        while days >= days_in(year) && year < u16::MAX {
            days -= days_in(year);
            year += 1;
        }
        let february = if days_in(year) == 366 { 29 } else { 28 };
        let mut month = 1;
        for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
            if days < length {
                break;
            }
            days -= length;
            month += 1;
        }
        Self { year, month }
    }
}

fn days_in(year: u16) -> u64 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    if is_leap { 366 } else { 365 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_begin_and_end_where_the_calendar_says() {
        for (now_s, year, month) in [
            (0, 1970, 1),
            (951_782_399, 2000, 2),
            (951_868_799, 2000, 2),
            (951_868_800, 2000, 3),
            (1_709_164_800, 2024, 2),
            (1_709_251_200, 2024, 3),
            (1_798_761_599, 2026, 12),
            (1_798_761_600, 2027, 1),
            (4_107_542_399, 2100, 2),
            (4_107_542_400, 2100, 3),
        ] {
            assert_eq!(Month::at(now_s), Month { year, month }, "{now_s}");
        }
        assert_eq!(Month::at(u64::MAX).year, u16::MAX);
    }

    #[test]
    fn a_wrong_local_clock_is_corrected() {
        let slow = ServerClock::new(1_800_000_000, 1_000_000_000);
        assert_eq!(slow.now_s(1_000_000_060), 1_800_000_060);
        let fast = ServerClock::new(1_800_000_000, 1_900_000_000);
        assert_eq!(fast.now_s(1_900_000_060), 1_800_000_060);
        assert_eq!(
            fast.month(1_900_000_060),
            Month {
                year: 2027,
                month: 1
            }
        );
    }
}

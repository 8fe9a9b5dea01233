//! Instants as backends write them: `2019-06-04T09:00:12.200+02:00`, with or without the fraction.

use super::Timestamp;

/// Reads an instant.
#[must_use]
pub fn parse(text: &str) -> Option<Timestamp> {
    let (date, rest) = text.trim().split_once(['T', ' '])?;
    let at = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
    let (clock, zone) = (rest.get(..at)?, rest.get(at..)?);
    let mut parts = date.splitn(3, '-').map(str::parse::<u64>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    if !(1970..10_000).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let millis = days(year, month, day) * DAY + millis_of(clock)?;
    let shift = match zone.split_at_checked(1) {
        Some((_, hours)) if !hours.is_empty() => minutes(hours)? * MINUTE,
        _ => 0,
    };
    let millis = if zone.starts_with('-') { millis.checked_add(shift) } else { millis.checked_sub(shift) };
    millis.map(Timestamp::from_millis)
}

/// Days from the beginning of 1970 to a day of the Gregorian calendar, by counting years from March on.
fn days(year: u64, month: u64, day: u64) -> u64 {
    let year = if month > 2 { year } else { year - 1 };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let all = year * 365 + year / 4 - year / 100 + year / 400 + of_year;
    all.saturating_sub(BEFORE_1970)
}

fn millis_of(clock: &str) -> Option<u64> {
    let (whole, fraction) = clock.split_once(['.', ',']).unwrap_or((clock, ""));
    let mut parts = whole.splitn(3, ':').map(str::parse::<u64>);
    let (hour, minute) = (parts.next()?.ok()?, parts.next()?.ok()?);
    let second = parts.next().transpose().ok()?.unwrap_or(0);
    let thousandths: String = fraction.chars().chain("000".chars()).take(3).collect();
    let thousandths: u64 = thousandths.parse().ok()?;
    // Counted only where it is small enough to be counted.
    (hour < 25 && minute < 60 && second < 61).then(|| ((hour * 60 + minute) * 60 + second) * 1000 + thousandths)
}

/// `02:00` or `0200`.
fn minutes(zone: &str) -> Option<u64> {
    let digits: String = zone.chars().filter(|letter| *letter != ':').collect();
    let (hours, minutes) = digits.split_at_checked(2)?;
    let minutes = if minutes.is_empty() { 0 } else { minutes.parse::<u64>().ok()? };
    let hours: u64 = hours.parse().ok()?;
    (hours < 24 && minutes < 60).then(|| hours * 60 + minutes)
}

const MINUTE: u64 = 60_000;
const DAY: u64 = 86_400_000;
/// Days from the calendar's beginning to that of 1970, as [`days`] counts them.
const BEFORE_1970: u64 = 719_468;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_with_their_zone() {
        for (text, millis) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T02:00:00.007+02:00", 951_782_400_007),
            ("2019-06-04T10:00:00.01+02:00", 1_559_635_200_010),
            ("2019-06-04T06:30:00-0130", 1_559_635_200_000),
            ("2024-12-31T23:59:59.999999Z", 1_735_689_599_999),
        ] {
            assert_eq!(parse(text), Some(Timestamp::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn what_is_no_instant_is_none() {
        for text in [
            "",
            "T",
            "2019-06-04",
            "2019-13-04T00:00Z",
            "0-0-0T0:0Z",
            "2019-06-04T99:00Z",
            "2019-06-04T18446744073709551615:00:00Z",
            "2019-06-04T09:00:00+18446744073709551615",
            "1970-01-01T00:00+02:00",
            "aTb",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}

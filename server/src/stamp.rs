//! Moments as the WebAPI of SuperOffice writes them. Knows nothing of whose moments they are.

use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, PrimitiveDateTime, UtcOffset};

/// A moment in UTC, with seven digits of the second.
pub fn written(epoch_ms: u64) -> String {
    let nanos = i128::from(epoch_ms) * 1_000_000;
    let Ok(moment) = OffsetDateTime::from_unix_timestamp_nanos(nanos) else {
        return UNSET.to_owned();
    };
    let (date, ticks) = (moment.date(), moment.nanosecond() / 100);
    let (hour, minute, second) = moment.time().as_hms();
    let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ticks:07}+00:00")
}

/// Milliseconds since the epoch; `None` for what is unset (a year below 1900, protocol page §2.3), broken, or before the epoch.
pub fn read(text: &str) -> Option<u64> {
    let whole = OffsetDateTime::parse(text, &Rfc3339).ok().or_else(|| without_offset(text))?;
    if whole.year() < FIRST_YEAR {
        return None;
    }
    u64::try_from(whole.unix_timestamp_nanos() / 1_000_000).ok()
}

/// A moment without an offset is taken for UTC.
fn without_offset(text: &str) -> Option<OffsetDateTime> {
    let moment = OffsetDateTime::parse(&format!("{text}Z"), &Rfc3339).ok()?;
    Some(PrimitiveDateTime::new(moment.date(), moment.time()).assume_offset(UtcOffset::UTC))
}

/// How a moment looks that is not set.
pub const UNSET: &str = "0001-01-01T00:00:00";
const FIRST_YEAR: i32 = 1900;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        assert_eq!(written(1_709_633_702_120), "2024-03-05T10:15:02.1200000+00:00");
        assert_eq!(read("2024-03-05T10:15:02.1200000+00:00"), Some(1_709_633_702_120));
    }

    #[test]
    fn an_offset_counts_and_its_lack_means_utc() {
        assert_eq!(read("2024-03-05T12:15:02.1200000+02:00"), Some(1_709_633_702_120));
        assert_eq!(read("2024-03-05T10:15:02.12"), Some(1_709_633_702_120));
    }

    #[test]
    fn what_is_unset_or_broken_is_no_moment() {
        for text in [UNSET, "0001-01-01T00:00:00Z", "1899-12-31T23:59:59Z", "", "soon", "2024-13-05T10:15:02Z"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}

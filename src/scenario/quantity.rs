// SPDX-License-Identifier: Apache-2.0
//! Quantities as people write them: `2 GiB`, `9.6 GB/s`, `20 us`, `600 MHz`, `200 %`.
//!
//! All arithmetic is exact: a decimal fraction is accepted only where the result is a whole number
//! of the base unit, and nothing is ever rounded by the parser.
use super::problem::closest;
use crate::units::{Cycle, Hertz};
use thiserror::Error;

/// A unit's spelling and how many of the base unit it is.
type Units = &'static [(&'static str, u64)];

const SIZES: Units = &[("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];
const RATES: Units = &[("MB/s", 1_000_000), ("GB/s", 1_000_000_000)];
const CLOCKS: Units = &[("kHz", 1_000), ("MHz", 1_000_000), ("GHz", 1_000_000_000)];
const TIMES: Units = &[("ns", 1_000), ("us", 1_000_000), ("ms", 1_000_000_000)];
const CYCLES: Units = &[("cycles", 1), ("cycle", 1)];
const PERCENT: Units = &[("%", 1)];

/// Why a text is not the quantity it should be.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(super) enum QuantityError {
    /// Does not start with a number.
    #[error("does not start with a number")]
    NoNumber,
    /// A sign, an exponent, a second point.
    #[error("`{0}` is not a plain decimal number")]
    BadNumber(String),
    /// Only a number.
    #[error("has no unit")]
    NoUnit,
    /// A unit that is not one of this kind's.
    #[error("`{0}` is not a unit here")]
    UnknownUnit(String),
    /// The value is not a whole number of the base unit.
    #[error("is not a whole number of {0}")]
    Fraction(&'static str),
    /// More than 64 bits can hold.
    #[error("is too large for 64 bits")]
    TooLarge,
}

/// What kind of quantity a text must be; names it in messages and lists its units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Bytes.
    Size,
    /// Bytes a second.
    Rate,
    /// Hertz.
    Clock,
    /// Picoseconds or cycles.
    Time,
    /// Hundredths.
    Percent,
}

impl Kind {
    /// How messages call it.
    pub(super) const fn noun(self) -> &'static str {
        match self {
            Self::Size => "a size",
            Self::Rate => "a rate",
            Self::Clock => "a clock frequency",
            Self::Time => "a time",
            Self::Percent => "a percentage",
        }
    }
    /// One that is right.
    pub(super) const fn example(self) -> &'static str {
        match self {
            Self::Size => "2 MiB",
            Self::Rate => "400 MB/s",
            Self::Clock => "600 MHz",
            Self::Time => "20 us",
            Self::Percent => "50 %",
        }
    }
    /// All units, for a help line.
    pub(super) const fn units(self) -> &'static str {
        match self {
            Self::Size => "B, KiB, MiB, GiB",
            Self::Rate => "MB/s, GB/s (powers of ten)",
            Self::Clock => "kHz, MHz, GHz",
            Self::Time => "ns, us, ms, cycles",
            Self::Percent => "%",
        }
    }
    /// What to write instead of `error`.
    pub(super) fn help(self, error: &QuantityError) -> String {
        let units = format!(
            "{} is written like \"{}\"; units: {}",
            self.noun(),
            self.example(),
            self.units()
        );
        let QuantityError::UnknownUnit(unit) = error else {
            return units;
        };
        // A decimal prefix on a size is the commonest slip, and its meaning differs by up to 7 %.
        let meant = match (self, unit.to_ascii_lowercase().as_str()) {
            (Self::Size, "k" | "kb") => Some("KiB"),
            (Self::Size, "m" | "mb") => Some("MiB"),
            (Self::Size, "g" | "gb") => Some("GiB"),
            (Self::Time, "µs") => Some("us"),
            _ => closest(unit, self.tables().iter().flat_map(|t| t.iter()).map(|(name, _)| *name)),
        };
        meant.map_or(units.clone(), |meant| format!("did you mean `{meant}`? {units}"))
    }
    const fn tables(self) -> &'static [Units] {
        match self {
            Self::Size => &[SIZES],
            Self::Rate => &[RATES],
            Self::Clock => &[CLOCKS],
            Self::Time => &[TIMES, CYCLES],
            Self::Percent => &[PERCENT],
        }
    }
    const fn base(self) -> &'static str {
        match self {
            Self::Size => "bytes",
            Self::Rate => "bytes a second",
            Self::Clock => "hertz",
            Self::Time => "picoseconds or cycles",
            Self::Percent => "percent",
        }
    }
}

/// A length of time, before the clock that turns it into cycles is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Time {
    /// Picoseconds.
    Picoseconds(u64),
    /// Cycles of the fabric clock.
    Cycles(u64),
}

impl Time {
    /// Whole cycles at `clock`, rounded up; `None` beyond 64 bits.
    pub(super) fn cycles(self, clock: Hertz) -> Option<Cycle> {
        match self {
            Self::Cycles(n) => Some(Cycle(n)),
            Self::Picoseconds(ps) => {
                let cycles = (u128::from(ps) * u128::from(clock.0)).div_ceil(1_000_000_000_000);
                u64::try_from(cycles).ok().map(Cycle)
            }
        }
    }
    /// Picoseconds at `clock`, rounded down; `None` beyond 64 bits.
    pub(super) fn picoseconds(self, clock: Hertz) -> Option<u64> {
        match self {
            Self::Picoseconds(ps) => Some(ps),
            Self::Cycles(n) => {
                u64::try_from(u128::from(n) * 1_000_000_000_000 / u128::from(clock.0)).ok()
            }
        }
    }
}

/// A size in bytes, a rate in bytes a second, a clock in hertz or a percentage.
///
/// # Errors
/// When `text` is not a number with a unit of that kind, or not exact, or over 64 bits.
pub(super) fn number(kind: Kind, text: &str) -> Result<u64, QuantityError> {
    let (digits, unit) = split(text)?;
    let table = kind.tables().iter().flat_map(|table| table.iter());
    let scale = find(table, unit)?;
    scaled(digits, scale, kind.base())
}

/// A time.
///
/// # Errors
/// As [`number`].
pub(super) fn time(text: &str) -> Result<Time, QuantityError> {
    let (digits, unit) = split(text)?;
    let base = Kind::Time.base();
    if let Ok(scale) = find(CYCLES.iter(), unit) {
        return scaled(digits, scale, base).map(Time::Cycles);
    }
    scaled(digits, find(TIMES.iter(), unit)?, base).map(Time::Picoseconds)
}

fn find<'a>(
    mut table: impl Iterator<Item = &'a (&'static str, u64)>,
    unit: &str,
) -> Result<u64, QuantityError> {
    let unknown = || QuantityError::UnknownUnit(unit.to_owned());
    table.find(|(name, _)| *name == unit).map(|(_, scale)| *scale).ok_or_else(unknown)
}

/// Splits `12.5 MiB` into its number and its unit.
fn split(text: &str) -> Result<(&str, &str), QuantityError> {
    let text = text.trim();
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | '_' | ',' | '+' | '-');
    let at = text.find(|c| !is_number(c)).unwrap_or(text.len());
    let (digits, unit) = (&text[..at], text[at..].trim());
    match (digits.is_empty(), unit.is_empty()) {
        (true, _) => Err(QuantityError::NoNumber),
        (_, true) => Err(QuantityError::NoUnit),
        _ => Ok((digits, unit)),
    }
}

/// `digits` times `scale`, exactly.
fn scaled(digits: &str, scale: u64, base: &'static str) -> Result<u64, QuantityError> {
    let bad = || QuantityError::BadNumber(digits.to_owned());
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(w, f)| (w, Some(f)));
    let plain = |part: &str| {
        let inner = part.bytes().all(|b| b.is_ascii_digit() || b == b'_');
        inner && !part.is_empty() && !part.starts_with('_') && !part.ends_with('_')
    };
    if !plain(whole) || !fraction.is_none_or(plain) {
        return Err(bad());
    }
    let mut value: u128 = 0;
    let mut divisor: u128 = 1;
    for digit in whole.bytes().filter(u8::is_ascii_digit) {
        value = push(value, digit)?;
    }
    for digit in fraction.unwrap_or("").trim_end_matches('0').bytes().filter(u8::is_ascii_digit) {
        value = push(value, digit)?;
        divisor = divisor.checked_mul(10).ok_or(QuantityError::Fraction(base))?;
    }
    let value = value.checked_mul(u128::from(scale)).ok_or(QuantityError::TooLarge)?;
    if !value.is_multiple_of(divisor) {
        return Err(QuantityError::Fraction(base));
    }
    u64::try_from(value / divisor).map_err(|_| QuantityError::TooLarge)
}

fn push(value: u128, digit: u8) -> Result<u128, QuantityError> {
    let digit = u128::from(digit - b'0');
    value.checked_mul(10).and_then(|value| value.checked_add(digit)).ok_or(QuantityError::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MHZ_600: Hertz = Hertz(600_000_000);

    #[test]
    fn sizes_are_binary_and_exact() {
        assert_eq!(number(Kind::Size, "2 GiB"), Ok(2 << 30));
        assert_eq!(number(Kind::Size, "4096B"), Ok(4096));
        assert_eq!(number(Kind::Size, " 1.5 KiB "), Ok(1536));
        assert_eq!(number(Kind::Size, "12_441_600 B"), Ok(12_441_600));
        assert_eq!(number(Kind::Size, "0.3 B"), Err(QuantityError::Fraction("bytes")));
        assert_eq!(number(Kind::Size, "2 MB"), Err(QuantityError::UnknownUnit("MB".into())));
        assert_eq!(number(Kind::Size, "16 GiB"), Ok(1 << 34));
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "   ", "KiB", "x KiB", "é"] {
            assert_eq!(number(Kind::Size, text), Err(QuantityError::NoNumber), "{text:?}");
        }
        for text in
            ["-1 KiB", "+1 KiB", "1. KiB", ".5 KiB", "1.2.3 KiB", "_1 KiB", "1_ KiB", "1,5 KiB"]
        {
            assert!(
                matches!(number(Kind::Size, text), Err(QuantityError::BadNumber(_))),
                "{text:?}"
            );
        }
        assert_eq!(number(Kind::Size, "12"), Err(QuantityError::NoUnit));
        assert!(matches!(number(Kind::Size, "1e3 B"), Err(QuantityError::UnknownUnit(_))));
    }

    #[test]
    fn overflow_is_an_error_not_a_wrap() {
        assert_eq!(number(Kind::Size, "18446744073709551615 B"), Ok(u64::MAX));
        assert_eq!(number(Kind::Size, "18446744073709551616 B"), Err(QuantityError::TooLarge));
        assert_eq!(number(Kind::Size, "17179869184 GiB"), Err(QuantityError::TooLarge));
        let huge = format!("{} GiB", "9".repeat(60));
        assert_eq!(number(Kind::Size, &huge), Err(QuantityError::TooLarge));
        let fine = format!("0.{}1 GiB", "0".repeat(60));
        assert!(number(Kind::Size, &fine).is_err());
    }

    #[test]
    fn rates_clocks_and_percentages() {
        assert_eq!(number(Kind::Rate, "9.6 GB/s"), Ok(9_600_000_000));
        assert_eq!(number(Kind::Rate, "400 MB/s"), Ok(400_000_000));
        assert_eq!(number(Kind::Clock, "600 MHz"), Ok(600_000_000));
        assert_eq!(number(Kind::Percent, "200 %"), Ok(200));
        assert_eq!(number(Kind::Percent, "200%"), Ok(200));
    }

    #[test]
    fn times_become_cycles_rounded_up() {
        assert_eq!(time("20 us").map(|t| t.cycles(MHZ_600)), Ok(Some(Cycle(12_000))));
        assert_eq!(time("50 ms").map(|t| t.cycles(MHZ_600)), Ok(Some(Cycle(30_000_000))));
        assert_eq!(time("1 ns").map(|t| t.cycles(MHZ_600)), Ok(Some(Cycle(1))));
        assert_eq!(time("7 cycles").map(|t| t.cycles(MHZ_600)), Ok(Some(Cycle(7))));
        assert_eq!(time("1 cycle"), Ok(Time::Cycles(1)));
        assert_eq!(time("60 ns").map(|t| t.picoseconds(MHZ_600)), Ok(Some(60_000)));
        assert_eq!(time("6 cycles").map(|t| t.picoseconds(MHZ_600)), Ok(Some(10_000)));
        assert!(time("1.5 cycles").is_err());
    }

    #[test]
    fn help_names_the_unit_that_was_meant() {
        let help = |kind: Kind, unit: &str| kind.help(&QuantityError::UnknownUnit(unit.into()));
        assert!(help(Kind::Size, "MB").starts_with("did you mean `MiB`?"));
        assert!(help(Kind::Time, "µs").starts_with("did you mean `us`?"));
        assert!(help(Kind::Rate, "GBs").starts_with("did you mean `GB/s`?"));
        assert!(!help(Kind::Rate, "parsec").starts_with("did you mean"));
    }
}

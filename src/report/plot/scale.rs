// SPDX-License-Identifier: Apache-2.0
//! Axis values that people like: steps of 1, 2 or 5 times a power of ten, in integers.
use crate::report::format::{grouped_by, nanoseconds};
use crate::report::plot::THIN_SPACE;
use crate::units::Hertz;

/// The values from 0 to at most `top` at which an axis is marked.
pub(super) struct Ticks {
    next: Option<u64>,
    step: u64,
    top: u64,
}

impl Ticks {
    /// About `count` values.
    pub(super) fn new(top: u64, count: u64) -> Self {
        let rough = (top / count).max(1);
        let mut power = 1u64;
        while power <= rough / 10 {
            power *= 10;
        }
        let step = [1, 2, 5, 10].map(|factor| factor * power);
        let step = step.into_iter().find(|step| *step >= rough).unwrap_or(power * 10);
        Self { next: Some(0), step, top }
    }
}

impl Iterator for Ticks {
    type Item = u64;
    fn next(&mut self) -> Option<u64> {
        let value = self.next.filter(|value| *value <= self.top)?;
        self.next = value.checked_add(self.step);
        Some(value)
    }
}

/// How the time axis counts.
pub(super) struct TimeUnit {
    /// Title of the axis.
    pub(super) title: &'static str,
    /// Nanoseconds (or cycles, without a clock) of one unit.
    pub(super) size: u64,
    /// Length of the axis in nanoseconds (or cycles).
    pub(super) span: u64,
}

impl TimeUnit {
    /// The unit in which a run of `end` cycles is best read.
    pub(super) fn of(clock: Hertz, end: u64) -> Self {
        let (title, size, span) = match nanoseconds(clock, end) {
            0 => ("time, cycles", 1, end),
            span @ 1..10_000 => ("time, ns", 1, span),
            span @ 10_000..5_000_000 => ("time, µs", 1_000, span),
            span => ("time, ms", 1_000_000, span),
        };
        Self { title, size, span }
    }
}

/// `value / unit` in full, without zeros at the end; `unit` is a power of ten.
pub(super) fn decimal(value: u64, unit: u64) -> String {
    let whole = grouped_by(value / unit, THIN_SPACE);
    if value.is_multiple_of(unit) {
        return whole;
    }
    let digits = unit.ilog10() as usize;
    let fraction = format!("{:0digits$}", value % unit);
    format!("{whole}.{}", fraction.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_few() {
        let ticks = |top, count| Ticks::new(top, count).collect::<Vec<_>>();
        assert_eq!(ticks(100, 5), [0, 20, 40, 60, 80, 100]);
        assert_eq!(ticks(1_020_000, 5), [0, 500_000, 1_000_000]);
        assert_eq!(ticks(0, 5), [0]);
        assert_eq!(
            ticks(6_666_666, 8),
            [0, 1_000_000, 2_000_000, 3_000_000, 4_000_000, 5_000_000, 6_000_000]
        );
        for top in (1..500).map(|n| n * n * n) {
            assert!((2..=12).contains(&ticks(top, 8).len()), "{top}");
        }
        assert!(ticks(u64::MAX, 8).len() <= 12);
    }

    #[test]
    fn decimals_have_no_idle_zeros() {
        assert_eq!(decimal(500_000, 1_000_000), "0.5");
        assert_eq!(decimal(12_000, 1_000), "12");
        assert_eq!(decimal(1_050, 1_000), "1.05");
    }
}

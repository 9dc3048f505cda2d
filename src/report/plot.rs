// SPDX-License-Identifier: Apache-2.0
//! `throughput.svg`: what every master moved over time, stacked; steps, grants and violations
//! stand on rows of their own below, on the same axis.
use crate::engine::event::Event;
use crate::report::digest::Digest;
use crate::report::format::{grouped_by, hundredths, nanoseconds, plain, short, verdict_word};
use crate::report::svg::{self, Pen, Point, UNIT, letters, text_units};
use crate::units::MasterId;
use plotters::style::RGBColor;

mod rows;
mod scale;
mod stack;

use scale::{Ticks, TimeUnit};
use stack::Column;

const WIDTH: i32 = 1200;
const HEIGHT: i32 = 520;
const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
const GREY: RGBColor = RGBColor(0x66, 0x66, 0x66);
const GRID: RGBColor = RGBColor(0xe1, 0xe1, 0xe1);
const ALARM: RGBColor = RGBColor(0xc8, 0x00, 0x20);
/// Okabe and Ito's colours, and a grey for the eighth port; the same port always has the same.
const COLOURS: [RGBColor; 8] = [
    RGBColor(0x00, 0x72, 0xb2),
    RGBColor(0xe6, 0x9f, 0x00),
    RGBColor(0x00, 0x9e, 0x73),
    RGBColor(0xcc, 0x79, 0xa7),
    RGBColor(0x56, 0xb4, 0xe9),
    RGBColor(0xd5, 0x5e, 0x00),
    RGBColor(0xf0, 0xe4, 0x42),
    RGBColor(0x77, 0x77, 0x77),
];
const THIN_SPACE: char = '\u{2009}';

/// The chart's edges, pixels.
const LEFT: i32 = 96;
const RIGHT: i32 = 930;
const TOP: i32 = 92;
const BOTTOM: i32 = 356;
/// The right column.
const LEGEND: i32 = 956;
const EDGE: i32 = 1184;
/// First line of the counts below the legend.
const ACCESSES: i32 = 378;

/// Colour of a master's port.
fn colour(master: usize) -> RGBColor {
    COLOURS[master % COLOURS.len()]
}

const fn px(x: i32, y: i32) -> Point {
    (x * UNIT, y * UNIT)
}

/// The chart's data and scales.
struct Chart<'a> {
    digest: &'a Digest<'a>,
    columns: Vec<Column>,
    /// First cycle after the run.
    end: u64,
    /// Top of the vertical axis, hundredths of MB/s.
    top: u64,
    /// What one filter port carries in one direction, hundredths of MB/s.
    ceiling: u64,
}

/// The plot as SVG.
pub fn export(events: &[Event]) -> Vec<u8> {
    let digest = Digest::new(events);
    let columns = stack::columns(&digest);
    let peak = columns.iter().map(Column::total).max().unwrap_or(0);
    let ceiling = digest.header.map_or(0, |header| header.port_ceiling / 10_000);
    let wanted = if peak >= ceiling / 3 { peak.max(ceiling) } else { peak };
    // Some air above the highest value.
    let top = (wanted + wanted / 16).max(10_000);
    let chart = Chart { digest: &digest, columns, end: digest.end(), top, ceiling };
    svg::document(WIDTH.unsigned_abs(), HEIGHT.unsigned_abs(), |pen| {
        pen.rectangle(px(0, 0), px(WIDTH, HEIGHT), RGBColor(255, 255, 255), 100);
        chart.heading(pen);
        chart.vertical_axis(pen);
        chart.layers(pen);
        chart.ceiling(pen);
        chart.time_axis(pen);
        rows::draw(&chart, pen);
        chart.legend(pen);
    })
}

impl Chart<'_> {
    /// Horizontal place of a cycle.
    fn x(&self, cycle: u64) -> i32 {
        let span = u128::from((RIGHT - LEFT).unsigned_abs() * UNIT.unsigned_abs());
        let at = u128::from(cycle.min(self.end)) * span / u128::from(self.end);
        LEFT * UNIT + at as i32
    }

    /// Vertical place of a rate in hundredths of MB/s.
    fn y(&self, rate: u64) -> i32 {
        let span = u128::from((BOTTOM - TOP).unsigned_abs() * UNIT.unsigned_abs());
        BOTTOM * UNIT - (u128::from(rate.min(self.top)) * span / u128::from(self.top)) as i32
    }

    fn heading(&self, pen: &mut Pen<'_>) {
        let digest = self.digest;
        let title = format!("Throughput by master: {}", short(digest.scenario(), 60));
        pen.text(px(24, 28), &title, letters(20, INK).bold());
        let bin = nanoseconds(digest.clock(), digest.bin_cycles());
        let merged = match self.columns.iter().map(|column| column.bins).max() {
            Some(bins @ 2..) => format!(", {bins} bins a step"),
            _ => String::new(),
        };
        let shape = digest.header.map_or("", |header| &header.shape);
        let subtitle = format!(
            "seed {} · board {} · clock {} MHz · bin {} cycles = {} µs{merged} · \
             read + written, MB = 10⁶ bytes",
            digest.seed(),
            short(shape, 24),
            digest.clock().0 / 1_000_000,
            grouped_by(digest.bin_cycles(), THIN_SPACE),
            scale::decimal(bin, 1000),
        );
        pen.text(px(24, 54), &subtitle, letters(14, GREY));
        let verdict = verdict_word(digest.summary.verdict);
        pen.text(px(EDGE, 28), verdict, letters(18, INK).bold().ending());
    }

    fn vertical_axis(&self, pen: &mut Pen<'_>) {
        pen.text(px(24, TOP - 16), "MB/s", letters(12, GREY));
        for rate in Ticks::new(self.top, 6) {
            let y = self.y(rate);
            pen.line((LEFT * UNIT, y), (RIGHT * UNIT, y), GRID, 4);
            let label = grouped_by(rate / 100, THIN_SPACE);
            pen.text(((LEFT - 10) * UNIT, y), &label, letters(12, INK).ending());
        }
    }

    /// One polygon a master that moved anything, each on top of those before it.
    fn layers(&self, pen: &mut Pen<'_>) {
        if self.columns.is_empty() {
            let middle = px(i32::midpoint(LEFT, RIGHT), i32::midpoint(TOP, BOTTOM));
            pen.text(middle, "no time bin in the log", letters(14, GREY).centred());
        }
        for master in self.movers() {
            let outline = stack::outline(&self.columns, master);
            let place = |(cycle, rate): &(u64, u64)| (self.x(*cycle), self.y(*rate));
            pen.polygon(outline.iter().map(place).collect(), colour(master));
        }
    }

    /// Masters that moved anything, by port.
    fn movers(&self) -> Vec<usize> {
        let moved = |master: &usize| self.columns.iter().any(|c| c.rates[*master] > 0);
        (0..self.digest.masters()).filter(moved).collect()
    }

    fn ceiling(&self, pen: &mut Pen<'_>) {
        if self.ceiling == 0 {
            return;
        }
        let value = grouped_by(self.ceiling / 100, THIN_SPACE);
        let y = TOP - 16;
        let mut label = format!("ceiling of one filter port, one direction: {value} MB/s");
        if self.ceiling <= self.top {
            let line = self.y(self.ceiling);
            pen.dashes((LEFT * UNIT, line), RIGHT * UNIT, INK, 24);
        } else {
            label.push_str(", above this scale");
        }
        // The same dashes before the words say which line is meant.
        pen.dashes(px(LEFT, y), (LEFT + 30) * UNIT, INK, 24);
        pen.text(px(LEFT + 38, y), &label, letters(11, INK));
    }

    fn time_axis(&self, pen: &mut Pen<'_>) {
        let base = rows::TIME_AXIS;
        pen.line(px(LEFT, BOTTOM), px(RIGHT, BOTTOM), INK, 5);
        pen.line(px(LEFT, base), px(RIGHT, base), INK, 5);
        let clock = self.digest.clock();
        let unit = TimeUnit::of(clock, self.end);
        for at in Ticks::new(unit.span, 8) {
            let x = LEFT * UNIT
                + (u128::from(at) * ((RIGHT - LEFT) * UNIT) as u128 / u128::from(unit.span)) as i32;
            pen.line((x, base * UNIT), (x, (base + 5) * UNIT), INK, 4);
            let label = scale::decimal(at, unit.size);
            pen.text((x, (base + 16) * UNIT), &label, letters(12, INK).centred());
        }
        let middle = px(i32::midpoint(LEFT, RIGHT), base + 38);
        pen.text(middle, unit.title, letters(12, GREY).centred());
    }

    /// The masters in the order in which they are stacked, each with its mean.
    fn legend(&self, pen: &mut Pen<'_>) {
        let mut y = TOP - 16;
        pen.text(px(LEGEND, y), "master", letters(11, GREY));
        pen.text(px(EDGE, y), "mean MB/s", letters(11, GREY).ending());
        y += 24;
        let mut total = 0;
        for master in self.movers().into_iter().rev() {
            let id = MasterId(master as u8);
            let mean = self.digest.total(id).map_or(0, |total| total.centi_mb_per_s);
            total += mean;
            pen.rectangle(px(LEGEND, y - 6), px(LEGEND + 12, y + 6), colour(master), 100);
            let name = short(&self.digest.raw_master(id), 15);
            pen.text(px(LEGEND + 20, y), &name, letters(14, INK));
            pen.text(px(EDGE, y), &mean_words(mean), letters(14, INK).ending());
            y += 22;
        }
        pen.line(px(LEGEND, y - 8), px(EDGE, y - 8), GRID, 4);
        y += 4;
        pen.text(px(LEGEND + 20, y), "all", letters(14, INK).bold());
        pen.text(px(EDGE, y), &mean_words(total), letters(14, INK).bold().ending());
        y += 24;
        for line in self.idle() {
            pen.text(px(LEGEND, y), &line, letters(11, GREY));
            y += 15;
        }
        self.accesses(pen);
    }

    /// What became of the accesses that nobody has a right to.
    fn accesses(&self, pen: &mut Pen<'_>) {
        let s = &self.digest.summary;
        let rows = [
            ("violations", s.violations),
            ("escapes", s.escapes),
            ("blocked, expected", s.blocked_expected),
            ("blocked, unexpected", s.blocked_unexpected),
        ];
        for (y, (name, count)) in (ACCESSES..).step_by(18).zip(rows) {
            pen.text(px(LEGEND, y), name, letters(12, INK));
            let count = grouped_by(count, THIN_SPACE);
            pen.text(px(EDGE, y), &count, letters(12, INK).ending());
        }
    }

    /// The masters that moved nothing, in lines that fit the right column.
    fn idle(&self) -> Vec<String> {
        let movers = self.movers();
        let still = (0..self.digest.masters()).filter(|master| !movers.contains(master));
        let names: Vec<String> =
            still.map(|m| short(&self.digest.raw_master(MasterId(m as u8)), 15)).collect();
        if names.is_empty() {
            return Vec::new();
        }
        let mut lines = vec!["moved nothing:".to_owned()];
        for (i, name) in names.iter().enumerate() {
            let name = if i + 1 < names.len() { format!("{name},") } else { name.clone() };
            let last = lines.last_mut().expect("starts with one line");
            let longer = format!("{last} {name}");
            if text_units(&longer, 11) <= (EDGE - LEGEND) * UNIT {
                *last = longer;
            } else {
                lines.push(name);
            }
        }
        lines.iter().map(|line| plain(line)).collect()
    }
}

/// Hundredths with the whole part grouped by thin spaces.
fn mean_words(mean: u64) -> String {
    let fraction = hundredths(mean % 100);
    format!("{}{}", grouped_by(mean / 100, THIN_SPACE), &fraction[1..])
}

#[cfg(test)]
mod tests;

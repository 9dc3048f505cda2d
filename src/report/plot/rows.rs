// SPDX-License-Identifier: Apache-2.0
//! The rows below the chart: steps, grants (a lane a master) and violations.
use crate::engine::event::GrantPhase;
use crate::report::format::{grouped_by, short};
use crate::report::plot::{
    ALARM, BOTTOM as CHART_BOTTOM, Chart, EDGE, GREY, GRID, INK, LEFT, LEGEND, RIGHT, THIN_SPACE,
    TOP, colour, px,
};
use crate::report::svg::{Pen, UNIT, letters, text_units};
use plotters::style::RGBColor;
use std::collections::BTreeMap;

/// Middles of the rows, pixels.
const STEPS: i32 = 374;
const GRANTS: i32 = 402;
const VIOLATIONS: i32 = 432;
/// The time axis.
pub(super) const TIME_AXIS: i32 = 450;
/// Marks nearer than this to the last one are not drawn again.
const CLOSE: i32 = 2 * UNIT;
/// Violations nearer than this share a triangle.
const CLUSTER: i32 = 12 * UNIT;
/// With more triangles than this no label would fit: they are drawn farther apart.
const CROWD: usize = 12;
const WIDE_CLUSTER: i32 = 76 * UNIT;
/// The line from a violation up through the layers.
const HAIR: RGBColor = RGBColor(0xe6, 0x9a, 0xa6);

pub(super) fn draw(chart: &Chart<'_>, pen: &mut Pen<'_>) {
    for (y, name) in [(STEPS, "steps"), (GRANTS, "grants"), (VIOLATIONS, "violations")] {
        pen.text(px(LEFT - 14, y), name, letters(12, INK).ending());
    }
    for y in [i32::midpoint(STEPS, GRANTS), i32::midpoint(GRANTS, VIOLATIONS)] {
        pen.line(px(LEFT, y), px(RIGHT, y), GRID, 4);
    }
    steps(chart, pen);
    grants(chart, pen);
    violations(chart, pen);
}

/// A tick a step, and below it the label where there is room after the last label.
fn steps(chart: &Chart<'_>, pen: &mut Pen<'_>) {
    let (mut tick_end, mut label_end) = (i32::MIN, i32::MIN);
    for (cycle, what) in &chart.digest.steps {
        let x = chart.x(*cycle);
        let label = short(what, 28);
        let end = x + 4 * UNIT + text_units(&label, 11);
        let labelled = x >= label_end && end <= LEGEND * UNIT;
        if x >= tick_end || labelled {
            let length = if labelled { 20 } else { 7 };
            pen.line((x, (STEPS - 11) * UNIT), (x, (STEPS - 11 + length) * UNIT), GREY, 4);
            tick_end = x + CLOSE;
        }
        if labelled {
            pen.text((x + 4 * UNIT, (STEPS + 4) * UNIT), &label, letters(11, INK));
            label_end = end + 6 * UNIT;
        }
    }
}

/// By master, the spans in which it held a grant.
fn spans(chart: &Chart<'_>) -> BTreeMap<u8, Vec<(u64, u64)>> {
    let mut open = BTreeMap::new();
    let mut spans: BTreeMap<u8, Vec<(u64, u64)>> = BTreeMap::new();
    for grant in &chart.digest.grants {
        match grant.phase {
            GrantPhase::Programmed => {
                open.insert(grant.grant, (grant.master.0, grant.cycle.0));
            }
            GrantPhase::Revoked => {
                if let Some((master, start)) = open.remove(&grant.grant) {
                    spans.entry(master).or_default().push((start, grant.cycle.0));
                }
            }
            GrantPhase::Requested | GrantPhase::RevokeRequested | GrantPhase::Drained => {}
        }
    }
    for (master, start) in open.into_values() {
        spans.entry(master).or_default().push((start, chart.end));
    }
    for lane in spans.values_mut() {
        lane.sort_unstable();
    }
    spans
}

/// A lane for each master that held a grant: a bar while it did, a dark edge where one began.
fn grants(chart: &Chart<'_>, pen: &mut Pen<'_>) {
    let spans = spans(chart);
    if spans.is_empty() {
        pen.text(px(LEFT + 4, GRANTS), "none", letters(11, GREY));
    }
    let lane = 22 * UNIT / i32::try_from(spans.len().max(1)).unwrap_or(1);
    for (n, (master, spans)) in spans.iter().enumerate() {
        let top = (GRANTS - 11) * UNIT + lane * i32::try_from(n).unwrap_or(0);
        let bottom = top + lane - UNIT;
        let (mut covered, mut edge) = (i32::MIN, i32::MIN);
        for &(start, end) in spans {
            let (from, to) = (chart.x(start), chart.x(end).max(chart.x(start) + UNIT));
            if to > covered {
                let visible = from.max(covered);
                pen.rectangle((visible, top), (to, bottom), colour(usize::from(*master)), 65);
                covered = to;
            }
            if from >= edge {
                pen.line((from, top), (from, bottom), INK, 3);
                edge = from + CLOSE;
            }
        }
    }
}

/// Violations as `(place, first, count)`; those nearer than `near` to the first share a mark.
fn clusters<'a>(chart: &'a Chart<'_>, near: i32) -> Vec<(i32, &'a str, u64)> {
    let mut sorted: Vec<_> = chart.digest.violations.iter().collect();
    sorted.sort_by_key(|violation| violation.cycle);
    let mut marks: Vec<(i32, &str, u64)> = Vec::new();
    for violation in sorted {
        let x = chart.x(violation.cycle.0);
        match marks.last_mut() {
            Some((at, _, count)) if x - *at < near => *count += 1,
            _ => marks.push((x, &violation.id, 1)),
        }
    }
    marks
}

/// A red triangle for each cluster, named after its first and counted.
fn violations(chart: &Chart<'_>, pen: &mut Pen<'_>) {
    let mut marks = clusters(chart, CLUSTER);
    if marks.len() > CROWD {
        marks = clusters(chart, WIDE_CLUSTER);
    }
    let unlisted = chart.digest.summary.violations_not_listed;
    if unlisted > 0 {
        let text = format!("and {} not listed", grouped_by(unlisted, THIN_SPACE));
        pen.text(px(EDGE, TIME_AXIS), &text, letters(11, ALARM).ending());
    }
    if marks.is_empty() {
        pen.text(px(LEFT + 4, VIOLATIONS), "none", letters(11, GREY));
    }
    for (i, (x, id, count)) in marks.iter().enumerate() {
        let (y, half) = (VIOLATIONS * UNIT, 6 * UNIT);
        pen.line((*x, TOP * UNIT), (*x, CHART_BOTTOM * UNIT), HAIR, 3);
        let triangle = vec![(*x, y - half), (*x + half, y + half), (*x - half, y + half)];
        pen.polygon(triangle, ALARM);
        let id = short(id, 8);
        let more = grouped_by(count - 1, THIN_SPACE);
        let label = if *count == 1 { id } else { format!("{id} +{more}") };
        let (start, width) = (*x + half + 2 * UNIT, text_units(&label, 11));
        let next = marks.get(i + 1).map_or(LEGEND * UNIT, |(next, ..)| next - half);
        if start + width <= next {
            pen.text((start, y), &label, letters(11, INK));
        }
    }
}

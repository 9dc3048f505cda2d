// SPDX-License-Identifier: Apache-2.0
//! The programming orders side by side: what each leaks, denies and stalls on a change of the
//! region file, as a table and as `orders.svg`.
use crate::report::svg::{self, Pen, UNIT, letters};
use plotters::style::RGBColor;
use std::fmt::Write;

/// What one programming order came to on one change of the region file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderCost {
    /// Name of the change.
    pub change: String,
    /// Name of the order.
    pub order: String,
    /// Register writes.
    pub writes: u64,
    /// Cycles from the first register access to the last.
    pub cycles: u64,
    /// Beats let through that neither file allows: reads, writes.
    pub leaked: [u64; 2],
    /// Beats denied that both files allow: reads, writes.
    pub denied: [u64; 2],
    /// Cycles in which a permitted master's address waited: reads, writes.
    pub stalled: [u64; 2],
    /// Cycles in which the attacker's address waited: reads, writes.
    pub attacker_stalled: [u64; 2],
    /// Why the gate was closed, where the order would not have closed it.
    pub fallback: Option<String>,
}

/// All costs as a Markdown table, one change after the other.
pub fn table(costs: &[OrderCost]) -> String {
    let mut text = String::from(
        "| change | order | writes | cycles | leaked beats R/W | wrongly denied R/W \
         | stall cycles R/W | attacker's stall cycles R/W | |\n\
         |---|---|--:|--:|--:|--:|--:|--:|---|\n",
    );
    for cost in costs {
        let pair = |[reads, writes]: [u64; 2]| format!("{reads} / {writes}");
        let why = cost.fallback.as_ref().map_or(String::new(), |why| format!("gate: {why}"));
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "| {} | `{}` | {} | {} | {} | {} | {} | {} | {why} |",
            cost.change,
            cost.order,
            cost.writes,
            cost.cycles,
            pair(cost.leaked),
            pair(cost.denied),
            pair(cost.stalled),
            pair(cost.attacker_stalled)
        );
    }
    text
}

const WIDTH: i32 = 1000;
/// Head of the picture, pixels.
const HEAD: i32 = 92;
/// One order's height: three bars and air.
const ORDER: i32 = 36;
/// Air above a change's name and its orders.
const CHANGE: i32 = 34;
const LEFT: i32 = 190;
const RIGHT: i32 = 880;
const BAR: i32 = 9;
const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
const GREY: RGBColor = RGBColor(0x66, 0x66, 0x66);
/// The three quantities: name and colour (Okabe and Ito).
const KINDS: [(&str, RGBColor); 3] = [
    ("leaked beats", RGBColor(0xd5, 0x5e, 0x00)),
    ("wrongly denied beats", RGBColor(0xe6, 0x9f, 0x00)),
    ("stall cycles", RGBColor(0x56, 0xb4, 0xe9)),
];

/// All costs as bars, reads and writes together.
pub fn plot(costs: &[OrderCost]) -> Vec<u8> {
    let most = costs.iter().flat_map(quantities).max().unwrap_or(0).max(1);
    let changes = costs.chunk_by(|a, b| a.change == b.change);
    let height = HEAD + changes.map(|c| CHANGE + ORDER * c.len() as i32).sum::<i32>() + 24;
    svg::document(WIDTH.unsigned_abs(), height.unsigned_abs(), |pen| {
        pen.rectangle((0, 0), (WIDTH * UNIT, height * UNIT), RGBColor(255, 255, 255), 100);
        heading(pen);
        let mut y = HEAD;
        for change in costs.chunk_by(|a, b| a.change == b.change) {
            pen.text((24 * UNIT, (y + 16) * UNIT), &change[0].change, letters(15, INK).bold());
            y += CHANGE;
            for cost in change {
                bars(pen, cost, y, most);
                y += ORDER;
            }
        }
    })
}

fn heading(pen: &mut Pen<'_>) {
    let title = "Programming orders while masters poll every cycle";
    pen.text((24 * UNIT, 26 * UNIT), title, letters(20, INK).bold());
    let mut x = 24;
    for (name, colour) in KINDS {
        pen.rectangle((x * UNIT, 50 * UNIT), ((x + 14) * UNIT, 62 * UNIT), colour, 100);
        pen.text(((x + 20) * UNIT, 56 * UNIT), name, letters(13, INK));
        x += 190;
    }
    pen.text((x * UNIT, 56 * UNIT), "reads + writes", letters(13, GREY));
}

fn bars(pen: &mut Pen<'_>, cost: &OrderCost, y: i32, most: u64) {
    let middle = (y + 3 * BAR / 2) * UNIT;
    let ending = letters(13, INK).ending();
    pen.text(((LEFT - 10) * UNIT, middle), &cost.order, ending);
    for ((at, value), (_, colour)) in (0..).zip(quantities(cost)).zip(KINDS) {
        let span = u64::from((RIGHT - LEFT).unsigned_abs() * UNIT.unsigned_abs());
        let end = LEFT * UNIT + (value * span / most) as i32;
        let top = (y + at * BAR) * UNIT;
        if value > 0 {
            pen.rectangle(
                (LEFT * UNIT, top),
                (end.max(LEFT * UNIT + 2), top + (BAR - 1) * UNIT),
                colour,
                100,
            );
        }
        let by_gate = at == 2 && cost.fallback.is_some();
        let label = format!("{value}{}", if by_gate { ", by the gate" } else { "" });
        // One zero says that there is nothing.
        if value > 0 || at == 1 && quantities(cost) == [0; 3] {
            pen.text((end + 6 * UNIT, top + BAR * UNIT / 2), &label, letters(10, INK));
        }
    }
}

fn quantities(cost: &OrderCost) -> [u64; 3] {
    [cost.leaked, cost.denied, cost.stalled].map(|pair| pair.iter().sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(order: &str, leaked: [u64; 2], fallback: Option<&str>) -> OrderCost {
        OrderCost {
            change: "carve".into(),
            order: order.into(),
            writes: 7,
            cycles: 20,
            leaked,
            denied: [0, 3],
            stalled: [4, 5],
            attacker_stalled: [6, 7],
            fallback: fallback.map(str::to_owned),
        }
    }

    #[test]
    fn a_line_an_order() {
        let text = table(&[cost("driver", [1, 2], None), cost("planned", [0, 0], Some("none"))]);
        let lines: Vec<&str> = text.lines().skip(2).collect();
        let want = [
            "| carve | `driver` | 7 | 20 | 1 / 2 | 0 / 3 | 4 / 5 | 6 / 7 |  |",
            "| carve | `planned` | 7 | 20 | 0 / 0 | 0 / 3 | 4 / 5 | 6 / 7 | gate: none |",
        ];
        assert_eq!(lines, want);
    }

    #[test]
    fn the_plot_names_what_it_shows() {
        let costs = [cost("driver", [1, 2], None), cost("planned", [0, 0], Some("none"))];
        let text = String::from_utf8(plot(&costs)).expect("SVG is text");
        for part in ["carve", "driver", "planned", "leaked beats", "9, by the gate"] {
            assert!(text.contains(part), "{part}");
        }
        assert!(!String::from_utf8(plot(&[])).expect("text").is_empty());
    }
}

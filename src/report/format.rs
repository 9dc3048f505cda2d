// SPDX-License-Identifier: Apache-2.0
//! Numbers and names as people read them; integers only.
use crate::engine::event::{Party, Verdict, ViolationKind};
use crate::units::{Cycle, Hertz};
use serde::Serialize;

/// Groups of three digits, apart by `separator`.
pub(super) fn grouped_by(value: u64, separator: char) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(separator);
        }
        out.push(digit);
    }
    out
}

/// Groups of three digits, apart by a space.
pub(super) fn grouped(value: u64) -> String {
    grouped_by(value, ' ')
}

/// A count of hundredths with its point: 74650 is `746.50`.
pub(super) fn hundredths(value: u64) -> String {
    format!("{}.{:02}", value / 100, value % 100)
}

/// As [`hundredths`], the whole part grouped.
pub(super) fn grouped_hundredths(value: u64) -> String {
    format!("{}.{:02}", grouped(value / 100), value % 100)
}

/// Hundredths of a megabyte (10^6 bytes) a second for `bytes` in `cycles`, rounded down.
pub(super) fn centi_mb_per_s(bytes: u64, cycles: u64, clock: Hertz) -> u64 {
    if cycles == 0 {
        return 0;
    }
    let scaled = (u128::from(bytes) * u128::from(clock.0)).saturating_mul(100);
    u64::try_from(scaled / (u128::from(cycles) * 1_000_000)).unwrap_or(u64::MAX)
}

/// A count of thousandths with its point.
pub(super) fn thousandths(value: u64) -> String {
    format!("{}.{:03}", value / 1000, value % 1000)
}

/// Microseconds with three decimals, grouped.
pub(super) fn microseconds(nanoseconds: u64) -> String {
    format!("{}.{:03}", grouped(nanoseconds / 1000), nanoseconds % 1000)
}

/// Nanoseconds of a cycle; 0 where the log names no clock.
pub(super) fn nanoseconds(clock: Hertz, cycle: u64) -> u64 {
    if clock.0 == 0 { 0 } else { clock.nanoseconds(Cycle(cycle)) }
}

/// One line of text: control, line-breaking and direction-changing characters become escapes, so
/// that no name can forge a line of a report or break XML 1.0.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let unsafe_here = c.is_control()
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}')
            || matches!(c, '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
            || matches!(c, '\u{fffe}' | '\u{ffff}');
        if unsafe_here {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// At most `limit` characters of [`plain`] text; an ellipsis says that more was there.
pub(super) fn short(text: &str, limit: usize) -> String {
    let text = plain(text);
    if text.chars().count() <= limit {
        return text;
    }
    let mut out: String = text.chars().take(limit.saturating_sub(1)).collect();
    out.push('…');
    out
}

/// A name as a part of a file name on every system: ASCII, at most 64 characters.
pub(super) fn file_name(name: &str) -> String {
    let safe = |c: char| {
        if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' }
    };
    name.chars().map(safe).take(64).collect()
}

/// Breaks text at spaces into lines of at most `width` characters (a longer word stays whole).
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in plain(text).split(' ').filter(|word| !word.is_empty()) {
        let last = lines.last_mut().expect("starts with one line");
        let room = last.chars().count() + 1 + word.chars().count() <= width;
        match (last.is_empty(), room) {
            (true, _) => last.push_str(word),
            (false, true) => {
                last.push(' ');
                last.push_str(word);
            }
            (false, false) => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Rows as columns: the first `left` columns flush left, the others flush right; two spaces apart
/// and `indent` before.
pub(super) fn table(rows: &[Vec<String>], left: usize, indent: usize) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |c: usize| {
        rows.iter().filter_map(|row| row.get(c)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = " ".repeat(indent);
        for (c, cell) in row.iter().enumerate() {
            let padding = " ".repeat(widths[c] - cell.chars().count());
            if c > 0 {
                line.push_str("  ");
            }
            if c < left {
                line.push_str(cell);
                line.push_str(&padding);
            } else {
                line.push_str(&padding);
                line.push_str(cell);
            }
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// `1 escape`, `2 escapes`.
pub(super) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(count), if count == 1 { one } else { many })
}

/// An AXI response by name (IHI0022, RRESP and BRESP).
pub(super) fn resp_name(resp: u8) -> &'static str {
    match resp {
        0 => "OKAY",
        1 => "EXOKAY",
        2 => "SLVERR",
        3 => "DECERR",
        _ => "no AXI response",
    }
}

/// A burst type by name (IHI0022, `AxBURST`).
pub(super) fn burst_name(burst: u8) -> &'static str {
    match burst {
        0 => "FIXED",
        1 => "INCR",
        2 => "WRAP",
        _ => "reserved burst type",
    }
}

/// `AxPROT` in words (IHI0022, access permissions).
pub(super) fn prot_words(prot: u8) -> String {
    let privileged = if prot & 1 == 0 { "unprivileged" } else { "privileged" };
    let secure = if prot & 2 == 0 { "secure" } else { "non-secure" };
    let instruction = if prot & 4 == 0 { "data" } else { "instruction" };
    format!("{secure} {privileged} {instruction}")
}

/// A party as reports name it.
pub(super) fn party_name(party: Party) -> &'static str {
    match party {
        Party::Rtl => "rtl",
        Party::Firmware => "firmware",
        Party::AllocatorKernel => "allocator (kernel)",
        Party::AllocatorTee => "allocator (tee)",
        Party::Driver => "driver",
        Party::Integration => "integration",
        Party::Scenario => "scenario",
    }
}

/// A kind by the name that it has in `events.jsonl`.
pub(super) fn kind_name(kind: ViolationKind) -> String {
    serialized_name(&kind)
}

/// A verdict in capitals.
pub(super) fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "PASS",
        Verdict::Fail => "FAIL",
        Verdict::Interrupted => "INTERRUPTED",
    }
}

/// The text form of a unit variant, so that no exporter spells one differently from the log.
pub(super) fn serialized_name<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_from_the_right() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1000), "1 000");
        assert_eq!(grouped(12_345_678), "12 345 678");
    }

    #[test]
    fn rates_are_exact_hundredths() {
        // 16 bytes a cycle at 600 MHz is 9.6 GB/s, the ceiling of a port.
        assert_eq!(centi_mb_per_s(16, 1, Hertz(600_000_000)), 960_000);
        assert_eq!(centi_mb_per_s(1, 0, Hertz(600_000_000)), 0);
        assert_eq!(centi_mb_per_s(u64::MAX, 1, Hertz(u64::MAX)), u64::MAX);
        assert_eq!(hundredths(74_605), "746.05");
    }

    #[test]
    fn no_name_can_forge_a_line() {
        assert_eq!(plain("a\nSUMMARY PASS"), "a\\nSUMMARY PASS");
        assert_eq!(plain("x\u{2028}y\u{202e}z\u{7}"), "x\\u{2028}y\\u{202e}z\\u{7}");
        assert_eq!(plain("Gerät <1> \"é\""), "Gerät <1> \"é\"");
        assert_eq!(short("abcdef", 4), "abc…");
    }

    #[test]
    fn wrapped_text_keeps_every_word() {
        let lines = wrap("one two  three four", 9);
        assert_eq!(lines, ["one two", "three", "four"]);
        assert_eq!(wrap("", 9), [""]);
    }

    #[test]
    fn tables_align() {
        let rows = vec![vec!["a".into(), "1".into()], vec!["bcd".into(), "20".into()]];
        assert_eq!(table(&rows, 1, 2), "  a     1\n  bcd  20\n");
    }
}

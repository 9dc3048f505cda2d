// SPDX-License-Identifier: Apache-2.0
//! One violation in full: who, what, where, when, why, whose fault, history, what next.
use crate::engine::event::{Access, RegionView, Violation, ViolationKind};
use crate::report::digest::Digest;
use crate::report::format::{
    burst_name, grouped, kind_name, microseconds, party_name, plain, prot_words, resp_name, wrap,
};
use std::fmt::Write as _;

/// Columns of the text after the label.
const WIDTH: usize = 88;
/// History lines that are printed; the rest is in `violations.json`.
const HISTORY: usize = 8;
const BLANK: &str = "           ";

/// The story of one violation; `alike` others of its group exist.
pub(super) fn tell(v: &Violation, digest: &Digest<'_>, alike: usize) -> String {
    let mut out = String::new();
    let more =
        if alike == 0 { String::new() } else { format!("  (+{} like it)", grouped(alike as u64)) };
    let _ = writeln!(out, "error[{}]: {}  {}{more}", plain(&v.rule), plain(&v.title), plain(&v.id));
    let line = v.line.map(|line| format!(", line {line}")).unwrap_or_default();
    let _ = writeln!(out, "  --> scenario {}{line}", plain(digest.scenario()));
    field(&mut out, "who", &who(v));
    field(&mut out, "what", &what(v));
    field(&mut out, "where", &place(v));
    if let Some(region) = &v.region {
        field(&mut out, "", &region_words(region));
    }
    field(&mut out, "when", &when(v));
    for (i, reason) in v.why.iter().enumerate() {
        field(&mut out, if i == 0 { "why" } else { "" }, reason);
    }
    field(&mut out, "check", &v.check);
    field(&mut out, "fault", &fault(v));
    history(&mut out, v);
    field(&mut out, "next", &v.next);
    out
}

/// A labelled paragraph; continued lines stand under its text.
fn field(out: &mut String, label: &str, text: &str) {
    for (i, line) in wrap(text, WIDTH).iter().enumerate() {
        let label = if i == 0 { format!("   {label:<8}") } else { BLANK.to_owned() };
        line_of(out, &label, line);
    }
}

fn line_of(out: &mut String, label: &str, text: &str) {
    out.push_str(format!("{label}{text}").trim_end());
    out.push('\n');
}

fn who(v: &Violation) -> String {
    let Some(access) = &v.access else {
        return v.who.clone();
    };
    format!(
        "{}, port {}, NSAID {}, AxID {:#x}, {}",
        v.who,
        access.master.0,
        access.nsaid.0,
        access.axi_id,
        prot_words(access.prot),
    )
}

fn what(v: &Violation) -> String {
    let kind = kind_name(v.violation);
    let resp = v.resp.map(|resp| format!(", answered {}", resp_name(resp))).unwrap_or_default();
    let bytes = match v.violation {
        _ if v.bytes == 0 => String::new(),
        ViolationKind::Integrity => format!(", {} B differ", grouped(v.bytes)),
        _ => format!(", {} B got through", grouped(v.bytes)),
    };
    let first = v.addr.map(|addr| format!(", first byte {addr}")).unwrap_or_default();
    match &v.access {
        Some(access) => format!("{kind}: {}{resp}{bytes}{first}", burst(access)),
        None => format!("{kind}{bytes}{first}{resp}"),
    }
}

fn burst(access: &Access) -> String {
    let each = access.bytes.0 / u64::from(access.beats.max(1));
    format!(
        "{} of {} B at {}, {} {} x {each} B",
        access.direction,
        grouped(access.bytes.0),
        access.addr,
        burst_name(access.burst),
        access.beats,
    )
}

fn place(v: &Violation) -> String {
    let pool = v.pool.as_ref().map_or_else(|| "outside every pool".into(), |p| format!("pool {p}"));
    let buffer = match &v.buffer {
        Some((name, offset)) => format!(", buffer {name} + {offset:#x}"),
        None => String::new(),
    };
    let filter = match &v.access {
        Some(access) => {
            format!(", filter {}, transaction {}", access.filter.0, grouped(access.txn))
        }
        None => String::new(),
    };
    format!("{pool}{buffer}{filter}")
}

/// A region in words (TZC-400: `REGION_ATTRIBUTES` 31 and 30 are secure write and read, 3..0 the
/// filters; `REGION_ID_ACCESS` 31..16 is write and 15..0 read, a bit for each NSAID).
fn region_words(region: &RegionView) -> String {
    let secure = match region.attributes >> 30 {
        0 => "nothing",
        1 => "read",
        2 => "write",
        _ => "read, write",
    };
    format!(
        "decided by region {} [{} .. {}]: secure {secure}; NSAID read {}, write {}",
        region.index,
        region.base,
        region.top,
        identities(region.id_access & 0xffff),
        identities(region.id_access >> 16),
    )
}

/// The set bits as numbers.
fn identities(mask: u32) -> String {
    match mask {
        0 => "none".into(),
        0xffff => "all".into(),
        _ => {
            let set = (0..16).filter(|bit| mask >> bit & 1 == 1);
            set.map(|bit| bit.to_string()).collect::<Vec<_>>().join(",")
        }
    }
}

fn when(v: &Violation) -> String {
    let at = format!("cycle {} = {} us", grouped(v.cycle.0), microseconds(v.nanoseconds));
    match &v.access {
        Some(access) if access.cycle < v.cycle => format!(
            "{at}, {} cycles after its address handshake (cycle {})",
            grouped(v.cycle.0 - access.cycle.0),
            grouped(access.cycle.0),
        ),
        _ => at,
    }
}

fn fault(v: &Violation) -> String {
    let names: Vec<&str> = v.fault.iter().map(|party| party_name(*party)).collect();
    match names.len() {
        0 => "not attributed".into(),
        1 => names[0].into(),
        _ => format!("{} (first cause first)", names.join(", then ")),
    }
}

fn history(out: &mut String, v: &Violation) {
    if v.history.is_empty() {
        field(out, "history", "none");
        return;
    }
    field(out, "history", "");
    let skipped = v.history.len().saturating_sub(HISTORY);
    // The first lines say where the right came from, the last ones what went wrong.
    let head = if skipped == 0 { v.history.len() } else { 3 };
    for (i, line) in v.history.iter().enumerate() {
        if i == head {
            let text = format!("... {} in violations.json", grouped(skipped as u64));
            line_of(out, &format!("   {:>15}  ", ""), &text);
        }
        if i < head || i >= head + skipped {
            let mark = if line.cycle == v.cycle { ">>" } else { "  " };
            let label = format!("   {mark} {:>12}  ", grouped(line.cycle.0));
            line_of(out, &label, &crate::report::format::short(&line.what, WIDTH));
        }
    }
}

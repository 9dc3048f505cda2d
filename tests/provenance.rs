// SPDX-License-Identifier: Apache-2.0
//! Where a pool's address comes from, on the board: what making the pool, its first and its last
//! page and the first DMA there come to, for every base and end. `docs/review-provenance.md` holds
//! the table.
#![allow(clippy::print_stdout, reason = "the table is what it is for")]
mod common;

use common::{go_with, parse, shipped, violations};
use ringfence::engine::event::{Event, ViolationKind};
use ringfence::engine::{RunLog, RunOptions};
use ringfence::units::{Direction, PAGE};
use std::fmt::Write as _;

const MIB: u64 = 1 << 20;
/// Memory of the board, and in it the carve-outs of video and of trusted UI.
const RAM: u64 = 0x8400_0000;
const END: u64 = 0x8c00_0000;
const CARVE_OUT: u64 = 0x8b00_0000;
const OTHER: u64 = 0x8a00_0000;
const KERNEL: u64 = 0x8500_0000;
const CPU: u8 = 0;
const VDEC: u8 = 2;

/// What the secure world says.
struct Claim {
    what: &'static str,
    base: u64,
    len: u64,
}

const fn claim(what: &'static str, base: u64, len: u64) -> Claim {
    Claim { what, base, len }
}

const CLAIMS: [Claim; 17] = [
    claim("what it protects, no-map", CARVE_OUT, MIB),
    claim("not RAM, in no section", 0x1000_0000, MIB),
    claim("in a hole of a present section", END, MIB),
    claim("base in a hole, end in RAM", RAM - MIB, 2 * MIB),
    claim("first page valid, tail in a hole", END - MIB, 2 * MIB),
    claim("first page valid, tail in no section", END - MIB, 66 * MIB),
    claim("base in no section, end in RAM", 0x7ff0_0000, 66 * MIB),
    claim("memory of the kernel, later registered as shared", KERNEL, MIB),
    claim("base in memory of the kernel, end in the carve-out", CARVE_OUT - MIB, 2 * MIB),
    claim("another pool, no-map", OTHER, MIB),
    claim("base in another pool, end in memory of the kernel", OTHER, 2 * MIB),
    claim("an alias of what it protects", CARVE_OUT + (1 << 32), MIB),
    claim("above the address map", 1 << 40, MIB),
    claim("end above the address map", (1 << 40) - MIB, 2 * MIB),
    claim("wraps at the top", i64::MAX as u64 + 1 - MIB, (1 << 63) + 2 * MIB),
    claim("wraps from a valid base", CARVE_OUT, 0_u64.wrapping_sub(MIB)),
    claim("PA 0, no RAM", 0, MIB),
];

const POLICIES: [&str; 3] = ["v8", "merged", "hardened"];

/// Clients that take a pool's first page, or its last, and let the decoder write it.
fn clients(claim: &Claim, last: bool) -> String {
    let alloc = |name: &str, len: u64| {
        format!(
            "{{ alloc = \"{name}\", heap = \"protected,secure-video\", role = \"frame\", \
             size = \"{len} B\" }},"
        )
    };
    let before = if last {
        // Whoever dies of it is somebody else.
        let steps = alloc("before", claim.len - PAGE);
        format!("[[client]]\nname = \"before\"\nsteps = [{steps}]\n")
    } else {
        String::new()
    };
    let page = alloc("page", PAGE);
    format!(
        r#"{before}
[[client]]
name  = "player"
start = "20 us"
steps = [
  {{ share = "own", at = {KERNEL}, size = "4 KiB" }},
  {{ dma = "own", master = "cpu", write = "4 KiB" }},
  {page}
  {{ attach = "page", master = "vdec" }},
  {{ map = "page", master = "vdec", direction = "from-device" }},
  {{ dma = "page", master = "vdec", write = "4 KiB" }},
  {{ dma = "page", master = "cpu", read = "4 KiB" }},
]
"#
    )
}

fn run(claim: &Claim, policy: &str, last: bool) -> RunLog {
    let text = shipped("review/provenance/claimed.toml");
    let head = text.split("[[client]]").next().expect("a head").replace(
        "claimed-base = 0x8500_0000       # what the kernel is told\nclaimed-size = \"1 MiB\"",
        &format!("claimed-base = {}\nclaimed-size = \"{} B\"", claim.base, claim.len),
    );
    let head = head.replace("size = \"128 MiB\"", "size = \"128 MiB\"\nalias-bits = 32");
    let scenario = parse(&(head + &clients(claim, last)), &[format!("tee.policy={policy}")]);
    let options = RunOptions { trace: true, ..RunOptions::default() };
    go_with(&scenario, &options)
}

/// What a step came to.
fn step(log: &RunLog, act: &str) -> Option<String> {
    log.events.iter().find_map(|event| match event {
        Event::Step { what, .. } => {
            let (_, rest) = what.split_once(&format!(", {act}: "))?;
            Some(rest.split(" after ").next()?.to_owned())
        }
        _ => None,
    })
}

/// What making a pool came to, where the kernel refused it.
fn refusal(log: &RunLog, pool: &str) -> Option<String> {
    log.events.iter().find_map(|event| match event {
        Event::Step { what, .. } => {
            what.strip_prefix(&format!("kernel: pool {pool}: ")).map(str::to_owned)
        }
        _ => None,
    })
}

/// What a page of the pool comes to.
fn page(log: &RunLog, claim: &Claim, last: bool) -> String {
    let got = step(log, "alloc page").expect("it was asked for");
    match got.as_str() {
        "done" => {}
        "NO-RETURN" => return "the kernel dies".into(),
        errno => return errno.into(),
    }
    let at = log.events.iter().find_map(|event| match event {
        Event::Buffer(buffer) if buffer.allocated && buffer.name == "page" => Some(buffer.base.0),
        _ => None,
    });
    let want = claim.base.wrapping_add(if last { claim.len - PAGE } else { 0 });
    assert_eq!(at, Some(want), "{}", claim.what);
    let of = |master: u8, direction: Direction| {
        log.transactions.iter().filter(move |t| {
            (t.master.0, t.direction) == (master, direction)
                && (t.range.base.0 & !(PAGE - 1)) == want
        })
    };
    let written = of(VDEC, Direction::Write).all(|t| t.resp == 0);
    let read = of(CPU, Direction::Read).all(|t| t.resp == 0);
    assert_eq!((of(VDEC, Direction::Write).count(), of(CPU, Direction::Read).count()), (16, 16));
    let mut found = violations(log).into_iter();
    let misplaced = found.any(|v| {
        v.violation == ViolationKind::Overreach && v.addr.is_some_and(|addr| addr.0 == want)
    });
    let judged = if misplaced { ", overreach" } else { "" };
    match (written, read) {
        (true, true) => {
            let bytes = |master, direction| -> Vec<u8> {
                of(master, direction).flat_map(|t| t.data.clone()).collect()
            };
            let same = bytes(VDEC, Direction::Write) == bytes(CPU, Direction::Read);
            assert!(same, "{}: it reads what the decoder wrote", claim.what);
            format!("written, read by the processor{judged}")
        }
        (true, false) => format!("written, kept from the processor{judged}"),
        (false, false) => format!("denied to both{judged}"),
        (false, true) => format!("denied to the decoder, not to the processor{judged}"),
    }
}

fn cell(claim: &Claim, policy: &str) -> String {
    let (first, last) = (run(claim, policy, false), run(claim, policy, true));
    if let Some(errno) = refusal(&first, "video") {
        assert_eq!(step(&first, "alloc page").as_deref(), Some("ENODEV"), "there is no heap");
        assert!(first.transactions.iter().all(|t| t.master.0 == CPU), "and no DMA");
        return format!("refused, {errno}");
    }
    // Of two pools that share memory the later one is refused, whichever of them is right.
    let other = refusal(&first, "ui");
    let other = other.map_or(String::new(), |errno| format!("; the other pool refused, {errno}"));
    let (first, last) = (page(&first, claim, false), page(&last, claim, true));
    if first == last {
        first + &other
    } else {
        format!("first page {first}; last page {last}{other}")
    }
}

#[test]
fn every_base_and_every_end_is_what_the_page_says_of_it() {
    let mut text = String::from(
        "| what the secure world says | base | bytes | v8 | merged | hardened |\n|---|--:|--:|---|---|---|\n",
    );
    for claim in &CLAIMS {
        let cells = POLICIES.map(|policy| cell(claim, policy)).join(" | ");
        let (base, len) = (claim.base, claim.len);
        let _ = writeln!(text, "| {} | {base:#x} | {len:#x} | {cells} |", claim.what);
    }
    println!("{text}");
    let page = include_str!("../docs/review-provenance.md");
    assert!(page.contains(&text), "docs/review-provenance.md is not what was printed");
}

#[test]
fn an_alias_of_a_protected_cell_is_judged_by_the_cell() {
    let run = |set: &str| {
        let scenario = parse(&shipped("review/provenance/alias.toml"), &[set.to_owned()]);
        go_with(&scenario, &RunOptions { trace: true, ..RunOptions::default() })
    };
    let open = run("firewall.background=allow");
    let found = violations(&open);
    assert_eq!(found.len(), 16);
    for v in &found {
        use ringfence::engine::event::Party;
        assert_eq!((v.violation, v.who.as_str()), (ViolationKind::Escape, "cpu"));
        assert_eq!(v.fault, [Party::Integration, Party::Firmware]);
        assert!(v.addr.is_some_and(|addr| addr.0 >= CARVE_OUT + (1 << 32)), "{:?}", v.addr);
        assert_eq!(v.pool.as_deref(), Some("video"));
    }
    let bytes = |master: u8| -> Vec<u8> {
        let mine = open.transactions.iter().filter(|t| t.master.0 == master);
        mine.flat_map(|t| t.data.clone()).collect()
    };
    assert_eq!(bytes(CPU), bytes(VDEC), "the picture, through other addresses");
    let closed = run("firewall.background=deny");
    assert!(violations(&closed).is_empty());
    assert!(closed.transactions.iter().filter(|t| t.master.0 == CPU).all(|t| t.resp == 3));
}

// SPDX-License-Identifier: Apache-2.0
//! Clients that call the allocator: what their calls do on the board, and what the judge says.
#[path = "../common/mod.rs"]
mod common;
mod copies;
mod ports;
mod review;

use common::{go, lines, parse, shipped, summary, violations};
use ringfence::engine::RunLog;
use ringfence::engine::event::{Event, GrantPhase, Party, PoolPhase, Verdict, ViolationKind};
use ringfence::scenario::Scenario;
use ringfence::units::PhysAddr;
use std::collections::BTreeMap;

const BASE: u64 = 0x9000_0000;

fn scenario(path: &str, sets: &[&str]) -> Scenario {
    parse(&shipped(path), &sets.iter().map(ToString::to_string).collect::<Vec<_>>())
}

/// A shipped scenario whose clients are replaced.
fn with_clients(path: &str, clients: &str, sets: &[&str]) -> Scenario {
    let text = shipped(path);
    let head = text.split("[[client]]").next().expect("a head").to_owned();
    parse(&(head + clients), &sets.iter().map(ToString::to_string).collect::<Vec<_>>())
}

/// What the steps came to, in order.
fn steps(log: &RunLog) -> Vec<&str> {
    fn step(event: &Event) -> Option<&str> {
        match event {
            Event::Step { what, .. } if what.contains(": step ") => Some(what),
            _ => None,
        }
    }
    log.events.iter().filter_map(step).collect()
}

fn phases(log: &RunLog) -> Vec<(u64, PoolPhase)> {
    let phase = |event: &Event| match event {
        Event::Pool(pool) => Some((pool.cycle.0, pool.phase)),
        _ => None,
    };
    log.events.iter().filter_map(phase).collect()
}

fn unmet(log: &RunLog) -> Vec<&str> {
    fn unmet(event: &Event) -> Option<&str> {
        match event {
            Event::Expectation { met: false, seen, .. } => Some(seen),
            _ => None,
        }
    }
    log.events.iter().filter_map(unmet).collect()
}

/// The enabled region that begins at [`BASE`] as the writes until `cycle` leave it: last byte and
/// `REGION_ID_ACCESS`.
fn region(log: &RunLog, cycle: u64) -> Option<(u32, u32)> {
    let mut words = BTreeMap::new();
    for event in &log.events {
        if let Event::Register(access) = event
            && access.write
            && access.cycle.0 <= cycle
        {
            words.insert(access.offset, access.value);
        }
    }
    (1..9).map(|index: u16| 0x100 + 0x20 * index).find_map(|at| {
        let word = |offset: u16| words.get(&(at + offset)).copied().unwrap_or(0);
        let here = u64::from(word(0)) == BASE && word(0x10) & 0xf != 0 && word(0x14) != u32::MAX;
        here.then(|| (word(8) | 0xfff, word(0x14)))
    })
}

#[test]
fn the_first_buffer_lends_and_the_last_one_reclaims() {
    let log = go(&scenario("review/pool-life.toml", &[]));
    assert_eq!(summary(&log).verdict, Verdict::Pass, "{}", summary(&log).reason);
    let phases = phases(&log);
    let once = [
        PoolPhase::LendRequested,
        PoolPhase::LendProgrammed,
        PoolPhase::ReclaimRequested,
        PoolPhase::Opened,
        PoolPhase::Returned,
    ];
    let seen: Vec<_> = phases.iter().map(|(_, phase)| *phase).collect();
    assert_eq!(seen, [once, once].concat());
    // NSAID 7 reads and writes, 8 reads: decoder and display. The GPU, 10, is not in it.
    let lent = Some((0x9003_ffff, 1 << 23 | 1 << 8 | 1 << 7));
    for (at, want) in [(0, None), (1, lent), (2, lent), (3, None), (6, lent), (8, None)] {
        assert_eq!(region(&log, phases[at].0), want, "{:?}", phases[at]);
    }
    // The second buffer only counts: no register is written while memory is lent.
    let (lent, asked) = (phases[1].0, phases[2].0);
    let quiet = |event: &&Event| match event {
        Event::Register(access) => access.write && (lent..asked).contains(&access.cycle.0),
        _ => false,
    };
    let cleared = log.events.iter().filter(quiet).count();
    let handled = log.events.iter().filter(|e| matches!(e, Event::FailureLog { .. })).count();
    assert!(cleared <= handled, "{cleared} writes, of which the fault handler made {handled}");
    assert!(unmet(&log).is_empty(), "ENOMEM beyond what is lent, and no other error");
}

#[test]
fn a_grant_counts_from_map_to_unmap() {
    let log = go(&scenario("review/pool-life.toml", &[]));
    let phases: Vec<_> = log
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Grant(grant) if grant.grant == 0 => Some((grant.cycle.0, grant.phase)),
            _ => None,
        })
        .collect();
    let order = [
        GrantPhase::Requested,
        GrantPhase::Programmed,
        GrantPhase::RevokeRequested,
        GrantPhase::Drained,
        GrantPhase::Revoked,
    ];
    assert_eq!(phases.iter().map(|(_, phase)| *phase).collect::<Vec<_>>(), order);
    assert!(phases.is_sorted_by_key(|(cycle, _)| *cycle));
}

#[test]
fn a_transfer_that_outlives_its_process_lands_in_the_kernels_memory() {
    let log = go(&scenario("review/dma-after-reclaim.toml", &[]));
    let returned = phases(&log).iter().find(|(_, p)| *p == PoolPhase::Returned).expect("it is").0;
    let found = violations(&log);
    assert!(found.iter().all(|v| v.violation == ViolationKind::LateLanding));
    assert!(found.iter().all(|v| v.cycle.0 > returned), "until then either answer is right");
    // In flight at the reclaim, and begun after it, are told apart.
    for check in ["late-landing", "after-reclaim"] {
        assert!(found.iter().any(|v| v.check == check), "{check}");
    }
    let bytes: u64 = found.iter().map(|v| v.bytes).sum();
    assert!(bytes > 0x2_0000, "{bytes} of 256 KiB");
    let last = found.iter().filter_map(|v| v.addr).max();
    assert_eq!(last, Some(PhysAddr(BASE + 0x4_0000 - 256)), "it went on to its end");
    // A policy that only drains is cure enough, and the drain is in the log before the reclaim.
    let log = go(&scenario("review/dma-after-reclaim.toml", &["tee.drain-before-reclaim=true"]));
    assert_eq!(summary(&log).late_landings, 0, "{}", summary(&log).reason);
    assert!(phases(&log).iter().any(|(_, phase)| *phase == PoolPhase::Drained));
}

#[test]
fn a_pages_failed_reclaim_is_quarantined_where_somebody_looks() {
    let sets = ["tee.reclaim-checked=true"];
    let log = go(&scenario("review/reclaim-fails.toml", &sets));
    assert_eq!(summary(&log).verdict, Verdict::Pass, "{}", summary(&log).reason);
    assert_eq!(phases(&log).last().map(|p| p.1), Some(PoolPhase::Quarantined));
}

#[test]
fn one_region_a_buffer_denies_the_overrun_that_one_a_pool_lets_through() {
    let log = go(&scenario("review/overrun.toml", &["tee.region-per-buffer=true"]));
    let found = violations(&log);
    assert!(!found.is_empty());
    for v in found {
        assert_eq!((v.violation, v.bytes), (ViolationKind::UndeclaredAttempt, 0));
        assert!(v.addr.is_some_and(|a| (BASE + 0x1_0000..BASE + 0x1_1000).contains(&a.0)));
        let owners = "note: owned by theirs at issue, theirs at response";
        assert!(v.why.iter().any(|line| line == owners), "{:?}", v.why);
    }
    assert_eq!(summary(&log).overreach, 0);
    let why = unmet(&log).join("");
    assert!(why.contains("dma mine read 69632: DECERR instead of success"), "{why}");
    let log = go(&scenario("review/overrun.toml", &[]));
    let overrun = "note: overrun, display holds grant 2 of mine";
    assert!(
        violations(&log)[0].why.iter().any(|line| line == overrun),
        "{:?}",
        violations(&log)[0]
    );
}

#[test]
fn the_first_alloc_keeps_the_heap_from_others() {
    let two = r#"
[[client]]
name  = "one"
steps = [{ alloc = "a", heap = "protected,secure-video", role = "frame", size = "4 KiB" }]
[[client]]
name  = "two"
start = "1 us"
steps = [{ alloc = "b", heap = "protected,secure-video", role = "frame", size = "4 KiB" }]
"#;
    let log = go(&with_clients("review/pool-life.toml", two, &[]));
    assert_eq!(phases(&log).len(), 2, "lent once");
    let steps = steps(&log);
    let cycles = |n: usize| -> u64 {
        let words: Vec<&str> = steps[n].split(' ').collect();
        words[words.len() - 2].parse().expect("a number")
    };
    assert!(steps[0].starts_with("one: ") && steps[1].starts_with("two: "), "{steps:?}");
    assert!(cycles(0) > 10_000, "clearing and lending take time: {steps:?}");
    // It asks 600 cycles later and gets the mutex in the cycle after the first one's return.
    assert_eq!(cycles(1), cycles(0) - 600 + 1, "the second waits for the mutex: {steps:?}");
}

#[test]
fn who_goes_first_in_a_cycle_is_drawn_from_the_seed() {
    let two = r#"
[[client]]
name  = "zero"
steps = [{ alloc = "keep", heap = "protected,secure-video", role = "frame", size = "4 KiB" }]
[[client]]
name  = "one"
start = "60 us"
steps = [{ alloc = "a", heap = "protected,secure-video", role = "frame", size = "4 KiB" }]
[[client]]
name  = "two"
start = "60 us"
steps = [{ alloc = "b", heap = "protected,secure-video", role = "frame", size = "4 KiB" }]
"#;
    let first = |seed: &str| {
        let log = go(&with_clients("review/pool-life.toml", two, &[seed]));
        steps(&log)[1][..3].to_owned()
    };
    let drawn: Vec<String> = (0..8).map(|seed| first(&format!("seed={seed}"))).collect();
    assert!(drawn.iter().any(|d| d == "one") && drawn.iter().any(|d| d == "two"), "{drawn:?}");
    let again = || lines(&go(&with_clients("review/pool-life.toml", two, &["seed=3"])));
    assert_eq!(again(), again());
}

#[test]
fn traffic_and_the_kernel_share_the_processors_port() {
    // So fast that descriptors are queued whenever the kernel wants to clear pages.
    let log = go(&scenario("review/pool-life.toml", &["traffic.cpu.rate=4 GB/s"]));
    assert_eq!(summary(&log).verdict, Verdict::Pass, "{}", summary(&log).reason);
}

#[test]
fn names_and_expectations_never_feed_the_judge() {
    let plain = shipped("review/wrong-direction.toml");
    let other = plain
        .replace("\"frame\" }", "\"x\" }")
        .replace("alloc = \"frame\"", "alloc = \"x\"")
        .replace("attach = \"frame\"", "attach = \"x\"")
        .replace("detach = \"frame\"", "detach = \"x\"")
        .replace("map = \"frame\"", "map = \"x\"")
        .replace("dma = \"frame\"", "dma = \"x\"")
        .replace("close = \"frame\"", "close = \"x\"")
        .replace("\"player\"", "\"somebody\"")
        .replace(", fails = \"DECERR\"", "");
    let judged = |text: &str| -> Vec<_> {
        let log = go(&parse(text, &[]));
        let found = violations(&log);
        found.iter().map(|v| (v.cycle, v.violation, v.addr, v.bytes, v.fault.clone())).collect()
    };
    assert_eq!(judged(&plain), judged(&other));
}

#[test]
fn a_drain_that_does_not_end_is_told_as_such() {
    // Two descriptors of 4 KiB take longer than this budget, one does not.
    let sets = ["tee.drain-before-reclaim=true", "sim.wait-budget=350 cycles"];
    let log = go(&scenario("review/dma-after-reclaim.toml", &sets));
    let found = violations(&log);
    let first = found.first().expect("one");
    assert_eq!(first.violation, ViolationKind::DrainTimeout, "{first:?}");
    assert!(first.why[0].contains("vdec goes on in 0x0_9000_0000"), "{:?}", first.why);
}

#[test]
fn a_mark_that_nobody_sets_ends_as_a_hang_with_its_name() {
    let one = r#"
[[client]]
name  = "patient"
steps = [{ await = "never" }, { mark = "never" }]
"#;
    let log = go(&with_clients("review/overrun.toml", one, &[]));
    let found = violations(&log);
    assert_eq!(found[0].violation, ViolationKind::Hang);
    assert!(found[0].why[0].contains("patient waits for a mark"), "{:?}", found[0].why);
}

#[test]
fn a_trusted_application_works_on_a_registered_buffer() {
    let ta = r#"
[[client]]
name  = "client"
steps = [
  { alloc = "es", heap = "protected,secure-video", role = "bitstream", size = "16 KiB" },
  { register = "es" },
  { close = "es" },                                        # the registration holds it
  { ta = "es", write = "16 KiB" },
  { ta = "es", read = "4 KiB", offset = "4 KiB" },
  { ta = "es", read = "16 KiB", offset = "16 B", fails = "TEE_ERROR_BAD_PARAMETERS" },
  { unregister = "es" },
  { ta = "es", read = "16 B", fails = "EBADF" },
]
"#;
    for policy in ["tee.policy=merged", "tee.policy=hardened", "tee.abi=ffa"] {
        let log = go(&with_clients("review/residue-after-free.toml", ta, &[policy]));
        let (verdict, reason) = (summary(&log).verdict, &summary(&log).reason);
        assert_eq!(verdict, Verdict::Pass, "{policy}: {reason}: {:?}", unmet(&log));
        let crypto = &summary(&log).masters[1];
        assert_eq!(crypto.bytes_read, 4096);
        assert_eq!(phases(&log).last().map(|p| p.1), Some(PoolPhase::Returned));
    }
}

#[test]
fn a_pool_comes_and_goes_beside_a_playback() {
    let beside = r#"
[tee]
policy = "hardened"
[[pool]]
name     = "ui"
kind     = "dynamic"
heap     = "protected,trusted-ui"
base     = 0x9800_0000
size     = "1 MiB"
min-size = "64 KiB"
[[client]]
name  = "compositor"
steps = [
  { alloc = "one", heap = "protected,trusted-ui", role = "frame", size = "16 KiB" },
  { close = "one" },
  { wait = "10 us" },
  { alloc = "two", heap = "protected,trusted-ui", role = "frame", size = "16 KiB" },
  { close = "two" },
]
"#;
    for order in ["firewall.order=gated", "firewall.order=planned"] {
        let log = go(&common::playback(&[order], beside));
        assert_eq!(summary(&log).verdict, Verdict::Pass, "{order}: {}", summary(&log).reason);
        assert_eq!(phases(&log).len(), 12, "lent twice, drained and reclaimed twice");
        assert_eq!(steps(&log).len(), 5, "processor and crypto engine have time for both");
    }
}

#[test]
fn a_crowd_meets_otherwise_under_every_seed() {
    let order = |seed: u64| -> (Vec<String>, Vec<ViolationKind>) {
        let scenario = Scenario { seed, ..scenario("review/crowd.toml", &[]) };
        let log = go(&scenario);
        let told = steps(&log).into_iter().map(|step| step.split(':').next().unwrap_or_default());
        let mut kinds: Vec<_> = violations(&log).iter().map(|v| v.violation).collect();
        kinds.dedup();
        (told.map(str::to_owned).collect(), kinds)
    };
    let all: Vec<_> = (1..=8).map(order).collect();
    // While somebody keeps the pool lent nothing is drained, and the dead one's decoder goes on.
    let clean = all.iter().filter(|(_, kinds)| kinds.is_empty()).count();
    let goes_on = all.iter().filter(|(_, kinds)| *kinds == [ViolationKind::Overreach]).count();
    assert!(clean > 0 && goes_on > 0 && clean + goes_on == all.len(), "{all:?}");
    let mut orders: Vec<_> = all.into_iter().map(|(order, _)| order).collect();
    assert_eq!(order(3).0, orders[2], "a seed is a history");
    orders.sort();
    orders.dedup();
    assert!(orders.len() >= 6, "of eight seeds only {} orders", orders.len());
}

#[test]
fn held_clocks_and_time_jumps_change_no_byte() {
    use ringfence::engine::RunOptions;
    for path in ["review/pool-life.toml", "review/dma-after-reclaim.toml"] {
        let scenario = scenario(path, &[]);
        let default = lines(&go(&scenario));
        let plain = RunOptions { hold_clocks: false, time_jumps: false, ..RunOptions::default() };
        let other = lines(&common::go_with(&scenario, &plain));
        let without = |text: &str| -> Vec<String> {
            text.lines().filter(|l| !l.contains("\"summary\"")).map(str::to_owned).collect()
        };
        assert_eq!(without(&default), without(&other), "{path}");
    }
}

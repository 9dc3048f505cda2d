// SPDX-License-Identifier: Apache-2.0
//! What stands between a client's master and the bus: the cache, IOMMUs, bounce slots, tokens.
use super::*;
use ringfence::engine::RunOptions;
use ringfence::engine::event::Upkeep;

fn shown(path: &str, changes: &[(&str, &str)]) -> RunLog {
    let text = changes.iter().fold(shipped(path), |text, (from, to)| {
        assert!(text.contains(from), "{path} has `{from}`");
        text.replace(from, to)
    });
    go(&parse(&text, &[]))
}

fn result(log: &RunLog, act: &str) -> Vec<String> {
    let step = |event: &Event| match event {
        Event::Step { what, .. } => {
            let told = what.split_once(&format!(", {act}: "))?.1.split_once(" after ")?;
            Some(told.0.to_owned())
        }
        _ => None,
    };
    log.events.iter().filter_map(step).collect()
}

#[test]
fn a_token_has_no_address_and_serves_only_who_has_the_right() {
    let path = "review/mapping/token.toml";
    let at = "dma = \"frame\", master = \"vdec\", write = \"64 KiB\"";
    let own = format!("{at}, at = 0x9000_4000, fails = \"TEE_ERROR_ACCESS_DENIED\"");
    let read = "dma = \"frame\", master = \"display\", read = \"64 KiB\"";
    let write = "dma = \"frame\", master = \"display\", write = \"64 KiB\", fails = \
                 \"TEE_ERROR_ACCESS_DENIED\"";
    let log = shown(path, &[(at, &own), (read, write)]);
    assert_eq!(summary(&log).verdict, Verdict::Pass, "{}", summary(&log).reason);
    let moved = |name: &str| {
        let found = summary(&log).masters.iter().find(|m| m.name == name);
        found.map_or(0, |m| m.bytes_read + m.bytes_written)
    };
    assert_eq!((moved("vdec"), moved("display")), (16 << 10, 0), "only the stream was read");
    let outside = "dma = \"frame\", master = \"vdec\", write = \"64 KiB\"";
    let over = format!("{outside}, offset = \"4 KiB\", fails = \"TEE_ERROR_SECURITY\"");
    let log = shown(path, &[(outside, &over)]);
    assert_eq!(result(&log, "dma frame write 65536").len(), 1);
}

#[test]
fn an_iommu_gives_what_the_mapping_allows_and_takes_it_back() {
    let path = "review/mapping/iommu-strict.toml";
    let log = shown(path, &[]);
    assert_eq!(summary(&log).verdict, Verdict::Pass, "{}", summary(&log).reason);
    let faults = |log: &RunLog, words: &str| {
        let faulted = |e: &&Event| matches!(e, Event::Step { what, .. } if what.contains(words));
        log.events.iter().filter(faulted).count()
    };
    assert_eq!(faults(&log, "NotMapped"), 4);
    // The direction of the mapping is the table's, whatever the firewall would allow.
    let way = "dma = \"stream\", master = \"vdec\", read = \"16 KiB\" }";
    let back = "dma = \"stream\", master = \"vdec\", write = \"16 KiB\", fails = \"FAULT\" }";
    let log = shown(path, &[(way, back)]);
    assert_eq!(summary(&log).verdict, Verdict::Pass, "{}", summary(&log).reason);
    assert_eq!(faults(&log, "Permission"), 1);
}

#[test]
fn what_a_cleared_page_leaves_in_the_cache_is_nobodys_data() {
    // Hardened: zeros reach memory by maintenance, and a decoder that reads them reads no residue.
    let log = shown("review/dirty-lines.toml", &[("\"merged\"", "\"hardened\"")]);
    assert_eq!(summary(&log).verdict, Verdict::Pass, "{}", summary(&log).reason);
    let maintained = |begins: bool| {
        let of = |e: &&Event| matches!(e, Event::Upkeep(u) if u.what == Upkeep::Maintain && u.begins == begins);
        log.events.iter().filter(of).count()
    };
    assert!(maintained(true) > 0 && maintained(true) == maintained(false));
}

#[test]
fn a_caller_that_oopses_does_nothing_more() {
    let sizes = shown("review/bounce/sizes.toml", &[]);
    assert_eq!(result(&sizes, "map segment"), ["OOPS"]);
    let programmed = |e: &&Event| matches!(e, Event::Grant(g) if g.master.0 == 2 && g.phase == GrantPhase::Programmed);
    assert_eq!(sizes.events.iter().filter(programmed).count(), 0, "no mapping of the decoder");
}

#[test]
fn held_clocks_and_time_jumps_change_no_byte_of_them() {
    for path in [
        "review/mapping/iommu-deferred.toml",
        "review/mapping/token.toml",
        "review/speculation.toml",
        "review/bounce/copied-back.toml",
    ] {
        let scenario = scenario(path, &[]);
        let plain = RunOptions { hold_clocks: false, time_jumps: false, ..RunOptions::default() };
        let without = |log: &RunLog| -> Vec<String> {
            let text = lines(log);
            text.lines().filter(|l| !l.contains("\"summary\"")).map(str::to_owned).collect()
        };
        let (default, other) = (go(&scenario), common::go_with(&scenario, &plain));
        assert_eq!(without(&default), without(&other), "{path}");
    }
}

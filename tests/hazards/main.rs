// SPDX-License-Identifier: Apache-2.0
//! The hazards of the review, each on the board under a kernel as merged and under a hardened one:
//! what the judge says, which switch cures it, and what that costs. `make hazards` prints the table,
//! and docs/hazards.md holds it.
#![allow(clippy::print_stdout, reason = "the table is what it is for")]
#[path = "../common/mod.rs"]
mod common;
mod measured;
mod races;
mod rows;
mod verdict;

use common::{go, parse, shipped};
use ringfence::engine::RunLog;
use ringfence::engine::event::Event;
use rows::{ROWS, Row};
use std::fmt::Write as _;
use verdict::{Class, Verdict};

/// What a hardened platform is: every switch of the allocator on its safe side, and regions that
/// change behind closed gates.
const HARDENED: [&str; 2] = ["tee.policy=hardened", "firewall.order=gated"];

/// Every single switch, on its safe side.
const SWITCHES: [&str; 18] = [
    "tee.provenance=whole-range",
    "tee.direct-map=removed-and-flushed",
    "tee.scrub-on-free=true",
    "tee.scrub-before-reclaim=true",
    "tee.cache-before-lend=true",
    "tee.invalidate-before-lend=true",
    "tee.cache-after-reclaim=true",
    "tee.drain-before-reclaim=true",
    "tee.attach-by-use-case=true",
    "tee.bounce-refused=true",
    "tee.alignment-honoured=true",
    "tee.overlap-refused=true",
    "tee.reclaim-checked=true",
    "tee.call-holds-buffer=true",
    "tee.destination-rule=true",
    "tee.get-put-closed=true",
    "firewall.order=gated",
    "tee.region-per-buffer=true",
];

fn strings(sets: &[&str]) -> Vec<String> {
    sets.iter().map(ToString::to_string).collect()
}

/// A run of a shipped scenario.
fn run(path: &str, sets: &[&str]) -> RunLog {
    go(&parse(&shipped(path), &strings(sets)))
}

fn judged(path: &str, sets: &[&str]) -> Verdict {
    Verdict::of(&run(path, sets))
}

/// The switches that end what a scenario shows, each by itself; with what then comes of it.
fn cures(path: &str) -> Vec<(&'static str, Verdict)> {
    // What is lent is one region, and a scenario that asks for more is refused.
    let lent = shipped(path).contains("\"dynamic\"");
    let fits = |switch: &&&str| !(lent && **switch == "tee.region-per-buffer=true");
    let each = SWITCHES.iter().filter(fits).map(|switch| (*switch, judged(path, &[*switch])));
    each.filter(|(_, verdict)| verdict.class() != Class::Violation).collect()
}

/// The same work without any violation, with and without a switch: throughput lost in percent of
/// what it was, and the longest allocation or mapping of both, cycles.
fn cost(row: &Row, switch: &[&str]) -> (i64, u64, u64) {
    let text = measured::reference(row.hazard);
    let measure = |more: &[&str]| {
        let sets = [row.platform, more].concat();
        let log = go(&parse(&text, &strings(&sets)));
        let verdict = Verdict::of(&log);
        assert_eq!(verdict.class(), Class::Clean, "{}: {}", row.hazard, verdict.text());
        (common::summary(&log).cycles as i64, measured::longest_grant(&log))
    };
    let ((plain, was), (with, is)) = (measure(&[]), measure(switch));
    // The bytes are the same, so that throughput goes with the cycles.
    ((100 * (with - plain) + with / 2).div_euclid(with), was, is)
}

/// A row's line of the table.
fn line(row: &Row) -> String {
    let kernel = judged(row.path, &[]);
    let hardened = judged(row.path, &HARDENED);
    assert_eq!(kernel.kinds(), row.kernel, "{}: {}", row.hazard, kernel.text());
    assert_eq!(hardened.class(), row.hardened, "{}: {}", row.hazard, hardened.text());
    let found = match kernel.class() {
        Class::Violation => cures(row.path),
        _ => Vec::new(),
    };
    let names: Vec<_> = found.iter().map(|(switch, _)| *switch).collect();
    assert_eq!(names, row.switches, "{}", row.hazard);
    let cell = |(switch, verdict): &(&str, Verdict)| match verdict.class() {
        Class::Denied if row.hardened == Class::Violation => {
            format!("`{switch}`: {}", verdict.text())
        }
        _ => format!("`{switch}`"),
    };
    let switches = match &found[..] {
        [] => "-".to_owned(),
        found => found.iter().map(cell).collect::<Vec<_>>().join(", or "),
    };
    let cost = found.first().map_or_else(
        || "- | -".to_owned(),
        |(switch, _)| {
            let (lost, was, is) = cost(row, &[*switch]);
            format!("{lost} % | {was} to {is}")
        },
    );
    let scenario = row.path.trim_start_matches("review/").trim_end_matches(".toml");
    format!(
        "| {} | {scenario} | {} | {} | {switches} | {cost} |\n",
        row.hazard,
        kernel.text(),
        hardened.text()
    )
}

/// What `make hazards` prints.
fn report() -> String {
    let mut text = String::from(
        "| hazard | scenario | kernel as merged | hardened | switch that ends it | throughput lost \
         | longest grant, cycles |\n|---|---|---|---|---|--:|---|\n",
    );
    // Rows know nothing of each other.
    text += &std::thread::scope(|scope| {
        let (odd, even): (Vec<_>, Vec<_>) = ROWS.iter().enumerate().partition(|(n, _)| n % 2 == 1);
        let lines = |rows: Vec<(usize, &Row)>| -> Vec<_> {
            rows.into_iter().map(|(n, row)| (n, line(row))).collect()
        };
        let other = scope.spawn(move || lines(odd));
        let mut all = lines(even);
        all.extend(other.join().expect("the other half of the rows"));
        all.sort();
        all.into_iter().map(|(_, line)| line).collect::<String>()
    });
    text += "\nMeasured, not judged:\n\n| hazard | what | kernel as merged | hardened |\n|---|---|---|---|\n";
    for (hazard, what, measure) in measured::ROWS {
        let [kernel, hardened] = [&[][..], &HARDENED].map(measure);
        let _ = writeln!(text, "| {hazard} | {what} | {kernel} | {hardened} |");
    }
    let (lost, was, is) = cost(&ROWS[0], &HARDENED);
    text + &format!(
        "\nAll switches together, on a processor with a cache: {lost} % of the throughput, longest grant {was} to {is} cycles.\n"
    )
}

#[test]
fn every_hazard_is_what_the_page_says_of_it() {
    let text = report();
    println!("{text}");
    let page = include_str!("../../docs/hazards.md");
    assert!(page.contains(&text), "docs/hazards.md is not what was printed");
}

#[test]
fn what_is_denied_tells_its_owners_at_issue_and_at_response() {
    for sets in [&[][..], &HARDENED] {
        for path in ["review/wrong-device.toml", "review/wrong-direction.toml"] {
            let owners = verdict::owners(&run(path, sets));
            assert!(!owners.is_empty() && owners.iter().all(Option::is_some), "{path}");
        }
        // What straddles names whom it would have reached; the other edge holds no buffer.
        let log = run("review/straddle.toml", sets);
        let denied = log.events.iter().filter_map(|event| match event {
            Event::Deny(denial) => Some((denial.owner, denial.owner_at_response)),
            _ => None,
        });
        let owned: Vec<_> = denied.filter(|(issue, _)| issue.is_some()).collect();
        assert!(!owned.is_empty() && owned.iter().all(|(issue, response)| issue == response));
        // The pages change hands while beats of the GPU are on their way.
        let owners = verdict::owners(&run("review/wrong-device.toml", sets));
        let changed = owners.iter().flatten().filter(|(issue, response)| issue != response);
        assert!(changed.count() > 0, "{sets:?}");
    }
}

#[test]
fn a_straddling_burst_is_denied_whole() {
    for sets in [&[][..], &HARDENED] {
        let log = run("review/straddle.toml", sets);
        assert_eq!(common::summary(&log).blocked_expected, 16);
        let record = common::record(&log);
        assert_eq!(record.attempts.iter().sum::<u64>(), 16);
        assert_eq!((record.bytes_read, record.bytes_written), (0, 0));
        assert_eq!((record.reads_let_through, record.writes_let_through), (0, 0));
    }
}

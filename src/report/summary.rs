// SPDX-License-Identifier: Apache-2.0
//! `summary.json`: a run in numbers. Only `wall_seconds`, `cycles_per_second` and `environment`
//! may differ between two runs of one scenario and seed.
use crate::engine::event::{Event, Verdict};
use crate::report::digest::{ATTEMPT_KINDS, Digest};
use crate::report::environment::{Environment, EnvironmentView};
use crate::report::format::serialized_name;
use crate::report::updates;
use serde::Serialize;
use std::collections::BTreeMap;

/// Version of the shape of `summary.json`.
pub const SCHEMA: u32 = 1;

#[derive(Serialize)]
struct SummaryFile<'a> {
    schema: u32,
    verdict: Verdict,
    reason: &'a str,
    scenario: &'a str,
    seed: u64,
    overrides: &'a [String],
    shape: &'a str,
    clock_hz: u64,
    cycles: u64,
    skipped_cycles: u64,
    wall_seconds: f64,
    cycles_per_second: u64,
    beats_checked: u64,
    beats_at_pins: u64,
    evidence: Vec<PortEvidence<'a>>,
    violations: u64,
    violations_not_listed: u64,
    violations_by_kind: BTreeMap<String, u64>,
    escapes: u64,
    escaped_bytes_read: u64,
    escaped_bytes_written: u64,
    overreach: u64,
    late_landings: u64,
    late_admission: u64,
    late_strong: u64,
    residue_bytes: u64,
    taint_leaks: u64,
    tainted_bytes: u64,
    taint_read_bytes: u64,
    false_denies: u64,
    attempts: Attempts,
    blocked_expected: u64,
    blocked_unexpected: u64,
    in_transition: u64,
    protocol_errors: u64,
    protocol_provoked: u64,
    speculative_exposure: u64,
    underruns: u64,
    expectations: Vec<Expectation<'a>>,
    updates: Vec<updates::Row>,
    masters: Vec<Master<'a>>,
    environment: EnvironmentView<'a>,
}

/// `pins` and `judged` are data beats (R and W); `channels` has every channel.
#[derive(Serialize)]
struct PortEvidence<'a> {
    port: &'a str,
    pins: u64,
    judged: u64,
    channels: BTreeMap<&'a str, Handshakes>,
}

#[derive(Serialize)]
struct Handshakes {
    pins: u64,
    judged: u64,
}

#[derive(Serialize)]
struct Attempts {
    total: u64,
    illegal: u64,
    by_kind: BTreeMap<String, u64>,
}

#[derive(Serialize)]
struct Expectation<'a> {
    what: &'a str,
    met: bool,
    seen: &'a str,
    performance: bool,
}

#[derive(Serialize)]
struct Master<'a> {
    name: &'a str,
    bytes: u64,
    bytes_read: u64,
    bytes_written: u64,
    mb_per_s: f64,
    latency_p50_ns: u64,
    latency_p99_ns: u64,
    latency_max_ns: u64,
}

/// `summary.json` of a log made in `environment`.
pub fn export(events: &[Event], environment: &Environment) -> Vec<u8> {
    let digest = Digest::new(events);
    let file = summary_file(&digest, environment);
    let mut out = serde_json::to_vec_pretty(&file).expect("a summary has text keys only");
    out.push(b'\n');
    out
}

fn summary_file<'a>(digest: &'a Digest<'_>, environment: &'a Environment) -> SummaryFile<'a> {
    let summary = &*digest.summary;
    SummaryFile {
        schema: SCHEMA,
        verdict: summary.verdict,
        reason: &summary.reason,
        scenario: digest.scenario(),
        seed: digest.seed(),
        overrides: digest.overrides(),
        shape: digest.header.map_or("", |header| &header.shape),
        clock_hz: digest.clock().0,
        cycles: summary.cycles,
        skipped_cycles: summary.skipped_cycles,
        wall_seconds: from_integer(environment.wall_milliseconds(), 1000.0),
        cycles_per_second: environment.rate(summary.cycles),
        beats_checked: summary.beats_checked,
        beats_at_pins: summary.beats_at_pins,
        evidence: evidence(digest),
        violations: summary.violations,
        violations_not_listed: summary.violations_not_listed,
        violations_by_kind: digest
            .kinds()
            .iter()
            .map(|(kind, count)| (serialized_name(kind), *count))
            .collect(),
        escapes: summary.escapes,
        escaped_bytes_read: summary.escaped_bytes_read,
        escaped_bytes_written: summary.escaped_bytes_written,
        overreach: summary.overreach,
        late_landings: summary.late_landings,
        late_admission: summary.late_admission,
        late_strong: summary.late_strong,
        residue_bytes: summary.residue_bytes,
        taint_leaks: summary.taint_leaks,
        tainted_bytes: summary.tainted_bytes,
        taint_read_bytes: summary.taint_read_bytes,
        false_denies: summary.false_denies,
        attempts: attempts(digest),
        blocked_expected: summary.blocked_expected,
        blocked_unexpected: summary.blocked_unexpected,
        in_transition: summary.in_transition,
        protocol_errors: summary.protocol_errors,
        protocol_provoked: summary.protocol_provoked,
        speculative_exposure: summary.speculative_exposure,
        underruns: summary.underruns,
        expectations: expectations(digest),
        updates: updates::rows(digest),
        masters: masters(digest),
        environment: environment.view(summary.cycles.saturating_sub(summary.skipped_cycles)),
    }
}

/// A decimal fraction as JSON knows it. The value is an exact integer until here, and both the
/// division and the printing of its result are exactly defined, so the text repeats everywhere.
fn from_integer(value: u64, scale: f64) -> f64 {
    value as f64 / scale
}

fn evidence<'a>(digest: &Digest<'a>) -> Vec<PortEvidence<'a>> {
    let mut ports: Vec<PortEvidence<'a>> = Vec::new();
    for line in &digest.evidence {
        let at = ports.iter().position(|port| port.port == line.port).unwrap_or_else(|| {
            let channels = BTreeMap::new();
            ports.push(PortEvidence { port: line.port, pins: 0, judged: 0, channels });
            ports.len() - 1
        });
        let port = &mut ports[at];
        if matches!(line.name, "R" | "W") {
            port.pins += line.pins;
            port.judged += line.judged;
        }
        let handshakes = Handshakes { pins: line.pins, judged: line.judged };
        port.channels.insert(line.name, handshakes);
    }
    ports
}

fn attempts(digest: &Digest<'_>) -> Attempts {
    Attempts {
        total: digest.attempts.len() as u64,
        illegal: digest.attempts.iter().filter(|attempt| attempt.illegal).count() as u64,
        by_kind: ATTEMPT_KINDS
            .iter()
            .map(|kind| (serialized_name(kind), digest.attempted(*kind)))
            .collect(),
    }
}

fn expectations<'a>(digest: &Digest<'a>) -> Vec<Expectation<'a>> {
    let line = |r: &crate::report::digest::Requirement<'a>| Expectation {
        what: r.what,
        met: r.met,
        seen: r.seen,
        performance: r.performance,
    };
    digest.requirements.iter().map(line).collect()
}

fn masters<'a>(digest: &'a Digest<'_>) -> Vec<Master<'a>> {
    let totals = digest.summary.masters.iter();
    totals
        .map(|total| Master {
            name: &total.name,
            bytes: total.bytes_read + total.bytes_written,
            bytes_read: total.bytes_read,
            bytes_written: total.bytes_written,
            mb_per_s: from_integer(total.centi_mb_per_s, 100.0),
            latency_p50_ns: total.latency_p50_ns,
            latency_p99_ns: total.latency_p99_ns,
            latency_max_ns: total.latency_max_ns,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;
    use serde_json::{Value, json};

    fn parse(events: &[Event], environment: &Environment) -> Value {
        serde_json::from_slice(&export(events, environment)).expect("valid JSON")
    }

    #[test]
    fn the_names_that_other_tools_rely_on_are_there() {
        for log in fixture::all() {
            let summary = parse(&log.events, &fixture::environment());
            for key in "verdict reason scenario seed cycles skipped_cycles wall_seconds \
                cycles_per_second beats_checked evidence escapes escaped_bytes_read \
                escaped_bytes_written overreach late_landings residue_bytes false_denies \
                blocked_expected blocked_unexpected in_transition protocol_errors masters \
                environment attempts"
                .split_whitespace()
            {
                assert!(summary.get(key).is_some(), "no `{key}`");
            }
        }
    }

    #[test]
    fn values_are_those_of_the_log() {
        let summary = parse(&fixture::open_firewall().events, &fixture::environment());
        assert_eq!(summary["verdict"], "fail");
        assert_eq!(summary["scenario"], "open-firewall");
        assert_eq!(summary["seed"], 17);
        assert_eq!(summary["escapes"], 5);
        assert_eq!(summary["escaped_bytes_read"], 256);
        assert_eq!(summary["escaped_bytes_written"], 64);
        assert_eq!(summary["attempts"]["by_kind"]["read"], 4);
        assert_eq!(summary["attempts"]["total"], 5);
        assert_eq!(summary["violations_by_kind"], json!({"escape": 5, "integrity": 1}));
        let vdec = &summary["masters"][0];
        assert_eq!(vdec["name"], "vdec");
        assert_eq!(vdec["mb_per_s"], json!(1194.39));
        assert_eq!(vdec["bytes"], 7_962_624);
        let port = &summary["evidence"][0];
        assert_eq!(port["port"], "vdec");
        assert_eq!(port["pins"], 497_664);
        assert_eq!(port["channels"]["AR"], json!({"pins": 15_552, "judged": 15_552}));
        assert_eq!(summary["wall_seconds"], json!(2.5));
        assert_eq!(summary["cycles_per_second"], 1_600_000);
        assert_eq!(summary["environment"]["stepped_cycles_per_second"], 1_200_000);
        assert_eq!(summary["environment"]["versions"]["verilator"], "5.052");
    }

    #[test]
    fn only_the_named_parts_depend_on_the_machine() {
        let events = fixture::clean_pass().events;
        let mut here = parse(&events, &fixture::environment());
        let mut there = parse(&events, &Environment { wall_seconds: 9.0, ..Default::default() });
        assert_ne!(here, there);
        for key in ["wall_seconds", "cycles_per_second", "environment"] {
            for side in [&mut here, &mut there] {
                side.as_object_mut().expect("an object").remove(key).expect("a key");
            }
        }
        assert_eq!(here, there);
    }

    #[test]
    fn a_log_that_stops_early_is_no_pass() {
        let events = &fixture::clean_pass().events;
        let cut = parse(&events[..events.len() - 1], &Environment::default());
        assert_eq!(cut["verdict"], "fail");
        assert_eq!(parse(&[], &Environment::default())["reason"], "the event log has no summary");
    }
}

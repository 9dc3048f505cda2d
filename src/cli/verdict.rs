// SPDX-License-Identifier: Apache-2.0
//! From the events of a run to its exit code; decides nothing that the events do not say.
use super::exit::Exit;
use crate::engine::event::{Event, Summary, Verdict};

/// How the summary's reason begins when a pass lacks its evidence.
const NO_EVIDENCE: &str = "no evidence";

/// The exit code of a run.
pub(super) fn of(events: &[Event]) -> Exit {
    let summary = events.iter().rev().find_map(|event| match event {
        Event::Summary(summary) => Some(summary),
        _ => None,
    });
    match summary.map(|summary| (summary.verdict, summary)) {
        Some((Verdict::Pass, _)) => Exit::Pass,
        Some((Verdict::Interrupted, _)) => Exit::Interrupted,
        Some((Verdict::Fail, summary)) if only_performance(summary, events) => Exit::Performance,
        Some((Verdict::Fail, _)) => Exit::Violation,
        // The engine promises a summary as the last line.
        None => Exit::Internal,
    }
}

/// Nothing is wrong but performance requirements that were missed.
fn only_performance(summary: &Summary, events: &[Event]) -> bool {
    let unmet = |event: &Event| match event {
        Event::Expectation { met: false, performance, .. } => Some(*performance),
        _ => None,
    };
    let missing = |event: &Event| match event {
        Event::Evidence { pins, judged, .. } => pins != judged,
        _ => false,
    };
    let mut unmet = events.iter().filter_map(unmet).peekable();
    summary.violations == 0
        && !summary.reason.starts_with(NO_EVIDENCE)
        && !events.iter().any(missing)
        && unmet.peek().is_some()
        && unmet.all(|performance| performance)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(verdict: Verdict, violations: u64, reason: &str, unmet: &[bool]) -> Vec<Event> {
        let expectation = |performance: &bool| Event::Expectation {
            what: "x".into(),
            met: false,
            seen: "y".into(),
            performance: *performance,
        };
        let mut events: Vec<Event> = unmet.iter().map(expectation).collect();
        let reason = reason.to_owned();
        events.push(Event::Summary(Box::new(Summary {
            verdict,
            reason,
            cycles: 1,
            skipped_cycles: 0,
            beats_checked: 0,
            beats_at_pins: 0,
            escapes: 0,
            escaped_bytes_read: 0,
            escaped_bytes_written: 0,
            overreach: 0,
            late_landings: 0,
            late_admission: 0,
            late_strong: 0,
            residue_bytes: 0,
            taint_leaks: 0,
            tainted_bytes: 0,
            taint_read_bytes: 0,
            false_denies: 0,
            blocked_expected: 0,
            blocked_unexpected: 0,
            in_transition: 0,
            protocol_errors: 0,
            protocol_provoked: 0,
            speculative_exposure: 0,
            underruns: 0,
            violations,
            violations_not_listed: 0,
            masters: Vec::new(),
        })));
        events
    }

    #[test]
    fn only_a_missed_performance_requirement_is_5() {
        assert_eq!(of(&log(Verdict::Pass, 0, "", &[])), Exit::Pass);
        assert_eq!(of(&log(Verdict::Interrupted, 3, "", &[])), Exit::Interrupted);
        assert_eq!(of(&log(Verdict::Fail, 0, "underruns", &[true])), Exit::Performance);
        assert_eq!(of(&log(Verdict::Fail, 0, "both", &[true, false])), Exit::Violation);
        assert_eq!(of(&log(Verdict::Fail, 1, "escape", &[true])), Exit::Violation);
        assert_eq!(of(&log(Verdict::Fail, 0, "no evidence: W beats", &[true])), Exit::Violation);
        assert_eq!(of(&log(Verdict::Fail, 0, "unsaid", &[])), Exit::Violation);
        assert_eq!(of(&[]), Exit::Internal);
    }
}

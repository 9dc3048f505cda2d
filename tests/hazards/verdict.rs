// SPDX-License-Identifier: Apache-2.0
//! What the judge said of a run, as a cell of the table.
#![allow(dead_code, reason = "the review's tables use a part of it")]
use super::common::{summary, violations};
use ringfence::engine::RunLog;
use ringfence::engine::event::{Event, Party, ViolationKind};

/// The three things that a hazard can come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Something got through, or was denied that had a right.
    Violation,
    /// Every access without a right was denied and is in the log.
    Denied,
    /// Nothing was wrong.
    Clean,
}

/// Kinds with their counts and who is to blame, and what was denied as declared.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    kinds: Vec<(ViolationKind, u64, Vec<Party>)>,
    attempts: u64,
    refused: Vec<String>,
}

impl Verdict {
    pub(crate) fn of(log: &RunLog) -> Self {
        let summary = summary(log);
        assert_eq!(summary.violations_not_listed, 0, "every one counts");
        assert!(!summary.reason.contains("no evidence"), "{}", summary.reason);
        let mut kinds: Vec<(ViolationKind, u64, Vec<Party>)> = Vec::new();
        for violation in violations(log) {
            match kinds.iter_mut().find(|(kind, ..)| *kind == violation.violation) {
                Some((_, count, fault)) => {
                    *count += 1;
                    let more = violation.fault.iter().filter(|party| !fault.contains(party));
                    let more: Vec<_> = more.copied().collect();
                    fault.extend(more);
                }
                None => kinds.push((violation.violation, 1, violation.fault.clone())),
            }
        }
        kinds.sort_by_key(|(kind, ..)| *kind);
        let refused = log.events.iter().filter_map(|event| match event {
            Event::Expectation { met: false, seen, .. } => refusal(seen),
            _ => None,
        });
        Self { kinds, attempts: summary.blocked_expected, refused: refused.collect() }
    }

    pub(crate) fn kinds(&self) -> Vec<ViolationKind> {
        self.kinds.iter().map(|(kind, ..)| *kind).collect()
    }

    pub(crate) fn class(&self) -> Class {
        // A kernel that dies of it is not cured.
        let dies = |what: &String| what.ends_with("OOPS") || what.ends_with("never returned");
        if self.refused.iter().any(dies) {
            return Class::Violation;
        }
        match &self.kinds()[..] {
            [] if self.attempts > 0 => Class::Denied,
            [] => Class::Clean,
            [ViolationKind::UndeclaredAttempt] => Class::Denied,
            _ => Class::Violation,
        }
    }

    /// In words.
    pub(crate) fn text(&self) -> String {
        let each = self.kinds.iter().map(|(kind, count, fault)| {
            let (one, many) = kind.names();
            let fault: Vec<_> = fault.iter().map(|party| name(*party)).collect();
            let denied = if *kind == ViolationKind::UndeclaredAttempt { "denied: " } else { "" };
            format!(
                "{denied}{count} {} ({})",
                if *count == 1 { one } else { many },
                fault.join(", ")
            )
        });
        let mut parts: Vec<String> = each.collect();
        let quiet = if self.class() == Class::Violation { "nothing on the bus" } else { "clean" };
        if parts.is_empty() && self.attempts == 0 {
            parts.push(quiet.into());
        } else if parts.is_empty() {
            parts.push(format!("clean, {} declared attempts denied", self.attempts));
        }
        parts.extend(self.refused.iter().cloned());
        parts.join("; ")
    }
}

/// A call that was refused, out of a client's reckoning: `step 6 (line 61), lend x: EINVAL instead
/// of success`. What a beat came to is no refusal: the judge has spoken about it.
fn refusal(seen: &str) -> Option<String> {
    let (_, what) = seen.split_once("), ")?;
    let (call, error) = what.rsplit_once(" instead of ")?.0.rsplit_once(": ")?;
    let verb = call.split(' ').next().unwrap_or(call);
    let of_a_beat = error.ends_with("ERR") && matches!(verb, "dma" | "copy" | "cpu" | "recycle");
    match error {
        "success" => None,
        "NO-RETURN" => Some(format!("`{verb}` never returned")),
        _ => (!of_a_beat).then(|| format!("`{verb}` refused, {error}")),
    }
}

fn name(party: Party) -> &'static str {
    match party {
        Party::Rtl => "rtl",
        Party::Firmware => "firmware",
        Party::AllocatorKernel => "kernel",
        Party::AllocatorTee => "tee",
        Party::Driver => "driver",
        Party::Integration => "integration",
        Party::Scenario => "scenario",
    }
}

/// Owners at issue and at response of every access that was denied and not declared.
pub(crate) fn owners(log: &RunLog) -> Vec<Option<(String, String)>> {
    let denied = violations(log).into_iter();
    let denied = denied.filter(|v| v.violation == ViolationKind::UndeclaredAttempt);
    denied
        .map(|v| {
            let line = v.why.iter().find_map(|line| line.strip_prefix("note: owned by "))?;
            let (issue, response) = line.split_once(" at issue, ")?;
            Some((issue.to_owned(), response.strip_suffix(" at response")?.to_owned()))
        })
        .collect()
}

// SPDX-License-Identifier: Apache-2.0
//! The end of a run: buffers returned, the oracle's judgement, requirements, summary.
use super::broker::Driver;
use super::clients::Clients;
use super::event::{Event, PoolEvent, PoolPhase, Summary, Verdict};
use super::session::{Ending, Session};
use super::trace::Trace;
use super::{Measured, RunLog};
use crate::oracle::{Closing, Counts, Due};
use crate::scenario::{PlantKind, Requirement, Scenario};
use crate::units::{ByteLen, Cycle, Direction, PhysAddr};
use ringfence_sim::FILTER_SIDE;

/// A declared requirement, looked at.
struct Looked {
    what: String,
    met: bool,
    seen: String,
    performance: bool,
}

impl Session<'_> {
    /// Judges the run and leaves its log.
    pub(super) fn close(mut self, ending: Ending) -> RunLog {
        let cycle = Cycle(self.board.cycle());
        self.keep_seen();
        self.end_buffers(cycle);
        for text in self.board.assertion_failures() {
            self.oracle.protocol(cycle, FILTER_SIDE, "RTL_ASSERTION", "rtl", &text, false);
        }
        let due = self.due(ending);
        self.protocol.finish(cycle.0);
        self.report_protocol();
        self.oracle.drain_events(&mut self.log);
        let judgement = self.oracle.finish(Closing {
            cycle,
            pins: self.board.pin_counts(),
            memory: &mut self.contents.pages(),
            underruns: self.playback.underruns,
            due: &due,
        });
        self.log.extend(judgement.events);
        self.metrics.events(&mut self.log);
        let mut looked = look(
            &self.scenario.expects,
            &judgement.counts,
            &|requirement| match requirement {
                Requirement::FramesShown { .. } => u64::from(self.playback.shown),
                Requirement::Throughput { master, .. } => {
                    let total = self.metrics.bytes(master.0 as usize);
                    (u128::from(total) * u128::from(self.scenario.sim.clock.0)
                        / u128::from(cycle.0.max(1))) as u64
                }
                Requirement::Transition { .. } => longest_transition(&self.log),
                _ => 0,
            },
            self.scenario,
        );
        if self.scenario.playback.is_some() && ending == Ending::Complete {
            let (exact, shown) = (self.playback.shown_exact, self.playback.shown);
            looked.push(Looked {
                what: "every frame shown equals the one decoded, byte for byte".into(),
                met: exact == shown,
                seen: format!("{exact} of {shown}"),
                performance: false,
            });
        }
        looked.extend(scripts(self.scenario, &self.clients, &mut self.driver));
        let (verdict, reason) = verdict(ending, judgement.verdict, judgement.reason, &looked);
        for l in looked {
            let Looked { what, met, seen, performance } = l;
            self.log.push(Event::Expectation { what, met, seen, performance });
        }
        let mut summary = Summary {
            verdict,
            reason,
            cycles: cycle.0,
            skipped_cycles: self.skipped,
            ..Summary::default()
        };
        judgement.counts.fill(&mut summary);
        let clock = self.scenario.sim.clock;
        let masters = self.scenario.masters.iter().enumerate();
        summary.masters =
            masters.map(|(m, s)| self.metrics.total(m, &s.name, cycle, clock)).collect();
        self.log.push(Event::Summary(Box::new(summary)));
        let measured = Measured {
            output_hash: self.board.output_hash(),
            recording: self.board.take_recording(),
            ..Measured::default()
        };
        let transactions = self.trace.map(Trace::finish).unwrap_or_default();
        let (events, captures, memory) = (self.log, self.captures, self.contents);
        RunLog { events, captures, memory, transactions, measured }
    }

    fn end_buffers(&mut self, cycle: Cycle) {
        self.driver.end(cycle);
        for event in self.driver.take_events() {
            self.oracle.intent(&event);
            self.log.push(event);
        }
    }

    /// What the permitted masters had to move for the run to have shown anything.
    fn due(&self, ending: Ending) -> Vec<Due> {
        if ending != Ending::Complete {
            return Vec::new();
        }
        let moved = self.clients.moved();
        let Some(plan) = &self.scenario.playback else { return moved };
        let frames = u64::from(plan.frames);
        let picture = frames * self.playback.frame_bytes() as u64;
        let bitstream = frames * plan.bitstream_bytes.0;
        let due = |master, direction, bytes| Due { master, direction, bytes: ByteLen(bytes) };
        let streams = [
            due(plan.crypto, Direction::Write, bitstream),
            due(plan.decoder, Direction::Read, bitstream),
            due(plan.decoder, Direction::Write, picture),
            due(plan.display, Direction::Read, picture),
        ];
        streams.into_iter().chain(moved).collect()
    }
}

/// Whether clients came to what they had to, and planted faults struck.
fn scripts(scenario: &Scenario, clients: &Clients, driver: &mut Driver) -> Vec<Looked> {
    let scripts = clients.reckoning().map(|(client, wrong)| Looked {
        what: format!("the {} steps of {} end as they must", client.steps.len(), client.name),
        met: wrong.is_none(),
        seen: wrong.unwrap_or_else(|| "all do".into()),
        performance: false,
    });
    let mut found: Vec<Looked> = scripts.collect();
    let planted = |plant: &crate::scenario::Plant| matches!(plant.what, PlantKind::Tee { .. });
    if scenario.plants.iter().any(planted) {
        let met = driver.tee_mut().world().context.faults.spent();
        let seen = if met { "all did" } else { "one never came to pass" }.into();
        let what = "every fault planted in the allocator strikes".into();
        found.push(Looked { what, met, seen, performance: false });
    }
    found
}

/// Cycles of the longest time in which a pool's memory was neither one nor the other; to the end
/// of the log where it stayed so.
fn longest_transition(log: &[Event]) -> u64 {
    let mut begun: Vec<(u8, PhysAddr, u64)> = Vec::new();
    let mut longest = 0;
    for event in log {
        let Event::Pool(PoolEvent { cycle, pool, base, phase, .. }) = *event else { continue };
        match phase {
            PoolPhase::LendRequested | PoolPhase::ReclaimRequested => {
                begun.push((pool, base, cycle.0));
            }
            PoolPhase::Drained | PoolPhase::Opened => {}
            PoolPhase::LendProgrammed | PoolPhase::Returned | PoolPhase::Quarantined => {
                if let Some(at) = begun.iter().position(|b| (b.0, b.1) == (pool, base)) {
                    longest = longest.max(cycle.0 - begun.remove(at).2);
                }
            }
        }
    }
    if begun.is_empty() { longest } else { u64::MAX }
}

fn look(
    expects: &[crate::scenario::Expect],
    counts: &Counts,
    measured: &dyn Fn(&Requirement) -> u64,
    scenario: &crate::scenario::Scenario,
) -> Vec<Looked> {
    let name = |m: crate::units::MasterId| scenario.masters[m.0 as usize].name.as_str();
    let rate = |r: u64| format!("{}.{:02} MB/s", r / 1_000_000, r / 10_000 % 100);
    expects
        .iter()
        .map(|expect| {
            let requirement = &expect.what;
            let (what, met, seen, performance) = match *requirement {
                Requirement::Blocked { master, min } => {
                    let n = counts.denied[master.0 as usize];
                    let what = format!("at least {min} accesses of {} blocked", name(master));
                    (what, n >= min, n.to_string(), false)
                }
                Requirement::FramesShown { min } => {
                    let n = measured(requirement);
                    (format!("at least {min} frames shown"), n >= min, n.to_string(), false)
                }
                Requirement::Underruns { max } => {
                    let n = counts.underruns;
                    (format!("at most {max} display underruns"), n <= max, n.to_string(), true)
                }
                Requirement::Transition { max } => {
                    let n = measured(requirement);
                    let what = format!("every lend and reclaim within {} cycles", max.0);
                    (what, n <= max.0, format!("{n} cycles"), false)
                }
                Requirement::Throughput { master, min } => {
                    let n = measured(requirement);
                    let what = format!("{} moves at least {}", name(master), rate(min.0));
                    (what, n >= min.0, rate(n), true)
                }
            };
            Looked { what, met, seen, performance }
        })
        .collect()
}

/// The judge's word first, then requirements; a signal goes before all.
fn verdict(
    ending: Ending,
    judged: Verdict,
    reason: String,
    looked: &[Looked],
) -> (Verdict, String) {
    if ending == Ending::Interrupted {
        return (Verdict::Interrupted, "stopped by a signal; what is here is partial".into());
    }
    if judged != Verdict::Pass {
        return (judged, reason);
    }
    let unmet = |performance| looked.iter().find(|l| !l.met && l.performance == performance);
    if let Some(l) = unmet(false) {
        return (Verdict::Fail, format!("unmet expectation: {}; seen: {}", l.what, l.seen));
    }
    if let Some(l) = unmet(true) {
        let reason = format!("performance requirement missed: {}; seen: {}", l.what, l.seen);
        return (Verdict::Fail, reason);
    }
    (Verdict::Pass, reason)
}

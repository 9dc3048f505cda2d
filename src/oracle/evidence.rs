// SPDX-License-Identifier: Apache-2.0
//! What a pass must show: every beat judged, every attempt denied, everything moved, nothing left.
use super::addresses::{R, W};
use super::checks;
use super::face::{Closing, Due, Judgement};
use super::inflight::NONE;
use super::judge::Oracle;
use crate::engine::event::{Attempt, Event, Verdict};
use crate::units::{Direction, PhysAddr};
use ringfence_sim::{MASTERS, PORTS, PinCounts};
use std::collections::VecDeque;

/// Names of the channels in the order of the pin counts.
const CHANNELS: [&str; 5] = ["AR", "AW", "W", "R", "B"];

/// How far a declared attempt came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Declared,
    Reached,
    Denied,
    Through,
}

#[derive(Clone, Copy, Debug)]
struct Declared {
    master: u8,
    direction: Direction,
    addr: PhysAddr,
    fate: Fate,
}

/// Counts of what was judged, and the declared attempts.
#[derive(Debug)]
pub(super) struct Evidence {
    pub(super) judged: PinCounts,
    attempts: Vec<Declared>,
    /// Attempts that have not reached a filter yet, oldest first.
    open: VecDeque<u32>,
}

impl Default for Evidence {
    fn default() -> Self {
        Self { judged: [[0; 5]; PORTS], attempts: Vec::new(), open: VecDeque::new() }
    }
}

impl Evidence {
    /// An intruder says what it is about to do.
    pub(super) fn declare(&mut self, attempt: &Attempt) {
        self.open.push_back(self.attempts.len() as u32);
        self.attempts.push(Declared {
            master: attempt.master.0,
            direction: attempt.direction,
            addr: attempt.addr,
            fate: Fate::Declared,
        });
    }

    /// The oldest declared attempt that an address at a filter carries out, or `NONE`.
    pub(super) fn reach(&mut self, master: u8, direction: Direction, addr: u64) -> u32 {
        let attempts = &mut self.attempts;
        let place = self.open.iter().position(|&index| {
            let a = &attempts[index as usize];
            a.addr.0 == addr && a.master == master && a.direction == direction
        });
        let Some(index) = place.and_then(|place| self.open.remove(place)) else {
            return NONE;
        };
        attempts[index as usize].fate = Fate::Reached;
        index
    }

    /// The access of an attempt is over.
    pub(super) fn ended(&mut self, attempt: u32, denied: bool) {
        if let Some(attempt) = self.attempts.get_mut(attempt as usize) {
            attempt.fate = if denied { Fate::Denied } else { Fate::Through };
        }
    }
}

impl Oracle {
    /// Judges the whole.
    pub fn finish(mut self, closing: Closing<'_, '_>) -> Judgement {
        self.cycle = self.cycle.max(closing.cycle.0);
        self.book.counts.underruns = closing.underruns;
        for (addr, bytes) in closing.memory {
            for mismatch in self.shadow.compare(addr, bytes) {
                self.integrity(&checks::CONTENTS, None, mismatch);
            }
        }
        self.settle_unfinished();
        let missing = self.missing(closing.pins, closing.due);
        self.evidence_events(closing.pins);
        let counts = self.book.counts;
        let (verdict, reason) = if counts.violations > 0 {
            let violations = self.book.reason();
            (
                Verdict::Fail,
                missing
                    .map_or(violations.clone(), |m| format!("{violations}; evidence missing: {m}")),
            )
        } else if let Some(missing) = missing {
            (Verdict::Fail, format!("no evidence: {missing}"))
        } else {
            let (beats, denied) = (counts.beats_checked, counts.blocked_expected);
            (Verdict::Pass, format!("{beats} beats judged, {denied} accesses blocked as declared"))
        };
        Judgement { verdict, reason, counts, events: self.book.events }
    }

    /// What has already got through of transactions that never ended is not lost.
    fn settle_unfinished(&mut self) {
        let slots: Vec<u32> = self
            .inflight
            .all()
            .filter(|(_, txn)| {
                let moved = txn.through > 0 || txn.late_beats > 0 || txn.taint.bytes > 0;
                !txn.answered && moved
            })
            .map(|(slot, _)| slot)
            .collect();
        for slot in slots {
            self.settle(slot);
        }
    }

    /// The first thing that a pass would have to show and that is not there.
    fn missing(&mut self, pins: &PinCounts, due: &[Due]) -> Option<String> {
        let data = |counts: &PinCounts| counts.iter().map(|port| port[R] + port[W]).sum::<u64>();
        self.book.counts.beats_checked = data(&self.evidence.judged);
        self.book.counts.beats_at_pins = data(pins);
        if self.book.counts.beats_checked == 0 {
            return Some("nothing was judged".to_owned());
        }
        self.uncounted(pins)
            .or_else(|| self.unattempted())
            .or_else(|| self.unmoved(due))
            .or_else(|| self.unfinished())
            .or_else(|| {
                let page = self.shadow.not_shown()?;
                Some(format!("memory was not compared at {page}"))
            })
    }

    fn uncounted(&self, pins: &PinCounts) -> Option<String> {
        (0..PORTS).find_map(|port| {
            (0..CHANNELS.len()).find_map(|channel| {
                let (seen, judged) = (pins[port][channel], self.evidence.judged[port][channel]);
                (seen != judged).then(|| {
                    let (port, channel) = (self.names.port(port), CHANNELS[channel]);
                    format!("{port} {channel}: {seen} handshakes at the pins, {judged} judged")
                })
            })
        })
    }

    fn unattempted(&self) -> Option<String> {
        let attempts = &self.evidence.attempts;
        let idle = self.names.intruders().find(|&i| attempts.iter().all(|a| a.master != i));
        if let Some(master) = idle {
            return Some(format!(
                "{} is declared an intruder and attempted nothing",
                self.names.master(master)
            ));
        }
        let open = attempts.iter().find(|a| a.fate != Fate::Denied)?;
        let fate = match open.fate {
            Fate::Declared => "never reached a filter",
            Fate::Reached => "was never answered",
            Fate::Denied | Fate::Through => "was not denied",
        };
        let who = self.names.master(open.master);
        Some(format!("{who}'s attempt to {} {} {fate}", open.direction, open.addr))
    }

    fn unmoved(&self, due: &[Due]) -> Option<String> {
        let moved = &self.book.counts.moved;
        let idle = self.names.busy.iter().find(|(master, write)| {
            moved[usize::from(*master) % MASTERS][usize::from(*write)] == 0
        });
        if let Some((master, write)) = idle {
            let way = if *write { "wrote" } else { "read" };
            return Some(format!("{} {way} nothing", self.names.master(*master)));
        }
        due.iter().find_map(|due| {
            let way = usize::from(due.direction == Direction::Write);
            let moved = moved[usize::from(due.master.0) % MASTERS][way];
            (moved < due.bytes.0).then(|| {
                let who = self.names.master(due.master.0);
                format!("{who} was to {} {} bytes and moved {moved}", due.direction, due.bytes.0)
            })
        })
    }

    fn unfinished(&self) -> Option<String> {
        let (sentence, ..) = self.oldest_outstanding()?;
        Some(sentence.trim_start_matches("fact: ").to_owned())
    }

    fn evidence_events(&mut self, pins: &PinCounts) {
        for (port, counted) in pins.iter().enumerate() {
            for (channel, name) in CHANNELS.iter().enumerate() {
                let (seen, judged) = (counted[channel], self.evidence.judged[port][channel]);
                if seen | judged != 0 {
                    self.book.events.push(Event::Evidence {
                        port: self.names.port(port),
                        channel: (*name).to_owned(),
                        pins: seen,
                        judged,
                    });
                }
            }
        }
    }
}

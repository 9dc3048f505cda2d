// SPDX-License-Identifier: Apache-2.0
//! What replaying a heap history came to, out of the events of its run.
use crate::engine::event::{
    BufferEvent, CallEvent, CallOp, CallResult, Event, PoolEvent, PoolPhase, ReplayHeader,
    RunHeader, Summary, Verdict, ViolationKind,
};
use crate::units::{ByteLen, PAGE};
use serde::Serialize;
use std::collections::BTreeMap;

/// Free memory of a pool at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Free {
    /// When.
    pub cycle: u64,
    /// Bytes that nobody holds.
    pub total: u64,
    /// Bytes of the largest free run.
    pub largest: u64,
}

/// One pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PoolFigures {
    /// Name.
    pub name: String,
    /// Most bytes in buffers at a time.
    pub peak_bytes: u64,
    /// When most free bytes lay outside the largest free run.
    pub most_fragmented: Option<Free>,
    /// Lends and reclaims; a reclaim whose pages are kept from everybody is one.
    pub lends: u64,
    /// As above.
    pub reclaims: u64,
    /// Of the reclaims, those that failed and whose pages are kept from everybody.
    pub quarantined: u64,
    /// Lends within the window after a reclaim.
    pub thrash: u64,
}

/// A whole replay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Rows of the history.
    pub rows: u32,
    /// Most bytes in buffers at a time, all pools together.
    pub peak_bytes: u64,
    /// By pool.
    pub pools: Vec<PoolFigures>,
    /// Allocations that ended with `ENOMEM`.
    pub enomem: u64,
    /// Of those, the ones for which there were bytes enough, though not in one piece.
    pub enomem_fragmented: u64,
    /// Everything else that was refused, by error.
    pub refused: BTreeMap<String, u64>,
    /// Steps that could not be made, for what they need was refused before.
    pub not_made: u64,
    /// Transfers that ended with a bus error.
    pub denied_transfers: u64,
    /// Cycles of the longest allocation.
    pub longest_alloc: u64,
    /// Cycles of the longest call that gives a buffer back.
    pub longest_release: u64,
    /// Buffers that nobody gave back.
    pub left: u64,
    /// What the kernel said or suffered beside return values, by kind.
    pub outcomes: BTreeMap<String, u64>,
    /// Violations in all.
    pub violations: u64,
    /// By kind.
    pub violations_by_kind: BTreeMap<ViolationKind, u64>,
    /// The run's verdict.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// Cycles of the run.
    pub cycles: u64,
    /// Fabric clock, hertz.
    pub clock_hz: u64,
}

impl Figures {
    /// The figures of a log; `None` when it replays nothing.
    pub fn of(events: &[Event]) -> Option<Self> {
        let header = events.iter().find_map(|event| match event {
            Event::Run(header) => Some(header),
            _ => None,
        })?;
        let replay = replayed(events)?;
        let mut count = Count::new(header, replay, events);
        events.iter().for_each(|event| count.event(event));
        Some(count.end())
    }
}

/// How a log replays a history.
pub fn replayed(events: &[Event]) -> Option<&ReplayHeader> {
    events.iter().find_map(|event| match event {
        Event::Replay(header) => Some(header),
        _ => None,
    })
}

/// A pool while it is followed.
struct Followed {
    figures: PoolFigures,
    /// What buffers can lie in: a carve-out, or what is lent now.
    room: Option<(u64, u64)>,
    /// Bytes of every buffer, by its first byte.
    live: BTreeMap<u64, u64>,
    /// When it was last reclaimed, microseconds of the history.
    reclaimed: Option<u64>,
}

impl Followed {
    fn used(&self) -> u64 {
        self.live.values().sum()
    }

    /// What is free, in all and in the largest run.
    fn free(&self, cycle: u64) -> Option<Free> {
        let (base, len) = self.room?;
        let mut free = Free { cycle, total: 0, largest: 0 };
        let mut at = base;
        let ends = self.live.iter().map(|(base, len)| (*base, base + len));
        for (from, to) in ends.chain([(base + len, base + len)]) {
            let run = from.saturating_sub(at);
            free.total += run;
            free.largest = free.largest.max(run);
            at = at.max(to);
        }
        Some(free)
    }
}

struct Count {
    pools: Vec<Followed>,
    window_us: u64,
    /// Lends and reclaims of the call that has not ended yet: pool, and whether it is a lend.
    pending: Vec<(usize, bool)>,
    /// Outcomes of that call; what comes after the last one is the end of the run's.
    outcomes: Vec<String>,
    figures: Figures,
}

impl Count {
    fn new(header: &RunHeader, replay: &ReplayHeader, events: &[Event]) -> Self {
        let lent = |index: usize| {
            events.iter().any(|e| matches!(e, Event::Pool(p) if usize::from(p.pool) == index))
        };
        let follow = |(index, pool): (usize, &crate::engine::event::PoolInfo)| Followed {
            figures: PoolFigures {
                name: pool.name.clone(),
                peak_bytes: 0,
                most_fragmented: None,
                lends: 0,
                reclaims: 0,
                quarantined: 0,
                thrash: 0,
            },
            room: (!lent(index)).then_some((pool.base.0, pool.len.0)),
            live: BTreeMap::new(),
            reclaimed: None,
        };
        let pools = header.pools.iter().enumerate().map(follow).collect();
        let figures = Figures {
            rows: replay.rows,
            peak_bytes: 0,
            pools: Vec::new(),
            enomem: 0,
            enomem_fragmented: 0,
            refused: BTreeMap::new(),
            not_made: 0,
            denied_transfers: 0,
            longest_alloc: 0,
            longest_release: 0,
            left: 0,
            outcomes: BTreeMap::new(),
            violations: 0,
            violations_by_kind: BTreeMap::new(),
            verdict: Verdict::Fail,
            reason: "the event log has no summary".to_owned(),
            cycles: 0,
            clock_hz: header.clock_hz,
        };
        let (pending, outcomes) = (Vec::new(), Vec::new());
        Self { pools, window_us: replay.window_us, pending, outcomes, figures }
    }

    fn event(&mut self, event: &Event) {
        match event {
            Event::Buffer(buffer) => self.buffer(buffer),
            Event::Pool(pool) => self.pool(*pool),
            Event::Call(call) => self.call(call),
            Event::Step { what, .. } => self.outcome(what),
            Event::Violation(violation) => {
                let kinds = &mut self.figures.violations_by_kind;
                *kinds.entry(violation.violation).or_default() += 1;
            }
            Event::Summary(summary) => self.summary(summary),
            _ => {}
        }
    }

    fn buffer(&mut self, event: &BufferEvent) {
        let Some(pool) = self.pools.get_mut(usize::from(event.pool)) else { return };
        if event.allocated {
            pool.live.insert(event.base.0, event.len.0);
        } else {
            pool.live.remove(&event.base.0);
        }
        pool.figures.peak_bytes = pool.figures.peak_bytes.max(pool.used());
        if let Some(free) = pool.free(event.cycle.0) {
            let lost = |free: &Free| free.total - free.largest;
            let worst = pool.figures.most_fragmented.as_ref().map_or(0, lost);
            if lost(&free) > worst {
                pool.figures.most_fragmented = Some(free);
            }
        }
        let all = self.pools.iter().map(Followed::used).sum();
        self.figures.peak_bytes = self.figures.peak_bytes.max(all);
    }

    fn pool(&mut self, event: PoolEvent) {
        let index = usize::from(event.pool);
        let Some(pool) = self.pools.get_mut(index) else { return };
        match event.phase {
            PoolPhase::LendProgrammed => {
                pool.room = Some((event.base.0, event.len.0));
                pool.figures.lends += 1;
                self.pending.push((index, true));
            }
            PoolPhase::Returned | PoolPhase::Quarantined => {
                pool.room = None;
                pool.figures.reclaims += 1;
                pool.figures.quarantined += u64::from(event.phase == PoolPhase::Quarantined);
                self.pending.push((index, false));
            }
            _ => {}
        }
    }

    fn call(&mut self, call: &CallEvent) {
        // Rows are replayed one after the other, so that what was lent or reclaimed is this one's.
        for (index, lend) in std::mem::take(&mut self.pending) {
            let pool = &mut self.pools[index];
            if !lend {
                pool.reclaimed = Some(call.time_us);
            } else if pool.reclaimed.is_some_and(|at| call.time_us - at <= self.window_us) {
                pool.figures.thrash += 1;
            }
        }
        let figures = &mut self.figures;
        for name in std::mem::take(&mut self.outcomes) {
            *figures.outcomes.entry(name).or_default() += 1;
        }
        match &call.result {
            CallResult::Done => {}
            CallResult::NotMade => figures.not_made += 1,
            CallResult::Denied(_) => figures.denied_transfers += 1,
            CallResult::Refused(error) if error == "ENOMEM" && call.op == CallOp::Alloc => {
                figures.enomem += 1;
                let pool = call.pool.and_then(|pool| self.pools.get(usize::from(pool)));
                let free = pool.and_then(|pool| pool.free(call.cycle.0));
                let ByteLen(bytes) = call.bytes;
                let wanted = bytes.div_ceil(PAGE).saturating_mul(PAGE);
                let enough = free.is_some_and(|free| free.total >= wanted);
                figures.enomem_fragmented += u64::from(enough);
            }
            CallResult::Refused(error) => {
                *figures.refused.entry(error.clone()).or_default() += 1;
            }
        }
        match call.op {
            CallOp::Alloc => figures.longest_alloc = figures.longest_alloc.max(call.took),
            CallOp::Close | CallOp::Unregister => {
                figures.longest_release = figures.longest_release.max(call.took);
            }
            _ => {}
        }
    }

    /// A step's line tells an outcome as `kernel: Name { .. }`.
    fn outcome(&mut self, what: &str) {
        let Some(told) = what.strip_prefix("kernel: ") else { return };
        let name = told.split([' ', '{', '(']).next().unwrap_or(told);
        self.outcomes.push(name.to_owned());
    }

    fn summary(&mut self, summary: &Summary) {
        let figures = &mut self.figures;
        (figures.violations, figures.cycles) = (summary.violations, summary.cycles);
        (figures.verdict, figures.reason) = (summary.verdict, summary.reason.clone());
    }

    fn end(self) -> Figures {
        let left = self.pools.iter().map(|pool| pool.live.len() as u64).sum();
        let pools = self.pools.into_iter().map(|pool| pool.figures).collect();
        Figures { left, pools, ..self.figures }
    }
}

// SPDX-License-Identifier: Apache-2.0
//! Processes and drivers: each does one step at a time, and a step that calls the allocator takes
//! as long as what the call does on the board.
mod accounts;
mod beside;
mod calls;
mod confine;
mod copies;
mod guard;
mod importer;
mod machine;
mod player;
mod plays;
mod race;
mod raw;
mod replayed;
mod sdp;
mod tokens;
mod transfers;
mod updates;
mod words;

use super::event::{Attempt, Event};
use crate::firmware::ApbDriver;
use crate::oracle::Oracle;
use crate::scenario::{Client, Clients as Script, Ip, Role, Scenario, UseCase};
use crate::tee::{AttachmentId, BufferId, Grant, GrantId, Race, Tee};
use crate::units::{AddrRange, Cycle, Direction, MasterId, PhysAddr};
use crate::workload::{NEVER, stream};
use guard::Guard;
pub(super) use machine::machine;
use player::{Call, Until};
use plays::Hands;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use raw::Watched;
pub(super) use replayed::header;
use ringfence_sim::{Inputs, MASTERS, Outputs};
use std::collections::{BTreeMap, BTreeSet};
use transfers::{End, Ended, JobId, Transfers};
use words::words;

/// First random stream of clients; those below belong to the ports.
const STREAMS: u64 = 0x100;
/// Steps that take no time which one client may do in one cycle; more is a loop.
const AT_ONCE: u32 = 64;

/// What clients reach in one cycle.
pub(super) struct Around<'a, 'b> {
    pub(super) cycle: Cycle,
    pub(super) scenario: &'a Scenario,
    pub(super) tee: &'b mut Tee,
    pub(super) apb: &'b mut ApbDriver,
    pub(super) oracle: &'b mut Oracle,
    /// Masters whose actors have nothing under way, a bit each.
    pub(super) idle: u8,
}

/// A buffer of the scenario, by its name.
#[derive(Clone, Copy, Debug)]
struct Known {
    id: Option<BufferId>,
    range: Option<AddrRange>,
    shm: Option<i32>,
    heap: Option<UseCase>,
    role: Role,
}

impl Known {
    /// Not allocated yet.
    const NOT_YET: Self = Self { id: None, range: None, shm: None, heap: None, role: Role::Frame };
}

/// What a client is at.
#[derive(Clone, Debug)]
enum State {
    /// The next step can begin at a cycle.
    Ready(Cycle),
    /// Waits for the heap's mutex.
    Locked(UseCase),
    /// In a call.
    Calling(Box<Call>),
    /// Waits for a transfer of its own.
    Moving(JobId),
    /// Waits for a mark.
    Awaiting(usize),
    /// Waits for the other one of a race.
    Meeting(Race),
    /// Has done all its steps, or died.
    Over,
}

struct Actor {
    plan: Client,
    step: usize,
    state: State,
    /// When the current step began.
    began: Cycle,
    rng: ChaCha8Rng,
    /// The first step that did not end as it had to.
    wrong: Option<String>,
    died: bool,
}

/// All clients of a run, and what they share.
pub(super) struct Clients {
    actors: Vec<Actor>,
    strict: Option<usize>,
    names: Vec<String>,
    marks: Vec<bool>,
    transfers: Transfers,
    guard: Guard,
    hands: Hands,
    /// Masters that the destination rule keeps from ordinary memory, a bit each.
    confined: u8,
    /// Masters whose address waits, of those that do nothing for clients, a bit each.
    waiting: u8,
    budget: Cycle,
    buffers: Vec<Known>,
    /// Heap and roles of every pool.
    pools: Vec<(UseCase, Vec<Role>)>,
    /// File references that each client holds, by client and buffer.
    files: BTreeMap<(usize, usize), u32>,
    attachments: BTreeMap<(usize, MasterId), AttachmentId>,
    /// Mappings by buffer and master, the last one last, with the address that each gave.
    mappings: BTreeMap<(usize, MasterId), Vec<(Grant, PhysAddr)>>,
    /// Address that the last mapping gave a master.
    bus: BTreeMap<(usize, MasterId), PhysAddr>,
    /// Who holds the mutex of a heap.
    locks: [Option<usize>; 3],
    /// Handles by which the TEE finds a buffer for a device, where mappings give no address.
    tokens: BTreeMap<(usize, MasterId), i32>,
    /// Memory from the request to lend it until it is the kernel's again.
    closed: Vec<AddrRange>,
    /// Mappings whose devices were given bounce slots.
    slots: BTreeSet<GrantId>,
    /// Dynamic memory that is lent, and whether its reclaim has begun.
    lent: Vec<(AddrRange, bool)>,
    /// Once lent, and the kernel's again.
    kernel: Vec<AddrRange>,
    live: Vec<Grant>,
    revoked: BTreeSet<u32>,
    rng: ChaCha8Rng,
    /// Bytes that transfers moved without an error, by master, `[read, written]`.
    moved: [[u64; 2]; MASTERS],
    events: Vec<Event>,
    attempts: Vec<Attempt>,
    wake: Cycle,
}

impl Clients {
    /// Makes the clients of a script; the one called `strict` goes to its last step at the first
    /// that does not end as it must.
    pub(super) fn new(
        scenario: &Scenario,
        script: &Script,
        strict: Option<usize>,
        filters: usize,
    ) -> Self {
        let of = |ip| scenario.masters.iter().find(|m| m.ip == ip && (m.secure || ip == Ip::Cpu));
        let port = |ip| of(ip).map_or(MasterId(0), |master| master.id);
        let actor = |(n, plan): (u64, &Client)| Actor {
            plan: plan.clone(),
            step: 0,
            state: State::Ready(NEVER),
            began: Cycle(0),
            rng: stream(scenario.seed, STREAMS + 1 + n),
            wrong: None,
            died: false,
        };
        Self {
            actors: (0..).zip(&script.list).map(actor).collect(),
            strict,
            names: script.buffers.clone(),
            marks: vec![false; script.marks.len()],
            transfers: Transfers::new(scenario),
            guard: Guard::new(scenario, filters),
            hands: Hands {
                kernel: scenario.cache.as_ref().map_or(port(Ip::Cpu), |cache| cache.master),
                cached: scenario.cache.is_some(),
                tee: port(Ip::Crypto),
            },
            confined: 0,
            waiting: 0,
            budget: scenario.sim.wait_budget,
            buffers: vec![Known::NOT_YET; script.buffers.len()],
            pools: scenario.pools.iter().map(|p| (p.use_case, p.roles.clone())).collect(),
            files: BTreeMap::new(),
            attachments: BTreeMap::new(),
            mappings: BTreeMap::new(),
            bus: BTreeMap::new(),
            tokens: BTreeMap::new(),
            closed: Vec::new(),
            slots: BTreeSet::new(),
            locks: [None; 3],
            lent: Vec::new(),
            kernel: Vec::new(),
            live: Vec::new(),
            revoked: BTreeSet::new(),
            rng: stream(scenario.seed, STREAMS),
            moved: [[0; 2]; MASTERS],
            events: Vec::new(),
            attempts: Vec::new(),
            wake: NEVER,
        }
    }

    /// Boot is over: every client's time counts from here.
    pub(super) fn begin(&mut self, cycle: Cycle) {
        for actor in &mut self.actors {
            actor.state = State::Ready(Cycle(cycle.0.saturating_add(actor.plan.start.0)));
        }
        self.wake = self.next_wake(Cycle(0));
    }

    /// Whether a cycle concerns them: something is due or under way.
    pub(super) fn due(&self, cycle: Cycle) -> bool {
        self.wake <= cycle || self.wanted() | self.held() != 0
    }

    /// First cycle at which somebody is due.
    pub(super) const fn next_due(&self) -> Cycle {
        self.wake
    }

    /// Masters that work or are to work for clients, a bit each.
    pub(super) fn wanted(&self) -> u8 {
        // Asked in every cycle: a scenario without clients pays nothing for them.
        if self.actors.is_empty() { 0 } else { self.transfers.wanted() }
    }

    /// Masters whose engine works for clients, a bit each.
    pub(super) const fn held(&self) -> u8 {
        self.transfers.held()
    }

    /// Masters whose pins clients drive burst by burst, a bit each.
    pub(super) const fn raw_masters(&self) -> u8 {
        self.transfers.raw_masters()
    }

    /// Nothing more happens by itself, so that the run can end.
    pub(super) fn settle(&mut self, cycle: Cycle) {
        if self.raw_masters() != 0 {
            self.transfers.raw().settle();
            self.wake = self.next_wake(cycle);
        }
    }

    /// Whether all have done what they are there to do.
    pub(super) fn finished(&self) -> bool {
        let over = |actor: &Actor| matches!(actor.state, State::Over);
        self.actors.iter().all(over) && self.transfers.wanted() == 0
    }

    /// A transfer that has not moved for longer than a wait may last.
    pub(super) fn stuck(&self, cycle: Cycle) -> bool {
        !self.actors.is_empty() && self.transfers.stuck(cycle, self.budget)
    }

    /// Events and attempts since the last call, in order.
    pub(super) fn take(&mut self) -> (Vec<Event>, Vec<Attempt>) {
        (std::mem::take(&mut self.events), std::mem::take(&mut self.attempts))
    }

    /// One cycle.
    pub(super) fn tick(&mut self, out: &Outputs, inputs: &mut Inputs, around: &mut Around<'_, '_>) {
        let watched = Watched { lent: &self.closed, pools: &around.scenario.pools };
        for ended in self.transfers.tick(around.cycle, around.idle, out, inputs, watched) {
            self.transferred(&ended, around.cycle);
        }
        self.events.append(&mut self.transfers.told);
        self.events.append(&mut self.transfers.raw().take_events());
        self.waiting = updates::waiting(out) & !self.wanted();
        // Who goes first in a cycle is drawn: nobody has a right to it.
        let mut order: Vec<usize> =
            (0..self.actors.len()).filter(|&n| self.can_go(n, around.cycle)).collect();
        if order.len() > 1 {
            order.shuffle(&mut self.rng);
        }
        for n in order {
            let mut left = AT_ONCE;
            while left > 0 && self.can_go(n, around.cycle) && self.advance(n, around) {
                left -= 1;
            }
        }
        // What was queued in this cycle begins with the next.
        self.wake = self.next_wake(around.cycle);
    }

    fn can_go(&self, n: usize, cycle: Cycle) -> bool {
        match &self.actors[n].state {
            State::Ready(at) => *at <= cycle,
            State::Locked(heap) => self.locks[*heap as usize].is_none(),
            State::Calling(call) => match call.until {
                Until::Now | Until::Firmware | Until::Quiet(..) | Until::Unmapped(..) => true,
                Until::At(at) => at <= cycle,
                Until::Job(_) => false,
            },
            State::Moving(_) | State::Meeting(_) | State::Over => false,
            State::Awaiting(mark) => self.marks[*mark],
        }
    }

    fn next_wake(&self, cycle: Cycle) -> Cycle {
        let next = Cycle(cycle.0 + 1);
        let due = (0..self.actors.len()).map(|n| match &self.actors[n].state {
            State::Ready(at) => (*at).max(next),
            State::Calling(call) => match call.until {
                Until::At(at) => at.max(next),
                Until::Job(_) => NEVER,
                _ => next,
            },
            _ if self.can_go(n, cycle) => next,
            _ => NEVER,
        });
        let busy = if self.transfers.wanted() == 0 { NEVER } else { next };
        due.min().unwrap_or(NEVER).min(busy).min(self.transfers.due().max(next))
    }

    /// One move of a client. Whether it may have another one in this cycle.
    fn advance(&mut self, n: usize, around: &mut Around<'_, '_>) -> bool {
        let state = std::mem::replace(&mut self.actors[n].state, State::Over);
        match state {
            State::Calling(mut call) => {
                if !self.play(&mut call, around) {
                    self.actors[n].state = State::Calling(call);
                    return false;
                }
                self.unlock(n);
                self.events.extend(call.updates.end(Cycle(around.cycle.0 + 1)));
                self.done(n, call.result, around.cycle);
                true
            }
            State::Awaiting(_) => {
                self.done(n, Ok(()), around.cycle);
                true
            }
            State::Ready(_) => {
                self.actors[n].began = around.cycle;
                self.begin_step(n, around);
                true
            }
            State::Locked(_) => {
                self.begin_step(n, around);
                true
            }
            other @ (State::Moving(_) | State::Meeting(_) | State::Over) => {
                self.actors[n].state = other;
                false
            }
        }
    }

    /// A transfer has ended: a client or its call waited for it, or nobody did.
    fn transferred(&mut self, ended: &Ended, cycle: Cycle) {
        let Ended { id, job, end, moved, .. } = ended;
        let result = match end {
            End::Answered(0 | 1) => Ok(()),
            End::Answered(2) | End::Abort(2) => Err("SLVERR".to_owned()),
            End::Answered(_) | End::Abort(_) => Err("DECERR".to_owned()),
            End::Refused => Err("EINVAL".to_owned()),
            End::Fault => Err("FAULT".to_owned()),
            End::Oops => Err("OOPS".to_owned()),
        };
        if result.is_ok() {
            let way = usize::from(job.direction == Direction::Write);
            let moves = &mut self.moved[usize::from(job.master.0) % MASTERS];
            moves[way] += moved.0;
            moves[0] += ended.read.0;
        }
        for n in 0..self.actors.len() {
            match &mut self.actors[n].state {
                State::Moving(waiting) if *waiting == *id => {
                    self.done(n, result, cycle);
                    return;
                }
                State::Calling(call) if call.until == Until::Job(*id) => {
                    call.until = Until::Now;
                    call.data.clone_from(&ended.data);
                    let dies = matches!(end, End::Oops | End::Abort(_));
                    if call.result.is_ok() && (job.stops || dies) {
                        call.result = result;
                    }
                    if dies {
                        call.dies();
                    }
                    return;
                }
                _ => {}
            }
        }
    }

    fn unlock(&mut self, n: usize) {
        for lock in self.locks.iter_mut().filter(|lock| **lock == Some(n)) {
            *lock = None;
        }
    }
}

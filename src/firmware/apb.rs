// SPDX-License-Identifier: Apache-2.0
//! The register bus requester: plays a sequence of operations as APB transfers, cycle by cycle.
use super::program::Op;
use crate::units::Cycle;
use ringfence_sim::{ApbIn, Outputs};

/// PPROT of firmware: privileged, secure, data (IHI 0024, 3.4).
const PPROT_FIRMWARE: u8 = 0b001;

/// Names a sequence that was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket(u32);

/// Why a sequence stopped before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApbFault {
    /// PSLVERR.
    #[error("error response")]
    Response,
    /// A check found another value.
    #[error("read {found:#010x}")]
    Mismatch {
        /// What was read.
        found: u32,
    },
    /// The budget ran out, with what was read last; `None` when PREADY never came.
    #[error("budget ran out")]
    Timeout {
        /// Last value read.
        last: Option<u32>,
    },
}

/// The operation at which a sequence stopped. What follows it was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("register {:#05x}: {fault}", op.offset())]
pub struct ApbError {
    /// Its place in the sequence, from 0.
    pub step: usize,
    /// The operation.
    pub op: Op,
    /// What was wrong.
    #[source]
    pub fault: ApbFault,
}

/// How a sequence ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End<'a> {
    /// Value of every operation that reads, in order; of a poll, the last one.
    pub values: &'a [u32],
    /// Whether all operations were done.
    pub result: Result<(), ApbError>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Idle,
    Setup,
    Access,
    Abandoned, // the budget is gone but PREADY is not here: the transfer must stay on the bus
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    Nobody,
    Running,
    Ended(Result<(), ApbError>),
}

/// Plays one sequence at a time. Allocates only in [`Self::start`], and there only when a
/// sequence is longer than all before it.
#[derive(Clone, Debug)]
pub struct ApbDriver {
    ops: Vec<Op>,
    values: Vec<u32>,
    step: usize,
    phase: Phase,
    owner: Owner,
    ticket: Ticket,
    bus: ApbIn,
    waited: u64,       // cycles that the current operation has taken
    last: Option<u32>, // last value that the current poll has read
    budget: Cycle,
}

impl ApbDriver {
    /// An idle bus. `budget` bounds each transfer that is not a poll, in cycles.
    pub fn new(budget: Cycle) -> Self {
        Self {
            ops: Vec::with_capacity(128),
            values: Vec::with_capacity(128),
            step: 0,
            phase: Phase::Idle,
            owner: Owner::Nobody,
            ticket: Ticket(0),
            bus: ApbIn::default(),
            waited: 0,
            last: None,
            budget,
        }
    }

    /// Takes a sequence; `None` while another one runs, its end waits to be taken, or the bus is
    /// still held by a transfer without answer.
    pub fn start(&mut self, ops: &[Op]) -> Option<Ticket> {
        if !self.is_free() {
            return None;
        }
        self.ops.clear();
        self.ops.extend_from_slice(ops);
        self.values.clear();
        self.values.reserve(ops.len());
        self.step = 0;
        self.begin_op();
        self.ticket.0 += 1;
        self.owner = if ops.is_empty() { Owner::Ended(Ok(())) } else { Owner::Running };
        Some(self.ticket)
    }

    /// Whether [`Self::start`] would take a sequence.
    pub fn is_free(&self) -> bool {
        self.owner == Owner::Nobody && self.phase == Phase::Idle
    }

    /// Whether the bus needs no cycle: nothing is on it and nothing is to come.
    pub fn is_idle(&self) -> bool {
        self.owner != Owner::Running && self.phase == Phase::Idle
    }

    /// The end of a sequence, once, as soon as there is one; the driver is then free.
    pub fn take_end(&mut self, ticket: Ticket) -> Option<End<'_>> {
        let Owner::Ended(result) = self.owner else {
            return None;
        };
        if ticket != self.ticket {
            return None;
        }
        self.owner = Owner::Nobody;
        Some(End { values: &self.values, result })
    }

    /// One cycle: `out` is what the last cycle showed, `apb` what the next one is to drive.
    pub fn drive(&mut self, out: &Outputs, apb: &mut ApbIn) {
        self.waited += 1;
        match self.phase {
            Phase::Idle => {}
            Phase::Setup => {
                self.bus.enable = true;
                self.phase = Phase::Access;
            }
            Phase::Access if out.apb_ready => self.complete(out),
            Phase::Access => {
                if self.waited >= self.limit() {
                    self.phase = Phase::Abandoned;
                    self.fail(ApbFault::Timeout { last: self.last });
                }
            }
            Phase::Abandoned => {
                if out.apb_ready {
                    self.leave_bus();
                }
            }
        }
        if self.phase == Phase::Idle && self.owner == Owner::Running {
            self.set_up();
        }
        *apb = self.bus;
    }

    /// Puts the current operation on the bus.
    fn set_up(&mut self) {
        let op = self.ops[self.step];
        let (write, wdata) = match op {
            Op::Write { value, .. } => (true, value),
            _ => (false, 0),
        };
        let strb = if write { 0xf } else { 0 }; // PSTRB is low in reads (IHI 0024, 3.2)
        let (addr, prot) = (op.offset(), PPROT_FIRMWARE);
        self.bus = ApbIn { addr, sel: true, enable: false, write, strb, prot, wdata };
        self.phase = Phase::Setup;
    }

    /// Takes the answer of a transfer.
    fn complete(&mut self, out: &Outputs) {
        self.leave_bus();
        if out.apb_slverr {
            self.fail(ApbFault::Response);
            return;
        }
        let found = out.apb_rdata;
        match self.ops[self.step] {
            Op::Write { .. } => {}
            Op::Read { .. } => self.values.push(found),
            Op::Check { mask, value, .. } => {
                self.values.push(found);
                if found & mask != value {
                    self.fail(ApbFault::Mismatch { found });
                    return;
                }
            }
            Op::Poll { mask, value, .. } => {
                self.last = Some(found);
                if found & mask != value {
                    if self.waited >= self.limit() {
                        self.values.push(found);
                        self.fail(ApbFault::Timeout { last: self.last });
                    }
                    return; // the same operation again
                }
                self.values.push(found);
            }
        }
        self.step += 1;
        self.begin_op();
        if self.step == self.ops.len() {
            self.owner = Owner::Ended(Ok(()));
        }
    }

    fn begin_op(&mut self) {
        self.waited = 0;
        self.last = None;
    }

    fn limit(&self) -> u64 {
        match self.ops[self.step] {
            Op::Poll { budget, .. } => budget.0,
            _ => self.budget.0,
        }
    }

    fn fail(&mut self, fault: ApbFault) {
        let (step, op) = (self.step, self.ops[self.step]);
        self.owner = Owner::Ended(Err(ApbError { step, op, fault }));
    }

    fn leave_bus(&mut self) {
        self.bus = ApbIn::default();
        self.phase = Phase::Idle;
    }
}

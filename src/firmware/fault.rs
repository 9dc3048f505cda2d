// SPDX-License-Identifier: Apache-2.0
//! The interrupt handler of the firewall: reads what failed, filter by filter, and clears it.
use super::apb::{ApbDriver, ApbError, End, Ticket};
use super::program::{Op, fence};
use super::registers as reg;
use crate::units::{Direction, FilterId, PhysAddr};
use ringfence_sim::{MAX_FILTERS, Outputs};

/// Interrupts in a row without a failed filter after which the handler gives up.
pub const SPURIOUS_LIMIT: u32 = 16;
/// Registers of one filter's record.
const RECORD: [u16; 4] =
    [reg::FAIL_ADDRESS_LOW, reg::FAIL_ADDRESS_HIGH, reg::FAIL_CONTROL, reg::FAIL_ID];
/// Longest sequence: all records, the flags again, clear, fence.
const LONGEST: usize = RECORD.len() * MAX_FILTERS + 3;

/// The first failure that a filter had since it was last cleared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "flags of the registers, each read alone")]
pub struct FailureRecord {
    /// Which filter.
    pub filter: FilterId,
    /// Start of the burst.
    pub addr: PhysAddr,
    /// Which way.
    pub direction: Direction,
    /// Non-secure access.
    pub non_secure: bool,
    /// Privileged access.
    pub privileged: bool,
    /// AXI ID at the filter; the identity that the access carried is not logged.
    pub axi_id: u32,
    /// There were further failures, of which nothing is known.
    pub overrun: bool,
    /// The access, or a later one, hit several regions.
    pub overlap: bool,
}

/// What one run of the handler came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handled<'a> {
    /// One record a failed filter, lowest filter first; they are cleared.
    Failures(&'a [FailureRecord]),
    /// The line was high and no filter had failed.
    Spurious,
    /// The handler has stopped for good: too many spurious interrupts in a row.
    Storm,
    /// The handler has stopped for good: the register bus failed.
    Bus(ApbError),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Waiting,
    Status(Ticket),
    Records(Ticket, u32),
    Stopped,
}

/// Runs once for each time the interrupt line is found high; a run is at most 20 transfers.
#[derive(Clone, Debug)]
pub struct FaultHandler {
    state: State,
    spurious: u32,
    records: Vec<FailureRecord>,
}

impl Default for FaultHandler {
    fn default() -> Self {
        let records = Vec::with_capacity(MAX_FILTERS);
        Self { state: State::Waiting, spurious: 0, records }
    }
}

impl FaultHandler {
    /// Whether a run is under way.
    pub fn is_busy(&self) -> bool {
        matches!(self.state, State::Status(_) | State::Records(..))
    }

    /// One cycle, before the driver's: `out` is what the last cycle showed. Waits while somebody
    /// else has the bus.
    pub fn step(&mut self, out: &Outputs, apb: &mut ApbDriver) -> Option<Handled<'_>> {
        match self.state {
            State::Stopped => None,
            State::Waiting => {
                if out.tzcint
                    && let Some(ticket) = apb.start(&[Op::Read { offset: reg::INT_STATUS }])
                {
                    self.state = State::Status(ticket);
                }
                None
            }
            State::Status(ticket) => {
                let End { values, result } = apb.take_end(ticket)?;
                if let Err(error) = result {
                    return Some(self.stop(Handled::Bus(error)));
                }
                let failed = values[0] & ((1 << MAX_FILTERS) - 1);
                if failed == 0 {
                    return Some(self.spurious());
                }
                self.spurious = 0;
                self.read_records(failed, apb);
                None
            }
            State::Records(ticket, failed) => {
                let End { values, result } = apb.take_end(ticket)?;
                self.state = State::Waiting;
                if let Err(error) = result {
                    return Some(self.stop(Handled::Bus(error)));
                }
                self.decode(failed, values);
                Some(Handled::Failures(&self.records))
            }
        }
    }

    /// The flags are read again behind the records: a failure since the first look sets overrun,
    /// and clearing would hide it. Filters not read are not cleared. The fence keeps the next
    /// look at the line behind the clear.
    fn read_records(&mut self, failed: u32, apb: &mut ApbDriver) {
        let mut ops = [fence(); LONGEST];
        let mut len = 0;
        let mut push = |op| {
            ops[len] = op;
            len += 1;
        };
        for filter in filters(failed) {
            for register in RECORD {
                push(Op::Read { offset: reg::fail(register, filter) });
            }
        }
        push(Op::Read { offset: reg::INT_STATUS });
        push(Op::Write { offset: reg::INT_CLEAR, value: failed });
        push(fence());
        // The driver is free: the end of the status read was taken in this very cycle.
        if let Some(ticket) = apb.start(&ops[..len]) {
            self.state = State::Records(ticket, failed);
        }
    }

    fn decode(&mut self, failed: u32, values: &[u32]) {
        self.records.clear();
        let (words, flags) = values.split_at(RECORD.len() * failed.count_ones() as usize);
        let (records, _) = words.as_chunks::<{ RECORD.len() }>();
        let status = flags[0];
        for (filter, [low, high, control, id]) in filters(failed).zip(records) {
            let write = control & reg::FAIL_WRITE != 0;
            self.records.push(FailureRecord {
                filter: FilterId(filter),
                addr: PhysAddr(u64::from(*high) << 32 | u64::from(*low)),
                direction: if write { Direction::Write } else { Direction::Read },
                non_secure: control & reg::FAIL_NON_SECURE != 0,
                privileged: control & reg::FAIL_PRIVILEGED != 0,
                axi_id: id & reg::FAIL_ID_MASK,
                overrun: status >> reg::INT_OVERRUN_SHIFT >> filter & 1 != 0,
                overlap: status >> reg::INT_OVERLAP_SHIFT >> filter & 1 != 0,
            });
        }
    }

    fn spurious(&mut self) -> Handled<'static> {
        self.state = State::Waiting;
        self.spurious += 1;
        if self.spurious == SPURIOUS_LIMIT { self.stop(Handled::Storm) } else { Handled::Spurious }
    }

    fn stop(&mut self, why: Handled<'static>) -> Handled<'static> {
        self.state = State::Stopped;
        why
    }
}

/// Numbers of the filters in a mask, lowest first.
fn filters(mask: u32) -> impl Iterator<Item = u8> {
    (0..MAX_FILTERS as u8).filter(move |filter| mask >> filter & 1 != 0)
}

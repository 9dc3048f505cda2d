// SPDX-License-Identifier: Apache-2.0
//! APB transfers and the interrupt line against the golden register file (tzasc.md, N7 to N11).
use super::book::Finding;
use super::checks::{self, Check};
use super::judge::Oracle;
use super::registers::{self, Expected, GATE_KEEPER, INT_STATUS};
use crate::engine::event::{Event, RegisterAccess};
use crate::units::Cycle;
use ringfence_sim::{ApbIn, Outputs};

/// Cycles in which a gate's status may lag behind what it must settle to.
const GATE_LAG: u64 = 3;

impl Oracle {
    /// One cycle of the register bus: reads show the state before this cycle's failures, a clear
    /// comes before their capture, any other write after the cycle's verdicts.
    pub(super) fn register_bus(&mut self, apb: &ApbIn, out: &Outputs) {
        let transfer = apb.sel && apb.enable;
        let write = transfer && apb.write && apb.prot & 2 == 0;
        let offset = apb.addr & 0xffc;
        if transfer {
            self.transfer(offset, apb, out);
        }
        let clears = write && self.registers.clears(offset);
        if clears {
            self.registers.write(offset, apb.wdata, apb.strb);
        }
        if self.any_failure {
            self.capture();
        }
        if write && !clears {
            let changed = self.registers.write(offset, apb.wdata, apb.strb);
            if let Some(region) = changed {
                let view = self.registers.view(region);
                self.programming.note(self.cycle, offset, apb.wdata, view);
            }
            if offset == GATE_KEEPER {
                self.gates_requested();
            }
        }
    }

    fn capture(&mut self) {
        self.any_failure = false;
        for filter in 0..self.filters {
            let [read, write] = std::mem::take(&mut self.failures[filter]);
            if let Some((ax, verdict)) = write {
                self.registers.capture(filter, &ax, true, verdict);
            }
            if let Some((ax, verdict)) = read {
                self.registers.capture(filter, &ax, false, verdict);
            }
        }
    }

    fn transfer(&mut self, offset: u16, apb: &ApbIn, out: &Outputs) {
        let value = if apb.write { apb.wdata } else { out.apb_rdata };
        let access = RegisterAccess {
            cycle: Cycle(self.cycle),
            offset: apb.addr,
            write: apb.write,
            value,
            error: out.apb_slverr,
        };
        self.book.events.push(Event::Register(access));
        let secure = apb.prot & 2 == 0;
        if !out.apb_ready {
            self.object(&checks::REGISTER, |_| {
                Finding::about("firewall")
                    .why("fact: PREADY is low in the access phase")
                    .why("rule: zero wait states")
            });
        }
        if out.apb_slverr == secure {
            self.object(&checks::REGISTER, |_| {
                let way = if secure { "secure" } else { "non-secure" };
                Finding::about("firewall")
                    .why(format!("fact: {way} access with PSLVERR {}", u8::from(out.apb_slverr)))
                    .why("rule: non-secure accesses fail, secure ones do not")
            });
        }
        if apb.write {
            return;
        }
        let expected = if secure {
            self.registers.read(offset, self.gate_status())
        } else {
            Expected { value: 0, care: u32::MAX }
        };
        if (out.apb_rdata ^ expected.value) & expected.care != 0 {
            self.object(check_of(offset), |_| {
                Finding::about("firewall")
                    .why(format!("fact: {} reads 0x{:08x}", registers::name(offset), out.apb_rdata))
                    .why(format!("rule: 0x{:08x}", expected.value))
            });
        }
    }

    fn gate_status(&self) -> Expected {
        let mut status = Expected { value: 0, care: 0 };
        for (filter, gate) in self.gates.iter().enumerate() {
            status.value |= u32::from(gate.target) << filter;
            let settled = self.cycle > gate.since + GATE_LAG || gate.since == 0;
            status.care |= u32::from(settled) << filter;
        }
        status
    }

    fn gates_requested(&mut self) {
        for filter in 0..self.filters {
            let open = self.registers.request >> filter & 1 == 1;
            let gate = &mut self.gates[filter];
            gate.closed = if open { None } else { gate.closed.or(Some(self.cycle)) };
            self.gate_moved(filter);
        }
    }

    /// Notes that a request or the number of outstanding transactions changed.
    pub(super) fn gate_moved(&mut self, filter: usize) {
        let gate = &mut self.gates[filter];
        let target = self.registers.request >> filter & 1 == 1 || gate.outstanding > 0;
        if target != gate.target {
            gate.target = target;
            gate.since = self.cycle;
        }
    }

    /// The interrupt pin changed, or came to differ from the golden one, or ceased to.
    pub(super) fn interrupt_line(&mut self, level: bool, golden: bool) {
        if level != self.interrupt {
            self.interrupt = level;
            let cycle = Cycle(self.cycle);
            self.book.events.push(Event::Interrupt { cycle, high: level });
        }
        let wrong = level != golden;
        if wrong && !self.interrupt_wrong {
            self.object(&checks::INTERRUPT, |o| {
                let status = o.registers.read(INT_STATUS, Expected { value: 0, care: 0 }).value;
                let action = o.registers.action;
                Finding::about("firewall").why(format!("fact: tzcint is {}", u8::from(level))).why(
                    format!(
                        "rule: INT_STATUS 0x{status:08x} with ACTION {action} asks for {}",
                        u8::from(golden)
                    ),
                )
            });
        }
        self.interrupt_wrong = wrong;
    }
}

fn check_of(offset: u16) -> &'static Check {
    match offset {
        INT_STATUS => &checks::INT_STATUS,
        0x020..0x060 => &checks::FAIL_REGISTERS,
        _ => &checks::REGISTER,
    }
}

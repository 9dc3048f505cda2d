// SPDX-License-Identifier: Apache-2.0
//! What the miniature's allocator and intruders tell the judge.
use super::rig::Rig;
use crate::engine::event::{Attempt, AttemptKind, BufferEvent, Event, GrantEvent, GrantPhase};
use crate::units::{ByteLen, Cycle, Direction, MasterId, PhysAddr};
use ringfence_sim::Ax;

impl Rig {
    /// A declared attempt to read.
    pub(super) fn attempt(&mut self, direction: Direction, ax: Ax) {
        self.oracle.attempt(&Attempt {
            cycle: Cycle(self.cycle),
            master: MasterId(ax.id >> 4),
            attempt: AttemptKind::Read,
            direction,
            addr: PhysAddr(ax.addr),
            bytes: ByteLen(16 * (u64::from(ax.len) + 1)),
            illegal: false,
        });
    }

    pub(super) fn buffer(&mut self, buffer: u32, pool: u8, base: u64, len: u64, allocated: bool) {
        self.oracle.intent(&Event::Buffer(BufferEvent {
            cycle: Cycle(self.cycle),
            buffer,
            name: format!("buffer[{buffer}]"),
            pool,
            base: PhysAddr(base),
            len: ByteLen(len),
            allocated,
        }));
    }

    pub(super) fn phase(
        &mut self,
        grant: u32,
        buffer: u32,
        master: u8,
        rights: &str,
        phase: GrantPhase,
    ) {
        self.oracle.intent(&Event::Grant(GrantEvent {
            cycle: Cycle(self.cycle),
            grant,
            buffer,
            master: MasterId(master),
            read: rights.contains('r'),
            write: rights.contains('w'),
            phase,
        }));
    }

    /// A grant from request to force; its number.
    pub(super) fn grant(&mut self, buffer: u32, master: u8, rights: &str) -> u32 {
        let grant = self.grants;
        self.grants += 1;
        self.phase(grant, buffer, master, rights, GrantPhase::Requested);
        self.phase(grant, buffer, master, rights, GrantPhase::Programmed);
        grant
    }
}

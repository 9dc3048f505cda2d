// SPDX-License-Identifier: Apache-2.0
//! Calls that no buffer's life depends on: mappings for the processor, memory shared with the TEE,
//! and the grants that the TEE gives its own master.
use super::calls::errno;
use super::tokens::TEE_GRANTS;
use super::{Around, Clients, Known};
use crate::scenario::{Act, Role, Scenario, View};
use crate::tee::{AttachmentId, CallId, DmaDirection, Errno, Grant, GrantId, Rights, Tee, rights};
use crate::units::AddrRange;

/// `DMA_BUF_SYNC_RW`, and with it `DMA_BUF_SYNC_END` (`include/uapi/linux/dma-buf.h`).
const SYNC: [u64; 2] = [3, 3 | 4];

impl Clients {
    /// Does such a call.
    pub(super) fn beside(
        &mut self,
        act: Act,
        around: &mut Around<'_, '_>,
    ) -> std::result::Result<(), String> {
        match act {
            Act::View { buffer, view } => self.view(buffer, view, around.tee),
            Act::Share { buffer, range } => {
                let id = around.tee.register_memory(range).map_err(errno)?;
                let (range, shm) = (Some(range), Some(id));
                self.buffers[buffer] =
                    Known { id: None, range, shm, heap: None, role: Role::Frame };
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn view(&self, buffer: usize, view: View, tee: &Tee) -> std::result::Result<(), String> {
        let none = |never: std::convert::Infallible| match never {};
        let called = match view {
            View::Mmap => tee.mmap(self.id(buffer)?).map(none),
            View::Vmap => tee.vmap(self.id(buffer)?).map(none),
            View::MmapShm => {
                let id = self.buffers[buffer].shm.ok_or_else(|| errno(Errno::Ebadf))?;
                tee.mmap_shm(id).map(none)
            }
            View::Sync => {
                let id = self.id(buffer)?;
                SYNC.iter().try_for_each(|flags| tee.sync(id, *flags))
            }
        };
        called.map_err(errno)
    }

    /// What the TEE's master may do with a buffer during a call; nothing for what is no buffer.
    pub(super) fn tee_grant(
        &self,
        scenario: &Scenario,
        buffer: usize,
        call: CallId,
        range: AddrRange,
    ) -> Option<Grant> {
        let known = self.buffers[buffer];
        let master = self.hands.tee;
        let ip = scenario.masters.iter().find(|m| m.id == master).map(|m| m.ip);
        let permitted = ip.zip(known.heap).map(|(ip, heap)| rights(heap, known.role, ip));
        let direction = DmaDirection::Bidirectional;
        Some(Grant {
            id: GrantId(TEE_GRANTS | call.0),
            attachment: AttachmentId(u32::MAX),
            buffer: known.id?,
            generation: 0,
            master,
            direction,
            rights: direction.rights() & permitted.unwrap_or(Rights::NONE),
            range,
        })
    }
}

// SPDX-License-Identifier: Apache-2.0
//! The allocator as the engine uses it: heaps, pools and dma-bufs of one scenario.
use super::dmabuf::DmaBufs;
use super::effect::{AttachmentId, Buffer, BufferId, DmaDirection, Effect, Grant, GrantId};
use super::errno::Errno;
use super::heap::{Heaps, RolePool, USE_CASES, heap_id};
use super::pool::{Allocation, Sections, StaticPool};
use super::rights::{Rights, rights};
use crate::scenario::{Ip, Role, Scenario, UseCase};
use crate::units::{ByteLen, MasterId};
use std::convert::Infallible;

/// A pool or heap of the scenario that Linux would not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("pool {name}: {errno}")]
pub struct SetupError {
    /// Index of the pool in the scenario.
    pub pool: usize,
    /// Its name.
    pub name: String,
    /// `EINVAL`: not whole pages, or not in a memory section. `EBUSY`: the heap has a pool for
    /// this role already.
    pub errno: Errno,
}

/// Heaps, pools and dma-bufs; knows no time and no bus.
///
/// What a call changed besides its return value waits in order for [`Self::take_effects`].
#[derive(Clone, Debug)]
pub struct Tee {
    ips: Vec<(MasterId, Ip)>,
    heaps: Heaps,
    bufs: DmaBufs,
    effects: Vec<Effect>,
}

impl Tee {
    /// Makes the scenario's pools and registers a heap for each use case that has one.
    ///
    /// # Errors
    /// When the kernel would refuse a pool or its heap.
    pub fn new(scenario: &Scenario) -> Result<Self, SetupError> {
        let fail = |pool: usize, errno| SetupError {
            pool,
            name: scenario.pools[pool].name.clone(),
            errno,
        };
        let sections = Sections::of(&[scenario.memory.dram]);
        let mut heaps = Heaps::new(true);
        for use_case in USE_CASES {
            let mut pools: Vec<RolePool> = Vec::new();
            for (index, p) in scenario.pools.iter().enumerate() {
                if p.use_case == use_case {
                    if pools.iter().any(|other| other.role == p.role) {
                        return Err(fail(index, Errno::Ebusy));
                    }
                    let pool = StaticPool::new(p.range, &sections).map_err(|e| fail(index, e))?;
                    pools.push(RolePool { role: p.role, index, pool });
                }
            }
            if let Some(last) = pools.last().map(|pool| pool.index) {
                heaps.register(heap_id(use_case), pools).map_err(|r| fail(last, r.errno))?;
            }
        }
        let ips = scenario.masters.iter().map(|master| (master.id, master.ip)).collect();
        Ok(Self { ips, heaps, bufs: DmaBufs::default(), effects: Vec::new() })
    }

    /// Allocates `len` bytes, rounded up to pages, from the heap's pool for `role`. The buffer has
    /// one file reference.
    ///
    /// # Errors
    /// As [`Heaps::alloc`].
    pub fn alloc(&mut self, heap: UseCase, role: Role, len: ByteLen) -> Result<BufferId, Errno> {
        let (pool, run) = self.heaps.alloc(heap, role, len)?;
        let Allocation { range, offset, generation } = run;
        let buffer =
            self.bufs.export(|id| Buffer { id, heap, role, pool, range, offset, generation });
        self.effects.push(Effect::Allocated(buffer));
        Ok(buffer.id)
    }

    /// A live buffer.
    ///
    /// # Errors
    /// `EBADF` when it was released.
    pub fn buffer(&self, id: BufferId) -> Result<&Buffer, Errno> {
        self.bufs.buffer(id)
    }

    /// Takes a file reference.
    ///
    /// # Errors
    /// `EBADF` when the buffer was released.
    pub fn get(&mut self, id: BufferId) -> Result<(), Errno> {
        self.bufs.get(id)
    }

    /// Drops a file reference; the last one releases the buffer.
    ///
    /// # Errors
    /// `EBADF` when the buffer was released already.
    pub fn put(&mut self, id: BufferId) -> Result<(), Errno> {
        if let Some(buffer) = self.bufs.put(id)? {
            let Buffer { heap, pool, range, offset, generation, .. } = buffer;
            let run = Allocation { range, offset, generation };
            self.effects.push(Effect::Released(buffer));
            self.heaps.release(heap, pool, &run, &mut self.effects);
            self.bufs.warn_attached(id, &mut self.effects);
        }
        Ok(())
    }

    /// Attaches any device: no use case is checked.
    ///
    /// # Errors
    /// `EBADF` when the buffer was released.
    pub fn attach(&mut self, id: BufferId, master: MasterId) -> Result<AttachmentId, Errno> {
        let buffer = *self.bufs.buffer(id)?;
        let ip = self.ips.iter().find(|(id, _)| *id == master).map(|(_, ip)| *ip);
        let permitted = ip.map_or(Rights::NONE, |ip| rights(buffer.heap, buffer.role, ip));
        self.bufs.attach(id, master, permitted)
    }

    /// Maps an attachment, without caching: each call opens a grant of its own.
    ///
    /// # Errors
    /// `EINVAL` when the attachment or its buffer is gone.
    pub fn map(
        &mut self,
        attachment: AttachmentId,
        direction: DmaDirection,
    ) -> Result<Grant, Errno> {
        self.bufs.map(attachment, direction, &mut self.effects)
    }

    /// Ends a mapping; what is wrong with it is an [`super::Outcome`].
    pub fn unmap(&mut self, attachment: AttachmentId, grant: GrantId) {
        self.bufs.unmap(attachment, grant, &mut self.effects);
    }

    /// Detaches a device; mappings left stay.
    pub fn detach(&mut self, attachment: AttachmentId) {
        self.bufs.detach(attachment, &mut self.effects);
    }

    /// `mmap` of the dma-buf's file.
    ///
    /// # Errors
    /// Always: `EINVAL`, or `EBADF` when the buffer was released.
    pub fn mmap(&self, id: BufferId) -> Result<Infallible, Errno> {
        self.bufs.cpu_map(id)
    }

    /// `dma_buf_vmap`.
    ///
    /// # Errors
    /// Always: `EINVAL`, or `EBADF` when the buffer was released.
    pub fn vmap(&self, id: BufferId) -> Result<Infallible, Errno> {
        self.bufs.cpu_map(id)
    }

    /// `DMA_BUF_IOCTL_SYNC`, which does nothing.
    ///
    /// # Errors
    /// `EINVAL` for flags that the kernel does not know, `EBADF` when the buffer was released.
    pub fn sync(&self, id: BufferId, flags: u64) -> Result<(), Errno> {
        self.bufs.sync(id, flags)
    }

    /// The TEE driver goes away: every heap loses its registration's reference.
    pub fn shutdown(&mut self) {
        self.heaps.put_all(&mut self.effects);
    }

    /// The heaps and their pools.
    pub const fn heaps(&self) -> &Heaps {
        &self.heaps
    }

    /// What calls changed since the last time, in order.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// Buffers not released: a leak at the end of a run.
    pub fn live_buffers(&self) -> impl Iterator<Item = &Buffer> {
        self.bufs.live_buffers()
    }

    /// Attachments not detached: a leak at the end of a run.
    pub fn live_attachments(&self) -> impl Iterator<Item = (AttachmentId, BufferId, MasterId)> {
        self.bufs.live_attachments()
    }

    /// Mappings not unmapped: a leak at the end of a run.
    pub fn live_grants(&self) -> impl Iterator<Item = &Grant> {
        self.bufs.live_grants()
    }
}

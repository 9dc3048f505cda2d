// SPDX-License-Identifier: Apache-2.0
//! The allocator as the engine uses it: heaps, pools and dma-bufs of one machine.
use super::calls::Calls;
use super::config::{Backing, Config, Device, PoolPlan};
use super::dmabuf::DmaBufs;
use super::effect::{AttachmentId, Buffer, BufferId, DmaDirection, Effect, Grant};
use super::errno::Errno;
use super::faults::FaultPoint;
use super::heap::{Heaps, RolePool, Teardown, USE_CASES, heap_id};
use super::optee::{Abi, Param};
use super::outcome::Failure;
use super::pool::{Allocation, DynamicPool, Pool, Purpose, StaticPool};
use super::result::TeeResult;
use super::rights::{Rights, Roles, rights};
use super::shm::Shms;
use super::world::World;
use crate::scenario::{Role, Scenario, UseCase};
use crate::units::{AddrRange, ByteLen, MasterId};
use std::convert::Infallible;

/// A pool or heap of the scenario that Linux would not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("pool {name}: {errno}")]
pub struct SetupError {
    /// Index of the pool in the scenario.
    pub pool: usize,
    /// Its name.
    pub name: String,
    /// `EINVAL`: not whole pages, not in a memory section, or unknown to the TEE. `EBUSY`: the
    /// heap has a pool for this role already.
    pub errno: Errno,
}

/// Heaps, pools and dma-bufs; knows no time and no bus.
///
/// What a call changed besides its return value waits in order for [`Self::take_effects`].
#[derive(Clone, Debug)]
pub struct Tee {
    pub(super) devices: Vec<Device>,
    pub(super) heaps: Heaps,
    pub(super) bufs: DmaBufs,
    pub(super) shms: Shms,
    pub(super) calls: Calls,
    ordinary: Vec<(MasterId, AddrRange, DmaDirection)>,
    /// Memory, secure world, policy, faults and effects.
    pub(super) world: World,
}

impl Tee {
    /// Makes the scenario's pools and registers a heap for each use case that has one.
    ///
    /// # Errors
    /// When the kernel would refuse a pool or its heap.
    pub fn new(scenario: &Scenario) -> Result<Self, SetupError> {
        Self::build(Config::of(scenario))
    }

    /// Makes a machine's pools and registers a heap for each use case that has one.
    ///
    /// # Errors
    /// When the kernel would refuse a pool or its heap.
    pub fn build(config: Config) -> Result<Self, SetupError> {
        let (tee, refused) = Self::probe(config);
        refused.into_iter().next().map_or(Ok(tee), Err)
    }

    /// As [`Self::build`]; a pool that the kernel refuses, or a heap, is not there and is told.
    pub fn probe(config: Config) -> (Self, Vec<SetupError>) {
        let Config { policy, memory, optee, devices, pools: plans, built_in } = config;
        let fail = |pool: usize, errno| SetupError { pool, name: plans[pool].name.clone(), errno };
        let mut world = World::new(policy, memory, optee);
        world.built_in = built_in;
        let (mut heaps, mut refused) = (Heaps::new(), Vec::new());
        for use_case in USE_CASES {
            let mut pools: Vec<RolePool> = Vec::new();
            for (index, plan) in plans.iter().enumerate().filter(|(_, p)| p.heap == use_case) {
                let twice = |other: &RolePool| other.roles.iter().any(|r| plan.roles.contains(r));
                if pools.iter().any(twice) {
                    refused.push(fail(index, Errno::Ebusy));
                    continue;
                }
                match make(index, plan, &mut world) {
                    Ok(pool) => pools.push(RolePool { roles: plan.roles.clone(), index, pool }),
                    Err(errno) => refused.push(fail(index, errno)),
                }
            }
            if let Some(last) = pools.last().map(|pool| pool.index) {
                let registered = heaps.register(heap_id(use_case), pools, &mut world);
                refused.extend(registered.err().map(|r| fail(last, r.errno)));
            }
        }
        let (bufs, shms, calls) = (DmaBufs::default(), Shms::default(), Calls::default());
        (Self { devices, heaps, bufs, shms, calls, ordinary: Vec::new(), world }, refused)
    }

    /// Makes the next `times` passes of `point` fail.
    pub fn plant(&mut self, point: FaultPoint, times: u32) {
        self.world.context.faults.plant(point, times);
    }

    /// `LEND_PROTMEM` by a message of somebody in the normal world, past heaps and pools.
    ///
    /// # Errors
    /// What the TEE says.
    pub fn lend_message(
        &mut self,
        heap: UseCase,
        range: AddrRange,
        cookie: u64,
    ) -> Result<(), TeeResult> {
        let World { optee, context, .. } = &mut self.world;
        let use_case = Param::Value { a: u64::from(heap_id(heap)), b: 0 };
        optee.lend(&[use_case, Param::Tmem { range, cookie }], context)
    }

    /// `RECLAIM_PROTMEM` by such a message.
    ///
    /// # Errors
    /// What the TEE says.
    pub fn reclaim_message(&mut self, cookie: u64) -> Result<(), TeeResult> {
        let World { optee, context, .. } = &mut self.world;
        optee.reclaim(&[Param::Rmem { cookie }], context).map(|_| ())
    }

    /// Allocates `len` bytes, rounded up to pages, from the heap's pool for `role`. The buffer has
    /// one file reference.
    ///
    /// # Errors
    /// As [`Heaps::alloc`].
    pub fn alloc(&mut self, heap: UseCase, role: Role, len: ByteLen) -> Result<BufferId, Failure> {
        let (pool, run) = self.heaps.alloc(heap, role, len, &mut self.world)?;
        Ok(self.export(heap, role, pool, run))
    }

    /// Makes a dma-buf of a pool's run.
    pub(super) fn export(
        &mut self,
        heap: UseCase,
        role: Role,
        pool: usize,
        run: Allocation,
    ) -> BufferId {
        let Allocation { range, offset, generation } = run;
        let buffer =
            self.bufs.export(|id| Buffer { id, heap, role, pool, range, offset, generation });
        self.world.context.effects.push(Effect::Allocated(buffer));
        buffer.id
    }

    /// Bytes that no buffer holds in the pools of a heap that serve a role; what is not lent yet
    /// counts as none.
    pub fn free(&self, heap: UseCase, role: Role) -> ByteLen {
        let serving = self.heaps.pools(heap).iter().filter(|pool| pool.roles.contains(&role));
        ByteLen(serving.map(|pool| pool.pool.free().0).sum())
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
        if let Some(teardown) = self.put_begin(id)? {
            self.put_finish(id, teardown);
        }
        Ok(())
    }

    /// First half of [`Self::put`], up to the window in which others may run: `Some` when this
    /// was the last reference. [`Self::put_finish`] is the rest.
    ///
    /// # Errors
    /// `EBADF` when the buffer was released already.
    pub fn put_begin(&mut self, id: BufferId) -> Result<Option<Teardown>, Errno> {
        let Some(buffer) = self.bufs.put(id)? else {
            return Ok(None);
        };
        let Buffer { heap, pool, range, offset, generation, .. } = buffer;
        let run = Allocation { range, offset, generation };
        self.world.context.effects.push(Effect::Released(buffer));
        self.calls.warn_freed(&buffer, &mut self.world.context);
        Ok(Some(self.heaps.release(heap, pool, &run, &mut self.world)))
    }

    /// Second half of [`Self::put`].
    pub fn put_finish(&mut self, id: BufferId, teardown: Teardown) {
        self.heaps.finish(teardown, &mut self.world);
        self.bufs.warn_attached(id, &mut self.world.context.effects);
    }

    /// Attaches a device: any, unless the policy looks at the use case.
    ///
    /// # Errors
    /// `EBADF` when the buffer was released; `EACCES` when the policy refuses; `ENOMEM`.
    pub fn attach(&mut self, id: BufferId, master: MasterId) -> Result<AttachmentId, Errno> {
        let buffer = *self.bufs.buffer(id)?;
        let ip = self.device(master).map(|device| device.ip);
        let permitted = ip.map_or(Rights::NONE, |ip| rights(buffer.heap, buffer.role, ip));
        if self.world.context.policy.attach_by_use_case && permitted.is_none() {
            return Err(Errno::Eacces);
        }
        self.world.context.fail(FaultPoint::AttachmentTable, Errno::Enomem)?;
        self.bufs.attach(id, master, permitted)
    }

    /// Maps ordinary memory for a device, as drivers do beside protected buffers.
    ///
    /// # Errors
    /// `EACCES` when the policy keeps a device that reads protected memory from writing it.
    pub fn map_ordinary(
        &mut self,
        master: MasterId,
        range: AddrRange,
        direction: DmaDirection,
    ) -> Result<(), Errno> {
        let mut grants = self.bufs.live_grants();
        let reads = grants.any(|g| g.master == master && g.direction.rights().read);
        let writes = direction.rights().write;
        if reads && writes && self.world.context.policy.destination_rule {
            return Err(Errno::Eacces);
        }
        self.ordinary.push((master, range, direction));
        Ok(())
    }

    /// Ends mappings of ordinary memory.
    pub fn unmap_ordinary(&mut self, master: MasterId, range: AddrRange) {
        self.ordinary.retain(|(who, at, _)| (*who, *at) != (master, range));
    }

    pub(super) fn writes_ordinary(&self, master: MasterId) -> bool {
        self.ordinary.iter().any(|(who, _, direction)| *who == master && direction.rights().write)
    }

    pub(super) fn device(&self, master: MasterId) -> Option<&Device> {
        self.devices.iter().find(|device| device.id == master)
    }

    /// Detaches a device; mappings left stay.
    pub fn detach(&mut self, attachment: AttachmentId) {
        self.bufs.detach(attachment, &mut self.world.context.effects);
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
        self.heaps.put_all(&mut self.world);
    }

    /// The heaps and their pools.
    pub const fn heaps(&self) -> &Heaps {
        &self.heaps
    }

    /// Memory, secure world and policy.
    pub const fn world(&self) -> &World {
        &self.world
    }

    /// What calls changed since the last time, in order.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.world.context.effects)
    }

    /// `lseek` on the dma-buf's file.
    ///
    /// # Errors
    /// `EINVAL` for anything but start and end, `EBADF` when the buffer was released.
    pub fn lseek(&self, id: BufferId, from_end: bool, offset: i64) -> Result<ByteLen, Errno> {
        self.bufs.lseek(id, from_end, offset)
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

fn make(index: usize, plan: &PoolPlan, world: &mut World) -> Result<Pool, Errno> {
    let purpose = Purpose { index, heap: plan.heap, roles: Roles::of(&plan.roles) };
    match plan.backing {
        Backing::Static { .. } if world.optee.abi == Abi::FfA => Err(Errno::Einval),
        Backing::Static { base, len } => {
            StaticPool::probe(purpose, base, len, plan.placement, world).map(Pool::Static)
        }
        Backing::Dynamic => DynamicPool::probe(purpose, plan.placement, world).map(Pool::Dynamic),
    }
}

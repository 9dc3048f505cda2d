// SPDX-License-Identifier: Apache-2.0
//! Protected heaps (`drivers/tee/tee_heap.c`): registration, life, and allocation from pools.
use super::errno::Errno;
use super::faults::FaultPoint;
use super::outcome::{Counted, Failure, OopsAt, Outcome};
use super::pool::{Allocation, Pool, ShmPlace};
use super::refcount::Refcount;
use super::world::World;
use crate::scenario::{Role, UseCase};
use crate::units::{ByteLen, PAGE};

/// All use cases, by heap id.
pub const USE_CASES: [UseCase; 3] =
    [UseCase::SecureVideo, UseCase::TrustedUi, UseCase::SecureVideoRecord];

/// `enum tee_dma_heap_id`, which is also the use case given to OP-TEE.
pub const fn heap_id(heap: UseCase) -> u32 {
    match heap {
        UseCase::SecureVideo => 1,
        UseCase::TrustedUi => 2,
        UseCase::SecureVideoRecord => 3,
    }
}

/// Name of the node in `/dev/dma_heap/`.
pub const fn heap_name(heap: UseCase) -> &'static str {
    match heap {
        UseCase::SecureVideo => "protected,secure-video",
        UseCase::TrustedUi => "protected,trusted-ui",
        UseCase::SecureVideoRecord => "protected,secure-video-record",
    }
}

/// A pool and what its buffers are for. Linux knows one pool a heap; the split layout has one
/// a role, as vendors have with two heaps for one use case.
#[derive(Clone, Debug)]
pub struct RolePool {
    /// Roles of its buffers.
    pub roles: Vec<Role>,
    /// Index of the pool in the scenario.
    pub index: usize,
    /// The pool.
    pub pool: Pool,
}

/// A registration that failed; the pools are the caller's again, to be destroyed.
#[derive(Debug, thiserror::Error)]
#[error("heap not registered: {errno}")]
pub struct Refused {
    /// Why.
    pub errno: Errno,
    /// What was to be registered.
    pub pools: Vec<RolePool>,
}

/// The TEE device: counted by its users, closed to new ones once unregistered.
#[derive(Clone, Copy, Debug)]
struct TeeDevice {
    registered: bool,
    users: u32,
}

/// A heap with a provider.
#[derive(Clone, Debug)]
struct Provider {
    kref: Refcount, // the registration's and one a buffer
    shutting_down: bool,
    pools: Vec<RolePool>,
}

/// A heap's slot: its node, once made, stays.
#[derive(Clone, Debug, Default)]
struct Slot {
    node: bool,
    provider: Option<Provider>,
}

/// A dynamic pool whose last buffer went and that is not torn down yet: the window between
/// `refcount_dec_and_test` and the mutex, in which others may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Teardown {
    heap: UseCase,
    pool: Option<usize>,
}

/// The three protected heaps of a TEE device.
#[derive(Clone, Debug)]
pub struct Heaps {
    device: TeeDevice,
    slots: [Slot; 3],
}

impl Default for Heaps {
    fn default() -> Self {
        Self::new()
    }
}

impl Heaps {
    /// A live device without heaps.
    pub fn new() -> Self {
        let device = TeeDevice { registered: true, users: 0 };
        Self { device, slots: Default::default() }
    }

    /// Binds pools to the heap `id` (`tee_device_register_dma_heap`) and takes a device
    /// reference.
    ///
    /// # Errors
    /// `EINVAL` for an unknown id, an unregistered device or a kernel without protected heaps;
    /// `EBUSY` while the id has a provider, shutting down or not; `EEXIST` or `ENOMEM` when the
    /// slot cannot be reserved, empty or not.
    pub fn register(
        &mut self,
        id: u32,
        pools: Vec<RolePool>,
        world: &mut World,
    ) -> Result<(), Refused> {
        match self.check(id, world) {
            Ok(slot) => {
                self.device.users += 1;
                self.slots[slot].node = true;
                let kref = Refcount::new(1);
                self.slots[slot].provider = Some(Provider { kref, shutting_down: false, pools });
                Ok(())
            }
            Err(errno) => Err(Refused { errno, pools }),
        }
    }

    fn check(&self, id: u32, world: &mut World) -> Result<usize, Errno> {
        if !world.built_in || !self.device.registered {
            return Err(Errno::Einval);
        }
        let slot = USE_CASES.iter().position(|&u| heap_id(u) == id).ok_or(Errno::Einval)?;
        let in_vain = if self.slots[slot].node { Errno::Enomem } else { Errno::Eexist };
        world.context.fail(FaultPoint::HeapSlot, in_vain)?;
        if self.slots[slot].provider.is_some() { Err(Errno::Ebusy) } else { Ok(slot) }
    }

    /// Drops every registration's reference, once (`tee_device_put_all_dma_heaps`). Buffers stay
    /// valid, and a heap that still has some goes on serving. Where heaps are not counted, their
    /// pools go at once.
    pub fn put_all(&mut self, world: &mut World) {
        for heap in USE_CASES {
            if let Some(provider) = &mut self.slot_mut(heap).provider
                && !provider.shutting_down
            {
                provider.shutting_down = true;
                if world.context.policy.counted_heap {
                    self.put(heap, world);
                } else {
                    self.destroy(heap, world);
                }
            }
        }
    }

    /// Takes no new registration from here on (`tee_device_unregister`); users stay counted.
    pub fn unregister_device(&mut self) {
        self.device.registered = false;
    }

    /// References that heaps hold to the TEE device.
    pub const fn device_users(&self) -> u32 {
        self.device.users
    }

    /// Whether `/dev/dma_heap/<name>` is there, with or without a provider.
    pub fn has_node(&self, heap: UseCase) -> bool {
        self.slots[heap as usize].node
    }

    /// The pools that serve a heap; none without a provider.
    pub fn pools(&self, heap: UseCase) -> &[RolePool] {
        self.slots[heap as usize].provider.as_ref().map_or(&[], |provider| &provider.pools)
    }

    /// The pool with the scenario's index, for what happens to it beside a heap's calls.
    pub fn pool_mut(&mut self, heap: UseCase, index: usize) -> Option<&mut Pool> {
        let provider = self.slot_mut(heap).provider.as_mut()?;
        provider.pools.iter_mut().find(|pool| pool.index == index).map(|pool| &mut pool.pool)
    }

    /// `DMA_HEAP_IOCTL_ALLOC`: `len` is rounded up to pages. Gives the pool's index and the run,
    /// and takes a reference to the heap, which [`Self::release`] drops.
    ///
    /// # Errors
    /// `ENODEV` when no node was ever made for the heap or for the role in it; `EINVAL` when
    /// `len` is 0 or wraps to 0, or the provider is gone; what the pool says.
    pub fn alloc(
        &mut self,
        heap: UseCase,
        role: Role,
        len: ByteLen,
        world: &mut World,
    ) -> Result<(usize, Allocation), Failure> {
        let slot = self.slot_mut(heap);
        if !slot.node {
            return Err(Errno::Enodev.into());
        }
        let rounded = len.0.checked_next_multiple_of(PAGE).unwrap_or(0); // the kernel's sum wraps
        let provider = slot.provider.as_mut().filter(|_| rounded != 0).ok_or(Errno::Einval)?;
        let found = provider.pools.iter_mut().find(|pool| pool.roles.contains(&role));
        let found = found.ok_or(Errno::Enodev)?;
        // The kernel counts first and takes that back on an error.
        let run = found.pool.alloc(ByteLen(rounded), world)?;
        let counted = provider.kref.inc().map(|()| true);
        let index = found.index;
        world.context.counted(Counted::Heap(heap), counted, true);
        Ok((index, run))
    }

    /// First half of a release: the run's pages are free again.
    pub fn release(
        &mut self,
        heap: UseCase,
        pool: usize,
        run: &Allocation,
        world: &mut World,
    ) -> Teardown {
        if let Some(owner) = self.pool_mut(heap, pool) {
            let last = owner.give(run, world);
            return Teardown { heap, pool: last.then_some(pool) };
        }
        world.context.outcome(Outcome::Oops { at: OopsAt::Pool(pool) });
        Teardown { heap, pool: None }
    }

    /// Second half of a release: the pool is torn down after its last buffer, and the buffer's
    /// reference to the heap dropped.
    pub fn finish(&mut self, teardown: Teardown, world: &mut World) {
        let Teardown { heap, pool } = teardown;
        if let Some(pool) = pool.and_then(|index| self.pool_mut(heap, index)) {
            pool.teardown(world);
        }
        if world.context.policy.counted_heap {
            self.put(heap, world);
        }
    }

    /// How a buffer is named to the TEE.
    pub fn update_shm(&self, heap: UseCase, pool: usize, run: &Allocation) -> Option<ShmPlace> {
        self.pools(heap).iter().find(|p| p.index == pool)?.pool.update_shm(run)
    }

    /// The secure world let go of memory: wakes the pool that waits for it.
    pub fn wake(&mut self, memory: u64, world: &mut World) {
        let providers = self.slots.iter_mut().filter_map(|slot| slot.provider.as_mut());
        for pool in providers.flat_map(|provider| provider.pools.iter_mut()) {
            if pool.pool.wake(memory, world) {
                return;
            }
        }
    }

    fn put(&mut self, heap: UseCase, world: &mut World) {
        let Some(provider) = &mut self.slot_mut(heap).provider else {
            return;
        };
        let last = provider.kref.dec_and_test();
        if world.context.counted(Counted::Heap(heap), last, false) {
            self.destroy(heap, world);
        }
    }

    fn destroy(&mut self, heap: UseCase, world: &mut World) {
        if let Some(provider) = self.slot_mut(heap).provider.take() {
            provider.pools.into_iter().for_each(|pool| pool.pool.destroy(world));
            world.context.outcome(Outcome::HeapDestroyed { heap });
            self.device.users -= 1;
        }
    }

    fn slot_mut(&mut self, heap: UseCase) -> &mut Slot {
        &mut self.slots[heap as usize]
    }
}

// SPDX-License-Identifier: Apache-2.0
//! Protected heaps (`drivers/tee/tee_heap.c`): registration, life, and allocation from pools.
use super::effect::{Effect, Outcome};
use super::errno::Errno;
use super::pool::{Allocation, StaticPool};
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
    /// Role of its buffers.
    pub role: Role,
    /// Index of the pool in the scenario.
    pub index: usize,
    /// The pool.
    pub pool: StaticPool,
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
    kref: u32, // one of the registration, one a buffer
    shutting_down: bool,
    pools: Vec<RolePool>,
}

/// A heap id: its device node is never removed once it is there.
#[derive(Clone, Debug, Default)]
struct Slot {
    node: bool,
    provider: Option<Provider>,
}

/// All protected heaps of one TEE device.
#[derive(Clone, Debug)]
pub struct Heaps {
    built_in: bool, // CONFIG_TEE_DMABUF_HEAPS
    device: TeeDevice,
    slots: [Slot; 3],
}

impl Heaps {
    /// No heap yet. `built_in`: the kernel has `CONFIG_TEE_DMABUF_HEAPS`.
    pub fn new(built_in: bool) -> Self {
        let device = TeeDevice { registered: true, users: 0 };
        Self { built_in, device, slots: Default::default() }
    }

    /// Binds pools, one a role, to the heap `id` (`tee_device_register_dma_heap`) and takes a
    /// device reference.
    ///
    /// # Errors
    /// `EINVAL` for an unknown id, an unregistered device or a kernel without protected heaps;
    /// `EBUSY` while the id has a provider, shutting down or not.
    pub fn register(&mut self, id: u32, pools: Vec<RolePool>) -> Result<(), Refused> {
        match self.check(id) {
            Ok(slot) => {
                self.device.users += 1;
                self.slots[slot].node = true;
                self.slots[slot].provider = Some(Provider { kref: 1, shutting_down: false, pools });
                Ok(())
            }
            Err(errno) => Err(Refused { errno, pools }),
        }
    }

    fn check(&self, id: u32) -> Result<usize, Errno> {
        if !self.built_in || !self.device.registered {
            return Err(Errno::Einval);
        }
        let slot = USE_CASES.iter().position(|&u| heap_id(u) == id).ok_or(Errno::Einval)?;
        if self.slots[slot].provider.is_some() { Err(Errno::Ebusy) } else { Ok(slot) }
    }

    /// Drops every registration's reference, once (`tee_device_put_all_dma_heaps`). Buffers stay
    /// valid, and a heap that still has some goes on serving.
    pub fn put_all(&mut self, effects: &mut Vec<Effect>) {
        for heap in USE_CASES {
            if let Some(provider) = &mut self.slot_mut(heap).provider
                && !provider.shutting_down
            {
                provider.shutting_down = true;
                self.put(heap, effects);
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

    /// `DMA_HEAP_IOCTL_ALLOC`: `len` is rounded up to pages. Gives the pool's index and the run,
    /// and takes a reference to the heap, which [`Self::release`] drops.
    ///
    /// # Errors
    /// `ENODEV` when no node was ever made for the heap or for the role in it; `EINVAL` when
    /// `len` is 0 or wraps to 0, or the provider is gone; `ENOMEM` from the pool.
    pub fn alloc(
        &mut self,
        heap: UseCase,
        role: Role,
        len: ByteLen,
    ) -> Result<(usize, Allocation), Errno> {
        let slot = self.slot_mut(heap);
        if !slot.node {
            return Err(Errno::Enodev);
        }
        let rounded = len.0.checked_next_multiple_of(PAGE).unwrap_or(0); // the kernel's sum wraps
        let provider = slot.provider.as_mut().filter(|_| rounded != 0).ok_or(Errno::Einval)?;
        let found = provider.pools.iter_mut().find(|pool| pool.role == role);
        let found = found.ok_or(Errno::Enodev)?;
        let run = found.pool.alloc(ByteLen(rounded))?;
        provider.kref += 1;
        Ok((found.index, run))
    }

    /// Gives a run back to the pool with the scenario's index `pool` and drops its reference.
    pub fn release(
        &mut self,
        heap: UseCase,
        pool: usize,
        run: &Allocation,
        effects: &mut Vec<Effect>,
    ) {
        let provider = self.slot_mut(heap).provider.as_mut();
        let pools = provider.map(|provider| provider.pools.iter_mut());
        if let Some(owner) = pools.and_then(|mut pools| pools.find(|p| p.index == pool)) {
            owner.pool.free_run(run);
            self.put(heap, effects);
        }
    }

    fn put(&mut self, heap: UseCase, effects: &mut Vec<Effect>) {
        let slot = self.slot_mut(heap);
        let Some(provider) = &mut slot.provider else {
            return;
        };
        provider.kref -= 1;
        if provider.kref > 0 {
            return;
        }
        let lost = provider.pools.iter().filter(|pool| !pool.pool.is_whole());
        let lost = lost.map(|pool| Outcome::PagesLostAtDestroy { pool: pool.index });
        effects.extend(lost.map(Effect::Outcome));
        effects.push(Effect::Outcome(Outcome::HeapDestroyed { heap }));
        slot.provider = None;
        self.device.users -= 1;
    }

    fn slot_mut(&mut self, heap: UseCase) -> &mut Slot {
        &mut self.slots[heap as usize]
    }
}

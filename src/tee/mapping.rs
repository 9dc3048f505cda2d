// SPDX-License-Identifier: Apache-2.0
//! What `map_dma_buf` and `unmap_dma_buf` come to: the address a device is given, and what the
//! processor does beside it.
use super::effect::{AttachmentId, Bounce, Buffer, DmaDirection, Effect, Grant, GrantId, MemoryOp};
use super::errno::Errno;
use super::facade::Tee;
use super::faults::FaultPoint;
use super::policy::{Mapping, Policy};
use super::rights::PoolRights;
use super::swiotlb::{Mapped, NoMapping};
use super::world::Lendable;
use crate::units::{AddrRange, MasterId};

impl Tee {
    /// Maps an attachment, without caching: each call opens a grant of its own. What the device
    /// cannot address is copied into a bounce buffer first, whatever the direction.
    ///
    /// # Errors
    /// `EINVAL` when the attachment or its buffer is gone, or when mappings give no address; `EIO`
    /// when the DMA API fails or has no bounce buffer; `EACCES` when the policy refuses.
    pub fn map(
        &mut self,
        attachment: AttachmentId,
        direction: DmaDirection,
    ) -> Result<Grant, Errno> {
        let effects = &mut self.world.context.effects;
        let (buffer, master) = self.bufs.mappable(attachment, effects)?;
        if self.world.context.policy.mapping == Mapping::Token {
            return Err(Errno::Einval);
        }
        let reads = direction.rights().read;
        if reads && self.world.context.policy.destination_rule && self.writes_ordinary(master) {
            return Err(Errno::Eacces);
        }
        self.world.context.fail(FaultPoint::DmaMap, Errno::Eio)?;
        let slots = self.bounce(&buffer, master, direction)?;
        if self.syncs(master) {
            self.maintain(MemoryOp::CacheClean, slots.unwrap_or(buffer.range), &buffer);
        }
        self.bufs.map(attachment, direction, slots, &mut self.world.context.effects)
    }

    /// The bounce slots that a device is given instead of the buffer, if it needs them; the copy
    /// into them is made whatever the direction.
    fn bounce(
        &mut self,
        buffer: &Buffer,
        master: MasterId,
        direction: DmaDirection,
    ) -> Result<Option<AddrRange>, Errno> {
        let range = buffer.range;
        let Some(device) = self.device(master).filter(|device| !device.iommu).copied() else {
            return Ok(None);
        };
        let Policy { mapping, bounce_refused, .. } = self.world.context.policy;
        if mapping == Mapping::Resource || bounce_refused {
            let own = self.world.memory.must_bounce(master) || !device.reachable().reaches(range);
            return if own { Err(Errno::Eio) } else { Ok(None) };
        }
        let mapped = self.world.memory.bounce(master, range, direction, device.reachable());
        let mut copied = |copy| {
            let bounce = Effect::Bounce(Bounce { copy, heap: buffer.heap, back: false });
            self.world.context.effects.push(bounce);
        };
        match mapped {
            Ok(Mapped::Direct(_)) => Ok(None),
            Ok(Mapped::Bounced { bus, copy }) => {
                copied(copy);
                Ok(Some(AddrRange { base: bus, len: range.len }))
            }
            Err(refused) => {
                if let NoMapping::OutOfReach(copy) = refused {
                    copied(copy);
                }
                Err(refused.errno())
            }
        }
    }

    /// Whether the DMA API keeps caches in step for a device.
    fn syncs(&self, master: MasterId) -> bool {
        let coherent = self.device(master).is_some_and(|device| device.coherent);
        self.world.context.policy.mapping == Mapping::PageSynced && !coherent
    }

    fn maintain(&mut self, op: MemoryOp, range: AddrRange, buffer: &Buffer) {
        let rights = PoolRights::of(buffer.heap, &[buffer.role]);
        self.world.context.memory(op, Lendable { range, heap: buffer.heap, rights });
    }

    /// Ends a mapping; what is wrong with it is an [`super::Outcome`].
    pub fn unmap(&mut self, attachment: AttachmentId, grant: GrantId) {
        let buffer = self.bufs.live_grants().find(|live| live.id == grant).map(|live| live.buffer);
        let buffer = buffer.and_then(|id| self.bufs.buffer(id).ok().copied());
        let ended = self.bufs.unmap(attachment, grant, &mut self.world.context.effects);
        let Some(grant) = ended else { return };
        let syncs = self.syncs(grant.master);
        if let Some(buffer) = buffer.filter(|_| syncs && grant.direction.rights().write) {
            self.maintain(MemoryOp::CacheInvalidate, grant.range, &buffer);
        }
        let skips = self.world.context.policy.mapping != Mapping::PageSynced;
        let back = self.world.memory.unbounce(grant.master, grant.range.base, skips);
        if let Some((copy, buffer)) = back.zip(buffer) {
            let bounce = Bounce { copy, heap: buffer.heap, back: true };
            self.world.context.effects.push(Effect::Bounce(bounce));
        }
    }
}

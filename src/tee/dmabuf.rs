// SPDX-License-Identifier: Apache-2.0
//! dma-bufs of the protected heaps: file references, attachments and mappings.
//!
//! As in Linux, any device may attach and map, mappings are not cached, an attachment holds no
//! file reference, and release waits for nobody.
use super::effect::{AttachmentId, Buffer, BufferId, DmaDirection, Effect, Grant, GrantId};
use super::errno::Errno;
use super::outcome::Outcome;
use super::rights::Rights;
use crate::units::{AddrRange, ByteLen, MasterId};
use std::collections::BTreeMap;
use std::convert::Infallible;

/// Flags that `DMA_BUF_IOCTL_SYNC` knows: read, write, end.
const SYNC_RW: u64 = 3;
const SYNC_END: u64 = 4;

#[derive(Clone, Debug)]
struct DmaBuf {
    buffer: Buffer,
    files: u32,
}

#[derive(Clone, Debug)]
struct Attachment {
    buffer: BufferId,
    generation: u32,
    master: MasterId,
    permitted: Rights,
    table: AddrRange, // a private copy: outlives the buffer
}

/// All dma-bufs of a run with their attachments and mappings.
#[derive(Clone, Debug, Default)]
pub struct DmaBufs {
    bufs: BTreeMap<BufferId, DmaBuf>,
    attachments: BTreeMap<AttachmentId, Attachment>,
    grants: BTreeMap<GrantId, Grant>,
    next: [u32; 3], // buffer, attachment, grant
}

impl DmaBufs {
    /// Wraps an allocation into a dma-buf with one file reference; `make` gets its number.
    pub fn export(&mut self, make: impl FnOnce(BufferId) -> Buffer) -> Buffer {
        let id = BufferId(self.number(0));
        let buffer = make(id);
        self.bufs.insert(id, DmaBuf { buffer, files: 1 });
        buffer
    }

    /// A live buffer.
    ///
    /// # Errors
    /// `EBADF` when it was released or never was.
    pub fn buffer(&self, id: BufferId) -> Result<&Buffer, Errno> {
        self.bufs.get(&id).map(|buf| &buf.buffer).ok_or(Errno::Ebadf)
    }

    /// Takes a file reference: dup, an importer, or a registration with the TEE.
    ///
    /// # Errors
    /// `EBADF` when the buffer was released.
    pub fn get(&mut self, id: BufferId) -> Result<(), Errno> {
        self.bufs.get_mut(&id).ok_or(Errno::Ebadf)?.files += 1;
        Ok(())
    }

    /// Drops a file reference. With the last one the buffer is released, whoever is attached,
    /// and returned for its pages to be freed.
    ///
    /// # Errors
    /// `EBADF` when the buffer was released already.
    pub fn put(&mut self, id: BufferId) -> Result<Option<Buffer>, Errno> {
        let buf = self.bufs.get_mut(&id).ok_or(Errno::Ebadf)?;
        buf.files -= 1;
        if buf.files > 0 {
            return Ok(None);
        }
        Ok(self.bufs.remove(&id).map(|buf| buf.buffer))
    }

    /// The WARN that follows a release with attachments left.
    pub fn warn_attached(&self, id: BufferId, effects: &mut Vec<Effect>) {
        let left = self.attachments.values().filter(|a| a.buffer == id).count();
        if left > 0 {
            let outcome = Outcome::AttachmentsAtRelease { buffer: id, left };
            effects.push(Effect::Outcome(outcome));
        }
    }

    /// Attaches a device, whichever it is; `permitted` is what the rights table gives it.
    ///
    /// # Errors
    /// `EBADF` when the buffer was released.
    pub fn attach(
        &mut self,
        id: BufferId,
        master: MasterId,
        permitted: Rights,
    ) -> Result<AttachmentId, Errno> {
        let Buffer { range: table, generation, .. } = *self.buffer(id)?;
        let attachment = AttachmentId(self.number(1));
        let record = Attachment { buffer: id, generation, master, permitted, table };
        self.attachments.insert(attachment, record);
        Ok(attachment)
    }

    /// The buffer of an attachment that can be mapped, and the device.
    ///
    /// # Errors
    /// `EINVAL` when the attachment or its buffer is gone; an outcome says which.
    pub fn mappable(
        &self,
        attachment: AttachmentId,
        effects: &mut Vec<Effect>,
    ) -> Result<(Buffer, MasterId), Errno> {
        let Some(a) = self.attachments.get(&attachment) else {
            effects.push(Effect::Outcome(Outcome::UnknownAttachment { attachment }));
            return Err(Errno::Einval);
        };
        let Some(buf) = self.bufs.get(&a.buffer) else {
            effects.push(Effect::Outcome(Outcome::UseAfterFree { attachment }));
            return Err(Errno::Einval);
        };
        Ok((buf.buffer, a.master))
    }

    /// Maps an attachment; several mappings of one are fine, and each is a grant of its own. The
    /// device is given the table's addresses, or those of bounce slots.
    ///
    /// # Errors
    /// As [`Self::mappable`].
    pub fn map(
        &mut self,
        attachment: AttachmentId,
        direction: DmaDirection,
        slots: Option<AddrRange>,
        effects: &mut Vec<Effect>,
    ) -> Result<Grant, Errno> {
        self.mappable(attachment, effects)?;
        let a = self.attachments.get(&attachment).ok_or(Errno::Einval)?.clone();
        let grant = Grant {
            id: GrantId(self.number(2)),
            attachment,
            buffer: a.buffer,
            generation: a.generation,
            master: a.master,
            direction,
            rights: direction.rights() & a.permitted,
            range: slots.unwrap_or(a.table),
        };
        self.grants.insert(grant.id, grant);
        effects.push(Effect::GrantOpened(grant));
        Ok(grant)
    }

    /// Ends a mapping and gives it. Returns nothing in the kernel; what is wrong is an outcome.
    pub fn unmap(
        &mut self,
        attachment: AttachmentId,
        id: GrantId,
        effects: &mut Vec<Effect>,
    ) -> Option<Grant> {
        self.warn_stale(attachment, effects);
        let Some(grant) = self.grants.remove(&id) else {
            effects.push(Effect::Outcome(Outcome::UnmapWithoutMap { grant: id }));
            return None;
        };
        if grant.attachment != attachment {
            effects.push(Effect::Outcome(Outcome::ForeignTable { attachment, grant: id }));
        }
        effects.push(Effect::GrantClosed(grant));
        Some(grant)
    }

    /// Detaches a device. Mappings left stay, and so do their grants.
    pub fn detach(&mut self, attachment: AttachmentId, effects: &mut Vec<Effect>) {
        self.warn_stale(attachment, effects);
        if self.attachments.remove(&attachment).is_some() {
            let left = self.grants.values().filter(|g| g.attachment == attachment).count();
            if left > 0 {
                let outcome = Outcome::DetachedWhileMapped { attachment, left };
                effects.push(Effect::Outcome(outcome));
            }
        }
    }

    fn warn_stale(&self, attachment: AttachmentId, effects: &mut Vec<Effect>) {
        let outcome = match self.attachments.get(&attachment) {
            None => Outcome::UnknownAttachment { attachment },
            Some(a) if !self.bufs.contains_key(&a.buffer) => Outcome::UseAfterFree { attachment },
            Some(_) => return,
        };
        effects.push(Effect::Outcome(outcome));
    }

    /// Maps the buffer into a process or the kernel: no processor gets a mapping.
    ///
    /// # Errors
    /// Always: `EINVAL`, or `EBADF` when the buffer was released.
    pub fn cpu_map(&self, id: BufferId) -> Result<Infallible, Errno> {
        self.buffer(id).and(Err(Errno::Einval))
    }

    /// `DMA_BUF_IOCTL_SYNC`: checks its flags and does nothing.
    ///
    /// # Errors
    /// `EINVAL` for unknown flags or no direction, `EBADF` when the buffer was released.
    pub fn sync(&self, id: BufferId, flags: u64) -> Result<(), Errno> {
        self.buffer(id)?;
        if flags & !(SYNC_RW | SYNC_END) != 0 || flags & SYNC_RW == 0 {
            return Err(Errno::Einval);
        }
        Ok(())
    }

    /// `lseek` on the file: the end gives the length, the start 0.
    ///
    /// # Errors
    /// `EINVAL` for any other place, `EBADF` when the buffer was released.
    pub fn lseek(&self, id: BufferId, from_end: bool, offset: i64) -> Result<ByteLen, Errno> {
        let len = self.buffer(id)?.range.len;
        match (from_end, offset) {
            (true, 0) => Ok(len),
            (false, 0) => Ok(ByteLen(0)),
            _ => Err(Errno::Einval),
        }
    }

    /// Buffers with a file reference left.
    pub fn live_buffers(&self) -> impl Iterator<Item = &Buffer> {
        self.bufs.values().map(|buf| &buf.buffer)
    }

    /// Attachments not detached, with buffer and device.
    pub fn live_attachments(&self) -> impl Iterator<Item = (AttachmentId, BufferId, MasterId)> {
        self.attachments.iter().map(|(id, a)| (*id, a.buffer, a.master))
    }

    /// Mappings not unmapped.
    pub fn live_grants(&self) -> impl Iterator<Item = &Grant> {
        self.grants.values()
    }

    fn number(&mut self, kind: usize) -> u32 {
        let number = self.next[kind];
        self.next[kind] += 1;
        number
    }
}

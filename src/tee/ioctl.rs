// SPDX-License-Identifier: Apache-2.0
//! The user's side: requests on the heap's node and on the TEE's, with the checks of their ABI.
use super::effect::BufferId;
use super::errno::Errno;
use super::facade::Tee;
use super::faults::FaultPoint;
use super::heap::heap_id;
use super::outcome::Failure;
use super::pool::Allocation;
use super::shm::ShmKind;
use crate::scenario::{Role, UseCase};
use crate::units::{AddrRange, ByteLen};

/// `O_CLOEXEC | O_ACCMODE`: the flags that the file of a buffer can have.
const VALID_FD_FLAGS: u32 = 0o2_000_000 | 3;

/// A request on `/dev/dma_heap/<name>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeapRequest {
    /// `DMA_HEAP_IOCTL_ALLOC`.
    Alloc {
        /// Bytes.
        len: u64,
        /// Output; must be 0.
        fd: u32,
        /// Flags of the file.
        fd_flags: u32,
        /// Flags of the heap; there are none.
        heap_flags: u64,
    },
    /// A request number beyond the table.
    UnknownNumber,
    /// A number of the table with another size or direction.
    UnknownRequest,
    /// A pointer that leads nowhere.
    BadPointer,
}

/// What a file descriptor given to `TEE_IOC_SHM_REGISTER_FD` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fd {
    /// Closed, or never opened.
    Closed,
    /// A file of another kind.
    OtherFile,
    /// A dma-buf of another exporter.
    OtherExporter,
    /// A buffer of a protected heap.
    Buffer(BufferId),
}

impl Tee {
    /// Opens a heap's node by name.
    ///
    /// # Errors
    /// `ENODEV` when it was never made.
    pub fn open_heap(&self, heap: UseCase) -> Result<u32, Errno> {
        if self.heaps.has_node(heap) { Ok(heap_id(heap)) } else { Err(Errno::Enodev) }
    }

    /// A request on a heap's node.
    ///
    /// # Errors
    /// `EINVAL` for an output that is not 0, unknown flags or an unknown number; `ENOTTY` for an
    /// unknown request; `EFAULT` for a bad pointer; `EMFILE` without a free descriptor, and the
    /// buffer is released again; and as [`Tee::alloc`].
    pub fn heap_ioctl(
        &mut self,
        heap: UseCase,
        role: Role,
        request: HeapRequest,
    ) -> Result<BufferId, Failure> {
        let (len, fd, fd_flags, heap_flags) = match request {
            HeapRequest::Alloc { len, fd, fd_flags, heap_flags } => (len, fd, fd_flags, heap_flags),
            HeapRequest::UnknownNumber => return Err(Errno::Einval.into()),
            HeapRequest::UnknownRequest => return Err(Errno::Enotty.into()),
            HeapRequest::BadPointer => return Err(Errno::Efault.into()),
        };
        if fd != 0 || fd_flags & !VALID_FD_FLAGS != 0 || heap_flags != 0 {
            return Err(Errno::Einval.into());
        }
        let id = self.alloc(heap, role, ByteLen(len))?;
        if self.world.context.faults.hit(FaultPoint::FileDescriptor) {
            self.put(id)?;
            return Err(Errno::Emfile.into());
        }
        // The descriptor is in the table already: the buffer lives until the process ends.
        self.world.context.fail(FaultPoint::CopyOut, Errno::Efault)?;
        Ok(id)
    }

    /// `TEE_IOC_SHM_REGISTER_FD` of a client of this TEE device, or of `another`: gives an id and
    /// takes a file reference to the buffer.
    ///
    /// # Errors
    /// `EINVAL` whatever went wrong inside; `EFAULT` when the answer cannot be copied out.
    pub fn register_fd(&mut self, fd: Fd, flags: u32, another: bool) -> Result<i32, Errno> {
        if flags != 0 {
            return Err(Errno::Einval);
        }
        let id = self.register_dmabuf(fd, another).map_err(|_| Errno::Einval)?;
        if let Err(errno) = self.world.context.fail(FaultPoint::CopyOut, Errno::Efault) {
            self.close_shm(id)?;
            return Err(errno);
        }
        Ok(id)
    }

    /// `tee_shm_register_fd`, with errnos that no user sees.
    fn register_dmabuf(&mut self, fd: Fd, another: bool) -> Result<i32, Errno> {
        self.world.context.fail(FaultPoint::ShmObject, Errno::Enomem)?;
        let Fd::Buffer(id) = fd else {
            return Err(if fd == Fd::Closed { Errno::Ebadf } else { Errno::Einval });
        };
        let buffer = *self.bufs.buffer(id)?;
        if another || !self.world.built_in {
            return Err(Errno::Einval);
        }
        let run = Allocation {
            range: buffer.range,
            offset: buffer.offset,
            generation: buffer.generation,
        };
        let place = self.heaps.update_shm(buffer.heap, buffer.pool, &run);
        let place = place.ok_or(Errno::Einval)?;
        self.bufs.get(id)?;
        Ok(self.shms.insert(ShmKind::DmaBuf { buffer: id, place }, buffer.range.len))
    }

    /// `mmap` of the file that [`Self::register_fd`] returned.
    ///
    /// # Errors
    /// `EINVAL` for a registered dma-buf, `EBADF` without such an id.
    pub fn mmap_shm(&self, id: i32) -> Result<std::convert::Infallible, Errno> {
        self.shms.len(id).ok_or(Errno::Ebadf).and(Err(Errno::Einval))
    }

    /// Registers ordinary memory of a client with the TEE.
    ///
    /// # Errors
    /// `EINVAL` when the TEE refuses.
    pub fn register_memory(&mut self, range: AddrRange) -> Result<i32, Errno> {
        let cookie = self.world.pool_memories.number();
        let registered = self.world.optee.objects.register(cookie, range);
        registered.map_err(|_| Errno::Einval)?;
        Ok(self.shms.insert(ShmKind::Ordinary { cookie }, range.len))
    }

    /// Bytes of a registered shm.
    pub fn shm_len(&self, id: i32) -> Option<ByteLen> {
        self.shms.len(id)
    }

    /// References to a registered shm.
    pub fn shm_references(&self, id: i32) -> i32 {
        self.shms.references(id)
    }
}

// SPDX-License-Identifier: Apache-2.0
//! Shared memory that a client registered with the TEE (`struct tee_shm`): ids and references.
use super::effect::BufferId;
use super::errno::Errno;
use super::optee::Memref;
use super::outcome::Counted;
use super::pool::ShmPlace;
use super::refcount::Refcount;
use super::world::World;
use crate::units::{AddrRange, ByteLen};
use std::collections::BTreeMap;

/// What a registered shm stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShmKind {
    /// A dma-buf of a protected heap, one file reference held (`TEE_IOC_SHM_REGISTER_FD`). Its
    /// parent, if it has one, is named but not counted.
    DmaBuf {
        /// Buffer.
        buffer: BufferId,
        /// How the TEE is told where it is.
        place: ShmPlace,
    },
    /// Ordinary memory that the TEE knows under a cookie.
    Ordinary {
        /// Cookie.
        cookie: u64,
    },
}

#[derive(Clone, Debug)]
struct Shm {
    kind: ShmKind,
    len: ByteLen,
    count: Refcount,
}

/// A parameter of a call: a part of a registered shm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemrefArg {
    /// Id of the shm.
    pub id: i32,
    /// Bytes from its start.
    pub offset: u64,
    /// Bytes.
    pub len: u64,
}

/// A reference that a call holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// To a registered shm.
    Shm(i32),
    /// To the memory of a dynamic pool.
    PoolMemory(u64),
}

/// All registered shms, by id; ids are the lowest free from 1, as `idr_alloc` gives them.
#[derive(Clone, Debug, Default)]
pub struct Shms(BTreeMap<i32, Shm>);

impl Shms {
    /// Registers with one reference and gives the id.
    pub fn insert(&mut self, kind: ShmKind, len: ByteLen) -> i32 {
        let id = (1..).find(|id| !self.0.contains_key(id)).unwrap_or(i32::MAX);
        self.0.insert(id, Shm { kind, len, count: Refcount::new(1) });
        id
    }

    /// Bytes of a shm.
    pub fn len(&self, id: i32) -> Option<ByteLen> {
        self.0.get(&id).map(|shm| shm.len)
    }

    /// Whether nothing is registered.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// References to a shm; 0 when there is none.
    pub fn references(&self, id: i32) -> i32 {
        self.0.get(&id).map_or(0, |shm| shm.count.read())
    }

    /// Drops a reference; what the last one stood for, to be released.
    ///
    /// # Errors
    /// `EBADF` when there is no such shm.
    pub fn put(&mut self, id: i32, world: &mut World) -> Result<Option<ShmKind>, Errno> {
        let shm = self.0.get_mut(&id).ok_or(Errno::Ebadf)?;
        let (kind, last) = (shm.kind, shm.count.dec_and_test());
        if !world.context.counted(Counted::Shm(id), last, false) {
            return Ok(None);
        }
        self.0.remove(&id);
        Ok(Some(kind))
    }

    /// `params_from_user`: checks a parameter, takes the references that the call holds, and says
    /// how the TEE is told. With a parent the call holds the parent, and the shm only where the
    /// policy says so.
    ///
    /// # Errors
    /// `EINVAL` for an unknown id, or a part that overflows or leaves the shm.
    pub fn param(
        &mut self,
        arg: MemrefArg,
        world: &mut World,
    ) -> Result<(Vec<Hold>, Memref), Errno> {
        let shm = self.0.get_mut(&arg.id).ok_or(Errno::Einval)?;
        let end = arg.offset.checked_add(arg.len).filter(|end| *end <= shm.len.0);
        end.ok_or(Errno::Einval)?;
        let MemrefArg { id, offset, len } = arg;
        let len = ByteLen(len);
        let mut holds = Vec::new();
        let memref = match shm.kind {
            ShmKind::Ordinary { cookie } => Memref::Cookie { cookie, offset, len },
            ShmKind::DmaBuf { place: ShmPlace::Address(base), .. } => {
                let base = crate::units::PhysAddr(base.0 + offset);
                Memref::Address(AddrRange { base, len })
            }
            ShmKind::DmaBuf { place: ShmPlace::Parent { memory, offset: start }, .. } => {
                world.get_pool_memory(memory);
                holds.push(Hold::PoolMemory(memory));
                Memref::Cookie { cookie: memory, offset: start.0 + offset, len }
            }
        };
        if holds.is_empty() || world.context.policy.call_holds_buffer {
            let result = shm.count.inc().map(|()| true);
            world.context.counted(Counted::Shm(id), result, true);
            holds.push(Hold::Shm(id));
        }
        Ok((holds, memref))
    }
}

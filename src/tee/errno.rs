// SPDX-License-Identifier: Apache-2.0
//! The kernel's error numbers that the protected heaps return.

/// A Linux error number (include/uapi/asm-generic/errno-base.h, errno.h), without the sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Errno {
    /// The bus or the bounce buffer cannot do it.
    #[error("EIO")]
    Eio = 5,
    /// The range cannot be mapped.
    #[error("ENXIO")]
    Enxio = 6,
    /// The file is closed, or never was a dma-buf.
    #[error("EBADF")]
    Ebadf = 9,
    /// No run of free pages is long enough.
    #[error("ENOMEM")]
    Enomem = 12,
    /// The device has no right to it; no kernel returns this, only a hardened policy.
    #[error("EACCES")]
    Eacces = 13,
    /// A user pointer leads nowhere.
    #[error("EFAULT")]
    Efault = 14,
    /// The heap already has a provider.
    #[error("EBUSY")]
    Ebusy = 16,
    /// The slot of a heap cannot be reserved.
    #[error("EEXIST")]
    Eexist = 17,
    /// There is no such heap.
    #[error("ENODEV")]
    Enodev = 19,
    /// The argument or the state does not allow it.
    #[error("EINVAL")]
    Einval = 22,
    /// No file descriptor is free.
    #[error("EMFILE")]
    Emfile = 24,
    /// The file knows no such request.
    #[error("ENOTTY")]
    Enotty = 25,
    /// The answer needs more room; the caller asks again.
    #[error("ENOSPC")]
    Enospc = 28,
}

impl Errno {
    /// The number, e.g. 22 for `EINVAL`.
    pub const fn code(self) -> i32 {
        self as i32
    }
}

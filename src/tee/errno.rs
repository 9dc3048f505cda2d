// SPDX-License-Identifier: Apache-2.0
//! The kernel's error numbers that the protected heaps return.

/// A Linux error number (include/uapi/asm-generic/errno-base.h), without the sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Errno {
    /// The file is closed, or never was a dma-buf.
    #[error("EBADF")]
    Ebadf = 9,
    /// No run of free pages is long enough.
    #[error("ENOMEM")]
    Enomem = 12,
    /// The heap already has a provider.
    #[error("EBUSY")]
    Ebusy = 16,
    /// There is no such heap.
    #[error("ENODEV")]
    Enodev = 19,
    /// The argument or the state does not allow it.
    #[error("EINVAL")]
    Einval = 22,
}

impl Errno {
    /// The number, e.g. 22 for `EINVAL`.
    pub const fn code(self) -> i32 {
        self as i32
    }
}

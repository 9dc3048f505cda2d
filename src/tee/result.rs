// SPDX-License-Identifier: Apache-2.0
//! Result codes of the secure world.
use super::errno::Errno;

/// A TEE result other than success (GlobalPlatform TEE Internal Core API, section 3.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[repr(u32)]
pub enum TeeResult {
    /// Failed, no reason given.
    #[error("TEE_ERROR_GENERIC")]
    Generic = 0xffff_0000,
    /// A parameter is out of range or of the wrong type.
    #[error("TEE_ERROR_BAD_PARAMETERS")]
    BadParameters = 0xffff_0006,
    /// No such cookie or handle.
    #[error("TEE_ERROR_ITEM_NOT_FOUND")]
    ItemNotFound = 0xffff_0008,
    /// The platform has no such function.
    #[error("TEE_ERROR_NOT_SUPPORTED")]
    NotSupported = 0xffff_000a,
    /// No memory left.
    #[error("TEE_ERROR_OUT_OF_MEMORY")]
    OutOfMemory = 0xffff_000c,
    /// In use or already assigned.
    #[error("TEE_ERROR_BUSY")]
    Busy = 0xffff_000d,
    /// A reference leaves its memory object.
    #[error("TEE_ERROR_SECURITY")]
    Security = 0xffff_000f,
    /// The output does not fit; the needed length is returned beside it.
    #[error("TEE_ERROR_SHORT_BUFFER")]
    ShortBuffer = 0xffff_0010,
}

impl TeeResult {
    /// The code, e.g. `0xffff0006`.
    pub const fn code(self) -> u32 {
        self as u32
    }

    /// What a client sees instead of the kernel's errno (libteec, `ioctl_errno_to_res`).
    pub const fn of_errno(errno: Errno) -> Self {
        match errno {
            Errno::Enomem => Self::OutOfMemory,
            Errno::Einval => Self::BadParameters,
            _ => Self::Generic,
        }
    }
}

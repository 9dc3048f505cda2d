// SPDX-License-Identifier: Apache-2.0
//! The words of steps: verbs with their keys, directions, operations, races, errors.
use crate::scenario::script::CpuOp;
use crate::tee::{DmaDirection, Race};

/// Verbs, and the keys beside `fails` that go with each.
pub(super) const VERBS: [(&str, &[&str]); 27] = [
    ("alloc", &["heap", "role", "size", "race"]),
    ("dup", &[]),
    ("close", &["race"]),
    ("attach", &["master"]),
    ("detach", &["master"]),
    ("map", &["master", "direction"]),
    ("unmap", &["master"]),
    ("dma", &["master", "read", "write", "offset", "at", "nowait", "attack"]),
    ("copy", &["master", "to", "at", "size", "anyway", "declassify"]),
    ("register", &[]),
    ("unregister", &[]),
    ("ta", &["read", "write", "offset"]),
    ("recycle", &["read", "write"]),
    ("cpu", &["op", "size", "offset", "at"]),
    ("lend", &["heap", "at", "size"]),
    ("reclaim", &[]),
    ("mmap", &[]),
    ("mmap-shm", &[]),
    ("vmap", &[]),
    ("sync", &[]),
    ("share", &["at", "size"]),
    ("sdp", &["command", "shared", "offset", "size", "shared-size", "target", "loops"]),
    ("wait", &[]),
    ("mark", &[]),
    ("await", &[]),
    ("die", &[]),
    ("unbind", &[]),
];

pub(super) const DIRECTIONS: [(&str, DmaDirection); 3] = [
    ("to-device", DmaDirection::ToDevice),
    ("from-device", DmaDirection::FromDevice),
    ("bidirectional", DmaDirection::Bidirectional),
];

/// Interleavings of a dynamic pool's get and put that end badly in a kernel as merged.
pub(super) const RACES: [(&str, Race); 4] = [
    ("add-on-zero", Race::AddOnZero),
    ("null-pool", Race::NullPool),
    ("pages-lost", Race::PagesLost),
    ("live-memory-opened", Race::LiveMemoryOpened),
];

/// What a processor with a cache can be asked for.
pub(super) const CPU_OPS: [(&str, CpuOp); 5] = [
    ("load", CpuOp::Load),
    ("store", CpuOp::Store),
    ("clean", CpuOp::Clean),
    ("invalidate", CpuOp::Invalidate),
    ("clean-invalidate", CpuOp::CleanInvalidate),
];

/// What a step can fail with.
pub(super) const ERRORS: [&str; 25] = [
    "OOPS",
    "FAULT",
    "TEE_ERROR_ACCESS_DENIED",
    "EIO",
    "ENXIO",
    "EBADF",
    "ENOMEM",
    "EACCES",
    "EFAULT",
    "EBUSY",
    "EEXIST",
    "ENODEV",
    "EINVAL",
    "EMFILE",
    "ENOTTY",
    "ENOSPC",
    "DECERR",
    "SLVERR",
    "NO-RETURN",
    "TEE_ERROR_GENERIC",
    "TEE_ERROR_BAD_PARAMETERS",
    "TEE_ERROR_OUT_OF_MEMORY",
    "TEE_ERROR_SECURITY",
    "TEE_ERROR_SHORT_BUFFER",
    "TEE_ERROR_ITEM_NOT_FOUND",
];

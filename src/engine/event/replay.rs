// SPDX-License-Identifier: Apache-2.0
//! What replaying a heap history tells: how it is done, and what came of each row.
use crate::units::{ByteLen, Cycle};
use serde::{Deserialize, Serialize};

/// How a history is replayed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayHeader {
    /// Name of the history.
    pub history: String,
    /// Rows.
    pub rows: u32,
    /// A microsecond on the board is so many of the history.
    pub speed: u64,
    /// Longest pause between two rows on the board.
    pub max_gap: Cycle,
    /// A pool lent so soon after its reclaim is thrash, microseconds of the history.
    pub window_us: u64,
}

/// A step of a replay has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallEvent {
    /// When.
    pub cycle: Cycle,
    /// Which process.
    pub client: String,
    /// Line of its row in the history.
    pub row: u32,
    /// Microseconds of the history since its first row.
    pub time_us: u64,
    /// The row implies the step, and does not say it.
    pub implied: bool,
    /// What was asked for.
    pub op: CallOp,
    /// Name of the buffer.
    pub buffer: String,
    /// Of an allocation: its pool, where one serves its heap and role.
    pub pool: Option<u8>,
    /// Bytes, of an allocation or a transfer.
    pub bytes: ByteLen,
    /// What came of it.
    pub result: CallResult,
    /// Cycles from its begin to its end.
    pub took: u64,
}

/// Calls that a replay makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallOp {
    /// `DMA_HEAP_IOCTL_ALLOC`
    Alloc,
    /// `dup`, or a file sent to another process.
    Dup,
    /// `close`
    Close,
    /// `dma_buf_attach`
    Attach,
    /// `dma_buf_detach`
    Detach,
    /// `dma_buf_map_attachment`
    Map,
    /// `dma_buf_unmap_attachment`
    Unmap,
    /// `TEE_IOC_SHM_REGISTER_FD`
    Register,
    /// The registration's file is closed.
    Unregister,
    /// A transfer by a device or a trusted application.
    Transfer,
    /// The next owner of freed pages reads them.
    Reuse,
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CallResult {
    /// It succeeded.
    Done,
    /// It was refused: an errno, a result of the TEE, or `NO-RETURN`.
    Refused(String),
    /// A bus error: `DECERR` or `SLVERR`.
    Denied(String),
    /// It could not be made, for what it needs was refused before.
    NotMade,
}

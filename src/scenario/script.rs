// SPDX-License-Identifier: Apache-2.0
//! What processes and drivers do: the steps of every client.
use super::model::{Role, UseCase};
use crate::tee::{DmaDirection, Race};
use crate::units::{AddrRange, ByteLen, Cycle, Direction, MasterId, PhysAddr};

/// All clients of a run; buffers and marks are numbered across them.
#[derive(Clone, Debug, Default)]
pub struct Clients {
    /// In the order of the file.
    pub list: Vec<Client>,
    /// Names of the buffers that they allocate.
    pub buffers: Vec<String>,
    /// Names of the marks that they set.
    pub marks: Vec<String>,
}

/// How a heap history is replayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    /// Name of its file, without folder and extension.
    pub history: String,
    /// Rows.
    pub rows: u32,
    /// A microsecond on the board is so many of the history.
    pub speed: u64,
    /// Longest pause between two rows on the board.
    pub max_gap: Cycle,
    /// Bytes of a buffer that a mapping's device moves, where the history does not say.
    pub transfer: ByteLen,
    /// Bytes of a freed buffer that the next owner of its pages reads.
    pub next_owner: ByteLen,
    /// A pool lent so soon after its reclaim is thrash, microseconds of the history.
    pub window_us: u64,
}

/// A process or a driver.
#[derive(Clone, Debug)]
pub struct Client {
    /// Name.
    pub name: String,
    /// Cycles from the end of boot to its first step.
    pub start: Cycle,
    /// Longest time that it thinks between two steps; drawn for each.
    pub jitter: Cycle,
    /// What it does, one after the other.
    pub steps: Vec<Step>,
    /// Line of its declaration.
    pub line: u32,
}

/// A step of a client.
#[derive(Clone, Debug)]
pub struct Step {
    /// What.
    pub act: Act,
    /// The error that must come of it: an errno, a result of the TEE, a bus response, or
    /// `NO-RETURN`; success when absent.
    pub fails: Option<String>,
    /// The interleaving in which it takes its steps inside the pool, with the step of another
    /// client that names the same: a last `close` and an `alloc`.
    pub race: Option<Race>,
    /// Line of its declaration.
    pub line: u32,
    /// The row of a history that it replays: what comes of it is told, and nothing is due.
    pub row: Option<HistoryRow>,
}

/// A row of a heap history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryRow {
    /// Its line in the file.
    pub line: u32,
    /// Microseconds since the first row.
    pub time_us: u64,
    /// The row implies the step, and does not say it.
    pub implied: bool,
}

/// What a step does. Buffers and marks are indices into [`Clients`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Allocates from a heap; the client holds one file reference.
    Alloc {
        /// Which.
        buffer: usize,
        /// From where.
        heap: UseCase,
        /// What for.
        role: Role,
        /// Bytes.
        len: ByteLen,
    },
    /// Takes a file reference of its own to another client's buffer.
    Dup {
        /// Which.
        buffer: usize,
    },
    /// Drops a file reference.
    Close {
        /// Which.
        buffer: usize,
    },
    /// Attaches a device.
    Attach {
        /// Which.
        buffer: usize,
        /// Whom.
        master: MasterId,
    },
    /// Detaches a device.
    Detach {
        /// Which.
        buffer: usize,
        /// Whom.
        master: MasterId,
    },
    /// Maps an attachment.
    Map {
        /// Which.
        buffer: usize,
        /// For whom.
        master: MasterId,
        /// Which way.
        direction: DmaDirection,
    },
    /// Ends the last mapping of an attachment.
    Unmap {
        /// Which.
        buffer: usize,
        /// For whom.
        master: MasterId,
    },
    /// A transfer by a master's DMA engine.
    Dma(Dma),
    /// A job of a master that reads a buffer and writes what it read elsewhere.
    Copy(CopyJob),
    /// Registers a buffer with the TEE.
    Register {
        /// Which.
        buffer: usize,
    },
    /// Drops the registration.
    Unregister {
        /// Which.
        buffer: usize,
    },
    /// A trusted application reads or writes a registered buffer through the secure master.
    Ta {
        /// Which.
        buffer: usize,
        /// Which way.
        direction: Direction,
        /// Bytes.
        len: ByteLen,
        /// Bytes from the buffer's start.
        offset: ByteLen,
    },
    /// The next owner of the pages of a buffer uses them through the processor, if the kernel has
    /// them again; else nothing happens.
    Recycle {
        /// Whose pages.
        buffer: usize,
        /// Which way.
        direction: Direction,
        /// Bytes.
        len: ByteLen,
    },
    /// The processor works on a buffer's bytes, or on others, through its cache and the kernel's
    /// direct map.
    Cpu {
        /// Whose bytes.
        buffer: usize,
        /// What.
        op: CpuOp,
        /// Bytes.
        len: ByteLen,
        /// Bytes from the start.
        offset: ByteLen,
        /// An address of the client's own instead of the buffer's.
        at: Option<PhysAddr>,
    },
    /// Somebody in the normal world lends a range to the TEE by a message of his own, past heaps
    /// and pools.
    Lend {
        /// Name of what is lent.
        buffer: usize,
        /// Use case.
        heap: UseCase,
        /// Where; overlapping what is lent already, or not.
        range: AddrRange,
    },
    /// The same one reclaims it.
    Reclaim {
        /// Name of what was lent.
        buffer: usize,
    },
    /// Asks for a mapping of a buffer for the processor, or for its caches to be seen to.
    View {
        /// Which.
        buffer: usize,
        /// How.
        view: View,
    },
    /// Registers ordinary memory with the TEE.
    Share {
        /// Name of what is shared.
        buffer: usize,
        /// Where.
        range: AddrRange,
    },
    /// A command to the SDP application of xtest, or its whole test.
    Sdp(Sdp),
    /// Does nothing for a while.
    Wait(Cycle),
    /// Sets a mark.
    Mark(usize),
    /// Waits for a mark of any client.
    Await(usize),
    /// The process dies: its files are closed, its transfers go on.
    Die,
    /// The TEE driver is unbound: every heap loses its registration.
    Unbind,
}

/// What a processor does with bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CpuOp {
    /// Reads.
    Load,
    /// Writes random bytes.
    Store,
    /// Writes dirty lines back.
    Clean,
    /// Drops lines.
    Invalidate,
    /// Writes dirty lines back and drops all.
    CleanInvalidate,
}

/// A transfer of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dma {
    /// At the address that the last mapping of this buffer gave the master, or else its own.
    pub buffer: usize,
    /// By whom.
    pub master: MasterId,
    /// Which way.
    pub direction: Direction,
    /// Bytes.
    pub len: ByteLen,
    /// Bytes from there.
    pub offset: ByteLen,
    /// An address of the client's own instead.
    pub at: Option<PhysAddr>,
    /// The client does not wait for its end.
    pub nowait: bool,
    /// Declared: every burst is an attempt that must be denied.
    pub attack: bool,
}

/// How the processor asks for a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// `mmap` of the dma-buf.
    Mmap,
    /// `mmap` of its registration.
    MmapShm,
    /// `dma_buf_vmap`.
    Vmap,
    /// `DMA_BUF_IOCTL_SYNC`, begin and end of reading and writing.
    Sync,
}

/// What the SDP application is asked for (OP-TEE, `ta/sdp_basic`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SdpCommand {
    /// Shared memory to protected memory.
    Inject,
    /// Every byte becomes its complement and one, in place.
    Transform,
    /// Protected memory to shared memory.
    Dump,
    /// All three from the client's random bytes, which must come back transformed.
    Test,
}

/// Who does the work, and through whom the client asks (xtest, `enum test_target_ta`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SdpTarget {
    /// The application, asked by the client.
    NsToTa,
    /// Another application, asked by the first.
    TaToTa,
    /// A part of the core, asked by the application.
    TaToPta,
    /// A part of the core, asked by the client.
    NsToPta,
}

/// A command to the SDP application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sdp {
    /// What is passed as protected memory.
    pub buffer: usize,
    /// What for.
    pub command: SdpCommand,
    /// What is passed as ordinary memory, if anything is.
    pub shared: Option<usize>,
    /// Bytes from the start of `buffer`; of a test it is drawn.
    pub offset: ByteLen,
    /// Bytes of `buffer`; of a test, 255 less are moved.
    pub len: ByteLen,
    /// Bytes of `shared`, from its start.
    pub shared_len: ByteLen,
    /// Who does it.
    pub target: SdpTarget,
    /// How often a test goes round.
    pub loops: u32,
}

/// A job of a step that copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CopyJob {
    /// What: as for a transfer.
    pub buffer: usize,
    /// By whom.
    pub master: MasterId,
    /// Where to.
    pub to: Target,
    /// Bytes.
    pub len: ByteLen,
    /// The driver goes on although the kernel refuses to map the target.
    pub anyway: bool,
    /// The secure world's own release of protected data, declared as such.
    pub declassify: bool,
}

/// Where a copy goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A buffer, where its mapping points the master.
    Buffer(usize),
    /// Ordinary memory, which the driver maps for the copy.
    Ordinary(PhysAddr),
}

impl Dma {
    /// Bytes of a burst of a client's transfer: sixteen beats.
    pub const BURST: u64 = 256;
}

impl Client {
    /// Whether one of its transfers by `master` is declared an attack.
    pub fn attacks_with(&self, master: MasterId) -> bool {
        self.steps
            .iter()
            .any(|step| matches!(step.act, Act::Dma(dma) if dma.attack && dma.master == master))
    }
}

// SPDX-License-Identifier: Apache-2.0
//! A validated scenario: what a run is made from. Every value is in range and every name resolved.
use super::devices::{BouncePool, Cache, Iommu};
use super::script::{Clients, Replay};
use super::setup::{Reserved, TeeSetup};
use super::usecases::{Playback, Recording, Ui};
use crate::tee::FaultPoint;
use crate::units::{AddrRange, ByteLen, ByteRate, Cycle, Hertz, MasterId, Nsaid};

/// A scenario that has passed every check.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Name; also the run folder's.
    pub name: String,
    /// One sentence: what it proves.
    pub summary: String,
    /// For `list`.
    pub tags: Vec<String>,
    /// Seed in force.
    pub seed: u64,
    /// Overrides by `--set`, as given.
    pub overrides: Vec<String>,
    /// Clock, shape, budgets.
    pub sim: Sim,
    /// DRAM.
    pub memory: Memory,
    /// How firmware sets the firewall up.
    pub firewall: Firewall,
    /// The allocator and the secure world.
    pub tee: TeeSetup,
    /// All eight master ports, by number.
    pub masters: Vec<Master>,
    /// What the platform's device tree sets aside.
    pub reserved: Vec<Reserved>,
    /// The processor's cache; a plain DMA engine when absent.
    pub cache: Option<Cache>,
    /// IOMMUs in front of masters.
    pub iommus: Vec<Iommu>,
    /// Memory for bounce buffers.
    pub bounce: Vec<BouncePool>,
    /// Protected pools, by base address.
    pub pools: Vec<Pool>,
    /// The playback, if there is one.
    pub playback: Option<Playback>,
    /// The trusted user interface, if there is one.
    pub ui: Option<Ui>,
    /// The secure recording, if there is one.
    pub recording: Option<Recording>,
    /// Processes and drivers that call the allocator.
    pub clients: Clients,
    /// The heap history that they replay, if they do.
    pub replay: Option<Replay>,
    /// Ordinary traffic.
    pub traffic: Vec<Traffic>,
    /// Declared intruders.
    pub intruders: Vec<Intruder>,
    /// Declared requirements.
    pub expects: Vec<Expect>,
    /// Faults planted on purpose.
    pub plants: Vec<Plant>,
}

/// Clock, shape, budgets.
#[derive(Clone, Debug)]
pub struct Sim {
    /// Fabric clock.
    pub clock: Hertz,
    /// Name of a board shape that the binary ships.
    pub shape: String,
    /// The run ends as a hang after this many cycles.
    pub limit: Cycle,
    /// Any single wait ends as a hang after this many cycles.
    pub wait_budget: Cycle,
    /// Cycles in a throughput bin.
    pub bin: Cycle,
    /// How long ordinary traffic goes on; as long as the playback when absent.
    pub duration: Option<Cycle>,
}

/// DRAM.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Where DRAM is; everything else answers DECERR.
    pub dram: AddrRange,
    /// Address bits that DRAM decodes, where they are fewer than the bus has: what differs above
    /// them is one cell.
    pub alias_bits: Option<u32>,
    /// Idle latency, picoseconds, address handshake to first beat.
    pub latency_ps: u64,
    /// Bandwidth of one channel.
    pub bandwidth: ByteRate,
}

impl Memory {
    /// The bits of an address that name a cell.
    pub const fn cells(&self) -> u64 {
        match self.alias_bits {
            Some(bits) => (1 << bits) - 1,
            None => u64::MAX,
        }
    }
}

/// What the background (region 0) does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Background {
    /// Nobody gets in where no region says so.
    Deny,
    /// The firewall is left open: region 0 lets everybody in and no region is programmed.
    Allow,
}

/// Order of register writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// As existing firmware: base, top, attributes, identities last.
    Driver,
    /// The region is disabled before it is changed.
    DisableFirst,
    /// The gates are closed and drained while regions are written.
    Gated,
    /// Staged and applied in one cycle; needs the extension block.
    Commit,
    /// An order of the writes that were found to be safe one by one, else as gated.
    Planned,
}

/// How firmware sets the firewall up.
#[derive(Clone, Copy, Debug)]
pub struct Firewall {
    /// Region 0.
    pub background: Background,
    /// Order of writes.
    pub order: Order,
    /// ACTION bit 0: DECERR (else OKAY with zeros).
    pub action_error: bool,
    /// ACTION bit 1: interrupt.
    pub action_interrupt: bool,
    /// Speculative forwarding stays on.
    pub speculation: bool,
}

/// What a master is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ip {
    /// Non-secure processor.
    Cpu,
    /// Crypto engine of the TEE.
    Crypto,
    /// Video decoder.
    Decoder,
    /// Display controller.
    Display,
    /// Graphics processor.
    Gpu,
    /// Camera and ISP.
    Camera,
    /// Video encoder.
    Encoder,
    /// Plain DMA engine.
    Dma,
}

/// A master port.
#[derive(Clone, Debug)]
pub struct Master {
    /// Name; a label without meaning.
    pub name: String,
    /// Port number.
    pub id: MasterId,
    /// What it is; decides its rights.
    pub ip: Ip,
    /// Identity wired to it.
    pub nsaid: Nsaid,
    /// Issues secure transactions (`AxPROT[1]` = 0).
    pub secure: bool,
    /// Address bits that it drives (DMA mask).
    pub dma_bits: u32,
    /// Whatever it maps is bounced (`swiotlb=force`).
    pub force_bounce: bool,
    /// The kernel takes it to be in step with the processor's cache (`dma-coherent`).
    pub coherent: bool,
    /// Line of its declaration.
    pub line: u32,
}

/// Use cases of Linux's protected heaps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum UseCase {
    /// `protected,secure-video`
    SecureVideo,
    /// `protected,trusted-ui`
    TrustedUi,
    /// `protected,secure-video-record`
    SecureVideoRecord,
}

/// What a buffer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Clear elementary stream.
    Bitstream,
    /// Picture that can be shown: decoded, or developed by a camera.
    Frame,
    /// Working memory of a codec: references, motion vectors, firmware.
    Private,
    /// What a trusted application draws.
    Ui,
    /// Picture as the sensor gives it.
    Raw,
    /// Encoded stream before the TEE has encrypted it.
    Output,
}

/// Where a pool's memory comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolKind {
    /// A carve-out, protected from boot on.
    Static,
    /// A part of the contiguous area, lent while anybody holds a buffer in it.
    Dynamic {
        /// Bytes that are lent.
        min_size: ByteLen,
    },
}

/// A protected pool.
#[derive(Clone, Debug)]
pub struct Pool {
    /// Name.
    pub name: String,
    /// Heap that it backs.
    pub use_case: UseCase,
    /// Roles of its buffers: all of them, or one (split layout: a pool a role).
    pub roles: Vec<Role>,
    /// Where its memory comes from.
    pub kind: PoolKind,
    /// The carve-out, or the contiguous area that a dynamic pool takes its memory from.
    pub range: AddrRange,
    /// Line of its declaration.
    pub line: u32,
}

impl Pool {
    /// Bytes for buffers.
    pub fn room(&self) -> ByteLen {
        match self.kind {
            PoolKind::Static => self.range.len,
            PoolKind::Dynamic { min_size } => min_size,
        }
    }
    /// Whether it is protected from boot on.
    pub fn is_static(&self) -> bool {
        self.kind == PoolKind::Static
    }
}

/// Ordinary traffic of one master on ordinary memory.
#[derive(Clone, Debug)]
pub struct Traffic {
    /// Who.
    pub master: MasterId,
    /// Where; outside every pool.
    pub range: AddrRange,
    /// How much.
    pub rate: ByteRate,
    /// Share of writes, percent.
    pub write_percent: u32,
    /// Bytes of an access.
    pub access: ByteLen,
}

/// What an intruder does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attack {
    /// Reads every byte of the frame pool at least once.
    ReadFrames,
    /// Writes into the frame pool.
    WriteFrames,
    /// Reads the bitstream pool.
    ReadBitstream,
    /// Bursts on both sides of the pools' edges, and one that crosses.
    Edges,
    /// Reads every byte of every pool.
    ReadPools,
    /// Writes into every pool.
    WritePools,
}

/// A declared intruder.
#[derive(Clone, Debug)]
pub struct Intruder {
    /// Who.
    pub master: MasterId,
    /// What it does, in order.
    pub attacks: Vec<Attack>,
    /// Bytes of a burst.
    pub burst: ByteLen,
    /// Bursts outstanding.
    pub outstanding: u8,
    /// Cycles between two bursts.
    pub every: Cycle,
    /// Waits until this many frames have been decoded; without a playback recorded, or drawn.
    pub after_frames: u32,
    /// Writes this share of what it writes to, in percent.
    pub write_percent: u32,
    /// Line of its declaration.
    pub line: u32,
}

/// A declared requirement.
#[derive(Clone, Debug)]
pub struct Expect {
    /// What.
    pub what: Requirement,
    /// Line of its declaration.
    pub line: u32,
}

/// Kinds of requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Requirement {
    /// At least so many denied transactions of a master.
    Blocked {
        /// Who.
        master: MasterId,
        /// How many at least.
        min: u64,
    },
    /// At least so many frames shown.
    FramesShown {
        /// How many at least.
        min: u64,
    },
    /// At least so many updates of the trusted UI shown.
    UpdatesShown {
        /// How many at least.
        min: u64,
    },
    /// At least so many frames recorded, from the sensor to ciphertext in ordinary memory.
    FramesRecorded {
        /// How many at least.
        min: u64,
    },
    /// At most so many lines or pictures that the camera lost (performance).
    Overruns {
        /// How many at most.
        max: u64,
    },
    /// No display underrun at the most so many (performance).
    Underruns {
        /// How many at most.
        max: u64,
    },
    /// No lend and no reclaim is in transition for longer, from the request to its end.
    Transition {
        /// How long at most.
        max: Cycle,
    },
    /// A master moved at least so much (performance).
    Throughput {
        /// Who.
        master: MasterId,
        /// How much at least.
        min: ByteRate,
    },
}

/// A fault planted on purpose: shows that the judge objects.
#[derive(Clone, Debug)]
pub struct Plant {
    /// What.
    pub what: PlantKind,
    /// Line of its declaration.
    pub line: u32,
}

/// Kinds of planted fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlantKind {
    /// One bit of memory changes behind the board when so many frames are decoded.
    FlipByte {
        /// Where.
        addr: crate::units::PhysAddr,
        /// After how many decoded frames.
        after_frames: u32,
    },
    /// The oracle does not see a master's port.
    RemoveMonitor {
        /// Whose.
        master: MasterId,
    },
    /// The kernel or the secure world fails at a place, so many times.
    Tee {
        /// Where.
        point: FaultPoint,
        /// How often.
        times: u32,
    },
    /// A fault in the hardware, by number, in a binary built with `planted-faults`.
    Rtl {
        /// Number in sim/faults.txt.
        fault: u32,
    },
}

// SPDX-License-Identifier: Apache-2.0
//! Types of the boundary and calls across it: one definition for Rust and the C++ wrapper.
//! `sim/cpp/layout.h` asserts that the payloads' bytes are those of `sim/sv/board_pkg.sv`.
#![allow(unsafe_code, reason = "the bridge to the models; the border to C is in capi.rs")]
#![allow(unreachable_pub, reason = "cxx makes everything public inside its module")]

pub use ffi::{
    ApbIn, Ax, B, Desc, Handshake, Inputs, MemIn, Outputs, PinsInputs, PinsOutputs, Port, R, Raw,
    ReadBeat, Replay, Status, Straps, W,
};
pub(crate) use ffi::{
    BoardModel, Flags, PinsModel, Recording, Tally, model_version, new_bare, new_board, new_pins,
    runtime_version,
};

// SAFETY: a model has no ties to a thread; it enters its context before every evaluation.
unsafe impl Send for BoardModel {}
// SAFETY: as above.
unsafe impl Send for PinsModel {}
// SAFETY: plain data.
unsafe impl Send for Recording {}

#[cxx::bridge(namespace = "ringfence")]
mod ffi {
    /// An address channel's payload (IHI 0022, A2.2 and A2.5), with the NSAID sideband.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Ax {
        /// Byte address.
        pub addr: u64,
        /// Transaction ID: 4 bits at a master, 7 at a filter (master number above).
        pub id: u8,
        /// Beats minus one.
        pub len: u8,
        /// log2 of the bytes in a beat.
        pub size: u8,
        /// 0 FIXED, 1 INCR, 2 WRAP, 3 reserved.
        pub burst: u8,
        /// 1 for an exclusive access.
        pub lock: u8,
        /// AxPROT: bit 0 privileged, bit 1 non-secure, bit 2 instruction.
        pub prot: u8,
        /// Non-secure access identity; 0 at memory sides, which do not carry it.
        pub nsaid: u8,
    }

    /// A write data beat. `data` is little-endian by lane: byte lane 0 is the low byte of `data[0]`.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct W {
        /// 16 byte lanes.
        pub data: [u64; 2],
        /// A bit a lane.
        pub strb: u16,
        /// Last beat of the burst.
        pub last: bool,
    }

    /// A read data beat.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct R {
        /// 16 byte lanes.
        pub data: [u64; 2],
        /// Transaction ID.
        pub id: u8,
        /// 0 OKAY, 1 EXOKAY, 2 SLVERR, 3 DECERR.
        pub resp: u8,
        /// Last beat of the burst.
        pub last: bool,
    }

    /// A write response.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct B {
        /// Transaction ID.
        pub id: u8,
        /// As in [`R`].
        pub resp: u8,
    }

    /// A DMA descriptor (rtl/dma/dma_master.sv).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Desc {
        /// Byte address of the first row.
        pub addr: u64,
        /// Bytes a row.
        pub len: u32,
        /// Bytes from row to row.
        pub stride: u32,
        /// Rows.
        pub rows: u16,
        /// Returned in the status.
        pub tag: u16,
        /// Longest burst, beats, 1..=64.
        pub burst: u8,
        /// Bursts outstanding at most, 1..=16.
        pub outstanding: u8,
        /// Which strap of the master the bursts carry, 0..4.
        pub stream: u8,
        /// Stop issuing after the first error response.
        pub stop_on_error: bool,
    }

    /// A descriptor's end.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Status {
        /// Address of the first failing beat (reads) or burst (writes); 0 when none failed.
        pub fail_addr: u64,
        /// The descriptor's tag.
        pub tag: u16,
        /// 0 done, 1 stopped, 2 refused: zero, 3 wrap-around, 4 overlapping rows, 5 burst or limit.
        pub code: u8,
        /// Merged response, DECERR > SLVERR > OKAY.
        pub resp: u8,
    }

    /// A master driven by hand, every field of every channel.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Raw {
        /// ARVALID.
        pub ar_valid: bool,
        /// AWVALID.
        pub aw_valid: bool,
        /// WVALID.
        pub w_valid: bool,
        /// RREADY.
        pub r_ready: bool,
        /// BREADY.
        pub b_ready: bool,
        /// AR payload.
        pub ar: Ax,
        /// AW payload.
        pub aw: Ax,
        /// W payload.
        pub w: W,
    }

    /// What memory drives at one filter's memory side.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct MemIn {
        /// ARREADY.
        pub ar_ready: bool,
        /// AWREADY.
        pub aw_ready: bool,
        /// WREADY.
        pub w_ready: bool,
        /// RVALID.
        pub r_valid: bool,
        /// BVALID.
        pub b_valid: bool,
        /// R payload.
        pub r: R,
        /// B payload.
        pub b: B,
    }

    /// The APB requester's side (IHI 0024).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct ApbIn {
        /// PADDR, 12 bits.
        pub addr: u16,
        /// PSEL.
        pub sel: bool,
        /// PENABLE.
        pub enable: bool,
        /// PWRITE.
        pub write: bool,
        /// PSTRB.
        pub strb: u8,
        /// PPROT; bit 1 is non-secure.
        pub prot: u8,
        /// PWDATA.
        pub wdata: u32,
    }

    /// NSAID and AxPROT a stream, wired to a master from outside (design.md, the board).
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Straps {
        /// 4 bits a stream, stream 0 lowest.
        pub nsaid: u16,
        /// 3 bits a stream, stream 0 lowest.
        pub prot: u16,
    }

    /// Everything driven in one cycle. Masks have one bit a master; payloads count only where set.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    pub struct Inputs {
        /// Masters whose port is driven by `raw` instead of their DMA engine.
        pub raw_enable: u8,
        /// Read descriptors offered.
        pub rd_desc_valid: u8,
        /// Write descriptors offered.
        pub wr_desc_valid: u8,
        /// Write data beats offered.
        pub ws_valid: u8,
        /// Read descriptors.
        pub rd_desc: [Desc; 8],
        /// Write descriptors.
        pub wr_desc: [Desc; 8],
        /// Write data beats, by bus lane.
        pub ws_data: [[u64; 2]; 8],
        /// Raw masters.
        pub raw: [Raw; 8],
        /// Identity straps.
        pub straps: [Straps; 8],
        /// Memory, by filter.
        pub mem: [MemIn; 4],
        /// Register bus.
        pub apb: ApbIn,
    }

    /// VALID and READY of one channel, a bit a port of [`PORTS`].
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Handshake {
        /// VALID.
        pub valid: u16,
        /// READY.
        pub ready: u16,
    }

    /// Payloads of one port; each counts only while the channel's VALID is high.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Port {
        /// AR payload.
        pub ar: Ax,
        /// AW payload.
        pub aw: Ax,
        /// W payload.
        pub w: W,
        /// R payload.
        pub r: R,
        /// B payload.
        pub b: B,
    }

    /// Where a read beat of a DMA engine belongs; its data is the port's R payload of the same cycle.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct ReadBeat {
        /// Address of the first wanted byte.
        pub addr: u64,
        /// The descriptor's tag.
        pub tag: u16,
        /// Response of the beat.
        pub resp: u8,
    }

    /// Everything seen in one cycle, sampled before the clock edge.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    pub struct Outputs {
        /// AR handshakes.
        pub ar: Handshake,
        /// AW handshakes.
        pub aw: Handshake,
        /// W handshakes.
        pub w: Handshake,
        /// R handshakes.
        pub r: Handshake,
        /// B handshakes.
        pub b: Handshake,
        /// Read descriptors that can be taken.
        pub rd_desc_ready: u8,
        /// Write descriptors that can be taken.
        pub wr_desc_ready: u8,
        /// Write data beats that can be taken.
        pub ws_ready: u8,
        /// Read statuses.
        pub rd_sts_valid: u8,
        /// Write statuses.
        pub wr_sts_valid: u8,
        /// Read data beats handed to the IP.
        pub rs_valid: u8,
        /// Masters with nothing queued or in flight.
        pub idle_m: u8,
        /// Filters with nothing queued or in flight.
        pub idle_f: u8,
        /// The register file has nothing to settle.
        pub idle_reg: bool,
        /// The firewall's interrupt.
        pub tzcint: bool,
        /// PREADY.
        pub apb_ready: bool,
        /// PSLVERR.
        pub apb_slverr: bool,
        /// PRDATA.
        pub apb_rdata: u32,
        /// Read statuses.
        pub rd_sts: [Status; 8],
        /// Write statuses.
        pub wr_sts: [Status; 8],
        /// Read beats.
        pub rs: [ReadBeat; 8],
        /// Payloads by port.
        pub port: [Port; 16],
    }

    /// Everything driven at the firewall alone.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    pub struct PinsInputs {
        /// Slave sides, by filter.
        pub master: [Raw; 4],
        /// Memory sides, by filter.
        pub mem: [MemIn; 4],
        /// Register bus.
        pub apb: ApbIn,
    }

    /// Everything seen at the firewall alone: ports 0..4 are slave sides, 4..8 memory sides.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    pub struct PinsOutputs {
        /// AR handshakes.
        pub ar: Handshake,
        /// AW handshakes.
        pub aw: Handshake,
        /// W handshakes.
        pub w: Handshake,
        /// R handshakes.
        pub r: Handshake,
        /// B handshakes.
        pub b: Handshake,
        /// Filters with nothing queued or in flight.
        pub idle_f: u8,
        /// The register file has nothing to settle.
        pub idle_reg: bool,
        /// The firewall's interrupt.
        pub tzcint: bool,
        /// PREADY.
        pub apb_ready: bool,
        /// PSLVERR.
        pub apb_slverr: bool,
        /// PRDATA.
        pub apb_rdata: u32,
        /// Payloads by port.
        pub port: [Port; 8],
    }

    /// How a model is run.
    #[derive(Clone, Copy, Debug)]
    struct Flags {
        /// Idle units' clocks are held.
        hold_clocks: bool,
        /// Planted: idleness is assumed one cycle early.
        early_idle: bool,
        /// Planted fault, 0 for none.
        fault: u8,
        /// Seed of random values before reset, 0 for zeros.
        reset_seed: u32,
    }

    /// What a replay took and gave.
    #[derive(Clone, Copy, Debug)]
    pub struct Replay {
        /// Time of the loop, seconds.
        pub seconds: f64,
        /// As `Board::output_hash`, when hashing; else 0.
        pub hash: u64,
    }

    /// What the wrapper keeps about a run.
    #[derive(Clone, Debug, Default)]
    struct Tally {
        /// Cycles since reset.
        cycle: u64,
        /// Rolling hash, while `hashing`.
        hash: u64,
        /// Whether `hash` is kept.
        hashing: bool,
        /// No unit needs a clock.
        quiescent: bool,
        /// Handshakes by port and channel.
        pins: [[u64; 5]; 16],
    }

    unsafe extern "C++" {
        include!("ringfence-sim/cpp/model.h");

        /// Version of Verilator that the linked runtime was compiled from.
        fn runtime_version() -> String;
        /// Version of Verilator that the models were compiled with.
        fn model_version() -> String;

        type BoardModel;
        /// Null when the shape is not built.
        fn new_board(key: &str, flags: &Flags) -> UniquePtr<BoardModel>;
        fn reset(
            self: Pin<&mut BoardModel>,
            inputs: &Inputs,
            outputs: &mut Outputs,
            tally: &mut Tally,
        );
        fn step(
            self: Pin<&mut BoardModel>,
            inputs: &Inputs,
            outputs: &mut Outputs,
            tally: &mut Tally,
        );
        fn failures(self: &BoardModel) -> Vec<String>;
        fn record(self: Pin<&mut BoardModel>);
        fn recorded(self: Pin<&mut BoardModel>) -> UniquePtr<Recording>;
        fn replay(self: Pin<&mut BoardModel>, recording: &Recording, hashing: bool) -> Replay;

        type Recording;
        fn cycles(self: &Recording) -> u64;
        type BareModel;
        /// Null when the shape's bare flavour is not built.
        fn new_bare(key: &str, flags: &Flags) -> UniquePtr<BareModel>;
        fn replay(self: Pin<&mut BareModel>, recording: &Recording, hashing: bool) -> Replay;

        type PinsModel;
        /// Null when the shape is not built.
        fn new_pins(key: &str, flags: &Flags) -> UniquePtr<PinsModel>;
        fn reset(self: Pin<&mut PinsModel>, outputs: &mut PinsOutputs);
        fn step(self: Pin<&mut PinsModel>, inputs: &PinsInputs, outputs: &mut PinsOutputs);
        fn failures(self: &PinsModel) -> Vec<String>;
    }
}

// SPDX-License-Identifier: Apache-2.0
//! A small playback: two pools, four permitted parties, one intruder.
use crate::oracle::{PoolIntent, Rights};
use crate::scenario::{
    Attack, Background, Clients, Firewall, Intruder, Ip, Master, Memory, Order, Pool, PoolKind,
    Role, Scenario, Sim, TeeSetup, UseCase,
};
use crate::units::{AddrRange, ByteLen, ByteRate, Cycle, Hertz, MasterId, Nsaid, PhysAddr};

pub(super) const CPU: u8 = 0;
pub(super) const CRYPTO: u8 = 1;
pub(super) const DECODER: u8 = 2;
pub(super) const DISPLAY: u8 = 3;
pub(super) const GPU: u8 = 4;
pub(super) const DRAM: u64 = 0x8000_0000;
pub(super) const DRAM_LEN: u64 = 0x0100_0000;
pub(super) const BITSTREAM: u64 = 0x8010_0000;
pub(super) const BITSTREAM_LEN: u64 = 0x1_0000;
pub(super) const FRAMES: u64 = 0x8020_0000;
pub(super) const FRAMES_LEN: u64 = 0x4_0000;
/// Line of the intruder, and of the frame pool.
pub(super) const INTRUDER_LINE: u32 = 50;
pub(super) const FRAMES_LINE: u32 = 41;

pub(super) fn range(base: u64, len: u64) -> AddrRange {
    AddrRange::new(PhysAddr(base), ByteLen(len)).expect("does not wrap")
}

fn pool(name: &str, role: Role, range: AddrRange, line: u32) -> Pool {
    Pool {
        name: name.into(),
        use_case: UseCase::SecureVideo,
        roles: vec![role],
        kind: PoolKind::Static,
        range,
        line,
    }
}

/// The scenario, with an intruder at the GPU's port.
pub(super) fn scenario() -> Scenario {
    let names = ["cpu", "crypto", "vdec", "display", "gpu", "camera", "venc", "dma"];
    let masters = (0u8..).zip(names).map(|(id, name)| Master {
        name: name.into(),
        id: MasterId(id),
        ip: Ip::Dma,
        nsaid: Nsaid(id + 1),
        secure: false,
        dma_bits: 40,
        force_bounce: false,
        coherent: false,
        line: 20 + u32::from(id),
    });
    Scenario {
        name: "small".into(),
        summary: "a small playback".into(),
        tags: Vec::new(),
        seed: 1,
        overrides: Vec::new(),
        sim: Sim {
            clock: Hertz(600_000_000),
            shape: "f1".into(),
            limit: Cycle(1_000_000),
            wait_budget: Cycle(10_000),
            bin: Cycle(1000),
            duration: None,
        },
        memory: Memory {
            dram: range(DRAM, DRAM_LEN),
            alias_bits: None,
            latency_ps: 50_000,
            bandwidth: ByteRate(9_600_000_000),
        },
        firewall: Firewall {
            background: Background::Deny,
            order: Order::DisableFirst,
            action_error: true,
            action_interrupt: true,
            speculation: false,
        },
        tee: TeeSetup::default(),
        cache: None,
        iommus: Vec::new(),
        bounce: Vec::new(),
        masters: masters.collect(),
        pools: vec![
            pool("bits", Role::Bitstream, range(BITSTREAM, BITSTREAM_LEN), 40),
            pool("frames", Role::Frame, range(FRAMES, FRAMES_LEN), FRAMES_LINE),
        ],
        playback: None,
        ui: None,
        recording: None,
        replay: None,
        reserved: Vec::new(),
        clients: Clients::default(),
        traffic: Vec::new(),
        intruders: vec![Intruder {
            master: MasterId(GPU),
            attacks: vec![Attack::ReadFrames],
            burst: ByteLen(64),
            outstanding: 4,
            every: Cycle(10),
            after_frames: 0,
            write_percent: 0,
            line: INTRUDER_LINE,
        }],
        expects: Vec::new(),
        plants: Vec::new(),
    }
}

/// The same, without a declared intruder.
pub(super) fn quiet() -> Scenario {
    Scenario { intruders: Vec::new(), ..scenario() }
}

/// Who may touch the pools at all.
pub(super) fn pools() -> Vec<PoolIntent> {
    let mut bits =
        PoolIntent { range: Some(range(BITSTREAM, BITSTREAM_LEN)), rights: Default::default() };
    let mut frames =
        PoolIntent { range: Some(range(FRAMES, FRAMES_LEN)), rights: Default::default() };
    bits.rights[usize::from(CRYPTO)] = Rights { read: false, write: true };
    bits.rights[usize::from(DECODER)] = Rights { read: true, write: false };
    frames.rights[usize::from(DECODER)] = Rights { read: true, write: true };
    frames.rights[usize::from(DISPLAY)] = Rights { read: true, write: false };
    vec![bits, frames]
}

/// `(number, base, last byte, identities)` of the regions that express these pools; non-secure.
pub(super) fn regions() -> Vec<(u16, u64, u64, u32)> {
    let id = |master: u8| 1u32 << (master + 1);
    let bits = id(DECODER) | id(CRYPTO) << 16;
    let frames = id(DECODER) | id(DISPLAY) | id(DECODER) << 16;
    vec![
        (1, BITSTREAM, BITSTREAM + BITSTREAM_LEN - 1, bits),
        (2, FRAMES, FRAMES + FRAMES_LEN - 1, frames),
        (3, DRAM, BITSTREAM - 1, u32::MAX),
        (4, BITSTREAM + BITSTREAM_LEN, FRAMES - 1, u32::MAX),
        (5, FRAMES + FRAMES_LEN, DRAM + DRAM_LEN - 1, u32::MAX),
    ]
}

// SPDX-License-Identifier: Apache-2.0
//! A playback board for tests: eight masters, of which the crypto engine is secure.
use crate::scenario::{
    Background, Clients, Firewall, Ip, Master, Memory, Order, Pool, PoolKind, Role, Scenario, Sim,
    TeeSetup, UseCase,
};
use crate::units::{AddrRange, ByteLen, ByteRate, Cycle, Hertz, MasterId, Nsaid, PhysAddr};

/// Masters by number; the number plus one is the identity.
pub(crate) const IPS: [Ip; 8] =
    [Ip::Cpu, Ip::Crypto, Ip::Decoder, Ip::Display, Ip::Gpu, Ip::Camera, Ip::Encoder, Ip::Dma];

pub(crate) fn range(base: u64, len: u64) -> AddrRange {
    AddrRange::new(PhysAddr(base), ByteLen(len)).expect("no wrap")
}

pub(crate) fn pool(use_case: UseCase, role: Role, base: u64, len: u64) -> Pool {
    Pool {
        name: format!("{role:?}@{base:x}"),
        use_case,
        roles: vec![role],
        kind: PoolKind::Static,
        range: range(base, len),
        line: 1,
    }
}

/// A scenario with nothing but a board, DRAM and pools.
pub(crate) fn scenario(dram: AddrRange, pools: Vec<Pool>) -> Scenario {
    let masters = (0..).zip(IPS).map(|(number, ip)| Master {
        name: format!("{ip:?}"),
        id: MasterId(number),
        ip,
        nsaid: Nsaid(number + 1),
        secure: ip == Ip::Crypto,
        dma_bits: 40,
        force_bounce: false,
        coherent: false,
        line: 1,
    });
    Scenario {
        name: "fixture".into(),
        summary: String::new(),
        tags: Vec::new(),
        seed: 1,
        overrides: Vec::new(),
        sim: Sim {
            clock: Hertz(600_000_000),
            shape: String::new(),
            limit: Cycle(1_000_000),
            wait_budget: Cycle(10_000),
            bin: Cycle(1000),
            duration: None,
        },
        memory: Memory {
            dram,
            alias_bits: None,
            latency_ps: 60_000,
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
        pools,
        playback: None,
        ui: None,
        recording: None,
        replay: None,
        reserved: Vec::new(),
        clients: Clients::default(),
        traffic: Vec::new(),
        intruders: Vec::new(),
        expects: Vec::new(),
        plants: Vec::new(),
    }
}

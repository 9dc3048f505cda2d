// SPDX-License-Identifier: Apache-2.0
//! A stalled channel keeps VALID and its payload; a new address is legal (IHI 0022 A3.2.1).

use super::rules::{self, Rule};
use super::{Channel, Sink, address, bits};
use crate::pins::{Ax, B, Handshake, PORTS, Port, R, W};

/// What waited for READY in the cycle before.
#[derive(Debug)]
pub(super) struct Stalls {
    waiting: [u16; 5],
    payload: Box<[Port; PORTS]>,
}

impl Default for Stalls {
    fn default() -> Self {
        Self { waiting: [0; 5], payload: Box::new([Port::default(); PORTS]) }
    }
}

impl Stalls {
    /// Checks a cycle's masks and payloads, then remembers what waits.
    pub(super) fn check(&mut self, now: &[Handshake; 5], ports: &[Port], sink: &mut Sink) {
        const CHANNELS: [Channel; 5] =
            [Channel::Ar, Channel::Aw, Channel::W, Channel::R, Channel::B];
        for channel in CHANNELS {
            let number = channel as usize;
            let Handshake { valid, ready } = now[number];
            let waited = self.waiting[number];
            if valid | waited == 0 {
                continue;
            }
            for i in bits(waited & !valid) {
                sink.port = i;
                let detail = format_args!("VALID fell before READY");
                sink.report(channel, rules::VALID_STABLE[number], detail);
            }
            for i in bits(waited & valid) {
                sink.port = i;
                compare(channel, &self.payload[i], &ports[i], sink);
            }
            let new = valid & !waited;
            for i in bits(new) {
                sink.port = i;
                match channel {
                    Channel::Ar => address::check(&ports[i].ar, channel, sink),
                    Channel::Aw => address::check(&ports[i].aw, channel, sink),
                    _ => {}
                }
            }
            for i in bits(new & !ready) {
                keep(channel, &mut self.payload[i], &ports[i]);
            }
            self.waiting[number] = valid & !ready;
        }
    }
}

fn keep(channel: Channel, kept: &mut Port, seen: &Port) {
    match channel {
        Channel::Ar => kept.ar = seen.ar,
        Channel::Aw => kept.aw = seen.aw,
        Channel::W => kept.w = seen.w,
        Channel::R => kept.r = seen.r,
        Channel::B => kept.b = seen.b,
    }
}

fn compare(channel: Channel, kept: &Port, seen: &Port, sink: &mut Sink) {
    match channel {
        Channel::Ar => address_stays(channel, &rules::AR.stable, &kept.ar, &seen.ar, sink),
        Channel::Aw => address_stays(channel, &rules::AW.stable, &kept.aw, &seen.aw, sink),
        Channel::W if kept.w != seen.w => write_stays(&kept.w, &seen.w, sink),
        Channel::R if kept.r != seen.r => read_stays(&kept.r, &seen.r, sink),
        Channel::B if kept.b != seen.b => response_stays(&kept.b, &seen.b, sink),
        _ => {}
    }
}

fn field<T: PartialEq + std::fmt::LowerHex>(
    channel: Channel,
    rule: Rule,
    (kept, seen): (T, T),
    sink: &mut Sink,
) {
    if kept != seen {
        let detail = format_args!("changed from {kept:#x} to {seen:#x} while waiting for READY");
        sink.report(channel, rule, detail);
    }
}

fn address_stays(channel: Channel, rules: &[Rule; 8], kept: &Ax, seen: &Ax, sink: &mut Sink) {
    if kept == seen {
        return;
    }
    field(channel, rules[0], (kept.addr, seen.addr), sink);
    field(channel, rules[1], (kept.id, seen.id), sink);
    field(channel, rules[2], (kept.len, seen.len), sink);
    field(channel, rules[3], (kept.size, seen.size), sink);
    field(channel, rules[4], (kept.burst, seen.burst), sink);
    field(channel, rules[5], (kept.lock, seen.lock), sink);
    field(channel, rules[6], (kept.prot, seen.prot), sink);
    field(channel, rules[7], (kept.nsaid, seen.nsaid), sink);
}

fn wide(data: [u64; 2]) -> u128 {
    u128::from(data[1]) << 64 | u128::from(data[0])
}

fn write_stays(kept: &W, seen: &W, sink: &mut Sink) {
    field(Channel::W, rules::W_STABLE[0], (wide(kept.data), wide(seen.data)), sink);
    field(Channel::W, rules::W_STABLE[1], (kept.strb, seen.strb), sink);
    field(Channel::W, rules::W_STABLE[2], (u8::from(kept.last), u8::from(seen.last)), sink);
}

fn read_stays(kept: &R, seen: &R, sink: &mut Sink) {
    field(Channel::R, rules::R_STABLE[0], (wide(kept.data), wide(seen.data)), sink);
    field(Channel::R, rules::R_STABLE[1], (kept.id, seen.id), sink);
    field(Channel::R, rules::R_STABLE[2], (kept.resp, seen.resp), sink);
    field(Channel::R, rules::R_STABLE[3], (u8::from(kept.last), u8::from(seen.last)), sink);
}

fn response_stays(kept: &B, seen: &B, sink: &mut Sink) {
    field(Channel::B, rules::B_STABLE[0], (kept.id, seen.id), sink);
    field(Channel::B, rules::B_STABLE[1], (kept.resp, seen.resp), sink);
}

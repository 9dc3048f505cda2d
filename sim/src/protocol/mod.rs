// SPDX-License-Identifier: Apache-2.0
//! AXI4 rules, checked on all five channels of every observed port (IHI 0022).
//!
//! The checkers see only what the pins show; who drives a port does not matter to them.

mod address;
mod queue;
mod read;
mod rules;
mod stable;
mod write;

#[cfg(test)]
mod tests;

use std::fmt;

use crate::pins::{BEAT_BYTES, Handshake, Outputs, PORTS, PinsOutputs, Port};
use read::ReadChecker;
use rules::Rule;
use stable::Stalls;
use write::WriteChecker;

/// An AXI channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    /// Read address.
    Ar,
    /// Write address.
    Aw,
    /// Write data.
    W,
    /// Read data.
    R,
    /// Write response.
    B,
}

impl Channel {
    /// Bit of this channel in a channel mask.
    pub const fn bit(self) -> u8 {
        1 << self as u8
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(["AR", "AW", "W", "R", "B"][*self as usize])
    }
}

/// A broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtocolError {
    /// Cycle in which it shows.
    pub cycle: u64,
    /// Observed port, as in [`Outputs::port`].
    pub port: usize,
    /// Channel on which it shows.
    pub channel: Channel,
    /// The rule's name.
    pub rule: &'static str,
    /// Where the specification says so.
    pub section: &'static str,
    /// What was seen.
    pub detail: String,
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cycle, port, channel, rule, section, detail } = self;
        write!(f, "cycle {cycle}, port {port}, {channel}: {detail} ({rule}, {section})")
    }
}

/// Where rules report. Text is made only for errors, and no more than a bounded number is kept.
#[derive(Debug)]
struct Sink {
    cycle: u64,
    port: usize,
    /// Bytes of the ports' data buses.
    bus: u64,
    errors: Vec<ProtocolError>,
    count: u64,
}

impl Sink {
    /// A broken port repeats its errors in every cycle; the first ones tell.
    const MOST_KEPT: usize = 10_000;

    #[cold]
    fn report(&mut self, channel: Channel, rule: Rule, detail: fmt::Arguments<'_>) {
        self.count += 1;
        if self.errors.len() < Self::MOST_KEPT {
            self.errors.push(ProtocolError {
                cycle: self.cycle,
                port: self.port,
                channel,
                rule: rule.id,
                section: rule.section,
                detail: detail.to_string(),
            });
        }
    }
}

/// State of the checks that span cycles, for one port.
#[derive(Debug, Default)]
struct PortChecker {
    reads: ReadChecker,
    writes: WriteChecker,
}

/// Checks every observed port.
#[derive(Debug)]
pub struct ProtocolMonitor {
    ports: Vec<PortChecker>,
    stalls: Stalls,
    sink: Sink,
    channels: u8,
}

impl ProtocolMonitor {
    /// A monitor for a board with this many filters.
    pub fn new(filters: usize) -> Self {
        debug_assert!(filters <= crate::MAX_FILTERS, "ports are numbered for at most four filters");
        Self::with_bus(BEAT_BYTES)
    }

    /// A monitor for a [`Pins`](crate::Pins) with data buses of so many bytes.
    pub fn with_bus(bytes: usize) -> Self {
        let sink = Sink { cycle: 0, port: 0, bus: bytes as u64, errors: Vec::new(), count: 0 };
        Self {
            ports: (0..PORTS).map(|_| PortChecker::default()).collect(),
            stalls: Stalls::default(),
            sink,
            channels: 0x1f,
        }
    }

    /// Checks only the channels of the mask ([`Channel::bit`]). Rules that relate two channels need
    /// both.
    pub fn set_channels(&mut self, mask: u8) {
        self.channels = mask;
    }

    /// A reset of the board: everything open is forgotten, the errors stay.
    pub fn reset(&mut self) {
        self.stalls = Stalls::default();
        for port in &mut self.ports {
            *port = PortChecker::default();
        }
    }

    /// Checks one cycle of the board.
    pub fn observe(&mut self, cycle: u64, out: &Outputs) {
        self.check(cycle, [out.ar, out.aw, out.w, out.r, out.b], &out.port);
    }

    /// Checks one cycle of the firewall alone.
    pub fn observe_pins(&mut self, cycle: u64, out: &PinsOutputs) {
        self.check(cycle, [out.ar, out.aw, out.w, out.r, out.b], &out.port);
    }

    /// Errors so far, in the order of their cycles.
    pub fn errors(&self) -> &[ProtocolError] {
        &self.sink.errors
    }

    /// Errors since the last call; what is open stays known.
    pub fn take_errors(&mut self) -> Vec<ProtocolError> {
        std::mem::take(&mut self.sink.errors)
    }

    /// Errors so far, also those that are no longer kept.
    pub fn error_count(&self) -> u64 {
        self.sink.count
    }

    /// Transactions that are open on a port.
    pub fn outstanding(&self, port: usize) -> usize {
        self.ports[port].reads.outstanding() + self.ports[port].writes.outstanding()
    }

    /// The end of a run: nothing may be open any more.
    pub fn finish(&mut self, cycle: u64) {
        self.sink.cycle = cycle;
        for (number, port) in self.ports.iter().enumerate() {
            self.sink.port = number;
            port.reads.finish(&mut self.sink);
            port.writes.finish(&mut self.sink);
        }
    }

    fn check(&mut self, cycle: u64, masks: [Handshake; 5], ports: &[Port]) {
        let [ar, aw, w, r, b] = self.switched(masks);
        self.sink.cycle = cycle;
        self.stalls.check(&[ar, aw, w, r, b], ports, &mut self.sink);
        // Requests before answers: a slave may answer in the cycle that completes the request.
        for i in bits(ar.fire()) {
            self.sink.port = i;
            self.ports[i].reads.request(&ports[i].ar);
        }
        for i in bits(aw.fire()) {
            self.sink.port = i;
            self.ports[i].writes.address(&ports[i].aw, &mut self.sink);
        }
        for i in bits(w.fire()) {
            self.sink.port = i;
            self.ports[i].writes.data(&ports[i].w, &mut self.sink);
        }
        for i in bits(r.fire()) {
            self.sink.port = i;
            self.ports[i].reads.data(&ports[i].r, &mut self.sink);
        }
        for i in bits(b.fire()) {
            self.sink.port = i;
            self.ports[i].writes.response(&ports[i].b, &mut self.sink);
        }
    }

    fn switched(&self, mut masks: [Handshake; 5]) -> [Handshake; 5] {
        for (number, mask) in masks.iter_mut().enumerate() {
            if self.channels >> number & 1 == 0 {
                *mask = Handshake::default();
            }
        }
        masks
    }
}

/// Numbers of the bits that are set, lowest first.
fn bits(mut mask: u16) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = mask.trailing_zeros() as usize;
        (mask != 0).then(|| {
            mask &= mask - 1;
            bit
        })
    })
}

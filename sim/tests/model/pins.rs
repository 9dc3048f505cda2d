// SPDX-License-Identifier: Apache-2.0
//! The firewall alone, both of its sides in the test's hands.

use ringfence_sim::{ApbIn, Ax, B, BEAT_BYTES, MemIn, PINS, Pins, ProtocolMonitor, R, Raw, W};

use crate::bench::reg;

/// Pins with the protocol checks.
struct Bench {
    pins: Pins,
    monitor: ProtocolMonitor,
    cycle: u64,
}

const SLAVE: u16 = 1;
const MEMORY: u16 = 1 << 4;

impl Bench {
    /// With check latency 0 or 1.
    fn new(latency: usize) -> Self {
        assert_eq!(usize::from(PINS[latency].check_latency), latency);
        let pins = Pins::new(PINS[latency].name, true).expect("both are always built");
        let mut bench = Self { pins, monitor: ProtocolMonitor::with_bus(BEAT_BYTES), cycle: 0 };
        for (addr, data) in [
            (reg::ACTION, 1),
            (reg::REGION_ATTR, 0xc000_0000),
            (reg::REGION_ID_ACCESS, 0x0001_0001),
            (reg::GATE_KEEPER, 1),
        ] {
            let setup =
                ApbIn { addr, wdata: data, write: true, sel: true, strb: 0xf, ..ApbIn::default() };
            bench.pins.inputs().apb = setup;
            bench.step();
            bench.pins.inputs().apb.enable = true;
            bench.step();
            assert!(bench.pins.outputs().apb_ready);
            bench.pins.inputs().apb = ApbIn::default();
            bench.step();
        }
        bench.pins.inputs().master[0].r_ready = true;
        bench.pins.inputs().master[0].b_ready = true;
        bench
    }

    fn step(&mut self) {
        self.pins.step();
        self.monitor.observe_pins(self.cycle, self.pins.outputs());
        self.cycle += 1;
    }

    /// Steps until `fired` names a handshake, then lets go of the inputs that `release` names.
    fn until(
        &mut self,
        fired: impl Fn(&ringfence_sim::PinsOutputs) -> bool,
        release: impl Fn(&mut Raw, &mut MemIn),
    ) {
        for _ in 0..50 {
            self.step();
            if fired(self.pins.outputs()) {
                let inputs = self.pins.inputs();
                release(&mut inputs.master[0], &mut inputs.mem[0]);
                return;
            }
        }
        panic!("no handshake in 50 cycles");
    }

    fn finish(mut self) {
        self.step();
        self.step();
        assert!(self.pins.outputs().idle_f == 1 && self.pins.outputs().idle_reg);
        self.monitor.finish(self.cycle);
        assert_eq!(self.monitor.errors(), []);
        assert_eq!(self.pins.assertion_failures(), Vec::<String>::new());
    }
}

fn burst(nsaid: u8) -> Ax {
    Ax { addr: 0x8000_0000, id: 0x2a, len: 0, size: 4, burst: 1, prot: 2, nsaid, ..Ax::default() }
}

#[test]
fn an_allowed_read_passes_both_ways() {
    for latency in [0, 1] {
        let mut bench = Bench::new(latency);
        bench.pins.inputs().master[0].ar_valid = true;
        bench.pins.inputs().master[0].ar = burst(0);
        bench.until(|out| out.ar.fire() & SLAVE != 0, |raw, _| raw.ar_valid = false);
        if bench.pins.outputs().ar.valid & MEMORY == 0 {
            bench.until(|out| out.ar.valid & MEMORY != 0, |_, _| {});
        }
        bench.pins.inputs().mem[0].ar_ready = true;
        bench.until(|out| out.ar.fire() & MEMORY != 0, |_, _| {});
        assert_eq!(bench.pins.outputs().port[4].ar, Ax { nsaid: 0, ..burst(0) });
        let beat = R { data: [5, 6], id: 0x2a, resp: 0, last: true };
        bench.pins.inputs().mem[0].r_valid = true;
        bench.pins.inputs().mem[0].r = beat;
        bench.until(|out| out.r.fire() & MEMORY != 0, |_, mem| mem.r_valid = false);
        assert_eq!(bench.pins.outputs().port[0].r, beat);
        bench.finish();
    }
}

#[test]
fn a_denied_write_changes_nothing_below() {
    let mut bench = Bench::new(0);
    let inputs = bench.pins.inputs();
    (inputs.master[0].aw_valid, inputs.master[0].aw) = (true, burst(7));
    let raw = &mut inputs.master[0];
    (raw.w_valid, raw.w) = (true, W { data: [1, 2], strb: 0xffff, last: true });
    (inputs.mem[0].aw_ready, inputs.mem[0].w_ready) = (true, true);
    let (mut answer, mut below) = (None, 0);
    for _ in 0..50 {
        bench.step();
        let (inputs, out) = bench.pins.io();
        inputs.master[0].aw_valid &= out.aw.fire() & SLAVE == 0;
        inputs.master[0].w_valid &= out.w.fire() & SLAVE == 0;
        inputs.mem[0].b_valid &= out.b.fire() & MEMORY == 0;
        if out.b.fire() & SLAVE != 0 {
            answer = Some(out.port[0].b);
        }
        if out.w.fire() & MEMORY != 0 {
            below |= out.port[4].w.strb;
            (inputs.mem[0].b_valid, inputs.mem[0].b) = (true, B { id: 0x2a, resp: 0 });
        }
    }
    assert_eq!(answer, Some(B { id: 0x2a, resp: 3 }));
    assert_eq!(below, 0, "no lane may be written");
    bench.finish();
}

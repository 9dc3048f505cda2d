// SPDX-License-Identifier: Apache-2.0
//! Directed tests of the firewall alone, on all shapes of data width 64 and 128 that are built.
mod access;
mod aliases;
mod rig;
mod state;
mod suite;

use rig::Rig;
use suite::SUITE;

fn run(shape: &str, filters: usize, bytes: u16) {
    let mut failed = Vec::new();
    for (properties, name, test) in SUITE {
        let mut rig = Rig::new(shape, filters, bytes, 0);
        if let Err(why) = test(&mut rig) {
            failed.push(format!("{name} ({properties}): {why}"));
        }
        let broken = rig.pins.assertion_failures();
        assert!(broken.is_empty(), "{name}: {broken:?}");
    }
    assert!(failed.is_empty(), "{shape}:\n{}", failed.join("\n"));
}

#[test]
fn check_latency_0() {
    run("f1r9a40w128i7l0x", 1, 16);
}

#[test]
fn check_latency_1() {
    run("f1r9a40w128i7l1x", 1, 16);
}

/// Two filters, 64 and 128 bits of data, tables of eight; the planted faults are all off.
#[cfg(feature = "planted-faults")]
#[test]
fn two_filters() {
    run("faulty0", 2, 8);
    run("faulty1", 2, 16);
}

/// Properties 31 and 32 of tzasc.md: two runs that differ in one cycle alone.
mod apart {
    use ringfence_sim::{ApbIn, Ax, PINS_MEMORY_SIDE, Pins, R, W};

    /// Two firewalls with the same history until they are told apart.
    fn history(shape: &str, cycles: u64, filters: usize) -> Pins {
        let mut pins = Pins::new(shape, true).expect("the shape is built");
        for (addr, wdata) in [(0x004, 1), (0x00c, 2), (0x114, 0x2_0002), (0x008, 0xf)] {
            let apb = ApbIn { addr, wdata, sel: true, write: true, strb: 0xf, ..ApbIn::default() };
            pins.inputs().apb = apb;
            pins.step();
            pins.inputs().apb.enable = true;
            pins.step();
            pins.inputs().apb = ApbIn::default();
        }
        let mut dice = 0x9e37_79b9_u64;
        let mut draw = move |below: u64| {
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            dice % below
        };
        let mut reads = vec![Vec::new(); filters];
        for _ in 0..cycles {
            drive(&mut pins, filters, &mut draw, &mut reads);
        }
        pins
    }

    /// One cycle of traffic: short bursts of two identities, a memory that dawdles.
    fn drive(
        pins: &mut Pins,
        filters: usize,
        draw: &mut impl FnMut(u64) -> u64,
        reads: &mut [Vec<(u8, u8)>],
    ) {
        pins.step();
        let (inputs, out) = pins.io();
        for (f, reads) in reads.iter_mut().enumerate().take(filters) {
            let far = f + PINS_MEMORY_SIDE;
            let raw = &mut inputs.master[f];
            raw.ar_valid &= out.ar.fire() >> f & 1 == 0;
            raw.aw_valid &= out.aw.fire() >> f & 1 == 0;
            raw.w_valid &= out.w.fire() >> f & 1 == 0;
            let (len, id) = (draw(4) as u8, draw(2) as u8);
            let nsaid = 1 + draw(2) as u8;
            let ax = Ax { addr: 0x40, id, len, size: 2, burst: 1, prot: 2, nsaid, ..Ax::default() };
            if !raw.ar_valid && draw(2) == 0 {
                (raw.ar_valid, raw.ar) = (true, ax);
            }
            if !raw.aw_valid && draw(3) == 0 {
                (raw.aw_valid, raw.aw) = (true, Ax { len: 0, ..ax });
            }
            if !raw.w_valid && draw(3) == 0 {
                (raw.w_valid, raw.w) = (true, W { data: [1, 0], strb: 1, last: true });
            }
            raw.r_ready = draw(3) > 0;
            raw.b_ready = draw(3) > 0;
            if out.ar.fire() >> far & 1 == 1 {
                reads.push((out.port[far].ar.id, out.port[far].ar.len));
            }
            let mem = &mut inputs.mem[f];
            if out.r.fire() >> far & 1 == 1 {
                mem.r_valid = false;
                if reads[0].1 == 0 {
                    reads.remove(0);
                } else {
                    reads[0].1 -= 1;
                }
            }
            if !mem.r_valid
                && draw(3) == 0
                && let Some((id, left)) = reads.first()
            {
                mem.r_valid = true;
                mem.r = R { data: [9, 0], id: *id, resp: 0, last: *left == 0 };
            }
            (mem.ar_ready, mem.aw_ready) = (draw(3) > 0, draw(3) > 0);
            mem.w_ready = draw(3) > 0;
        }
    }

    /// READY at the slave side is the same in a cycle, whatever is valid, or ready below, in it.
    #[test]
    fn ready_depends_on_registers_only() {
        for shape in ["f1r9a40w128i7l0x", "f1r9a40w128i7l1x"] {
            let mut seen = [0; 2];
            for cycles in 20..220 {
                let ready = [0u64, 1, 2].map(|change| {
                    let mut pins = history(shape, cycles, 1);
                    let inputs = pins.inputs();
                    let raw = &mut inputs.master[0];
                    match change {
                        0 => (raw.ar_valid, raw.aw_valid, raw.w_valid) = (true, true, true),
                        1 => (raw.ar_valid, raw.aw_valid, raw.w_valid) = (false, false, false),
                        _ => {
                            let mem = &mut inputs.mem[0];
                            mem.ar_ready ^= true;
                            mem.aw_ready ^= true;
                            mem.w_ready ^= true;
                            raw.r_ready ^= true;
                            raw.b_ready ^= true;
                        }
                    }
                    pins.step();
                    let out = pins.outputs();
                    [out.ar.ready & 1, out.aw.ready & 1, out.w.ready & 1]
                });
                assert_eq!([ready[1], ready[2]], [ready[0]; 2], "{shape}, cycle {cycles}");
                seen[0] |= u32::from(ready[0].contains(&0));
                seen[1] |= u32::from(ready[0].contains(&1));
            }
            assert_eq!(seen, [1, 1], "both levels were seen");
        }
    }

    /// What is denied at one filter does not show at another.
    #[cfg(feature = "planted-faults")]
    #[test]
    fn a_filter_does_not_notice_what_another_denies() {
        for shape in ["faulty0", "faulty1"] {
            let [quiet, busy] = [false, true].map(|flood| {
                let mut pins = Pins::new(shape, true).expect("the shape is built");
                let mut when = Vec::new();
                for cycle in 0..2000u64 {
                    let inputs = pins.inputs();
                    for (at, addr, wdata) in [(0, 0x00c, 3), (2, 0x114, 0x2_0002), (4, 0x008, 0xf)]
                    {
                        let apb = ApbIn { addr, wdata, strb: 0xf, ..ApbIn::default() };
                        if cycle == at || cycle == at + 1 {
                            let enable = cycle > at;
                            inputs.apb = ApbIn { sel: true, enable, write: true, ..apb };
                        } else if cycle == 6 {
                            inputs.apb = ApbIn::default();
                        }
                    }
                    let ax = Ax { addr: 0x40, size: 2, burst: 1, prot: 2, ..Ax::default() };
                    for f in 0..2 {
                        let raw = &mut inputs.master[f];
                        (raw.r_ready, raw.ar_valid) = (true, f == 1 || flood);
                        raw.ar = Ax { nsaid: f as u8, ..ax };
                        inputs.mem[f].ar_ready = cycle % 3 > 0;
                    }
                    pins.step();
                    when.push(pins.outputs().ar.ready >> 1 & 1 | pins.outputs().ar.valid >> 4 & 2);
                }
                when
            });
            assert_eq!(quiet, busy, "{shape}");
            assert!(quiet.contains(&3));
        }
    }
}

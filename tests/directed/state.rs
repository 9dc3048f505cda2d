// SPDX-License-Identifier: Apache-2.0
//! Directed tests of gates, reset, registers, failure log and extension.
use crate::rig::{ACTION, Check, GATE, INT_CLEAR, INT_STATUS, PAGE, Rig, SPECULATION, same};
use ringfence_sim::{ApbIn, Ax, W};

const DECERR: u8 = 3;

pub(crate) fn gate(rig: &mut Rig) -> Check {
    rig.ready();
    let ax = rig.beat(PAGE);
    rig.hold = true;
    rig.offer(0, false, ax);
    for _ in 0..4 {
        rig.step();
    }
    rig.write(GATE, 0);
    same("draining", rig.read(GATE) >> 16 & 1, 1)?;
    rig.offer(0, false, Ax { addr: PAGE + 0x40, ..ax });
    rig.offer(0, true, ax);
    for _ in 0..20 {
        rig.step();
        let out = rig.pins.outputs();
        same("READY behind a closed gate", (out.ar.ready | out.aw.ready) & 1, 0)?;
    }
    same("still draining", rig.read(GATE) >> 16 & 1, 1)?;
    rig.hold = false;
    for _ in 0..6 {
        rig.step();
    }
    same("drained", rig.read(GATE) & 0x1_0001, 0)?;
    same("answered", rig.answers[0].data.len(), 1)?;
    rig.write(GATE, 0xf);
    let all = (1u32 << rig.filters) - 1;
    same("open", rig.read(GATE), all << 16 | all)?;
    for _ in 0..10 {
        let raw = &mut rig.pins.inputs().master[0];
        (raw.w_valid, raw.w) = (true, W { data: [1, 0], strb: 1, last: true });
        rig.step();
        if rig.pins.outputs().w.fire() & 1 == 1 {
            rig.pins.inputs().master[0].w_valid = false;
            break;
        }
    }
    for _ in 0..8 {
        rig.step();
    }
    same("what waited went on", rig.answers[0].data.len(), 2)
}

pub(crate) fn reset(rig: &mut Rig) -> Check {
    rig.ready();
    rig.hold = true;
    rig.offer(0, false, Ax { len: 7, ..rig.beat(PAGE) });
    for _ in 0..5 {
        rig.step();
    }
    rig.reset();
    same("gates", rig.read(GATE), 0)?;
    same("region 1", rig.read(0x130), 0)?;
    let ax = rig.beat(PAGE);
    rig.offer(0, false, ax);
    for _ in 0..10 {
        rig.step();
        let out = rig.pins.outputs();
        same("nothing is taken or shown", (out.ar.fire(), out.r.valid), (0, 0))?;
    }
    rig.pins.inputs().master[0].ar_valid = false;
    Ok(())
}

pub(crate) fn non_secure(rig: &mut Rig) -> Check {
    rig.ready();
    let apb = ApbIn { strb: 0xf, prot: 2, ..ApbIn::default() };
    for addr in [0u16, ACTION, GATE, INT_STATUS, 0x110, 0x120, 0x134, 0xe00, 0xfe0, 0x700] {
        let before = rig.read(addr);
        same(&format!("read {addr:x}"), rig.transfer(ApbIn { addr, ..apb }), (0, true))?;
        let write = ApbIn { addr, wdata: !before, write: true, ..apb };
        same(&format!("write {addr:x}"), rig.transfer(write).1, true)?;
        let secure = rig.transfer(ApbIn { prot: 0, ..ApbIn { addr, ..apb } });
        same(&format!("unchanged {addr:x}"), secure, (before, false))?;
    }
    Ok(())
}

pub(crate) fn register_map(rig: &mut Rig) -> Check {
    rig.reset();
    let filters = (1u32 << rig.filters) - 1;
    let reset = |offset: u16| match offset {
        0x000 => 8 | 39 << 8 | (rig_filters(filters) - 1) << 24,
        0x108 => u32::MAX,
        0x10c => 0xff,
        0x110 => filters,
        0x120..0x220 if offset % 0x20 == 8 => 0xfff,
        0xfd0 => 0x04,
        0xfe0 => 0x60,
        0xfe4 => 0xb4,
        0xfe8 => 0x2b,
        0xff0 => 0x0d,
        0xff4 => 0xf0,
        0xff8 => 0x05,
        0xffc => 0xb1,
        _ => 0,
    };
    let mask = |offset: u16| match offset {
        ACTION | SPECULATION => 3,
        0x110 => 0xc000_0000,
        0x114 => u32::MAX,
        0x120..0x220 => match offset % 0x20 {
            0x00 | 0x08 => 0xffff_f000,
            0x04 | 0x0c => 0xff,
            0x10 => 0xc000_0000 | filters,
            0x14 => u32::MAX,
            _ => 0,
        },
        _ => 0,
    };
    for offset in (0..0x1000).step_by(4) {
        same(&format!("reset value of {offset:x}"), rig.read(offset), reset(offset))?;
    }
    // The gates and the extension have tests of their own.
    for offset in (0..0xe00).step_by(4).filter(|offset| *offset != GATE) {
        let value = rig.read(offset);
        for bit in [0, 1, 11, 12, 16, 20, 30, 31] {
            rig.write(offset, 1 << bit);
            let want = value & !mask(offset) | 1 << bit & mask(offset);
            same(&format!("bit {bit} of {offset:x}"), rig.read(offset), want)?;
        }
        rig.write(offset, value);
    }
    let bytes = ApbIn { addr: 0x134, wdata: 0xaabb_ccdd, write: true, ..ApbIn::default() };
    rig.write(0x134, 0x1122_3344);
    rig.transfer(ApbIn { strb: 0b0101, ..bytes });
    same("strobes", rig.read(0x134), 0x11bb_33dd)?;
    rig.write(0x124, 0x12);
    rig.write(0x120, 0x8000_0000);
    same("the high word stays", rig.read(0x124), 0x12)
}

fn rig_filters(mask: u32) -> u32 {
    mask.count_ones()
}

fn log(rig: &mut Rig, filter: u16) -> [u32; 4] {
    [0, 4, 8, 12].map(|word| rig.read(0x20 + 0x10 * filter + word))
}

pub(crate) fn failures(rig: &mut Rig) -> Check {
    rig.ready();
    let first = Ax { nsaid: 2, id: 3, prot: 3, ..rig.beat(0x12_3456_7000) };
    rig.go(0, true, first)?;
    let want = [0x3456_7000, 0x12, 1 << 24 | 1 << 21 | 1 << 20, 3];
    same("logged", log(rig, 0), want)?;
    same("status", rig.read(INT_STATUS), 1)?;
    let second = Ax { id: 2, prot: 0, ..rig.beat(PAGE) };
    rig.go(0, false, second)?;
    same("the first stays", log(rig, 0), want)?;
    same("overrun", rig.read(INT_STATUS), 0x101)?;
    same("INT_CLEAR reads 0", rig.read(INT_CLEAR), 0)?;
    rig.write(INT_CLEAR, 1);
    same("cleared", (rig.read(INT_STATUS), log(rig, 0)), (0, want))?;
    rig.go(0, false, second)?;
    same("the next one", log(rig, 0), [PAGE as u32, 0, 0, 2])
}

pub(crate) fn clears(rig: &mut Rig) -> Check {
    rig.ready();
    if rig.filters < 2 {
        return Ok(());
    }
    let ax = Ax { nsaid: 2, ..rig.beat(PAGE) };
    rig.go(0, false, ax)?;
    rig.go(1, false, ax)?;
    rig.write(INT_CLEAR, 1);
    same("filter 1 stays", rig.read(INT_STATUS), 2)?;
    rig.write(INT_CLEAR, 2);
    same("both gone", rig.read(INT_STATUS), 0)
}

pub(crate) fn clear_and_fail(rig: &mut Rig) -> Check {
    rig.ready();
    let ax = Ax { nsaid: 2, ..rig.beat(PAGE) };
    rig.go(0, false, ax)?;
    rig.go(0, false, ax)?;
    let clear = ApbIn { addr: INT_CLEAR, wdata: 1, write: true, strb: 1, ..ApbIn::default() };
    rig.pins.inputs().apb = ApbIn { sel: true, ..clear };
    rig.step();
    rig.pins.inputs().apb.enable = true;
    rig.offer(0, false, Ax { addr: PAGE + 0x40, ..ax });
    rig.step();
    same("both in one cycle", rig.pins.outputs().ar.fire() & 1, 1)?;
    rig.pins.inputs().apb = ApbIn::default();
    for _ in 0..10 {
        rig.step();
    }
    same("the new one, alone", (rig.read(INT_STATUS), rig.read(0x20)), (1, PAGE as u32 + 0x40))
}

/// The one data beat of a write whose address is offered, and time for its answer.
fn give_beat(rig: &mut Rig) {
    for _ in 0..10 {
        let raw = &mut rig.pins.inputs().master[0];
        (raw.w_valid, raw.w) = (true, W { data: [1, 0], strb: 1, last: true });
        rig.step();
        if rig.pins.outputs().w.fire() & 1 == 1 {
            break;
        }
    }
    rig.pins.inputs().master[0].w_valid = false;
    for _ in 0..10 {
        rig.step();
    }
}

pub(crate) fn two_failures(rig: &mut Rig) -> Check {
    rig.ready();
    let ax = Ax { nsaid: 2, ..rig.beat(PAGE) };
    rig.offer(0, false, Ax { addr: PAGE + 0x100, ..ax });
    rig.offer(0, true, ax);
    rig.step();
    let out = rig.pins.outputs();
    same("both in one cycle", out.ar.fire() & out.aw.fire() & 1, 1)?;
    give_beat(rig);
    same("the write", log(rig, 0), [PAGE as u32, 0, 1 << 24 | 1 << 21, 1])?;
    same("overrun", rig.read(INT_STATUS), 0x101)
}

pub(crate) fn lock_and_commit(rig: &mut Rig) -> Check {
    rig.ready();
    same(
        "asleep",
        (rig.read(0xe04), {
            rig.write(0xe08, 2);
            rig.read(0xe08)
        }),
        (0, 0),
    )?;
    rig.write(0xe00, 1);
    same("identity", rig.read(0xe04), 0x5246_0001)?;
    rig.write(0xe0c, 1);
    rig.write(0x134, 0x4_0004);
    rig.write(0x154, 0x55);
    same("staged", (rig.read(0x134), rig.read(0xe0c)), (0x4_0004, 0x101))?;
    let ax = rig.beat(PAGE);
    same("not in force", rig.go(0, false, ax)?.resp, 0)?;
    rig.write(0xe08, 4);
    rig.write(0xe0c, 3);
    same("in force", rig.go(0, false, ax)?.resp, DECERR)?;
    rig.write(0xe0c, 0);
    same("the locked one was not committed", rig.read(0x154), 0)?;
    rig.write(0x154, 0x77);
    same("locked", rig.read(0x154), 0)?;
    rig.write(0xe08, 0);
    same("sticky", rig.read(0xe08), 4)?;
    rig.write(0xe0c, 1);
    rig.write(0x134, 0);
    rig.write(0xe0c, 0);
    same("dropped", rig.read(0x134), 0x4_0004)
}

/// Each byte of the extension's registers is written by its own strobe alone.
pub(crate) fn extension_strobes(rig: &mut Rig) -> Check {
    rig.ready();
    let lanes = |rig: &mut Rig, addr, wdata, strb| {
        rig.transfer(ApbIn { addr, wdata, write: true, strb, ..ApbIn::default() });
    };
    lanes(rig, 0xe00, 1, 0b1110);
    same("not enabled", rig.read(0xe04), 0)?;
    lanes(rig, 0xe00, 0x8000_0001, 0b0111);
    same("enabled, not locked", rig.read(0xe04), 0x5246_0001)?;
    rig.write(0xe00, 0);
    same("off again", rig.read(0xe04), 0)?;
    rig.write(0xe00, 1);
    lanes(rig, 0xe08, 0x1ff, 0b1100);
    same("nothing locked", rig.read(0xe08), 0)?;
    lanes(rig, 0xe08, 0x1ff, 0b0010);
    same("region 8 locked", rig.read(0xe08), 0x100)?;
    rig.go(0, false, Ax { len: 15, addr: PAGE + 0xff8, ..rig.beat(PAGE) })?;
    lanes(rig, 0xe10, u32::MAX, 0b1011);
    same("the flag stays", rig.read(0xe10), 0x1_0000)?;
    lanes(rig, 0xe10, u32::MAX, 0b0100);
    same("the flag is cleared", rig.read(0xe10), 0)
}

pub(crate) fn counters(rig: &mut Rig) -> Check {
    rig.ready();
    rig.write(0xe00, 1);
    let ax = rig.beat(PAGE);
    for (write, nsaid, times) in [(false, 1, 3), (true, 1, 2), (false, 2, 4), (true, 5, 1)] {
        for _ in 0..times {
            rig.go(0, write, Ax { nsaid, ..ax })?;
        }
    }
    let read = |rig: &mut Rig| [0xe40, 0xe44, 0xe48, 0xe4c].map(|at| rig.read(at));
    same("nsaid, denied reads and writes, allowed", read(rig), [2, 4, 1, 5])?;
    rig.offer(0, false, ax);
    rig.offer(0, true, ax);
    rig.step();
    give_beat(rig);
    same("two at once", rig.read(0xe4c), 7)?;
    // A write of any value clears the counter that it names, and no other; the NSAID stays.
    let mut want = [2, 4, 1, 7];
    for (at, left) in [2, 0, 0, 0].into_iter().enumerate() {
        rig.write(0xe40 + 4 * at as u16, u32::MAX);
        want[at] = left;
        same("cleared alone", read(rig), want)?;
    }
    rig.go(0, false, Ax { len: 15, addr: PAGE + 0xff8, ..ax })?;
    same("crossing", rig.read(0xe10), 0x1_0000)
}

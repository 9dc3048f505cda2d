// SPDX-License-Identifier: Apache-2.0
//! Directed tests of the firewall alone. Numbers are those of the properties in tzasc.md section 6.
use crate::rig::{
    ACTION, Check, GATE, INT_CLEAR, INT_STATUS, PAGE, Region, Rig, SPECULATION, same,
};
use ringfence_sim::{ApbIn, Ax, W};

/// A directed test: the properties that it shows, its name, and the test.
pub(crate) type Test = (&'static str, &'static str, fn(&mut Rig) -> Check);

/// All of them; each begins after a reset.
pub(crate) const SUITE: &[Test] = &[
    ("6", "top and base are inclusive", edges),
    ("7 13", "an enable is its filter's alone", filters),
    ("8 9 10", "worlds, identities and directions apart", identities),
    ("11 12 14", "overlap denies, the background does not overlap", overlap),
    ("19", "a burst may end on the edge and not cross it", page_edge),
    ("20", "the shape of a burst does not change its verdict", shapes),
    ("28", "exclusives: EXOKAY only if allowed", exclusives),
    ("2 29 51", "a denied read is zeros with the response of ACTION", denied_reads),
    ("18 29", "a denied write changes nothing", denied_writes),
    ("30", "WLAST moves no beat", wrong_last),
    ("37 38", "the gate closes, drains and opens", gate),
    ("26", "answers of one ID stay in order", order),
    ("35", "one verdict a burst", one_verdict),
    ("40", "a reset in traffic leaves everything closed", reset),
    ("42", "non-secure accesses to the registers do nothing", non_secure),
    ("43 44", "reset values and writable bits", register_map),
    ("45 47 48", "the first failure stays until it is cleared", failures),
    ("49", "a clear is its filter's alone", clears),
    ("50", "a failure in the cycle of a clear stays", clear_and_fail),
    ("52", "of two failures in a cycle the write is logged", two_failures),
    ("46", "locks are sticky, commits are whole", lock_and_commit),
    ("53", "counters count", counters),
];

const DECERR: u8 = 3;

fn edges(rig: &mut Rig) -> Check {
    rig.ready();
    let bytes = u64::from(rig.bytes);
    let page = Region { base: PAGE + 0x1000, top: PAGE + 0x1fff, attributes: 0xf, ids: 0x2_0002 };
    rig.region(1, page);
    for (addr, resp) in [
        (PAGE + 0x1000 - bytes, DECERR),
        (PAGE + 0x1000, 0),
        (PAGE + 0x2000 - bytes, 0),
        (PAGE + 0x2000, DECERR),
    ] {
        for write in [false, true] {
            let ax = rig.beat(addr);
            same(&format!("{addr:x}"), rig.go(0, write, ax)?.resp, resp)?;
        }
    }
    let two = Region { base: PAGE, ..page };
    rig.region(1, two);
    for addr in [PAGE, PAGE + 0x1000] {
        let ax = rig.beat(addr);
        same("two pages", rig.go(0, false, ax)?.resp, 0)?;
    }
    Ok(())
}

fn filters(rig: &mut Rig) -> Check {
    rig.ready();
    if rig.filters < 2 {
        return Ok(());
    }
    let page = Region { base: PAGE, top: PAGE + 0xfff, attributes: 1, ids: 0x2_0002 };
    rig.region(1, page);
    rig.region(2, Region { attributes: 2, ids: 0, ..page });
    let ax = rig.beat(PAGE);
    same("filter 0", rig.go(0, false, ax)?.resp, 0)?;
    same("filter 1", rig.go(1, false, ax)?.resp, DECERR)?;
    same("no overlap", rig.read(INT_STATUS), 0x2)
}

fn identities(rig: &mut Rig) -> Check {
    rig.ready();
    for (n, ids) in [(1u16, 0x0004_0020u32), (8, 0x8000_0001)] {
        let base = PAGE + u64::from(n) * 0x1000;
        rig.region(n, Region { base, top: base + 0xfff, attributes: 0x8000_000f, ids });
        for nsaid in 0..16u8 {
            for write in [false, true] {
                let granted = ids >> (u32::from(nsaid) + 16 * u32::from(write)) & 1 == 1;
                let ax = Ax { nsaid, ..rig.beat(base) };
                let resp = if granted { 0 } else { DECERR };
                same(&format!("NSAID {nsaid} write {write}"), rig.go(0, write, ax)?.resp, resp)?;
                let secure = Ax { prot: 0, ..ax };
                let resp = if write { 0 } else { DECERR };
                same(&format!("secure {nsaid}, {write}"), rig.go(0, write, secure)?.resp, resp)?;
            }
        }
    }
    Ok(())
}

fn overlap(rig: &mut Rig) -> Check {
    rig.ready();
    rig.write(0x110, 0xc000_0000);
    rig.write(0x114, u32::MAX);
    let ax = rig.beat(PAGE);
    same("with the background", rig.go(0, false, ax)?.resp, 0)?;
    same("no failure", rig.read(INT_STATUS), 0)?;
    let page = Region { base: PAGE, top: PAGE + 0xfff, attributes: 0xf, ids: u32::MAX };
    rig.region(3, Region { base: PAGE + 0x1000, top: PAGE, ..page });
    same("base above top", rig.go(0, true, ax)?.resp, 0)?;
    rig.region(3, page);
    for write in [false, true] {
        same("overlap", rig.go(0, write, ax)?.resp, DECERR)?;
    }
    same("overlap flagged", rig.read(INT_STATUS), 0x1_0101)
}

fn page_edge(rig: &mut Rig) -> Check {
    rig.ready();
    let bytes = u64::from(rig.bytes);
    for beats in [2u64, 4, 16] {
        for (more, resp) in [(0, 0), (bytes, DECERR)] {
            for write in [false, true] {
                let addr = PAGE + 0x1000 - beats * bytes + more;
                let ax = Ax { len: beats as u8 - 1, ..rig.beat(addr) };
                let answer = rig.go(0, write, ax)?;
                same(&format!("{beats} beats from {addr:x}"), answer.resp, resp)?;
                same("at memory", answer.reached.len(), usize::from(resp == 0))?;
            }
        }
    }
    Ok(())
}

fn shapes(rig: &mut Rig) -> Check {
    rig.ready();
    rig.write(SPECULATION, 0);
    let whole = rig.beat(PAGE + 0x100);
    let narrow = Ax { size: 0, ..whole };
    let wide = Ax { size: whole.size + 1, ..whole };
    for (ax, legal) in [
        (Ax { burst: 2, len: 3, ..whole }, true),
        (Ax { burst: 2, len: 2, ..whole }, false),
        (Ax { burst: 2, len: 3, addr: PAGE + 0x101, ..whole }, false),
        (Ax { burst: 0, len: 15, ..whole }, true),
        (Ax { burst: 0, len: 16, ..whole }, false),
        (Ax { burst: 3, ..whole }, false),
        (Ax { addr: PAGE + 0x103, len: 2, ..narrow }, true),
        (Ax { addr: PAGE + 0x103, len: 1, ..whole }, true),
        (Ax { len: 255, ..narrow }, true),
        (wide, false),
    ] {
        for write in [false, true] {
            for nsaid in [1, 2] {
                let answer = rig.go(0, write, Ax { nsaid, ..ax })?;
                let resp = if legal && nsaid == 1 { 0 } else { DECERR };
                same(&format!("{ax:x?} {nsaid}"), answer.resp, resp)?;
                // Illegal ones are never speculative.
                same("at memory", answer.reached.len(), usize::from(legal))?;
            }
        }
    }
    Ok(())
}

fn exclusives(rig: &mut Rig) -> Check {
    rig.ready();
    rig.write(SPECULATION, 0);
    rig.memory_resp = 1;
    let one = Ax { lock: 1, ..rig.beat(PAGE) };
    let beats = (256 / u32::from(rig.bytes)) as u8;
    for write in [false, true] {
        same("allowed", rig.go(0, write, one)?.resp, 1)?;
        for ax in [
            Ax { nsaid: 2, ..one },
            Ax { len: beats - 1, ..one },
            Ax { len: 1, addr: PAGE + u64::from(rig.bytes), ..one },
            Ax { len: 2, ..one },
            Ax { len: 31, size: 2, ..one },
        ] {
            let answer = rig.go(0, write, ax)?;
            same(&format!("{ax:x?}"), (answer.resp, answer.reached.len()), (DECERR, 0))?;
        }
    }
    rig.memory_resp = 0;
    Ok(())
}

fn denied_reads(rig: &mut Rig) -> Check {
    rig.ready();
    for action in 0..4u32 {
        rig.write(ACTION, action);
        for speculation in [0, 3] {
            rig.write(SPECULATION, speculation);
            for len in [0u8, 1, 6] {
                rig.write(INT_CLEAR, 0xf);
                let ax = Ax { nsaid: 2, len, ..rig.beat(PAGE) };
                let answer = rig.go(0, false, ax)?;
                let resp = if action & 1 == 1 { DECERR } else { 0 };
                let what = format!("ACTION {action}, speculation off {speculation}, len {len}");
                same(&what, answer.resp, resp)?;
                same(&what, answer.data.clone(), vec![[0; 2]; usize::from(len) + 1])?;
                let lasts: Vec<bool> = (0..=len).map(|beat| beat == len).collect();
                same(&what, answer.lasts.clone(), lasts)?;
                same(&what, answer.reached.len(), usize::from(speculation == 0))?;
                same(&what, rig.read(INT_STATUS) & 1, 1)?;
                same(&what, rig.pins.outputs().tzcint, action >= 2)?;
            }
        }
    }
    rig.write(ACTION, 0);
    same(
        "interrupt falls",
        {
            rig.step();
            rig.pins.outputs().tzcint
        },
        false,
    )
}

fn denied_writes(rig: &mut Rig) -> Check {
    rig.ready();
    for action in 0..2u32 {
        rig.write(ACTION, action);
        let resp = if action == 1 { DECERR } else { 0 };
        for len in [0u8, 1, 6] {
            let ax = Ax { nsaid: 2, len, ..rig.beat(PAGE) };
            rig.write(SPECULATION, 3);
            let answer = rig.go(0, true, ax)?;
            same("held here", (answer.resp, answer.reached.len()), (resp, 0))?;
            same("no data", answer.landed.len(), 0)?;
            rig.write(SPECULATION, 0);
            let answer = rig.go(0, true, ax)?;
            same("speculative", (answer.resp, answer.reached.len()), (resp, 1))?;
            let blank: Vec<_> = (0..=len).map(|beat| (0, 0, beat == len)).collect();
            same("blank", answer.landed.clone(), blank)?;
        }
    }
    rig.write(SPECULATION, 3);
    let ax = Ax { len: 3, ..rig.beat(PAGE) };
    let full = ((1u32 << rig.bytes) - 1) as u16;
    let whole: Vec<_> = (0..4u64).map(|n| (n + 1, full, n == 3)).collect();
    same("allowed after it", rig.go(0, true, ax)?.landed, whole)
}

fn wrong_last(rig: &mut Rig) -> Check {
    rig.ready();
    rig.write(0xe00, 1);
    let full = ((1u32 << rig.bytes) - 1) as u16;
    for nsaid in [1, 2] {
        let ax = Ax { len: 3, nsaid, ..rig.beat(PAGE) };
        for last in [1, 7] {
            let answer = rig.go_with(0, true, ax, |beat| beat == last)?;
            let whole: Vec<_> = (0..4u64).map(|n| (n + 1, full, n == 3)).collect();
            let want = if nsaid == 1 { whole } else { Vec::new() };
            same("landed", answer.landed, want)?;
        }
    }
    same("flag", rig.read(0xe10), 1)?;
    rig.write(0xe10, 1);
    same("cleared", rig.read(0xe10), 0)
}

fn gate(rig: &mut Rig) -> Check {
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

/// A denied read behind a slow allowed one of its ID, and an allowed one behind that.
fn order(rig: &mut Rig) -> Check {
    rig.ready();
    let ax = rig.beat(PAGE);
    rig.hold = true;
    for (addr, nsaid) in [(PAGE, 1), (PAGE + 0x100, 2), (PAGE + 0x200, 1)] {
        rig.offer(0, false, Ax { addr, nsaid, ..ax });
        for _ in 0..6 {
            rig.step();
        }
    }
    same("nothing overtakes", rig.answers[0].data.len(), 0)?;
    rig.hold = false;
    for _ in 0..40 {
        rig.step();
    }
    let zero: Vec<bool> = rig.answers[0].data.iter().map(|data| *data == [0; 2]).collect();
    same("order", zero, vec![false, true, false])?;
    // Writes: the denied one's answer waits for the older one's.
    rig.answers[0].resp = 9;
    rig.hold = true;
    for (addr, nsaid) in [(PAGE, 1), (PAGE + 0x100, 2)] {
        rig.offer(0, true, Ax { addr, nsaid, ..ax });
        let raw = &mut rig.pins.inputs().master[0];
        (raw.w_valid, raw.w) = (true, W { data: [1, 0], strb: 1, last: true });
        for _ in 0..8 {
            rig.step();
            rig.pins.inputs().master[0].w_valid &= rig.pins.outputs().w.fire() & 1 == 0;
        }
    }
    same("no answer yet", rig.answers[0].resp, 9)?;
    rig.hold = false;
    for _ in 0..20 {
        rig.step();
    }
    same("the denied one is last", rig.answers[0].resp, DECERR)
}

fn one_verdict(rig: &mut Rig) -> Check {
    rig.ready();
    rig.write(SPECULATION, 0);
    rig.write(ACTION, 0);
    for (nsaid, data) in [(1, 0x5a00_0001), (2, 0)] {
        rig.hold = true;
        rig.answers[0] = crate::rig::Answer::default();
        rig.offer(0, false, Ax { nsaid, len: 3, ..rig.beat(PAGE) });
        for _ in 0..5 {
            rig.step();
        }
        rig.write(0x134, if nsaid == 1 { 0 } else { 0x4_0004 });
        rig.write(ACTION, 1);
        rig.hold = false;
        for _ in 0..20 {
            rig.step();
        }
        let answer = &rig.answers[0];
        same("as at its address", (answer.data[3][0] != 0, answer.resp), (data != 0, 0))?;
        rig.write(0x134, 0x2_0002);
        rig.write(ACTION, 0);
    }
    Ok(())
}

fn reset(rig: &mut Rig) -> Check {
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

fn non_secure(rig: &mut Rig) -> Check {
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

fn register_map(rig: &mut Rig) -> Check {
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

fn failures(rig: &mut Rig) -> Check {
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

fn clears(rig: &mut Rig) -> Check {
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

fn clear_and_fail(rig: &mut Rig) -> Check {
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

fn two_failures(rig: &mut Rig) -> Check {
    rig.ready();
    let ax = Ax { nsaid: 2, ..rig.beat(PAGE) };
    rig.offer(0, false, Ax { addr: PAGE + 0x100, ..ax });
    rig.offer(0, true, ax);
    rig.step();
    let out = rig.pins.outputs();
    same("both in one cycle", out.ar.fire() & out.aw.fire() & 1, 1)?;
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
    same("the write", log(rig, 0), [PAGE as u32, 0, 1 << 24 | 1 << 21, 1])?;
    same("overrun", rig.read(INT_STATUS), 0x101)
}

fn lock_and_commit(rig: &mut Rig) -> Check {
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

fn counters(rig: &mut Rig) -> Check {
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
    same("two at once", rig.read(0xe4c), 7)?;
    rig.write(0xe4c, 0);
    same("cleared", rig.read(0xe4c), 0)?;
    rig.go(0, false, Ax { len: 15, addr: PAGE + 0xff8, ..ax })?;
    same("crossing", rig.read(0xe10), 0x1_0000)
}

// SPDX-License-Identifier: Apache-2.0
//! Directed tests of the firewall's verdicts, and of what becomes of an access.
use crate::rig::{
    ACTION, Answer, Check, INT_CLEAR, INT_STATUS, PAGE, Region, Rig, SPECULATION, same,
};
use ringfence_sim::{Ax, W};

const DECERR: u8 = 3;

pub(crate) fn edges(rig: &mut Rig) -> Check {
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

pub(crate) fn filters(rig: &mut Rig) -> Check {
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

pub(crate) fn identities(rig: &mut Rig) -> Check {
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

pub(crate) fn overlap(rig: &mut Rig) -> Check {
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

pub(crate) fn page_edge(rig: &mut Rig) -> Check {
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

pub(crate) fn shapes(rig: &mut Rig) -> Check {
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

pub(crate) fn exclusives(rig: &mut Rig) -> Check {
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

pub(crate) fn denied_reads(rig: &mut Rig) -> Check {
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

pub(crate) fn denied_writes(rig: &mut Rig) -> Check {
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

pub(crate) fn wrong_last(rig: &mut Rig) -> Check {
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

/// A denied read behind a slow allowed one of its ID, and an allowed one behind that.
pub(crate) fn order(rig: &mut Rig) -> Check {
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

pub(crate) fn one_verdict(rig: &mut Rig) -> Check {
    rig.ready();
    rig.write(SPECULATION, 0);
    rig.write(ACTION, 0);
    for (nsaid, data) in [(1, 0x5a00_0001), (2, 0)] {
        rig.hold = true;
        rig.answers[0] = Answer::default();
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

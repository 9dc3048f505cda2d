// SPDX-License-Identifier: Apache-2.0
//! Every programming order on some changes of the region file, under a master that polls each
//! cycle: what leaks, what is denied that both files allow, and how long an address waits.
use super::firewall::{BUDGET, Firewall};
use super::poll::{Poller, Seen};
use super::region;
use ringfence::firmware::{Op, RegionFile, RegionSetting, change};
use ringfence::report::transients::OrderCost;
use ringfence::scenario::Order;

/// Cycles of polling before and after a change.
const MARGIN: u64 = 200;
/// The orders, with their names in scenarios.
pub(crate) const ORDERS: [(&str, Order); 5] = [
    ("driver", Order::Driver),
    ("disable-first", Order::DisableFirst),
    ("gated", Order::Gated),
    ("planned", Order::Planned),
    ("commit", Order::Commit),
];

/// Who polls which address.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Probe {
    /// Identity.
    pub(crate) nsaid: u8,
    /// First byte, 16 bytes of which are accessed.
    pub(crate) addr: u64,
}

/// A change of the region file.
#[derive(Clone, Debug)]
pub(crate) struct Transition {
    /// Short name.
    pub(crate) name: &'static str,
    /// In words.
    pub(crate) what: &'static str,
    old: Vec<RegionSetting>,
    new: Vec<RegionSetting>,
    /// Looks for what neither file allows.
    attacker: Probe,
    /// Uses what both files allow.
    bystander: Probe,
}

/// The changes of the study.
pub(crate) fn transitions() -> Vec<Transition> {
    let (nine, seven) = (1 << 9, 1 << 7);
    let ten = Probe { nsaid: 10, addr: 0xea00_0000 };
    let range = Probe { nsaid: 9, addr: 0xea00_0000 };
    let bystander = Probe { nsaid: 9, addr: 0xf000_0000 };
    let whole = region(1, 0x8000_0000, 0xfeff_ffff, nine);
    let low = region(1, 0x8000_0000, 0xe7ff_ffff, nine);
    let own = region(2, 0xe800_0000, 0xebff_ffff, seven);
    let high = region(3, 0xec00_0000, 0xfeff_ffff, nine);
    let rest = region(1, 0x9000_0000, 0xe7ff_ffff, nine);
    let below = region(2, 0x8000_0000, 0x8fff_ffff, nine);
    let above = region(2, 0x8_8000_0000, 0x9_ffff_ffff, nine);
    let slid = [
        region(1, 0x8000_0000, 0xebff_ffff, nine),
        region(2, 0xec00_0000, 0xefff_ffff, seven),
        region(3, 0xf000_0000, 0xfeff_ffff, nine),
    ];
    let grown = |top| vec![region(1, 0x8000_0000, top, nine)];
    let far = Probe { nsaid: 9, addr: 0x1_a000_0000 };
    let transition = |name, what, old: Vec<RegionSetting>, new: Vec<RegionSetting>, attacker| {
        Transition { name, what, old, new, attacker, bystander }
    };
    let (carved, reused) = (vec![low, own, high], vec![rest, own, high]);
    vec![
        transition(
            "carve",
            "a range out of ordinary memory (rows A and B)",
            vec![whole],
            carved.clone(),
            ten,
        ),
        transition("return", "the range back to ordinary memory", carved.clone(), vec![whole], ten),
        transition(
            "reuse-below",
            "a region that was on below the range (rows C and D)",
            vec![rest, below, high],
            reused.clone(),
            range,
        ),
        transition(
            "reuse-above",
            "a region that was on above 4 GiB (row E)",
            vec![rest, above, high],
            reused,
            range,
        ),
        transition("slide", "the range moves up by its length", carved, slid.to_vec(), ten),
        transition(
            "across-4g",
            "ordinary memory grows from 4 to 6 GiB",
            grown(0xffff_ffff),
            grown(0x1_7fff_ffff),
            far,
        ),
    ]
}

/// One order on one change: a run for the attacker, and one for the bystander.
pub(crate) fn measure(transition: &Transition, name: &str, order: Order) -> OrderCost {
    let reset = RegionFile::reset(Firewall::hardware());
    let (old, new) = (reset.with(&transition.old), reset.with(&transition.new));
    let change = change(order, &old, &new, BUDGET).expect("the hardware has what the order needs");
    let write = |op: &&Op| matches!(op, Op::Write { .. });
    let (attack, _) = watch(&old, &change.ops, transition.attacker, Some(false));
    let (use_, cycles) = watch(&old, &change.ops, transition.bystander, Some(true));
    OrderCost {
        change: transition.name.to_owned(),
        order: name.to_owned(),
        writes: change.ops.iter().filter(write).count() as u64,
        cycles,
        leaked: attack.map(|seen| seen.allowed),
        denied: use_.map(|seen| seen.denied),
        stalled: use_.map(|seen| seen.stalled),
        attacker_stalled: attack.map(|seen| seen.stalled),
        fallback: change.fallback.map(|reason| reason.to_string()),
    }
}

/// Polls before, during and after the operations; what was seen of both directions, and the cycles
/// that the operations took. Outside of them all is allowed, or all denied, where `allowed` says so.
pub(crate) fn watch(
    old: &RegionFile,
    ops: &[Op],
    probe: Probe,
    allowed: Option<bool>,
) -> ([Seen; 2], u64) {
    let mut firewall = Firewall::new(0, old);
    let mut poller = Poller::new(probe.nsaid, probe.addr);
    let still = |poller: &mut Poller, firewall: &mut Firewall| {
        let before = poller.seen;
        firewall.poll(poller, MARGIN);
        for (seen, before) in poller.seen.iter().zip(before) {
            assert_eq!(seen.stalled, before.stalled, "an address waits outside of the change");
            let (denied, passed) = (seen.denied - before.denied, seen.allowed - before.allowed);
            let wrong = allowed.map_or(0, |allowed| if allowed { denied } else { passed });
            assert_eq!(wrong, 0, "outside of the change");
        }
    };
    still(&mut poller, &mut firewall);
    let (_, cycles) = firewall.play_under(ops, &mut poller, true);
    // What was taken before the end is answered in this time.
    firewall.poll(&mut poller, MARGIN);
    still(&mut poller, &mut firewall);
    firewall.drain(&mut poller);
    firewall.finish();
    (poller.seen, cycles)
}

// SPDX-License-Identifier: Apache-2.0
//! The register bus against a completer with wait states and errors.
use super::model::Model;
use super::*;
use crate::firmware::*;
use crate::units::Cycle;
use ringfence_sim::{ApbIn, Outputs};

/// An APB completer that checks the requester's side of the protocol.
#[derive(Debug)]
pub(super) struct Completer {
    pub(super) model: Model,
    /// Wait states of each transfer.
    pub(super) waits: u32,
    /// Register that answers with an error.
    pub(super) error: Option<u16>,
    waited: u32,
    before: ApbIn,
    /// Transfers completed.
    pub(super) transfers: Vec<(u16, bool)>,
}

impl Completer {
    pub(super) fn new(waits: u32) -> Self {
        Self {
            model: Model::new(1),
            waits,
            error: None,
            waited: 0,
            before: ApbIn::default(),
            transfers: Vec::new(),
        }
    }

    /// One cycle: takes what is driven, gives what is seen.
    pub(super) fn cycle(&mut self, apb: ApbIn, out: &mut Outputs) {
        let before = std::mem::replace(&mut self.before, apb);
        let waiting = before.sel && before.enable && !out.apb_ready;
        if before.sel && (!before.enable || waiting) {
            assert_eq!(apb, ApbIn { enable: true, ..before }, "held until PREADY");
        } else {
            assert!(!apb.enable, "a transfer starts with a setup cycle");
        }
        if apb.sel {
            assert_eq!(apb.prot & 0b10, 0, "firmware is secure");
            assert_eq!(apb.strb, if apb.write { 0xf } else { 0 });
            assert_eq!(apb.addr % 4, 0);
        }
        *out = Outputs { tzcint: out.tzcint, apb_ready: true, ..Outputs::default() };
        if !(apb.sel && apb.enable) {
            self.waited = 0;
            return;
        }
        out.apb_ready = self.waited == self.waits;
        self.waited += 1;
        if !out.apb_ready {
            out.apb_rdata = 0xdead_beef;
            out.apb_slverr = true; // without PREADY it says nothing
            return;
        }
        self.transfers.push((apb.addr, apb.write));
        out.apb_slverr = self.error == Some(apb.addr);
        if apb.write {
            self.model.write(apb.addr, apb.wdata);
        } else {
            out.apb_rdata = self.model.read(apb.addr);
        }
    }
}

/// Cycles until the sequence ends, with its values and result.
fn run(completer: &mut Completer, ops: &[Op]) -> (u32, Vec<u32>, Result<(), ApbError>) {
    let mut driver = ApbDriver::new(Cycle(50));
    let ticket = driver.start(ops).expect("free");
    assert!(driver.start(ops).is_none(), "one at a time");
    let (mut out, mut apb) = (Outputs::default(), ApbIn::default());
    for cycle in 0..10_000 {
        driver.drive(&out, &mut apb);
        completer.cycle(apb, &mut out);
        if let Some(End { values, result }) = driver.take_end(ticket) {
            let values = values.to_vec();
            assert!(driver.take_end(ticket).is_none(), "an end is told once");
            return (cycle, values, result);
        }
    }
    panic!("no end");
}

const fn read(offset: u16) -> Op {
    Op::Read { offset }
}

const fn write(offset: u16, value: u32) -> Op {
    Op::Write { offset, value }
}

#[test]
fn a_transfer_takes_two_cycles_and_its_wait_states() {
    for waits in 0..4 {
        let mut completer = Completer::new(waits);
        let ops = [write(0x004, 3), read(0x004), read(0x000), write(0x114, 7)];
        let (cycles, values, result) = run(&mut completer, &ops);
        assert_eq!((values, result), (vec![3, 0x0000_2708], Ok(())));
        assert_eq!(cycles, 4 * (2 + waits), "back to back");
        assert_eq!(
            completer.transfers,
            [(0x004, true), (0x004, false), (0x000, false), (0x114, true)]
        );
        assert_eq!(completer.model.word(0x114), 7);
    }
}

#[test]
fn nothing_to_do_ends_at_once() {
    let mut driver = ApbDriver::new(Cycle(50));
    assert!(driver.is_idle() && driver.is_free());
    let ticket = driver.start(&[]).expect("free");
    assert!(driver.is_idle() && !driver.is_free(), "the end waits to be taken");
    assert_eq!(driver.take_end(ticket), Some(End { values: &[], result: Ok(()) }));
    let next = driver.start(&[read(0)]).expect("free");
    assert_ne!(ticket, next);
    assert!(driver.take_end(ticket).is_none(), "somebody else's");
    assert!(!driver.is_idle());
}

#[test]
fn a_boot_over_the_bus_ends_as_planned() {
    let scenario = playback();
    let ops =
        boot(Hardware::board(1), scenario.firewall, &plan(&scenario).expect("fits"), Cycle(500))
            .expect("fits");
    for waits in [0, 2] {
        let mut completer = Completer::new(waits);
        completer.model.gate_delay = 5;
        assert_eq!(run(&mut completer, &ops).2, Ok(()));
        let mut direct = Model::new(1);
        assert!(direct.play(&ops));
        assert_eq!(completer.model.writes, direct.writes);
        assert!(completer.model.gate_is_open(0));
    }
}

#[test]
fn an_error_response_stops_the_sequence() {
    let mut completer = Completer::new(1);
    completer.error = Some(0x110);
    let ops = [write(0x004, 1), write(0x110, 0), write(0x008, 1)];
    let (_, values, result) = run(&mut completer, &ops);
    let error = result.expect_err("PSLVERR");
    assert_eq!((error.step, error.op, error.fault), (1, ops[1], ApbFault::Response));
    assert_eq!(error.to_string(), "register 0x110: error response");
    assert!(values.is_empty());
    assert_eq!(completer.transfers.len(), 2, "the gate was not opened");
}

#[test]
fn a_failed_check_stops_the_sequence() {
    let mut completer = Completer::new(0);
    let check = |value| Op::Check { offset: 0xfe0, mask: 0xff, value };
    let (_, values, result) = run(&mut completer, &[check(0x60), check(0x61), write(0x008, 1)]);
    let error = result.expect_err("another part");
    assert_eq!((error.step, error.fault), (1, ApbFault::Mismatch { found: 0x60 }));
    assert_eq!(values, [0x60, 0x60]);
    assert!(completer.model.writes.is_empty());
}

#[test]
fn polls_end_with_the_value_or_with_the_budget() {
    let poll =
        |budget| Op::Poll { offset: 0x008, mask: 0xf_0000, value: 0x1_0000, budget: Cycle(budget) };
    let mut completer = Completer::new(0);
    completer.model.gate_delay = 4;
    let (_, values, result) = run(&mut completer, &[write(0x008, 1), poll(100), read(0x004)]);
    assert_eq!((values, result), (vec![0x1_0001, 0], Ok(())));
    assert_eq!(completer.transfers.iter().filter(|t| **t == (0x008, false)).count(), 5);

    let mut stuck = Completer::new(0);
    stuck.model.gate_delay = u32::MAX;
    let (cycles, values, result) = run(&mut stuck, &[write(0x008, 1), poll(100), read(0x004)]);
    let error = result.expect_err("the gate never opens");
    assert_eq!((error.step, error.fault), (1, ApbFault::Timeout { last: Some(1) }));
    assert_eq!(values, [1]);
    assert!((100..106).contains(&cycles), "{cycles}");
    assert!(!stuck.transfers.contains(&(0x004, false)));
}

#[test]
fn a_completer_that_never_answers_keeps_the_bus_but_not_the_caller() {
    let mut completer = Completer::new(60);
    let mut driver = ApbDriver::new(Cycle(50));
    let ticket = driver.start(&[read(0x000), write(0x008, 1)]).expect("free");
    let (mut out, mut apb) = (Outputs::default(), ApbIn::default());
    let mut ended = None;
    for cycle in 0..100 {
        driver.drive(&out, &mut apb);
        completer.cycle(apb, &mut out); // asserts that the transfer is never taken back
        if let Some(End { result, .. }) = driver.take_end(ticket) {
            assert_eq!(result.expect_err("late").fault, ApbFault::Timeout { last: None });
            assert!(!driver.is_idle() && driver.start(&[read(0)]).is_none(), "the bus is held");
            ended = Some(cycle);
        }
    }
    assert_eq!(ended, Some(49), "50 cycles");
    assert!(driver.is_idle() && driver.is_free());
    assert_eq!(completer.transfers, [(0x000, false)], "the gate was not opened");
}

// SPDX-License-Identifier: Apache-2.0
//! One planted breach a rule, and what legal traffic looks like.

use super::*;
use crate::pins::{Ax, B, R, W};

const PORT: usize = 9;
const BIT: u16 = 1 << PORT;

/// Plays cycles on one port and collects what is reported.
struct Player {
    monitor: ProtocolMonitor,
    out: Outputs,
    cycle: u64,
}

impl Player {
    fn new() -> Self {
        Self { monitor: ProtocolMonitor::new(2), out: Outputs::default(), cycle: 0 }
    }

    /// Ends a cycle; all VALIDs fall.
    fn tick(&mut self) -> &mut Self {
        self.monitor.observe(self.cycle, &self.out);
        self.cycle += 1;
        for channel in
            [&mut self.out.ar, &mut self.out.aw, &mut self.out.w, &mut self.out.r, &mut self.out.b]
        {
            *channel = Handshake::default();
        }
        self
    }

    fn show(channel: &mut Handshake, ready: bool) {
        *channel = Handshake { valid: BIT, ready: if ready { BIT } else { 0 } };
    }

    fn ar(&mut self, ready: bool, ax: Ax) -> &mut Self {
        self.out.port[PORT].ar = ax;
        Self::show(&mut self.out.ar, ready);
        self.tick()
    }

    fn aw(&mut self, ready: bool, ax: Ax) -> &mut Self {
        self.out.port[PORT].aw = ax;
        Self::show(&mut self.out.aw, ready);
        self.tick()
    }

    fn w(&mut self, ready: bool, w: W) -> &mut Self {
        self.out.port[PORT].w = w;
        Self::show(&mut self.out.w, ready);
        self.tick()
    }

    fn r(&mut self, ready: bool, r: R) -> &mut Self {
        self.out.port[PORT].r = r;
        Self::show(&mut self.out.r, ready);
        self.tick()
    }

    fn b(&mut self, ready: bool, b: B) -> &mut Self {
        self.out.port[PORT].b = b;
        Self::show(&mut self.out.b, ready);
        self.tick()
    }

    fn rules(&self) -> Vec<&'static str> {
        self.monitor.errors().iter().map(|error| error.rule).collect()
    }

    #[track_caller]
    fn expect(&self, rules: &[&str]) {
        assert_eq!(self.rules(), rules);
        assert!(self.monitor.errors().iter().all(|error| error.port == PORT));
    }
}

fn ax() -> Ax {
    Ax { addr: 0x1000, id: 5, len: 3, size: 4, burst: 1, ..Ax::default() }
}

fn w(last: bool) -> W {
    W { data: [1, 2], strb: 0xffff, last }
}

fn r(last: bool) -> R {
    R { data: [3, 4], id: 5, resp: 0, last }
}

fn b() -> B {
    B { id: 5, resp: 0 }
}

/// What a legality rule says about one read and one write address.
#[track_caller]
fn address(change: impl Fn(&mut Ax), rule: &str) {
    let mut wrong = ax();
    change(&mut wrong);
    let mut play = Player::new();
    play.ar(true, wrong).aw(true, wrong);
    play.expect(&[&rule.replace('*', "AR"), &rule.replace('*', "AW")]);
}

/// What a stalled channel's rule says when the payload changes.
#[track_caller]
fn changed(change: impl Fn(&mut Ax), field: &str) {
    let mut other = ax();
    change(&mut other);
    let mut play = Player::new();
    play.ar(false, ax()).ar(true, other).aw(false, ax()).aw(true, other);
    play.expect(&[&format!("AXI4_ERRM_AR{field}_STABLE"), &format!("AXI4_ERRM_AW{field}_STABLE")]);
}

#[test]
fn legal_traffic_is_silent() {
    let mut play = Player::new();
    play.ar(false, ax()).ar(true, ax());
    // Two bursts of one ID in order, another ID between their beats.
    let other = Ax { id: 6, len: 0, ..ax() };
    play.ar(true, ax()).ar(true, other);
    play.r(true, r(false)).r(false, r(false)).r(true, r(false));
    play.r(true, R { id: 6, ..r(true) });
    play.r(true, r(false)).r(true, r(true));
    for last in [false, false, false, true] {
        play.r(true, r(last));
    }
    // Data before its address, data after it.
    play.w(true, w(false)).w(true, w(false)).aw(true, ax()).w(true, w(false)).w(true, w(true));
    play.b(false, b()).b(true, b());
    let exclusive = Ax { lock: 1, len: 0, size: 3, addr: 0x1008, ..ax() };
    play.ar(true, exclusive).r(true, R { resp: 1, ..r(true) });
    play.aw(true, exclusive).w(true, W { strb: 0xff00, ..w(true) }).b(true, B { resp: 1, ..b() });
    play.monitor.finish(play.cycle);
    play.expect(&[]);
}

#[test]
fn valid_must_stay() {
    let mut play = Player::new();
    play.ar(false, ax()).tick().aw(false, ax()).tick().w(false, w(false)).tick();
    play.r(false, r(false)).tick().b(false, b()).tick();
    play.expect(&[
        "AXI4_ERRM_ARVALID_STABLE",
        "AXI4_ERRM_AWVALID_STABLE",
        "AXI4_ERRM_WVALID_STABLE",
        "AXI4_ERRS_RVALID_STABLE",
        "AXI4_ERRS_BVALID_STABLE",
    ]);
}

#[test]
fn a_waiting_address_stays() {
    changed(|ax| ax.addr = 0x2000, "ADDR");
    changed(|ax| ax.id = 1, "ID");
    changed(|ax| ax.len = 1, "LEN");
    changed(|ax| ax.size = 3, "SIZE");
    changed(|ax| ax.burst = 0, "BURST");
    changed(|ax| ax.lock = 1, "LOCK");
    changed(|ax| ax.prot = 2, "PROT");
    changed(|ax| ax.nsaid = 9, "NSAID");
}

#[test]
fn waiting_data_stays() {
    let mut play = Player::new();
    play.aw(true, ax());
    play.w(false, w(false)).w(true, W { data: [1, 3], ..w(false) });
    play.w(false, w(false)).w(true, W { strb: 0xff, ..w(false) });
    play.w(true, w(false)).w(false, w(false)).w(true, w(true));
    play.ar(true, ax());
    play.r(false, r(false)).r(true, R { data: [0, 4], ..r(false) });
    play.r(false, R { id: 6, ..r(false) }).r(true, r(false));
    play.r(false, r(false)).r(true, R { resp: 2, ..r(false) });
    play.r(false, r(false)).r(true, r(true));
    play.b(false, B { id: 4, ..b() }).b(false, b()).b(true, b());
    play.aw(true, Ax { len: 0, ..ax() }).w(true, w(true));
    play.b(false, b()).b(true, B { resp: 3, ..b() });
    play.expect(&[
        "AXI4_ERRM_WDATA_STABLE",
        "AXI4_ERRM_WSTRB_STABLE",
        "AXI4_ERRM_WLAST_STABLE",
        "AXI4_ERRS_RDATA_STABLE",
        "AXI4_ERRS_RID_STABLE",
        "AXI4_ERRS_RRESP_STABLE",
        "AXI4_ERRS_RLAST_STABLE",
        "AXI4_ERRS_BID_STABLE",
        "AXI4_ERRS_BID_STABLE",
        "AXI4_ERRS_BRESP_STABLE",
    ]);
}

#[test]
fn addresses_are_legal() {
    address(|ax| ax.addr = 0x1fd0, "AXI4_ERRM_*ADDR_BOUNDARY");
    address(|ax| ax.size = 5, "AXI4_ERRM_*SIZE");
    address(|ax| ax.burst = 3, "AXI4_ERRM_*BURST");
    address(|ax| (ax.burst, ax.len) = (0, 16), "AXI4_ERRM_*LEN_FIXED");
    address(|ax| (ax.burst, ax.len) = (2, 2), "AXI4_ERRM_*LEN_WRAP");
    address(|ax| (ax.burst, ax.addr) = (2, 0x1008), "AXI4_ERRM_*ADDR_WRAP_ALIGN");
    address(|ax| (ax.lock, ax.len, ax.size) = (1, 31, 2), "AXI4_ERRM_*LEN_LOCK");
    address(|ax| (ax.lock, ax.len) = (1, 2), "AXI4_ERRM_EXCL_MAX_*");
    address(|ax| (ax.lock, ax.addr) = (1, 0x1010), "AXI4_ERRM_EXCL_ALIGN_*");
}

#[test]
fn the_edges_of_legal_addresses_are_silent() {
    let mut play = Player::new();
    play.ar(true, Ax { addr: 0x1fc0, ..ax() });
    play.ar(true, Ax { addr: 0x1fc7, ..ax() });
    play.ar(true, Ax { len: 255, ..ax() });
    play.ar(true, Ax { burst: 0, len: 15, ..ax() });
    play.ar(true, Ax { burst: 2, len: 15, addr: 0x1ff0, ..ax() });
    play.ar(true, Ax { lock: 1, len: 7, addr: 0x1080, ..ax() });
    play.expect(&[]);
}

#[test]
fn write_data_matches_its_address() {
    let mut early = Player::new();
    early.aw(true, ax()).w(true, w(false)).w(true, w(true)).b(true, b());
    early.expect(&["AXI4_ERRM_WDATA_NUM"]);
    let mut missing = Player::new();
    missing.aw(true, Ax { len: 0, ..ax() }).w(true, w(false)).b(true, b());
    missing.expect(&["AXI4_ERRM_WDATA_NUM"]);
    let mut ahead = Player::new();
    ahead.w(true, w(true)).aw(true, ax());
    ahead.expect(&["AXI4_ERRM_WDATA_NUM"]);
}

#[test]
fn strobes_stay_in_their_lanes() {
    // Address, size, burst, len; per beat the lanes that are allowed.
    let cases: [(u64, u8, u8, &[u16]); 5] = [
        (0x1004, 4, 1, &[0xfff0, 0xffff]),
        (0x1001, 1, 1, &[0x0002, 0x000c, 0x0030]),
        (0x1006, 2, 0, &[0x00c0, 0x00c0]),
        (0x1018, 3, 2, &[0xff00, 0x00ff]),
        (0x100c, 2, 2, &[0xf000, 0x000f, 0x00f0, 0x0f00]),
    ];
    for (addr, size, burst, beats) in cases {
        let ax = Ax { addr, size, burst, len: beats.len() as u8 - 1, ..ax() };
        for wrong in 0..=beats.len() {
            let mut play = Player::new();
            play.aw(true, ax);
            for (number, &lanes) in beats.iter().enumerate() {
                let outside = 1 << (!lanes).trailing_zeros().min(15);
                let strb = if number == wrong { lanes | outside } else { lanes };
                play.w(true, W { strb, last: number + 1 == beats.len(), ..w(false) });
            }
            let expected = wrong < beats.len() && beats[wrong] != 0xffff;
            play.expect(if expected { &["AXI4_ERRM_WSTRB"] } else { &[] });
        }
    }
}

#[test]
fn a_write_response_comes_after_its_write() {
    let mut none = Player::new();
    none.b(true, b());
    none.expect(&["AXI4_ERRS_BRESP_AW"]);
    let mut before_last = Player::new();
    before_last.aw(true, ax()).w(true, w(false)).b(true, b());
    before_last.expect(&["AXI4_ERRS_BRESP_WLAST"]);
    let mut before_address = Player::new();
    before_address.w(true, w(true)).b(true, b());
    before_address.expect(&["AXI4_ERRS_BRESP_AW"]);
    let mut twice = Player::new();
    twice.aw(true, Ax { len: 0, ..ax() }).w(true, w(true)).b(true, b()).b(true, b());
    twice.expect(&["AXI4_ERRS_BRESP_AW"]);
}

#[test]
fn exokay_is_for_exclusives() {
    let mut play = Player::new();
    play.aw(true, Ax { len: 0, ..ax() }).w(true, w(true)).b(true, B { resp: 1, ..b() });
    play.ar(true, Ax { len: 0, ..ax() }).r(true, R { resp: 1, ..r(true) });
    play.expect(&["AXI4_ERRS_BRESP_EXOKAY", "AXI4_ERRS_RRESP_EXOKAY"]);
}

#[test]
fn read_data_answers_a_read() {
    let mut none = Player::new();
    none.r(true, r(true));
    none.expect(&["AXI4_ERRS_RID"]);
    let mut other = Player::new();
    other.ar(true, ax()).r(true, R { id: 4, ..r(false) });
    other.expect(&["AXI4_ERRS_RID"]);
    let mut early = Player::new();
    early.ar(true, ax()).r(true, r(true));
    early.expect(&["AXI4_ERRS_RDATA_NUM"]);
    let mut missing = Player::new();
    missing.ar(true, Ax { len: 0, ..ax() }).r(true, r(false));
    missing.expect(&["AXI4_ERRS_RDATA_NUM"]);
}

#[test]
fn nothing_is_open_at_the_end() {
    let mut play = Player::new();
    play.ar(true, ax()).aw(true, ax()).w(true, w(false));
    assert_eq!(play.monitor.outstanding(PORT), 2);
    play.monitor.finish(3);
    play.expect(&[
        "AXI4_ERRS_RLAST_ALL_DONE_EOS",
        "AXI4_ERRM_WDATA_ALL_DONE_EOS",
        "AXI4_ERRS_BRESP_ALL_DONE_EOS",
    ]);
}

#[test]
fn a_channel_can_be_switched_off() {
    let mut play = Player::new();
    play.monitor.set_channels(!Channel::Ar.bit());
    play.ar(false, ax()).tick().ar(true, Ax { size: 7, ..ax() });
    play.expect(&[]);
    play.aw(false, ax()).tick();
    play.expect(&["AXI4_ERRM_AWVALID_STABLE"]);
}

#[test]
fn a_reset_forgets_what_was_open() {
    let mut play = Player::new();
    play.ar(true, ax()).aw(false, ax());
    play.monitor.reset();
    play.tick();
    play.monitor.finish(3);
    play.expect(&[]);
}

#[test]
fn errors_say_where_and_why() {
    let mut play = Player::new();
    play.tick().ar(true, Ax { addr: 0x1fd0, ..ax() });
    assert_eq!(
        play.monitor.errors()[0].to_string(),
        "cycle 1, port 9, AR: 64 bytes from 0x1fd0 cross a 4 KiB boundary \
         (AXI4_ERRM_ARADDR_BOUNDARY, IHI 0022 A3.4.1)"
    );
}

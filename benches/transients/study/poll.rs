// SPDX-License-Identifier: Apache-2.0
//! A master that reads and writes one page, at most a burst of one beat a cycle each way.
use super::memory::MARK;
use ringfence_sim::{Ax, PinsOutputs, Raw, W};

/// The slave side in a handshake's mask.
const SIDE: u16 = 1;
/// Identities of bursts in flight; enough that no burst waits for an older one of its own.
const IDS: u8 = 128;

/// What was seen of one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Beats that were let through.
    pub(crate) allowed: u64,
    /// Beats that were denied.
    pub(crate) denied: u64,
    /// Cycles in which an address was offered and not taken.
    pub(crate) stalled: u64,
    /// Addresses that are taken and not answered.
    pub(crate) open: u64,
}

/// Offers an address each cycle as long as it is asked to.
#[derive(Debug)]
pub(crate) struct Poller {
    burst: Ax,
    next: [u8; 2],
    /// Write beats that their addresses are ahead of.
    owed: u64,
    /// Reads, writes.
    pub(crate) seen: [Seen; 2],
}

impl Poller {
    /// Non-secure accesses of 16 bytes at `addr` under an identity.
    pub(crate) fn new(nsaid: u8, addr: u64) -> Self {
        let burst = Ax { addr, size: 4, burst: 1, prot: 0b010, nsaid, ..Ax::default() };
        Self { burst, next: [0; 2], owed: 0, seen: [Seen::default(); 2] }
    }

    /// The same as a secure master.
    pub(crate) fn secure(addr: u64) -> Self {
        let mut poller = Self::new(0, addr);
        poller.burst.prot = 0;
        poller
    }

    /// One cycle; `reads` and `writes` say whether new addresses are to be offered.
    pub(crate) fn tick(&mut self, out: &PinsOutputs, raw: &mut Raw, reads: bool, writes: bool) {
        (raw.r_ready, raw.b_ready) = (true, true);
        for (at, channel) in [out.ar, out.aw].into_iter().enumerate() {
            let seen = &mut self.seen[at];
            if channel.fire() & SIDE != 0 {
                seen.open += 1;
                self.next[at] = (self.next[at] + 1) % IDS;
            } else if channel.valid & SIDE != 0 {
                seen.stalled += 1;
            }
        }
        self.owed += u64::from(out.aw.fire() & SIDE != 0);
        self.owed -= u64::from(out.w.fire() & SIDE != 0);
        if out.r.fire() & SIDE != 0 {
            let beat = out.port[0].r;
            let data = if beat.resp == 0 { [MARK; 2] } else { [0; 2] };
            assert_eq!(beat.data, data, "an allowed beat has all of the data, a denied one none");
            self.answer(0, beat.resp);
        }
        if out.b.fire() & SIDE != 0 {
            self.answer(1, out.port[0].b.resp);
        }
        // An address that was offered and not taken stays.
        raw.ar_valid = reads || out.ar.valid & !out.ar.ready & SIDE != 0;
        raw.aw_valid = writes || out.aw.valid & !out.aw.ready & SIDE != 0;
        raw.ar = Ax { id: self.next[0], ..self.burst };
        raw.aw = Ax { id: self.next[1], ..self.burst };
        raw.w_valid = self.owed > 0;
        raw.w = W { data: [!MARK; 2], strb: 0xffff, last: true };
    }

    /// Whether everything that was asked is answered.
    pub(crate) fn is_done(&self, raw: &Raw) -> bool {
        let open = self.seen[0].open + self.seen[1].open + self.owed;
        open == 0 && !raw.ar_valid && !raw.aw_valid
    }

    fn answer(&mut self, at: usize, resp: u8) {
        assert!(resp == 0 || resp == 3, "OKAY or the firewall's DECERR");
        let seen = &mut self.seen[at];
        seen.open -= 1;
        let count = if resp == 0 { &mut seen.allowed } else { &mut seen.denied };
        *count += 1;
    }
}

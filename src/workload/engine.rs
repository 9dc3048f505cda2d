// SPDX-License-Identifier: Apache-2.0
//! A master's DMA engine and the tasks that share it. A port has one engine; an IP may have several
//! things to do with it, as a display has layers.
use super::{Actor, DmaPort, NEVER, World};
use crate::units::Cycle;
use ringfence_sim::{Desc, Inputs, Outputs, Status};

/// Low bits of a descriptor's tag that say whose it is.
const USER_BITS: u16 = 3;

/// A beat of read data.
#[derive(Clone, Copy, Debug)]
pub struct Beat {
    /// The task's own tag of the descriptor.
    pub tag: u16,
    /// Address of the first wanted byte.
    pub addr: u64,
    /// Data.
    pub bytes: [u8; 16],
}

/// What a task's descriptors came to in the cycle just stepped.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    /// Data that arrived.
    pub beat: Option<Beat>,
    /// A read that ended, by the task's own tag.
    pub read: Option<u16>,
    /// A write that ended.
    pub write: Option<u16>,
}

/// Descriptors of one task that have not ended.
#[derive(Clone, Copy, Debug, Default)]
struct Open {
    reads: u32,
    writes: u32,
}

/// A task's way to the engine.
pub struct Lane<'a> {
    port: &'a mut DmaPort,
    open: &'a mut Open,
    user: u16,
    /// Others wait for the engine: nothing new is to begin.
    pub wanted: bool,
}

impl Lane<'_> {
    /// Queues a read; `tag`, below 2^13, comes back with its beats and its end.
    pub fn read(&mut self, desc: Desc, tag: u16) {
        self.port.read(Desc { tag: tag << USER_BITS | self.user, ..desc });
        self.open.reads += 1;
    }

    /// Queues a write of 16-byte aligned rows; `row` gives each row's bytes.
    pub fn write<'b>(&mut self, desc: Desc, tag: u16, row: impl FnMut(u16) -> &'b [u8]) {
        self.port.write(Desc { tag: tag << USER_BITS | self.user, ..desc }, row);
        self.open.writes += 1;
    }

    /// Reads that have not ended.
    pub const fn reads_open(&self) -> u32 {
        self.open.reads
    }

    /// Writes that have not ended.
    pub const fn writes_open(&self) -> u32 {
        self.open.writes
    }

    /// Nothing of this task is queued or in flight.
    pub const fn idle(&self) -> bool {
        self.open.reads == 0 && self.open.writes == 0
    }
}

/// One thing that an IP does.
pub trait Task {
    /// Sees what its descriptors came to and queues more; answers when it is due again.
    fn step(&mut self, seen: &Seen, lane: &mut Lane<'_>, world: &mut World<'_>) -> Cycle;
    /// Whether it has done all that it is there to do.
    fn finished(&self) -> bool;
    /// What it is waiting for, in words, when it is not finished.
    fn waiting_for(&self) -> String;
}

struct User {
    task: Box<dyn Task>,
    open: Open,
}

/// An IP behind a master port: its engine and its tasks.
pub struct Engine {
    port: DmaPort,
    master: usize,
    users: Vec<User>,
}

impl Engine {
    /// Tasks that one engine can have.
    pub const TASKS: usize = 1 << USER_BITS;

    /// Behind master port `master`, without anything to do.
    pub fn new(master: usize) -> Self {
        Self { port: DmaPort::new(master), master, users: Vec::new() }
    }

    /// Gives it one thing more to do; a place beyond [`Self::TASKS`] there is not.
    pub fn add(&mut self, task: Box<dyn Task>) {
        debug_assert!(self.users.len() < Self::TASKS);
        self.users.push(User { task, open: Open::default() });
    }

    fn beat(&self, out: &Outputs) -> Option<Beat> {
        if out.rs_valid >> self.master & 1 == 0 {
            return None;
        }
        let (rs, data) = (out.rs[self.master], out.port[self.master].r.data);
        let bytes = (u128::from(data[0]) | u128::from(data[1]) << 64).to_le_bytes();
        Some(Beat { tag: rs.tag, addr: rs.addr, bytes })
    }
}

impl Actor for Engine {
    fn tick(&mut self, out: &Outputs, inputs: &mut Inputs, world: &mut World<'_>) -> Cycle {
        let beat = self.beat(out);
        let done = self.port.tick(out, inputs);
        for status in [done.read, done.write].into_iter().flatten() {
            world.playback.failed_descriptors += u64::from(status.resp != 0);
        }
        let wanted = world.wanted >> self.master & 1 == 1;
        let mut wake = NEVER;
        for (user, one) in (0u16..).zip(&mut self.users) {
            let mine =
                |tag: u16| (tag & ((1 << USER_BITS) - 1) == user).then_some(tag >> USER_BITS);
            let ended = |status: Option<Status>| status.and_then(|status| mine(status.tag));
            let beat = beat.and_then(|beat| Some(Beat { tag: mine(beat.tag)?, ..beat }));
            let seen = Seen { beat, read: ended(done.read), write: ended(done.write) };
            one.open.reads -= u32::from(seen.read.is_some());
            one.open.writes -= u32::from(seen.write.is_some());
            let mut lane = Lane { port: &mut self.port, open: &mut one.open, user, wanted };
            wake = wake.min(one.task.step(&seen, &mut lane, world));
        }
        self.port.offer(inputs);
        wake
    }

    fn finished(&self) -> bool {
        self.users.iter().all(|user| user.task.finished()) && self.port.idle()
    }

    fn rests(&self) -> bool {
        self.port.idle()
    }

    fn waiting_for(&self) -> String {
        let open = self.users.iter().find(|user| !user.task.finished());
        open.map_or_else(|| "its engine to come to rest".to_owned(), |user| user.task.waiting_for())
    }
}

// SPDX-License-Identifier: Apache-2.0
//! Who acts in a run: actors made from the scenario, one a master port.
use super::importer::lends;
use crate::scenario::{Role, Scenario};
use crate::units::{AddrRange, ByteLen, Cycle, MasterId};
use crate::workload::{
    Actor, Cpu, Crypto, Decoder, Display, Draw, Encoder, Engine, Export, Intruder, Isp, NEVER,
    Playback, Sensor, Task, UiLayer,
};
use ringfence_sim::{Inputs, MASTERS, Outputs};

/// An actor and when it is due.
pub(super) struct Part {
    /// Its master port.
    pub(super) master: usize,
    /// The actor.
    pub(super) actor: Box<dyn Actor>,
    /// When to call it though its pins are quiet.
    pub(super) wake: Cycle,
    /// Takes part in a use case.
    part: bool,
    /// Waits for the use case's buffers.
    pub(super) waits: bool,
}

/// All actors of a run.
pub(super) struct Cast {
    pub(super) actors: Vec<Part>,
    raw: u8,
}

impl Cast {
    /// Makes the actors; they start to act at once.
    pub(super) fn new(scenario: &Scenario, playback: &Playback) -> Self {
        let seed = scenario.seed;
        let mut actors = use_cases(scenario);
        let (parts, waits) = (actors.len(), lends(scenario));
        let stop = scenario.sim.duration.unwrap_or_else(|| last_slot(scenario, playback));
        for plan in &scenario.traffic {
            let master = plan.master.0 as usize;
            let cpu = Cpu::new(plan.clone(), seed, scenario.sim.clock, stop);
            actors.push((master, Box::new(cpu)));
        }
        let mut raw = 0;
        for plan in &scenario.intruders {
            let master = &scenario.masters[plan.master.0 as usize];
            let pools = targets(scenario);
            let intruder = Intruder::new(plan.clone(), pools, scenario.memory.dram, master, seed);
            raw |= 1 << plan.master.0;
            actors.push((plan.master.0 as usize, Box::new(intruder)));
        }
        let part = |(n, (master, actor))| {
            let (part, waits) = (n < parts, n < parts && waits);
            Part { master, actor, wake: if waits { NEVER } else { Cycle(0) }, part, waits }
        };
        let actors = actors.into_iter().enumerate().map(part).collect();
        Self { actors, raw }
    }

    /// The use cases have their buffers.
    pub(super) fn begin(&mut self, cycle: Cycle) {
        for part in self.actors.iter_mut().filter(|part| part.waits) {
            (part.waits, part.wake) = (false, cycle);
        }
    }

    /// The use cases never begin.
    pub(super) fn dismiss(&mut self) {
        self.actors.retain(|part| !part.part);
    }

    /// Whether all who take part in a use case have done what they are there to do.
    pub(super) fn use_cases_finished(&self) -> bool {
        self.actors.iter().filter(|part| part.part).all(|part| part.actor.finished())
    }

    /// Masters that are driven by hand.
    pub(super) fn raw_masters(&self) -> u8 {
        self.raw
    }

    /// Masters whose pins did something in the cycle just stepped.
    pub(super) fn active(&self, inputs: &Inputs, out: &Outputs) -> u8 {
        let dma = out.rd_sts_valid
            | out.wr_sts_valid
            | out.rs_valid
            | inputs.rd_desc_valid & out.rd_desc_ready
            | inputs.wr_desc_valid & out.wr_desc_ready
            | inputs.ws_valid & out.ws_ready;
        if self.raw == 0 {
            return dma;
        }
        let fires = out.ar.fire() | out.aw.fire() | out.w.fire() | out.r.fire() | out.b.fire();
        dma | fires as u8 & self.raw
    }

    /// Masters whose actors have nothing under way, a bit each.
    pub(super) fn idle(&self) -> u8 {
        let busy = self.actors.iter().filter(|part| !part.actor.rests());
        !busy.fold(0, |mask, part| mask | 1u8 << part.master)
    }

    /// First cycle at which somebody is due.
    pub(super) fn next_due(&self) -> Cycle {
        self.actors.iter().map(|a| a.wake).min().unwrap_or(NEVER)
    }

    /// Whether all have done what they are there to do.
    pub(super) fn finished(&self) -> bool {
        self.actors.iter().all(|a| a.actor.finished())
    }

    /// Who is not finished, and what it waits for.
    pub(super) fn waiting(&self) -> Vec<(usize, String)> {
        let open = self.actors.iter().filter(|a| !a.actor.finished());
        open.map(|a| (a.master, a.actor.waiting_for())).collect()
    }
}

/// Everybody who takes part in a use case, one a port: what has several tasks has one engine.
fn use_cases(scenario: &Scenario) -> Vec<(usize, Box<dyn Actor>)> {
    let seed = scenario.seed;
    let mut engines: Vec<(usize, Engine)> = Vec::new();
    let mut add = |master: MasterId, task: Box<dyn Task>| {
        let port = usize::from(master.0);
        let at = engines.iter().position(|(there, _)| *there == port).unwrap_or_else(|| {
            engines.push((port, Engine::new(port)));
            engines.len() - 1
        });
        engines[at].1.add(task);
    };
    let mut decoder: Option<(usize, Box<dyn Actor>)> = None;
    if let Some(plan) = &scenario.playback {
        let frames = plan.frames;
        let [crypto, port, display] =
            [plan.crypto, plan.decoder, plan.display].map(|m| usize::from(m.0));
        add(plan.crypto, Box::new(Crypto::new(crypto, seed, frames)));
        add(plan.display, Box::new(Display::new(display, frames)));
        decoder = Some((port, Box::new(Decoder::new(port, seed, frames))));
    }
    if let Some(plan) = &scenario.ui {
        add(plan.crypto, Box::new(Draw::new(plan.clone(), seed)));
        add(plan.display, Box::new(UiLayer::new(plan.clone())));
    }
    if let Some(plan) = &scenario.recording {
        add(plan.camera, Box::new(Sensor::new(plan.clone(), seed)));
        add(plan.camera, Box::new(Isp::new(plan.clone())));
        add(plan.encoder, Box::new(Encoder::new(plan.clone())));
        add(plan.crypto, Box::new(Export::new(plan.clone(), seed)));
    }
    let boxed = |(port, engine)| -> (usize, Box<dyn Actor>) { (port, Box::new(engine)) };
    let mut actors: Vec<_> = engines.into_iter().map(boxed).collect();
    if let Some(decoder) = decoder {
        actors.insert(1, decoder); // between those who write for it and those who read from it
    }
    actors
}

/// End of the slot in which the last use case is through.
fn last_slot(scenario: &Scenario, playback: &Playback) -> Cycle {
    let ui = scenario.ui.iter().map(|ui| u64::from(ui.updates + 1) * ui.frame_cycles.0);
    let recording = scenario.recording.iter();
    let recording = recording.map(|r| u64::from(r.frames + 3) * r.frame_cycles.0);
    let video = playback.slot_start(playback.plan.frames + 2).0;
    Cycle(ui.chain(recording).fold(video, u64::max))
}

/// Where frames and bitstream lie, by role: an intruder knows the memory map. What is lent now and
/// then is no target, for nothing says when an attempt must be denied.
fn targets(scenario: &Scenario) -> Vec<(Role, AddrRange)> {
    let each = |pool: &crate::scenario::Pool| {
        pool.roles.iter().map(|&role| (role, pool.range)).collect::<Vec<_>>()
    };
    scenario.pools.iter().filter(|pool| pool.is_static()).flat_map(each).collect()
}

/// Straps of every master: its identity and world on every stream.
pub(super) fn strap(scenario: &Scenario, inputs: &mut Inputs) {
    for master in scenario.masters.iter().take(MASTERS) {
        let straps = &mut inputs.straps[master.id.0 as usize];
        straps.nsaid = u16::from(master.nsaid.0) * 0x1111;
        let prot = if master.secure { 0 } else { 0b010 };
        straps.prot = (0..4).fold(0, |all, stream| all | prot << (3 * stream));
    }
}

/// An empty playback for scenarios without one.
pub(super) fn no_playback() -> crate::scenario::Playback {
    crate::scenario::Playback {
        width: 2,
        height: 2,
        frames: 0,
        fps: 60,
        frame_cycles: Cycle(1),
        buffers: 0,
        bitstream_bytes: ByteLen(0),
        reference_percent: 0,
        burst: 1,
        outstanding: 1,
        crypto: MasterId(0),
        decoder: MasterId(0),
        display: MasterId(0),
        bitstream_pool: 0,
        frame_pool: 0,
    }
}

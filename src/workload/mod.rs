// SPDX-License-Identifier: Apache-2.0
//! What the IPs do. Each actor owns one master port and acts only through its pins.
mod bitstream;
pub mod cache;
mod cpu;
mod crypto;
mod decoder;
mod display;
mod dma_port;
mod intruder;
pub mod iommu;
mod picture;
mod playback;
mod raw_port;
#[cfg(test)]
mod test_bus;

pub use bitstream::{FrameHeader, write_bitstream};
pub use cpu::Cpu;
pub use crypto::Crypto;
pub use decoder::Decoder;
pub use display::Display;
pub use dma_port::DmaPort;
pub use intruder::{Intruder, MARK};
pub use picture::draw_frame;
pub use playback::{FrameBuffer, Playback};

use crate::engine::event::{Attempt, Event};
use crate::units::Cycle;
use ringfence_sim::{Inputs, Outputs};

/// What actors share and tell.
pub struct World<'a> {
    /// The cycle just stepped.
    pub cycle: Cycle,
    /// Masters whose engine others wait for, a bit each: they begin nothing new.
    pub wanted: u8,
    /// State of the playback.
    pub playback: &'a mut Playback,
    /// Buffers, mappings and their grants.
    pub broker: &'a mut dyn Broker,
    /// Events of this cycle.
    pub events: &'a mut Vec<Event>,
    /// Attempts of this cycle, each noted before its access is issued.
    pub attempts: &'a mut Vec<Attempt>,
}

/// What an actor asks of the importer's driver, which maps and unmaps for it.
pub trait Broker {
    /// Maps a frame buffer for the display to read.
    fn map_for_display(&mut self, cycle: Cycle, slot: usize);
    /// Unmaps it; the display has nothing in flight.
    fn unmap_from_display(&mut self, cycle: Cycle, slot: usize);
}

/// An IP behind a master port.
pub trait Actor {
    /// Sees what happened at its pins in the cycle just stepped and sets what it drives next.
    /// Called when one of its pins was active or it is due; answers when it is due again.
    fn tick(&mut self, out: &Outputs, inputs: &mut Inputs, world: &mut World<'_>) -> Cycle;
    /// Whether it has done all that it is there to do.
    fn finished(&self) -> bool;
    /// Whether nothing of it is under way, so that others can use its engine.
    fn rests(&self) -> bool {
        false
    }
    /// What it is waiting for, in words, when it is not finished.
    fn waiting_for(&self) -> String;
}

/// No cycle at all: the actor waits for its pins or for another actor.
pub const NEVER: Cycle = Cycle(u64::MAX);

/// A random stream of its own for every actor, derived from the run's seed.
pub fn stream(seed: u64, actor: u64) -> rand_chacha::ChaCha8Rng {
    use rand_chacha::rand_core::SeedableRng;
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(actor);
    rng
}

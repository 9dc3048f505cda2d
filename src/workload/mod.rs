// SPDX-License-Identifier: Apache-2.0
//! What the IPs do. Each actor owns one master port and acts only through its pins.
mod bayer;
mod bitstream;
pub mod cache;
mod camera;
mod cpu;
mod crypto;
mod decoder;
mod display;
mod dma_port;
mod encoder;
mod engine;
mod export;
mod intruder;
pub mod iommu;
mod lines;
mod overlay;
mod picture;
mod playback;
mod raw_port;
mod recording;
#[cfg(test)]
mod test_bus;

pub use bitstream::{FrameHeader, write_bitstream};
pub use camera::{Isp, Sensor};
pub use cpu::Cpu;
pub use crypto::Crypto;
pub use decoder::Decoder;
pub use display::Display;
pub use dma_port::DmaPort;
pub use encoder::Encoder;
pub use engine::{Beat, Engine, Lane, Seen, Task};
pub use export::Export;
pub use intruder::{Intruder, MARK};
pub use overlay::{Draw, Overlay, UiLayer, draw_ui};
pub use picture::draw_frame;
pub use playback::{FrameBuffer, Playback};
pub use recording::Recording;

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
    /// State of the trusted UI.
    pub ui: &'a mut Overlay,
    /// State of the recording.
    pub recording: &'a mut Recording,
    /// Buffers, mappings and their grants.
    pub broker: &'a mut dyn Broker,
    /// Events of this cycle.
    pub events: &'a mut Vec<Event>,
    /// Attempts of this cycle, each noted before its access is issued.
    pub attempts: &'a mut Vec<Attempt>,
}

impl World<'_> {
    /// Frames, or else updates, that are there to be stolen.
    pub fn progress(&self) -> u32 {
        progress(self.playback, self.ui, self.recording)
    }
}

/// Frames decoded, or where there is no playback recorded, or else updates drawn.
pub fn progress(playback: &Playback, ui: &Overlay, recording: &Recording) -> u32 {
    if playback.plan.frames > 0 {
        playback.decoded
    } else if recording.frames.is_empty() {
        ui.drawn
    } else {
        recording.encoded
    }
}

/// What an actor asks of the importer's driver, which maps and unmaps for it.
pub trait Broker {
    /// Maps a layer's buffer for the display to read.
    fn map_for_display(&mut self, cycle: Cycle, layer: Layer, slot: usize);
    /// Unmaps it; the display has nothing in flight there.
    fn unmap_from_display(&mut self, cycle: Cycle, layer: Layer, slot: usize);
}

/// What a display shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// Decoded frames.
    Video,
    /// What a trusted application drew.
    Ui,
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

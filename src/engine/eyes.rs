// SPDX-License-Identifier: Apache-2.0
//! What is looked at to make pictures: the display's layers, the encoder, and every intruder.
use super::capture::{Capture, Captures, Picture, Shape};
use crate::scenario::Scenario;
use crate::units::AddrRange;
use crate::workload::{FrameBuffer, Overlay, Playback, Recording};
use ringfence_sim::Outputs;

/// One port, as far as one kind of buffers is concerned.
struct Eye {
    capture: Capture,
    shape: Shape,
}

impl Eye {
    fn new(master: usize, buffers: &[FrameBuffer], shape: Shape) -> Self {
        let ranges: Vec<AddrRange> = buffers.iter().map(|buffer| buffer.range).collect();
        Self { capture: Capture::new(master, ranges), shape }
    }

    fn picture(&self, slot: usize, title: String) -> Picture {
        self.capture.picture(slot, title, self.shape)
    }
}

/// A stage whose pictures are kept one by one: the first, a middle and the last.
struct Stage {
    eye: Eye,
    word: &'static str,
    total: u32,
    seen: u32,
    kept: Vec<Picture>,
}

impl Stage {
    /// Keeps what was seen of picture `done - 1`, which has just ended in `slot`.
    fn keep(&mut self, done: u32, slot: impl Fn(u32) -> usize) {
        if done <= self.seen {
            return;
        }
        self.seen = done;
        let number = done - 1;
        let slot = slot(number);
        if [0, self.total / 2, self.total - 1].contains(&number) {
            self.kept.push(self.eye.picture(slot, format!("{} {number}", self.word)));
        }
        self.eye.capture.clear(slot);
    }
}

/// An intruder, and what it may see of each use case.
struct Thief {
    name: String,
    eyes: Vec<(Eye, &'static str, usize)>,
}

/// All that is looked at in a run.
#[derive(Default)]
pub(super) struct Eyes {
    video: Option<Stage>,
    ui: Option<Stage>,
    encoder: Option<(String, Stage)>,
    thieves: Vec<Thief>,
}

impl Eyes {
    /// Looks at what the scenario's use cases show, and at what its intruders see of it.
    pub(super) fn new(
        scenario: &Scenario,
        playback: &Playback,
        ui: &Overlay,
        recording: &Recording,
    ) -> Self {
        let stage = |eye, word, total| Stage { eye, word, total, seen: 0, kept: Vec::new() };
        let mut kinds: Vec<(&[FrameBuffer], Shape, &'static str)> = Vec::new();
        let mut eyes = Self::default();
        if let Some(plan) = &scenario.playback {
            let shape = Shape::Nv12(plan.picture());
            kinds.push((&playback.frames, shape, "buffer"));
            let eye = Eye::new(plan.display.0.into(), &playback.frames, shape);
            eyes.video = Some(stage(eye, "frame", plan.frames));
        }
        if let Some(plan) = &scenario.ui {
            let shape = Shape::Xrgb { width: plan.width, height: plan.height };
            kinds.push((&ui.buffers, shape, "UI"));
            let eye = Eye::new(plan.display.0.into(), &ui.buffers, shape);
            eyes.ui = Some(stage(eye, "update", plan.updates));
        }
        if let Some(plan) = &scenario.recording {
            let shape = Shape::Nv12(plan.picture);
            kinds.push((&recording.frames, shape, "recorded"));
            let eye = Eye::new(plan.encoder.0.into(), &recording.frames, shape);
            let name = scenario.masters[usize::from(plan.encoder.0)].name.clone();
            eyes.encoder = Some((name, stage(eye, "frame", plan.frames)));
        }
        if kinds.is_empty() {
            return eyes;
        }
        let thief = |intruder: &crate::scenario::Intruder| {
            let port = usize::from(intruder.master.0);
            let each = kinds.iter().map(|(buffers, shape, word)| {
                (Eye::new(port, buffers, *shape), *word, buffers.len())
            });
            Thief { name: scenario.masters[port].name.clone(), eyes: each.collect() }
        };
        eyes.thieves = scenario.intruders.iter().map(thief).collect();
        eyes
    }

    /// Takes in one cycle.
    pub(super) fn observe(&mut self, out: &Outputs) {
        let stages = [&mut self.video, &mut self.ui];
        let stages = stages.into_iter().flatten();
        for stage in stages.chain(self.encoder.as_mut().map(|(_, stage)| stage)) {
            stage.eye.capture.observe(out);
        }
        for (eye, ..) in self.thieves.iter_mut().flat_map(|thief| &mut thief.eyes) {
            eye.capture.observe(out);
        }
    }

    /// Keeps the pictures that have just ended.
    pub(super) fn keep(&mut self, playback: &Playback, ui: &Overlay, recording: &Recording) {
        if let Some(stage) = &mut self.video {
            stage.keep(playback.shown, |number| playback.buffer_of(number));
        }
        if let Some(stage) = &mut self.ui {
            stage.keep(ui.shown, |number| number as usize % ui.buffers.len());
        }
        if let Some((_, stage)) = &mut self.encoder {
            stage.keep(recording.encoded, |number| recording.buffer_of(number));
        }
    }

    /// All pictures, at the end.
    pub(super) fn captures(&mut self) -> Captures {
        let mut captures = Captures::default();
        for stage in [&mut self.video, &mut self.ui].into_iter().flatten() {
            captures.displayed.append(&mut stage.kept);
        }
        if let Some((name, stage)) = &mut self.encoder {
            captures.seen.push((name.clone(), std::mem::take(&mut stage.kept)));
        }
        for thief in &self.thieves {
            let each = thief.eyes.iter().flat_map(|(eye, word, slots)| {
                (0..*slots).map(move |slot| eye.picture(slot, format!("{word} {slot}")))
            });
            captures.seen.push((thief.name.clone(), each.collect()));
        }
        captures
    }
}

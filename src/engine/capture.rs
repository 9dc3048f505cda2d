// SPDX-License-Identifier: Apache-2.0
//! Pictures as one master saw them, assembled only from data beats at its own port.

/// An NV12 picture in which some bytes may never have been returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Caption, e.g. `frame 3`.
    pub title: String,
    /// Luma width, pixels.
    pub width: u32,
    /// Luma height, pixels.
    pub height: u32,
    /// `width * height * 3 / 2` bytes: luma rows, then interleaved chroma rows.
    pub nv12: Vec<u8>,
    /// For every byte of `nv12`: whether a beat returned it.
    pub returned: Vec<bool>,
}

/// The pictures of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Captures {
    /// What the display scanned out: first, a middle and the last frame.
    pub displayed: Vec<Picture>,
    /// By intruder: its name and what it saw of the frame buffers.
    pub seen: Vec<(String, Vec<Picture>)>,
}

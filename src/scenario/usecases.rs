// SPDX-License-Identifier: Apache-2.0
//! Trusted user interface and secure recording, validated.
use crate::units::{AddrRange, ByteLen, Cycle, MasterId};

/// An NV12 picture in a buffer: luma lines, then lines of interleaved chroma, all equally far apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nv12 {
    /// Luma width, pixels, even.
    pub width: u32,
    /// Luma height, pixels, even.
    pub height: u32,
}

impl Nv12 {
    /// Bytes from line to line: the width, rounded up to 64 as video hardware does.
    pub const fn pitch(self) -> u32 {
        self.width.next_multiple_of(64)
    }
    /// Bytes of a buffer.
    pub const fn buffer_len(self) -> ByteLen {
        ByteLen(self.pitch() as u64 * self.height as u64 * 3 / 2)
    }
    /// Bytes of a picture, without the padding of its lines.
    pub const fn picture_len(self) -> usize {
        self.width as usize * self.height as usize * 3 / 2
    }
    /// Offset of byte `x` of a line in a buffer; chroma lines follow the luma lines.
    pub const fn at(self, x: u32, line: u32) -> u32 {
        line * self.pitch() + x
    }
    /// Where the byte at an offset in a buffer belongs in the picture; `None` for padding.
    pub const fn of_offset(self, offset: u64) -> Option<usize> {
        let pitch = self.pitch() as u64;
        let (line, x) = (offset / pitch, offset % pitch);
        let inside = line < self.height as u64 * 3 / 2 && x < self.width as u64;
        if inside { Some((line * self.width as u64 + x) as usize) } else { None }
    }
}

/// A trusted application draws, and the display shows it as a layer of its own.
#[derive(Clone, Debug)]
pub struct Ui {
    /// Width, pixels.
    pub width: u32,
    /// Height, pixels.
    pub height: u32,
    /// Updates to draw and show, one a slot.
    pub updates: u32,
    /// Cycles of a slot.
    pub frame_cycles: Cycle,
    /// Longest burst, beats.
    pub burst: u8,
    /// Bursts outstanding a master.
    pub outstanding: u8,
    /// Who draws for the TEE.
    pub crypto: MasterId,
    /// Who shows.
    pub display: MasterId,
    /// Index of the pool.
    pub pool: usize,
}

impl Ui {
    /// Buffers: one is shown while the other is drawn.
    pub const BUFFERS: u32 = 2;

    /// Bytes from line to line of XRGB8888 pixels.
    pub const fn pitch(&self) -> u32 {
        (self.width * 4).next_multiple_of(64)
    }
    /// Bytes of a buffer.
    pub const fn buffer_len(&self) -> ByteLen {
        ByteLen(self.pitch() as u64 * self.height as u64)
    }
}

/// A secure recording: sensor, camera's picture processor, encoder, and the TEE that encrypts.
#[derive(Clone, Debug)]
pub struct Recording {
    /// What the camera develops and the encoder reads.
    pub picture: Nv12,
    /// Frames to record.
    pub frames: u32,
    /// Cycles of one frame slot.
    pub frame_cycles: Cycle,
    /// Buffers for developed frames.
    pub buffers: u32,
    /// Encoded bytes a frame.
    pub stream_bytes: ByteLen,
    /// Reference bytes that the encoder reads a frame, in percent of the frame's bytes.
    pub reference_percent: u32,
    /// Longest burst, beats.
    pub burst: u8,
    /// Bursts outstanding a master.
    pub outstanding: u8,
    /// Sensor and picture processor.
    pub camera: MasterId,
    /// Who encodes.
    pub encoder: MasterId,
    /// Who encrypts for the TEE.
    pub crypto: MasterId,
    /// Indices of the pools of raw pictures, frames, working memory and encoded stream.
    pub pools: [usize; 4],
    /// Ordinary memory that takes the ciphertext.
    pub export: AddrRange,
}

impl Recording {
    /// Buffers of every kind but frames: one is filled while the other is emptied.
    pub const PAIR: u32 = 2;

    /// Bytes of a raw picture: a sample a pixel.
    pub const fn raw_len(picture: Nv12) -> ByteLen {
        ByteLen(picture.pitch() as u64 * picture.height as u64)
    }
}

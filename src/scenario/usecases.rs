// SPDX-License-Identifier: Apache-2.0
//! Secure playback, trusted user interface and secure recording, validated.
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

/// A secure playback.
#[derive(Clone, Debug)]
pub struct Playback {
    /// Luma width, pixels, even.
    pub width: u32,
    /// Luma height, pixels, even.
    pub height: u32,
    /// Frames to decode and show.
    pub frames: u32,
    /// Frames a second; the cycle budget of a frame is `clock / fps * frame_scale`.
    pub fps: u32,
    /// Cycles of one frame slot: picture area at the rate of a full 4K frame, or real time.
    pub frame_cycles: Cycle,
    /// Frame buffers in the ring.
    pub buffers: u32,
    /// Bitstream bytes a frame.
    pub bitstream_bytes: ByteLen,
    /// Reference bytes read a frame, in percent of the frame's bytes.
    pub reference_percent: u32,
    /// Longest burst, beats.
    pub burst: u8,
    /// Bursts outstanding a master.
    pub outstanding: u8,
    /// Who decrypts.
    pub crypto: MasterId,
    /// Who decodes.
    pub decoder: MasterId,
    /// Who shows.
    pub display: MasterId,
    /// Index of the bitstream pool.
    pub bitstream_pool: usize,
    /// Index of the frame pool.
    pub frame_pool: usize,
}

const fn pitch(width: u32) -> u32 {
    width.next_multiple_of(64)
}

/// Bytes of a frame buffer for a picture of this size.
pub(super) const fn nv12_len(width: u32, height: u32) -> ByteLen {
    ByteLen(pitch(width) as u64 * height as u64 * 3 / 2)
}

impl Playback {
    /// Bitstream buffers: crypto fills one while the decoder reads the other.
    pub const BITSTREAMS: u32 = 2;

    /// Bytes from line to line in a frame buffer: the width, rounded up to 64 as video hardware does.
    pub const fn pitch(&self) -> u32 {
        pitch(self.width)
    }
    /// The picture in a frame buffer.
    pub const fn picture(&self) -> Nv12 {
        Nv12 { width: self.width, height: self.height }
    }
    /// Bytes of an NV12 frame buffer.
    pub const fn buffer_len(&self) -> ByteLen {
        nv12_len(self.width, self.height)
    }
    /// Offset of a luma pixel in a frame buffer.
    pub const fn luma_at(&self, x: u32, y: u32) -> u32 {
        y * self.pitch() + x
    }
    /// Offset of byte `x` of a chroma line in a frame buffer.
    pub const fn chroma_at(&self, x: u32, line: u32) -> u32 {
        (self.height + line) * self.pitch() + x
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

// SPDX-License-Identifier: Apache-2.0
//! A stand-in for an elementary stream: a header that says what to draw, then filler.
use rand::RngExt;

const MAGIC: u32 = 0x5246_4256; // "VBFR"

/// What the decoder needs to know to make one frame; the only source of its picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    /// Frame number, burnt into the picture.
    pub number: u32,
    /// Draws the picture's moving parts.
    pub look: u32,
}

impl FrameHeader {
    /// Reads the header back; `None` if it is not one, as when the read was denied.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let word = |i: usize| {
            bytes.get(4 * i..4 * i + 4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
        };
        let (magic, number, look, check) = (word(0)?, word(1)?, word(2)?, word(3)?);
        (magic == MAGIC && check == magic ^ number ^ look).then_some(Self { number, look })
    }
}

/// One frame's bitstream of `len` bytes.
pub fn write_bitstream(header: FrameHeader, len: usize, rng: &mut impl rand::Rng) -> Vec<u8> {
    let words = [MAGIC, header.number, header.look, MAGIC ^ header.number ^ header.look];
    let mut bytes: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
    while bytes.len() < len {
        bytes.extend(rng.random::<u64>().to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_survives_and_zeros_are_none() {
        let header = FrameHeader { number: 7, look: 99 };
        let bytes = write_bitstream(header, 256, &mut crate::workload::stream(1, 0));
        assert_eq!(bytes.len(), 256);
        assert_eq!(FrameHeader::parse(&bytes), Some(header));
        assert_eq!(FrameHeader::parse(&[0; 256]), None);
        assert_eq!(FrameHeader::parse(&bytes[..8]), None);
    }
}

// SPDX-License-Identifier: Apache-2.0
//! NV12 to RGB (ITU-R BT.709, limited range) in integers, with bytes that never came kept apart.
use crate::engine::capture::Picture;
use crate::report::font::Rgb;

/// What is known of a pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pixel {
    /// Its luma came; without its chroma it is grey.
    Seen(Rgb),
    /// Only its chroma came: shown at middle luma.
    ChromaOnly(Rgb),
    /// Nothing came.
    Unseen,
}

/// Colour of a pixel. The factors are BT.709's in 1/65536: 255/219 for luma, 255/224 times
/// 1.5748, 0.1873, 0.4681 and 1.8556 for chroma.
pub(super) fn rgb(luma: u8, blue: u8, red: u8) -> Rgb {
    let y = (i32::from(luma) - 16) * 76_309;
    let (u, v) = (i32::from(blue) - 128, i32::from(red) - 128);
    let channel = |value: i32| ((value + 32_768) >> 16).clamp(0, 255).unsigned_abs() as u8;
    [channel(y + 117_489 * v), channel(y - 13_975 * u - 34_925 * v), channel(y + 138_438 * u)]
}

/// The byte at `index` if a beat returned it.
fn byte(picture: &Picture, index: usize) -> Option<u8> {
    let returned = picture.returned.get(index).copied().unwrap_or(false);
    picture.nv12.get(index).copied().filter(|_| returned)
}

/// The pixel at column `x` of row `y`.
pub(super) fn pixel(picture: &Picture, x: usize, y: usize) -> Pixel {
    let (width, height) = (picture.width as usize, picture.height as usize);
    let luma = byte(picture, y * width + x);
    let chroma = width * height + y / 2 * width + x / 2 * 2;
    let chroma = byte(picture, chroma).zip(byte(picture, chroma + 1));
    match (luma, chroma) {
        (Some(luma), Some((blue, red))) => Pixel::Seen(rgb(luma, blue, red)),
        (Some(luma), None) => Pixel::Seen(rgb(luma, 128, 128)),
        (None, Some((blue, red))) => Pixel::ChromaOnly(rgb(126, blue, red)),
        (None, None) => Pixel::Unseen,
    }
}

/// Bytes returned and bytes in all.
pub(super) fn returned(picture: &Picture) -> (u64, u64) {
    if let Some(other) = picture.other {
        return other;
    }
    let (width, height) = (u64::from(picture.width), u64::from(picture.height));
    let came = picture.returned.iter().filter(|returned| **returned).count() as u64;
    (came, width * height * 3 / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reference_colours_come_out_exactly() {
        assert_eq!(rgb(16, 128, 128), [0, 0, 0]);
        assert_eq!(rgb(235, 128, 128), [255, 255, 255]);
        assert_eq!(rgb(63, 102, 240), [255, 1, 0], "red");
        assert_eq!(rgb(173, 42, 26), [0, 255, 1], "green");
        assert_eq!(rgb(32, 240, 118), [1, 0, 255], "blue");
    }

    #[test]
    fn zeros_are_dark_green_not_black() {
        assert_eq!(rgb(0, 0, 0), [0, 77, 0]);
    }

    #[test]
    fn a_pixel_says_which_of_its_bytes_came() {
        let mut picture = Picture {
            title: String::new(),
            width: 2,
            height: 2,
            nv12: vec![126, 126, 126, 126, 240, 118],
            returned: vec![true, false, false, false, false, false],
            other: None,
        };
        assert_eq!(pixel(&picture, 0, 0), Pixel::Seen([128, 128, 128]));
        assert_eq!(pixel(&picture, 1, 0), Pixel::Unseen);
        picture.returned[4..].fill(true);
        assert_eq!(pixel(&picture, 1, 0), Pixel::ChromaOnly(rgb(126, 240, 118)));
        assert_eq!(returned(&picture), (3, 6));
        picture.nv12.clear();
        assert_eq!(pixel(&picture, 0, 0), Pixel::Unseen, "a short buffer is no panic");
    }
}

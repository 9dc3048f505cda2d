// SPDX-License-Identifier: Apache-2.0
//! The moving picture: colour bars that drift, a ball, and the frame number burnt in.
use super::FrameHeader;

/// Seven-segment shapes of the digits: bit 0 top, then clockwise, bit 6 the middle.
const DIGITS: [u8; 10] = [0x3f, 0x06, 0x5b, 0x4f, 0x66, 0x6d, 0x7d, 0x07, 0x7f, 0x6f];
/// Limited-range luma and chroma of the eight bars.
const BARS: [(u8, u8, u8); 8] = [
    (180, 128, 128),
    (162, 44, 142),
    (131, 156, 44),
    (112, 72, 58),
    (84, 184, 198),
    (65, 100, 212),
    (35, 212, 114),
    (60, 128, 128),
];

fn segment_lit(mask: u8, x: u32, y: u32, unit: u32) -> bool {
    // A digit is 3 units wide and 5 high; bars are one unit thick.
    let (w, h) = (3 * unit, 5 * unit);
    let lit = |bit: u8| mask >> bit & 1 == 1;
    (y < unit && lit(0))
        || (x >= w - unit && y < h / 2 && lit(1))
        || (x >= w - unit && y >= h / 2 && lit(2))
        || (y >= h - unit && lit(3))
        || (x < unit && y >= h / 2 && lit(4))
        || (x < unit && y < h / 2 && lit(5))
        || (y >= 2 * unit && y < 3 * unit && lit(6))
}

/// Whether a pixel of a digit is lit; a digit is 3 units wide and 5 high.
pub(super) fn digit_lit(digit: u32, x: u32, y: u32, unit: u32) -> bool {
    x < 3 * unit && y < 5 * unit && segment_lit(DIGITS[digit as usize % 10], x, y, unit)
}

fn number_lit(number: u32, x: u32, y: u32, unit: u32) -> bool {
    let pitch = 4 * unit;
    if unit == 0 || y >= 5 * unit || x >= 3 * pitch || x % pitch >= 3 * unit {
        return false;
    }
    let digit = match x / pitch {
        0 => number / 100 % 10,
        1 => number / 10 % 10,
        _ => number % 10,
    };
    segment_lit(DIGITS[digit as usize], x % pitch, y, unit)
}

/// Draws frame `header` as NV12: `width * height` luma bytes, then the interleaved chroma rows.
pub fn draw_frame(header: FrameHeader, width: u32, height: u32) -> Vec<u8> {
    let mut nv12 = vec![0u8; width as usize * height as usize * 3 / 2];
    let (luma, chroma) = nv12.split_at_mut(width as usize * height as usize);
    let drift = header.number * (width / 16).max(2);
    let unit = (height / 24).max(1);
    let (left, top) = (unit, unit);
    let radius = i64::from(height / 8).max(2);
    let span = (width / 2).max(1);
    let ball_x = i64::from((header.look % span + header.number * width / 24) % width);
    let ball_y = i64::from(height / 2 + (header.look / span % 5) * height / 24);
    for y in 0..height {
        let row = &mut luma[(y * width) as usize..((y + 1) * width) as usize];
        for x in 0..width {
            let bar = ((x + drift) % width) * 8 / width;
            let shade = (y * 24 / height) as u8;
            let mut value = BARS[bar as usize].0.saturating_sub(shade);
            let (dx, dy) = (i64::from(x) - ball_x, i64::from(y) - ball_y);
            if dx * dx + dy * dy < radius * radius {
                value = 220;
            }
            let (nx, ny) = (x.wrapping_sub(left), y.wrapping_sub(top));
            if nx < 13 * unit && ny < 7 * unit {
                let lit =
                    number_lit(header.number, nx.wrapping_sub(unit), ny.wrapping_sub(unit), unit);
                value = if lit { 235 } else { 20 };
            }
            row[x as usize] = value;
        }
    }
    for y in 0..height / 2 {
        let row = &mut chroma[(y * width) as usize..((y + 1) * width) as usize];
        for x in 0..width / 2 {
            let bar = ((2 * x + drift) % width) * 8 / width;
            let (_, mut u, mut v) = BARS[bar as usize];
            let (nx, ny) = ((2 * x).wrapping_sub(left), (2 * y).wrapping_sub(top));
            if nx < 13 * unit && ny < 7 * unit {
                (u, v) = (128, 128);
            }
            row[2 * x as usize] = u;
            row[2 * x as usize + 1] = v;
        }
    }
    nv12
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_differ_by_number_and_by_look() {
        let draw = |number, look| draw_frame(FrameHeader { number, look }, 64, 32);
        assert_eq!(draw(1, 5).len(), 64 * 32 * 3 / 2);
        assert_eq!(draw(1, 5), draw(1, 5));
        assert_ne!(draw(1, 5), draw(2, 5));
        assert_ne!(draw(1, 5), draw(1, 25));
        assert!(draw(1, 5).iter().all(|&b| b != 0), "no byte looks like a denied read");
    }
}

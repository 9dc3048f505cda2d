// SPDX-License-Identifier: Apache-2.0
//! A sensor's raw samples, red green / green blue in every square of four, and what a camera makes
//! of them. Integers only; BT.709 in 1/256.

fn clamp(value: i32) -> u8 {
    value.clamp(1, 255) as u8
}

/// The samples that a sensor takes of a scene, given as NV12: one a pixel.
pub(super) fn mosaic(scene: &[u8], width: u32, height: u32) -> Vec<u8> {
    let (w, h) = (width as usize, height as usize);
    let mut raw = vec![0; w * h];
    for y in 0..h {
        for x in 0..w {
            let chroma = w * h + y / 2 * w + x / 2 * 2;
            let luma = (i32::from(scene[y * w + x]) - 16) * 298;
            let (u, v) = (i32::from(scene[chroma]) - 128, i32::from(scene[chroma + 1]) - 128);
            let value = match (y % 2, x % 2) {
                (0, 0) => luma + 459 * v,
                (1, 1) => luma + 541 * u,
                _ => luma - 55 * u - 136 * v,
            };
            raw[y * w + x] = clamp((value + 128) >> 8);
        }
    }
    raw
}

/// Two rows of samples developed: two rows of luma, then one of chroma.
pub(super) fn develop_pair(raw: &[u8], width: u32) -> Vec<u8> {
    let w = width as usize;
    let mut out = vec![0; 3 * w];
    for x in (0..w).step_by(2) {
        let sample = |dx: usize, dy: usize| i32::from(raw[dy * w + x + dx]);
        let (r, b) = (sample(0, 0), sample(1, 1));
        let g = (sample(1, 0) + sample(0, 1)) / 2;
        let luma = clamp(16 + ((47 * r + 157 * g + 16 * b + 128) >> 8));
        for at in [x, x + 1, w + x, w + x + 1] {
            out[at] = luma;
        }
        out[2 * w + x] = clamp(128 + ((-26 * r - 87 * g + 112 * b + 128) >> 8));
        out[2 * w + x + 1] = clamp(128 + ((112 * r - 102 * g - 10 * b + 128) >> 8));
    }
    out
}

/// A whole picture developed, as NV12.
pub(super) fn develop(raw: &[u8], width: u32, height: u32) -> Vec<u8> {
    let (w, h) = (width as usize, height as usize);
    let mut nv12 = vec![0; w * h * 3 / 2];
    let (luma, chroma) = nv12.split_at_mut(w * h);
    for pair in 0..h / 2 {
        let rows = develop_pair(&raw[2 * pair * w..2 * (pair + 1) * w], width);
        luma[2 * pair * w..2 * (pair + 1) * w].copy_from_slice(&rows[..2 * w]);
        chroma[pair * w..(pair + 1) * w].copy_from_slice(&rows[2 * w..]);
    }
    nv12
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_scene_survives_sensor_and_camera() {
        for (luma, u, v) in [(16, 128, 128), (180, 128, 128), (63, 102, 200), (100, 160, 110)] {
            let mut scene = vec![luma; 16 * 8];
            scene.extend([u, v].repeat(8 * 4));
            let out = develop(&mosaic(&scene, 16, 8), 16, 8);
            for (at, (was, is)) in scene.iter().zip(&out).enumerate() {
                assert!(was.abs_diff(*is) <= 3, "byte {at}: {was} became {is}");
            }
        }
    }

    #[test]
    fn both_greens_count() {
        let luma = |raw: [u8; 4]| develop(&raw, 2, 2)[0];
        // 0.213 red, 0.715 green and 0.072 blue, on 16 to 235.
        assert_eq!(luma([200, 100, 100, 50]), 117);
        assert_eq!(luma([200, 80, 120, 50]), 117);
        assert_eq!(luma([200, 100, 120, 50]), 123);
    }

    #[test]
    fn nothing_developed_of_light_looks_like_a_denied_read() {
        let raw = mosaic(&[60; 16 * 8 * 3 / 2], 16, 8);
        assert!(raw.iter().chain(&develop(&raw, 16, 8)).all(|&byte| byte != 0));
    }
}

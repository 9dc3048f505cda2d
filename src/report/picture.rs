// SPDX-License-Identifier: Apache-2.0
//! `displayed.png` and `seen-by-<master>.png`: contact sheets of what came back at a port.
//!
//! A byte that was never returned is drawn as a magenta hatch, never as black.
use crate::engine::capture::{Captures, Picture};
use crate::report::Artifact;
use crate::report::font::{self, Canvas, Rgb};
use crate::report::format::{file_name, grouped, hundredths, short};
use crate::report::nv12::{self, Pixel};

const BACKGROUND: Rgb = [0xf7, 0xf7, 0xf7];
const INK: Rgb = [0x22, 0x22, 0x22];
const GREY: Rgb = [0x66, 0x66, 0x66];
const FRAME: Rgb = [0x99, 0x99, 0x99];
/// The stripes that stand for bytes never returned.
pub(super) const MARK: [Rgb; 2] = [[0xd0, 0x00, 0xd0], [0x90, 0x00, 0x90]];

const MARGIN: usize = 20;
const HEADER: usize = 76;
const CAPTION: usize = 72;
/// A small picture is enlarged to about this width, a large one reduced below [`WIDEST`].
const WANTED: usize = 480;
const WIDEST: usize = 1280;
const SHEET: usize = 1640;
/// A cell is wide enough for its captions.
const NARROWEST: usize = 360;
const STRIPE: usize = 6;

/// When several pixels become one, the one that is news is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    /// On the display: a byte that did not come.
    Missing,
    /// At an intruder: a byte that came.
    Returned,
}

/// The pictures' file names, in the order of [`export`].
pub fn names(captures: &Captures) -> Vec<String> {
    let mut names = Vec::new();
    if !captures.displayed.is_empty() {
        names.push("displayed.png".to_owned());
    }
    for (master, _) in &captures.seen {
        let stem = format!("seen-by-{}", file_name(master));
        let taken = |name: &String, names: &[String]| {
            names.iter().any(|other| other.eq_ignore_ascii_case(name))
        };
        let mut name = format!("{stem}.png");
        let mut number = 2;
        while taken(&name, &names) {
            name = format!("{stem}-{number}.png");
            number += 1;
        }
        names.push(name);
    }
    names
}

/// The sheets of a run: one for the display if it showed anything, one an intruder.
pub fn export(captures: &Captures) -> Vec<Artifact> {
    let mut sheets = Vec::new();
    if !captures.displayed.is_empty() {
        sheets.push(sheet("displayed", &captures.displayed, Keep::Missing));
    }
    for (master, pictures) in &captures.seen {
        sheets.push(sheet(&format!("seen by {}", short(master, 40)), pictures, Keep::Returned));
    }
    names(captures).into_iter().zip(sheets).collect()
}

/// How pixels of a picture become pixels of the sheet.
#[derive(Clone, Copy)]
struct Zoom {
    up: usize,
    down: usize,
}

impl Zoom {
    fn of(picture: &Picture) -> Self {
        let width = (picture.width as usize).max(1);
        Self { up: (WANTED / width).clamp(1, 8), down: width.div_ceil(WIDEST) }
    }

    fn size(self, picture: &Picture) -> (usize, usize) {
        let side = |pixels: u32| pixels as usize * self.up / self.down;
        (side(picture.width), side(picture.height))
    }

    fn pixel(self, picture: &Picture, x: usize, y: usize, keep: Keep) -> Pixel {
        let (left, top) = (x * self.down / self.up, y * self.down / self.up);
        let block = (0..self.down).flat_map(|dy| (0..self.down).map(move |dx| (dx, dy)));
        let mut pixels = block.map(|(dx, dy)| nv12::pixel(picture, left + dx, top + dy));
        let first = pixels.next().unwrap_or(Pixel::Unseen);
        let rank = |pixel: &Pixel| match pixel {
            Pixel::Unseen => 0,
            Pixel::ChromaOnly(_) => 1,
            Pixel::Seen(_) => 2,
        };
        let better = |a: Pixel, b: Pixel| {
            let wins = match keep {
                Keep::Missing => rank(&b) < rank(&a),
                Keep::Returned => rank(&b) > rank(&a),
            };
            if wins { b } else { a }
        };
        pixels.fold(first, better)
    }
}

/// The hatch at a place of the sheet.
fn stripe(x: usize, y: usize) -> usize {
    (x + y) / STRIPE % 2
}

fn colour(pixel: Pixel, x: usize, y: usize) -> Rgb {
    match (pixel, stripe(x, y)) {
        (Pixel::Seen(rgb), _) | (Pixel::ChromaOnly(rgb), 1) => rgb,
        (_, stripe) => MARK[stripe],
    }
}

fn sheet(title: &str, pictures: &[Picture], keep: Keep) -> Vec<u8> {
    let sizes: Vec<(usize, usize)> = pictures.iter().map(|p| Zoom::of(p).size(p)).collect();
    let cell_width = sizes.iter().map(|size| size.0).max().unwrap_or(0).max(NARROWEST);
    let cell_height = sizes.iter().map(|size| size.1).max().unwrap_or(0) + CAPTION;
    let columns = ((SHEET - MARGIN) / (cell_width + MARGIN)).clamp(1, pictures.len().max(1));
    let rows = pictures.len().div_ceil(columns);
    let key = 2 * MARGIN + 34 + font::text_width("never returned", 2) + 54 + 34;
    let key = key + font::text_width("returned as zeros", 2);
    let width = (MARGIN + columns * (cell_width + MARGIN))
        .max(2 * MARGIN + font::text_width(title, 3))
        .max(key);
    let height = HEADER + rows.max(1) * (cell_height + MARGIN);
    let mut canvas = Canvas::new(width, height, BACKGROUND);
    heading(&mut canvas, title);
    if pictures.is_empty() {
        canvas.text((MARGIN, HEADER + MARGIN), "no picture", 2, GREY);
    }
    for (i, picture) in pictures.iter().enumerate() {
        let left = MARGIN + i % columns * (cell_width + MARGIN);
        let top = HEADER + i / columns * (cell_height + MARGIN);
        cell(&mut canvas, (left, top), cell_width, picture, keep);
    }
    encode(&canvas)
}

/// Title and key.
fn heading(canvas: &mut Canvas, title: &str) {
    canvas.text((MARGIN, MARGIN - 4), title, 3, INK);
    let mut left = MARGIN;
    let top = MARGIN + 28;
    let swatch = (24, 14);
    canvas.fill((left, top), swatch, |x, y| MARK[stripe(x, y)]);
    canvas.text((left + 34, top), "never returned", 2, INK);
    left += 34 + font::text_width("never returned", 2) + 30;
    canvas.fill((left, top), swatch, |_, _| nv12::rgb(0, 0, 0));
    canvas.text((left + 34, top), "returned as zeros", 2, INK);
}

/// A picture with a thin frame, and below it what it is and how much of it came.
fn cell(
    canvas: &mut Canvas,
    (left, top): (usize, usize),
    cell_width: usize,
    picture: &Picture,
    keep: Keep,
) {
    let zoom = Zoom::of(picture);
    let (width, height) = zoom.size(picture);
    canvas.fill((left - 1, top - 1), (width + 2, height + 2), |_, _| FRAME);
    canvas.fill((left, top), (width, height), |x, y| colour(zoom.pixel(picture, x, y, keep), x, y));
    let fits = cell_width / (font::ADVANCE * 2);
    let (came, all) = nv12::returned(picture);
    let amount = match (came, came * 10_000 / all.max(1)) {
        (0, _) => "nothing returned".to_owned(),
        (came, _) if came == all => "all returned".to_owned(),
        (_, 0) => "less than 0.01% returned".to_owned(),
        (_, share) => format!("{}% returned", hundredths(share)),
    };
    let zoomed = match (zoom.up, zoom.down) {
        (1, 1) => String::new(),
        (1, down) => format!(", shown 1:{down}"),
        (up, _) => format!(", shown {up}:1"),
    };
    let lines = [
        (picture.title.clone(), INK),
        (format!("{amount}: {} of {} B", grouped(came), grouped(all)), GREY),
        (format!("{} x {}{zoomed}", picture.width, picture.height), GREY),
    ];
    for (i, (text, ink)) in lines.iter().enumerate() {
        let y = top + height + 10 + i * (font::HEIGHT * 2 + 6);
        // A line that does not fit at twice the size is drawn at once the size before it is cut.
        let scale = if text.chars().count() <= fits { 2 } else { 1 };
        let room = cell_width / (font::ADVANCE * scale);
        canvas.text((left, y), &short(text, room), scale, *ink);
    }
}

fn encode(canvas: &Canvas) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, canvas.width as u32, canvas.height as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().expect("a sheet has a size and a vector takes bytes");
    writer.write_image_data(&canvas.rgb).expect("the canvas holds width x height pixels");
    writer.finish().expect("a vector takes every byte");
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    /// Width and pixels of a sheet.
    fn decode(bytes: &[u8]) -> (usize, Vec<u8>) {
        let decoder = png::Decoder::new(std::io::Cursor::new(bytes));
        let mut reader = decoder.read_info().expect("a PNG");
        let mut rgb = vec![0; reader.output_buffer_size().expect("fits")];
        let info = reader.next_frame(&mut rgb).expect("pixels");
        (info.width as usize, rgb)
    }

    fn at((width, rgb): &(usize, Vec<u8>), x: usize, y: usize) -> Rgb {
        let i = (y * width + x) * 3;
        [rgb[i], rgb[i + 1], rgb[i + 2]]
    }

    #[test]
    fn bytes_that_came_are_the_picture_and_others_the_hatch() {
        let captures = fixture::open_firewall().captures;
        let files = export(&captures);
        assert_eq!(files, export(&captures));
        assert_eq!(files[0].0, "displayed.png");
        assert_eq!(files[1].0, "seen-by-gpu.png");
        let sheet = decode(&files[1].1);
        // frame[0]: rows 0..27 of 54 came as luma only; every pixel is drawn 5 x 5.
        let shift = captures.seen[0].1[0].nv12[3 * 96 + 7];
        assert_eq!(at(&sheet, MARGIN + 7 * 5 + 2, HEADER + 3 * 5 + 2), nv12::rgb(shift, 128, 128));
        let lower = at(&sheet, MARGIN + 7 * 5, HEADER + 40 * 5);
        assert!(MARK.contains(&lower), "{lower:?}");
        let shown = decode(&files[0].1);
        let luma = captures.displayed[0].nv12[53 * 96 + 95];
        let (blue, red) = {
            let nv12 = &captures.displayed[0].nv12;
            (nv12[nv12.len() - 2], nv12[nv12.len() - 1])
        };
        let corner = at(&shown, MARGIN + 95 * 5 + 4, HEADER + 53 * 5 + 4);
        assert_eq!(corner, nv12::rgb(luma, blue, red));
    }

    #[test]
    fn zeros_that_came_are_not_the_hatch() {
        let mut picture = fixture::open_firewall().captures.seen[0].1[0].clone();
        picture.nv12.fill(0);
        picture.returned.fill(true);
        let seen = vec![("gpu".to_owned(), vec![picture])];
        let files = export(&Captures { displayed: Vec::new(), seen });
        assert_eq!(at(&decode(&files[0].1), MARGIN + 9, HEADER + 9), [0, 77, 0]);
    }

    #[test]
    fn reducing_a_picture_never_hides_the_news() {
        let (width, height) = (2560u32, 16u32);
        let size = (width * height * 3 / 2) as usize;
        let nv12 = vec![235; size];
        let mut returned = vec![false; size];
        returned[2561] = true;
        let title = "wide".into();
        let picture = Picture { title, width, height, nv12, returned, other: None };
        let zoom = Zoom::of(&picture);
        assert_eq!(zoom.size(&picture), (1280, 8));
        assert_eq!(zoom.pixel(&picture, 0, 0, Keep::Returned), Pixel::Seen([255; 3]));
        assert_eq!(zoom.pixel(&picture, 0, 0, Keep::Missing), Pixel::Unseen);
    }

    #[test]
    fn file_names_are_safe_and_different() {
        let of = |name: &str| (name.to_owned(), Vec::new());
        let seen = vec![of("gpu 1"), of("gpu/1"), of("GPU_1"), of("../é")];
        let captures = Captures { displayed: Vec::new(), seen };
        let expected =
            ["seen-by-gpu_1.png", "seen-by-gpu_1-2.png", "seen-by-GPU_1-3.png", "seen-by-..__.png"];
        assert_eq!(names(&captures), expected);
        assert_eq!(export(&captures).len(), 4);
    }
}

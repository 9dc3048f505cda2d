// SPDX-License-Identifier: Apache-2.0
//! A drawing in pixels on plotters' SVG backend, which knows whole coordinates only: everything is
//! drawn four times as large and shown at its size through the viewBox.
use plotters::backend::{DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, RGBColor, ShapeStyle, TextStyle};

/// Units of a pixel; all coordinates below are in units.
pub(super) const UNIT: i32 = 4;
/// plotters divides every font size by this before it writes it.
const FONT_FACTOR: f64 = 1.24;
/// No write to a string fails, and that is the only error that the backend has.
const INFALLIBLE: &str = "a string takes every byte";

/// A place, units from the upper left corner.
pub(super) type Point = (i32, i32);

/// How a line of text stands.
#[derive(Clone, Copy)]
pub(super) struct Letters {
    pub(super) pixels: u8,
    pub(super) colour: RGBColor,
    pub(super) bold: bool,
    pub(super) anchor: HPos,
}

/// Upright text that starts at its point.
pub(super) const fn letters(pixels: u8, colour: RGBColor) -> Letters {
    Letters { pixels, colour, bold: false, anchor: HPos::Left }
}

impl Letters {
    pub(super) const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }
    pub(super) const fn ending(self) -> Self {
        Self { anchor: HPos::Right, ..self }
    }
    pub(super) const fn centred(self) -> Self {
        Self { anchor: HPos::Center, ..self }
    }
}

/// Draws on a picture.
pub(super) struct Pen<'a> {
    backend: SVGBackend<'a>,
}

impl Pen<'_> {
    pub(super) fn line(&mut self, from: Point, to: Point, colour: RGBColor, width: u32) {
        let style = ShapeStyle { color: colour.to_rgba(), filled: false, stroke_width: width };
        self.backend.draw_line(from, to, &style).expect(INFALLIBLE);
    }

    /// A filled rectangle; `opacity` in percent.
    pub(super) fn rectangle(&mut self, from: Point, to: Point, colour: RGBColor, opacity: u8) {
        let color = colour.mix(f64::from(opacity) / 100.0);
        self.backend.draw_rect(from, to, &color.filled(), true).expect(INFALLIBLE);
    }

    /// A filled polygon.
    pub(super) fn polygon(&mut self, points: Vec<Point>, colour: RGBColor) {
        self.backend.fill_polygon(points, &colour.filled()).expect(INFALLIBLE);
    }

    /// A line of dashes of `dash` units, from left to right.
    pub(super) fn dashes(&mut self, from: Point, to: i32, colour: RGBColor, dash: i32) {
        let mut x = from.0;
        while x < to {
            let end = (x + dash).min(to);
            self.line((x, from.1), (end, from.1), colour, 5);
            x += dash * 2;
        }
    }

    /// One line of text with its middle at the point's height.
    pub(super) fn text(&mut self, at: Point, text: &str, letters: Letters) {
        let style = if letters.bold { FontStyle::Bold } else { FontStyle::Normal };
        let size = f64::from(i32::from(letters.pixels) * UNIT) * FONT_FACTOR;
        let font = FontDesc::new(FontFamily::SansSerif, size, style);
        let style = TextStyle::from(font)
            .color(&letters.colour)
            .pos(Pos::new(letters.anchor, VPos::Center));
        self.backend.draw_text(text, &style, at).expect(INFALLIBLE);
    }
}

/// Units that a line of text takes at most, by a generous average width of a letter.
pub(super) fn text_units(text: &str, pixels: u8) -> i32 {
    let count = i32::try_from(text.chars().count()).unwrap_or(i32::MAX / 1000);
    count * i32::from(pixels) * UNIT * 58 / 100
}

/// The SVG document of `width` x `height` pixels that `draw` draws.
pub(super) fn document(width: u32, height: u32, draw: impl FnOnce(&mut Pen<'_>)) -> Vec<u8> {
    let scale = UNIT.unsigned_abs();
    let mut text = String::new();
    let mut pen =
        Pen { backend: SVGBackend::with_string(&mut text, (width * scale, height * scale)) };
    draw(&mut pen);
    pen.backend.present().expect(INFALLIBLE);
    drop(pen);
    let drawn = format!(r#"width="{}" height="{}" viewBox"#, width * scale, height * scale);
    let shown = format!(r#"width="{width}" height="{height}" viewBox"#);
    text.replacen(&drawn, &shown, 1).into_bytes()
}

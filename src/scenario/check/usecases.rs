// SPDX-License-Identifier: Apache-2.0
//! `[ui]` and `[recording]`: pictures, pace, masters and pools, and whether buffers fit.
use super::context::{Check, Site, show};
use super::masters::Masters;
use super::playback::{Pace, Place, master, number_or, pace, picture, pool_for, reference_reads};
use super::pools::Pools;
use crate::scenario::file;
use crate::scenario::model::{Ip, Role, UseCase};
use crate::scenario::problem::{Problem, Span};
use crate::scenario::quantity::Kind;
use crate::scenario::usecases::{Nv12, Playback, Recording, Ui};
use crate::units::{AddrRange, ByteLen, Cycle, Hertz, PAGE, PhysAddr};
use toml::Spanned;

/// What both tables are checked against.
pub(super) struct Around<'a> {
    pub(super) clock: Hertz,
    pub(super) dram: Option<AddrRange>,
    pub(super) masters: &'a Masters,
    pub(super) pools: &'a Pools,
    pub(super) playback: Option<&'a Playback>,
}

impl Around<'_> {
    /// Cycles of a slot: as given, else the playback's, else 60 a second.
    fn slot(
        &self,
        pace_of: &Pace<'_>,
        size: Option<(u32, u32)>,
        check: &mut Check<'_>,
    ) -> Option<Cycle> {
        match self.playback {
            Some(playback) if pace_of.is_default() => Some(playback.frame_cycles),
            _ => pace(pace_of, self.clock, size, check).map(|(_, cycles)| cycles),
        }
    }
}

/// A kind of buffers and where they go.
struct Need {
    pool: usize,
    room: u64,
    bytes: u64,
    what: &'static str,
}

/// Whether what goes into each pool fits it.
fn fits(needs: &[Need], span: &Span, pools: &Pools, check: &mut Check<'_>) -> Option<()> {
    let mut good = Some(());
    for (n, need) in needs.iter().enumerate() {
        let same = |other: &&Need| other.pool == need.pool;
        if needs[..n].iter().any(|other| same(&other)) {
            continue;
        }
        let total: u64 = needs.iter().filter(same).map(|other| other.bytes).sum();
        if total <= need.room {
            continue;
        }
        let list: Vec<String> =
            needs.iter().filter(same).map(|o| format!("{} {} B", o.what, o.bytes)).collect();
        check.report(
            Problem::new("scenario::does-not-fit", "the buffers do not fit their pool")
                .at(span.clone(), format!("in whole pages: {}", list.join(", ")))
                .at(pools.span(need.pool), format!("{} B", need.room))
                .help(format!("make the pool at least {total} B, or the picture smaller")),
        );
        good = None;
    }
    good
}

const fn pages(len: ByteLen, count: u32) -> u64 {
    len.0.next_multiple_of(PAGE) * count as u64
}

fn size(field: Option<&Spanned<String>>, site: &Site, check: &mut Check<'_>) -> Option<(u32, u32)> {
    check.need(site, "size", field).and_then(|size| picture(&size, check))
}

fn count(
    field: Option<&Spanned<u64>>,
    key: &str,
    site: &Site,
    check: &mut Check<'_>,
) -> Option<u64> {
    let number = check.need(site, key, field)?;
    check.number(key, &number, 1..=100_000, "at least one")
}

/// Reads `[ui]`.
pub(super) fn ui(
    table: Option<&Spanned<file::Ui>>,
    around: &Around<'_>,
    check: &mut Check<'_>,
) -> Option<Ui> {
    let table = table?;
    let raw = table.get_ref();
    let site = check.site(&["ui"], table.span());
    let size = size(raw.size.as_ref(), &site, check).filter(|sides| pad(*sides, raw, check));
    let updates = count(raw.updates.as_ref(), "updates", &site, check);
    let given = Pace { fps: raw.fps.as_ref(), scale: raw.time_scale.as_ref() };
    let slot = around.slot(&given, size, check);
    let burst = number_or(raw.burst.as_ref(), 16, "burst", 1..=64, check);
    let outstanding = number_or(raw.outstanding.as_ref(), 16, "outstanding", 1..=16, check);
    let whose = "the trusted UI";
    let (crypto, display) = (raw.crypto.as_ref(), raw.display.as_ref());
    let crypto = master(crypto, "crypto", Ip::Crypto, whose, around.masters, &site, check);
    let display = master(display, "display", Ip::Display, whose, around.masters, &site, check);
    let place = Place { heap: UseCase::TrustedUi, role: Role::Ui, pools: around.pools };
    let pool = pool_for(raw.pool.as_ref(), "pool", &place, &site, check);
    let ((width, height), (pool, room)) = (size?, pool?);
    let ui = Ui {
        width,
        height,
        updates: updates? as u32,
        frame_cycles: slot?,
        burst: burst? as u8,
        outstanding: outstanding? as u8,
        crypto: crypto?,
        display: display?,
        pool,
    };
    let bytes = pages(ui.buffer_len(), Ui::BUFFERS);
    let span = raw.size.as_ref().map_or(site.span, Spanned::span);
    fits(&[Need { pool, room, bytes, what: "two buffers" }], &span, around.pools, check)?;
    Some(ui)
}

/// A keypad of three by four keys takes some pixels.
fn pad((width, height): (u32, u32), raw: &file::Ui, check: &mut Check<'_>) -> bool {
    if width >= 48 && height >= 32 {
        return true;
    }
    let span = raw.size.as_ref().map_or(0..0, Spanned::span);
    check.report(
        Problem::new("scenario::picture-size", "too small for a keypad of three by four keys")
            .at(span, format!("{width}x{height}"))
            .help("at least 48x32"),
    );
    false
}

/// Reads `[recording]`.
pub(super) fn recording(
    table: Option<&Spanned<file::Recording>>,
    around: &Around<'_>,
    check: &mut Check<'_>,
) -> Option<Recording> {
    let table = table?;
    let raw = table.get_ref();
    let site = check.site(&["recording"], table.span());
    let size = size(raw.size.as_ref(), &site, check);
    let frames = count(raw.frames.as_ref(), "frames", &site, check);
    let given = Pace { fps: raw.fps.as_ref(), scale: raw.time_scale.as_ref() };
    let slot = around.slot(&given, size, check);
    let buffers = number_or(raw.buffers.as_ref(), 3, "buffers", 2..=64, check);
    let percent = reference_reads(raw.reference_reads.as_ref(), 100, check);
    let burst = number_or(raw.burst.as_ref(), 16, "burst", 1..=64, check);
    let outstanding = number_or(raw.outstanding.as_ref(), 16, "outstanding", 1..=16, check);
    let stream = check.quantity_or(Kind::Size, "stream", raw.stream.as_ref(), 8 << 10);
    let span = raw.stream.as_ref().map_or(0..0, Spanned::span);
    let why = "encoded bytes a frame; its header takes 16";
    let stream = stream.and_then(|bytes| check.within("stream", bytes, span, 16..=1 << 24, why));
    let whose = "the recording";
    let camera = (raw.camera.as_ref(), "camera", Ip::Camera);
    let encoder = (raw.encoder.as_ref(), "encoder", Ip::Encoder);
    let crypto = (raw.crypto.as_ref(), "crypto", Ip::Crypto);
    let [camera, encoder, crypto] = [camera, encoder, crypto]
        .map(|(name, key, ip)| master(name, key, ip, whose, around.masters, &site, check));
    let named = [
        (raw.raw_pool.as_ref(), "raw-pool", Role::Raw),
        (raw.frame_pool.as_ref(), "frame-pool", Role::Frame),
        (raw.private_pool.as_ref(), "private-pool", Role::Private),
        (raw.output_pool.as_ref(), "output-pool", Role::Output),
    ];
    let [raws, yuv, private, output] = named.map(|(name, key, role)| {
        let place = Place { heap: UseCase::SecureVideoRecord, role, pools: around.pools };
        pool_for(name, key, &place, &site, check)
    });
    let export = export(raw, stream, &site, around, check);
    let span = raw.size.as_ref().map_or(site.span.clone(), Spanned::span);
    let fit = match (size, buffers, stream, [raws, yuv, private, output]) {
        (Some(sides), Some(buffers), Some(stream), [Some(a), Some(b), Some(c), Some(d)]) => {
            let needs = needs(sides, buffers as u32, ByteLen(stream), [a, b, c, d]);
            fits(&needs, &span, around.pools, check)
        }
        _ => None,
    };
    let (width, height) = size?;
    let found = [raws?, yuv?, private?, output?];
    fit?;
    Some(Recording {
        picture: Nv12 { width, height },
        frames: frames? as u32,
        frame_cycles: slot?,
        buffers: buffers? as u32,
        stream_bytes: ByteLen(stream?),
        reference_percent: percent? as u32,
        burst: burst? as u8,
        outstanding: outstanding? as u8,
        camera: camera?,
        encoder: encoder?,
        crypto: crypto?,
        pools: found.map(|(pool, _)| pool),
        export: export?,
    })
}

fn needs(
    (width, height): (u32, u32),
    buffers: u32,
    stream: ByteLen,
    found: [(usize, u64); 4],
) -> [Need; 4] {
    let picture = Nv12 { width, height };
    let bytes = [
        (pages(Recording::raw_len(picture), Recording::PAIR), "raw pictures"),
        (pages(picture.buffer_len(), buffers), "frames"),
        (pages(picture.buffer_len(), Recording::PAIR), "references"),
        (pages(stream, Recording::PAIR), "encoded stream"),
    ];
    let mut found = found.into_iter();
    bytes.map(|(bytes, what)| {
        let (pool, room) = found.next().unwrap_or_default();
        Need { pool, room, bytes, what }
    })
}

/// Ordinary memory for the ciphertext of two frames.
fn export(
    raw: &file::Recording,
    stream: Option<u64>,
    site: &Site,
    around: &Around<'_>,
    check: &mut Check<'_>,
) -> Option<AddrRange> {
    let base = check.need(site, "export", raw.export.as_ref())?;
    if !check.aligned("export", *base.get_ref(), base.span()) {
        return None;
    }
    let len = ByteLen(pages(ByteLen(stream?), Recording::PAIR));
    let range = AddrRange::new(PhysAddr(*base.get_ref()), len);
    let there = range.filter(|range| around.dram.is_none_or(|dram| dram.covers(*range)));
    let hit = there.and_then(|range| around.pools.iter().find(|p| p.range.overlaps(range)));
    let (what, help) = match (there, hit) {
        (Some(range), None) => return Some(range),
        (None, _) => {
            let dram = around.dram.map_or_else(String::new, |dram| format!(": {}", show(dram)));
            ("is outside DRAM".to_owned(), format!("ciphertext goes to ordinary DRAM{dram}"))
        }
        (_, Some(pool)) => (
            format!("reaches into pool `{}`", pool.name),
            format!("ciphertext goes to ordinary memory; the pool is {}", show(pool.range)),
        ),
    };
    let message = format!("`export` {what}");
    let label = format!("{} B from {}", len.0, PhysAddr(*base.get_ref()));
    check.report(Problem::new("scenario::export-place", message).at(base.span(), label).help(help));
    None
}

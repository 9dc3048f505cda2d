// SPDX-License-Identifier: Apache-2.0
//! `[playback]`: picture, pace and buffers, and whether they fit their pools.
use super::context::{Check, Site};
use super::masters::Masters;
use super::pools::{Pools, ROLES, can_be_lent};
use crate::scenario::file;
use crate::scenario::model::{Ip, Role, UseCase};
use crate::scenario::problem::Problem;
use crate::scenario::quantity::Kind;
use crate::scenario::usecases::{Playback, nv12_len};
use crate::tee::heap_name;
use crate::units::{ByteLen, Cycle, Hertz, MasterId, PAGE};
use toml::Spanned;

/// Longest side of a picture, pixels.
const MAX_SIDE: u32 = 8192;

/// A slot at `time-scale = "4k60"`: 1.2 cycles a pixel, what a 3840x2160 frame has at 60 frames a
/// second and 600 MHz, rounded down.
const SCALED_CYCLES: (u64, u64) = (12, 10);

/// How long a frame slot is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TimeScale {
    /// `clock / fps`.
    Real,
    /// [`SCALED_CYCLES`] a pixel.
    Scaled,
}

/// Reads `[playback]`.
pub(super) fn playback(
    table: Option<&Spanned<file::Playback>>,
    clock: Hertz,
    masters: &Masters,
    pools: &Pools,
    check: &mut Check<'_>,
) -> Option<Playback> {
    let table = table?;
    let raw = table.get_ref();
    let site = check.site(&["playback"], table.span());
    let size = check.need(&site, "size", raw.size.as_ref()).and_then(|size| picture(&size, check));
    let frames = check.need(&site, "frames", raw.frames.as_ref());
    let why = "a playback shows at least one frame";
    let frames = frames.and_then(|frames| check.number("frames", &frames, 1..=100_000, why));
    let buffers = number_or(raw.buffers.as_ref(), 4, "buffers", 2..=64, check);
    let percent = reference_reads(raw.reference_reads.as_ref(), 200, check);
    let burst = number_or(raw.burst.as_ref(), 16, "burst", 1..=64, check);
    let outstanding = number_or(raw.outstanding.as_ref(), 16, "outstanding", 1..=16, check);
    let given = Pace { fps: raw.fps.as_ref(), scale: raw.time_scale.as_ref() };
    let pace = pace(&given, clock, size, check);
    let who = |name: Option<&Spanned<String>>, key: &str, ip: Ip, check: &mut Check<'_>| {
        master(name, key, ip, "the playback", masters, &site, check)
    };
    let crypto = who(raw.crypto.as_ref(), "crypto", Ip::Crypto, check);
    let decoder = who(raw.decoder.as_ref(), "decoder", Ip::Decoder, check);
    let display = who(raw.display.as_ref(), "display", Ip::Display, check);
    let fitted = Fit { raw, pools, site: &site };
    let bitstream = fitted.bitstream(check);
    let frame_pool = fitted.frames(size, buffers, check);
    let ((width, height), (fps, frame_cycles)) = (size?, pace?);
    let (bitstream_bytes, bitstream_pool) = bitstream?;
    if bitstream_pool == frame_pool? {
        let frames = nv12_len(width, height).0.next_multiple_of(PAGE) * buffers?;
        let streams = bitstream_bytes.0.next_multiple_of(PAGE) * u64::from(Playback::BITSTREAMS);
        fitted.together(bitstream_pool, frames + streams, check)?;
    }
    Some(Playback {
        width,
        height,
        frames: frames? as u32,
        fps,
        frame_cycles,
        buffers: buffers? as u32,
        bitstream_bytes,
        reference_percent: percent? as u32,
        burst: burst? as u8,
        outstanding: outstanding? as u8,
        crypto: crypto?,
        decoder: decoder?,
        display: display?,
        bitstream_pool,
        frame_pool: frame_pool?,
    })
}

pub(super) fn number_or(
    field: Option<&Spanned<u64>>,
    default: u64,
    key: &str,
    range: std::ops::RangeInclusive<u64>,
    check: &mut Check<'_>,
) -> Option<u64> {
    let why = match key {
        "burst" => "beats of 16 bytes; the DMA masters make bursts of up to 64",
        "outstanding" => "the DMA masters keep up to 16 bursts in flight",
        _ => "a ring has one buffer being written and at least one being shown",
    };
    field.map_or(Some(default), |value| check.number(key, value, range, why))
}

/// Percent of a frame's bytes that a codec reads of its references.
pub(super) fn reference_reads(
    field: Option<&Spanned<String>>,
    default: u64,
    check: &mut Check<'_>,
) -> Option<u64> {
    let percent = check.quantity_or(Kind::Percent, "reference-reads", field, default)?;
    let span = field.map_or(0..0, Spanned::span);
    let why = "percent of a frame's bytes";
    check.within("reference-reads", percent, span, 0..=1000, why)
}

/// `480x272`
pub(super) fn picture(size: &Spanned<String>, check: &mut Check<'_>) -> Option<(u32, u32)> {
    let text = size.get_ref();
    let side = |part: &str| {
        let plain = !part.is_empty() && part.len() <= 9 && part.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| part.parse::<u32>().ok()).flatten()
    };
    let sides = text.split_once('x').and_then(|(w, h)| Some((side(w.trim())?, side(h.trim())?)));
    let label = match sides {
        None => "not WIDTHxHEIGHT",
        Some((0, _) | (_, 0)) => "no pixels",
        Some((w, h)) if w % 2 != 0 || h % 2 != 0 => "both sides must be even",
        Some((w, h)) if w > MAX_SIDE || h > MAX_SIDE => "neither side may pass 8192",
        Some(sides) => return Some(sides),
    };
    check.report(
        Problem::new("scenario::picture-size", format!("`size` = \"{text}\" is no picture size"))
            .at(size.span(), label)
            .help("pictures are NV12, whose colour has half the resolution: size = \"480x272\""),
    );
    None
}

/// How fast a file says that frames come.
pub(super) struct Pace<'a> {
    pub(super) fps: Option<&'a Spanned<u64>>,
    pub(super) scale: Option<&'a Spanned<String>>,
}

impl Pace<'_> {
    /// Nothing is said.
    pub(super) const fn is_default(&self) -> bool {
        self.fps.is_none() && self.scale.is_none()
    }
}

/// Frames a second and cycles of a slot.
pub(super) fn pace(
    raw: &Pace<'_>,
    clock: Hertz,
    size: Option<(u32, u32)>,
    check: &mut Check<'_>,
) -> Option<(u32, Cycle)> {
    let scale = raw.scale.map_or(Some(TimeScale::Real), |value| {
        let words = [("4k60", TimeScale::Scaled), ("real", TimeScale::Real)];
        check.word("time-scale", value, &words)
    });
    let fps = raw.fps.map_or(Some(60), |fps| check.number("fps", fps, 1..=1000, "frames a second"));
    let (scale, fps, (width, height)) = (scale?, fps?, size?);
    if scale == TimeScale::Real {
        return Some((fps as u32, Cycle((clock.0 / fps).max(1))));
    }
    if let (Some(given), Some(scale)) = (raw.fps, raw.scale)
        && fps != 60
    {
        check.report(
            Problem::new("scenario::pace", format!("`fps` = {fps} contradicts `time-scale`"))
                .at(given.span(), "would be ignored")
                .at(scale.span(), "fixes a slot at 1.2 cycles a pixel, 4K at 60 frames a second")
                .help("leave out `fps`, or write time-scale = \"real\""),
        );
        return None;
    }
    let pixels = u64::from(width) * u64::from(height);
    let cycles = pixels * SCALED_CYCLES.0 / SCALED_CYCLES.1;
    Some((60, Cycle(cycles)))
}

/// The master that plays a part, by name or because there is only one such.
pub(super) fn master(
    field: Option<&Spanned<String>>,
    key: &str,
    ip: Ip,
    whose: &str,
    masters: &Masters,
    site: &Site,
    check: &mut Check<'_>,
) -> Option<MasterId> {
    let Some(name) = field else {
        let only = masters.only(ip).map(|master| master.id);
        if only.is_none() && !check.was_wrong(site, key) {
            let problem = format!("{} must say who is its `{key}`", site.title);
            check.report(
                Problem::new("scenario::missing-key", problem)
                    .at(site.span.clone(), format!("not exactly one [[master]] has ip = \"{key}\""))
                    .help(format!("for example: {key} = the name of a [[master]]")),
            );
        }
        return only;
    };
    let master = masters.resolve(check, key, name)?;
    if master.ip != ip {
        let problem = format!("`{}` cannot be {whose}'s {key}", master.name);
        check.report(
            Problem::new("scenario::wrong-ip", problem)
                .at(name.span(), format!("has no ip = \"{key}\""))
                .help("rights follow what a master is; correct its `ip` or name another"),
        );
        return None;
    }
    Some(master.id)
}

/// Buffers and the pools they go to.
struct Fit<'a> {
    raw: &'a file::Playback,
    pools: &'a Pools,
    site: &'a Site,
}

/// What a pool is wanted for.
pub(super) struct Place<'a> {
    pub(super) heap: UseCase,
    pub(super) role: Role,
    pub(super) pools: &'a Pools,
}

/// The pool that a key names, or the only one for its use: its index, and its bytes.
pub(super) fn pool_for(
    field: Option<&Spanned<String>>,
    key: &str,
    place: &Place<'_>,
    site: &Site,
    check: &mut Check<'_>,
) -> Option<(usize, u64)> {
    let Place { heap, role, pools } = *place;
    let word = ROLES.iter().find(|(_, known)| *known == role).map_or("any", |(word, _)| word);
    let heap_word = heap_name(heap);
    let Some(name) = field else {
        let only = pools.only(heap, role);
        let broken = pools.valid().is_none() || check.was_wrong(site, key);
        if only.is_none() && !broken && !check.was_wrong(&Check::top(), "pool") {
            let problem = format!("{} must name its `{key}`", site.title);
            let label = format!(
                "not exactly one [[pool]] has heap = \"{heap_word}\" and role = \"{word}\""
            );
            let help = format!("{key} = the name of a [[pool]]; declare it if there is none");
            check.report(
                Problem::new("scenario::missing-key", problem)
                    .at(site.span.clone(), label)
                    .help(help),
            );
        }
        return only.map(|(i, pool)| (i, pool.room().0));
    };
    let (i, pool) = pools.resolve(check, key, name)?;
    let kind = pool.is_static() || can_be_lent(heap);
    if pool.roles.contains(&role) && pool.use_case == heap && kind {
        return Some((i, pool.room().0));
    }
    let (kind, why) = if can_be_lent(heap) {
        ("pool", "")
    } else {
        ("static pool", "; OP-TEE knows no recording, and refuses to be lent memory for it")
    };
    let problem = format!("pool `{}` cannot be `{key}`", pool.name);
    check.report(
        Problem::new("scenario::wrong-role", problem)
            .at(name.span(), "wrong heap, role or kind")
            .help(format!("needs a {kind} with heap = \"{heap_word}\" and role = \"{word}\"{why}")),
    );
    None
}

impl Fit<'_> {
    fn pool(
        &self,
        field: Option<&Spanned<String>>,
        key: &str,
        role: Role,
        check: &mut Check<'_>,
    ) -> Option<(usize, u64)> {
        let place = Place { heap: UseCase::SecureVideo, role, pools: self.pools };
        pool_for(field, key, &place, self.site, check)
    }
    /// Streams and frames in one pool.
    fn together(&self, i: usize, needed: u64, check: &mut Check<'_>) -> Option<()> {
        let room = self.pools.room(i);
        if needed <= room {
            return Some(());
        }
        let span = self.raw.size.as_ref().map_or(self.site.span.clone(), Spanned::span);
        check.report(
            Problem::new("scenario::does-not-fit", "streams and frames do not fit their pool")
                .at(span, format!("in whole pages: {needed} B"))
                .at(self.pools.span(i), format!("{room} B"))
                .help(format!("make the pool at least {needed} B, or take fewer `buffers`")),
        );
        None
    }
    fn bitstream(&self, check: &mut Check<'_>) -> Option<(ByteLen, usize)> {
        let pool =
            self.pool(self.raw.bitstream_pool.as_ref(), "bitstream-pool", Role::Bitstream, check);
        let bytes = self.raw.bitstream.as_ref();
        let bytes = check.quantity_or(Kind::Size, "bitstream", bytes, 8 << 10)?;
        let span = self.raw.bitstream.as_ref().map_or(self.site.span.clone(), Spanned::span);
        let why = "bytes of clear bitstream a frame";
        let bytes = check.within("bitstream", bytes, span.clone(), 1..=1 << 30, why)?;
        let (i, room) = pool?;
        let buffers = u64::from(Playback::BITSTREAMS);
        let needed = bytes.next_multiple_of(PAGE) * buffers;
        if needed <= room {
            return Some((ByteLen(bytes), i));
        }
        check.report(
            Problem::new("scenario::does-not-fit", "the bitstream does not fit its pool")
                .at(span, format!("{buffers} buffers of it, in whole pages: {needed} B"))
                .at(self.pools.span(i), format!("{room} B"))
                .help(format!("make the pool at least {needed} B, or the bitstream smaller")),
        );
        None
    }
    fn frames(
        &self,
        size: Option<(u32, u32)>,
        buffers: Option<u64>,
        check: &mut Check<'_>,
    ) -> Option<usize> {
        let pool = self.pool(self.raw.frame_pool.as_ref(), "frame-pool", Role::Frame, check);
        let ((width, height), buffers, (i, room)) = (size?, buffers?, pool?);
        let frame = nv12_len(width, height).0.next_multiple_of(PAGE);
        let needed = frame * buffers;
        if needed <= room {
            return Some(i);
        }
        let span = self.raw.size.as_ref().map_or(self.site.span.clone(), Spanned::span);
        let label = format!("{buffers} buffers of {frame} B, in whole pages: {needed} B");
        check.report(
            Problem::new("scenario::does-not-fit", "the frames do not fit their pool")
                .at(span, label)
                .at(self.pools.span(i), format!("{room} B"))
                .help(format!("make the pool at least {needed} B, or take fewer `buffers`")),
        );
        None
    }
}

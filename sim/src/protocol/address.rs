// SPDX-License-Identifier: Apache-2.0
//! What one address may say, and which byte lanes its beats use.

use super::rules::{self, AddressRules};
use super::{Channel, Sink};
use crate::pins::Ax;

const FIXED: u8 = 0;
const INCR: u8 = 1;
const WRAP: u8 = 2;

/// Checks an address channel's payload by itself (IHI 0022 A3.4.1, A7.2.4).
pub(super) fn check(ax: &Ax, channel: Channel, sink: &mut Sink) {
    let rules = if channel == Channel::Ar { &rules::AR } else { &rules::AW };
    let bus = sink.bus;
    if size(ax) > bus {
        let detail = format_args!("{}-byte beats on a {bus}-byte bus", size(ax));
        sink.report(channel, rules.size, detail);
        return;
    }
    let bytes = total(ax);
    match ax.burst {
        INCR if start_in_page(ax) + bytes > 4096 => sink.report(
            channel,
            rules.boundary,
            format_args!("{bytes} bytes from {:#x} cross a 4 KiB boundary", ax.addr),
        ),
        FIXED if ax.len > 15 => sink.report(
            channel,
            rules.len_fixed,
            format_args!("FIXED burst of {} beats, at most 16", u32::from(ax.len) + 1),
        ),
        WRAP => check_wrap(ax, channel, rules, sink),
        FIXED | INCR => {}
        _ => sink.report(channel, rules.burst, format_args!("reserved burst type {}", ax.burst)),
    }
    if ax.lock != 0 {
        check_exclusive(ax, channel, rules, sink);
    }
}

fn check_wrap(ax: &Ax, channel: Channel, rules: &AddressRules, sink: &mut Sink) {
    let beats = u32::from(ax.len) + 1;
    if !matches!(beats, 2 | 4 | 8 | 16) {
        let detail = format_args!("WRAP burst of {beats} beats, not 2, 4, 8 or 16");
        sink.report(channel, rules.len_wrap, detail);
    }
    if ax.addr & (size(ax) - 1) != 0 {
        let detail = format_args!("WRAP burst starts unaligned at {:#x}", ax.addr);
        sink.report(channel, rules.wrap_align, detail);
    }
}

fn check_exclusive(ax: &Ax, channel: Channel, rules: &AddressRules, sink: &mut Sink) {
    let bytes = total(ax);
    if ax.len > 15 {
        let detail = format_args!("exclusive burst of {} beats, at most 16", u32::from(ax.len) + 1);
        sink.report(channel, rules.excl_len, detail);
    }
    if bytes > 128 || !bytes.is_power_of_two() {
        let detail =
            format_args!("exclusive access of {bytes} bytes, not a power of two up to 128");
        sink.report(channel, rules.excl_max, detail);
    } else if ax.addr & (bytes - 1) != 0 {
        let detail = format_args!("exclusive access of {bytes} bytes unaligned at {:#x}", ax.addr);
        sink.report(channel, rules.excl_align, detail);
    }
}

/// Byte lanes of a bus of `bus` bytes that beat `beat` of a legal burst may use, a bit a lane
/// (IHI 0022 A3.4.3).
pub(super) fn lanes(ax: &Ax, beat: u32, bus: u64) -> u16 {
    let size = size(ax);
    let aligned = ax.addr & !(size - 1);
    let from = match ax.burst {
        WRAP => {
            let low = aligned & !(total(ax) - 1);
            low + (aligned - low + u64::from(beat) * size) % total(ax)
        }
        INCR if beat > 0 => aligned + u64::from(beat) * size,
        _ => ax.addr,
    };
    let first = from & (bus - 1);
    let end = (first & !(size - 1)) + size;
    let mask = ((1_u32 << end) - 1) & !((1_u32 << first) - 1);
    mask as u16
}

/// Bytes of a beat.
fn size(ax: &Ax) -> u64 {
    1 << ax.size
}

/// Bytes of the burst as if it were aligned.
fn total(ax: &Ax) -> u64 {
    (u64::from(ax.len) + 1) << ax.size
}

fn start_in_page(ax: &Ax) -> u64 {
    ax.addr & 4095 & !(size(ax) - 1)
}

// SPDX-License-Identifier: Apache-2.0
//! The head of a scenario, `[sim]`, `[memory]` and `[firewall]`.
use super::context::{Check, Site};
use crate::scenario::file;
use crate::scenario::model::{Background, Firewall, Memory, Order, Sim};
use crate::scenario::problem::{Problem, suggest};
use crate::scenario::quantity::Kind;
use crate::units::{AddrRange, ByteLen, ByteRate, Cycle, Hertz, PhysAddr};
use toml::Spanned;

/// Version of the file format.
const SCHEMA_VERSION: u64 = 1;

/// Board shapes that the binary ships.
pub(super) const SHAPES: [&str; 2] = ["f1", "f4"];

/// End of the address space that the board has wires for (40 address bits).
const ADDRESS_END: u64 = 1 << 40;

/// Fabric clock where none is given: a filter port then carries 9.6 GB/s a direction.
const DEFAULT_CLOCK: Hertz = Hertz(600_000_000);

/// Fewest cycles in a throughput bin; more bins than that are no plot.
const MIN_BIN: u64 = 100;

/// What stands above the tables.
pub(super) struct Head {
    /// Scenario name.
    pub(super) name: String,
    /// One sentence.
    pub(super) summary: String,
    /// For `list`.
    pub(super) tags: Vec<String>,
    /// Seed of the file.
    pub(super) seed: u64,
}

/// Name, summary, tags, seed and schema version.
pub(super) fn head(file: &file::File, check: &mut Check<'_>) -> Option<Head> {
    let top = Check::top();
    if let Some(version) = check.need(&top, "schema-version", file.schema_version.as_ref()) {
        let found = *version.get_ref();
        if found != SCHEMA_VERSION {
            let message = format!("schema-version {found} is not known");
            check.report(
                Problem::new("scenario::schema-version", message)
                    .at(version.span(), "this ringfence reads version 1")
                    .help("schema-version = 1"),
            );
        }
    }
    let name = check.need(&top, "name", file.name.as_ref()).and_then(|name| check.name(&name));
    let summary = check.need(&top, "summary", file.summary.as_ref()).map(Spanned::into_inner);
    let mut tags = Vec::new();
    for tag in file.tags.iter().flat_map(Spanned::get_ref) {
        tags.extend(check.name(tag));
    }
    let seed = file.seed.as_ref().map_or(0, |seed| *seed.get_ref());
    Some(Head { name: name?, summary: summary?, tags, seed })
}

/// `[sim]`, and the clock, which is the default where it could not be read.
pub(super) fn sim(
    table: Option<&Spanned<file::Sim>>,
    check: &mut Check<'_>,
) -> (Option<Sim>, Hertz) {
    let empty = file::Sim::default();
    let sim = table.map_or(&empty, Spanned::get_ref);
    let clock = sim.clock.as_ref().map_or(Some(DEFAULT_CLOCK.0), |clock| {
        let hertz = check.quantity(Kind::Clock, "clock", clock)?;
        let why = "hertz: 1 MHz to 4 GHz, so that a cycle is a usable number of picoseconds";
        check.within("clock", hertz, clock.span(), 1_000_000..=4_000_000_000, why)
    });
    let hertz = clock.map_or(DEFAULT_CLOCK, Hertz);
    let shape = sim.shape.as_ref().map_or(Some(SHAPES[0]), |shape| known_shape(shape, check));
    let limit = time("limit", sim.limit.as_ref(), "50 ms", hertz, check).and_then(|limit| {
        let span = sim.limit.as_ref().map_or(0..0, Spanned::span);
        check
            .within("limit", limit.0, span, MIN_BIN..=u64::MAX, "cycles of the whole run")
            .map(Cycle)
    });
    let most = limit.map_or(u64::MAX, |limit| limit.0);
    let mut part = |key: &str, value: Option<&Spanned<String>>, low: u64| {
        let cycles = time(key, value, "20 us", hertz, check)?.0;
        // A default gives way to a short run; what is written does not.
        let Some(value) = value else {
            return Some(Cycle(cycles.min(most)));
        };
        let why = "cycles; the upper bound is the run's `limit`";
        check.within(key, cycles, value.span(), low..=most, why).map(Cycle)
    };
    let wait_budget = part("wait-budget", sim.wait_budget.as_ref(), 1);
    let bin = part("bin", sim.bin.as_ref(), MIN_BIN);
    let duration = sim.duration.as_ref().and_then(|text| part("duration", Some(text), 1));
    let built = (|| {
        Some(Sim {
            clock: Hertz(clock?),
            shape: shape?.to_owned(),
            limit: limit?,
            wait_budget: wait_budget?,
            bin: bin?,
            duration,
        })
    })();
    (built, hertz)
}

fn time(
    key: &str,
    value: Option<&Spanned<String>>,
    default: &str,
    clock: Hertz,
    check: &mut Check<'_>,
) -> Option<Cycle> {
    let default = Spanned::new(0..0, default.to_owned());
    check.cycles(key, value.unwrap_or(&default), clock)
}

fn known_shape(shape: &Spanned<String>, check: &mut Check<'_>) -> Option<&'static str> {
    let text = shape.get_ref().as_str();
    let found = SHAPES.into_iter().find(|known| *known == text);
    if found.is_none() {
        check.report(
            Problem::new("scenario::unknown-shape", format!("no board has the shape `{text}`"))
                .at(shape.span(), "not a shape that this binary ships")
                .help(suggest(text, "shapes", SHAPES)),
        );
    }
    found
}

/// `[memory]`
pub(super) fn memory(
    table: Option<&Spanned<file::Memory>>,
    clock: Hertz,
    check: &mut Check<'_>,
) -> Option<Memory> {
    let empty = file::Memory::default();
    let memory = table.map_or(&empty, Spanned::get_ref);
    let site = check.site(&["memory"], table.map_or(0..0, Spanned::span));
    let base = memory.base.clone().unwrap_or_else(|| Spanned::new(0..0, 0x8000_0000));
    let size = memory.size.clone().unwrap_or_else(|| Spanned::new(0..0, "2 GiB".to_owned()));
    let dram = check.pages(&site, Some(&base), Some(&size), None);
    let dram = dram.and_then(|dram| inside_address_space(dram, memory, &site, check));
    let latency_ps = memory.latency.as_ref().map_or(Some(60_000), |latency| {
        let time = check.time("latency", latency)?;
        let picoseconds = time.picoseconds(clock).unwrap_or(u64::MAX);
        let why = "picoseconds: at most 1 ms";
        check.within("latency", picoseconds, latency.span(), 0..=1_000_000_000, why)
    });
    let bandwidth = memory.bandwidth.as_ref();
    let bytes = check.quantity_or(Kind::Rate, "bandwidth", bandwidth, 9_600_000_000);
    let bytes = bytes.and_then(|bytes| {
        let span = bandwidth.map_or(0..0, Spanned::span);
        let why = "bytes a second of one channel";
        check.within("bandwidth", bytes, span, 1_000_000..=1_000_000_000_000, why)
    });
    let dram = dram?;
    let alias_bits = match &memory.alias_bits {
        None => None,
        Some(bits) => {
            // Two ends of DRAM itself must not be one cell.
            let least = u64::from(64 - (dram.end().0 - 1).leading_zeros());
            let why = "address bits; the lower bound is what DRAM itself needs";
            let bits = check.within("alias-bits", *bits.get_ref(), bits.span(), least..=40, why)?;
            Some(bits as u32)
        }
    };
    let (latency_ps, bandwidth) = (latency_ps?, ByteRate(bytes?));
    Some(Memory { dram, alias_bits, latency_ps, bandwidth })
}

fn inside_address_space(
    dram: AddrRange,
    memory: &file::Memory,
    site: &Site,
    check: &mut Check<'_>,
) -> Option<AddrRange> {
    let all = AddrRange { base: PhysAddr(0), len: ByteLen(ADDRESS_END) };
    if all.covers(dram) {
        return Some(dram);
    }
    let size = memory.size.as_ref().map(Spanned::span);
    let span = size.or(memory.base.as_ref().map(Spanned::span)).unwrap_or(site.span.clone());
    check.report(
        Problem::new("scenario::overflow", "DRAM passes the board's 40 address bits")
            .at(span, format!("would end at {}", dram.end()))
            .help(format!("base + size is at most {}", PhysAddr(ADDRESS_END))),
    );
    None
}

/// `[firewall]`
pub(super) fn firewall(
    table: Option<&Spanned<file::Firewall>>,
    check: &mut Check<'_>,
) -> Option<Firewall> {
    let empty = file::Firewall::default();
    let firewall = table.map_or(&empty, Spanned::get_ref);
    let background = firewall.background.as_ref().map_or(Some(Background::Deny), |value| {
        let words = [("deny", Background::Deny), ("allow", Background::Allow)];
        check.word("background", value, &words)
    });
    let order = firewall.order.as_ref().map_or(Some(Order::DisableFirst), |value| {
        let words = [
            ("driver", Order::Driver),
            ("disable-first", Order::DisableFirst),
            ("gated", Order::Gated),
            ("planned", Order::Planned),
            ("commit", Order::Commit),
        ];
        check.word("order", value, &words)
    });
    let action = firewall.action.as_ref().map_or(Some((true, true)), |value| {
        let words = [
            ("none", (false, false)),
            ("error", (true, false)),
            ("interrupt", (false, true)),
            ("error+interrupt", (true, true)),
        ];
        check.word("action", value, &words)
    });
    let (action_error, action_interrupt) = action?;
    Some(Firewall {
        background: background?,
        order: order?,
        action_error,
        action_interrupt,
        speculation: firewall.speculation.as_ref().is_some_and(|value| *value.get_ref()),
    })
}

/// A scenario in which nothing moves proves nothing.
pub(super) fn something_happens(file: &file::File, check: &mut Check<'_>) {
    let top = Check::top();
    let lists = [file.client.is_some(), file.traffic.is_some(), file.intruder.is_some()];
    let lists = lists.contains(&true) || file.replay.is_some() || check.history().is_some();
    let wrong = ["playback", "ui", "recording", "client", "traffic", "intruder", "replay"]
        .iter()
        .any(|key| check.was_wrong(&top, key));
    let used = file.playback.is_some() || file.ui.is_some() || file.recording.is_some();
    if !used && !lists && !wrong {
        check
            .report(Problem::new("scenario::nothing-happens", "no master has anything to do").help(
            "add a [playback], [ui] or [recording], a [[client]], a [[traffic]] or an [[intruder]]",
        ));
    }
}

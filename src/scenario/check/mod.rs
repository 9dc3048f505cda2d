// SPDX-License-Identifier: Apache-2.0
//! From a [`File`] to a [`Scenario`]: names resolved, quantities read, everything in range. Each
//! part reports all that it finds and goes on; nothing here stops at the first problem.
mod clients;
mod context;
mod copies;
mod devices;
mod handles;
mod intruder;
mod masters;
mod playback;
mod pools;
mod programs;
mod replay;
mod requirements;
mod reserved;
mod rows;
mod setup;
mod steps;
mod tee;
mod usecases;
mod verbs;

use super::document::Document;
use super::file::File;
use super::model::Scenario;
use super::problem::{Problem, Sources};
use super::recover::Pruned;
use super::setup::TeeSetup;
use crate::units::MasterId;
use context::Check;
use masters::Masters;
use pools::Pools;

/// Makes a scenario of a file.
///
/// # Errors
/// Everything that is wrong with it.
pub(super) fn scenario(
    file: &File,
    pruned: &[Pruned],
    document: &Document<'_>,
    sources: &Sources,
) -> Result<Scenario, Vec<Problem>> {
    let mut check = Check::new(pruned, document, sources);
    let built = build(file, &mut check);
    match built {
        Some(scenario) if check.problems.is_empty() => Ok(scenario),
        _ => Err(check.problems),
    }
}

/// `None` only where a problem was reported or a key was taken out as wrong.
fn build(file: &File, check: &mut Check<'_>) -> Option<Scenario> {
    let head = setup::head(file, check);
    let (sim, clock) = setup::sim(file.sim.as_ref(), check);
    let memory = setup::memory(file.memory.as_ref(), clock, check);
    let firewall = setup::firewall(file.firewall.as_ref(), check);
    let tee = tee::tee(file.tee.as_ref(), clock, check);
    let dram = memory.map(|memory| memory.dram);
    let background = firewall.map(|firewall| firewall.background);
    let pools = Pools::read(file, dram, background, check);
    let claims = pools.claims();
    let masters = Masters::read(file, &pools, check);
    let playback = playback::playback(file.playback.as_ref(), clock, &masters, &pools, check);
    let around = usecases::Around {
        clock,
        dram,
        masters: &masters,
        pools: &pools,
        playback: playback.as_ref(),
    };
    let ui = usecases::ui(file.ui.as_ref(), &around, check);
    let recording = usecases::recording(file.recording.as_ref(), &around, check);
    // A playback with mistakes of its own is not blamed on those that wait for its frames.
    let decoded = if file.playback.is_some() {
        playback.as_ref().map_or(u32::MAX, |plan| plan.frames)
    } else if file.recording.is_some() {
        recording.as_ref().map_or(u32::MAX, |plan| plan.frames)
    } else if file.ui.is_some() {
        ui.as_ref().map_or(u32::MAX, |plan| plan.updates)
    } else {
        0
    };
    let traffic = intruder::traffic(file, clock, dram, &masters, &pools, check);
    let parts: Vec<(MasterId, &'static str)> = [
        playback.as_ref().map(|p| ([p.crypto, p.decoder, p.display], "the [playback]")),
        ui.as_ref().map(|ui| ([ui.crypto, ui.display, ui.display], "the [ui]")),
        recording.as_ref().map(|r| ([r.camera, r.encoder, r.crypto], "the [recording]")),
    ]
    .into_iter()
    .flatten()
    .flat_map(|(parts, what)| parts.map(|part| (part, what)))
    .collect();
    let intruders = intruder::intruders(file, clock, &parts, decoded, &masters, &pools, check);
    let around = clients::Around {
        clock,
        masters: &masters,
        parts: &parts,
        traffic: &traffic,
        intruders: &intruders,
        cached: file.cache.is_some(),
    };
    let own = clients::clients(file, &around, check);
    let (clients, replay) = match replay::replay(file, &around, check) {
        Some(replayed) => replayed.map(|(clients, replay)| (Some(clients), Some(replay)))?,
        None => (own, None),
    };
    let devices = devices::devices(file, dram, &pools, &around, check);
    let totals = requirements::Totals {
        shown: playback.as_ref().map(|p| p.frames),
        updates: ui.as_ref().map(|ui| ui.updates),
        recorded: recording.as_ref().map(|r| r.frames),
    };
    let expects = requirements::expects(file, clock, totals, &masters, check);
    let plants = requirements::plants(file, dram, decoded, &masters, check);
    setup::something_happens(file, check);
    tee::beside_playback(file, check);
    tee::regions_of_dynamic(file, check);
    tee::beside_token(file, check);
    tee::beside_bounce(file, check);
    let (head, devices) = (head?, devices?);
    Some(Scenario {
        name: head.name,
        summary: head.summary,
        tags: head.tags,
        seed: head.seed,
        overrides: check.overrides(),
        sim: sim?,
        memory: memory?,
        firewall: firewall?,
        tee: TeeSetup { claims, ..tee? },
        cache: devices.cache,
        iommus: devices.iommus,
        bounce: devices.bounce,
        masters: masters.all,
        reserved: pools.nodes.valid()?,
        pools: pools.valid()?,
        playback: if file.playback.is_some() { Some(playback?) } else { None },
        ui: if file.ui.is_some() { Some(ui?) } else { None },
        recording: if file.recording.is_some() { Some(recording?) } else { None },
        clients: clients?,
        replay,
        traffic,
        intruders,
        expects,
        plants,
    })
}

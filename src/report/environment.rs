// SPDX-License-Identifier: Apache-2.0
//! What a run's files may say about the machine, kept apart from what must repeat.
use serde::Serialize;
use std::collections::BTreeMap;

/// Where and how a run was made; the only input of a report that may differ between two runs of
/// the same scenario and seed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Environment {
    /// Name of the machine.
    pub host: String,
    /// Tool by version, e.g. `ringfence` and `verilator`.
    pub versions: BTreeMap<String, String>,
    /// Command line as given.
    pub command: String,
    /// What by path, e.g. `scenario` and `folder`.
    pub paths: BTreeMap<String, String>,
    /// Wall time of the simulation, seconds.
    pub wall_seconds: f64,
}

/// [`Environment`] as `summary.json` shows it, without the wall time, which stands apart there.
#[derive(Debug, Serialize)]
pub(super) struct EnvironmentView<'a> {
    host: &'a str,
    versions: &'a BTreeMap<String, String>,
    command: &'a str,
    paths: &'a BTreeMap<String, String>,
    stepped_cycles_per_second: u64,
}

impl Environment {
    /// Wall time in whole milliseconds; nothing sensible (negative, not a number) counts as zero.
    pub(super) fn wall_milliseconds(&self) -> u64 {
        #[allow(clippy::cast_sign_loss, reason = "the cast saturates; negative becomes zero")]
        let milliseconds = (self.wall_seconds * 1000.0).round() as u64;
        milliseconds
    }

    /// Cycles a second of wall time, rounded down; zero if no time was taken.
    pub(super) fn rate(&self, cycles: u64) -> u64 {
        let rate = u128::from(cycles) * 1000 / u128::from(self.wall_milliseconds().max(1));
        if self.wall_milliseconds() == 0 { 0 } else { rate as u64 }
    }

    /// The part that is shown under `environment`; `stepped` are the cycles not passed over.
    pub(super) fn view(&self, stepped: u64) -> EnvironmentView<'_> {
        EnvironmentView {
            host: &self.host,
            versions: &self.versions,
            command: &self.command,
            paths: &self.paths,
            stepped_cycles_per_second: self.rate(stepped),
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
//! The one place where a finished run goes to the reports.
use crate::engine::RunLog;
use crate::report::{self, Environment, ReportError};
use crate::scenario::Scenario;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// What reports say about the run beyond its events.
#[derive(Clone, Debug)]
pub(super) struct Circumstances {
    /// Command line as given.
    pub(super) command: String,
    /// Scenario file.
    pub(super) scenario: PathBuf,
    /// Wall time of the simulation, seconds.
    pub(super) wall_seconds: f64,
}

/// Name of a run's folder.
pub(super) fn folder_name(scenario: &Scenario) -> String {
    report::folder_name(&scenario.name, scenario.seed, &scenario.overrides)
}

/// Whether run folders can be made below `runs`; found out before a run, not after.
pub(super) fn probe(runs: &Path) -> io::Result<()> {
    std::fs::create_dir_all(runs)?;
    let probe = runs.join(format!(".probe-{}", std::process::id()));
    std::fs::write(&probe, b"")?;
    std::fs::remove_file(&probe)
}

/// Writes the run's folder below `runs` and gives its path.
pub(super) fn publish(
    runs: &Path,
    folder: &str,
    log: &RunLog,
    circumstances: &Circumstances,
) -> Result<PathBuf, ReportError> {
    let path = |path: &Path| path.display().to_string();
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let versions = [
        ("ringfence".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        ("verilator".to_owned(), ringfence_sim::verilator_version()),
    ];
    let environment = Environment {
        host: host.trim().to_owned(),
        versions: BTreeMap::from(versions),
        command: circumstances.command.clone(),
        paths: BTreeMap::from([
            ("scenario".to_owned(), path(&circumstances.scenario)),
            ("folder".to_owned(), path(&runs.join(folder))),
        ]),
        wall_seconds: circumstances.wall_seconds,
    };
    report::write_folder(runs, folder, log, &environment)
}

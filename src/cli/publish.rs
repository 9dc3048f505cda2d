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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::capture::Captures;
    use crate::scenario::parse;

    fn scenario(sets: &[&str]) -> Scenario {
        let text = include_str!("../../scenarios/playback/secure-playback.toml");
        let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
        parse("x", text.to_owned(), &sets, Some(7)).expect("valid")
    }

    #[test]
    fn folders_are_named_by_scenario_seed_and_overrides() {
        assert_eq!(folder_name(&scenario(&[])), "secure-playback-7");
        let one = folder_name(&scenario(&["playback.frames=6"]));
        let other = folder_name(&scenario(&["playback.frames=7"]));
        assert_eq!(one.len(), "secure-playback-7-".len() + 8);
        assert_ne!(one, other);
        assert_eq!(one, folder_name(&scenario(&["playback.frames=6"])));
    }

    #[test]
    fn a_folder_replaces_an_earlier_one_and_leaves_nothing_beside() {
        let dir = tempfile::tempdir().expect("a folder");
        let runs = dir.path().join("runs");
        probe(&runs).expect("writable");
        let log = RunLog::of(Vec::new(), Captures::default());
        let circumstances =
            Circumstances { command: "x".into(), scenario: "y".into(), wall_seconds: 0.0 };
        for _ in 0..2 {
            let folder = publish(&runs, "a-1", &log, &circumstances).expect("written");
            assert!(folder.join("events.jsonl").is_file());
        }
        assert_eq!(std::fs::read_dir(&runs).expect("listed").count(), 1);
    }
}

// SPDX-License-Identifier: Apache-2.0
//! The one place where a finished run goes to the reports.
use crate::engine::RunLog;
use crate::engine::event::{Event, Verdict};
use crate::scenario::Scenario;
use std::io::{self, Write};
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

/// Name of a run's folder: scenario and seed, and with overrides eight hexadecimal digits of them,
/// their 32-bit FNV-1a hash with a NUL after each.
pub(super) fn folder_name(scenario: &Scenario) -> String {
    let plain = format!("{}-{}", scenario.name, scenario.seed);
    if scenario.overrides.is_empty() {
        return plain;
    }
    let bytes = scenario
        .overrides
        .iter()
        .flat_map(|text| text.bytes().chain([0]));
    let hash = bytes.fold(0x811c_9dc5_u32, |h, b| {
        (h ^ u32::from(b)).wrapping_mul(0x0100_0193)
    });
    format!("{plain}-{hash:08x}")
}

/// Whether run folders can be made below `runs`; found out before a run, not after.
pub(super) fn probe(runs: &Path) -> io::Result<()> {
    std::fs::create_dir_all(runs)?;
    let probe = runs.join(format!(".probe-{}", std::process::id()));
    std::fs::write(&probe, b"")?;
    std::fs::remove_file(&probe)
}

/// Writes the run's folder below `runs` and gives its path. Written beside and renamed.
pub(super) fn publish(
    runs: &Path,
    folder: &str,
    log: &RunLog,
    circumstances: &Circumstances,
) -> io::Result<PathBuf> {
    let target = runs.join(folder);
    let scratch = runs.join(format!(".{folder}.{}.new", std::process::id()));
    std::fs::create_dir_all(&scratch)?;
    let mut file = std::fs::File::create(scratch.join("events.jsonl"))?;
    for event in &log.events {
        serde_json::to_writer(&mut file, event)?;
        file.write_all(b"\n")?;
    }
    file.sync_all()?;
    let environment = serde_json::json!({
        "command": circumstances.command,
        "scenario": circumstances.scenario.display().to_string(),
        "wall_seconds": circumstances.wall_seconds,
    });
    std::fs::write(scratch.join("environment.json"), environment.to_string())?;
    if target.exists() {
        std::fs::remove_dir_all(&target)?;
    }
    std::fs::rename(&scratch, &target)?;
    Ok(target)
}

/// What `run` prints of a run, at most 25 lines.
pub(super) fn screen(scenario: &Scenario, log: &RunLog, folder: &Path) -> String {
    let summary = log.events.iter().rev().find_map(|event| match event {
        Event::Summary(summary) => Some(summary),
        _ => None,
    });
    let Some(summary) = summary else {
        return format!("NO VERDICT  {}  the run left no summary\n", scenario.name);
    };
    let word = match summary.verdict {
        Verdict::Pass => "PASS",
        Verdict::Fail => "FAIL",
        Verdict::Interrupted => "INTERRUPTED",
    };
    format!(
        "{word}  {}  seed {}  {}\n  report  {}\n",
        scenario.name,
        scenario.seed,
        summary.reason,
        folder.display()
    )
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
        let one = folder_name(&scenario(&["playback.frames=2"]));
        let other = folder_name(&scenario(&["playback.frames=3"]));
        assert_eq!(one.len(), "secure-playback-7-".len() + 8);
        assert_ne!(one, other);
        assert_eq!(one, folder_name(&scenario(&["playback.frames=2"])));
    }

    #[test]
    fn a_folder_replaces_an_earlier_one_and_leaves_nothing_beside() {
        let dir = tempfile::tempdir().expect("a folder");
        let runs = dir.path().join("runs");
        probe(&runs).expect("writable");
        let log = RunLog {
            events: Vec::new(),
            captures: Captures::default(),
        };
        let circumstances = Circumstances {
            command: "x".into(),
            scenario: "y".into(),
            wall_seconds: 0.0,
        };
        for _ in 0..2 {
            let folder = publish(&runs, "a-1", &log, &circumstances).expect("written");
            assert!(folder.join("events.jsonl").is_file());
        }
        assert_eq!(std::fs::read_dir(&runs).expect("listed").count(), 1);
    }
}

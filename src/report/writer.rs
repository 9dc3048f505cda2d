// SPDX-License-Identifier: Apache-2.0
//! The one place of the reports that touches the file system: a run's folder appears whole or not
//! at all.
use crate::engine::RunLog;
use crate::report::environment::Environment;
use crate::report::format::file_name;
use crate::report::{Artifact, artifacts};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Link beside the runs' folder to the newest run.
const LAST: &str = "last";
/// The files by one of which a run's folder, or a comparison's, is known.
const MARKS: [&str; 2] = ["events.jsonl", "replay.json"];

/// A run's folder that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The name would leave the runs' folder or hide in it.
    #[error("`{0}` cannot name a run's folder")]
    Name(String),
    /// Something that no run wrote is in the way; it is left alone.
    #[error("{} is in the way: no run wrote it", .0.display())]
    Occupied(PathBuf),
    /// The file system refused.
    #[error("cannot {act} {}: {reason}", .path.display())]
    Io {
        /// What was tried.
        act: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        reason: io::Error,
    },
}

/// Name of a run's folder: scenario, seed, and eight hexadecimal digits of the overrides if any.
pub fn folder_name(scenario: &str, seed: u64, overrides: &[String]) -> String {
    let scenario = file_name(scenario.trim_start_matches('.'));
    let scenario = if scenario.is_empty() { "run".to_owned() } else { scenario };
    if overrides.is_empty() {
        return format!("{scenario}-{seed}");
    }
    // FNV-1a, 32 bits; a NUL ends each override, so that no two lists read the same.
    let bytes = overrides.iter().flat_map(|text| text.bytes().chain([0]));
    let hash = bytes.fold(0x811c_9dc5_u32, |h, b| (h ^ u32::from(b)).wrapping_mul(0x0100_0193));
    format!("{scenario}-{seed}-{hash:08x}")
}

/// Writes every file of a run to `runs_dir/folder_name`, in place of an earlier run of that name,
/// and points the link `last` beside `runs_dir` at it. Gives the folder's path.
///
/// # Errors
/// Names the path that could not be written. The folder of an earlier run is then still whole.
pub fn write_folder(
    runs_dir: &Path,
    folder_name: &str,
    log: &RunLog,
    environment: &Environment,
) -> Result<PathBuf, ReportError> {
    place(runs_dir, folder_name, &artifacts(log, environment))
}

/// As [`write_folder`], for files that are not those of one run.
///
/// # Errors
/// As [`write_folder`].
pub fn write_files(
    runs_dir: &Path,
    folder_name: &str,
    files: &[Artifact],
) -> Result<PathBuf, ReportError> {
    place(runs_dir, folder_name, files)
}

fn place(runs_dir: &Path, name: &str, files: &[Artifact]) -> Result<PathBuf, ReportError> {
    let plain = !name.starts_with('.') && !name.contains(['/', '\\', '\0']);
    if name.is_empty() || !plain {
        return Err(ReportError::Name(name.to_owned()));
    }
    act("create", runs_dir, fs::create_dir_all(runs_dir))?;
    let target = runs_dir.join(name);
    let earlier = earlier_run(&target)?;
    let scratch = Scratch::beside(&target, "new");
    act("create", &scratch.0, fs::create_dir(&scratch.0))?;
    for (file, bytes) in files {
        let path = scratch.0.join(file);
        act("write", &path, write(&path, bytes))?;
    }
    if earlier {
        replace(&scratch.0, &target)?;
    } else {
        act("create", &target, fs::rename(&scratch.0, &target))?;
    }
    point_last(runs_dir, name)?;
    Ok(target)
}

/// Whether an earlier run is at `target`.
fn earlier_run(target: &Path) -> Result<bool, ReportError> {
    match fs::symlink_metadata(target) {
        Err(reason) if reason.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(reason) => Err(ReportError::Io { act: "read", path: target.to_owned(), reason }),
        Ok(found) if found.is_dir() && MARKS.iter().any(|mark| target.join(mark).is_file()) => {
            Ok(true)
        }
        Ok(_) => Err(ReportError::Occupied(target.to_owned())),
    }
}

/// Puts the finished folder where an earlier one is, which comes back if that fails.
fn replace(finished: &Path, target: &Path) -> Result<(), ReportError> {
    let old = Scratch::beside(target, "old");
    act("replace", target, fs::rename(target, &old.0))?;
    let result = fs::rename(finished, target);
    if result.is_err() {
        act("restore", target, fs::rename(&old.0, target))?;
    }
    act("replace", target, result)
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn act<T>(act: &'static str, path: &Path, result: io::Result<T>) -> Result<T, ReportError> {
    result.map_err(|reason| ReportError::Io { act, path: path.to_owned(), reason })
}

/// A hidden folder beside the real one, gone at the end whatever happens.
struct Scratch(PathBuf);

impl Scratch {
    fn beside(target: &Path, purpose: &str) -> Self {
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        Self(target.with_file_name(format!(".{name}.{}.{purpose}", std::process::id())))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Nothing is left here after a rename; what cannot be removed harms no run.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Points `last` at the run; made beside and renamed, so that it is never missing.
#[cfg(unix)]
fn point_last(runs_dir: &Path, name: &str) -> Result<(), ReportError> {
    // `.` and `..` have no name of their own; the real path has.
    let real = match runs_dir.file_name() {
        Some(_) => runs_dir.to_owned(),
        None => act("read", runs_dir, fs::canonicalize(runs_dir))?,
    };
    let (Some(folder), Some(beside)) = (real.file_name(), real.parent()) else {
        return Ok(());
    };
    let last = beside.join(LAST);
    if fs::symlink_metadata(&last).is_ok_and(|found| !found.is_symlink()) {
        return Err(ReportError::Occupied(last));
    }
    let fresh = beside.join(format!(".{LAST}.{}.new", std::process::id()));
    let _ = fs::remove_file(&fresh);
    act("create", &fresh, std::os::unix::fs::symlink(Path::new(folder).join(name), &fresh))?;
    act("replace", &last, fs::rename(&fresh, &last)).inspect_err(|_| {
        let _ = fs::remove_file(&fresh);
    })
}

/// Links need rights of their own elsewhere; the folder's path is enough.
#[cfg(not(unix))]
fn point_last(_runs_dir: &Path, _name: &str) -> Result<(), ReportError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    fn listing(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder");
        let name = |entry: io::Result<fs::DirEntry>| entry.expect("an entry").file_name();
        let mut names: Vec<String> =
            entries.map(|entry| name(entry).to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_folder_holds_every_file_and_last_points_at_it() {
        let home = tempfile::tempdir().expect("a folder");
        let runs = home.path().join("runs");
        let (log, env) = (fixture::clean_pass(), fixture::environment());
        let folder = write_folder(&runs, "playback-17", &log, &env).expect("written");
        assert_eq!(folder, runs.join("playback-17"));
        let expected = "displayed.png events.jsonl latency.csv report.txt seen-by-gpu.png \
            summary.json throughput.csv throughput.svg violations.csv violations.json";
        assert_eq!(listing(&folder).join(" "), expected);
        assert_eq!(listing(&runs), ["playback-17"], "nothing is left beside it");
        assert_eq!(listing(home.path()), ["last", "runs"]);
        let link = fs::read_link(home.path().join("last")).expect("a link");
        assert_eq!(link, Path::new("runs/playback-17"));
        write_folder(&runs, "other-1", &log, &env).expect("written");
        let report = fs::read(home.path().join("last/report.txt")).expect("follows the link");
        assert_eq!(report, fs::read(runs.join("other-1/report.txt")).expect("readable"));
    }

    #[test]
    fn an_earlier_run_is_replaced_as_a_whole() {
        let home = tempfile::tempdir().expect("a folder");
        let runs = home.path().join("runs");
        let env = fixture::environment();
        write_folder(&runs, "a", &fixture::clean_pass(), &env).expect("written");
        write_folder(&runs, "a", &fixture::interrupted(), &env).expect("written");
        let names = listing(&runs.join("a"));
        assert!(!names.contains(&"displayed.png".to_owned()), "a file of the earlier run stayed");
        assert_eq!(listing(&runs), ["a"]);
    }

    #[test]
    fn a_failure_leaves_the_earlier_run_and_names_the_path() {
        let home = tempfile::tempdir().expect("a folder");
        let runs = home.path().join("runs");
        let mut files = artifacts(&fixture::clean_pass(), &fixture::environment());
        place(&runs, "a", &files).expect("written");
        let before = fs::read(runs.join("a/report.txt")).expect("readable");
        files[0].1 = b"other".to_vec();
        files.push(("no such folder/file".into(), Vec::new()));
        let error = place(&runs, "a", &files).expect_err("not written").to_string();
        assert!(error.contains("no such folder/file"), "{error}");
        assert_eq!(fs::read(runs.join("a/report.txt")).expect("readable"), before);
        place(&runs, "b", &files).expect_err("not written");
        assert_eq!(listing(&runs), ["a"], "neither half a folder nor a scratch one");
    }

    #[test]
    fn what_no_run_wrote_is_left_alone() {
        let home = tempfile::tempdir().expect("a folder");
        let runs = home.path().join("runs");
        let files = artifacts(&fixture::interrupted(), &fixture::environment());
        fs::create_dir_all(runs.join("mine")).expect("created");
        fs::write(runs.join("mine/thesis.txt"), "precious").expect("written");
        assert!(matches!(place(&runs, "mine", &files), Err(ReportError::Occupied(_))));
        assert_eq!(listing(&runs.join("mine")), ["thesis.txt"]);
        fs::write(home.path().join("last"), "precious").expect("written");
        let error = place(&runs, "a", &files).expect_err("`last` is a file").to_string();
        assert!(error.contains("last"), "{error}");
        fs::write(home.path().join("file"), "").expect("written");
        let error = place(&home.path().join("file/runs"), "a", &files).expect_err("no folder");
        assert!(error.to_string().contains("file/runs"), "{error}");
    }

    #[test]
    fn names_stay_inside_the_runs_folder() {
        let home = tempfile::tempdir().expect("a folder");
        for name in ["", ".", "..", "../a", "a/b", ".hidden", "a\0b"] {
            let result = place(home.path(), name, &[]);
            assert!(matches!(result, Err(ReportError::Name(_))), "`{name}`");
        }
    }

    #[test]
    fn folder_names_tell_overrides_apart() {
        let log = fixture::awkward_names();
        let Some(crate::engine::event::Event::Run(header)) = log.events.first() else {
            panic!("no header")
        };
        let mut header = header.clone();
        assert_eq!(
            folder_name(&header.scenario, header.seed, &header.overrides),
            "g_p_u___b_____SUMMARY_PASS-17"
        );
        header.scenario = "../x".into();
        assert_eq!(folder_name(&header.scenario, header.seed, &header.overrides), "_x-17");
        header.overrides = vec!["a=1".into()];
        let one = folder_name(&header.scenario, header.seed, &header.overrides);
        header.overrides = vec!["a=2".into()];
        assert_ne!(one, folder_name(&header.scenario, header.seed, &header.overrides));
        assert_eq!(one.len(), "_x-17-01234567".len());
    }
}

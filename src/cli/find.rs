// SPDX-License-Identifier: Apache-2.0
//! From what the user typed to scenario files, and from files to scenarios.
use super::console;
use super::exit::Exit;
use crate::scenario::{LoadError, Scenario, closest, load};
use std::io;
use std::path::{Path, PathBuf};

/// Folders below `scenarios/` that are looked into.
const MAX_DEPTH: usize = 8;

/// Every `*.toml` below `root`, sorted by path.
pub(super) fn scan(root: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![(root.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            let path = entry.path();
            if kind.is_dir() && depth < MAX_DEPTH {
                folders.push((path, depth + 1));
            } else if path.extension().is_some_and(|extension| extension == "toml")
                && !is_platform(&path)
            {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// A platform lies beside the scenarios that name it: `soc.platform.toml`.
fn is_platform(path: &Path) -> bool {
    let stem = path.file_stem().map(Path::new).and_then(Path::extension);
    stem.is_some_and(|extension| extension == "platform")
}

/// A scenario and where it came from.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) path: PathBuf,
    pub(super) scenario: Scenario,
}

/// Loads all that was asked for, and reports all that is wrong with any of it.
pub(super) fn load_all(
    wanted: &[PathBuf],
    root: &Path,
    overrides: &[String],
    seed: Option<u64>,
) -> (Vec<Loaded>, Exit) {
    let mut exit = Exit::Pass;
    let mut loaded = Vec::new();
    for given in wanted {
        let path = match resolve(given, root) {
            Ok(path) => path,
            Err(message) => {
                console::error(&message, None);
                exit = exit.worst(Exit::Usage);
                continue;
            }
        };
        match load(&path, overrides, seed) {
            Ok(scenario) => loaded.push(Loaded { path, scenario }),
            Err(LoadError::Invalid(invalid)) => {
                console::err(&invalid.render(console::style()));
                exit = exit.worst(Exit::Scenario);
            }
            Err(error @ LoadError::Read { .. }) => {
                console::error(&error.to_string(), Some(&help_for(given, root)));
                exit = exit.worst(Exit::Usage);
            }
        }
    }
    (loaded, exit)
}

/// A path as it is, or a bare name as a file of that name below `root`.
pub(super) fn resolve(given: &Path, root: &Path) -> Result<PathBuf, String> {
    let bare = given.components().count() == 1 && given.extension().is_none();
    if !bare || given.is_file() {
        return Ok(given.to_owned());
    }
    let files = scan(root).unwrap_or_default();
    let named: Vec<&PathBuf> =
        files.iter().filter(|file| file.file_stem() == Some(given.as_os_str())).collect();
    match named.as_slice() {
        [] => Ok(given.to_owned()),
        [one] => Ok((*one).clone()),
        several => {
            let list: Vec<String> = several.iter().map(|p| p.display().to_string()).collect();
            Err(format!("`{}` names several scenarios: {}", given.display(), list.join(", ")))
        }
    }
}

pub(super) fn help_for(given: &Path, root: &Path) -> String {
    let stem = given.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let files = scan(root).unwrap_or_default();
    let names: Vec<String> = files
        .iter()
        .filter_map(|file| file.file_stem())
        .map(|stem| stem.to_string_lossy().into_owned())
        .collect();
    match closest(&stem, names.iter().map(String::as_str)) {
        Some(name) if !given.is_dir() => format!("did you mean `{name}`?"),
        _ => format!(
            "give a scenario file or the name of one below {}; `ringfence list` shows them",
            root.display()
        ),
    }
}

// SPDX-License-Identifier: Apache-2.0
//! Reading a scenario: the file system is touched here and nowhere else in this module.
use super::check;
use super::document;
use super::model::Scenario;
use super::problem::{Problem, Sources, Style};
use super::recover;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// A file larger than this is no scenario.
const MAX_BYTES: u64 = 1 << 20;

/// A scenario that is not valid: everything that is wrong with it.
#[derive(Clone, Debug)]
pub struct Invalid {
    /// What was read.
    pub sources: Sources,
    /// In the order of the file, overrides last; never empty.
    pub problems: Vec<Problem>,
}

impl Invalid {
    /// As a user reads it.
    pub fn render(&self, style: Style) -> String {
        self.sources.render(&self.problems, style)
    }
}

/// Why there is no scenario.
#[derive(Debug, Error)]
pub enum LoadError {
    /// The file cannot be read: a usage error.
    #[error("cannot read {}: {reason}", path.display())]
    Read {
        /// As given.
        path: PathBuf,
        /// In words.
        reason: String,
    },
    /// The content is invalid.
    #[error("{}: {} problem(s)", .0.sources.name, .0.problems.len())]
    Invalid(Box<Invalid>),
}

/// Reads a scenario file with overrides; `seed` replaces the file's.
///
/// # Errors
/// When the file cannot be read or its content is invalid.
pub fn load(path: &Path, overrides: &[String], seed: Option<u64>) -> Result<Scenario, LoadError> {
    let unreadable = |reason: String| LoadError::Read { path: path.to_owned(), reason };
    let meta = std::fs::metadata(path).map_err(|error| unreadable(error.to_string()))?;
    if meta.is_dir() {
        return Err(unreadable("it is a folder, not a scenario file".to_owned()));
    }
    if meta.len() > MAX_BYTES {
        return Err(unreadable(format!("{} bytes is too large for a scenario", meta.len())));
    }
    let bytes = std::fs::read(path).map_err(|error| unreadable(error.to_string()))?;
    parse_bytes(&path.display().to_string(), bytes, overrides, seed)
        .map_err(|invalid| LoadError::Invalid(Box::new(invalid)))
}

/// Reads a scenario that may not even be text.
///
/// # Errors
/// When the content is invalid.
pub fn parse_bytes(
    name: &str,
    bytes: Vec<u8>,
    overrides: &[String],
    seed: Option<u64>,
) -> Result<Scenario, Invalid> {
    let error = match String::from_utf8(bytes) {
        Ok(text) => return parse(name, text, overrides, seed),
        Err(error) => error,
    };
    let at = error.utf8_error().valid_up_to();
    // Everything before `at` is the same in the readable copy, so the place stays right.
    let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
    let sources = Sources { name: name.to_owned(), text, overrides: Vec::new() };
    let problem = Problem::new("scenario::not-text", "the file is not UTF-8 text")
        .at(at..at + 1, "first byte that is not")
        .help("scenarios are TOML 1.0, which is UTF-8; is this the right file?");
    Err(Invalid { sources, problems: vec![problem] })
}

/// Reads a scenario from its text.
///
/// # Errors
/// When the content is invalid.
pub fn parse(
    name: &str,
    text: String,
    overrides: &[String],
    seed: Option<u64>,
) -> Result<Scenario, Invalid> {
    let sources = Sources { name: name.to_owned(), text, overrides: overrides.to_vec() };
    match read(&sources) {
        Ok(scenario) => Ok(Scenario { seed: seed.unwrap_or(scenario.seed), ..scenario }),
        Err(mut problems) => {
            problems.sort_by_key(|problem| problem.labels.first().map(|(span, _)| span.start));
            problems.dedup();
            Err(Invalid { sources, problems })
        }
    }
}

fn read(sources: &Sources) -> Result<Scenario, Vec<Problem>> {
    if sources.text.trim().is_empty() {
        let problem = Problem::new("scenario::empty", "the file is empty")
            .help("`ringfence list` shows scenarios to start from");
        return Err(vec![problem]);
    }
    let mut document = document::parse(sources)?;
    let mut problems = document::apply_overrides(&mut document, sources);
    let reading = recover::read(document.clone());
    problems.extend(reading.problems);
    match check::scenario(&reading.file, &reading.pruned, &document, sources) {
        Ok(scenario) if problems.is_empty() => Ok(scenario),
        Ok(_) => Err(problems),
        Err(found) => {
            problems.extend(found);
            if problems.is_empty() {
                problems.push(Problem::new("scenario::unreadable", "the scenario makes no sense"));
            }
            Err(problems)
        }
    }
}

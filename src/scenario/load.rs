// SPDX-License-Identifier: Apache-2.0
//! Reading a scenario: the file system is touched here and nowhere else in this module.
use super::check;
use super::document;
use super::model::Scenario;
use super::platform;
use super::problem::{Attached, Problem, Sources, Span, Style};
use super::recover;
use std::io::Read;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// A file larger than this is no scenario.
const MAX_BYTES: u64 = 256 << 10;
/// Nor is one larger than this a platform or a history.
const MAX_ATTACHED: u64 = 4 << 20;

/// A scenario that is not valid: everything that is wrong with it.
#[derive(Clone, Debug)]
pub struct Invalid {
    /// What was read.
    pub sources: Box<Sources>,
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
        /// What it was to be: a scenario or a history.
        what: &'static str,
        /// In words.
        reason: String,
    },
    /// The content is invalid.
    #[error("{}: {} problem(s)", .0.sources.name, .0.problems.len())]
    Invalid(Box<Invalid>),
}

/// What a scenario's text names beside it: where to read a platform or a history.
type Files<'a> = &'a dyn Fn(&str) -> Result<Attached, String>;

/// Reads a scenario file with overrides; `seed` replaces the file's.
///
/// # Errors
/// When the file cannot be read or its content is invalid.
pub fn load(path: &Path, overrides: &[String], seed: Option<u64>) -> Result<Scenario, LoadError> {
    load_with(path, overrides, seed, None)
}

/// As [`load`], with the heap history that is to be replayed instead of the scenario's own.
///
/// # Errors
/// As [`load`]; also when the history cannot be read.
pub fn load_replay(
    path: &Path,
    overrides: &[String],
    seed: Option<u64>,
    history: &Path,
) -> Result<Scenario, LoadError> {
    let text = contents(history).map_err(|reason| LoadError::Read {
        path: history.to_owned(),
        what: "history",
        reason,
    })?;
    let name = history.display().to_string();
    load_with(path, overrides, seed, Some(Attached { name, text }))
}

fn load_with(
    path: &Path,
    overrides: &[String],
    seed: Option<u64>,
    history: Option<Attached>,
) -> Result<Scenario, LoadError> {
    let unreadable =
        |reason: String| LoadError::Read { path: path.to_owned(), what: "scenario", reason };
    let bytes = bytes(path, MAX_BYTES).map_err(unreadable)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let files = |name: &str| {
        let path = folder.join(name);
        contents(&path).map(|text| Attached { name: path.display().to_string(), text })
    };
    let given = Given { overrides: overrides.to_vec(), seed, history };
    from_bytes(&path.display().to_string(), bytes, given, &files)
        .map_err(|invalid| LoadError::Invalid(Box::new(invalid)))
}

/// What the caller says beside the scenario's file.
#[derive(Default)]
struct Given {
    overrides: Vec<String>,
    seed: Option<u64>,
    history: Option<Attached>,
}

/// A file's bytes, no more than `most`.
fn bytes(path: &Path, most: u64) -> Result<Vec<u8>, String> {
    let reason = |error: std::io::Error| error.to_string();
    if std::fs::metadata(path).map_err(reason)?.is_dir() {
        return Err("it is a folder, not a file".to_owned());
    }
    // A device or a pipe tells no length beforehand.
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(reason)?;
    file.take(most + 1).read_to_end(&mut bytes).map_err(reason)?;
    if bytes.len() as u64 > most {
        return Err(format!("it has more than {} KiB", most >> 10));
    }
    Ok(bytes)
}

/// A file that a scenario names.
fn contents(path: &Path) -> Result<String, String> {
    let bytes = bytes(path, MAX_ATTACHED)?;
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())
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
    let given = Given { overrides: overrides.to_vec(), seed, history: None };
    from_bytes(name, bytes, given, &nowhere)
}

fn from_bytes(
    name: &str,
    bytes: Vec<u8>,
    given: Given,
    files: Files<'_>,
) -> Result<Scenario, Invalid> {
    let error = match String::from_utf8(bytes) {
        Ok(text) => return from_text(name, text, given, files),
        Err(error) => error,
    };
    let at = error.utf8_error().valid_up_to();
    // Everything before `at` is the same in the readable copy, so the place stays right.
    let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
    let sources = Sources { name: name.to_owned(), text, ..Sources::default() };
    let problem = Problem::new("scenario::not-text", "the file is not UTF-8 text")
        .at(at..at + 1, "first byte that is not")
        .help("scenarios are TOML 1.0, which is UTF-8; is this the right file?");
    Err(Invalid { sources: Box::new(sources), problems: vec![problem] })
}

/// Reads a scenario from its text.
///
/// # Errors
/// When the content is invalid; also when it names a platform or a history, which lie beside a file.
pub fn parse(
    name: &str,
    text: String,
    overrides: &[String],
    seed: Option<u64>,
) -> Result<Scenario, Invalid> {
    let given = Given { overrides: overrides.to_vec(), seed, history: None };
    from_text(name, text, given, &nowhere)
}

fn nowhere(_: &str) -> Result<Attached, String> {
    Err("this scenario is no file, so that nothing lies beside it".to_owned())
}

fn from_text(
    name: &str,
    text: String,
    given: Given,
    files: Files<'_>,
) -> Result<Scenario, Invalid> {
    let Given { overrides, seed, history } = given;
    let name = name.to_owned();
    let replayed = history.is_some();
    let mut sources = Sources { name, text, overrides, platform: None, history };
    let read = attach(&mut sources, files).and_then(|()| read(&sources));
    match read {
        Ok(mut scenario) => {
            scenario.seed = seed.unwrap_or(scenario.seed);
            // Its runs are not those of the scenario with its own history.
            if let (true, Some(replay)) = (replayed, &scenario.replay) {
                scenario.name = format!("{}-{}", scenario.name, replay.history);
            }
            Ok(scenario)
        }
        Err(mut problems) => {
            // Those without a place, about what is missing as a whole, come last.
            problems.sort_by_key(|problem| {
                problem.labels.first().map_or(usize::MAX, |(span, _)| span.start)
            });
            problems.dedup();
            Err(Invalid { sources: Box::new(sources), problems })
        }
    }
}

/// Reads the files that the scenario names.
fn attach(sources: &mut Sources, files: Files<'_>) -> Result<(), Vec<Problem>> {
    let mut problems = Vec::new();
    let names = document::named_files(sources);
    let mut get = |file: Option<(String, Span)>, what: &str| {
        let (name, span) = file?;
        let unreadable = |reason: String| {
            let message = format!("cannot read the {what} `{}`", name.escape_debug());
            problems.push(
                Problem::new("scenario::unreadable-file", message).at(span, reason).help(format!(
                    "a {what} is a file, named relative to the scenario's own folder"
                )),
            );
        };
        files(&name).map_err(unreadable).ok()
    };
    let platform = get(names.platform, "platform");
    let history = sources.history.take().or_else(|| get(names.history, "history"));
    (sources.platform, sources.history) = (platform, history);
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

fn read(sources: &Sources) -> Result<Scenario, Vec<Problem>> {
    if sources.text.trim().is_empty() {
        let problem = Problem::new("scenario::empty", "the file is empty")
            .help("`ringfence list` shows scenarios to start from");
        return Err(vec![problem]);
    }
    let mut document = document::parse(sources)?;
    let mut problems = platform::merge(&mut document, sources);
    problems.extend(document::apply_overrides(&mut document, sources));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::model::{Background, Ip, Requirement, Role};
    use crate::units::{Cycle, MasterId, Nsaid, PhysAddr};

    const SMALL: &str = include_str!("../../scenarios/playback/secure-playback.toml");
    const LARGE: &str = include_str!("../../scenarios/playback/secure-playback-4k60.toml");

    fn with(sets: &[&str]) -> Result<Scenario, Invalid> {
        let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
        parse("small", SMALL.to_owned(), &sets, None)
    }

    #[test]
    fn the_shipped_scenario_is_what_it_says() {
        let scenario = with(&[]).expect("valid");
        assert_eq!((scenario.name.as_str(), scenario.seed), ("secure-playback", 0x5eed));
        assert_eq!(scenario.sim.limit, Cycle(30_000_000));
        assert_eq!(scenario.sim.bin, Cycle(12_000));
        assert_eq!(scenario.memory.latency_ps, 60_000);
        let ports: Vec<u8> = scenario.masters.iter().map(|master| master.id.0).collect();
        assert_eq!(ports, [0, 1, 2, 3, 4, 5, 6, 7]);
        let gpu = &scenario.masters[4];
        assert_eq!((gpu.ip, gpu.nsaid, gpu.secure), (Ip::Gpu, Nsaid(10), false));
        let line = SMALL.lines().nth(gpu.line as usize - 1);
        assert_eq!(line, Some("[[master]]"), "line {}", gpu.line);
        assert!(scenario.masters[1].secure);
        let playback = scenario.playback.expect("a playback");
        assert_eq!(playback.frame_cycles, Cycle(480 * 272 * 12 / 10));
        assert_eq!((playback.crypto, playback.decoder), (MasterId(1), MasterId(2)));
        assert_eq!(scenario.pools[playback.frame_pool].roles, [Role::Frame]);
        assert_eq!(scenario.pools[playback.bitstream_pool].roles, [Role::Bitstream]);
        let wants: Vec<_> = scenario.expects.iter().map(|expect| &expect.what).collect();
        let blocked = Requirement::Blocked { master: MasterId(4), min: 4096 };
        let shown = Requirement::FramesShown { min: 8 };
        assert_eq!(wants, [&shown, &blocked, &Requirement::Underruns { max: 0 }]);
    }

    #[test]
    fn the_large_one_is_in_real_time() {
        let scenario = parse("large", LARGE.to_owned(), &[], Some(7)).expect("valid");
        let playback = scenario.playback.expect("a playback");
        assert_eq!((playback.width, playback.height), (3840, 2160));
        assert_eq!(playback.frame_cycles, Cycle(10_000_000));
        assert_eq!(scenario.seed, 7);
    }

    #[test]
    fn overrides_change_the_document() {
        let scenario = with(&[
            "firewall.background=allow",
            "master.gpu.nsaid = 3",
            "playback.frames=6",
            "sim.limit=5 ms",
            "pool.bitstream.base=0x9080_0000",
            "expect.1.min=1",
            "traffic.cpu.writes=\"5 %\"",
            "name=other",
        ])
        .expect("valid");
        assert_eq!(scenario.firewall.background, Background::Allow);
        assert_eq!(scenario.masters[4].nsaid, Nsaid(3));
        assert_eq!(scenario.sim.limit, Cycle(3_000_000));
        assert_eq!(scenario.pools[1].range.base, PhysAddr(0x9080_0000));
        assert_eq!(scenario.playback.as_ref().map(|playback| playback.bitstream_pool), Some(1));
        assert_eq!(scenario.expects[0].what, Requirement::FramesShown { min: 6 });
        let blocked = Requirement::Blocked { master: MasterId(4), min: 1 };
        assert_eq!(scenario.expects[1].what, blocked);
        assert_eq!(scenario.traffic[0].write_percent, 5);
        assert_eq!(scenario.name, "other");
        assert_eq!(scenario.overrides.len(), 8);
    }

    #[test]
    fn elements_go_by_number_and_tables_may_be_new() {
        let plant = "[[plant]]\nkind = \"rtl\"\nfault = 3\n[firewall]";
        let text = SMALL.replace("[firewall]", plant);
        let sets = ["plant.0.fault=4".to_owned()];
        let scenario = parse("x", text, &sets, None).expect("valid");
        assert_eq!(scenario.plants.len(), 1);
        let from = SMALL.find("[sim]").expect("there");
        let to = SMALL.find("[memory]").expect("there");
        let text = format!("{}{}", &SMALL[..from], &SMALL[to..]);
        let sets = ["sim.clock=300 MHz".to_owned()];
        let scenario = parse("x", text, &sets, None).expect("valid");
        assert_eq!(scenario.sim.limit, Cycle(15_000_000));
    }

    #[test]
    fn ports_left_out_are_idle_and_distinct() {
        let head = SMALL.split("[[master]]").next().expect("a head");
        let text = format!(
            "{head}[[master]]\nname = \"cpu\"\nport = 4\nip = \"gpu\"\nnsaid = 9\n\
             [[traffic]]\nmaster = \"cpu\"\nbase = 0xa000_0000\nsize = \"1 MiB\"\n\
             rate = \"1 MB/s\"\n[[expect]]\nkind = \"throughput\"\nmaster = \"cpu\"\n\
             rate = \"1 MB/s\"\n"
        );
        let scenario = parse("x", text, &[], None).expect("valid");
        assert_eq!(scenario.masters.len(), 8);
        let distinct = |mut all: Vec<String>| {
            all.sort();
            all.dedup();
            all.len()
        };
        let masters = &scenario.masters;
        assert_eq!(distinct(masters.iter().map(|m| m.name.clone()).collect()), 8);
        let seen = masters.iter().filter(|m| !m.secure).map(|m| m.nsaid.0.to_string());
        assert_eq!(distinct(seen.collect()), 7);
    }

    #[test]
    fn wrong_wiring_can_be_meant() {
        assert!(with(&["master.gpu.nsaid=7"]).is_err());
        let meant = with(&["master.gpu.nsaid=7", "master.gpu.miswired=true"]).expect("valid");
        assert_eq!(meant.masters[4].nsaid, Nsaid(7));
    }
}

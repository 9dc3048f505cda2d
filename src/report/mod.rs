// SPDX-License-Identifier: Apache-2.0
//! From the event log to files: one file an exporter, each a pure function of the log.
//!
//! Nothing here runs the simulator or decides a verdict, and only [`writer`] touches the file
//! system. What must repeat from run to run is computed in integers.
mod digest;
mod environment;
pub mod events;
mod font;
mod format;
pub mod latency;
mod nv12;
pub mod picture;
pub mod plot;
pub mod replay;
mod screen;
mod story;
pub mod summary;
mod svg;
pub mod text;
pub mod throughput;
pub mod transients;
mod updates;
pub mod violations;
mod writer;

pub use environment::Environment;
pub use screen::screen;
pub use writer::{ReportError, folder_name, write_files, write_folder};

#[cfg(test)]
mod fixture;

use crate::engine::RunLog;

/// A file of a run's folder: its name and its bytes.
pub type Artifact = (String, Vec<u8>);

/// Every file of a run's folder, in the order in which `reports/README.md` lists them.
pub fn artifacts(log: &RunLog, environment: &Environment) -> Vec<Artifact> {
    let events = &log.events;
    let mut files: Vec<Artifact> = vec![
        ("report.txt".into(), text::export(events)),
        ("summary.json".into(), summary::export(events, environment)),
        ("events.jsonl".into(), events::export(events)),
        ("violations.json".into(), violations::export_json(events)),
        ("violations.csv".into(), violations::export_csv(events)),
        ("throughput.csv".into(), throughput::export(events)),
        ("latency.csv".into(), latency::export(events)),
        ("throughput.svg".into(), plot::export(events)),
    ];
    files.extend(replay::artifacts(events));
    files.extend(picture::export(&log.captures));
    files
}

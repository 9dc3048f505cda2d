// SPDX-License-Identifier: Apache-2.0
//! Exit codes: the only table of them in the code.
use std::process::ExitCode;

/// How the process ends. The numbers are part of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Exit {
    /// All is as it should be.
    Pass = 0,
    /// A violation, an expectation that was not met, or no evidence.
    Violation = 1,
    /// Wrong usage, a file that is not there, an output folder that cannot be written.
    Usage = 2,
    /// A scenario's content is invalid.
    Scenario = 3,
    /// A filter matched nothing.
    NoMatch = 4,
    /// Only a performance requirement was missed.
    Performance = 5,
    /// The binary has not the model or the fault that the scenario asks for.
    ModelMissing = 6,
    /// A bug in ringfence.
    Internal = 70,
    /// Interrupted; the report is partial and says so.
    Interrupted = 130,
}

impl Exit {
    /// Worst first. `NoMatch` never stands beside a run; its place is that of a usage slip.
    const ORDER: [Self; 9] = [
        Self::Interrupted,
        Self::Internal,
        Self::ModelMissing,
        Self::Usage,
        Self::Scenario,
        Self::NoMatch,
        Self::Violation,
        Self::Performance,
        Self::Pass,
    ];
    /// The one that several results together end with.
    #[must_use]
    pub(super) fn worst(self, other: Self) -> Self {
        let either = |exit: &Self| *exit == self || *exit == other;
        Self::ORDER.into_iter().find(either).unwrap_or(Self::Internal)
    }
    /// The number.
    pub(super) const fn code(self) -> u8 {
        self as u8
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// For `--help`.
pub(super) const TABLE: &str = "\
Exit codes:
    0  pass
    1  violation, or an expectation was not met
    2  usage: also a file that is not there, or an output folder that cannot be written
    3  a scenario's content is invalid
    4  a filter matched nothing
    5  only a performance requirement was missed
    6  the model or tool that is asked for is missing
   70  internal error
  130  interrupted; the report is partial
Of several: 130, 70, 6, 2, 3, 1, 5.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precedence_is_the_table() {
        let order = [130, 70, 6, 2, 3, 1, 5, 0];
        let exits = [
            Exit::Interrupted,
            Exit::Internal,
            Exit::ModelMissing,
            Exit::Usage,
            Exit::Scenario,
            Exit::Violation,
            Exit::Performance,
            Exit::Pass,
        ];
        assert_eq!(exits.map(Exit::code), order);
        for (i, worse) in exits.into_iter().enumerate() {
            for better in &exits[i..] {
                assert_eq!(worse.worst(*better), worse);
                assert_eq!(better.worst(worse), worse);
            }
        }
    }
}

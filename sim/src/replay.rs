// SPDX-License-Identifier: Apache-2.0
//! Recorded inputs, played back in a bare C++ loop: the yardstick of `make bench`.

use crate::board::{BoardError, check_versions};
use crate::bridge::{self, Flags, Replay};

/// Everything that was driven at a board since its reset.
pub struct Recording(pub(crate) cxx::UniquePtr<bridge::Recording>);

impl Recording {
    /// Cycles that were stepped while recording.
    pub fn cycles(&self) -> u64 {
        self.0.cycles()
    }
}

impl std::fmt::Debug for Recording {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recording").field("cycles", &self.cycles()).finish_non_exhaustive()
    }
}

/// Which model plays a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplayKind {
    /// The board as one model with one clock, assertions off. Needs feature `bare`.
    Bare,
    /// The model that [`Board`](crate::Board) steps, with held clocks.
    Held,
}

/// Plays a recording from reset and measures the loop.
///
/// # Errors
/// When the shape, or its bare flavour, is not in this build.
pub fn replay(
    shape: &str,
    kind: ReplayKind,
    recording: &Recording,
    hashing: bool,
) -> Result<Replay, BoardError> {
    check_versions()?;
    let flags = Flags { hold_clocks: true, early_idle: false, fault: 0, reset_seed: 0 };
    match kind {
        ReplayKind::Bare => {
            let mut model = bridge::new_bare(shape, &flags);
            let missing = || BoardError::NoBare(shape.to_owned());
            let model = model.as_mut().ok_or_else(missing)?;
            Ok(model.replay(&recording.0, hashing))
        }
        ReplayKind::Held => {
            let mut model = bridge::new_board(shape, &flags);
            let missing = || BoardError::UnknownShape(shape.to_owned());
            let model = model.as_mut().ok_or_else(missing)?;
            Ok(model.replay(&recording.0, hashing))
        }
    }
}

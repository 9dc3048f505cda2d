// SPDX-License-Identifier: Apache-2.0
//! What devices and trusted applications move: as a history tells it, or as its mappings imply.
use super::{Acts, Rows};
use crate::scenario::check::handles::Buffer;
use crate::scenario::check::verbs::DIRECTIONS;
use crate::scenario::history::Row;
use crate::scenario::model::Role;
use crate::scenario::script::{Act, Dma};
use crate::tee::{DmaDirection, Rights, rights};
use crate::units::{ByteLen, Direction, MasterId};

impl Rows<'_, '_, '_> {
    /// A mapping; the device writes what it may write, unless the history says what it does.
    pub(super) fn map(
        &mut self,
        row: &Row,
        who: usize,
        at: usize,
        master: MasterId,
    ) -> Result<Acts, String> {
        let Buffer { heap, role, .. } = self.handles.buffers[at];
        let own = match rights(heap, role, self.ip(master)) {
            Rights::READ_WRITE => DmaDirection::Bidirectional,
            Rights::WRITE => DmaDirection::FromDevice,
            _ => DmaDirection::ToDevice,
        };
        let direction = match row.cell("direction").cloned() {
            Some(word) => self.check.word("direction", &word, &DIRECTIONS).unwrap_or(own),
            None => own,
        };
        let mut acts = self.handles.map(at, who, master, direction)?;
        if !self.told && direction != DmaDirection::ToDevice {
            let len = self.share(at, u64::MAX);
            acts.extend(dma(at, master, Direction::Write, len));
            self.handles.buffers[at].written = self.handles.buffers[at].written.max(len);
        }
        Ok(acts)
    }

    /// What a mapping's device reads before it ends: no more than was written.
    pub(super) fn read_back(&self, at: usize, master: MasterId) -> Acts {
        let buffer = &self.handles.buffers[at];
        let direction = buffer.mapped.get(&master).and_then(|all| all.last()).map(|last| last.1);
        let reads = direction.is_some_and(|direction| direction != DmaDirection::FromDevice);
        let len = if reads && !self.told { self.share(at, buffer.written) } else { 0 };
        dma(at, master, Direction::Read, len)
    }

    /// What a trusted application writes into a stream that is registered.
    pub(super) fn fill(&mut self, at: usize) -> Acts {
        let len = self.share(at, u64::MAX);
        let buffer = &mut self.handles.buffers[at];
        if self.told || buffer.role != Role::Bitstream || len == 0 {
            return Vec::new();
        }
        buffer.written = buffer.written.max(len);
        let (direction, len, offset) = (Direction::Write, ByteLen(len), ByteLen(0));
        vec![(Act::Ta { buffer: at, direction, len, offset }, true)]
    }

    /// Whole beats of a buffer that one transfer moves, at most `most`.
    fn share(&self, at: usize, most: u64) -> u64 {
        self.handles.buffers[at].len.0.min(self.settings.transfer.0).min(most) / 16 * 16
    }

    /// A transfer that the history tells.
    pub(super) fn transfer(
        &mut self,
        row: &Row,
        at: usize,
        write: bool,
        master: Option<MasterId>,
    ) -> Result<Acts, String> {
        let whole = self.handles.buffers[at].len.0;
        let bytes = match row.cell("size").cloned() {
            Some(size) => self.size(&size).unwrap_or(whole),
            None => whole,
        };
        let len = bytes.min(whole).min(64 << 20) / 16 * 16;
        let direction = if write { Direction::Write } else { Direction::Read };
        if write {
            let written = &mut self.handles.buffers[at].written;
            *written = (*written).max(len);
        }
        let Some(master) = master else {
            if self.handles.buffers[at].registered.is_none() {
                return Err("the TEE uses a buffer that is not registered".to_owned());
            }
            let (len, offset) = (ByteLen(len), ByteLen(0));
            return Ok(vec![(Act::Ta { buffer: at, direction, len, offset }, false)]);
        };
        Ok(dma(at, master, direction, len).into_iter().map(|(act, _)| (act, false)).collect())
    }
}

/// A transfer that a row implies, if it has any bytes.
fn dma(buffer: usize, master: MasterId, direction: Direction, len: u64) -> Acts {
    let (len, offset) = (ByteLen(len), ByteLen(0));
    let dma =
        Dma { buffer, master, direction, len, offset, at: None, nowait: false, attack: false };
    if len.0 == 0 { Vec::new() } else { vec![(Act::Dma(dma), true)] }
}

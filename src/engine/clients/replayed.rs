// SPDX-License-Identifier: Apache-2.0
//! Steps that replay a heap history: which of them can be made, and what they tell.
use super::Clients;
use crate::engine::event::{CallEvent, CallOp, CallResult, Event, ReplayHeader};
use crate::scenario::{Act, Dma, HistoryRow, Scenario};
use crate::units::{ByteLen, Cycle};

/// What a step comes to that could not be made.
pub(super) const NOT_MADE: &str = "not-made";

/// How the replay of a scenario is done, for its log.
pub(in crate::engine) fn header(scenario: &Scenario) -> Option<Event> {
    let replay = scenario.replay.as_ref()?;
    Some(Event::Replay(ReplayHeader {
        history: replay.history.clone(),
        rows: replay.rows,
        speed: replay.speed,
        max_gap: replay.max_gap,
        window_us: replay.window_us,
    }))
}

impl Clients {
    /// Whether a process or driver that got no buffer, attachment or address before could take a
    /// step at all.
    pub(super) fn possible(&self, act: Act) -> bool {
        let known = |buffer: usize| self.buffers[buffer];
        let token = |buffer, master| self.tokens.contains_key(&(buffer, master));
        match act {
            Act::Dup { buffer }
            | Act::Close { buffer }
            | Act::Attach { buffer, .. }
            | Act::Register { buffer }
            | Act::Recycle { buffer, .. } => known(buffer).id.is_some(),
            Act::Detach { buffer, master } | Act::Map { buffer, master, .. } => {
                self.attachments.contains_key(&(buffer, master))
            }
            Act::Unmap { buffer, master } => {
                let mapped = self.mappings.get(&(buffer, master));
                mapped.is_some_and(|maps| !maps.is_empty()) || token(buffer, master)
            }
            Act::Dma(Dma { buffer, master, .. }) => {
                self.bus.contains_key(&(buffer, master)) || token(buffer, master)
            }
            Act::Unregister { buffer } | Act::Ta { buffer, .. } => known(buffer).shm.is_some(),
            _ => true,
        }
    }

    /// Tells what came of a step that replays a row.
    pub(super) fn tell_row(
        &mut self,
        n: usize,
        row: HistoryRow,
        act: Act,
        error: Option<&str>,
        cycle: Cycle,
    ) {
        let Some((op, buffer, bytes)) = told(act) else { return };
        let pool = match act {
            Act::Alloc { heap, role, .. } => {
                let serves = |pool: &(_, Vec<_>)| pool.0 == heap && pool.1.contains(&role);
                self.pools.iter().position(serves).map(|index| index as u8)
            }
            _ => None,
        };
        let result = match error {
            None => CallResult::Done,
            Some(NOT_MADE) => CallResult::NotMade,
            Some(error @ ("DECERR" | "SLVERR")) => CallResult::Denied(error.to_owned()),
            Some(error) => CallResult::Refused(error.to_owned()),
        };
        let actor = &self.actors[n];
        let took = cycle.0 - actor.began.0;
        let (client, buffer) = (actor.plan.name.clone(), self.names[buffer].clone());
        let HistoryRow { line, time_us, implied } = row;
        self.events.push(Event::Call(CallEvent {
            cycle,
            client,
            row: line,
            time_us,
            implied,
            op,
            buffer,
            pool,
            bytes,
            result,
            took,
        }));
    }
}

/// What a step of a replay is called, its buffer and its bytes.
fn told(act: Act) -> Option<(CallOp, usize, ByteLen)> {
    let none = ByteLen(0);
    Some(match act {
        Act::Alloc { buffer, len, .. } => (CallOp::Alloc, buffer, len),
        Act::Dup { buffer } => (CallOp::Dup, buffer, none),
        Act::Close { buffer } => (CallOp::Close, buffer, none),
        Act::Attach { buffer, .. } => (CallOp::Attach, buffer, none),
        Act::Detach { buffer, .. } => (CallOp::Detach, buffer, none),
        Act::Map { buffer, .. } => (CallOp::Map, buffer, none),
        Act::Unmap { buffer, .. } => (CallOp::Unmap, buffer, none),
        Act::Register { buffer } => (CallOp::Register, buffer, none),
        Act::Unregister { buffer } => (CallOp::Unregister, buffer, none),
        Act::Dma(dma) => (CallOp::Transfer, dma.buffer, dma.len),
        Act::Ta { buffer, len, .. } => (CallOp::Transfer, buffer, len),
        Act::Recycle { buffer, len, .. } => (CallOp::Reuse, buffer, len),
        _ => return None,
    })
}

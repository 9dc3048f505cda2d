// SPDX-License-Identifier: Apache-2.0
//! The SDP test of OP-TEE's xtest (`host/xtest/sdp_basic.c`, `ta/sdp_basic`): the client's and the
//! application's code, as moves between transfers. Every byte that it works on was read from the
//! bus by a master, and is written there by one.
use super::player::Call;
use super::plays::Play;
use super::transfers::{Fill, Job};
use super::words::asks;
use super::{Around, Clients, State};
use crate::engine::event::GrantPhase;
use crate::scenario::{Sdp, SdpCommand, SdpTarget};
use crate::tee::optee::{Caller, Executor, MobjRef};
use crate::tee::{CallId, Grant, InvokeError, MemrefArg, TeeResult};
use crate::units::{AddrRange, ByteLen, Cycle, Direction, MasterId};
use rand::Rng;
use std::collections::VecDeque;

/// Bytes of the ring that the client draws from.
const RING: usize = 32_769;
/// Bytes of a test's buffer that are not moved: the offset is drawn from so many and one.
const SLACK: u64 = 255;

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Move {
    /// The client writes random bytes into the shared memory.
    Fill,
    /// The client asks for a command.
    Invoke(SdpCommand),
    /// The application has read, and writes what comes of it.
    Write(SdpCommand),
    /// The application returns.
    Return,
    /// The client reads the shared memory.
    Look,
    /// The client compares.
    Compare,
}

/// A command or a test that is being done.
#[derive(Clone, Debug)]
pub(super) struct Program {
    sdp: Sdp,
    client: usize,
    moves: VecDeque<Move>,
    ring: Vec<u8>,
    cursor: usize,
    reference: Vec<u8>,
    /// Calls into the secure world, the inner one last.
    calls: Vec<CallId>,
    memory: Vec<MobjRef>,
    grant: Option<Grant>,
}

/// What a test does once a round.
const ROUND: [Move; 6] = [
    Move::Fill,
    Move::Invoke(SdpCommand::Inject),
    Move::Invoke(SdpCommand::Transform),
    Move::Invoke(SdpCommand::Dump),
    Move::Look,
    Move::Compare,
];

impl Program {
    /// The two parameters of a command, as the application has them: shared, protected.
    fn parts(&self, command: SdpCommand) -> (Option<AddrRange>, Option<AddrRange>) {
        match (command, &self.memory[..]) {
            (SdpCommand::Inject, [shared, secure]) | (SdpCommand::Dump, [secure, shared]) => {
                (Some(shared.range), Some(secure.range))
            }
            (_, [secure]) => (None, Some(secure.range)),
            _ => (None, None),
        }
    }

    /// What the application looks at before it touches anything.
    fn check(&self, command: SdpCommand) -> Result<(), TeeResult> {
        let attributes = |mobj: &MobjRef, secure: bool| {
            if mobj.secure == secure { Ok(()) } else { Err(TeeResult::BadParameters) }
        };
        match (command, &self.memory[..]) {
            (SdpCommand::Inject, [shared, secure]) | (SdpCommand::Dump, [secure, shared]) => {
                let (from, to) =
                    if command == SdpCommand::Inject { (shared, secure) } else { (secure, shared) };
                if to.range.len < from.range.len {
                    return Err(TeeResult::ShortBuffer);
                }
                attributes(shared, false)?;
                attributes(secure, true)
            }
            (SdpCommand::Transform, [secure]) => attributes(secure, true),
            _ => Err(TeeResult::BadParameters),
        }
    }
}

impl Clients {
    /// Begins a command or a test.
    pub(super) fn sdp(&mut self, n: usize, sdp: Sdp) {
        let mut ring = vec![0; RING];
        let moves = if sdp.command == SdpCommand::Test {
            self.actors[n].rng.fill_bytes(&mut ring);
            (0..sdp.loops).flat_map(|_| ROUND).collect()
        } else {
            VecDeque::from([Move::Invoke(sdp.command)])
        };
        let (reference, calls, memory) = (Vec::new(), Vec::new(), Vec::new());
        let (client, cursor, grant) = (n, 0, None);
        let program = Program { sdp, client, moves, ring, cursor, reference, calls, memory, grant };
        let plays = VecDeque::from([Play::Program(Box::new(program))]);
        self.actors[n].state = State::Calling(Box::new(Call::new(plays, Ok(()))));
    }

    /// Does a program's next move; what it leads to is played before the rest of it.
    pub(super) fn code(
        &mut self,
        mut program: Box<Program>,
        call: &mut Call,
        around: &mut Around<'_, '_>,
    ) {
        // A program ends with its first error, once the application has returned.
        if call.result.is_err() {
            program.moves.retain(|next| *next == Move::Return);
            program.moves.truncate(usize::from(!program.calls.is_empty()));
        }
        let Some(next) = program.moves.pop_front() else { return };
        let mut plays = match next {
            Move::Fill => self.draw(&mut program),
            Move::Invoke(command) => match self.enter(&mut program, command, around) {
                Ok(plays) => plays,
                Err((error, plays)) => {
                    call.result = Err(error);
                    plays
                }
            },
            Move::Write(command) => {
                let mut data = std::mem::take(&mut call.data);
                if command == SdpCommand::Transform {
                    data.iter_mut().for_each(|byte| *byte = (!*byte).wrapping_add(1));
                }
                let (shared, secure) = program.parts(command);
                let target = if command == SdpCommand::Dump { shared } else { secure };
                target.map(|range| write(self.hands.tee, range, data)).into_iter().collect()
            }
            Move::Return => self.leave(&mut program, around),
            Move::Look => {
                let range = program.shared(self);
                range.map(|range| read(self.hands.kernel, range)).into_iter().collect()
            }
            Move::Compare => {
                let back = std::mem::take(&mut call.data);
                let want = program.reference.iter().map(|byte| (!byte).wrapping_add(1));
                if !want.eq(back) {
                    call.result = Err("EIO".to_owned());
                }
                Vec::new()
            }
        };
        plays.push(Play::Program(program));
        plays.into_iter().rev().for_each(|play| call.plays.push_front(play));
    }

    /// The client takes the next bytes of its ring, the first of which is the offset.
    fn draw(&self, program: &mut Program) -> Vec<Play> {
        let moved = program.sdp.len.0 - SLACK;
        let from = program.cursor;
        program.reference =
            (0..moved as usize).map(|at| program.ring[(from + at) % RING]).collect();
        program.cursor = (from + moved as usize) % RING;
        program.sdp.offset = ByteLen(u64::from(program.reference[0]));
        let (range, data) = (program.shared(self), program.reference.clone());
        range.map(|range| write(self.hands.kernel, range, data)).into_iter().collect()
    }

    /// From the client into the application, up to its first read.
    fn enter(
        &mut self,
        program: &mut Program,
        command: SdpCommand,
        around: &mut Around<'_, '_>,
    ) -> Result<Vec<Play>, (String, Vec<Play>)> {
        let (smc, work) = (around.scenario.tee.smc, around.scenario.tee.ta_call);
        let there = Play::Wait(Cycle(smc.0.saturating_add(work.0)));
        let name = &self.actors[program.client].plan.name;
        let Sdp { offset, len, .. } = program.sdp;
        let mut told = format!("{name}: sdp {} at {} of {} bytes", asks(command), offset.0, len.0);
        if let Err((origin, result)) = self.invoke_sdp(program, command, around) {
            told += &format!(": {result}, origin {origin}");
            program.moves.push_front(Move::Return);
            return Err((result.to_string(), vec![Play::Step(told), there]));
        }
        program.moves.push_front(Move::Return);
        if let Err(result) = program.check(command) {
            told += &format!(": {result}, origin TrustedApp");
            return Err((result.to_string(), vec![Play::Step(told), there]));
        }
        let (shared, secure) = program.parts(command);
        let source = if command == SdpCommand::Inject { shared } else { secure };
        let mut plays = vec![Play::Step(told)];
        if let Some((range, call)) = secure.zip(program.calls.last()) {
            program.grant = self.tee_grant(around.scenario, program.sdp.buffer, *call, range);
        }
        let phase = |phase| program.grant.map(|grant| Play::Grant(grant, phase));
        plays.extend(phase(GrantPhase::Requested));
        plays.push(there);
        plays.extend(phase(GrantPhase::Programmed));
        plays.extend(source.map(|range| read(self.hands.tee, range)));
        program.moves.push_front(Move::Write(command));
        Ok(plays)
    }

    /// The calls that bring the application, or the core, to work.
    fn invoke_sdp(
        &self,
        program: &mut Program,
        command: SdpCommand,
        around: &mut Around<'_, '_>,
    ) -> Result<(), (String, TeeResult)> {
        let ta = Executor::Ta { secure_data_path: true };
        let way: &[(Executor, Caller)] = match program.sdp.target {
            SdpTarget::NsToTa => &[(ta, Caller::Client)],
            SdpTarget::TaToTa => &[(ta, Caller::Client), (ta, Caller::Ta)],
            SdpTarget::TaToPta => &[(ta, Caller::Client), (Executor::Pta, Caller::Ta)],
            SdpTarget::NsToPta => &[(Executor::Pta, Caller::Client)],
        };
        let args = self.arguments(program, command);
        let args = args.ok_or_else(|| ("Comms".to_owned(), TeeResult::BadParameters))?;
        for (executor, caller) in way {
            let call = around.tee.invoke(*executor, *caller, &args);
            let told = |e: InvokeError| (format!("{:?}", e.origin), e.result);
            program.calls.push(call.map_err(told)?);
        }
        let inner = program.calls.last().copied();
        program.memory = inner.map_or(Vec::new(), |id| around.tee.call_memory(id).to_vec());
        Ok(())
    }

    /// Memory references in the order in which the application wants them.
    fn arguments(&self, program: &Program, command: SdpCommand) -> Option<Vec<MemrefArg>> {
        let Sdp { buffer, shared, offset, len, shared_len, .. } = program.sdp;
        let test = program.sdp.command == SdpCommand::Test;
        let moved = program.reference.len() as u64;
        let size = |len: ByteLen| if test { moved } else { len.0 };
        let id = self.buffers[buffer].shm?;
        let secure = MemrefArg { id, offset: offset.0, len: size(len) };
        // A test that transforms passes no shared memory.
        let shared = shared.filter(|_| !test || command != SdpCommand::Transform);
        let Some(shared) = shared else { return Some(vec![secure]) };
        let id = self.buffers[shared].shm?;
        let shared = MemrefArg { id, offset: 0, len: size(shared_len) };
        Some(if command == SdpCommand::Dump { vec![secure, shared] } else { vec![shared, secure] })
    }

    /// The application returns, and with it whoever asked it.
    fn leave(&self, program: &mut Program, around: &Around<'_, '_>) -> Vec<Play> {
        let (smc, work) = (around.scenario.tee.smc, around.scenario.tee.ta_call);
        let mut plays = Vec::new();
        if let Some(grant) = program.grant.take() {
            plays.extend([Play::Grant(grant, GrantPhase::RevokeRequested), Play::Revoked(grant)]);
        }
        plays.push(Play::Wait(Cycle(smc.0.saturating_add(work.0))));
        program.memory.clear();
        plays.extend(program.calls.drain(..).rev().map(Play::TaReturns));
        plays
    }
}

impl Program {
    /// The shared memory that a test uses.
    fn shared(&self, clients: &Clients) -> Option<AddrRange> {
        let range = self.sdp.shared.and_then(|shared| clients.buffers[shared].range)?;
        Some(AddrRange { len: ByteLen(self.reference.len() as u64), ..range })
    }
}

fn read(master: MasterId, range: AddrRange) -> Play {
    let (direction, fill) = (Direction::Read, Fill::Zeros);
    Play::Touch(Job { master, direction, range, fill, keep: true, stops: true })
}

/// What is there is written, and no more.
fn write(master: MasterId, mut range: AddrRange, data: Vec<u8>) -> Play {
    range.len = range.len.min(ByteLen(data.len() as u64));
    let (direction, fill) = (Direction::Write, Fill::Bytes(data));
    Play::Touch(Job { master, direction, range, fill, keep: false, stops: true })
}

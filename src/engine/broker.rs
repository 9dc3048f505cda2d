// SPDX-License-Identifier: Apache-2.0
//! The importer's driver: allocates, attaches, maps and unmaps for the IPs, and stamps cycles on
//! what the allocator did.
use super::clients::machine;
use super::event::{BufferEvent, Event, GrantEvent, GrantPhase};
use super::importer::{Kind, Wish, lends, wishes};
use super::{RunError, cast};
use crate::oracle::{PoolIntent, Rights};
use crate::scenario::Scenario;
use crate::tee::{
    AttachmentId, Buffer, BufferId, DmaDirection, Effect, Errno, Failure, Grant, GrantId,
    PoolRights, SetupError, Tee,
};
use crate::units::{AddrRange, ByteLen, Cycle};
use crate::workload::{Broker, FrameBuffer, Layer, Overlay, Playback, Recording};

/// An attachment and the mapping on it, if there is one.
#[derive(Clone, Copy)]
struct Attached {
    attachment: AttachmentId,
    grant: Option<GrantId>,
}

/// The importer of all buffers of a run.
pub(super) struct Driver {
    tee: Tee,
    intents: Vec<PoolIntent>,
    /// Buffers of the use cases, in order.
    buffers: Vec<(Kind, AddrRange)>,
    /// File references that are its own.
    files: Vec<BufferId>,
    /// Mappings that last as long as the stream.
    stream: Vec<Attached>,
    /// The display's attachment of every buffer, by layer: frames, trusted UI.
    display: [Vec<Attached>; 2],
    events: Vec<Event>,
    names: Vec<String>,
}

impl Driver {
    /// Makes heaps and pools. The use cases' buffers come with them, with their lasting mappings,
    /// unless memory must be lent for them: then a client gets them.
    pub(super) fn new(scenario: &Scenario) -> Result<Self, RunError> {
        let (tee, refused) = machine(scenario).map_err(|e| RunError::Setup(e.to_string()))?;
        let told = |error: SetupError| Event::Step {
            cycle: Cycle(0),
            master: None,
            what: format!("kernel: {error}"),
        };
        let mut driver = Self {
            tee,
            intents: intents(scenario),
            buffers: Vec::new(),
            files: Vec::new(),
            stream: Vec::new(),
            display: Default::default(),
            events: refused.into_iter().map(told).collect(),
            names: Vec::new(),
        };
        if !lends(scenario) {
            for wish in wishes(scenario) {
                let name = wish.name.clone();
                let refused = |e| RunError::Setup(format!("{name} cannot be had: {e}"));
                driver.open(wish).map_err(refused)?;
            }
        }
        driver.stamp(Cycle(0));
        Ok(driver)
    }

    fn open(&mut self, wish: Wish) -> Result<(), Failure> {
        let id = self.tee.alloc(wish.heap, wish.role, wish.len)?;
        self.names.push(wish.name);
        self.files.push(id);
        for (master, direction) in wish.users {
            let attachment = self.tee.attach(id, master)?;
            let grant = self.tee.map(attachment, direction)?;
            self.stream.push(Attached { attachment, grant: Some(grant.id) });
        }
        let range = self.tee.buffer(id)?.range;
        let attach = |(master, layer)| Ok((self.tee.attach(id, master)?, layer));
        let shown = wish.shown.map(attach).transpose().map_err(|errno: Errno| errno)?;
        self.adopt(wish.kind, range, shown);
        Ok(())
    }

    /// Takes a buffer into use, and the display's attachment of it.
    pub(super) fn adopt(
        &mut self,
        kind: Kind,
        range: AddrRange,
        shown: Option<(AttachmentId, Layer)>,
    ) {
        self.buffers.push((kind, range));
        if let Some((attachment, layer)) = shown {
            self.display[layer as usize].push(Attached { attachment, grant: None });
        }
    }

    /// The client that made the display's attachments ends them.
    pub(super) fn let_go(&mut self) {
        self.display = Default::default();
    }

    /// Who may touch which pool at all.
    pub(super) fn pool_intents(&self) -> Vec<PoolIntent> {
        self.intents.clone()
    }

    /// The playback's state before its first cycle.
    pub(super) fn playback(&self, scenario: &Scenario) -> Playback {
        let plan = scenario.playback.clone().unwrap_or_else(cast::no_playback);
        let bitstreams = self.buffers(Kind::Bitstream);
        Playback {
            plan,
            frames: self.buffers(Kind::Frame),
            bitstreams: bitstreams.into_iter().map(|buffer| buffer.range).collect(),
            start: Cycle(0),
            encrypted: 0,
            decoded: 0,
            shown: 0,
            shown_exact: 0,
            underruns: 0,
            failed_descriptors: 0,
        }
    }

    /// The trusted UI's state before its first cycle.
    pub(super) fn overlay(&self) -> Overlay {
        Overlay { buffers: self.buffers(Kind::Ui), ..Overlay::default() }
    }

    /// The recording's state before its first cycle.
    pub(super) fn recording(&self) -> Recording {
        Recording {
            raw: self.buffers(Kind::Raw),
            frames: self.buffers(Kind::Recorded),
            references: self.buffers(Kind::Reference),
            outputs: self.buffers(Kind::Encoded),
            ..Recording::default()
        }
    }

    fn buffers(&self, kind: Kind) -> Vec<FrameBuffer> {
        let such = self.buffers.iter().filter(|(of, _)| *of == kind);
        such.map(|&(_, range)| FrameBuffer { range, decoded: Vec::new() }).collect()
    }

    /// The allocator, for clients.
    pub(super) fn tee_mut(&mut self) -> &mut Tee {
        &mut self.tee
    }

    /// Unmaps, detaches and releases everything.
    pub(super) fn end(&mut self, cycle: Cycle) {
        let display = self.display.iter_mut().flat_map(|layer| layer.drain(..));
        let attached: Vec<_> = self.stream.drain(..).chain(display).collect();
        for Attached { attachment, grant } in attached {
            if let Some(grant) = grant {
                self.tee.unmap(attachment, grant);
            }
            self.tee.detach(attachment);
        }
        for id in self.files.drain(..) {
            // Each buffer has the one reference that `alloc` gave; a refusal shows as a leak below.
            let _ = self.tee.put(id);
        }
        self.tee.shutdown();
        self.stamp(cycle);
        for buffer in self.tee.live_buffers() {
            let what = format!("leak: buffer {} was never released", buffer.id.0);
            self.events.push(Event::Step { cycle, master: None, what });
        }
    }

    /// Whether events wait to be told.
    pub(super) fn has_events(&self) -> bool {
        !self.events.is_empty()
    }

    /// What happened since the last call, in order.
    pub(super) fn take_events(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// Turns what the allocator did into events of `cycle`.
    fn stamp(&mut self, cycle: Cycle) {
        for effect in self.tee.take_effects() {
            match effect {
                Effect::Allocated(buffer) => self.buffer(cycle, &buffer, true),
                Effect::Released(buffer) => self.buffer(cycle, &buffer, false),
                // A static pool's region stands since boot: a mapping is in force as it returns.
                Effect::GrantOpened(grant) => {
                    self.grant(cycle, &grant, [GrantPhase::Requested, GrantPhase::Programmed]);
                }
                Effect::GrantClosed(grant) => {
                    let phases =
                        [GrantPhase::RevokeRequested, GrantPhase::Drained, GrantPhase::Revoked];
                    self.grant(cycle, &grant, phases);
                }
                // Regions stand since boot, and scenarios choose no policy that touches memory.
                Effect::Memory(change) => {
                    let (op, range) = (change.op, change.range);
                    let what = format!("memory: {op:?} {} +{}", range.base, range.len.0);
                    self.events.push(Event::Step { cycle, master: None, what });
                }
                // Nothing in a use case bounces: check says so.
                Effect::Bounce(_) => {}
                Effect::Outcome(outcome) => {
                    let what = format!("kernel: {outcome:?}");
                    self.events.push(Event::Step { cycle, master: None, what });
                }
            }
        }
    }

    fn buffer(&mut self, cycle: Cycle, buffer: &Buffer, allocated: bool) {
        let name = self.names.get(buffer.id.0 as usize).cloned();
        self.events.push(Event::Buffer(BufferEvent {
            cycle,
            buffer: buffer.id.0,
            name: name.unwrap_or_else(|| format!("buffer {}", buffer.id.0)),
            pool: buffer.pool as u8,
            base: buffer.range.base,
            len: ByteLen(buffer.range.len.0),
            allocated,
        }));
    }

    fn grant<const N: usize>(&mut self, cycle: Cycle, grant: &Grant, phases: [GrantPhase; N]) {
        for phase in phases {
            self.events.push(grant_event(cycle, grant, phase));
        }
    }
}

impl Broker for Driver {
    fn map_for_display(&mut self, cycle: Cycle, layer: Layer, slot: usize) {
        let attached = &mut self.display[layer as usize][slot];
        // The attachment lives as long as the stream, so that mapping it cannot fail.
        attached.grant =
            self.tee.map(attached.attachment, DmaDirection::ToDevice).ok().map(|g| g.id);
        self.stamp(Cycle(cycle.0 + 1));
    }

    fn unmap_from_display(&mut self, cycle: Cycle, layer: Layer, slot: usize) {
        let attached = &mut self.display[layer as usize][slot];
        if let Some(grant) = attached.grant.take() {
            self.tee.unmap(attached.attachment, grant);
        }
        self.stamp(Cycle(cycle.0 + 1));
    }
}

/// A phase of a grant, for the log.
pub(super) fn grant_event(cycle: Cycle, grant: &Grant, phase: GrantPhase) -> Event {
    Event::Grant(GrantEvent {
        cycle,
        grant: grant.id.0,
        buffer: grant.buffer.0,
        master: grant.master,
        read: grant.rights.read,
        write: grant.rights.write,
        phase,
    })
}

/// The rights table of every pool's use case and role, by master port.
fn intents(scenario: &Scenario) -> Vec<PoolIntent> {
    scenario
        .pools
        .iter()
        .map(|pool| {
            let mut by_port = [Rights::default(); ringfence_sim::MASTERS];
            for master in &scenario.masters {
                // A lend names a use case and no role, so that a region grants what any role needs.
                let crate::tee::Rights { read, write } =
                    PoolRights::of(pool.use_case, &pool.roles).of_ip(master.ip);
                by_port[master.id.0 as usize] = Rights { read, write };
            }
            PoolIntent { range: pool.is_static().then_some(pool.range), rights: by_port }
        })
        .collect()
}

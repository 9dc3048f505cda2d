// SPDX-License-Identifier: Apache-2.0
//! One run: the board, everything around it, and the cycle loop.
use super::broker::Driver;
use super::capture::{Capture, Captures};
use super::cast::{self, Cast};
use super::clients::{Around, Clients};
use super::event::{Attempt, Event};
use super::trace::Trace;
use super::watchdog::Watchdog;
use super::{Progress, RunError, RunOptions};
use crate::firmware::{ApbDriver, FaultHandler, Handled};
use crate::memory::{Contents, FixedTiming, MemoryPort};
use crate::metrics::Metrics;
use crate::oracle::Oracle;
use crate::scenario::{PlantKind, Scenario};
use crate::units::Cycle;
use crate::workload::{NEVER, Playback, World};
use ringfence_sim::{
    Board, BoardOptions, Channel, MASTERS, Outputs, ProtocolError, ProtocolMonitor,
};
use std::sync::atomic::Ordering;

/// Cycles between two looks at the stop flag and two reports of progress.
const GLANCE: u64 = 1 << 16;

/// Everything of one run.
pub(super) struct Session<'a> {
    pub(super) scenario: &'a Scenario,
    options: &'a RunOptions,
    pub(super) board: Board,
    pub(super) contents: Contents,
    ports: Vec<MemoryPort<FixedTiming>>,
    pub(super) apb: ApbDriver,
    handler: FaultHandler,
    pub(super) cast: Cast,
    pub(super) playback: Playback,
    pub(super) driver: Driver,
    pub(super) clients: Clients,
    pub(super) oracle: Oracle,
    pub(super) protocol: ProtocolMonitor,
    protocol_seen: usize,
    pub(super) metrics: Metrics,
    pub(super) trace: Option<Trace>,
    watchdog: Watchdog,
    /// The display's and each intruder's eyes.
    watched: Vec<(usize, Capture)>,
    pub(super) captures: Captures,
    plants: Vec<PlantKind>,
    pub(super) log: Vec<Event>,
    events: Vec<Event>,
    /// What clients did, of which the oracle must know.
    told: Vec<Event>,
    attempts: Vec<Attempt>,
    pub(super) skipped: u64,
    shown: u32,
}

/// Why the loop ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// All actors have finished and nothing is in flight.
    Complete,
    /// Something waited too long; the oracle has been told.
    Hung,
    /// Stopped by a signal.
    Interrupted,
}

impl<'a> Session<'a> {
    /// Builds the board and everything around it; the firewall is still closed.
    pub(super) fn new(scenario: &'a Scenario, options: &'a RunOptions) -> Result<Self, RunError> {
        let fault = scenario.plants.iter().find_map(|plant| match plant.what {
            PlantKind::Rtl { fault } => Some(fault),
            _ => None,
        });
        let board_options = BoardOptions {
            hold_clocks: options.hold_clocks,
            fault: fault.unwrap_or(0),
            early_idle: options.early_idle,
            reset_seed: options.reset_seed,
        };
        let mut board = Board::new(&scenario.sim.shape, board_options)
            .map_err(|e| RunError::Board(e.to_string()))?;
        if options.record {
            board.start_recording();
        }
        board.set_hashing(options.hashing);
        let filters = board.filters();
        let driver = Driver::new(scenario)?;
        let playback = driver.playback(scenario);
        let cast = Cast::new(scenario, &playback);
        cast::strap(scenario, board.inputs());
        let clients = Clients::new(scenario, filters);
        board.inputs().raw_enable = cast.raw_masters() | clients.raw_masters();
        let ports = (0..filters)
            .map(|f| MemoryPort::new(f, FixedTiming::new(&scenario.memory, scenario.sim.clock)))
            .collect();
        let watched = watched(scenario, &playback);
        Ok(Self {
            scenario,
            options,
            contents: Contents::new(scenario.memory.dram).aliased(scenario.memory.cells()),
            ports,
            apb: ApbDriver::new(scenario.sim.wait_budget),
            handler: FaultHandler::default(),
            cast,
            oracle: Oracle::new(scenario, filters, driver.pool_intents()),
            protocol: ProtocolMonitor::new(filters),
            protocol_seen: 0,
            metrics: Metrics::new(scenario.sim.bin),
            trace: options.trace.then(Trace::new),
            watchdog: Watchdog::new(scenario.sim.wait_budget),
            watched,
            captures: Captures::default(),
            plants: scenario.plants.iter().map(|p| p.what).collect(),
            log: Vec::with_capacity(1 << 14),
            events: Vec::new(),
            told: Vec::new(),
            attempts: Vec::new(),
            skipped: 0,
            shown: 0,
            playback,
            clients,
            driver,
            board,
        })
    }

    /// One cycle on the board, judged, and everything behind the pins brought up to it.
    pub(super) fn cycle(&mut self, actors: bool) {
        let cycle = Cycle(self.board.cycle());
        self.board.step();
        let (inputs, out) = self.board.io();
        self.oracle.observe(cycle, &inputs.apb, out);
        self.protocol.observe(cycle.0, out);
        self.metrics.observe(cycle, out);
        if let Some(trace) = &mut self.trace {
            trace.observe(cycle, out);
        }
        for (_, capture) in &mut self.watched {
            capture.observe(out);
        }
        self.watchdog.observe(cycle, out);
        for (port, pins) in self.ports.iter_mut().zip(&mut inputs.mem) {
            port.tick(cycle, out, &mut self.contents, pins);
        }
        if let Some(handled) = self.handler.step(out, &mut self.apb) {
            tell_handled(cycle, &handled, &mut self.log);
        }
        self.apb.drive(out, &mut inputs.apb);
        if actors {
            self.act(cycle);
        }
        self.oracle.drain_events(&mut self.log);
        if self.protocol.errors().len() > self.protocol_seen {
            self.report_protocol();
        }
    }

    fn act(&mut self, cycle: Cycle) {
        let (inputs, out) = self.board.io();
        let active = self.cast.active(inputs, out);
        let mut world = World {
            cycle,
            wanted: self.clients.wanted(),
            playback: &mut self.playback,
            broker: &mut self.driver,
            events: &mut self.events,
            attempts: &mut self.attempts,
        };
        let held = self.clients.held();
        for part in &mut self.cast.actors {
            if held >> part.master & 1 == 1 {
                part.wake = cycle; // as soon as it has its engine again
            } else if part.wake <= cycle || active >> part.master & 1 == 1 {
                part.wake = part.actor.tick(out, inputs, &mut world);
            }
        }
        if self.clients.due(cycle) {
            let mut around = Around {
                cycle,
                scenario: self.scenario,
                tee: self.driver.tee_mut(),
                apb: &mut self.apb,
                oracle: &mut self.oracle,
                idle: self.cast.idle(),
            };
            self.clients.tick(out, inputs, &mut around);
            let (events, attempts) = self.clients.take();
            self.told.extend(events);
            self.attempts.extend(attempts);
        }
        if !self.told.is_empty()
            || !self.events.is_empty()
            || !self.attempts.is_empty()
            || self.driver.has_events()
        {
            self.tell(cycle);
        }
    }

    /// Passes on what actors and driver did; grants count from the next cycle.
    fn tell(&mut self, cycle: Cycle) {
        for attempt in self.attempts.drain(..) {
            self.oracle.attempt(&attempt);
            self.log.push(Event::Attempt(attempt));
        }
        for event in self.driver.take_events().into_iter().chain(self.told.drain(..)) {
            self.oracle.intent(&event);
            self.log.push(event);
        }
        self.log.append(&mut self.events);
        if self.playback.shown > self.shown {
            self.shown = self.playback.shown;
            self.keep_displayed();
        }
        self.plant(cycle);
    }

    /// Keeps the first, a middle and the last frame as the display saw them.
    fn keep_displayed(&mut self) {
        let number = self.shown - 1;
        let frames = self.playback.plan.frames;
        let slot = self.playback.buffer_of(number);
        let Some((_, capture)) = self.watched.first_mut() else { return };
        if [0, frames / 2, frames - 1].contains(&number) {
            let title = format!("frame {number}");
            self.captures.displayed.push(capture.picture(slot, title, &self.playback.plan));
        }
        capture.clear(slot);
    }

    fn plant(&mut self, cycle: Cycle) {
        let decoded = self.playback.decoded;
        let (contents, oracle, log) = (&mut self.contents, &mut self.oracle, &mut self.log);
        self.plants.retain(|plant| match *plant {
            PlantKind::FlipByte { addr, after_frames } if decoded >= after_frames => {
                contents.plant_flip(addr);
                oracle.planted(addr);
                log.push(Event::Planted {
                    cycle,
                    what: format!("bit 0 of the byte at {addr} flipped"),
                });
                false
            }
            PlantKind::FlipByte { .. } => true,
            PlantKind::RemoveMonitor { .. } | PlantKind::Rtl { .. } | PlantKind::Tee { .. } => {
                false
            }
        });
    }

    pub(super) fn report_protocol(&mut self) {
        let (_, out) = self.board.io();
        for error in &self.protocol.errors()[self.protocol_seen..] {
            let provoked = provoker(error, out)
                .is_some_and(|m| self.scenario.intruders.iter().any(|i| i.master.0 == m));
            let (cycle, detail) = (Cycle(error.cycle), error.detail.as_str());
            self.oracle.protocol(cycle, error.port, error.rule, error.section, detail, provoked);
        }
        self.protocol_seen = self.protocol.errors().len();
        self.oracle.drain_events(&mut self.log);
    }

    /// Runs until all is done, something hangs, or a signal comes.
    pub(super) fn play(&mut self, progress: &mut dyn FnMut(Progress)) -> Ending {
        let mut glance = 0;
        loop {
            self.cycle(true);
            let cycle = Cycle(self.board.cycle());
            if cycle.0 >= glance {
                glance = cycle.0 + GLANCE;
                let (frames, of) = (self.playback.shown, self.playback.plan.frames);
                progress(Progress { cycle, frames, of });
                if self.options.stop.load(Ordering::Relaxed) {
                    return Ending::Interrupted;
                }
            }
            let still = self.still();
            // Only what acts by itself keeps a finished board from coming to rest.
            let rests = still || self.clients.raw_masters() != 0;
            if rests && self.cast.finished() && self.clients.finished() {
                self.clients.settle(cycle);
                if still {
                    return Ending::Complete;
                }
            }
            let stuck = self.watchdog.expired(cycle, still) || self.clients.stuck(cycle);
            if cycle >= self.scenario.sim.limit || stuck {
                return self.hang(cycle);
            }
            if still {
                let due = self.cast.next_due().min(self.clients.next_due());
                if due == NEVER {
                    return self.hang(cycle);
                }
                if self.options.time_jumps && due > cycle {
                    let jump = due.0.min(self.scenario.sim.limit.0) - cycle.0;
                    self.board.skip(jump);
                    self.skipped += jump;
                    self.watchdog.rested(Cycle(self.board.cycle()));
                }
            }
        }
    }

    /// Nothing in flight, queued or offered anywhere.
    pub(super) fn still(&mut self) -> bool {
        if !self.board.quiescent()
            || !self.apb.is_idle()
            || self.handler.is_busy()
            || !self.ports.iter().all(MemoryPort::idle)
        {
            return false;
        }
        let (inputs, out) = self.board.io();
        let raw = self.cast.raw_masters() | self.clients.raw_masters();
        let raw_offers = raw != 0
            && inputs
                .raw
                .iter()
                .enumerate()
                .any(|(m, r)| raw >> m & 1 == 1 && (r.ar_valid || r.aw_valid || r.w_valid));
        !(raw_offers
            || out.tzcint
            || inputs.apb.sel
            || inputs.rd_desc_valid | inputs.wr_desc_valid | inputs.ws_valid != 0)
    }

    fn hang(&mut self, cycle: Cycle) -> Ending {
        let holder = self.watchdog.holder(self.scenario);
        for (master, what) in self.cast.waiting() {
            let name = &self.scenario.masters[master].name;
            self.oracle.hang(cycle, name, &format!("{name} waits for {what}; {holder}"));
        }
        for (name, what) in self.clients.waiting(self.scenario) {
            self.oracle.hang(cycle, &name, &format!("{name} waits for {what}; {holder}"));
        }
        self.oracle.drain_events(&mut self.log);
        Ending::Hung
    }

    /// What each intruder saw of the frame buffers.
    pub(super) fn keep_seen(&mut self) {
        for (master, capture) in self.watched.iter().skip(1) {
            let name = self.scenario.masters[*master].name.clone();
            let pictures = (0..self.playback.frames.len())
                .map(|slot| capture.picture(slot, format!("buffer {slot}"), &self.playback.plan))
                .collect();
            self.captures.seen.push((name, pictures));
        }
    }
}

/// The master whose own address is against the rules, as seen in the cycle of the error.
fn provoker(error: &ProtocolError, out: &Outputs) -> Option<u8> {
    let port = &out.port[error.port];
    let id = match error.channel {
        Channel::Ar => port.ar.id,
        Channel::Aw => port.aw.id,
        _ => return None,
    };
    if error.port < MASTERS { Some(error.port as u8) } else { Some(id >> 4) }
}

/// What the fault handler found, for the log.
fn tell_handled(cycle: Cycle, handled: &Handled<'_>, log: &mut Vec<Event>) {
    let step = |what: String| Event::Step { cycle, master: None, what };
    match handled {
        Handled::Failures(records) => log.extend(records.iter().map(|r| Event::FailureLog {
            cycle,
            filter: r.filter,
            addr: r.addr,
            direction: r.direction,
            non_secure: r.non_secure,
            axi_id: r.axi_id,
            overrun: r.overrun,
        })),
        Handled::Spurious => log.push(step("fault handler: interrupt without a failure".into())),
        Handled::Storm => log.push(step("fault handler: gave up on spurious interrupts".into())),
        Handled::Bus(error) => log.push(step(format!("fault handler: {error}"))),
    }
}

/// The display first, then every intruder; nobody when there is no playback.
fn watched(scenario: &Scenario, playback: &Playback) -> Vec<(usize, Capture)> {
    let Some(plan) = &scenario.playback else { return Vec::new() };
    let buffers: Vec<_> = playback.frames.iter().map(|f| f.range).collect();
    let intruders = scenario.intruders.iter().map(|i| i.master);
    std::iter::once(plan.display)
        .chain(intruders)
        .map(|m| (m.0 as usize, Capture::new(m.0 as usize, buffers.clone())))
        .collect()
}

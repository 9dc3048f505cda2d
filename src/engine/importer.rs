// SPDX-License-Identifier: Apache-2.0
//! What the use cases need of the allocator before their first cycle, and how they get it: at once
//! where every pool is protected from boot on, else by a client that lends like any other.
use super::event::Event;
use super::eyes::Eyes;
use super::session::Session;
use crate::scenario::{self, Act, Client, Clients, Role, Scenario, Step, UseCase};
use crate::tee::DmaDirection;
use crate::units::{ByteLen, Cycle, MasterId};
use crate::workload::Layer;
use DmaDirection::{Bidirectional, FromDevice, ToDevice};

/// Cycles from the last buffer to the first slot.
const SETTLE: u64 = 16;

/// What a buffer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bitstream,
    Frame,
    Ui,
    Raw,
    Recorded,
    Reference,
    Encoded,
}

/// A buffer, who works on it, and the display that shows it.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) heap: UseCase,
    pub(super) role: Role,
    pub(super) len: ByteLen,
    /// Mappings that last as long as the stream. The TEE's own master has one too: the TEE hands
    /// it the buffer.
    pub(super) users: Vec<(MasterId, DmaDirection)>,
    /// Mapped while it is scanned out.
    pub(super) shown: Option<(MasterId, Layer)>,
    /// Line of its pool.
    line: u32,
}

/// Everything that the use cases of a scenario need, in order.
pub(super) fn wishes(scenario: &Scenario) -> Vec<Wish> {
    let mut all = Vec::new();
    let mut wish = |kind, count: u32, role, len, pool: usize, users: &[_], shown| {
        let word = match kind {
            Kind::Bitstream => "bitstream",
            Kind::Frame => "frame",
            Kind::Ui => "ui",
            Kind::Raw => "raw",
            Kind::Recorded => "recorded",
            Kind::Reference => "reference",
            Kind::Encoded => "encoded",
        };
        let pool = &scenario.pools[pool];
        let (heap, line) = (pool.use_case, pool.line);
        all.extend((0..count).map(|n| {
            let (name, users) = (format!("{word}[{n}]"), users.to_vec());
            Wish { kind, name, heap, role, len, users, shown, line }
        }));
    };
    if let Some(plan) = &scenario.playback {
        let users = [(plan.crypto, FromDevice), (plan.decoder, ToDevice)];
        let (count, len) = (scenario::Playback::BITSTREAMS, plan.bitstream_bytes);
        wish(Kind::Bitstream, count, Role::Bitstream, len, plan.bitstream_pool, &users, None);
        let users = [(plan.decoder, Bidirectional)];
        let (len, shown) = (plan.buffer_len(), Some((plan.display, Layer::Video)));
        wish(Kind::Frame, plan.buffers, Role::Frame, len, plan.frame_pool, &users, shown);
    }
    if let Some(plan) = &scenario.ui {
        let (count, len) = (scenario::Ui::BUFFERS, plan.buffer_len());
        let shown = Some((plan.display, Layer::Ui));
        wish(Kind::Ui, count, Role::Ui, len, plan.pool, &[(plan.crypto, FromDevice)], shown);
    }
    if let Some(plan) = &scenario.recording {
        let (pair, frame) = (scenario::Recording::PAIR, plan.picture.buffer_len());
        let (camera, encoder) = (plan.camera, plan.encoder);
        let [raw, yuv, private, output] = plan.pools;
        let users = [(camera, Bidirectional)];
        wish(
            Kind::Raw,
            pair,
            Role::Raw,
            scenario::Recording::raw_len(plan.picture),
            raw,
            &users,
            None,
        );
        let users = [(camera, FromDevice), (encoder, ToDevice)];
        wish(Kind::Recorded, plan.buffers, Role::Frame, frame, yuv, &users, None);
        let users = [(encoder, Bidirectional)];
        wish(Kind::Reference, pair, Role::Private, frame, private, &users, None);
        let users = [(encoder, FromDevice), (plan.crypto, ToDevice)];
        wish(Kind::Encoded, pair, Role::Output, plan.stream_bytes, output, &users, None);
    }
    all
}

/// Whether a use case's memory is lent when its first buffer is allocated.
pub(super) fn lends(scenario: &Scenario) -> bool {
    let playback = scenario.playback.iter().flat_map(|p| [p.bitstream_pool, p.frame_pool]);
    let ui = scenario.ui.iter().map(|ui| ui.pool);
    let recording = scenario.recording.iter().flat_map(|r| r.pools);
    let mut pools = playback.chain(ui).chain(recording);
    pools.any(|pool| !scenario.pools[pool].is_static())
}

/// How far a run's own importer is that lends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Gets the buffers; the use cases wait.
    Opening,
    /// They run.
    Open,
    /// Gives the buffers back.
    Closing,
}

/// The importer as two clients: one opens before the use cases begin, one closes behind them.
pub(super) struct Importer {
    stage: Stage,
    /// The client that opens, by number; the one that closes is the next.
    client: usize,
    /// Its first buffer.
    buffer: usize,
    /// The mark that it sets at the end; the one that the other waits for is the next.
    mark: usize,
    /// What could not be had.
    pub(super) refused: Option<String>,
}

impl Importer {
    /// The clients of a scenario with the importer behind them, where it is needed.
    pub(super) fn new(scenario: &Scenario) -> (Clients, Option<Self>) {
        let mut script = scenario.clients.clone();
        if !lends(scenario) {
            return (script, None);
        }
        let (client, buffer, mark) = (script.list.len(), script.buffers.len(), script.marks.len());
        let (mut open, mut close) = (Vec::new(), Vec::new());
        for (n, wish) in wishes(scenario).iter().enumerate() {
            let buffer = buffer + n;
            let step = |act| Step { act, fails: None, race: None, row: None, line: wish.line };
            let Wish { heap, role, len, .. } = *wish;
            open.push(step(Act::Alloc { buffer, heap, role, len }));
            for &(master, direction) in &wish.users {
                open.push(step(Act::Attach { buffer, master }));
                open.push(step(Act::Map { buffer, master, direction }));
                close.push(step(Act::Unmap { buffer, master }));
                close.push(step(Act::Detach { buffer, master }));
            }
            if let Some((master, _)) = wish.shown {
                open.push(step(Act::Attach { buffer, master }));
                close.push(step(Act::Detach { buffer, master }));
            }
            close.push(step(Act::Close { buffer }));
            script.buffers.push(wish.name.clone());
        }
        let step = |act| Step { act, fails: None, race: None, row: None, line: 0 };
        open.push(step(Act::Mark(mark)));
        close.insert(0, step(Act::Await(mark + 1)));
        script.marks.extend(["opened".to_owned(), "over".to_owned()]);
        let named = |name: &str, steps| Client {
            name: format!("importer {name}"),
            start: Cycle(0),
            jitter: Cycle(0),
            steps,
            line: 0,
        };
        // Who opens is not who closes, but the files are the process's: see `Clients::share_files`.
        script.list.extend([named("opens", open), named("closes", close)]);
        (script, Some(Self { stage: Stage::Opening, client, buffer, mark, refused: None }))
    }

    /// The client that stops at the first step that fails.
    pub(super) const fn client(&self) -> usize {
        self.client
    }
}

impl Session<'_> {
    /// Starts the use cases once their buffers are there, and gives those back behind them.
    pub(super) fn attend(&mut self, cycle: Cycle) {
        let Some(importer) = &mut self.importer else { return };
        let (open, close) = (importer.client, importer.client + 1);
        match importer.stage {
            Stage::Opening if self.clients.is_marked(importer.mark) => {
                importer.stage = Stage::Open;
                importer.refused = self.clients.wrong(open);
                self.clients.share_files(open, close);
                if let Some(why) = &importer.refused {
                    let what = format!("use cases not admitted: {why}");
                    self.told.push(Event::Step { cycle, master: None, what });
                    importer.stage = Stage::Closing;
                    self.cast.dismiss();
                    self.clients.keep_what_is_there(close);
                    self.clients.set_mark(importer.mark + 1, cycle);
                } else {
                    self.open_use_cases(cycle);
                }
            }
            Stage::Open if self.cast.use_cases_finished() => {
                importer.stage = Stage::Closing;
                self.driver.let_go();
                self.clients.set_mark(importer.mark + 1, cycle);
            }
            _ => {}
        }
    }

    fn open_use_cases(&mut self, cycle: Cycle) {
        let Some(importer) = &self.importer else { return };
        let first = importer.buffer;
        for (n, wish) in wishes(self.scenario).into_iter().enumerate() {
            let shown = wish.shown.and_then(|(master, layer)| {
                Some((self.clients.attached(first + n, master)?, layer))
            });
            if let Some(range) = self.clients.place(first + n) {
                self.driver.adopt(wish.kind, range, shown);
            }
        }
        self.playback = self.driver.playback(self.scenario);
        (self.ui, self.recording) = (self.driver.overlay(), self.driver.recording());
        self.eyes = Eyes::new(self.scenario, &self.playback, &self.ui, &self.recording);
        self.start(Cycle(cycle.0 + SETTLE));
        self.cast.begin(cycle);
    }

    /// Slot 0 of every use case.
    pub(super) fn start(&mut self, at: Cycle) {
        (self.playback.start, self.ui.start, self.recording.start) = (at, at, at);
    }
}

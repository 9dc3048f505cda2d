// SPDX-License-Identifier: Apache-2.0
//! Rows of a heap history as steps of clients, one after the other as they were recorded.
mod moves;

use super::clients::Around;
use super::context::Check;
use super::handles::{Buffer, Handles};
use super::pools::{HEAPS, ROLES};
use crate::scenario::history::{COLUMNS, Row};
use crate::scenario::model::{Ip, Role, UseCase};
use crate::scenario::problem::{Problem, suggest};
use crate::scenario::script::{Act, Client, Clients, HistoryRow, Replay, Step};
use crate::units::{ByteLen, Cycle, Direction, MasterId};
use std::collections::BTreeMap;
use toml::Spanned;

/// Operations, the columns that each needs, and those that it can have.
const OPS: [(&str, &[&str], &[&str]); 12] = [
    ("alloc", &["buffer", "heap", "size"], &["role"]),
    ("dup", &["buffer"], &[]),
    ("close", &["buffer"], &[]),
    ("attach", &["buffer", "device"], &[]),
    ("detach", &["buffer", "device"], &[]),
    ("map", &["buffer", "device"], &["direction"]),
    ("unmap", &["buffer", "device"], &[]),
    ("read", &["buffer", "device"], &["size"]),
    ("write", &["buffer", "device"], &["size"]),
    ("register", &["buffer"], &[]),
    ("unregister", &["buffer"], &[]),
    ("exit", &[], &[]),
];
/// What a trusted application is called in the column `device`.
const TEE: &str = "tee";
/// Where heaps are, as a tracer sees it.
const HEAP_FOLDER: &str = "/dev/dma_heap/";
/// The client that uses freed pages.
const NEXT_OWNER: &str = "next-owner";

/// What a row does: acts, and whether the row only implies them.
pub(super) type Acts = Vec<(Act, bool)>;

/// Turns rows into clients.
pub(super) struct Rows<'a, 'c, 'd> {
    settings: &'a Replay,
    devices: BTreeMap<String, MasterId>,
    around: &'a Around<'a>,
    check: &'c mut Check<'d>,
    clients: Vec<Client>,
    handles: Handles,
    marks: Vec<String>,
    last: Option<usize>,
    /// The history says itself what devices and applications move.
    told: bool,
}

impl<'a, 'c, 'd> Rows<'a, 'c, 'd> {
    pub(super) fn new(
        settings: &'a Replay,
        devices: BTreeMap<String, MasterId>,
        around: &'a Around<'a>,
        check: &'c mut Check<'d>,
    ) -> Self {
        let (clients, handles, marks) = (Vec::new(), Handles::default(), Vec::new());
        Self { settings, devices, around, check, clients, handles, marks, last: None, told: false }
    }

    /// The clients of a history; `None` when something in it makes no sense.
    pub(super) fn clients(mut self, rows: &[Row]) -> Option<Clients> {
        let op = |row: &Row, ops: &[&str]| {
            row.cell("op").is_some_and(|op| ops.contains(&op.get_ref().as_str()))
        };
        self.told = rows.iter().any(|row| op(row, &["read", "write"]));
        let streams = self.streams(rows);
        let before = self.check.problems.len();
        let first = rows.first().map_or(0, |row| row.time);
        let mut last = first;
        for row in rows {
            let time_us = (row.time - first) / 1000;
            let said = HistoryRow { line: row.line, time_us, implied: false };
            let gap = self.gap(row.time - last);
            last = row.time;
            if let Some((who, acts)) = self.row(row, &streams) {
                self.put(who, gap, acts, said);
                self.bury(said);
            }
        }
        let Self { check, clients, handles, marks, .. } = self;
        let good = check.problems.len() == before;
        good.then_some(Clients { list: clients, buffers: handles.names, marks })
    }

    /// Cycles on the board for nanoseconds of the history.
    fn gap(&self, nanoseconds: u64) -> Cycle {
        let scale = u128::from(self.settings.speed) * 1_000_000_000;
        let cycles = u128::from(nanoseconds) * u128::from(self.around.clock.0) / scale;
        Cycle(u64::try_from(cycles).unwrap_or(u64::MAX)).min(self.settings.max_gap)
    }

    /// Which allocations, in order, are of streams: a crypto engine or the TEE has to do with them.
    fn streams(&self, rows: &[Row]) -> Vec<bool> {
        let mut found = Vec::new();
        let mut last: BTreeMap<&str, usize> = BTreeMap::new();
        for row in rows {
            let text = |column| row.cell(column).map_or("", |cell| cell.get_ref().as_str());
            let crypto = self.master(text("device")).is_some_and(|id| self.ip(id) == Ip::Crypto);
            if text("op") == "alloc" {
                last.insert(text("buffer"), found.len());
                found.push(false);
            } else if let Some(at) = last.get(text("buffer")) {
                found[*at] |= crypto || text("device") == TEE || text("op") == "register";
            }
        }
        found
    }

    fn master(&self, device: &str) -> Option<MasterId> {
        let named = || self.around.masters.all.iter().find(|master| master.name == device);
        self.devices.get(device).copied().or_else(|| named().map(|master| master.id))
    }

    fn ip(&self, id: MasterId) -> Ip {
        let found = self.around.masters.all.iter().find(|master| master.id == id);
        found.map_or(Ip::Dma, |master| master.ip)
    }

    /// Who does what in a row.
    fn row(&mut self, row: &Row, streams: &[bool]) -> Option<(usize, Acts)> {
        let pid = self.need(row, "pid")?;
        let op = self.need(row, "op")?;
        let words = OPS.map(|op| (op.0, op));
        let (op, needs, may) = self.check.word("op", &op, &words)?;
        self.unused(row, op, &[needs, may].concat());
        let who = self.who(&pid)?;
        if op == "exit" {
            return Some((who, self.handles.exit(who)));
        }
        let name = self.need(row, "buffer")?;
        if op == "alloc" {
            let stream = streams.get(self.handles.names.len()).copied().unwrap_or_default();
            return Some((who, self.alloc(row, who, &name, stream)?));
        }
        let at = match self.handles.live(&name) {
            Ok(at) => at,
            Err(problem) => {
                self.report(problem);
                return None;
            }
        };
        let device = match row.cell("device") {
            Some(device) if needs.contains(&"device") => Some(self.device(device, op)?),
            _ if needs.contains(&"device") => {
                self.need(row, "device");
                return None;
            }
            _ => None,
        };
        let acts = match (op, device.flatten()) {
            ("map", Some(master)) => self.map(row, who, at, master),
            ("unmap", Some(master)) => {
                let read = self.read_back(at, master);
                self.handles.unmap(at, master).map(|acts| [read, acts].concat())
            }
            ("read" | "write", master) => self.transfer(row, at, op == "write", master),
            ("register", _) => {
                let write = self.fill(at);
                self.handles.register(at, who).map(|acts| [acts, write].concat())
            }
            (op, master) => self.handles.plain(op, at, who, master),
        };
        match acts {
            Ok(acts) => Some((who, acts)),
            Err(what) => {
                let label = format!("of buffer `{}`", name.get_ref());
                self.report(
                    Problem::new("history::impossible", what)
                        .at(name.span(), label)
                        .at(row.span.clone(), "in this row"),
                );
                None
            }
        }
    }

    /// Reports cells that mean nothing for an operation.
    fn unused(&mut self, row: &Row, op: &str, columns: &[&str]) {
        for column in COLUMNS.into_iter().skip(3).filter(|column| !columns.contains(column)) {
            let Some(cell) = row.cell(column) else { continue };
            let message = format!("`{column}` means nothing for `{op}`");
            let help = [&["time", "pid", "op"], columns].concat().join(", ");
            self.report(
                Problem::new("history::unused-cell", message)
                    .at(cell.span(), "leave it empty")
                    .help(format!("columns of `{op}`: {help}")),
            );
        }
    }

    fn report(&mut self, problem: Problem) {
        self.check.report(problem);
    }

    fn need(&mut self, row: &Row, column: &str) -> Option<Spanned<String>> {
        let cell = row.cell(column).cloned();
        if cell.is_none() {
            let op = row.cell("op").map_or("a row", |op| op.get_ref().as_str());
            self.report(
                Problem::new("history::missing-cell", format!("`{op}` needs `{column}`"))
                    .at(row.span.clone(), format!("nothing in column `{column}`")),
            );
        }
        cell
    }

    fn who(&mut self, pid: &Spanned<String>) -> Option<usize> {
        let text = pid.get_ref();
        let name = if text.bytes().all(|b| b.is_ascii_digit()) {
            format!("pid-{text}")
        } else {
            text.clone()
        };
        self.check.name(&Spanned::new(pid.span(), name.clone()))?;
        Some(self.client(&name))
    }

    fn client(&mut self, name: &str) -> usize {
        let found = self.clients.iter().position(|client| client.name == name);
        found.unwrap_or_else(|| {
            let name = name.to_owned();
            self.clients.push(Client {
                name,
                start: Cycle(0),
                jitter: Cycle(0),
                steps: Vec::new(),
                line: 0,
            });
            self.clients.len() - 1
        })
    }

    /// The master that a device is; `Some(None)` for the TEE.
    fn device(&mut self, cell: &Spanned<String>, op: &str) -> Option<Option<MasterId>> {
        let name = cell.get_ref().as_str();
        if name == TEE && matches!(op, "read" | "write") {
            return Some(None);
        }
        let Some(master) = self.master(name) else {
            let own = self.devices.keys().map(String::as_str);
            let masters = self.around.masters.all.iter().map(|master| master.name.as_str());
            let help = suggest(name, "devices and masters", own.chain(masters));
            let help = format!(
                "{help}\nsay which master it is: [replay] devices = {{ \"{name}\" = \"vdec\" }}"
            );
            self.report(
                Problem::new("history::unknown-device", format!("unknown device `{name}`"))
                    .at(cell.span(), "no master")
                    .help(help),
            );
            return None;
        };
        if let Some(busy) = self.around.other_work(master) {
            let message = format!("`{name}` has other work");
            self.report(
                Problem::new("history::device-taken", message)
                    .at(cell.span(), format!("it is driven by {busy}")),
            );
            return None;
        }
        Some(Some(master))
    }

    fn alloc(
        &mut self,
        row: &Row,
        who: usize,
        name: &Spanned<String>,
        stream: bool,
    ) -> Option<Acts> {
        let heap = self.need(row, "heap")?;
        let plain = heap.get_ref().trim_start_matches(HEAP_FOLDER).to_owned();
        let heap: UseCase = self.check.word("heap", &Spanned::new(heap.span(), plain), &HEAPS)?;
        let size = self.need(row, "size")?;
        let len = ByteLen(self.size(&size)?);
        let role: Role = match row.cell("role").cloned() {
            Some(role) => self.check.word("role", &role, &ROLES)?,
            None if stream => Role::Bitstream,
            None => Role::Frame,
        };
        let buffer = Buffer::new(name.span(), who, heap, role, len);
        match self.handles.alloc(name.get_ref(), buffer) {
            Ok(buffer) => Some(vec![(Act::Alloc { buffer, heap, role, len }, false)]),
            Err(problem) => {
                self.report(problem.at(name.span(), "allocated again"));
                None
            }
        }
    }

    fn size(&mut self, cell: &Spanned<String>) -> Option<u64> {
        let text = cell.get_ref();
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        let bytes = text.parse::<u64>().ok().filter(|_| digits);
        if bytes.is_none() {
            self.report(
                Problem::new("history::bad-size", format!("`size` = \"{text}\" is not a size"))
                    .at(cell.span(), "bytes, a whole number"),
            );
        }
        bytes
    }

    /// Appends acts of a client, behind everything that came before.
    fn put(&mut self, who: usize, gap: Cycle, acts: Acts, said: HistoryRow) {
        let line = said.line;
        let own = |act| Step { act, fails: None, race: None, line, row: None };
        if let Some(last) = self.last.filter(|last| *last != who) {
            let mark = self.marks.len();
            self.marks.push(format!("row-{line}-{mark}"));
            self.clients[last].steps.push(own(Act::Mark(mark)));
            self.clients[who].steps.push(own(Act::Await(mark)));
        }
        self.last = Some(who);
        if gap.0 > 0 {
            self.clients[who].steps.push(own(Act::Wait(gap)));
        }
        let step = |(act, implied)| Step {
            act,
            fails: None,
            race: None,
            line,
            row: Some(HistoryRow { implied, ..said }),
        };
        self.clients[who].steps.extend(acts.into_iter().map(step));
    }

    /// Freed pages that the kernel has again are used by somebody.
    fn bury(&mut self, said: HistoryRow) {
        for at in self.handles.dead() {
            let len =
                ByteLen(self.handles.buffers[at].len.0.min(self.settings.next_owner.0) / 16 * 16);
            if len.0 > 0 {
                let who = self.client(NEXT_OWNER);
                let direction = Direction::Read;
                let act = Act::Recycle { buffer: at, direction, len };
                self.put(who, Cycle(0), vec![(act, true)], said);
            }
        }
    }
}

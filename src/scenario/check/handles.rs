// SPDX-License-Identifier: Apache-2.0
//! Buffers of a heap history by the names that its rows use, and what is possible with each.
use super::rows::Acts;
use crate::scenario::model::{Role, UseCase};
use crate::scenario::problem::{Problem, Span, suggest};
use crate::scenario::script::Act;
use crate::tee::DmaDirection;
use crate::units::{ByteLen, MasterId};
use std::collections::BTreeMap;
use toml::Spanned;

/// A buffer; processes are numbered as the clients are.
#[derive(Clone, Debug)]
pub(super) struct Buffer {
    span: Span,
    pub(super) heap: UseCase,
    pub(super) role: Role,
    pub(super) len: ByteLen,
    /// Bytes from its start that somebody has written.
    pub(super) written: u64,
    /// File references by process.
    files: BTreeMap<usize, u32>,
    /// Devices and the processes for whom their drivers imported it. An importer holds a file.
    attached: BTreeMap<MasterId, usize>,
    pub(super) mapped: BTreeMap<MasterId, Vec<(usize, DmaDirection)>>,
    pub(super) registered: Option<usize>,
}

impl Buffer {
    pub(super) fn new(span: Span, who: usize, heap: UseCase, role: Role, len: ByteLen) -> Self {
        let files = BTreeMap::from([(who, 1)]);
        let (attached, mapped, registered) = (BTreeMap::new(), BTreeMap::new(), None);
        Self { span, heap, role, len, written: 0, files, attached, mapped, registered }
    }

    fn is_dead(&self) -> bool {
        self.files.is_empty() && self.attached.is_empty() && self.registered.is_none()
    }

    fn drop_file(&mut self, who: usize) -> bool {
        let Some(held) = self.files.get_mut(&who) else { return false };
        *held -= 1;
        if *held == 0 {
            self.files.remove(&who);
        }
        true
    }
}

/// All buffers of a history.
#[derive(Debug, Default)]
pub(super) struct Handles {
    pub(super) buffers: Vec<Buffer>,
    /// What reports call each.
    pub(super) names: Vec<String>,
    live: BTreeMap<String, usize>,
}

/// What a row does, or what is wrong with it.
type Done = Result<Acts, String>;

impl Handles {
    /// A buffer by the name that rows use now.
    pub(super) fn live(&self, name: &Spanned<String>) -> Result<usize, Problem> {
        let text = name.get_ref();
        self.live.get(text).copied().ok_or_else(|| {
            let names = self.live.keys().map(String::as_str).take(20);
            Problem::new("history::unknown-buffer", format!("there is no buffer `{text}` here"))
                .at(name.span(), "never allocated, or closed before")
                .help(suggest(text, "buffers here", names))
        })
    }

    /// A new buffer.
    pub(super) fn alloc(&mut self, name: &str, buffer: Buffer) -> Result<usize, Problem> {
        if let Some(at) = self.live.get(name) {
            let message = format!("there is a buffer `{name}` already");
            let problem = Problem::new("history::duplicate-buffer", message);
            // The label of the caller is the place, so that this one comes second.
            let first = self.buffers[*at].span.clone();
            return Err(problem.help(
                "a name can be used again when its last file, importer and registration are gone",
            )
            .at(first, "first here"));
        }
        let at = self.buffers.len();
        self.live.insert(name.to_owned(), at);
        self.names.push(format!("{name}#{at}"));
        self.buffers.push(buffer);
        Ok(at)
    }

    /// Buffers that nobody holds any more, once.
    pub(super) fn dead(&mut self) -> Vec<usize> {
        let buffers = &self.buffers;
        let mut dead: Vec<usize> =
            self.live.values().copied().filter(|at| buffers[*at].is_dead()).collect();
        self.live.retain(|_, at| !buffers[*at].is_dead());
        dead.sort_unstable();
        dead
    }

    /// What needs nothing but the buffer, the process and perhaps the device.
    pub(super) fn plain(
        &mut self,
        op: &str,
        at: usize,
        who: usize,
        device: Option<MasterId>,
    ) -> Done {
        let buffer = &mut self.buffers[at];
        match (op, device) {
            ("dup", _) => {
                *buffer.files.entry(who).or_default() += 1;
                Ok(vec![(Act::Dup { buffer: at }, false)])
            }
            ("close", _) if buffer.drop_file(who) => Ok(vec![(Act::Close { buffer: at }, false)]),
            ("close", _) => Err("the process holds no file of it".to_owned()),
            ("attach", Some(master)) => self.attach(at, who, master),
            ("detach", Some(master)) => self.detach(at, who, master),
            _ => self.unregister(at),
        }
    }

    /// An importing driver takes a file of its own, then attaches its device.
    fn attach(&mut self, at: usize, who: usize, master: MasterId) -> Done {
        if self.buffers[at].attached.contains_key(&master) {
            return Err("the device is attached already".to_owned());
        }
        self.buffers[at].attached.insert(master, who);
        Ok(vec![(Act::Dup { buffer: at }, true), (Act::Attach { buffer: at, master }, false)])
    }

    fn detach(&mut self, at: usize, who: usize, master: MasterId) -> Done {
        let buffer = &mut self.buffers[at];
        match buffer.attached.get(&master) {
            None => return Err("the device is not attached".to_owned()),
            Some(by) if *by != who => {
                return Err("the device was attached for another process".to_owned());
            }
            Some(_) => buffer.attached.remove(&master),
        };
        buffer.mapped.remove(&master);
        Ok(vec![(Act::Detach { buffer: at, master }, false), (Act::Close { buffer: at }, true)])
    }

    pub(super) fn map(
        &mut self,
        at: usize,
        who: usize,
        master: MasterId,
        direction: DmaDirection,
    ) -> Done {
        let buffer = &mut self.buffers[at];
        if !buffer.attached.contains_key(&master) {
            return Err("the device is not attached".to_owned());
        }
        buffer.mapped.entry(master).or_default().push((who, direction));
        Ok(vec![(Act::Map { buffer: at, master, direction }, false)])
    }

    pub(super) fn unmap(&mut self, at: usize, master: MasterId) -> Done {
        let buffer = &mut self.buffers[at];
        let all = buffer.mapped.get_mut(&master);
        if all.and_then(Vec::pop).is_none() {
            return Err("the device has no mapping of it".to_owned());
        }
        Ok(vec![(Act::Unmap { buffer: at, master }, false)])
    }

    pub(super) fn register(&mut self, at: usize, who: usize) -> Done {
        let buffer = &mut self.buffers[at];
        if buffer.registered.is_some() {
            return Err("it is registered already".to_owned());
        }
        buffer.registered = Some(who);
        Ok(vec![(Act::Register { buffer: at }, false)])
    }

    fn unregister(&mut self, at: usize) -> Done {
        if self.buffers[at].registered.take().is_none() {
            return Err("it is not registered".to_owned());
        }
        Ok(vec![(Act::Unregister { buffer: at }, false)])
    }

    /// A process ends: drivers let go of what they imported for it, and its files close.
    pub(super) fn exit(&mut self, who: usize) -> Acts {
        let mut acts = Vec::new();
        let live: Vec<usize> = self.live.values().copied().collect();
        for at in live {
            let buffer = &mut self.buffers[at];
            let mine: Vec<MasterId> =
                buffer.attached.iter().filter(|(_, by)| **by == who).map(|(id, _)| *id).collect();
            for master in mine {
                buffer.attached.remove(&master);
                let maps = buffer.mapped.remove(&master).unwrap_or_default();
                acts.extend(maps.iter().map(|_| Act::Unmap { buffer: at, master }));
                acts.push(Act::Detach { buffer: at, master });
                acts.push(Act::Close { buffer: at });
            }
            if buffer.registered == Some(who) {
                buffer.registered = None;
                acts.push(Act::Unregister { buffer: at });
            }
            let held = buffer.files.remove(&who).unwrap_or(0);
            acts.extend((0..held).map(|_| Act::Close { buffer: at }));
        }
        acts.into_iter().map(|act| (act, true)).collect()
    }
}

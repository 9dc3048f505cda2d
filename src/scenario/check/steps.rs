// SPDX-License-Identifier: Apache-2.0
//! One step of a client: which verb it is, which keys go with it, what they mean.
use super::clients::Around;
use super::context::{Check, Site};
use super::pools::{HEAPS, ROLES};
use super::verbs::{CPU_OPS, DIRECTIONS, ERRORS, RACES, VERBS};
use crate::scenario::file;
use crate::scenario::problem::{Problem, Span, suggest};
use crate::scenario::quantity::Kind;
use crate::scenario::script::{Act, Dma, Step};
use crate::units::{ByteLen, Direction, MasterId, PhysAddr};
use toml::Spanned;

/// Bytes of a beat: what transfers are multiples of.
const BEAT: u64 = 16;
/// Bytes of one transfer at most.
const MAX_TRANSFER: u64 = 64 << 20;

/// Names that steps use, of all clients.
pub(super) struct Names {
    pub(super) buffers: Vec<String>,
    pub(super) marks: Vec<String>,
}

/// Reads one step.
pub(super) struct Reader<'a, 'c, 'd> {
    pub(super) raw: &'a file::Step,
    pub(super) site: &'a Site,
    pub(super) names: &'a Names,
    pub(super) around: &'a Around<'a>,
    pub(super) check: &'c mut Check<'d>,
}

impl Reader<'_, '_, '_> {
    /// The step, which stands in `line`.
    pub(super) fn step(&mut self, line: u32) -> Option<Step> {
        let verb = self.verb()?;
        let fails = match &self.raw.fails {
            None => None,
            Some(word) => {
                let words = ERRORS.map(|error| (error, error));
                Some(self.check.word("fails", word, &words)?.to_owned())
            }
        };
        let race = match &self.raw.race {
            None => None,
            Some(word) => Some(self.check.word("race", word, &RACES)?),
        };
        Some(Step { act: self.act(verb)?, fails, race, line, row: None })
    }

    /// The one verb of the step; its other keys must go with it.
    fn verb(&mut self) -> Option<&'static str> {
        let given = self.keys();
        let verbs = || VERBS.iter().filter(|(verb, _)| given.iter().any(|(key, _)| key == verb));
        let found: Vec<&(&str, &[&str])> = verbs().collect();
        let [(verb, keys)] = found[..] else {
            let wrong = VERBS.iter().any(|(verb, _)| self.check.was_wrong(self.site, verb));
            if found.is_empty() && wrong {
                return None;
            }
            let message = format!("{} must do one thing", self.site.title);
            let label = if found.is_empty() { "does nothing" } else { "does several things" };
            let words: Vec<&str> = VERBS.iter().map(|(verb, _)| *verb).collect();
            self.check.report(
                Problem::new("scenario::no-verb", message)
                    .at(self.site.span.clone(), label)
                    .help(format!("one of: {}", words.join(", "))),
            );
            return None;
        };
        let mut good = true;
        for (key, span) in given {
            if key != *verb && key != "fails" && !keys.contains(&key) {
                good = false;
                let allowed: Vec<&str> = keys.iter().copied().chain(["fails"]).collect();
                self.check.report(
                    Problem::new(
                        "scenario::unused-key",
                        format!("`{key}` means nothing for `{verb}`"),
                    )
                    .at(span, "not a key of this step")
                    .help(format!("keys beside `{verb}`: {}", allowed.join(", "))),
                );
            }
        }
        good.then_some(*verb)
    }

    /// The keys that the step has.
    fn keys(&self) -> Vec<(&'static str, Span)> {
        let raw = self.raw;
        let texts = [
            ("alloc", &raw.alloc),
            ("dup", &raw.dup),
            ("close", &raw.close),
            ("attach", &raw.attach),
            ("detach", &raw.detach),
            ("map", &raw.map),
            ("unmap", &raw.unmap),
            ("dma", &raw.dma),
            ("copy", &raw.copy),
            ("register", &raw.register),
            ("unregister", &raw.unregister),
            ("ta", &raw.ta),
            ("recycle", &raw.recycle),
            ("cpu", &raw.cpu),
            ("op", &raw.op),
            ("lend", &raw.lend),
            ("reclaim", &raw.reclaim),
            ("mmap", &raw.mmap),
            ("mmap-shm", &raw.mmap_shm),
            ("vmap", &raw.vmap),
            ("sync", &raw.sync),
            ("share", &raw.share),
            ("sdp", &raw.sdp),
            ("command", &raw.command),
            ("shared", &raw.shared),
            ("shared-size", &raw.shared_size),
            ("target", &raw.target),
            ("wait", &raw.wait),
            ("mark", &raw.mark),
            ("await", &raw.r#await),
            ("heap", &raw.heap),
            ("role", &raw.role),
            ("size", &raw.size),
            ("master", &raw.master),
            ("direction", &raw.direction),
            ("read", &raw.read),
            ("write", &raw.write),
            ("offset", &raw.offset),
            ("fails", &raw.fails),
            ("race", &raw.race),
            ("to", &raw.to),
        ];
        let flags = [
            ("die", &raw.die),
            ("unbind", &raw.unbind),
            ("nowait", &raw.nowait),
            ("attack", &raw.attack),
            ("anyway", &raw.anyway),
            ("declassify", &raw.declassify),
        ];
        let texts = texts.into_iter().filter_map(|(k, f)| Some((k, f.as_ref()?.span())));
        let flags = flags.into_iter().filter_map(|(k, f)| Some((k, f.as_ref()?.span())));
        let numbers = [("at", &raw.at), ("loops", &raw.loops)];
        let numbers = numbers.into_iter().filter_map(|(k, f)| Some((k, f.as_ref()?.span())));
        texts.chain(flags).chain(numbers).collect()
    }

    fn act(&mut self, verb: &str) -> Option<Act> {
        let raw = self.raw;
        let buffer = |reader: &mut Self, field| reader.buffer(verb, field);
        match verb {
            "alloc" => self.alloc(),
            "dup" => Some(Act::Dup { buffer: buffer(self, &raw.dup)? }),
            "close" => Some(Act::Close { buffer: buffer(self, &raw.close)? }),
            "register" => Some(Act::Register { buffer: buffer(self, &raw.register)? }),
            "unregister" => Some(Act::Unregister { buffer: buffer(self, &raw.unregister)? }),
            "attach" | "detach" | "unmap" | "map" => self.mapping(verb),
            "dma" => self.dma(),
            "copy" => self.copy(),
            "ta" => {
                let (buffer, transfer) = (buffer(self, &raw.ta), self.transfer());
                let offset = self.offset()?;
                let (buffer, (direction, len)) = (buffer?, transfer?);
                Some(Act::Ta { buffer, direction, len, offset })
            }
            "recycle" => {
                let (buffer, transfer) = (buffer(self, &raw.recycle), self.transfer());
                let (buffer, (direction, len)) = (buffer?, transfer?);
                Some(Act::Recycle { buffer, direction, len })
            }
            "cpu" => self.cpu(),
            "lend" => self.lend(),
            "mmap" | "mmap-shm" | "vmap" | "sync" => self.view(verb),
            "share" => self.share(),
            "sdp" => self.sdp(),
            "reclaim" => Some(Act::Reclaim { buffer: buffer(self, &raw.reclaim)? }),
            "wait" => {
                let time = raw.wait.as_ref()?;
                self.check.cycles("wait", time, self.around.clock).map(Act::Wait)
            }
            "mark" => self.mark(raw.mark.as_ref()?).map(Act::Mark),
            "await" => self.mark(raw.r#await.as_ref()?).map(Act::Await),
            "die" => Some(Act::Die),
            _ => Some(Act::Unbind),
        }
    }

    fn alloc(&mut self) -> Option<Act> {
        let raw = self.raw;
        let name = self.check.need(self.site, "alloc", raw.alloc.as_ref())?;
        let good = self.check.name(&name);
        let heap = self.check.need(self.site, "heap", raw.heap.as_ref());
        let heap = heap.and_then(|heap| self.check.word("heap", &heap, &HEAPS));
        let role = self.check.need(self.site, "role", raw.role.as_ref());
        let role = role.and_then(|role| self.check.word("role", &role, &ROLES));
        let size = self.check.need(self.site, "size", raw.size.as_ref());
        let len = size.and_then(|size| self.check.quantity(Kind::Size, "size", &size));
        let buffer = self.names.buffers.iter().position(|known| known == name.get_ref());
        good?;
        let (heap, role, len) = (heap?, role?, ByteLen(len?));
        Some(Act::Alloc { buffer: buffer?, heap, role, len })
    }

    fn cpu(&mut self) -> Option<Act> {
        let raw = self.raw;
        let buffer = self.buffer("cpu", &raw.cpu);
        let op = self.check.need(self.site, "op", raw.op.as_ref());
        let op = op.and_then(|op| self.check.word("op", &op, &CPU_OPS));
        let size = self.check.need(self.site, "size", raw.size.as_ref());
        let len = size.and_then(|size| self.beats("size", &size, 1));
        let offset = self.offset();
        let at = match &raw.at {
            None => None,
            Some(at) => Some(PhysAddr(self.whole("at", *at.get_ref(), at.span())?)),
        };
        if !self.around.cached && !self.check.was_wrong(&Check::top(), "cache") {
            let message = format!("{} needs a processor with a cache", self.site.title);
            self.check.report(
                Problem::new("scenario::no-cache", message)
                    .at(self.site.span.clone(), "there is no [cache]")
                    .help("add a [cache], for example: [cache] with master = \"cpu\""),
            );
            return None;
        }
        let (buffer, op, len, offset) = (buffer?, op?, len?, offset?);
        Some(Act::Cpu { buffer, op, len, offset, at })
    }

    fn lend(&mut self) -> Option<Act> {
        let raw = self.raw;
        let buffer = self.buffer("lend", &raw.lend);
        let heap = self.check.need(self.site, "heap", raw.heap.as_ref());
        let heap = heap.and_then(|heap| self.check.word("heap", &heap, &HEAPS));
        // Whole pages or not, inside DRAM or not: the TEE is asked, and says so.
        let at = self.check.need(self.site, "at", raw.at.as_ref());
        let size = self.check.need(self.site, "size", raw.size.as_ref());
        let len = size.and_then(|size| self.check.quantity(Kind::Size, "size", &size));
        let range = self.range(&at?, len?);
        Some(Act::Lend { buffer: buffer?, heap: heap?, range: range? })
    }

    fn mapping(&mut self, verb: &str) -> Option<Act> {
        let raw = self.raw;
        let field = match verb {
            "attach" => &raw.attach,
            "detach" => &raw.detach,
            "map" => &raw.map,
            _ => &raw.unmap,
        };
        let buffer = self.buffer(verb, field);
        let master = self.master();
        if verb == "map" {
            let direction = self.check.need(self.site, "direction", raw.direction.as_ref());
            let direction =
                direction.and_then(|word| self.check.word("direction", &word, &DIRECTIONS));
            let (buffer, master, direction) = (buffer?, master?, direction?);
            return Some(Act::Map { buffer, master, direction });
        }
        let (buffer, master) = (buffer?, master?);
        Some(match verb {
            "attach" => Act::Attach { buffer, master },
            "detach" => Act::Detach { buffer, master },
            _ => Act::Unmap { buffer, master },
        })
    }

    fn dma(&mut self) -> Option<Act> {
        let raw = self.raw;
        let buffer = self.buffer("dma", &raw.dma);
        let master = self.master();
        let transfer = self.transfer();
        let offset = self.offset();
        let flag = |field: &file::Field<bool>| field.as_ref().is_some_and(|f| *f.get_ref());
        let at = match &raw.at {
            None => None,
            Some(at) => Some(PhysAddr(self.whole("at", *at.get_ref(), at.span())?)),
        };
        let (direction, len) = transfer?;
        let (buffer, master, offset) = (buffer?, master?, offset?);
        let (nowait, attack) = (flag(&raw.nowait), flag(&raw.attack));
        Some(Act::Dma(Dma { buffer, master, direction, len, offset, at, nowait, attack }))
    }

    /// `read` or `write`, one of them.
    fn transfer(&mut self) -> Option<(Direction, ByteLen)> {
        let (key, value, direction) = match (&self.raw.read, &self.raw.write) {
            (Some(read), None) => ("read", read, Direction::Read),
            (None, Some(write)) => ("write", write, Direction::Write),
            (read, write) => {
                let wrong = ["read", "write"].iter().any(|k| self.check.was_wrong(self.site, k));
                if read.is_some() == write.is_some() && !wrong {
                    let message = format!("{} needs one of `read` and `write`", self.site.title);
                    self.check.report(
                        Problem::new("scenario::missing-key", message)
                            .at(self.site.span.clone(), "which way?")
                            .help("for example: write = \"64 KiB\""),
                    );
                }
                return None;
            }
        };
        self.beats(key, value, 1).map(|len| (direction, len))
    }

    fn offset(&mut self) -> Option<ByteLen> {
        match &self.raw.offset {
            Some(offset) => self.beats("offset", offset, 0),
            None => Some(ByteLen(0)),
        }
    }

    /// A size of whole beats, `least` of them or more.
    pub(super) fn beats(
        &mut self,
        key: &str,
        value: &Spanned<String>,
        least: u64,
    ) -> Option<ByteLen> {
        let bytes = self.check.quantity(Kind::Size, key, value)?;
        let why = "bytes, whole beats of 16, at most 64 MiB";
        self.check.within(key, bytes, value.span(), least * BEAT..=MAX_TRANSFER, why)?;
        self.whole(key, bytes, value.span()).map(ByteLen)
    }

    /// A number of whole beats.
    pub(super) fn whole(&mut self, key: &str, bytes: u64, span: Span) -> Option<u64> {
        if bytes.is_multiple_of(BEAT) {
            return Some(bytes);
        }
        let message = format!("`{key}` is no multiple of 16 B");
        self.check.report(
            Problem::new("scenario::unaligned", message)
                .at(span, format!("{} B over a beat", bytes % BEAT))
                .help("transfers are whole beats of 16 bytes"),
        );
        None
    }

    fn master(&mut self) -> Option<MasterId> {
        let name = self.check.need(self.site, "master", self.raw.master.as_ref())?;
        self.around.masters.resolve(self.check, "master", &name).map(|master| master.id)
    }

    pub(super) fn buffer(&mut self, key: &str, field: &file::Field<String>) -> Option<usize> {
        let name = self.check.need(self.site, key, field.as_ref())?;
        known(self.check, key, "buffer", &name, &self.names.buffers)
    }

    fn mark(&mut self, name: &Spanned<String>) -> Option<usize> {
        known(self.check, "await", "mark", name, &self.names.marks)
    }
}

fn known(
    check: &mut Check<'_>,
    key: &str,
    what: &str,
    name: &Spanned<String>,
    names: &[String],
) -> Option<usize> {
    let wanted = name.get_ref();
    let found = names.iter().position(|known| known == wanted);
    if found.is_none() {
        let declared = names.iter().map(String::as_str);
        let verb = if what == "buffer" { "alloc" } else { "mark" };
        check.report(
            Problem::new(
                if what == "buffer" {
                    "scenario::unknown-buffer"
                } else {
                    "scenario::unknown-mark"
                },
                format!("`{key}` names unknown {what} `{wanted}`"),
            )
            .at(name.span(), format!("no step has {verb} = \"{wanted}\""))
            .help(suggest(wanted, &format!("{what}s"), declared)),
        );
    }
    found
}

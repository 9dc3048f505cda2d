// SPDX-License-Identifier: Apache-2.0
//! `[[client]]`: processes and drivers, their buffers and marks.
use super::context::{Check, duplicates};
use super::masters::Masters;
use super::steps::{Names, Reader};
use crate::scenario::file;
use crate::scenario::model::{Intruder, Ip, Traffic};
use crate::scenario::problem::{Problem, Span};
use crate::scenario::script::{Act, Client, Clients, Step};
use crate::units::{Cycle, Hertz, MasterId};
use toml::Spanned;

/// Steps of one client at most.
const MAX_STEPS: u64 = 10_000;

/// What clients are checked against.
pub(super) struct Around<'a> {
    pub(super) clock: Hertz,
    pub(super) masters: &'a Masters,
    /// Who takes part in a use case, and in which.
    pub(super) parts: &'a [(MasterId, &'static str)],
    pub(super) traffic: &'a [Traffic],
    pub(super) intruders: &'a [Intruder],
    /// The processor has a cache.
    pub(super) cached: bool,
}

impl Around<'_> {
    /// What else drives a master.
    pub(super) fn other_work(&self, who: MasterId) -> Option<&'static str> {
        if self.intruders.iter().any(|intruder| intruder.master == who) {
            Some("an [[intruder]]")
        } else if self.traffic.iter().any(|traffic| traffic.master == who) {
            Some("[[traffic]]")
        } else {
            self.parts.iter().find(|(part, _)| *part == who).map(|(_, what)| *what)
        }
    }
}

/// Reads every `[[client]]`.
pub(super) fn clients(
    file: &file::File,
    around: &Around<'_>,
    check: &mut Check<'_>,
) -> Option<Clients> {
    let tables: Vec<_> = file.client.iter().flatten().collect();
    let own: Vec<_> = tables.iter().filter_map(|t| spanned(t.get_ref().name.as_ref())).collect();
    duplicates(check, "[[client]]", "name", &own);
    let steps = || tables.iter().filter_map(|t| t.get_ref().steps.as_ref());
    let each = || steps().flat_map(|steps| steps.get_ref().iter().map(Spanned::get_ref));
    let buffers: Vec<_> = each().filter_map(|step| spanned(step.alloc.as_ref())).collect();
    let lent = each().filter_map(|step| spanned(step.lend.as_ref()));
    let shared = each().filter_map(|step| spanned(step.share.as_ref()));
    let buffers: Vec<_> = buffers.into_iter().chain(lent).chain(shared).collect();
    duplicates(check, "alloc", "name", &buffers);
    let marks: Vec<_> = each().filter_map(|step| spanned(step.mark.as_ref())).collect();
    duplicates(check, "mark", "name", &marks);
    let list = |all: Vec<(String, Span)>| all.into_iter().map(|(name, _)| name).collect();
    let names = Names { buffers: list(buffers), marks: list(marks) };
    let one =
        |(i, table): (usize, &&Spanned<file::Client>)| client(i, table, around, &names, check);
    let all: Vec<Option<Client>> = tables.iter().enumerate().map(one).collect();
    let list: Vec<Client> = all.into_iter().collect::<Option<_>>()?;
    secure_master(&list, around, check)?;
    Some(Clients { list, buffers: names.buffers, marks: names.marks })
}

fn spanned(field: Option<&Spanned<String>>) -> Option<(String, Span)> {
    field.map(|name| (name.get_ref().clone(), name.span()))
}

fn client(
    i: usize,
    table: &Spanned<file::Client>,
    around: &Around<'_>,
    names: &Names,
    check: &mut Check<'_>,
) -> Option<Client> {
    let raw = table.get_ref();
    let index = i.to_string();
    let site = check.site(&["client", &index], table.span());
    let name = check.need(&site, "name", raw.name.as_ref()).and_then(|name| check.name(&name));
    let start = raw
        .start
        .as_ref()
        .map_or(Some(Cycle(0)), |start| check.cycles("start", start, around.clock));
    let jitter = raw
        .jitter
        .as_ref()
        .map_or(Some(Cycle(0)), |jitter| check.cycles("jitter", jitter, around.clock));
    let list = check.need(&site, "steps", raw.steps.as_ref());
    let list = list.filter(|list| {
        let (span, why) = (list.span(), "steps of one client");
        check.within("steps", list.get_ref().len() as u64, span, 1..=MAX_STEPS, why).is_some()
    });
    let mut steps = Vec::new();
    let mut complete = true;
    for (n, step) in list.iter().flat_map(|list| list.get_ref().iter()).enumerate() {
        let site = check.site(&["client", &index, "steps", &n.to_string()], step.span());
        let line = check.line(&step.span());
        let mut reader = Reader { raw: step.get_ref(), site: &site, names, around, check };
        let read = reader.step(line);
        if let Some(step) = &read {
            free_port(step, raw, n, around, check);
        }
        complete &= read.is_some();
        steps.extend(read);
    }
    if !complete {
        return None;
    }
    let line = check.line(&table.span());
    list?;
    Some(Client { name: name?, start: start?, jitter: jitter?, steps, line })
}

/// A master does what one actor tells it; only processors have time for several.
fn free_port(
    step: &Step,
    raw: &file::Client,
    n: usize,
    around: &Around<'_>,
    check: &mut Check<'_>,
) {
    let who = match step.act {
        Act::Dma(dma) => dma.master,
        Act::Copy(copy) => copy.master,
        _ => return,
    };
    let Some(busy) = around.other_work(who) else { return };
    let step = raw.steps.as_ref().and_then(|steps| steps.get_ref().get(n));
    let span = step.and_then(|step| step.get_ref().master.as_ref()).map_or(0..0, Spanned::span);
    let name = around.masters.name(who);
    check.report(
        Problem::new("scenario::master-taken", format!("`{name}` has other work"))
            .at(span, format!("it is driven by {busy}"))
            .help("a client's transfers need a master of their own; name another one"),
    );
}

/// The secure world touches memory through a master in the secure world.
pub(super) fn secure_master(
    list: &[Client],
    around: &Around<'_>,
    check: &mut Check<'_>,
) -> Option<()> {
    let crypto = |master: &&crate::scenario::Master| master.ip == Ip::Crypto && master.secure;
    let there = around.masters.all.iter().find(crypto).map(|master| master.id);
    let processor = around.masters.all.iter().any(|master| master.ip == Ip::Cpu);
    let free = |id: &MasterId| !around.intruders.iter().any(|intruder| intruder.master == *id);
    if list.is_empty() || processor && there.is_some_and(|id| free(&id)) {
        return Some(());
    }
    check.report(
        Problem::new("scenario::no-secure-master", "clients need a processor and a secure world")
            .help(
                "declare a [[master]] with ip = \"cpu\", and one with ip = \"crypto\" and \
                 world = \"secure\" that is no [[intruder]]",
            ),
    );
    None
}

// SPDX-License-Identifier: Apache-2.0
//! What steps came to, what was moved, and who waits for what.
use super::words::words;
use super::{Clients, State};
use crate::engine::event::Event;
use crate::oracle::Due;
use crate::scenario::{Client, Scenario};
use crate::units::{ByteLen, Cycle, Direction, MasterId};
use rand::RngExt;

impl Clients {
    /// The current step has ended.
    pub(super) fn done(&mut self, n: usize, result: Result<(), String>, cycle: Cycle) {
        let actor = &self.actors[n];
        let Some(step) = actor.plan.steps.get(actor.step) else { return };
        if let Some(row) = step.row {
            let error = result.as_ref().err().map(String::as_str);
            self.tell_row(n, row, step.act, error, cycle);
        }
        let actor = &mut self.actors[n];
        let Some(step) = actor.plan.steps.get(actor.step) else { return };
        let number = actor.step + 1;
        let what = words(&step.act, &self.names);
        let got = result.as_ref().err().map(String::as_str);
        let took = cycle.0 - actor.began.0;
        let ended = got.unwrap_or("done");
        let text =
            format!("{}: step {number}, {what}: {ended} after {took} cycles", actor.plan.name);
        self.events.push(Event::Step { cycle, master: None, what: text });
        let due = step.row.is_none();
        if due && got != step.fails.as_deref() && actor.wrong.is_none() {
            let (due, seen) =
                (step.fails.as_deref().unwrap_or("success"), got.unwrap_or("success"));
            let line = step.line;
            actor.wrong =
                Some(format!("step {number} (line {line}), {what}: {seen} instead of {due}"));
        }
        actor.step += 1;
        if self.strict == Some(n) && actor.wrong.is_some() {
            actor.step = actor.step.max(actor.plan.steps.len() - 1);
        }
        let gone = actor.died || got == Some("NO-RETURN");
        let over = gone || actor.step >= actor.plan.steps.len();
        let think = match actor.plan.jitter {
            Cycle(0) => 0,
            Cycle(longest) => actor.rng.random_range(0..=longest),
        };
        let ready = State::Ready(Cycle(cycle.0.saturating_add(think)));
        actor.state = if over { State::Over } else { ready };
    }

    /// Every client with what its steps came to: `None` when all ended as they had to.
    pub(in crate::engine) fn reckoning(&self) -> impl Iterator<Item = (&Client, Option<String>)> {
        self.actors.iter().map(|actor| {
            let undone = || {
                let open = actor.step < actor.plan.steps.len() && !actor.died;
                open.then(|| format!("step {} was not reached or has not ended", actor.step + 1))
            };
            (&actor.plan, actor.wrong.clone().or_else(undone))
        })
    }

    /// What transfers moved, by the clients' own account.
    pub(in crate::engine) fn moved(&self) -> Vec<Due> {
        let ways = [(0, Direction::Read), (1, Direction::Write)];
        let each = (0u8..).zip(&self.moved).flat_map(|(master, moved)| {
            ways.map(|(way, direction)| Due {
                master: MasterId(master),
                direction,
                bytes: ByteLen(moved[way]),
            })
        });
        each.filter(|due| due.bytes.0 > 0).collect()
    }

    /// Who is not finished, and what it waits for.
    pub(in crate::engine) fn waiting(&self, scenario: &Scenario) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for actor in &self.actors {
            let Some(step) = actor.plan.steps.get(actor.step) else { continue };
            let what = words(&step.act, &self.names);
            let what = match &actor.state {
                State::Over => continue,
                State::Locked(heap) => {
                    let holder = self.locks[*heap as usize];
                    let who = holder.map_or("nobody", |n| &self.actors[n].plan.name);
                    format!("the heap's mutex in `{what}`, which {who} holds")
                }
                State::Meeting(_) => format!("the other one of the race in `{what}`"),
                State::Awaiting(_) => format!("a mark in `{what}` that nobody sets"),
                _ => format!("the end of `{what}`, step {}", actor.step + 1),
            };
            found.push((actor.plan.name.clone(), what));
        }
        let open = self.transfers.open().map(|(master, range)| {
            let name = scenario.masters[master].name.clone();
            (name, format!("the end of its transfer at {} +{}", range.base, range.len.0))
        });
        found.extend(open);
        found
    }
}

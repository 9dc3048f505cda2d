// SPDX-License-Identifier: Apache-2.0
//! Every interleaving of a setup, by shuttle's depth-first search.
use crate::machine::{Finding, Machine, Setup, State};
use ringfence::tee::Turn;
use shuttle::scheduler::{DfsScheduler, Schedule, Scheduler, Task, TaskId};
use shuttle::{Config, Runner, thread};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A way to a finding.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub(crate) finding: Finding,
    pub(crate) turns: Vec<Turn>,
    pub(crate) lines: Vec<String>,
}

/// What an exploration saw.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) schedules: usize,
    pub(crate) states: BTreeSet<State>,
    /// The shortest way to each finding; of equals the first in order of callers.
    pub(crate) ways: Vec<Way>,
}

impl Seen {
    fn note(&mut self, machine: &Machine) {
        for &(finding, turns) in &machine.found {
            let way = Way {
                finding,
                turns: machine.turns[..turns].to_vec(),
                lines: machine.lines[..turns].to_vec(),
            };
            let rank = |way: &Way| (way.turns.len(), way.turns.clone());
            match self.ways.iter_mut().find(|known| known.finding == finding) {
                Some(known) if rank(&way) < rank(known) => *known = way,
                Some(_) => {}
                None => self.ways.push(way),
            }
        }
    }

    pub(crate) fn way(&self, finding: Finding) -> Option<&Way> {
        self.ways.iter().find(|way| way.finding == finding)
    }
}

/// The kernel's mutex and a bound on preemptions, which shuttle's search lacks: keeps from it
/// those who wait for the mutex and, when the bound is spent, all but who runs.
struct Bounded {
    search: DfsScheduler,
    machine: Arc<Mutex<Machine>>,
    bound: Option<usize>,
    preemptions: usize,
}

/// The callers' tasks follow the one that starts them.
fn caller(task: TaskId) -> Option<usize> {
    usize::from(task).checked_sub(1)
}

impl Scheduler for Bounded {
    fn new_execution(&mut self) -> Option<Schedule> {
        self.preemptions = 0;
        self.search.new_execution()
    }

    fn next_task(
        &mut self,
        runnable: &[&Task],
        current: Option<TaskId>,
        is_yielding: bool,
    ) -> Option<TaskId> {
        let machine = hold(&self.machine);
        // The task that starts the others goes first and branches nothing.
        let starter = runnable.iter().find(|task| caller(task.id()).is_none());
        let ready = |task: &&&Task| caller(task.id()).is_some_and(|c| machine.can_step(c));
        let mut choice: Vec<&Task> = match starter {
            Some(starter) => vec![*starter],
            None => runnable.iter().filter(ready).copied().collect(),
        };
        let goes_on = choice.iter().copied().find(|task| Some(task.id()) == current);
        if let Some(goes_on) = goes_on
            && self.bound == Some(self.preemptions)
        {
            choice = vec![goes_on];
        }
        let next = self.search.next_task(&choice, current, is_yielding);
        if goes_on.is_some() && next != current {
            self.preemptions += 1;
        }
        next
    }

    fn next_u64(&mut self) -> u64 {
        self.search.next_u64()
    }
}

fn hold<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Walks every schedule with at most `bound` preemptions; with `None`, every one that there is.
pub(crate) fn explore(setup: &Setup, bound: Option<usize>) -> Seen {
    let fresh = Machine::new(setup);
    let machine = Arc::new(Mutex::new(fresh.clone()));
    let seen = Arc::new(Mutex::new(Seen::default()));
    let search = DfsScheduler::new(None, false);
    let scheduler = Bounded { search, machine: Arc::clone(&machine), bound, preemptions: 0 };
    let (callers, told) = (setup.callers.len(), Arc::clone(&seen));
    let body = move || {
        *hold(&machine) = fresh.clone();
        let spawn = |caller| {
            let (machine, seen) = (Arc::clone(&machine), Arc::clone(&told));
            thread::spawn(move || walk(caller, &machine, &seen))
        };
        let threads: Vec<_> = (0..callers).map(spawn).collect();
        threads.into_iter().for_each(|thread| thread.join().expect("steps do not panic"));
        hold(&told).note(&hold(&machine));
    };
    let mut config = Config::new();
    config.failure_persistence = shuttle::FailurePersistence::None;
    let schedules = Runner::new(scheduler, config).run(body);
    let mut seen = std::mem::take(&mut *hold(&seen));
    seen.schedules = schedules;
    seen
}

/// A caller's thread: what stands between two yields is one step.
fn walk(caller: usize, machine: &Mutex<Machine>, seen: &Mutex<Seen>) {
    loop {
        let mut now = hold(machine);
        hold(seen).states.insert(now.state());
        now.step(caller);
        hold(seen).states.insert(now.state());
        if !now.runs(caller) {
            return;
        }
        drop(now);
        thread::yield_now();
    }
}

/// Schedules and states counted by another way, which shares the steps with shuttle's search and
/// nothing else: every choice on a copy of the machine.
pub(crate) fn recount(setup: &Setup, bound: Option<usize>) -> (usize, BTreeSet<State>) {
    let start = Machine::new(setup);
    let (mut schedules, mut states) = (0, BTreeSet::from([start.state()]));
    let mut open = vec![(start, None, 0)];
    while let Some((machine, current, preemptions)) = open.pop() {
        let ready: Vec<_> = (0..setup.callers.len()).filter(|c| machine.can_step(*c)).collect();
        schedules += usize::from(ready.is_empty());
        let goes_on = current.is_some_and(|current| ready.contains(&current));
        for caller in ready {
            let spent = preemptions + usize::from(goes_on && current != Some(caller));
            if bound.is_none_or(|bound| spent <= bound) {
                let mut next = machine.clone();
                next.step(caller);
                states.insert(next.state());
                open.push((next, Some(caller), spent));
            }
        }
    }
    (schedules, states)
}

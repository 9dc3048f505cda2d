// SPDX-License-Identifier: Apache-2.0
//! Two clients in a dynamic pool at once: the last `close` and an `alloc` take the kernel's steps in
//! the order of an interleaving that a search found (docs/interleavings.md). What each caller's steps do
//! to memory is played as that caller's call.
use super::calls::{errno, failure};
use super::player::Call;
use super::plays::Play;
use super::{Around, Clients, Known, State};
use crate::scenario::{Act, UseCase};
use crate::tee::{BufferId, Effect, Errno, HeapCall, Pool, Race, Step, Tee};

/// The two calls of a race, by caller: release, allocation.
struct Racers {
    calls: [HeapCall; 2],
    told: [Vec<Effect>; 2],
    last: [Option<Step>; 2],
    /// So many effects of the release came before the allocation's last step.
    before: usize,
}

impl Racers {
    /// Takes a caller's next step.
    fn step(&mut self, caller: usize, tee: &mut Tee) {
        self.last[caller] = tee.step(&mut self.calls[caller]);
        self.told[caller].extend(tee.take_effects());
        if caller == 1 {
            self.before = self.told[0].len();
        }
    }

    /// Takes the listed steps; where the kernel takes another way, in words.
    fn follow(&mut self, race: Race, tee: &mut Tee) -> String {
        let turns = race.turns();
        for (at, &(caller, listed)) in turns.iter().enumerate() {
            let next = self.calls[caller].next();
            if next != Some(listed) {
                return format!(
                    "race: step {} of caller {caller} is {next:?}, not {listed:?}",
                    at + 1
                );
            }
            self.step(caller, tee);
        }
        format!("race: all {} steps as listed", turns.len())
    }

    /// Takes what is left of both calls; who waits for a mutex that is never given back hangs.
    fn finish(&mut self, heap: UseCase, tee: &mut Tee) {
        let mut moved = true;
        while moved {
            moved = false;
            for caller in [1, 0] {
                while let Some(next) = self.calls[caller].next()
                    && !(next == Step::Lock && locked(heap, tee))
                {
                    self.step(caller, tee);
                    moved = true;
                }
            }
        }
        for caller in [1, 0] {
            while self.calls[caller].next().is_some() {
                self.step(caller, tee);
            }
        }
    }

    /// What the release comes to: these are the steps at which a caller dies or hangs.
    fn released(&self) -> Result<(), String> {
        match self.last[0] {
            Some(Step::CheckBits | Step::Lock | Step::Reclaim) => Err("NO-RETURN".to_owned()),
            _ => Ok(()),
        }
    }
}

fn locked(heap: UseCase, tee: &Tee) -> bool {
    let pools = tee.heaps().pools(heap);
    pools.iter().any(|pool| matches!(&pool.pool, Pool::Dynamic(pool) if pool.is_locked()))
}

impl Clients {
    /// Waits for the other one, or begins the race with it.
    pub(super) fn meet(&mut self, n: usize, race: Race, around: &mut Around<'_, '_>) {
        let closes = |n: usize| {
            let actor = &self.actors[n];
            actor.plan.steps.get(actor.step).is_some_and(|s| matches!(s.act, Act::Close { .. }))
        };
        let waits = |m: &usize| {
            matches!(self.actors[*m].state, State::Meeting(other) if other == race)
                && closes(*m) != closes(n)
        };
        let Some(mate) = (0..self.actors.len()).filter(|m| *m != n).find(waits) else {
            self.actors[n].state = State::Meeting(race);
            return;
        };
        let (releases, allocates) = if closes(n) { (n, mate) } else { (mate, n) };
        if let Err(error) = self.race(race, releases, allocates, around) {
            self.call(releases, Err(error.clone()), around);
            self.call(allocates, Err(error), around);
        }
    }

    fn race(
        &mut self,
        race: Race,
        releases: usize,
        allocates: usize,
        around: &mut Around<'_, '_>,
    ) -> Result<(), String> {
        let act = |n: usize| self.actors[n].plan.steps[self.actors[n].step].act;
        let (Act::Close { buffer: old }, Act::Alloc { buffer, heap, role, len }) =
            (act(releases), act(allocates))
        else {
            return Err(errno(Errno::Einval));
        };
        let tee = &mut *around.tee;
        let allocation = tee.alloc_call(heap, role, len).map_err(errno)?;
        let held = self.files.get_mut(&(releases, old)).filter(|held| **held > 0);
        *held.ok_or_else(|| errno(Errno::Ebadf))? -= 1;
        let release = tee.put_call(self.id(old)?).map_err(errno)?;
        let release = release.ok_or_else(|| errno(Errno::Einval))?;
        let told = [tee.take_effects(), Vec::new()];
        let mut racers = Racers { calls: [release, allocation], told, last: [None; 2], before: 0 };
        let words = racers.follow(race, tee);
        racers.finish(heap, tee);
        let got = racers.calls[1].result().map_err(failure);
        let got = got.and_then(|id| id.ok_or_else(|| errno(Errno::Enomem)));
        if let Ok(id) = got {
            self.knows(allocates, buffer, id, around);
            self.buffers[buffer] = Known { heap: Some(heap), role, ..self.buffers[buffer] };
        }
        let released = racers.released();
        self.live = around.tee.live_grants().copied().collect();
        let [mut first, second] = racers.told;
        if first.iter().any(|effect| matches!(effect, Effect::Memory(_))) {
            self.locks[heap as usize].get_or_insert(releases);
        }
        // The allocation returns behind what the release had done by then, and beside the rest.
        let rest = first.split_off(racers.before);
        let second = Call::new(self.plays(around.scenario, second), got.map(|_| ()));
        let mut plays = self.plays(around.scenario, first);
        plays.push_front(Play::Step(words));
        plays.push_back(Play::Begins(allocates, Box::new(second)));
        plays.extend(self.plays(around.scenario, rest));
        self.actors[releases].state = State::Calling(Box::new(Call::new(plays, released)));
        self.actors[allocates].state = State::Meeting(race);
        Ok(())
    }

    /// A client has a buffer, and the one file reference to it.
    fn knows(&mut self, n: usize, buffer: usize, id: BufferId, around: &Around<'_, '_>) {
        let range = around.tee.buffer(id).map(|b| b.range).ok();
        self.buffers[buffer] = Known { id: Some(id), range, ..Known::NOT_YET };
        *self.files.entry((n, buffer)).or_default() += 1;
    }
}

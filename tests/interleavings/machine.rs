// SPDX-License-Identifier: Apache-2.0
//! One dynamic pool and its callers, moved on a step at a time, and what is wrong with it.
use ringfence::scenario::UseCase;
use ringfence::tee::optee::{Abi, Optee, Platform};
use ringfence::tee::{
    Allocation, Caller, DynamicPool, Effect, Outcome, Placement, Policy, PoolCall, Purpose, ROLES,
    Roles, Step, SystemMemory, Turn, World,
};
use ringfence::units::{AddrRange, ByteLen, PAGE, PhysAddr};

const DRAM: u64 = 0x8000_0000;
const AREA: u64 = 0x8800_0000;
const MIB: u64 = 1 << 20;

fn range(base: u64, len: u64) -> AddrRange {
    AddrRange::new(PhysAddr(base), ByteLen(len)).expect("no wrap")
}

/// What is explored: who calls, how fine the steps are, and which side of the window is closed.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) policy: Policy,
    pub(crate) callers: Vec<Caller>,
    /// `gen_pool_destroy` looks for bits and frees the map in two steps, not in one.
    pub(crate) fine: bool,
    /// An allocation takes no reference on a count of 0 under the mutex.
    pub(crate) get_closed: bool,
    /// A release looks at the count again under the mutex.
    pub(crate) put_closed: bool,
}

impl Setup {
    pub(crate) fn new(policy: Policy, callers: &[Caller], fine: bool) -> Self {
        let (get_closed, put_closed) = (policy.get_put_closed, policy.get_put_closed);
        Self { policy, callers: callers.to_vec(), fine, get_closed, put_closed }
    }
}

/// Something that must not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// The kernel says so or dies of it.
    Outcome(Outcome),
    /// A live buffer whose memory no region of the firewall covers.
    BufferInOpenMemory,
    /// At the end: another count than there are buffers.
    CountIsWrong,
    /// At the end: nobody runs, and the mutex is held.
    MutexIsHeld,
    /// At the end: memory is lent without buffers.
    LentWithoutBuffers,
}

/// All that decides how the callers go on.
pub(crate) type State = (i32, Option<u64>, usize, usize, Option<usize>, Vec<Option<Step>>);

/// A pool and calls into it.
#[derive(Clone)]
pub(crate) struct Machine {
    world: World,
    pool: DynamicPool,
    calls: Vec<PoolCall>,
    setup: Setup,
    live: Vec<(usize, Allocation)>,
    /// Who holds the mutex, as long as he lives.
    holder: Option<usize>,
    pub(crate) turns: Vec<Turn>,
    /// The turns in words.
    pub(crate) lines: Vec<String>,
    pub(crate) found: Vec<(Finding, usize)>,
}

impl Machine {
    /// Every caller that releases has a buffer of a page; nobody has taken a step.
    pub(crate) fn new(setup: &Setup) -> Self {
        let dram = [range(DRAM, 512 * MIB)];
        let memory = SystemMemory::new(&dram, &[], 40).with_cma(range(AREA, 16 * MIB), false);
        let optee = Optee::new(Abi::Smc, &dram, Platform::default());
        let mut world = World::new(setup.policy, memory.expect("ordinary memory"), optee);
        let roles = Roles::of(&ROLES);
        let purpose = Purpose { index: 0, heap: UseCase::SecureVideo, roles };
        let pool = DynamicPool::probe(purpose, Placement::default(), &mut world);
        let mut pool = pool.expect("the TEE has a configuration");
        let (mut calls, mut live) = (Vec::new(), Vec::new());
        for (number, caller) in setup.callers.iter().enumerate() {
            calls.push(match caller {
                Caller::Alloc => PoolCall::alloc(ByteLen(PAGE)),
                Caller::Free => {
                    let run = pool.alloc(ByteLen(PAGE), &mut world).expect("room");
                    live.push((number, run));
                    PoolCall::free(run)
                }
            });
        }
        world.context.effects.clear();
        let setup = setup.clone();
        let (holder, turns, lines, found) = (None, Vec::new(), Vec::new(), Vec::new());
        Self { world, pool, calls, setup, live, holder, turns, lines, found }
    }

    /// Callers that are not at their end.
    pub(crate) fn runs(&self, caller: usize) -> bool {
        self.calls[caller].next().is_some()
    }

    /// Callers whose next step does not wait for another's.
    pub(crate) fn can_step(&self, caller: usize) -> bool {
        let next = self.calls[caller].next();
        next.is_some() && (next != Some(Step::Lock) || self.holder.is_none())
    }

    /// Takes a caller's next step; with coarse steps, the rest of `gen_pool_destroy` with it.
    pub(crate) fn step(&mut self, caller: usize) {
        self.one(caller);
        if !self.setup.fine && self.calls[caller].next() == Some(Step::Destroy) {
            self.one(caller);
        }
        if (0..self.calls.len()).all(|caller| !self.runs(caller)) {
            self.end();
        }
    }

    fn one(&mut self, caller: usize) {
        let frees = self.setup.callers[caller] == Caller::Free;
        let closed = if frees { self.setup.put_closed } else { self.setup.get_closed };
        self.world.context.policy.get_put_closed = closed;
        let call = &mut self.calls[caller];
        let Some(step) = self.pool.step(call, &mut self.world) else {
            return;
        };
        let next = call.next();
        match step {
            Step::Lock if next.is_some() => self.holder = Some(caller),
            Step::Give => self.live.retain(|(owner, _)| *owner != caller),
            Step::Take => {
                if let Ok(Some(run)) = call.result() {
                    self.live.push((caller, run));
                }
            }
            _ => {}
        }
        // Who died with the mutex blocks the others for good, and they say so.
        if self.holder == Some(caller) && (step == Step::Unlock || next.is_none()) {
            self.holder = None;
        }
        self.turns.push((caller, step));
        let mut line = format!("T{} {}", caller + 1, self.words(caller, step));
        let effects = std::mem::take(&mut self.world.context.effects);
        for effect in effects {
            if let Effect::Outcome(outcome) = effect {
                line += &format!("  !! {outcome:?}");
                self.find(Finding::Outcome(outcome));
            }
        }
        self.lines.push(line);
        if self.live.iter().any(|(_, run)| !self.is_lent(run.range)) {
            self.find(Finding::BufferInOpenMemory);
        }
    }

    fn is_lent(&self, range: AddrRange) -> bool {
        self.world.optee.platform.regions().iter().any(|region| region.covers(range))
    }

    fn end(&mut self) {
        if usize::try_from(self.pool.count().read()) != Ok(self.live.len()) {
            self.find(Finding::CountIsWrong);
        }
        if self.pool.is_locked() {
            self.find(Finding::MutexIsHeld);
        }
        if self.live.is_empty() && !self.world.optee.platform.regions().is_empty() {
            self.find(Finding::LentWithoutBuffers);
        }
    }

    /// Notes a finding once, with the number of turns that led to it.
    fn find(&mut self, finding: Finding) {
        if self.found.iter().all(|(known, _)| *known != finding) {
            self.found.push((finding, self.turns.len()));
        }
    }

    pub(crate) fn state(&self) -> State {
        (
            self.pool.count().read(),
            self.pool.memory().map(|_| self.pool.free().0),
            self.live.len(),
            self.world.optee.platform.regions().len(),
            self.holder.or_else(|| self.pool.is_locked().then_some(usize::MAX)),
            self.calls.iter().map(PoolCall::next).collect(),
        )
    }

    /// A step in the kernel's words, with what it answered.
    fn words(&self, caller: usize, step: Step) -> String {
        let (call, count) = (&self.calls[caller], self.pool.count().read());
        let pool = if self.pool.memory().is_some() { "there" } else { "NULL" };
        match step {
            Step::IncNotZero if call.next() == Some(Step::Lock) => "inc_not_zero -> false".into(),
            Step::IncNotZero => format!("inc_not_zero -> true, count {count}"),
            Step::Lock => "mutex_lock".into(),
            Step::GetLooks | Step::PutLooks => format!("gen_pool? -> {pool}"),
            Step::Inc => format!("inc -> count {count}"),
            Step::Revive => "refcount_set -> count 1".into(),
            Step::Init => format!("init_dyn_protmem -> gen_pool {pool}, count {count}"),
            Step::Unlock => "mutex_unlock".into(),
            Step::Take => match call.result() {
                Ok(Some(run)) => format!("gen_pool_alloc -> page {}", run.offset.0 / PAGE),
                _ => "gen_pool_alloc -> no return".into(),
            },
            Step::Give => "gen_pool_free".into(),
            Step::DecAndTest => format!("dec_and_test -> {count}"),
            Step::Recheck => format!("refcount_read -> {count}"),
            Step::CheckBits => "gen_pool_destroy looks for set bits".into(),
            Step::Destroy => "gen_pool_destroy frees, gen_pool = NULL".into(),
            Step::Reclaim => "reclaim_protmem".into(),
            Step::PutMemory => "tee_shm_put".into(),
        }
    }
}

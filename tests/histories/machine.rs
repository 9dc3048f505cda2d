// SPDX-License-Identifier: Apache-2.0
//! The allocator under a history, held against the model step by step.
use crate::Step;
use crate::model::Model;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use ringfence::scenario::{Ip, Role, UseCase};
use ringfence::tee::optee::{Abi, Optee, Platform, ProtmemConfig, Rounding};
use ringfence::tee::{
    Backing, BufferId, Config, Device, DmaDirection, Effect, Errno, Failure, FaultPoint, Granule,
    MemoryOp, Outcome, Placement, Policy, PoolPlan, ROLES, Strategy, SystemMemory, Tee,
};
use ringfence::units::{AddrRange, ByteLen, MasterId, PhysAddr};

const MIB: u64 = 1 << 20;
const VIDEO: UseCase = UseCase::SecureVideo;
const CARVE_OUT: u64 = 0x9000_0000;
const AREA: u64 = 0x8800_0000;
const AREA_LEN: u64 = 32 * MIB;
const DISPLAY: MasterId = MasterId(3);

/// What a history runs on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setup {
    pub(crate) fit: Strategy,
    pub(crate) granule: Granule,
    pub(crate) mib: u64,
    pub(crate) dynamic: bool,
    pub(crate) hardened: bool,
    /// Regions left where every buffer has one.
    pub(crate) regions: Option<usize>,
}

struct Live {
    id: BufferId,
    base: u64,
    files: u32,
}

pub(crate) struct Machine {
    setup: Setup,
    tee: Tee,
    model: Model,
    live: Vec<Live>,
    released: Vec<BufferId>,
    /// The next lend fails with this.
    planted: Option<Errno>,
    told: [u64; 4],
}

fn range(base: u64, len: u64) -> AddrRange {
    AddrRange::new(PhysAddr(base), ByteLen(len)).expect("no wrap")
}

fn tee(setup: Setup) -> Tee {
    let Setup { fit, granule, mib, dynamic, hardened, regions } = setup;
    // A granule of 2 MiB holds no region of 1 MiB: such pools are one granule at least.
    let len = ByteLen((mib * MIB).max(granule.bytes()));
    let dram = [range(0x8000_0000, 512 * MIB)];
    let no_map = [range(CARVE_OUT, 16 * MIB)];
    let memory = SystemMemory::new(&dram, &no_map, 40);
    let limit = regions.map(|regions| regions as u32);
    let backing =
        if dynamic { Backing::Dynamic } else { Backing::Static { base: PhysAddr(CARVE_OUT), len } };
    let asked = ProtmemConfig { min_size: len, ..ProtmemConfig::default() };
    let platform = Platform::new(granule, Rounding::Refuse, limit);
    let placement = Placement { strategy: fit, granule, region_per_buffer: regions.is_some() };
    let plan =
        PoolPlan { name: "pool".into(), heap: VIDEO, roles: ROLES.to_vec(), backing, placement };
    let display = Device::plain(DISPLAY, Ip::Display);
    let config = Config {
        policy: if hardened { Policy::hardened() } else { Policy::merged() },
        memory: memory.with_cma(range(AREA, AREA_LEN), true).expect("ordinary memory"),
        optee: Optee::new(Abi::Smc, &dram, platform).with_config(1, asked),
        devices: vec![display],
        pools: vec![plan],
        built_in: true,
    };
    Tee::build(config).expect("valid")
}

impl Machine {
    pub(crate) fn new(setup: Setup) -> Self {
        let len = (setup.mib * MIB).max(setup.granule.bytes());
        let base = if setup.dynamic { AREA } else { CARVE_OUT };
        Self {
            setup,
            tee: tee(setup),
            model: Model::new(base, len, setup.fit, setup.granule, setup.regions),
            live: Vec::new(),
            released: Vec::new(),
            planted: None,
            told: [0; 4],
        }
    }

    pub(crate) fn walk(&mut self, step: Step) -> Result<(), TestCaseError> {
        self.told[0] += 1;
        match step {
            Step::Alloc(len) => self.alloc(len)?,
            Step::Get(pick) => {
                if let Some(at) = self.pick(pick) {
                    prop_assert_eq!(self.tee.get(self.live[at].id), Ok(()));
                    self.live[at].files += 1;
                }
            }
            Step::Put(pick) => {
                if let Some(at) = self.pick(pick) {
                    self.put(at)?;
                }
            }
            Step::UseReleased(pick) => self.use_released(pick)?,
            Step::Map(pick) => {
                if let Some(at) = self.pick(pick) {
                    self.map(at)?;
                }
            }
            Step::Fail(lend) => self.plant(lend),
        }
        self.check_free()
    }

    fn pick(&self, pick: u16) -> Option<usize> {
        (!self.live.is_empty()).then(|| usize::from(pick) % self.live.len())
    }

    fn plant(&mut self, lend: bool) {
        if self.setup.dynamic && self.live.is_empty() && self.planted.is_none() {
            let (point, errno) = if lend {
                (FaultPoint::LendRefused, Errno::Einval)
            } else {
                (FaultPoint::DmaPages, Errno::Enomem)
            };
            self.tee.plant(point, 1);
            self.planted = Some(errno);
        }
    }

    fn alloc(&mut self, len: u64) -> Result<(), TestCaseError> {
        let placed = self.model.place(len);
        let first = self.setup.dynamic && self.live.is_empty();
        // A dynamic pool lends before it looks for room; a length of 0 does not get that far.
        let lends = first && placed != Err(Errno::Einval);
        let refused = self.planted.take_if(|_| lends);
        let want = refused.map_or(placed, Err);
        let got = self.tee.alloc(VIDEO, Role::Frame, ByteLen(len));
        let effects = self.tee.take_effects();
        let gives_back = effects.iter().any(|e| op(e) == Some(MemoryOp::GiveBack));
        let lent = effects.iter().any(|e| op(e) == Some(MemoryOp::Lend));
        let expected =
            (lends && refused.is_none()) || (want.is_ok() && self.setup.regions.is_some());
        prop_assert_eq!(lent, expected, "{:?}", effects);
        let pages_taken = lends && refused != Some(Errno::Enomem);
        prop_assert_eq!(gives_back, pages_taken && want.is_err(), "{:?}", effects);
        prop_assert!(effects.iter().all(|e| !matches!(e, Effect::Outcome(_))), "{:?}", effects);
        self.told[3] += u64::from(lent);
        match want {
            Ok((base, len)) => {
                let id = got.map_err(|f| TestCaseError::fail(format!("{len} bytes: {f}")))?;
                let buffer = *self.tee.buffer(id).expect("live");
                prop_assert_eq!((buffer.range.base.0, buffer.range.len.0), (base, len));
                prop_assert!(self.live.iter().all(|live| live.id != id), "an id twice");
                self.model.take(base, len);
                self.live.push(Live { id, base, files: 1 });
                self.told[1] += 1;
            }
            Err(errno) => {
                prop_assert_eq!(got, Err(Failure::Errno(errno)), "{} bytes", len);
                self.told[2] += 1;
            }
        }
        Ok(())
    }

    fn put(&mut self, at: usize) -> Result<(), TestCaseError> {
        let (id, base) = (self.live[at].id, self.live[at].base);
        prop_assert_eq!(self.tee.put(id), Ok(()));
        self.live[at].files -= 1;
        let effects = self.tee.take_effects();
        let last = self.live[at].files == 0;
        prop_assert_eq!(effects.iter().any(|e| matches!(e, Effect::Released(_))), last);
        if last {
            self.live.remove(at);
            self.released.push(id);
            self.model.give(base);
        }
        let reclaimed = effects.iter().any(|e| op(e) == Some(MemoryOp::Reclaim));
        let pool_goes = self.setup.dynamic && self.live.is_empty();
        let expected = last && (pool_goes || self.setup.regions.is_some());
        prop_assert_eq!(reclaimed, expected, "{:?}", effects);
        Ok(())
    }

    fn use_released(&mut self, pick: u16) -> Result<(), TestCaseError> {
        if self.released.is_empty() {
            return Ok(());
        }
        let id = self.released[usize::from(pick) % self.released.len()];
        prop_assert_eq!(self.tee.put(id), Err(Errno::Ebadf));
        prop_assert_eq!(self.tee.get(id), Err(Errno::Ebadf));
        prop_assert_eq!(self.tee.attach(id, DISPLAY), Err(Errno::Ebadf));
        prop_assert!(self.tee.take_effects().is_empty());
        Ok(())
    }

    fn map(&mut self, at: usize) -> Result<(), TestCaseError> {
        let id = self.live[at].id;
        let attachment = self.tee.attach(id, DISPLAY).expect("a display may");
        let grant = self.tee.map(attachment, DmaDirection::ToDevice).expect("maps");
        prop_assert_eq!(grant.range, self.tee.buffer(id).expect("live").range);
        self.tee.unmap(attachment, grant.id);
        self.tee.detach(attachment);
        let effects = self.tee.take_effects();
        prop_assert_eq!(effects, [Effect::GrantOpened(grant), Effect::GrantClosed(grant)]);
        Ok(())
    }

    fn check_free(&self) -> Result<(), TestCaseError> {
        let pool = &self.tee.heaps().pools(VIDEO)[0].pool;
        let unlent = self.setup.dynamic && self.live.is_empty();
        prop_assert_eq!(pool.free().0, if unlent { 0 } else { self.model.free() });
        Ok(())
    }

    /// Releases everything; nothing may be left. Steps, grants, refusals and lends.
    pub(crate) fn finish(mut self) -> Result<[u64; 4], TestCaseError> {
        while let Some(at) = self.live.len().checked_sub(1) {
            self.put(at)?;
        }
        self.tee.shutdown();
        let effects = self.tee.take_effects();
        let mut want = vec![Effect::Outcome(Outcome::HeapDestroyed { heap: VIDEO })];
        if self.setup.dynamic {
            // The attributes of a dynamic pool are never freed.
            want.insert(0, Effect::Outcome(Outcome::Leak { bytes: 4 }));
        }
        prop_assert_eq!(effects, want);
        prop_assert_eq!(self.tee.live_buffers().count(), 0);
        let world = self.tee.world();
        prop_assert_eq!(world.memory.movable(), ByteLen(AREA_LEN), "a page was lost");
        let boot = usize::from(!self.setup.dynamic && self.setup.regions.is_none());
        prop_assert_eq!(world.optee.platform.regions().len(), boot, "a region was lost");
        Ok(self.told)
    }
}

fn op(effect: &Effect) -> Option<MemoryOp> {
    match effect {
        Effect::Memory(change) => Some(change.op),
        _ => None,
    }
}

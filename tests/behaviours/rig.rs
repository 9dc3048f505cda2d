// SPDX-License-Identifier: Apache-2.0
//! A machine for one case, and the lines that the case writes.
use ringfence::scenario::{Ip, Role, UseCase};
use ringfence::tee::optee::{Abi, Optee, Platform, ProtmemConfig};
use ringfence::tee::{
    Allocation, Backing, Bounce, BufferId, Config, Device, Effect, Errno, Failure, FaultPoint,
    Grant, Heaps, Outcome, Placement, Policy, Pool, PoolPlan, Purpose, ROLES, Refused, RolePool,
    Roles, StaticPool, SystemMemory, Tee, World,
};
use ringfence::units::{AddrRange, ByteLen, MasterId, PAGE, PhysAddr};

pub(crate) const MIB: u64 = 1 << 20;
pub(crate) const VIDEO: UseCase = UseCase::SecureVideo;
pub(crate) const UI: UseCase = UseCase::TrustedUi;
pub(crate) const RECORD: UseCase = UseCase::SecureVideoRecord;
/// DRAM, and in it the carve-outs, the contiguous area and the bounce buffers.
pub(crate) const DRAM: u64 = 0x8000_0000;
pub(crate) const DRAM_LEN: u64 = 512 * MIB;
pub(crate) const CARVE_OUT: u64 = 0x9000_0000;
pub(crate) const CMA: u64 = 0x8800_0000;
pub(crate) const SWIOTLB: u64 = 0x8400_0000;
pub(crate) const DISPLAY: MasterId = MasterId(3);
pub(crate) const GPU: MasterId = MasterId(4);
/// A display controller that drives 31 address bits.
pub(crate) const SHORT_DISPLAY: MasterId = MasterId(8);
/// A display that bounces whatever it maps.
pub(crate) const FORCED_DISPLAY: MasterId = MasterId(9);

const IPS: [Ip; 10] = [
    Ip::Cpu,
    Ip::Crypto,
    Ip::Decoder,
    Ip::Display,
    Ip::Gpu,
    Ip::Camera,
    Ip::Encoder,
    Ip::Dma,
    Ip::Display,
    Ip::Display,
];

pub(crate) fn range(base: u64, len: u64) -> AddrRange {
    AddrRange::new(PhysAddr(base), ByteLen(len)).expect("no wrap")
}

/// 0 or the name of what a call returned.
pub(crate) fn word<T, E: std::fmt::Display>(result: &Result<T, E>) -> String {
    result.as_ref().map_or_else(ToString::to_string, |_| "0".into())
}

/// Linux's memory: carve-outs in the middle and at the end, a contiguous area, bounce buffers.
pub(crate) fn memory(lend_pool: bool) -> SystemMemory {
    let no_map = [range(CARVE_OUT, 16 * MIB), range(DRAM + DRAM_LEN - MIB, MIB)];
    SystemMemory::new(&[range(DRAM, DRAM_LEN)], &no_map, 40)
        .with_cma(range(CMA, 16 * MIB), lend_pool)
        .and_then(|memory| memory.with_swiotlb(range(SWIOTLB, MIB), None))
        .expect("ordinary memory")
}

pub(crate) fn optee(abi: Abi) -> Optee {
    Optee::new(abi, &[range(DRAM, DRAM_LEN)], Platform::default())
}

/// A world without heaps.
pub(crate) fn world(policy: Policy) -> World {
    World::new(policy, memory(true), optee(Abi::Smc))
}

pub(crate) fn purpose(heap: UseCase) -> Purpose {
    Purpose { index: 0, heap, roles: Roles::ALL }
}

/// A static pool as the driver makes it.
pub(crate) fn probe(base: u64, len: u64, world: &mut World) -> Result<StaticPool, Errno> {
    let (base, len) = (PhysAddr(base), ByteLen(len));
    StaticPool::probe(purpose(VIDEO), base, len, Placement::default(), world)
}

fn effect(effect: &Effect) -> Option<String> {
    match effect {
        Effect::Bounce(Bounce { copy, back, .. }) => {
            let range = if *back { (copy.to, copy.len) } else { (copy.from, copy.len) };
            let word = if *back { "BounceBack" } else { "Bounce" };
            Some(format!("{word} {:x}+{:x}", range.0.0, range.1.0))
        }
        Effect::Memory(m) => Some(format!("{:?} {:x}+{:x}", m.op, m.range.base.0, m.range.len.0)),
        Effect::Outcome(outcome) => Some(format!("{outcome:?}")),
        _ => None,
    }
}

/// Lines of the effects on memory and of the outcomes.
pub(crate) fn lines(effects: &[Effect]) -> Vec<String> {
    effects.iter().filter_map(effect).collect()
}

/// The machine's heaps behind their facade.
pub(crate) struct Rig {
    pub(crate) tee: Tee,
    pub(crate) log: Vec<String>,
}

impl Rig {
    pub(crate) fn of(config: Config) -> Self {
        Self { tee: Tee::build(config).expect("valid"), log: Vec::new() }
    }

    /// A static pool of 64 pages for secure video.
    pub(crate) fn fixed(policy: Policy) -> Self {
        let backing = Backing::Static { base: PhysAddr(CARVE_OUT), len: ByteLen(64 * PAGE) };
        Self::of(config(policy, &[(VIDEO, backing)]))
    }

    /// A dynamic pool of 1 MiB for secure video.
    pub(crate) fn lent(policy: Policy) -> Self {
        Self::of(config(policy, &[(VIDEO, Backing::Dynamic)]))
    }

    /// Dynamic pools for secure video and trusted UI.
    pub(crate) fn both(policy: Policy) -> Self {
        Self::of(config(policy, &[(VIDEO, Backing::Dynamic), (UI, Backing::Dynamic)]))
    }

    pub(crate) fn say(&mut self, line: impl Into<String>) {
        self.log.push(line.into());
    }

    /// Writes what a call returned.
    pub(crate) fn result<T, E: std::fmt::Display>(&mut self, what: &str, result: &Result<T, E>) {
        self.say(format!("{what}: {}", word(result)));
    }

    /// Writes the effects since the last call of this or of [`Self::quiet`].
    pub(crate) fn effects(&mut self) {
        let effects = self.tee.take_effects();
        self.log.extend(lines(&effects));
    }

    /// Forgets the effects so far.
    pub(crate) fn quiet(&mut self) {
        self.tee.take_effects();
    }

    /// Allocates frames and writes where, as a page of the pool.
    pub(crate) fn alloc(&mut self, heap: UseCase, len: u64) -> Option<BufferId> {
        let result = self.try_alloc(heap, len);
        let said = match &result {
            Ok(id) => format!("page {}", self.page(*id)),
            Err(failure) => short(failure),
        };
        self.say(format!("alloc {len}: {said}"));
        result.ok()
    }

    pub(crate) fn try_alloc(&mut self, heap: UseCase, len: u64) -> Result<BufferId, Failure> {
        self.tee.alloc(heap, Role::Frame, ByteLen(len))
    }

    /// A buffer of one page, without a word.
    pub(crate) fn buffer(&mut self) -> BufferId {
        let id = self.try_alloc(VIDEO, PAGE).expect("room");
        self.quiet();
        id
    }

    /// A buffer's first page in its pool.
    pub(crate) fn page(&self, id: BufferId) -> u64 {
        self.tee.buffer(id).expect("live").offset.0 / PAGE
    }

    pub(crate) fn live(&self, id: BufferId) -> bool {
        self.tee.buffer(id).is_ok()
    }

    /// Attaches and maps for reading.
    pub(crate) fn map(&mut self, id: BufferId, master: MasterId) -> Result<Grant, Errno> {
        let attachment = self.tee.attach(id, master)?;
        self.tee.map(attachment, ringfence::tee::DmaDirection::ToDevice)
    }

    /// Ends the case: every planted fault must have struck.
    pub(crate) fn done(self) -> Vec<String> {
        assert!(self.tee.world().context.faults.spent(), "a planted fault did not strike");
        self.log
    }

    pub(crate) fn plant(&mut self, point: FaultPoint) {
        self.tee.plant(point, 1);
    }
}

/// Calls that do not return end in a word; the outcome is among the effects.
pub(crate) fn short(failure: &Failure) -> String {
    match failure {
        Failure::Errno(errno) => errno.to_string(),
        Failure::NoReturn(Outcome::HungCaller { .. }) => "hangs".into(),
        Failure::NoReturn(_) => "dies".into(),
    }
}

pub(crate) fn config(policy: Policy, pools: &[(UseCase, Backing)]) -> Config {
    let devices = (0..).zip(IPS).map(|(number, ip)| Device {
        dma_bits: if MasterId(number) == SHORT_DISPLAY { 31 } else { 40 },
        force_bounce: MasterId(number) == FORCED_DISPLAY,
        ..Device::plain(MasterId(number), ip)
    });
    let plan = |&(heap, backing): &(UseCase, Backing)| PoolPlan {
        name: format!("{heap:?}"),
        heap,
        roles: ROLES.to_vec(),
        backing,
        placement: Placement::default(),
    };
    Config {
        policy,
        memory: memory(true),
        optee: optee(Abi::Smc).with_config(2, ProtmemConfig::default()),
        devices: devices.collect(),
        pools: pools.iter().map(plan).collect(),
        built_in: true,
    }
}

/// Heaps without the facade: registration and its end.
pub(crate) struct HeapRig {
    pub(crate) heaps: Heaps,
    pub(crate) world: World,
    pub(crate) log: Vec<String>,
}

impl HeapRig {
    pub(crate) fn new(policy: Policy, built_in: bool) -> Self {
        let mut world = world(policy);
        world.built_in = built_in;
        Self { heaps: Heaps::new(), world, log: Vec::new() }
    }

    /// Registers a fresh static pool of 16 pages under `id`.
    pub(crate) fn register(&mut self, id: u32) {
        let result = self.try_register(id);
        self.log.push(match result {
            Ok(()) => format!("register {id}: 0"),
            Err(refused) => {
                format!("register {id}: {}, pools back: {}", refused.errno, refused.pools.len())
            }
        });
    }

    fn try_register(&mut self, id: u32) -> Result<(), Refused> {
        let (base, len) = (PhysAddr(CARVE_OUT), ByteLen(16 * PAGE));
        let placement = Placement::default();
        let pool = StaticPool::new(purpose(VIDEO), base, len, placement, &mut self.world);
        let pool = Pool::Static(pool.expect("valid"));
        let pools = vec![RolePool { roles: ROLES.to_vec(), index: 0, pool }];
        self.heaps.register(id, pools, &mut self.world)
    }

    pub(crate) fn alloc(&mut self) -> Option<Allocation> {
        let got = self.heaps.alloc(VIDEO, Role::Frame, ByteLen(PAGE), &mut self.world);
        self.log.push(format!("alloc: {}", word(&got)));
        got.ok().map(|(_, run)| run)
    }

    pub(crate) fn release(&mut self, run: &Allocation) {
        let teardown = self.heaps.release(VIDEO, 0, run, &mut self.world);
        self.heaps.finish(teardown, &mut self.world);
        self.note("release");
    }

    pub(crate) fn put_all(&mut self) {
        self.heaps.put_all(&mut self.world);
        self.note("put all");
    }

    pub(crate) fn users(&mut self) {
        self.log.push(format!("device users: {}", self.heaps.device_users()));
    }

    fn note(&mut self, what: &str) {
        self.log.push(what.into());
        let effects = std::mem::take(&mut self.world.context.effects);
        self.log.extend(effects.iter().filter_map(|e| match e {
            Effect::Outcome(outcome) => Some(format!("{outcome:?}")),
            _ => None,
        }));
    }
}

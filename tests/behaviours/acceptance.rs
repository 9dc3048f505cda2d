// SPDX-License-Identifier: Apache-2.0
//! The acceptance cases of OP-TEE's xtest (`--sdp-basic`), as far as they need no bus; all fourteen
//! run in `board/acceptance.rs`.
use crate::rig::*;
use ringfence::tee::optee::{Abi, Caller, Executor};
use ringfence::tee::{
    Backing, BufferId, CallId, Fd, InvokeError, MemrefArg, Origin, Policy, TeeResult,
};
use ringfence::units::PhysAddr;

/// Bytes of the test's buffers.
const SIZE: u64 = 17_000;
const SDP_TA: Executor = Executor::Ta { secure_data_path: true };
const PLAIN_TA: Executor = Executor::Ta { secure_data_path: false };

/// A rig with a registered buffer and registered ordinary memory of the same size.
struct Sdp {
    rig: Rig,
    buffer: BufferId,
    secure: i32,
    ordinary: i32,
}

impl Sdp {
    fn new(abi: Abi, backing: Backing) -> Self {
        let mut machine = config(Policy::merged(), &[(VIDEO, backing)]);
        machine.optee = optee(abi);
        let mut rig = Rig::of(machine);
        let buffer = rig.try_alloc(VIDEO, SIZE).expect("room");
        let secure = rig.tee.register_fd(Fd::Buffer(buffer), 0, false).expect("registers");
        let ordinary = rig.tee.register_memory(range(DRAM + 0x100, SIZE)).expect("registers");
        Self { rig, buffer, secure, ordinary }
    }

    /// Both ABIs, static memory where there is any.
    fn all() -> Vec<Self> {
        let len = ringfence::units::ByteLen(MIB);
        let fixed = Backing::Static { base: PhysAddr(CARVE_OUT), len };
        let kinds = [(Abi::Smc, fixed), (Abi::Smc, Backing::Dynamic), (Abi::FfA, Backing::Dynamic)];
        kinds.into_iter().map(|(abi, backing)| Self::new(abi, backing)).collect()
    }

    fn invoke(
        &mut self,
        executor: Executor,
        caller: Caller,
        parts: &[(i32, u64, u64)],
    ) -> Result<CallId, InvokeError> {
        let args: Vec<_> =
            parts.iter().map(|&(id, offset, len)| MemrefArg { id, offset, len }).collect();
        self.rig.tee.invoke(executor, caller, &args)
    }

    /// Whether a trusted application sees each parameter as secure.
    fn seen(&mut self, parts: &[(i32, u64, u64)]) -> Vec<bool> {
        let call = self.invoke(SDP_TA, Caller::Client, parts).expect("enters");
        let seen = self.rig.tee.call_memory(call).iter().map(|mobj| mobj.secure).collect();
        self.rig.tee.call_ends(call);
        seen
    }
}

fn refused(origin: Origin, result: TeeResult) -> Result<CallId, InvokeError> {
    Err(InvokeError { origin, result })
}

#[test]
fn a1_a2_a12_an_sdp_application_takes_both_kinds_and_tells_them_apart() {
    for mut sdp in Sdp::all() {
        let (secure, ordinary) = (sdp.secure, sdp.ordinary);
        let inject = [(ordinary, 0, SIZE - 255), (secure, 3, SIZE - 255)];
        let dump = [(secure, 200, SIZE - 255), (ordinary, 0, SIZE - 255)];
        assert_eq!(sdp.seen(&inject), [false, true]);
        assert_eq!(sdp.seen(&[(secure, 0, SIZE)]), [true], "transform in place");
        assert_eq!(sdp.seen(&dump), [true, false]);
        let from_ta = sdp.invoke(SDP_TA, Caller::Ta, &inject).expect("A2");
        sdp.rig.tee.call_ends(from_ta);
    }
}

#[test]
fn a3_a4_the_core_reaches_protected_memory_only_through_an_application() {
    for mut sdp in Sdp::all() {
        let secure = sdp.secure;
        let through = sdp.invoke(Executor::Pta, Caller::Ta, &[(secure, 0, SIZE)]).expect("A3");
        sdp.rig.tee.call_ends(through);
        let result = match sdp.rig.tee.world().optee.abi {
            Abi::Smc => TeeResult::BadParameters,
            Abi::FfA => TeeResult::Generic,
        };
        let direct = sdp.invoke(Executor::Pta, Caller::Client, &[(secure, 0, SIZE)]);
        assert_eq!(direct, refused(Origin::Tee, result), "A4");
        let ordinary = [(sdp.ordinary, 0, SIZE)];
        let fine = sdp.invoke(Executor::Pta, Caller::Client, &ordinary).expect("ordinary memory");
        sdp.rig.tee.call_ends(fine);
    }
}

#[test]
fn an_application_without_the_flag_gets_nothing_protected() {
    for mut sdp in Sdp::all() {
        let secure = sdp.secure;
        let got = sdp.invoke(PLAIN_TA, Caller::Client, &[(secure, 0, 1)]);
        assert_eq!(got, refused(Origin::Tee, TeeResult::BadParameters));
        let empty = sdp.invoke(PLAIN_TA, Caller::Client, &[(secure, 0, 0)]).expect("empty passes");
        sdp.rig.tee.call_ends(empty);
        assert_eq!(sdp.rig.tee.world().optee.objects.references(), 0, "refusals hold nothing");
        assert_eq!(sdp.rig.tee.shm_references(secure), 1);
    }
}

#[test]
fn a5_the_dma_bufs_descriptor_is_closed_before_use() {
    for mut sdp in Sdp::all() {
        sdp.rig.tee.put(sdp.buffer).expect("open");
        let (secure, buffer) = (sdp.secure, sdp.buffer);
        assert_eq!(sdp.seen(&[(secure, 0, SIZE)]), [true]);
        assert!(sdp.rig.live(buffer));
        sdp.rig.tee.close_shm(secure).expect("open");
        assert!(!sdp.rig.live(buffer));
    }
}

#[test]
fn a6_to_a11_references_out_of_bounds_never_reach_the_application() {
    for mut sdp in Sdp::all() {
        let secure = sdp.secure;
        let n = sdp.rig.tee.shm_len(secure).expect("open").0;
        for (what, offset, len) in [
            ("A6", n - 1, 2),
            ("A7", n - 1, 5000),
            ("A8", n, 1),
            ("A9", n, 4096),
            ("A10", 2, u64::MAX),
        ] {
            let got = sdp.invoke(SDP_TA, Caller::Client, &[(secure, offset, len)]);
            assert_eq!(got, refused(Origin::Comms, TeeResult::BadParameters), "{what}");
        }
        let last = sdp.invoke(SDP_TA, Caller::Client, &[(secure, n - 1, 1)]).expect("A11");
        sdp.rig.tee.call_ends(last);
    }
}

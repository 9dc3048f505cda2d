// SPDX-License-Identifier: Apache-2.0
//! Parameters of a message to OP-TEE, and the configuration of protected memory.
use super::Optee;
use crate::tee::faults::FaultPoint;
use crate::tee::result::TeeResult;
use crate::tee::world::Context;
use crate::units::{AddrRange, ByteLen, PAGE};

/// A parameter of `struct optee_msg_arg`, as far as protected memory needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Param {
    /// `VALUE_INPUT`.
    Value {
        /// First value.
        a: u64,
        /// Second value.
        b: u64,
    },
    /// `TMEM_INPUT`: memory by address.
    Tmem {
        /// Where.
        range: AddrRange,
        /// Cookie that names it from now on.
        cookie: u64,
    },
    /// `RMEM_INPUT`: memory by cookie.
    Rmem {
        /// Cookie.
        cookie: u64,
    },
}

/// What `GET_PROTMEM_CONFIG` says about a use case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtmemConfig {
    /// Bytes of the one chunk that is lent (value.a).
    pub min_size: ByteLen,
    /// Bytes that base and size must be multiples of (value.b), which Linux never reads.
    pub alignment: ByteLen,
    /// Bits of a physical address (value.c).
    pub pa_width: u32,
    /// Who gets the memory: endpoint in bits 0..16, permissions in bits 16..32.
    pub attributes: Vec<u32>,
}

impl ProtmemConfig {
    /// Endpoint of OP-TEE itself in the defaults.
    pub const SELF: u16 = 0x8001;
    /// `FFA_MEM_ACC_RW`.
    pub const READ_WRITE: u16 = 2;
}

impl Default for ProtmemConfig {
    fn default() -> Self {
        let attribute = u32::from(Self::SELF) | u32::from(Self::READ_WRITE) << 16;
        Self {
            min_size: ByteLen(1 << 20),
            alignment: ByteLen(PAGE),
            pa_width: 40,
            attributes: vec![attribute],
        }
    }
}

/// What `GET_PROTMEM_CONFIG` answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigReply {
    /// Result; sizes are valid with `SHORT_BUFFER` too.
    pub result: Result<(), TeeResult>,
    /// The configuration; its attributes are those that fit.
    pub config: ProtmemConfig,
    /// Attributes that there are.
    pub count: usize,
}

impl Optee {
    /// Command 10, `GET_PROTMEM_CONFIG`, with room for `room` attributes.
    pub fn protmem_config(
        &self,
        use_case: u32,
        room: usize,
        context: &mut Context,
    ) -> Result<ConfigReply, TeeResult> {
        if context.faults.hit(FaultPoint::ConfigRefused) {
            return Err(TeeResult::Generic);
        }
        let found = self.configs.iter().find(|(id, _)| *id == use_case);
        let (_, config) = found.ok_or(TeeResult::BadParameters)?;
        let mut config = config.clone();
        let mut count = config.attributes.len();
        let result = if count > room { Err(TeeResult::ShortBuffer) } else { Ok(()) };
        config.attributes.truncate(room);
        if result.is_ok() && context.faults.hit(FaultPoint::ConfigTooLong) {
            count = room + 1;
        }
        Ok(ConfigReply { result, config, count })
    }
}

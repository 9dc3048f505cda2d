// SPDX-License-Identifier: Apache-2.0
//! Who may touch what: the rights table of the use cases.
use crate::scenario::{Ip, Role, UseCase};
use std::ops::{BitAnd, BitOr};

/// What a master may do with bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rights {
    /// Memory to master.
    pub read: bool,
    /// Master to memory.
    pub write: bool,
}

impl Rights {
    /// Neither way.
    pub const NONE: Self = Self { read: false, write: false };
    /// Memory to master only.
    pub const READ: Self = Self { read: true, write: false };
    /// Master to memory only.
    pub const WRITE: Self = Self { read: false, write: true };
    /// Both ways.
    pub const READ_WRITE: Self = Self { read: true, write: true };

    /// Whether nothing is allowed.
    pub const fn is_none(self) -> bool {
        !self.read && !self.write
    }
}

impl BitAnd for Rights {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        Self { read: self.read && other.read, write: self.write && other.write }
    }
}

impl BitOr for Rights {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self { read: self.read || other.read, write: self.write || other.write }
    }
}

/// What `ip` may do with buffers of `role` in the pools of `use_case`; who is not named has none.
///
/// Secure video: the crypto engine of the TEE writes the clear stream and may read it back, the
/// decoder reads it; the decoder writes frames and reads them as references, the display reads
/// them. Nobody has a right to a stream or a decoded frame in the other two use cases.
pub const fn rights(use_case: UseCase, role: Role, ip: Ip) -> Rights {
    match (use_case, role, ip) {
        (UseCase::SecureVideo, Role::Bitstream, Ip::Crypto)
        | (UseCase::SecureVideo, Role::Frame, Ip::Decoder) => Rights::READ_WRITE,
        (UseCase::SecureVideo, Role::Bitstream, Ip::Decoder)
        | (UseCase::SecureVideo, Role::Frame, Ip::Display) => Rights::READ,
        _ => Rights::NONE,
    }
}

/// All roles: what a pool serves that is alone in its use case.
pub const ROLES: [Role; 2] = [Role::Bitstream, Role::Frame];

const IPS: [Ip; 8] =
    [Ip::Cpu, Ip::Crypto, Ip::Decoder, Ip::Display, Ip::Gpu, Ip::Camera, Ip::Encoder, Ip::Dma];

/// What every kind of master may do with a pool: the firewall knows one region a pool, so that a
/// pool of several roles grants the union of their rights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolRights([Rights; 8]);

impl PoolRights {
    /// Nobody.
    pub const NONE: Self = Self([Rights::NONE; 8]);

    /// The union over `roles`.
    pub fn of(use_case: UseCase, roles: &[Role]) -> Self {
        let union = |ip| {
            let each = roles.iter().map(|&role| rights(use_case, role, ip));
            each.fold(Rights::NONE, |all, one| all | one)
        };
        Self(IPS.map(union))
    }

    /// What `ip` may do.
    pub const fn of_ip(&self, ip: Ip) -> Rights {
        self.0[ip as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_of_both_roles_grants_the_union() {
        let union = PoolRights::of(UseCase::SecureVideo, &ROLES);
        let frames = PoolRights::of(UseCase::SecureVideo, &[Role::Frame]);
        for ip in IPS {
            let both = ROLES.map(|role| rights(UseCase::SecureVideo, role, ip));
            assert_eq!(union.of_ip(ip), both[0] | both[1], "{ip:?}");
            assert_eq!(frames.of_ip(ip), both[1], "{ip:?}");
        }
        assert_eq!(union.of_ip(Ip::Crypto), Rights::READ_WRITE);
        assert_eq!(frames.of_ip(Ip::Crypto), Rights::NONE, "split by role, crypto sees no frame");
    }

    #[test]
    fn secure_video_names_four_rights_and_denies_the_rest() {
        let named = [
            (Role::Bitstream, Ip::Crypto, Rights::READ_WRITE),
            (Role::Bitstream, Ip::Decoder, Rights::READ),
            (Role::Frame, Ip::Decoder, Rights::READ_WRITE),
            (Role::Frame, Ip::Display, Rights::READ),
        ];
        for role in [Role::Bitstream, Role::Frame] {
            for ip in IPS {
                let want = named
                    .iter()
                    .find(|(r, i, _)| (*r, *i) == (role, ip))
                    .map_or(Rights::NONE, |(_, _, rights)| *rights);
                assert_eq!(rights(UseCase::SecureVideo, role, ip), want, "{role:?} {ip:?}");
                for other in [UseCase::TrustedUi, UseCase::SecureVideoRecord] {
                    assert!(rights(other, role, ip).is_none(), "{other:?} {role:?} {ip:?}");
                }
            }
        }
    }

    #[test]
    fn rights_combine_by_direction() {
        assert_eq!(Rights::READ | Rights::WRITE, Rights::READ_WRITE);
        assert_eq!(Rights::READ & Rights::WRITE, Rights::NONE);
        assert_eq!(Rights::READ_WRITE & Rights::READ, Rights::READ);
    }
}

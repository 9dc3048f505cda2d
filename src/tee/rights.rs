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

/// Roles that a pool serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Roles(u8);

impl Roles {
    /// Every role.
    pub const ALL: Self = Self((1 << ROLES.len()) - 1);

    /// These roles.
    pub fn of(roles: &[Role]) -> Self {
        Self(roles.iter().fold(0, |bits, &role| bits | 1 << role as u8))
    }

    /// As a lend carries them beside the use case: 0 for all, which is what Linux sends. A bit a
    /// role is an extension, for firmware that knows a region a role.
    pub const fn code(self) -> u64 {
        if self.0 == Self::ALL.0 { 0 } else { self.0 as u64 }
    }

    /// From what a lend carries; `None` for a role that there is not.
    pub fn from_code(code: u64) -> Option<Self> {
        match u8::try_from(code).ok()? {
            0 => Some(Self::ALL),
            bits => (bits & !Self::ALL.0 == 0).then_some(Self(bits)),
        }
    }

    /// Whether `role` is one of them.
    pub const fn contains(self, role: Role) -> bool {
        self.0 & 1 << role as u8 != 0
    }

    /// What every kind of master may do with such a pool.
    pub fn rights(self, use_case: UseCase) -> PoolRights {
        let roles: Vec<Role> = ROLES.into_iter().filter(|&role| self.contains(role)).collect();
        PoolRights::of(use_case, &roles)
    }
}

/// What every kind of master may do with a pool: the firewall knows one region a pool, so that a
/// pool of several roles grants the union of their rights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolRights([Rights; 8]);

impl PoolRights {
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
    fn roles_are_carried_as_a_code() {
        assert_eq!(Roles::of(&ROLES), Roles::ALL);
        for roles in [Roles::ALL, Roles::of(&[Role::Frame]), Roles::of(&[Role::Bitstream])] {
            assert_eq!(Roles::from_code(roles.code()), Some(roles));
        }
        assert_eq!(
            (Roles::ALL.code(), Roles::from_code(4), Roles::from_code(256)),
            (0, None, None)
        );
        let frames = Roles::of(&[Role::Frame]);
        assert!(frames.contains(Role::Frame) && !frames.contains(Role::Bitstream));
    }

    #[test]
    fn rights_combine_by_direction() {
        assert_eq!(Rights::READ | Rights::WRITE, Rights::READ_WRITE);
        assert_eq!(Rights::READ & Rights::WRITE, Rights::NONE);
        assert_eq!(Rights::READ_WRITE & Rights::READ, Rights::READ);
    }
}

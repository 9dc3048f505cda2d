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
/// Secure video: the TEE's secure master writes the clear stream and may read it back, as a
/// trusted application that dumps its buffer does; the decoder reads it. The decoder writes frames
/// and reads them as references, the display reads them. Working memory is the decoder's, into
/// which the TEE loads firmware.
///
/// Trusted UI: the TEE draws, the display reads.
///
/// Secure recording: the camera writes raw pictures and develops them, which its control loop in
/// the TEE may read; it writes frames, which encoder and display (preview) read. Working memory is
/// the encoder's; it writes the stream, which the TEE reads to encrypt it.
pub const fn rights(use_case: UseCase, role: Role, ip: Ip) -> Rights {
    match use_case {
        UseCase::SecureVideo => match (role, ip) {
            (Role::Bitstream, Ip::Crypto) | (Role::Frame | Role::Private, Ip::Decoder) => {
                Rights::READ_WRITE
            }
            (Role::Bitstream, Ip::Decoder) | (Role::Frame, Ip::Display) => Rights::READ,
            (Role::Private, Ip::Crypto) => Rights::WRITE,
            _ => Rights::NONE,
        },
        UseCase::TrustedUi => match (role, ip) {
            (Role::Ui, Ip::Crypto) => Rights::WRITE,
            (Role::Ui, Ip::Display) => Rights::READ,
            _ => Rights::NONE,
        },
        UseCase::SecureVideoRecord => match (role, ip) {
            (Role::Raw, Ip::Camera) | (Role::Private, Ip::Encoder) => Rights::READ_WRITE,
            (Role::Raw | Role::Output, Ip::Crypto) | (Role::Frame, Ip::Encoder | Ip::Display) => {
                Rights::READ
            }
            (Role::Frame, Ip::Camera) | (Role::Output, Ip::Encoder) => Rights::WRITE,
            _ => Rights::NONE,
        },
    }
}

/// All roles: what a pool serves that is alone in its use case.
pub const ROLES: [Role; 6] =
    [Role::Bitstream, Role::Frame, Role::Private, Role::Ui, Role::Raw, Role::Output];

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

    const USE_CASES: [UseCase; 3] =
        [UseCase::SecureVideo, UseCase::TrustedUi, UseCase::SecureVideoRecord];

    /// Who may read and write what, cell by cell as published: writers and readers of each buffer
    /// of the three pipelines. What is not listed is denied.
    const TABLE: [(UseCase, Role, Ip, &str); 18] = [
        (UseCase::SecureVideo, Role::Bitstream, Ip::Crypto, "rw"),
        (UseCase::SecureVideo, Role::Bitstream, Ip::Decoder, "r"),
        (UseCase::SecureVideo, Role::Frame, Ip::Decoder, "rw"),
        (UseCase::SecureVideo, Role::Frame, Ip::Display, "r"),
        (UseCase::SecureVideo, Role::Private, Ip::Decoder, "rw"),
        (UseCase::SecureVideo, Role::Private, Ip::Crypto, "w"),
        (UseCase::TrustedUi, Role::Ui, Ip::Crypto, "w"),
        (UseCase::TrustedUi, Role::Ui, Ip::Display, "r"),
        (UseCase::SecureVideoRecord, Role::Raw, Ip::Camera, "rw"),
        (UseCase::SecureVideoRecord, Role::Raw, Ip::Crypto, "r"),
        (UseCase::SecureVideoRecord, Role::Frame, Ip::Camera, "w"),
        (UseCase::SecureVideoRecord, Role::Frame, Ip::Encoder, "r"),
        (UseCase::SecureVideoRecord, Role::Frame, Ip::Display, "r"),
        (UseCase::SecureVideoRecord, Role::Private, Ip::Encoder, "rw"),
        (UseCase::SecureVideoRecord, Role::Output, Ip::Encoder, "w"),
        (UseCase::SecureVideoRecord, Role::Output, Ip::Crypto, "r"),
        (UseCase::SecureVideoRecord, Role::Bitstream, Ip::Crypto, ""),
        (UseCase::TrustedUi, Role::Frame, Ip::Gpu, ""),
    ];

    fn published(use_case: UseCase, role: Role, ip: Ip) -> Rights {
        let named = TABLE.iter().find(|(u, r, i, _)| (*u, *r, *i) == (use_case, role, ip));
        let ways = named.map_or("", |(.., ways)| ways);
        Rights { read: ways.contains('r'), write: ways.contains('w') }
    }

    #[test]
    fn every_cell_is_as_published() {
        let mut cells = 0;
        for use_case in USE_CASES {
            for role in ROLES {
                for ip in IPS {
                    let (is, due) = (rights(use_case, role, ip), published(use_case, role, ip));
                    assert_eq!(is, due, "{use_case:?} {role:?} {ip:?}");
                    cells += 1;
                }
            }
        }
        assert_eq!(cells, 3 * 6 * 8);
    }

    #[test]
    fn nobody_outside_the_pipelines_has_any_right() {
        for use_case in USE_CASES {
            for ip in [Ip::Cpu, Ip::Gpu, Ip::Dma] {
                assert!(
                    PoolRights::of(use_case, &ROLES).of_ip(ip).is_none(),
                    "{use_case:?} {ip:?}"
                );
            }
        }
    }

    #[test]
    fn a_pool_of_all_roles_grants_the_union() {
        let union = PoolRights::of(UseCase::SecureVideo, &ROLES);
        let frames = PoolRights::of(UseCase::SecureVideo, &[Role::Frame]);
        for ip in IPS {
            let each = ROLES.map(|role| rights(UseCase::SecureVideo, role, ip));
            let all = each.into_iter().fold(Rights::NONE, |all, one| all | one);
            assert_eq!(union.of_ip(ip), all, "{ip:?}");
            assert_eq!(frames.of_ip(ip), rights(UseCase::SecureVideo, Role::Frame, ip), "{ip:?}");
        }
        assert_eq!(union.of_ip(Ip::Crypto), Rights::READ_WRITE);
        assert_eq!(frames.of_ip(Ip::Crypto), Rights::NONE, "split by role, crypto sees no frame");
        let record = PoolRights::of(UseCase::SecureVideoRecord, &ROLES);
        assert_eq!(record.of_ip(Ip::Camera), Rights::READ_WRITE, "one pool: it may read frames");
        assert_eq!(record.of_ip(Ip::Crypto), Rights::READ);
    }

    #[test]
    fn roles_are_carried_as_a_code() {
        assert_eq!(Roles::of(&ROLES), Roles::ALL);
        for roles in [Roles::ALL, Roles::of(&[Role::Frame]), Roles::of(&[Role::Output])] {
            assert_eq!(Roles::from_code(roles.code()), Some(roles));
        }
        assert_eq!(
            (Roles::ALL.code(), Roles::from_code(64), Roles::from_code(256)),
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

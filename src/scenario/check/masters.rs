// SPDX-License-Identifier: Apache-2.0
//! `[[master]]`: the eight ports of the board, those that the file declares and the idle rest.
use super::context::{Check, Site, duplicates};
use super::pools::Pools;
use crate::scenario::file;
use crate::scenario::model::{Ip, Master, Pool, Role, UseCase};
use crate::scenario::problem::{Problem, Span, suggest};
use crate::units::{MasterId, Nsaid};
use toml::Spanned;

/// Ports of the board.
const PORTS: u8 = 8;

/// What an IP is called in a file.
pub(super) const IPS: [(&str, Ip); 8] = [
    ("cpu", Ip::Cpu),
    ("crypto", Ip::Crypto),
    ("decoder", Ip::Decoder),
    ("display", Ip::Display),
    ("gpu", Ip::Gpu),
    ("camera", Ip::Camera),
    ("encoder", Ip::Encoder),
    ("dma", Ip::Dma),
];

/// Ports that a file leaves out: name, what it is, NSAID, secure. Identities follow the published
/// map of Arm's Juno with protected media (TF-A, plat/arm/board/juno); camera and encoder, which
/// Juno has not, take numbers that it leaves free.
const DEFAULTS: [(&str, Ip, u8, bool); 8] = [
    ("cpu", Ip::Cpu, 9, false),
    ("crypto", Ip::Crypto, 0, true),
    ("vdec", Ip::Decoder, 7, false),
    ("display", Ip::Display, 8, false),
    ("gpu", Ip::Gpu, 10, false),
    ("camera", Ip::Camera, 13, false),
    ("encoder", Ip::Encoder, 14, false),
    ("dma", Ip::Dma, 5, false),
];

/// Bits of an address on the board.
const ADDRESS_BITS: u32 = 40;

/// All eight ports, and what the file calls its own.
pub(super) struct Masters {
    /// By port number; complete unless a problem was reported.
    pub(super) all: Vec<Master>,
    declared: Vec<Entry>,
}

struct Entry {
    name: Option<String>,
    miswired: bool,
    nsaid_span: Span,
    master: Option<Master>,
}

impl Masters {
    /// Reads the declared ports and fills the others.
    pub(super) fn read(file: &file::File, pools: &Pools, check: &mut Check<'_>) -> Self {
        let tables: Vec<_> = file.master.iter().flatten().collect();
        let entry = |(i, table): (usize, &&Spanned<file::Master>)| {
            let site = check.site(&["master", &i.to_string()], table.span());
            entry(table.get_ref(), &site, check)
        };
        let declared: Vec<Entry> = tables.iter().enumerate().map(entry).collect();
        let names: Vec<_> =
            tables.iter().filter_map(|t| spanned(t.get_ref().name.as_ref())).collect();
        duplicates(check, "[[master]]", "name", &names);
        let ports: Vec<_> =
            tables.iter().filter_map(|t| spanned(t.get_ref().port.as_ref())).collect();
        duplicates(check, "[[master]]", "port", &ports);
        shared_nsaids(&declared, pools, check);
        let all = all_ports(declared.iter().filter_map(|entry| entry.master.clone()).collect());
        Self { all, declared }
    }
    /// The master that a key names; reports one that does not exist.
    pub(super) fn resolve(
        &self,
        check: &mut Check<'_>,
        key: &str,
        name: &Spanned<String>,
    ) -> Option<&Master> {
        let wanted = name.get_ref().as_str();
        let named = |entry: &&Entry| entry.name.as_deref() == Some(wanted);
        if let Some(entry) = self.declared.iter().find(named) {
            return entry.master.as_ref();
        }
        let found = self.all.iter().find(|master| master.name == wanted);
        if found.is_none() {
            let declared = self.declared.iter().filter_map(|entry| entry.name.as_deref());
            let idle = self.all.iter().map(|master| master.name.as_str());
            let mut names: Vec<&str> = declared.collect();
            names.extend(idle.filter(|name| !names.contains(name)).collect::<Vec<_>>());
            let message = format!("`{key}` names unknown master `{wanted}`");
            check.report(
                Problem::new("scenario::unknown-master", message)
                    .at(name.span(), "no [[master]] has this name")
                    .help(suggest(wanted, "masters", names)),
            );
        }
        found
    }
    /// Name of a port.
    pub(super) fn name(&self, id: MasterId) -> &str {
        self.all.iter().find(|master| master.id == id).map_or("?", |master| &master.name)
    }
    /// Whether any port has this name.
    pub(super) fn knows(&self, name: &str) -> bool {
        let declared = self.declared.iter().filter_map(|entry| entry.name.as_deref());
        let all = self.all.iter().map(|master| master.name.as_str());
        declared.chain(all).any(|known| known == name)
    }
    /// The only master of a kind, if there is exactly one.
    pub(super) fn only(&self, ip: Ip) -> Option<&Master> {
        let mut found = self.all.iter().filter(|master| master.ip == ip);
        found.next().filter(|_| found.next().is_none())
    }
}

fn spanned<T: Clone>(field: Option<&Spanned<T>>) -> Option<(T, Span)> {
    field.map(|value| (value.get_ref().clone(), value.span()))
}

fn entry(raw: &file::Master, site: &Site, check: &mut Check<'_>) -> Entry {
    let name = check.need(site, "name", raw.name.as_ref());
    let text = name.as_ref().map(|name| name.get_ref().clone());
    let name = name.and_then(|name| check.name(&name));
    let port = check.need(site, "port", raw.port.as_ref()).and_then(|port| {
        check.number("port", &port, 0..=u64::from(PORTS) - 1, "the board has eight master ports")
    });
    let ip = check.need(site, "ip", raw.ip.as_ref()).and_then(|ip| check.word("ip", &ip, &IPS));
    let secure = raw.world.as_ref().map_or(Some(false), |world| {
        check.word("world", world, &[("non-secure", false), ("secure", true)])
    });
    // Secure accesses carry no identity that the firewall looks at (TZC-400, region permissions).
    let nsaid = match (raw.nsaid.as_ref(), secure) {
        (None, Some(true)) => Some(0),
        (field, _) => check.need(site, "nsaid", field).and_then(|nsaid| {
            check.number("nsaid", &nsaid, 0..=15, "an NSAID has four bits (TZC-400)")
        }),
    };
    let line = check.line(&site.span);
    let bits = raw.dma_bits.as_ref().map_or(Some(u64::from(ADDRESS_BITS)), |bits| {
        check.number(
            "dma-bits",
            bits,
            20..=u64::from(ADDRESS_BITS),
            "the board has 40 address bits",
        )
    });
    let flag = |field: &file::Field<bool>| field.as_ref().is_some_and(|value| *value.get_ref());
    let master = (|| {
        Some(Master {
            name: name?,
            id: MasterId(port? as u8),
            ip: ip?,
            nsaid: Nsaid(nsaid? as u8),
            secure: secure?,
            dma_bits: bits? as u32,
            force_bounce: flag(&raw.force_bounce),
            coherent: flag(&raw.coherent),
            line,
        })
    })();
    let miswired = raw.miswired.as_ref().is_some_and(|value| *value.get_ref());
    let nsaid_span = raw.nsaid.as_ref().map_or(site.span.clone(), Spanned::span);
    Entry { name: text, miswired, nsaid_span, master }
}

/// The idle rest of the board.
fn all_ports(mut masters: Vec<Master>) -> Vec<Master> {
    let mut unused: Vec<_> = DEFAULTS
        .into_iter()
        .filter(|(_, ip, ..)| !masters.iter().any(|master| master.ip == *ip))
        .collect();
    for port in 0..PORTS {
        if masters.iter().any(|master| master.id.0 == port) {
            continue;
        }
        let own = DEFAULTS[usize::from(port)].1;
        let at = unused.iter().position(|(_, ip, ..)| *ip == own).unwrap_or(0);
        // Two declared masters of one kind leave more defaults than ports, never fewer.
        if at >= unused.len() {
            break;
        }
        let (name, ip, nsaid, secure) = unused.remove(at);
        let taken = |nsaid: u8| masters.iter().any(|m| !m.secure && m.nsaid.0 == nsaid);
        let nsaid = if secure || !taken(nsaid) {
            nsaid
        } else {
            (0..16).find(|nsaid| !taken(*nsaid)).unwrap_or(nsaid)
        };
        let named = |name: &str| masters.iter().any(|master| master.name == name);
        let name = if named(name) { format!("idle-port-{port}") } else { name.to_owned() };
        let id = MasterId(port);
        masters.push(Master {
            name,
            id,
            ip,
            nsaid: Nsaid(nsaid),
            secure,
            dma_bits: ADDRESS_BITS,
            force_bounce: false,
            coherent: false,
            line: 0,
        });
    }
    masters.sort_by_key(|master| master.id);
    masters
}

/// What an IP may do in a pool, `(read, write)`: the use case's rights table.
pub(super) const fn rights(use_case: UseCase, role: Role, ip: Ip) -> (bool, bool) {
    match (use_case, role, ip) {
        (UseCase::SecureVideo, Role::Bitstream, Ip::Crypto)
        | (UseCase::SecureVideo, Role::Frame, Ip::Decoder)
        | (UseCase::TrustedUi, _, Ip::Crypto)
        | (UseCase::SecureVideoRecord, Role::Frame, Ip::Encoder) => (true, true),
        (UseCase::SecureVideo, Role::Bitstream, Ip::Decoder)
        | (UseCase::SecureVideo, Role::Frame, Ip::Display)
        | (UseCase::TrustedUi, _, Ip::Display)
        | (UseCase::SecureVideoRecord, Role::Bitstream, Ip::Crypto) => (true, false),
        (UseCase::SecureVideoRecord, Role::Frame, Ip::Camera)
        | (UseCase::SecureVideoRecord, Role::Bitstream, Ip::Encoder) => (false, true),
        _ => (false, false),
    }
}

/// Two masters behind one identity are one to the firewall: fine only if their rights are equal.
fn shared_nsaids(declared: &[Entry], pools: &Pools, check: &mut Check<'_>) {
    let differ = |a: &Master, b: &Master| {
        let of = |pool: &Pool, ip: Ip| {
            let each = pool.roles.iter().map(|role| rights(pool.use_case, *role, ip));
            each.fold((false, false), |all, one| (all.0 | one.0, all.1 | one.1))
        };
        pools.iter().find(|pool| of(pool, a.ip) != of(pool, b.ip))
    };
    for (i, later) in declared.iter().enumerate() {
        for earlier in &declared[..i] {
            let (Some(a), Some(b)) = (&earlier.master, &later.master) else {
                continue;
            };
            let meant = earlier.miswired || later.miswired;
            if a.secure || b.secure || a.nsaid != b.nsaid || meant {
                continue;
            }
            let Some(pool) = differ(a, b) else { continue };
            let (nsaid, pool) = (a.nsaid.0, &pool.name);
            check.report(
                Problem::new(
                    "scenario::shared-nsaid",
                    format!(
                        "`{}` and `{}` share NSAID {nsaid}, but not their rights",
                        a.name, b.name
                    ),
                )
                .at(later.nsaid_span.clone(), format!("`{}`", b.name))
                .at(earlier.nsaid_span.clone(), format!("`{}`", a.name))
                .help(format!(
                    "the firewall cannot tell them apart in pool `{pool}`; give one another NSAID, \
                     or, if the wrong wiring is what is to be shown, set `miswired = true` in one"
                )),
            );
        }
    }
}

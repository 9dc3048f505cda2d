// SPDX-License-Identifier: Apache-2.0
//! What the judge knows of the scenario: the wiring, who is a declared intruder, names to print.
use crate::scenario::{PlantKind, Scenario};
use crate::units::{AddrRange, Hertz};
use ringfence_sim::{FILTER_SIDE, MASTERS, MEMORY_SIDE};

/// Wiring and labels of one master port.
#[derive(Clone, Debug, Default)]
struct Port {
    name: String,
    nsaid: u8,
    secure: bool,
    line: u32,
    intruder: Option<u32>,
}

/// Wiring, declarations and labels.
pub(super) struct Names {
    ports: [Port; MASTERS],
    pools: Vec<(String, u32)>,
    pub(super) clock: Hertz,
    pub(super) dram: AddrRange,
    /// Bits of an address that name a cell of memory.
    pub(super) cells: u64,
    /// Masters that declare attempts, a bit each.
    declaring: u8,
    /// Masters whose port is not looked at, a bit each.
    pub(super) unwatched: u16,
    /// Who has to move bytes at all: `(master, writes)`.
    pub(super) busy: Vec<(u8, bool)>,
}

impl Names {
    pub(super) fn new(scenario: &Scenario) -> Self {
        let mut ports: [Port; MASTERS] = Default::default();
        for master in &scenario.masters {
            if let Some(port) = ports.get_mut(usize::from(master.id.0)) {
                let intruder = scenario.intruders.iter().find(|i| i.master == master.id);
                *port = Port {
                    name: master.name.clone(),
                    nsaid: master.nsaid.0,
                    secure: master.secure,
                    line: master.line,
                    intruder: intruder.map(|intruder| intruder.line),
                };
            }
        }
        for (number, port) in ports.iter_mut().enumerate().filter(|(_, port)| port.name.is_empty())
        {
            port.name = format!("master{number}");
        }
        let removed = scenario.plants.iter().filter_map(|plant| match plant.what {
            PlantKind::RemoveMonitor { master } => Some(1u16 << (master.0 & 7)),
            _ => None,
        });
        let mut busy = Vec::new();
        if let Some(playback) = &scenario.playback {
            busy.push((playback.crypto.0, true));
            busy.extend([(playback.decoder.0, false), (playback.decoder.0, true)]);
            busy.push((playback.display.0, false));
        }
        for traffic in scenario.traffic.iter().filter(|traffic| traffic.rate.0 > 0) {
            busy.push((traffic.master.0, traffic.write_percent == 100));
        }
        let declares = |master: &&crate::scenario::Master| {
            let intruder = scenario.intruders.iter().any(|i| i.master == master.id);
            intruder || scenario.clients.list.iter().any(|c| c.attacks_with(master.id))
        };
        let declaring = scenario.masters.iter().filter(declares);
        let declaring = declaring.fold(0, |mask, master| mask | 1u8 << (master.id.0 & 7));
        Self {
            declaring,
            ports,
            pools: scenario.pools.iter().map(|pool| (pool.name.clone(), pool.line)).collect(),
            clock: scenario.sim.clock,
            dram: scenario.memory.dram,
            cells: scenario.memory.cells(),
            unwatched: removed.fold(0, |mask, bit| mask | bit),
            busy,
        }
    }

    /// Name of a master.
    pub(super) fn master(&self, master: u8) -> &str {
        &self.ports[usize::from(master) % MASTERS].name
    }

    /// NSAID wired to a master.
    pub(super) fn nsaid(&self, master: u8) -> u8 {
        self.ports[usize::from(master) % MASTERS].nsaid
    }

    /// Whether a master is wired to issue secure accesses.
    pub(super) fn secure(&self, master: u8) -> bool {
        self.ports[usize::from(master) % MASTERS].secure
    }

    /// Line of a declared intruder; `None` for every other master.
    pub(super) fn intruder_line(&self, master: u8) -> Option<u32> {
        self.ports[usize::from(master) % MASTERS].intruder
    }

    /// Whether a master declares attempts before it makes them.
    pub(super) fn declares(&self, master: u8) -> bool {
        self.declaring >> (master & 7) & 1 == 1
    }

    /// Masters that are declared intruders.
    pub(super) fn intruders(&self) -> impl Iterator<Item = u8> {
        (0u8..)
            .zip(&self.ports)
            .filter(|(_, port)| port.intruder.is_some())
            .map(|(number, _)| number)
    }

    /// Line of a master's declaration.
    pub(super) fn master_line(&self, master: u8) -> u32 {
        self.ports[usize::from(master) % MASTERS].line
    }

    /// Whether the scenario has a master at a port.
    pub(super) fn declared(&self, master: u8) -> bool {
        self.ports[usize::from(master) % MASTERS].line > 0
    }

    /// Name of a pool.
    pub(super) fn pool(&self, pool: u8) -> &str {
        self.pools.get(usize::from(pool)).map_or("pool", |(name, _)| name)
    }

    /// Line of a pool's declaration.
    pub(super) fn pool_line(&self, pool: u8) -> u32 {
        self.pools.get(usize::from(pool)).map_or(0, |(_, line)| *line)
    }

    /// Name of an observed port.
    pub(super) fn port(&self, port: usize) -> String {
        match port {
            0..MASTERS => self.ports[port].name.clone(),
            FILTER_SIDE..MEMORY_SIDE => format!("filter{}.s", port - FILTER_SIDE),
            _ => format!("filter{}.m", port - MEMORY_SIDE),
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
//! Before the first access: the header of the log, and firmware programs the firewall.
use super::RunError;
use super::event::{Event, MasterInfo, PoolInfo, RunHeader, SCHEMA};
use super::session::{Ending, Session};
use crate::firmware::{self, Hardware};
use crate::scenario::{Ip, Role, Scenario, UseCase};
use crate::units::Cycle;
use ringfence_sim::BEAT_BYTES;

/// Cycles after the firewall is up until the first access.
const SETTLE: u64 = 16;

impl Session<'_> {
    /// Writes the header and brings the firewall up; `Some` when that ended the run.
    pub(super) fn boot(&mut self) -> Result<Option<Ending>, RunError> {
        self.log.push(Event::Run(header(self.scenario)));
        self.log.extend(super::clients::header(self.scenario));
        let regions = firmware::plan(self.scenario).map_err(|e| RunError::Setup(e.to_string()))?;
        let hardware = Hardware::board(self.board.filters() as u8);
        let budget = self.scenario.sim.wait_budget;
        let ops = firmware::boot(hardware, self.scenario.firewall, &regions, budget)
            .map_err(|e| RunError::Setup(e.to_string()))?;
        let refused = || RunError::Setup("the register bus is not free at boot".into());
        let ticket = self.apb.start(&ops).ok_or_else(refused)?;
        // Every operation has its own bound in the driver.
        let result = loop {
            self.cycle(false);
            if let Some(end) = self.apb.take_end(ticket) {
                break end.result;
            }
        };
        if let Err(error) = result {
            let cycle = Cycle(self.board.cycle());
            self.oracle.hang(cycle, "firmware", &format!("bringing the firewall up: {error}"));
            self.oracle.drain_events(&mut self.log);
            return Ok(Some(Ending::Hung));
        }
        let now = Cycle(self.board.cycle());
        let what = format!("firewall up: {} regions", regions.len());
        self.log.push(Event::Step { cycle: now, master: None, what });
        for event in self.driver.take_events() {
            self.oracle.intent(&event);
            self.log.push(event);
        }
        let start = Cycle(now.0 + SETTLE);
        self.start(start);
        self.clients.begin(self.playback.start);
        Ok(None)
    }
}

fn header(scenario: &Scenario) -> RunHeader {
    let intruder = |id| scenario.intruders.iter().any(|i| i.master == id);
    let master = |m: &crate::scenario::Master| MasterInfo {
        name: m.name.clone(),
        ip: ip_name(m.ip).into(),
        nsaid: m.nsaid,
        intruder: intruder(m.id),
    };
    let pool = |p: &crate::scenario::Pool| PoolInfo {
        name: p.name.clone(),
        heap: match p.use_case {
            UseCase::SecureVideo => "protected,secure-video",
            UseCase::TrustedUi => "protected,trusted-ui",
            UseCase::SecureVideoRecord => "protected,secure-video-record",
        }
        .into(),
        base: p.range.base,
        len: p.range.len,
        role: match p.roles[..] {
            [Role::Bitstream] => "bitstream",
            [Role::Frame] => "frame",
            [Role::Private] => "private",
            [Role::Ui] => "ui",
            [Role::Raw] => "raw",
            [Role::Output] => "output",
            _ => "any",
        }
        .into(),
    };
    RunHeader {
        schema: SCHEMA,
        scenario: scenario.name.clone(),
        summary: scenario.summary.clone(),
        seed: scenario.seed,
        overrides: scenario.overrides.clone(),
        clock_hz: scenario.sim.clock.0,
        shape: scenario.sim.shape.clone(),
        port_ceiling: scenario.sim.clock.0 * BEAT_BYTES as u64,
        bin_cycles: scenario.sim.bin.0,
        masters: scenario.masters.iter().map(master).collect(),
        pools: scenario.pools.iter().map(pool).collect(),
    }
}

fn ip_name(ip: Ip) -> &'static str {
    match ip {
        Ip::Cpu => "cpu",
        Ip::Crypto => "crypto",
        Ip::Decoder => "decoder",
        Ip::Display => "display",
        Ip::Gpu => "gpu",
        Ip::Camera => "camera",
        Ip::Encoder => "encoder",
        Ip::Dma => "dma",
    }
}

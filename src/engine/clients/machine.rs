// SPDX-License-Identifier: Apache-2.0
//! The machine under the allocator, as a scenario has it.
use crate::firmware::PROGRAMMABLE;
use crate::scenario::{Background, PlantKind, PoolKind, Scenario};
use crate::tee::optee::{Budget, Optee, Platform, ProtmemConfig};
use crate::tee::{Backing, Config, Placement, SetupError, Tee, heap_id};
use crate::units::PAGE;

/// Pools, heaps, policy and secure world of a scenario, with its planted faults.
///
/// # Errors
/// When the kernel would refuse a pool or its heap. Where the secure world says something else
/// than what it protects, that is no error but told.
pub(in crate::engine) fn machine(
    scenario: &Scenario,
) -> Result<(Tee, Vec<SetupError>), SetupError> {
    let setup = &scenario.tee;
    let mut config = Config::of(scenario);
    config.policy = setup.policy;
    let mut platform = Platform::new(setup.granule, setup.rounding, None);
    let dram = [scenario.memory.dram];
    // A firewall that is left open programs no region at all.
    if scenario.firewall.background == Background::Deny {
        let fixed = scenario.pools.iter().filter(|pool| pool.is_static());
        let shut = fixed.map(|pool| pool.range).collect();
        platform = platform.with_budget(Budget { most: PROGRAMMABLE, dram: dram[0], shut });
    }
    config.optee = Optee::new(setup.abi, &dram, platform);
    let dynamic = scenario.pools.iter().filter_map(|pool| match pool.kind {
        PoolKind::Static => None,
        PoolKind::Dynamic { min_size } => Some((pool, min_size)),
    });
    for (pool, min_size) in dynamic {
        let alignment = crate::units::ByteLen(setup.granule.bytes().max(PAGE));
        let asked = ProtmemConfig { min_size, alignment, ..ProtmemConfig::default() };
        config.optee = config.optee.with_config(heap_id(pool.use_case), asked);
        let node = scenario.reserved.iter().find(|node| node.range == pool.range);
        let lend_pool = node.is_none_or(|node| node.lend_pool);
        // The area is part of ordinary DRAM, or check would have said so.
        if let Ok(memory) = config.memory.clone().with_cma(pool.range, lend_pool) {
            config.memory = memory;
        }
    }
    for pool in &scenario.bounce {
        // Inside DRAM and outside the carve-outs, as check says.
        if let Ok(memory) = config.memory.clone().with_swiotlb(pool.range, pool.master) {
            config.memory = memory;
        }
    }
    for plan in &mut config.pools {
        plan.placement = Placement {
            strategy: setup.strategy,
            region_per_buffer: setup.region_per_buffer,
            ..Placement::default()
        };
    }
    for &(pool, base, len) in &setup.claims {
        config.pools[pool].backing = Backing::Static { base, len };
    }
    let (mut tee, refused) = Tee::probe(config);
    if let Some(error) = refused.first().filter(|_| setup.claims.is_empty()) {
        return Err(error.clone());
    }
    for plant in &scenario.plants {
        if let PlantKind::Tee { point, times } = plant.what {
            tee.plant(point, times);
        }
    }
    Ok((tee, refused))
}

// SPDX-License-Identifier: Apache-2.0
//! What the allocator checks and does beyond the bare minimum: switches with named presets.
use serde::{Deserialize, Serialize};

/// How a pool's address is checked when the pool is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Provenance {
    /// Not at all (patch series up to v8).
    None,
    /// The first page has a page structure and the range is no System RAM (v10 on).
    FirstPage,
    /// Every page is a reserved carve-out of real memory, below the address map's end.
    WholeRange,
}

/// What becomes of the kernel's own mapping of pages before they are lent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DirectMap {
    /// It stays: processors may read ahead through it (6.18, where a comment in `init_dyn_protmem`
    /// names the gap).
    Kept,
    /// Removed for pages of a lend pool only, TLBs not flushed (`ffa_prepare_lend`, 2026).
    RemovedInLendPool,
    /// Removed, TLBs not flushed (the `*_noflush` helpers).
    Removed,
    /// Removed, and every TLB flushed, before the lend.
    RemovedAndFlushed,
}

/// What a device's driver gets when it maps a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mapping {
    /// The pages' address, no cache maintenance (`DMA_ATTR_SKIP_CPU_SYNC`, v8 to 6.18).
    Page,
    /// The pages' address, with the DMA API's cache maintenance at map and unmap.
    PageSynced,
    /// The address of a resource without page structures (`dma_map_resource`): no maintenance, and
    /// never bounced.
    Resource,
    /// No address: the TEE resolves handle and offset for every job and programs the device (the
    /// review of v8: "then it is not DMA, it is a token").
    Token,
}

/// The policy in force. Every mix is allowed; the presets are what was published, and one that
/// closes all that is known. A switch that a file leaves out is as merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct Policy {
    /// Check of a pool's address (Robin Murphy on v8, 2 May 2025; v10 change log).
    pub provenance: Provenance,
    /// Buffers count their heap, which then outlives its driver (v11 change log: kref).
    pub counted_heap: bool,
    /// A freed buffer is overwritten before its pages can be handed out again (not in Linux;
    /// as the secure heap of NXP does for mapped regions).
    pub scrub_on_free: bool,
    /// Lent memory is overwritten before it is reclaimed (not in Linux or OP-TEE).
    pub scrub_before_reclaim: bool,
    /// The kernel's mapping before a lend (`tee_shm_alloc_dma_mem`, 6.18 and 2026).
    pub direct_map: DirectMap,
    /// What `map_dma_buf` gives (`tee_heap.c`).
    pub mapping: Mapping,
    /// Caches are cleaned before a lend (not in Linux: `dma_direct_alloc_pages` leaves dirty lines).
    pub cache_before_lend: bool,
    /// Lines are dropped before a lend, dirty or not (not in Linux).
    pub invalidate_before_lend: bool,
    /// Caches are invalidated after a reclaim (not in Linux).
    pub cache_after_reclaim: bool,
    /// Writes in flight are waited for before a reclaim (not in Linux or OP-TEE, which waits for
    /// trusted applications only).
    pub drain_before_reclaim: bool,
    /// A device without a right to the buffer cannot attach: EACCES (not in Linux; `tee_heap.c`
    /// lets any device attach).
    pub attach_by_use_case: bool,
    /// A mapping that would need a bounce buffer fails: EIO (not in Linux; swiotlb copies at map
    /// whatever `DMA_ATTR_SKIP_CPU_SYNC` says).
    pub bounce_refused: bool,
    /// `GET_PROTMEM_CONFIG` value.b and the firewall's granule count (Linux never reads value.b).
    pub alignment_honoured: bool,
    /// Pools and lends over pools, lends or registered memory are refused (OP-TEE's SMC path
    /// takes overlapping lends and a cookie twice; its FF-A path refuses).
    pub overlap_refused: bool,
    /// A failed reclaim is told, and its pages are kept from the kernel (OP-TEE drops the result
    /// of `restore_mem`, Linux that of `reclaim_protmem`).
    pub reclaim_checked: bool,
    /// A call into the TEE holds the buffer and not only its pool (`params_from_user` drops the
    /// buffer's reference).
    pub call_holds_buffer: bool,
    /// A device that reads protected memory may not write ordinary memory: EACCES (not in Linux;
    /// vendors switch the hardware job by job).
    pub destination_rule: bool,
    /// The last put of a dynamic pool looks again under the mutex (`put_dyn_protmem` does not).
    pub get_put_closed: bool,
}

impl Policy {
    /// Version 8 of the patch series (2025): no check of the address, no counted heap.
    pub const fn v8() -> Self {
        Self { provenance: Provenance::None, counted_heap: false, ..Self::merged() }
    }

    /// As merged for Linux 6.18: what a kernel does today.
    pub const fn merged() -> Self {
        Self {
            provenance: Provenance::FirstPage,
            counted_heap: true,
            scrub_on_free: false,
            scrub_before_reclaim: false,
            direct_map: DirectMap::Kept,
            mapping: Mapping::Page,
            cache_before_lend: false,
            invalidate_before_lend: false,
            cache_after_reclaim: false,
            drain_before_reclaim: false,
            attach_by_use_case: false,
            bounce_refused: false,
            alignment_honoured: false,
            overlap_refused: false,
            reclaim_checked: false,
            call_holds_buffer: false,
            destination_rule: false,
            get_put_closed: false,
        }
    }

    /// As merged, with the direct map of a lend pool removed (2026).
    pub const fn prepare_lend() -> Self {
        Self { direct_map: DirectMap::RemovedInLendPool, ..Self::merged() }
    }

    /// Every switch on its safe side.
    pub const fn hardened() -> Self {
        Self {
            provenance: Provenance::WholeRange,
            counted_heap: true,
            scrub_on_free: true,
            scrub_before_reclaim: true,
            direct_map: DirectMap::RemovedAndFlushed,
            mapping: Mapping::Page,
            cache_before_lend: true,
            invalidate_before_lend: true,
            cache_after_reclaim: true,
            drain_before_reclaim: true,
            attach_by_use_case: true,
            bounce_refused: true,
            alignment_honoured: true,
            overlap_refused: true,
            reclaim_checked: true,
            call_holds_buffer: true,
            destination_rule: true,
            get_put_closed: true,
        }
    }

    /// The presets by name.
    pub const PRESETS: [(&'static str, Self); 4] = [
        ("v8", Self::v8()),
        ("merged", Self::merged()),
        ("prepare-lend", Self::prepare_lend()),
        ("hardened", Self::hardened()),
    ];

    /// A preset by its name; `kernel` is another name of `merged`.
    pub fn preset(name: &str) -> Option<Self> {
        let name = if name == "kernel" { "merged" } else { name };
        Self::PRESETS.iter().find(|(preset, _)| *preset == name).map(|(_, policy)| *policy)
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::merged()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_have_names_and_every_switch_a_word() {
        for (name, policy) in Policy::PRESETS {
            assert_eq!(Policy::preset(name), Some(policy));
            let text = toml::to_string(&policy).expect("writes");
            assert_eq!(toml::from_str::<Policy>(&text).expect("reads"), policy, "{text}");
        }
        assert_eq!(Policy::preset("kernel"), Some(Policy::default()));
        assert_eq!(Policy::preset("v9"), None);
        let text = toml::to_string(&Policy::hardened()).expect("writes");
        assert!(text.contains("direct-map = \"removed-and-flushed\""), "{text}");
        let mix: Policy = toml::from_str("scrub-on-free = true").expect("reads");
        assert_eq!(mix, Policy { scrub_on_free: true, ..Policy::merged() });
        let unknown = format!("{text}\nscrub = true\n");
        assert!(toml::from_str::<Policy>(&unknown).is_err());
    }
}

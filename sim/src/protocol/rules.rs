// SPDX-License-Identifier: Apache-2.0
//! Names of the rules and where IHI 0022 (issue H) states them.

/// A rule's name and its section.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    pub(super) id: &'static str,
    pub(super) section: &'static str,
}

const fn rule(id: &'static str, section: &'static str) -> Rule {
    Rule { id, section }
}

const HANDSHAKE: &str = "IHI 0022 A3.2.1";
const DEPENDENCIES: &str = "IHI 0022 A3.3.1";
const BURSTS: &str = "IHI 0022 A3.4.1";
const LANES: &str = "IHI 0022 A3.4.3";
const RESPONSES: &str = "IHI 0022 A3.4.4";
const IDS: &str = "IHI 0022 A5.3";
const EXCLUSIVE: &str = "IHI 0022 A7.2.4";

/// VALID stays until READY; a channel each, in the order AR, AW, W, R, B.
pub(super) const VALID_STABLE: [Rule; 5] = [
    rule("AXI4_ERRM_ARVALID_STABLE", HANDSHAKE),
    rule("AXI4_ERRM_AWVALID_STABLE", HANDSHAKE),
    rule("AXI4_ERRM_WVALID_STABLE", HANDSHAKE),
    rule("AXI4_ERRS_RVALID_STABLE", HANDSHAKE),
    rule("AXI4_ERRS_BVALID_STABLE", HANDSHAKE),
];

/// Rules of an address channel.
pub(super) struct AddressRules {
    /// Payload stays: address, ID, length, size, burst, lock, prot, nsaid.
    pub(super) stable: [Rule; 8],
    pub(super) boundary: Rule,
    pub(super) wrap_align: Rule,
    pub(super) burst: Rule,
    pub(super) len_fixed: Rule,
    pub(super) len_wrap: Rule,
    pub(super) size: Rule,
    pub(super) excl_len: Rule,
    pub(super) excl_max: Rule,
    pub(super) excl_align: Rule,
}

macro_rules! address_rules {
    ($prefix:literal) => {
        AddressRules {
            stable: [
                rule(concat!("AXI4_ERRM_", $prefix, "ADDR_STABLE"), HANDSHAKE),
                rule(concat!("AXI4_ERRM_", $prefix, "ID_STABLE"), HANDSHAKE),
                rule(concat!("AXI4_ERRM_", $prefix, "LEN_STABLE"), HANDSHAKE),
                rule(concat!("AXI4_ERRM_", $prefix, "SIZE_STABLE"), HANDSHAKE),
                rule(concat!("AXI4_ERRM_", $prefix, "BURST_STABLE"), HANDSHAKE),
                rule(concat!("AXI4_ERRM_", $prefix, "LOCK_STABLE"), HANDSHAKE),
                rule(concat!("AXI4_ERRM_", $prefix, "PROT_STABLE"), HANDSHAKE),
                rule(concat!("AXI4_ERRM_", $prefix, "NSAID_STABLE"), HANDSHAKE),
            ],
            boundary: rule(concat!("AXI4_ERRM_", $prefix, "ADDR_BOUNDARY"), BURSTS),
            wrap_align: rule(concat!("AXI4_ERRM_", $prefix, "ADDR_WRAP_ALIGN"), BURSTS),
            burst: rule(concat!("AXI4_ERRM_", $prefix, "BURST"), BURSTS),
            len_fixed: rule(concat!("AXI4_ERRM_", $prefix, "LEN_FIXED"), BURSTS),
            len_wrap: rule(concat!("AXI4_ERRM_", $prefix, "LEN_WRAP"), BURSTS),
            size: rule(concat!("AXI4_ERRM_", $prefix, "SIZE"), BURSTS),
            excl_len: rule(concat!("AXI4_ERRM_", $prefix, "LEN_LOCK"), EXCLUSIVE),
            excl_max: rule(concat!("AXI4_ERRM_EXCL_MAX_", $prefix), EXCLUSIVE),
            excl_align: rule(concat!("AXI4_ERRM_EXCL_ALIGN_", $prefix), EXCLUSIVE),
        }
    };
}

pub(super) const AR: AddressRules = address_rules!("AR");
pub(super) const AW: AddressRules = address_rules!("AW");

/// Payload stays: data, strobes, last.
pub(super) const W_STABLE: [Rule; 3] = [
    rule("AXI4_ERRM_WDATA_STABLE", HANDSHAKE),
    rule("AXI4_ERRM_WSTRB_STABLE", HANDSHAKE),
    rule("AXI4_ERRM_WLAST_STABLE", HANDSHAKE),
];
/// Payload stays: data, ID, response, last.
pub(super) const R_STABLE: [Rule; 4] = [
    rule("AXI4_ERRS_RDATA_STABLE", HANDSHAKE),
    rule("AXI4_ERRS_RID_STABLE", HANDSHAKE),
    rule("AXI4_ERRS_RRESP_STABLE", HANDSHAKE),
    rule("AXI4_ERRS_RLAST_STABLE", HANDSHAKE),
];
/// Payload stays: ID, response.
pub(super) const B_STABLE: [Rule; 2] =
    [rule("AXI4_ERRS_BID_STABLE", HANDSHAKE), rule("AXI4_ERRS_BRESP_STABLE", HANDSHAKE)];

/// As many write beats as the address says, WLAST with the last.
pub(super) const WDATA_NUM: Rule = rule("AXI4_ERRM_WDATA_NUM", BURSTS);
/// Strobes only on lanes of the transfer.
pub(super) const WSTRB: Rule = rule("AXI4_ERRM_WSTRB", LANES);
/// A write response answers a write.
pub(super) const BRESP_AW: Rule = rule("AXI4_ERRS_BRESP_AW", DEPENDENCIES);
/// A write response comes after the last beat of its write.
pub(super) const BRESP_WLAST: Rule = rule("AXI4_ERRS_BRESP_WLAST", DEPENDENCIES);
/// EXOKAY answers exclusive writes only.
pub(super) const BRESP_EXOKAY: Rule = rule("AXI4_ERRS_BRESP_EXOKAY", RESPONSES);
/// Every write is answered.
pub(super) const BRESP_EOS: Rule = rule("AXI4_ERRS_BRESP_ALL_DONE_EOS", DEPENDENCIES);
/// Every write has its data.
pub(super) const WDATA_EOS: Rule = rule("AXI4_ERRM_WDATA_ALL_DONE_EOS", BURSTS);
/// A read beat answers a read.
pub(super) const RID: Rule = rule("AXI4_ERRS_RID", IDS);
/// As many read beats as the address says, RLAST with the last.
pub(super) const RDATA_NUM: Rule = rule("AXI4_ERRS_RDATA_NUM", BURSTS);
/// EXOKAY answers exclusive reads only.
pub(super) const RRESP_EXOKAY: Rule = rule("AXI4_ERRS_RRESP_EXOKAY", RESPONSES);
/// Every read is answered.
pub(super) const RLAST_EOS: Rule = rule("AXI4_ERRS_RLAST_ALL_DONE_EOS", DEPENDENCIES);

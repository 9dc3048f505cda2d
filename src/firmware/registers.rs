// SPDX-License-Identifier: Apache-2.0
//! TZC-400 register map: byte offsets and fields, by their names in the manual (Arm DDI 0504,
//! chapter 3; the same text for each register in the SAMA7D65 data sheet, section 8.4.5).

/// Regions, address width and filters, each minus one; reading it also fences writes.
pub const BUILD_CONFIG: u16 = 0x000;
/// Reaction to a denied access.
pub const ACTION: u16 = 0x004;
/// Opens and closes filters.
pub const GATE_KEEPER: u16 = 0x008;
/// Disables speculative forwarding.
pub const SPECULATION_CTRL: u16 = 0x00c;
/// Which filters failed.
pub const INT_STATUS: u16 = 0x010;
/// Clears `INT_STATUS`, a bit a filter; reads as 0.
pub const INT_CLEAR: u16 = 0x014;
/// Address of the first failed access, bits 31:0; a filter every [`FAIL_STRIDE`].
pub const FAIL_ADDRESS_LOW: u16 = 0x020;
/// Bits 63:32 of it.
pub const FAIL_ADDRESS_HIGH: u16 = 0x024;
/// Its direction and protection.
pub const FAIL_CONTROL: u16 = 0x028;
/// Its AXI ID and virtual network.
pub const FAIL_ID: u16 = 0x02c;
/// Bytes from one filter's failure registers to the next one's.
pub const FAIL_STRIDE: u16 = 0x10;

/// First page of a region, bits 31:12; a region every [`REGION_STRIDE`], 0 first.
pub const REGION_BASE_LOW: u16 = 0x100;
/// Its bits above 31.
pub const REGION_BASE_HIGH: u16 = 0x104;
/// Last page of a region, inclusive, bits 31:12.
pub const REGION_TOP_LOW: u16 = 0x108;
/// Its bits above 31.
pub const REGION_TOP_HIGH: u16 = 0x10c;
/// Secure rights and enables a filter.
pub const REGION_ATTRIBUTES: u16 = 0x110;
/// Rights by identity.
pub const REGION_ID_ACCESS: u16 = 0x114;
/// Bytes from one region to the next.
pub const REGION_STRIDE: u16 = 0x20;

/// Extension block: bit 0 enables it, bit 31 locks that; until then the block reads as 0. The block
/// stands in a range that the TZC-400 reserves (`rtl/tzasc/tzasc_ext.sv`).
pub const EXT_ENABLE: u16 = 0xe00;
/// Identifies the extension block, [`EXT_ID_VALUE`].
pub const EXT_ID: u16 = 0xe04;
/// Shadow mode and commit of the region registers.
pub const COMMIT_CTRL: u16 = 0xe0c;

/// Peripheral ID 0, a byte a word.
pub const PID0: u16 = 0xfe0;
/// Peripheral ID 1.
pub const PID1: u16 = 0xfe4;
/// Component ID 0; three more follow, a word each.
pub const CID0: u16 = 0xff0;

/// `ACTION[0]`: denied accesses answer DECERR, else OKAY.
pub const ACTION_ERROR: u32 = 1 << 0;
/// `ACTION[1]`: failures raise the interrupt.
pub const ACTION_INTERRUPT: u32 = 1 << 1;
/// Lowest bit of `GATE_KEEPER.open_status`; `open_request` starts at bit 0.
pub const GATE_STATUS_SHIFT: u32 = 16;
/// `SPECULATION_CTRL`: both disable bits.
pub const SPECULATION_OFF: u32 = 0b11;
/// `INT_STATUS`: lowest bit of the overrun flags; status starts at bit 0.
pub const INT_OVERRUN_SHIFT: u32 = 8;
/// `INT_STATUS`: lowest bit of the overlap flags.
pub const INT_OVERLAP_SHIFT: u32 = 16;
/// `FAIL_CONTROL`: the access was a write.
pub const FAIL_WRITE: u32 = 1 << 24;
/// `FAIL_CONTROL`: the access was non-secure.
pub const FAIL_NON_SECURE: u32 = 1 << 21;
/// `FAIL_CONTROL`: the access was privileged.
pub const FAIL_PRIVILEGED: u32 = 1 << 20;
/// `FAIL_ID`: the AXI ID; the virtual network is above.
pub const FAIL_ID_MASK: u32 = 0x00ff_ffff;
/// `REGION_ATTRIBUTES`: secure writes.
pub const SECURE_WRITE: u32 = 1 << 31;
/// `REGION_ATTRIBUTES`: secure reads.
pub const SECURE_READ: u32 = 1 << 30;
/// `REGION_ATTRIBUTES`: every filter enabled; bits of filters that are not there stay 0.
pub const ALL_FILTERS: u32 = 0xf;
/// `REGION_ID_ACCESS`: lowest bit of the write identities; read identities start at bit 0.
pub const ID_WRITE_SHIFT: u32 = 16;

/// `EXT_ID` of the block that this driver knows.
pub const EXT_ID_VALUE: u32 = 0x5246_0001;
/// `COMMIT_CTRL`: region writes are staged.
pub const COMMIT_SHADOW: u32 = 1 << 0;
/// `COMMIT_CTRL`: all that is staged applies at once; reads as 0.
pub const COMMIT_NOW: u32 = 1 << 1;

/// Part number 0x460 in `PID0[7:0]` and `PID1[3:0]`: value and mask by word.
pub const PART: [(u16, u32, u32); 2] = [(PID0, 0x60, 0xff), (PID1, 0x04, 0x0f)];
/// Component ID 0xB105F00D, lowest byte first.
pub const COMPONENT: [u32; 4] = [0x0d, 0xf0, 0x05, 0xb1];

/// Offset of a region's register; `register` is region 0's.
pub const fn region(register: u16, index: u8) -> u16 {
    register + REGION_STRIDE * index as u16
}

/// Offset of a filter's failure register; `register` is filter 0's.
pub const fn fail(register: u16, filter: u8) -> u16 {
    register + FAIL_STRIDE * filter as u16
}

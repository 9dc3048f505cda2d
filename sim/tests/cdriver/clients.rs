// SPDX-License-Identifier: Apache-2.0
//! Drivers run to completion on the RTL, and what they leave is what they asked for (properties 55
//! to 58 of docs/verification.md).

use crate::calls::{Board, Call, Driver, NONSECURE, Region, SECURE, STYLES, Style};

/// AXI responses.
const OKAY: i32 = 0;
const DECERR: i32 = 3;
const GATE: usize = 0x008;
const STATUS: usize = 0x010;
/// What memory holds that nobody wrote.
const UNWRITTEN: u32 = 0xeeee_eeee;

/// A published map for protected video: region, base, top, secure rights, identities.
pub(crate) const MAP: [(u64, u64, u64, u64, u64); 7] = [
    (1, 0xff00_0000, 0xffff_ffff, 3, 0),
    (2, 0x8000_0000, 0xe6ff_ffff, 0, 0x167f_177f),
    (3, 0xe700_0000, 0xf4ff_ffff, 0, 0x0300_0100), // identity 9 may write and not read
    (4, 0xf500_0000, 0xfaff_ffff, 3, 0x0080_0080),
    (5, 0xfb00_0000, 0xfcff_ffff, 3, 0x0400_0400),
    (6, 0xfd00_0000, 0xfeff_ffff, 0, 0x167f_177f),
    (7, 0x8_8000_0000, 0x9_ffff_ffff, 0, 0x167f_177f),
];

/// Everything from the first access to open gates; denials answer with errors and interrupts.
pub(crate) fn set_up(driver: &Driver<'_>, style: Style) {
    driver.call(Call::Init(style));
    driver.call(Call::DisableFilters);
    driver.call(Call::Region0 { secure: 0, ids: 0 });
    for (index, base, top, secure, ids) in MAP {
        driver.call(Call::Region(Region { index, base, top, secure, ids }));
    }
    driver.call(Call::SetAction(3));
    driver.call(Call::EnableFilters);
}

/// Base, top, attributes and identities of all regions, as the driver reads them.
pub(crate) fn map(driver: &Driver<'_>) -> Vec<[u64; 4]> {
    let read = |index| driver.call(Call::GetConfig(index)).out;
    (0..9).map(read).map(|out| [out[0], out[1], out[2], out[3]]).collect()
}

/// One denied read on each of four filters, the last one first, by masters 0 to 3.
pub(crate) fn fail_all(driver: &Driver<'_>) {
    for filter in (0..4).rev() {
        let at = 0xf500_0040 + 4096 * u64::from(filter);
        let came = driver.board.access(filter, at, 9, NONSECURE, None);
        assert_eq!(came, (DECERR, 0), "filter {filter}");
    }
    assert_eq!(driver.board.read32(STATUS, SECURE), 0xf);
    assert_eq!(driver.board.interrupt(), 1);
}

/// The map as the registers of a firewall with so many filters must show it: 40 address bits, low
/// twelve bits of a base 0 and of a top 1, enables of filters that are there, region 0 on all.
fn read_back(filters: u32) -> Vec<[u64; 4]> {
    let there = (1 << filters) - 1;
    let mut want = vec![[0, 0xff_ffff_ffff, there, 0]];
    want.extend(MAP.map(|(_, base, top, secure, ids)| [base, top, secure << 30 | there, ids]));
    want.push([0, 0xfff, 0, 0]);
    want
}

#[test]
fn drivers_set_up_the_board_and_read_it_back() {
    for (shape, filters) in [("f1", 1), ("f4", 4)] {
        for style in STYLES {
            let board = Board::new(shape);
            let driver = Driver::new(0, &board);
            set_up(&driver, style);
            assert_eq!(map(&driver), read_back(filters), "{shape} {style:?}");
            let open = (1 << filters) - 1;
            assert_eq!(board.read32(0x000, SECURE), 8 | 39 << 8 | (filters - 1) << 24);
            assert_eq!(board.read32(0x004, SECURE), 3);
            assert_eq!(board.read32(GATE, SECURE), open << 16 | open);
            assert_eq!(board.error(), 0);
        }
    }
}

#[test]
fn what_drivers_set_up_is_what_masters_meet() {
    for (shape, filters) in [("f1", 1), ("f4", 4_u64)] {
        let board = Board::new(shape);
        let driver = Driver::new(0, &board);
        set_up(&driver, Style::SecureOs);
        for page in 0..filters {
            let (mark, at) = (0x600d_0000 + page as u32, 4096 * page + 0x10c);
            let access = |base, nsaid, prot, data| board.access(2, base + at, nsaid, prot, data);
            // The decoder's input: its own and the secure world's.
            assert_eq!(access(0xf500_0000, 7, NONSECURE, Some(mark)).0, OKAY);
            assert_eq!(access(0xf500_0000, 7, NONSECURE, None), (OKAY, mark));
            assert_eq!(access(0xf500_0000, 9, SECURE, None), (OKAY, mark));
            assert_eq!(access(0xf500_0000, 9, NONSECURE, None), (DECERR, 0));
            assert_eq!(access(0xf500_0000, 9, NONSECURE, Some(0xbad)).0, DECERR);
            assert_eq!(access(0xf500_0000, 7, NONSECURE, None), (OKAY, mark), "not changed");
            // Media buffers: written by the processor, not read, and not by the secure world.
            assert_eq!(access(0xe700_0000, 9, NONSECURE, Some(mark)).0, OKAY);
            assert_eq!(access(0xe700_0000, 9, NONSECURE, None), (DECERR, 0));
            assert_eq!(access(0xe700_0000, 8, NONSECURE, None), (OKAY, mark));
            assert_eq!(access(0xe700_0000, 8, SECURE, None), (DECERR, 0));
            // Above 4 GiB, and outside of all regions.
            assert_eq!(access(0x8_8000_0000, 9, NONSECURE, None), (OKAY, UNWRITTEN));
            assert_eq!(access(0x7_8000_0000, 9, NONSECURE, None), (DECERR, 0));
        }
        assert_eq!(board.error(), 0);
    }
}

#[test]
fn firmware_leaves_its_own_filter_open() {
    for (shape, firmware) in [("f1", 0x1_0001), ("f4", 0x1_0001)] {
        for (style, left) in [(Style::Firmware, firmware), (Style::SecureOs, 0)] {
            let board = Board::new(shape);
            let driver = Driver::new(0, &board);
            set_up(&driver, style);
            driver.call(Call::DisableFilters);
            assert_eq!(board.read32(GATE, SECURE), left, "{shape} {style:?}");
        }
    }
}

#[test]
fn a_handler_drains_four_filters_in_four_calls() {
    let board = Board::new("f4");
    let driver = Driver::new(0, &board);
    set_up(&driver, Style::FirmwareDebug);
    fail_all(&driver);
    for filter in 0..4 {
        assert_eq!(board.interrupt(), 1, "before call {filter}");
        let came = driver.call(Call::Interrupt);
        assert_eq!(came.value, 0);
        // A privileged non-secure read by the master that has the filter's number.
        let at = 0xf500_0040 + 4096 * filter;
        assert_eq!(came.out[..3], [at, 0x0030_0000, filter << 4]);
        assert_eq!(board.read32(STATUS, SECURE), 0xe << filter & 0xf);
    }
    assert_eq!(board.interrupt(), 0);
    assert_eq!(driver.call(Call::Interrupt).value, -1, "nothing is left");
    assert_eq!(board.error(), 0);
}

#[test]
fn the_secure_os_dumps_and_clears_what_failed() {
    let board = Board::new("f4");
    let driver = Driver::new(0, &board);
    set_up(&driver, Style::SecureOs);
    assert_eq!(driver.call(Call::FailDump).value, 0);
    fail_all(&driver);
    // A second failure of filter 2 is only counted, a write.
    assert_eq!(board.access(7, 0xf500_2000, 9, 2, Some(1)).0, DECERR);
    assert_eq!(board.read32(STATUS, SECURE), 0x40f);
    let came = driver.call(Call::FailDump);
    assert_eq!(came.value, 0xf);
    for (filter, record) in (0..).zip(came.out.chunks(3)) {
        assert_eq!(record, [0xf500_0040 + 4096 * filter, 0x0030_0000, filter << 4]);
    }
    assert_eq!(board.interrupt(), 1, "looking clears nothing");
    driver.call(Call::IntClear);
    assert_eq!((board.read32(STATUS, SECURE), board.interrupt()), (0, 0));
    // Now that write is the first, unprivileged.
    assert_eq!(board.access(7, 0xf500_2000, 9, 2, Some(1)).0, DECERR);
    let came = driver.call(Call::FailDump);
    assert_eq!(came.value, 0b0100);
    assert_eq!(came.out[6..9], [0xf500_2000, 0x0120_0000, 0x70]);
    assert_eq!(board.error(), 0);
}

#[test]
fn drivers_panic_where_a_gate_is_open_and_only_there() {
    // Open before, and whether the driver panics: firmware takes an open filter 0, the secure OS
    // none.
    for (open, firmware, secure_os) in
        [(0, false, false), (1, false, true), (2, true, true), (8, true, true), (3, true, true)]
    {
        let wants = [(Style::Firmware, firmware), (Style::FirmwareDebug, firmware)];
        for (style, panics) in wants.into_iter().chain([(Style::SecureOs, secure_os)]) {
            let board = Board::new("f4");
            let driver = Driver::new(0, &board);
            driver.call(Call::Init(style));
            board.write32(GATE, SECURE, open);
            let came = driver.try_call(Call::EnableFilters);
            assert_eq!(came.panicked, panics, "{style:?}, open {open:#x}");
            let opened = open | if panics { opened_before(open, style) } else { 0xf };
            assert_eq!(board.read32(GATE, SECURE), opened << 16 | opened, "{style:?} {open:#x}");
        }
    }
    let board = Board::new("f1");
    let driver = Driver::new(0, &board);
    for (style, panics) in [(Style::Firmware, false), (Style::SecureOs, true)] {
        driver.call(Call::Init(style));
        board.write32(GATE, SECURE, 1);
        assert_eq!(driver.try_call(Call::EnableFilters).panicked, panics, "{style:?}");
    }
}

/// The filters that a driver opens before it comes to the one at which it panics.
fn opened_before(open: u32, style: Style) -> u32 {
    let minded = if style == Style::SecureOs { open } else { open & !1 };
    (1 << minded.trailing_zeros()) - 1
}

#[test]
fn drivers_panic_where_there_is_no_firewall() {
    let nothing = Board::null();
    let driver = Driver::new(0, &nothing);
    for (style, panics) in
        [(Style::Firmware, false), (Style::FirmwareDebug, true), (Style::SecureOs, true)]
    {
        assert_eq!(driver.try_call(Call::Init(style)).panicked, panics, "{style:?}");
    }
}

#[test]
fn two_boards_do_not_know_each_other() {
    let boards = [Board::new("f1"), Board::new("f4")];
    let [one, four] = [Driver::new(0, &boards[0]), Driver::new(1, &boards[1])];
    set_up(&four, Style::SecureOs);
    assert_eq!(boards[0].read32(GATE, SECURE), 0);
    one.call(Call::Init(Style::Firmware));
    one.call(Call::EnableFilters);
    assert_eq!(boards[0].read32(GATE, SECURE), 0x1_0001);
    assert_eq!(map(&four), read_back(4));
    assert_eq!(map(&one)[1], [0, 0xfff, 0, 0]);
}

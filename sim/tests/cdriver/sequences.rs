// SPDX-License-Identifier: Apache-2.0
//! The driver's accesses by offset, width and order, against those of existing drivers.

use crate::calls::{Board, Call, Driver, Region, STYLES, Style};
use crate::clients::{MAP, fail_all, map, set_up};

/// `of` for each filter, in one line.
fn each(filters: std::ops::Range<usize>, of: impl Fn(usize) -> String) -> String {
    filters.map(of).collect::<Vec<_>>().join(" ")
}

fn twice(first: &str, second: &str) -> String {
    [first, second].iter().filter(|text| !text.is_empty()).copied().collect::<Vec<_>>().join(" ")
}

fn init(style: Style) -> &'static str {
    match style {
        Style::Firmware => "R000",
        Style::FirmwareDebug => "Rfe0 Rfe4 R000",
        Style::SecureOs => "rff0 rff4 rff8 rffc R000",
    }
}

fn region0(style: Style) -> &'static str {
    if style == Style::SecureOs { "W100 W104 W108 W10c W110 W114" } else { "W110 W114" }
}

fn region(index: u64) -> String {
    let at = 0x100 + 0x20 * index;
    let [lo, hi, top, top_hi, attributes, ids] = [0, 4, 8, 12, 16, 20].map(|word| at + word);
    format!("W{lo:03x} W{hi:03x} W{top:03x} W{top_hi:03x} W{attributes:03x} W{ids:03x}")
}

/// Opening filters one by one, each with so many polls.
fn enable(filters: std::ops::Range<usize>, polls: usize) -> String {
    each(filters, |_| "R008 R008 W008".to_owned() + &" R008".repeat(polls))
}

/// Closing them.
fn disable(style: Style, filters: std::ops::Range<usize>, polls: usize) -> String {
    let all = each(filters, |_| "R008 W008".to_owned() + &" R008".repeat(polls));
    if style == Style::SecureOs { all } else { twice("R008", &all) }
}

/// A whole set-up; when all is closed already, closing takes a single poll.
fn whole(style: Style, filters: usize, polls: usize) -> String {
    let regions = MAP.map(|row| region(row.0)).join(" ");
    [
        init(style),
        &disable(style, 0..filters, 1),
        region0(style),
        &regions,
        "W004",
        &enable(0..filters, polls),
    ]
    .join(" ")
}

/// Reads and writes of a line.
fn counts(line: &str) -> (usize, usize) {
    let writes = line.matches('W').count();
    (line.split(' ').count() - writes, writes)
}

#[test]
fn the_whole_set_up_is_that_of_the_study() {
    let firmware = whole(Style::FirmwareDebug, 4, 2);
    assert_eq!(counts(&firmware), (28, 53), "81 accesses where a gate takes two polls");
    assert_eq!(counts(&whole(Style::FirmwareDebug, 4, 1)), (24, 53));
    for (shape, filters) in [("f1", 1), ("f4", 4)] {
        for style in STYLES {
            let board = Board::new(shape);
            let driver = Driver::new(0, &board);
            set_up(&driver, style);
            // On this RTL a gate's status has risen by the first poll.
            assert_eq!(driver.trace(), whole(style, filters, 1), "{shape} {style:?}");
        }
    }
}

#[test]
fn every_operation_makes_the_accesses_of_the_table() {
    for (shape, filters) in [("f1", 1), ("f4", 4)] {
        for style in STYLES {
            let board = Board::new(shape);
            let driver = Driver::new(0, &board);
            let secure_os = style == Style::SecureOs;
            let row = |call: Call, want: &str| {
                driver.call(call);
                assert_eq!(driver.trace(), want, "{shape} {style:?} {call:?}");
            };
            row(Call::Init(style), init(style));
            row(Call::Region0 { secure: 3, ids: 0 }, region0(style));
            let three = Region { index: 3, base: 0x8000_0000, top: 0x8fff_ffff, secure: 3, ids: 1 };
            row(Call::Region(three), "W160 W164 W168 W16c W170 W174");
            if !secure_os {
                row(Call::UpdateFilters { index: 3, filters: 1 }, "R170 W170");
            }
            row(Call::SetAction(1), "W004");
            row(Call::GetConfig(3), "R160 R164 R168 R16c R174 R170");
            row(Call::EnableFilters, &enable(0..filters, 1));
            let first = usize::from(!secure_os);
            row(Call::DisableFilters, &disable(style, first..filters, 1));
            if !secure_os {
                // Filter 0 is open still, and is left out.
                row(Call::EnableFilters, &twice("R008", &enable(1..filters, 1)));
            }
            assert_eq!(board.error(), 0);
        }
    }
}

#[test]
fn four_filters_take_the_accesses_measured_of_existing_drivers() {
    // Two polls a gate, as there.
    assert_eq!(enable(0..4, 2).split(' ').count(), 20);
    assert_eq!(disable(Style::Firmware, 1..4, 2).split(' ').count(), 13);
}

#[test]
fn interrupts_make_the_accesses_of_the_table() {
    let none = "R010 R010 R010 R010";
    for style in [Style::Firmware, Style::FirmwareDebug] {
        let board = Board::new("f4");
        let driver = Driver::new(0, &board);
        set_up(&driver, style);
        fail_all(&driver);
        driver.trace();
        for filter in 0..4 {
            driver.call(Call::Interrupt);
            let looks = each(0..filter + 1, |_| "R010".to_owned());
            let record =
                [0x20, 0x24, 0x2c, 0x28].map(|word| format!("R{:03x}", word + 16 * filter));
            let record = if style == Style::Firmware { String::new() } else { record.join(" ") };
            assert_eq!(driver.trace(), twice(&twice(&looks, &record), "W014"), "{style:?}");
        }
        driver.call(Call::Interrupt);
        assert_eq!(driver.trace(), none);
    }
    let board = Board::new("f4");
    let driver = Driver::new(0, &board);
    set_up(&driver, Style::SecureOs);
    fail_all(&driver);
    driver.trace();
    driver.call(Call::FailDump);
    let words = [0x20, 0x24, 0x2c, 0x28, 0x28, 0x28];
    let record = |filter| words.map(|word| format!("R{:03x}", word + 16 * filter)).join(" ");
    assert_eq!(driver.trace(), each(0..4, |filter| twice("R010", &record(filter))));
    driver.call(Call::IntClear);
    assert_eq!(driver.trace(), "R014 W014");
    driver.call(Call::FailDump);
    assert_eq!(driver.trace(), none);
}

#[test]
fn a_dump_reads_every_region() {
    let board = Board::new("f4");
    let driver = Driver::new(0, &board);
    driver.call(Call::Init(Style::SecureOs));
    driver.trace();
    assert_eq!(map(&driver).len(), 9);
    assert_eq!(driver.trace().split(' ').count(), 54);
}

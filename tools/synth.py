#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The hardware cost of rtl/tzasc (RINGFENCE_RTL, else rtl/): a line a configuration.

usage: synth.py [--only WORD]   configurations whose line has WORD, "4 regions" for one

Six-input LUTs, without carry chains or block memories of any maker. Tables (arrays that are read
by an index) stay apart and are counted in bits. A module is mapped at a time, then the longest path
is looked for through all of them, in levels: a LUT is one, a look-up in a table is one.
"""

import argparse
import os
import re
import shutil
import sys
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor

import netlist
import yosys

OUT = os.path.join(yosys.TARGET, "synth")
LIMIT = 900  # seconds for one configuration
# sim/sv/board_pkg.sv and the defaults of tzasc.sv: what the board is built with.
BOARD = {"AddrW": 40, "DataW": 128, "IdW": 7, "RdOutst": 64, "WrOutst": 64}
CONFIGURATIONS = [
    *((regions, filters, 0, 1) for regions in (4, 8, 9) for filters in (1, 2, 4)),
    *((regions, 1, 1, 1) for regions in (4, 8, 9)),
    (9, 1, 0, 0),
    (9, 4, 0, 0),
]
DETAIL = (9, 1, 0, 1)
PARTS = [
    ("match and check", r"\.u_(rd|wr)_check"),
    ("read path: table", r"\.u_read\.u_table"),
    ("read path: rest", r"\.u_read"),
    ("write path: table", r"\.u_write\.u_table"),
    ("write path: rest", r"\.u_write"),
    ("failure log", r"\.u_(fail_)?log"),
    ("extension block", r"\.u_ext"),
    ("registers", r"\.u_regs"),
    ("wiring, gate, interrupt", r""),
]


def label(regions, filters, latency, extension):
    return f"{regions} regions {filters} filters latency {latency} ext {extension}"


def passes(configuration, folder):
    regions, filters, latency, extension = configuration
    given = {"NumRegions": regions, "NumFilters": filters, "CheckLat": latency, "Ext": extension}
    parameters = "".join(f"-G {k}={v} " for k, v in {**given, **BOARD}.items())
    return [
        f"read_slang --keep-hierarchy --ignore-assertions {parameters} --top tzasc "
        f"-I {yosys.RTL}/common " + " ".join(yosys.rtl_files(yosys.RTL)),
        "hierarchy -check -top tzasc",
        "synth -noabc -run begin:fine -top tzasc",
        "opt -fast -full",
        "memory_map -rom-only",
        "opt -undriven -fine",
        "techmap",
        "opt -fast",
        "abc -lut 6",
        "opt_clean",
        f"write_json {folder}/modules.json",
        "flatten",
        "opt_clean",
        f"write_json {folder}/flat.json",
    ]


def synthesise(configuration):
    """({part: counts}, [longest paths], seconds), or why there is no answer."""
    folder = os.path.join(OUT, label(*configuration).replace(" ", "-"))
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    start = time.monotonic()
    wrong = yosys.run(passes(configuration, folder), os.path.join(folder, "yosys.log"), LIMIT)
    if wrong:
        return wrong
    parts = defaultdict(Counter)
    for name, module in netlist.load(f"{folder}/modules.json").items():
        part = next(part for part, place in PARTS if re.search(place, name))
        parts[part].update(netlist.count(module))
    paths = netlist.longest_paths(netlist.load(f"{folder}/flat.json")["tzasc"], "", "m_axi_")
    return parts, paths, time.monotonic() - start


def head():
    size = ", ".join(f"{k} {v}" for k, v in BOARD.items())
    print(f"tzasc with {size}")
    print("tables: bits in arrays that are read by an index, not among the flip-flops")
    print("levels: of the longest path, and of the longest one that ends downstream (m_axi)")
    print("regions filters latency ext |   LUT6     FF  tables | levels  m_axi |       s  longest path")


def line(configuration, parts, paths, seconds):
    regions, filters, latency, extension = configuration
    total = sum(parts.values(), Counter())
    (levels, start, end), (down, down_start, down_end) = paths
    print(f"{regions:7} {filters:7} {latency:7} {extension:3} | {total['luts']:6} {total['ffs']:6} "
          f"{total['bits']:7} | {levels:6} {down:6} | {seconds:7.0f}  {start} -> {end}; "
          f"{down_start} -> {down_end}", flush=True)  # fmt: skip


def detail(configuration, parts):
    print(f"\n{label(*configuration)}, by part")
    print(f"{'part':24} {'LUT6':>6} {'FF':>6} {'tables':>7} {'of two writers':>15}")
    for part, _ in PARTS:
        found = parts[part]
        print(f"{part:24} {found['luts']:6} {found['ffs']:6} {found['bits']:7} {found['two']:15}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="", help="configurations whose line has this")
    only = parser.parse_args().only
    chosen = [c for c in CONFIGURATIONS if only in label(*c)]
    if not chosen:
        sys.exit(f"synth: no configuration has {only}")
    head()
    failed, detailed = 0, None
    with ThreadPoolExecutor(2) as pool:
        for configuration, result in zip(chosen, pool.map(synthesise, chosen)):
            if isinstance(result, str):
                failed += 1
                print(f"{label(*configuration)}: {result}", flush=True)
                continue
            line(configuration, *result)
            if configuration == DETAIL:
                detailed = result[0]
    if detailed:
        detail(DETAIL, detailed)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Keeps rtl/ of an lcov file, and prints lines, branches and toggles by file.

usage: coverage.py MERGED.dat ALL.info RTL.info
"""

import re
import sys
from collections import defaultdict

KINDS = ("line", "branch", "toggle")


def points(path):
    """Every point of Verilator's data: file, line, kind, name, count."""
    with open(path, encoding="latin-1") as data:
        for record in data:
            if not record.startswith("C '"):
                continue
            text, count = record[3:].rsplit("' ", 1)
            fields = dict(part.split("\x02", 1) for part in text.split("\x01") if "\x02" in part)
            kind = re.match(r"v_([a-z]+)", fields.get("page", ""))
            yield fields["f"], int(fields["l"]), kind[1] if kind else "?", fields.get("o", ""), int(count)


def keep_rtl(source, target):
    """Copies the records of an lcov file whose source is in rtl/."""
    with open(source, encoding="utf-8") as file:
        head, *records = file.read().split("SF:")
    with open(target, "w", encoding="utf-8") as file:
        file.write(head)
        file.writelines("SF:" + record for record in records if record.startswith("rtl/"))


def main():
    merged, source, target = sys.argv[1:]
    keep_rtl(source, target)
    # The same point of several instances, shapes and runs is one point.
    hits = defaultdict(int)
    for file, line, kind, name, count in points(merged):
        if file.startswith("rtl/"):
            hits[file, line, kind, name] += count
    table = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    missed = []
    for (file, line, kind, name), count in sorted(hits.items()):
        for row in (file, "rtl"):
            table[row][kind][0] += count > 0
            table[row][kind][1] += 1
        if not count and kind != "toggle":
            missed.append(f"{file}:{line}: {kind} {name}")
    print(f"{'file':34}" + "".join(f"{kind:>16}" for kind in KINDS))
    for row in sorted(table, key=lambda row: (row == "rtl", row)):
        cells = ("{}/{}".format(*table[row][kind]) for kind in KINDS)
        print(f"{row:34}" + "".join(f"{cell:>16}" for cell in cells))
    for text in missed:
        print("never:", text)


main()

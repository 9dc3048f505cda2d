#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""From the lines of record-heap.bt to a heap history (docs/bring-your-own.md).

usage: heap_history.py < LINES > HISTORY.csv

Lines of several processors arrive out of order, and a recording begins in the middle of things:
lines are sorted by time, and those that make no sense by themselves (a file that was open before,
or that a fork took over) are left out and counted on stderr.
"""

import csv
import re
import sys
from collections import Counter

DIRECTIONS = {"0": "bidirectional", "1": "to-device", "2": "from-device"}
COLUMNS = ("time", "pid", "op", "buffer", "heap", "size", "device", "direction")
HEAP = "protected,"
LINE = re.compile(
    r"(\d+) (\d+) (alloc|dup|close|attach|detach|map|unmap|register|unregister|exit) "
    r"(\d+|-) (\d+|-) (\S+)$"
)


class Buffer:
    """Who holds a buffer: files by process, importers by device, a registration."""

    def __init__(self):
        self.files = Counter()
        self.importers = {}
        self.maps = Counter()
        self.registered = None


class History:
    """Follows buffers, and keeps the rows that make sense."""

    def __init__(self):
        self.live = {}
        self.left_out = Counter()

    def row(self, pid, op, inode, number, name):
        """The row's process and its cells behind `buffer`; None if it makes no sense."""
        if op == "alloc":
            if not name.startswith(HEAP) or inode in self.live:
                return None
            self.live[inode] = Buffer()
            self.live[inode].files[pid] = 1
            return pid, [name, number, "", ""]
        buffer = self.live.get(inode)
        if buffer is None:
            return None
        done = getattr(self, "on_" + op)(buffer, pid, name)
        if not (+buffer.files or buffer.importers or buffer.registered):
            del self.live[inode]
        if not done:
            return None
        device = name if op in ("attach", "detach", "map", "unmap") else ""
        direction = DIRECTIONS.get(number, "") if op == "map" else ""
        return done, ["", "", device, direction]

    def exit(self, pid):
        """A process is gone, and what it held with it."""
        held = False
        for inode, buffer in list(self.live.items()):
            mine = [device for device, by in buffer.importers.items() if by == pid]
            held |= pid in +buffer.files or bool(mine) or buffer.registered == pid
            del buffer.files[pid]
            for device in mine:
                del buffer.importers[device], buffer.maps[device]
            if buffer.registered == pid:
                buffer.registered = None
            if not (+buffer.files or buffer.importers or buffer.registered):
                del self.live[inode]
        return held

    # Each gives the process whose row it is: drivers let go in whatever process they run.

    def on_dup(self, buffer, pid, _):
        buffer.files[pid] += 1
        return pid

    def on_close(self, buffer, pid, _):
        if buffer.files[pid] == 0:
            return None
        buffer.files[pid] -= 1
        return pid

    def on_attach(self, buffer, pid, device):
        if device in buffer.importers:
            return None
        buffer.importers[device] = pid
        return pid

    def on_detach(self, buffer, _, device):
        buffer.maps[device] = 0
        return buffer.importers.pop(device, None)

    def on_map(self, buffer, _, device):
        if device not in buffer.importers:
            return None
        buffer.maps[device] += 1
        return buffer.importers[device]

    def on_unmap(self, buffer, _, device):
        if buffer.maps[device] == 0:
            return None
        buffer.maps[device] -= 1
        return buffer.importers[device]

    def on_register(self, buffer, pid, _):
        if buffer.registered:
            return None
        buffer.registered = pid
        return pid

    def on_unregister(self, buffer, _, __):
        by, buffer.registered = buffer.registered, None
        return by


def main():
    """Reads, sorts, follows, writes."""
    lines = []
    for text in sys.stdin:
        found = LINE.match(text.strip())
        if found:
            lines.append(found.groups())
        elif text.strip():
            print(f"heap_history: not a line of the recorder: {text.strip()[:60]}", file=sys.stderr)
    lines.sort(key=lambda line: int(line[0]))
    begin = int(lines[0][0]) if lines else 0
    history, gone = History(), set()
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    for when, pid, op, inode, number, name in lines:
        if op == "exit":
            kept = history.exit(pid) and (pid, ["", "", "", ""])
        else:
            kept = pid not in gone and history.row(pid, op, inode, number, name)
        if not kept:
            history.left_out[op] += 1
            continue
        if op == "exit":
            gone.add(pid)
        who, cells = kept
        since = int(when) - begin
        time = f"{since // 10**9}.{since % 10**9:09d}"
        writer.writerow([time, who, op, "" if op == "exit" else f"ino{inode}", *cells])
    if history.left_out:
        told = ", ".join(f"{count} {op}" for op, count in sorted(history.left_out.items()))
        print(f"heap_history: left out: {told}", file=sys.stderr)


if __name__ == "__main__":
    main()

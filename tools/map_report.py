#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Where the bytes of a firmware image are: flash and RAM of each part, and the ten largest symbols of each.

usage: tools/map_report.py FIRMWARE.map ...   (the .elf lies beside it)

A part is a folder of this project, or a third-party library. Flash is code, constants and initial values; RAM is static
data without the stack. Read from the linker's map, whose input sections name the archive that they came from; what the
linker dropped is not counted. What was optimised at link time has lost its archives: it is counted by its symbols, which are
looked up in the archives that the link read; texts and padding have no symbol.
"""
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

SECTION = re.compile(r"^ (\.\S+|COMMON)\s*(?:\n\s+)?0x([0-9a-f]+)\s+0x([0-9a-f]+) (\S.*)$", re.M)
THIRD_PARTY = {"libtailor_mbedtls.a": "Mbed TLS", "liblwip.a": "lwIP", "libc_nano.a": "newlib", "libgcc.a": "libgcc"}
WHOLE = "texts and padding"


def part_of(origin):
    archive = re.match(r"^(.*?)([^/]+\.a)\((.*)\)$", origin)
    if archive is None:
        return WHOLE if ".ltrans" in origin else "the program" if "CMakeFiles" in origin else "other"
    folder, name = archive.group(1), archive.group(2)
    if name in THIRD_PARTY:
        return THIRD_PARTY[name]
    return folder.strip("/") if not folder.startswith("/") else name


def kind_of(section):
    if section.startswith((".text", ".rodata", ".vectors", ".ARM.ex", ".init_array")):
        return ("flash",)
    if section.startswith(".data"):
        return ("flash", "ram")
    if section.startswith(".bss") or section == "COMMON":
        return ("ram",)
    return ()


def owners_of(text, build):
    """Part of each symbol in the archives that the link read; their names are seen from the build's folder."""
    owners = {}
    archives = sorted(set(re.findall(r"^LOAD (\S+\.a)$", text, re.M)))
    for archive in archives:
        output = subprocess.run(["arm-none-eabi-readelf", "-sW", build / archive], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
        for line in output.splitlines():
            words = line.split()
            if len(words) == 8 and words[6] != "UND":
                owners.setdefault(words[7], part_of(f"{archive}(x)"))
    return owners


def count_symbols(path, ranges, owners, sizes):
    """Splits what was optimised as a whole by its symbols; adds their ranges."""
    output = subprocess.run(["arm-none-eabi-nm", "-S", path.with_suffix(".elf")], check=True, stdout=subprocess.PIPE, text=True).stdout
    found, seen = [], set()
    for line in output.splitlines():
        words = line.split()
        if len(words) != 4:
            continue
        at, size, name = int(words[0], 16), int(words[1], 16), words[3]
        at = at & ~1 if words[2] in "tTwW" else at
        if at in seen or not any(low <= at < high for low, high, part in ranges if part == WHOLE):
            continue
        seen.add(at)
        base = re.sub(r"(\.(constprop|isra|part|lto_priv|cold)(\.\d+)?)+$", "", name)
        found.append((at, at + size, owners.get(base, "the program")))
        kind = "ram" if words[2] in "bBdD" else "flash"
        sizes[found[-1][2]][kind] += size
        sizes[WHOLE][kind] -= size
    return found


def report(path):
    text = path.read_text()
    text = text[text.index("Linker script and memory map"):]
    owners = owners_of(text, path.resolve().parent.parent)
    sizes = defaultdict(lambda: {"flash": 0, "ram": 0})
    ranges = []
    for section, address, size, origin in SECTION.findall(text):
        size, address = int(size, 16), int(address, 16)
        if size == 0 or not kind_of(section):
            continue
        part = part_of(origin)
        for kind in kind_of(section):
            sizes[part][kind] += size
        ranges.append((address, address + size, part))
    ranges = [entry for entry in ranges if entry[2] != WHOLE] + count_symbols(path, ranges, owners, sizes)
    ranges.sort()
    symbols = defaultdict(list)
    output = subprocess.run(["arm-none-eabi-nm", "-S", "-C", "--size-sort", "-r", str(path.with_suffix(".elf"))], check=True,
                            stdout=subprocess.PIPE, text=True).stdout
    for line in output.splitlines():
        address, size, letter, name = line.split(None, 3)
        at = int(address, 16) & ~1 if letter in "tTwW" else int(address, 16)
        part = next((part for low, high, part in ranges if low <= at < high), None)
        if part is not None and len(symbols[part]) < 10:
            symbols[part].append((int(size, 16), "RAM" if letter in "bBdD" else "flash", name))
    print(f"{path.stem}\n  {'part':28} {'flash':>8} {'RAM':>8}")
    for part, size in sorted(sizes.items(), key=lambda item: -item[1]["flash"]):
        print(f"  {part:28} {size['flash']:>8} {size['ram']:>8}")
    total = {kind: sum(size[kind] for size in sizes.values()) for kind in ("flash", "ram")}
    print(f"  {'in all':28} {total['flash']:>8} {total['ram']:>8}")
    for part, size in sorted(sizes.items(), key=lambda item: -item[1]["flash"]):
        print(f"\n  {part}: the largest")
        for bytes_, where, name in symbols[part]:
            print(f"    {bytes_:>7} {where:5} {name[:110]}")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for name in sys.argv[1:]:
        report(Path(name))

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Instructions and stack of the device library's cryptography on a Cortex-M3, in QEMU (preset cortex-m3, built before).

Deterministic: QEMU counts each instruction as one nanosecond. `--json` prints {name: {kilo_instructions, stack}}.
"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LIBRARIES = ["tailor_hss", "tailor_crypto_psa_backend", "tailor_base"]


def main():
    prefix = subprocess.run(["tools/build_mbedtls.sh", "--print-prefix"], cwd=ROOT, check=True, stdout=subprocess.PIPE,
                            text=True).stdout.strip()
    libraries = [str(next((ROOT / "build/cortex-m3").rglob(f"lib{name}.a"))) for name in LIBRARIES]
    with tempfile.TemporaryDirectory() as folder:
        program = f"{folder}/figures.elf"
        subprocess.run(
            ["arm-none-eabi-g++", "-mcpu=cortex-m3", "-mthumb", "-Os", "-std=c++20", "-fno-exceptions", "-fno-rtti",
             "-fno-threadsafe-statics", "-DTAILOR_LIMIT_HASH_STATE_BYTES=128", "-DTAILOR_LIMIT_CONTENT_STATE_BYTES=640", "-I.", "-Iinclude",
             "-nostartfiles", "-T", "bench/cortex_m3/link.ld", "-Wl,--gc-sections", "-Wl,--no-warn-rwx-segments",
             "bench/cortex_m3/crypto_figures.cpp", "-Wl,--start-group", *libraries,
             f"{prefix}/cortex-m3/lib/libtailor_mbedtls.a", "-Wl,--end-group", "--specs=nosys.specs", "-o", program],
            cwd=ROOT, check=True)
        output = subprocess.run(["qemu-system-arm", "-M", "mps2-an385", "-nographic", "-semihosting", "-icount", "shift=0",
                                 "-kernel", program], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, timeout=300).stdout
    rows = [line.split() for line in output.splitlines() if len(line.split()) == 4]
    if not rows or any(row[3] != "1" for row in rows):
        print(f"a measured operation failed:\n{output}", file=sys.stderr)
        return 1
    table = {name: {"kilo_instructions": int(count), "stack": int(stack)} for name, count, stack, _ in rows}
    if "--json" in sys.argv:
        print(json.dumps(table, indent=2))
    else:
        print(f"{'operation':26} {'k instructions':>14} {'stack':>6}   Cortex-M3, -Os")
        for name, row in table.items():
            print(f"{name:26} {row['kilo_instructions']:>14,} {row['stack']:>6}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

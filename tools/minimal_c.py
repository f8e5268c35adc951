#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds examples/minimal_c for three Cortex-M and runs it in QEMU: size of the example, and stack of each public call of
include/tailor, which a second program measures. A public function that is not measured is an error.

usage: tools/minimal_c.py [--json]

The device library, Mbed TLS's SHA-256 and p256-m are compiled from source for each core, with the options that such a
device would choose. M0+ runs on QEMU's microbit (the same instruction set), M33 on mps2-an505.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples/minimal_c"
# name -> compiler's name, QEMU's machine, where flash and RAM are
CORES = {
    "cortex-m0plus": ("microbit", 0x0, 0x20000000),
    "cortex-m3": ("mps2-an385", 0x0, 0x20000000),
    "cortex-m33": ("mps2-an505", 0x10000000, 0x38000000),
}
OPTIONS = ["-DTAILOR_LIMIT_MANIFEST_BYTES=1024", "-DTAILOR_LIMIT_HASH_STATE_BYTES=128", "-DTAILOR_LIMIT_CONTENT_STATE_BYTES=8",
           "-DTAILOR_ERROR_TEXTS=0"]
OPTIONS += [f"-DTAILOR_SUIT_{name}=0" for name in ("SEQUENCES", "CONDITIONS", "CHECK_CONTENT", "WRITE", "COPY", "SWAP", "CUSTOM", "DEPENDENCIES",
                                                   "UPDATE_MANAGEMENT", "ENCRYPTION", "RECORDS")]
OPTIONS += [f"-DTAILOR_COSE_{name}=0" for name in ("SIGN", "MAC", "ENCRYPT", "ED25519", "HSS_LMS")]
OWN_ALLOCATOR = "-DTAILOR_ALLOC_HEADER=\"examples/minimal_c/minimal_alloc.h\""
PROGRAMS = {"minimal": "target_main.c", "stack": "target_stack.c"}
FLAGS = ["-mthumb", "-Os", "-DNDEBUG", "-ffreestanding", "-ffunction-sections", "-fdata-sections", f"-I{ROOT}", f"-I{ROOT}/include",
         "-DMBEDTLS_CONFIG_FILE=\"mbedtls_config_device.h\""]
CXX = ["-std=c++20", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics", "-fno-unwind-tables", "-fno-asynchronous-unwind-tables",
       "-Wno-psabi", "-Wall", "-Wextra", "-Werror"]
C = ["-std=c11", "-pedantic", "-Wall", "-Wextra", "-Werror"]


def sources(mbedtls):
    """Pairs of a file and how it is compiled. What the stack program alone measures is in its own folders."""
    for folder in ("core/base", "core/cbor", "core/cose", "core/suit", "core/processor", "device/capi", "crypto_backends/small"):
        for path in sorted((ROOT / folder).glob("*.cpp")):
            if not re.search(r"\.(test|compile)\.cpp$", path.name):
                yield path, ["arm-none-eabi-g++", *CXX]
    for name in ("minimal.c", "minimal_alloc.c", "minimal_envelope.c", "target_start.c", "target_main.c", "target_stack.c"):
        yield EXAMPLE / name, ["arm-none-eabi-gcc", *C]
    yield ROOT / "device/port_test/port_test.cpp", ["arm-none-eabi-g++", *CXX]
    for name in ("library/sha256.c", "library/platform_util.c", "library/constant_time.c", "3rdparty/p256-m/p256-m/p256-m.c"):
        yield mbedtls / name, ["arm-none-eabi-gcc", "-std=gnu11", f"-I{mbedtls}/library", f"-I{mbedtls}/3rdparty/p256-m/p256-m"]


def public_calls():
    """Functions that the headers of include/tailor declare."""
    text = "".join(header.read_text() for header in sorted((ROOT / "include/tailor").glob("*.h")))
    return sorted(set(re.findall(r"^(?:const )?\w+\*? (tailor_\w+)\(", text, re.M)))


def run(core, program):
    """Runs a program in QEMU; returns what it printed."""
    result = subprocess.run(["qemu-system-arm", "-M", CORES[core][0], "-display", "none", "-monitor", "none", "-serial", "none", "-kernel",
                             program, "-semihosting-config", "enable=on,target=native"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            text=True, timeout=60)
    if result.returncode != 0:
        sys.exit(f"{program.name} on {CORES[core][0]} ended with {result.returncode}:\n{result.stdout}")
    return result.stdout


def build_and_run(core, mbedtls, headers, folder, pool):
    _, flash, ram = CORES[core]
    launcher = ["ccache"] if shutil.which("ccache") else []
    common = [f"-mcpu={core}", *FLAGS, *OPTIONS, f"-I{headers}"]

    def compile_one(item):
        source, compiler = item
        target = folder / f"{core}-{source.parent.name}-{source.name}.o"
        # The allocator that is the default exists only in a build without one of the application's.
        allocator = [] if source.name in ("pool.cpp", "target_stack.c") else [OWN_ALLOCATOR]
        subprocess.run([*launcher, *compiler, *common, *allocator, "-c", source, "-o", target], check=True)
        return target

    objects = list(pool.map(compile_one, sources(mbedtls)))
    for name, main_file in PROGRAMS.items():
        others = tuple(f"-{other}.o" for other in PROGRAMS.values() if other != main_file)
        subprocess.run(["arm-none-eabi-g++", f"-mcpu={core}", "-mthumb", "-Os", "-nostartfiles", "--specs=nano.specs", f"-T{EXAMPLE}/target.ld",
                        f"-Wl,--defsym=flash_at={flash},--defsym=ram_at={ram},--gc-sections,--no-warn-rwx-segments",
                        *(item for item in objects if not item.name.endswith(others)), "-o", folder / f"{core}-{name}.elf"], check=True)
    program = folder / f"{core}-minimal.elf"
    size = subprocess.run(["arm-none-eabi-size", program], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[1].split()
    if "minimal: installed" not in (said := run(core, program)):
        sys.exit(f"{program.name} says:\n{said}")
    stack = {name: int(value) for name, value in re.findall(r"^stack (\S+) (\d+)$", run(core, folder / f"{core}-stack.elf"), re.M)}
    if missing := set(public_calls()) - set(stack):
        sys.exit(f"target_stack.c does not measure {', '.join(sorted(missing))}")
    return {"flash": int(size[0]) + int(size[1]), "ram": int(size[1]) + int(size[2]), "stack": stack}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    prefix = Path(subprocess.run([ROOT / "tools/build_mbedtls.sh", "--print-prefix"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip())
    name = prefix.name.removeprefix("mbedtls-").rsplit("-", 1)[0]
    mbedtls = prefix.parent / f"sources/mbedtls-{name}"
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        table = {core: build_and_run(core, mbedtls, prefix / "cortex-m3/include", Path(folder), pool) for core in CORES}
    if arguments.json:
        print(json.dumps(table, indent=2))
        return
    print(f"{'':24}" + "".join(f"{core:>15}" for core in table))
    for part in ("flash", "ram"):
        print(f"{part:24}" + "".join(f"{row[part]:>15}" for row in table.values()))
    for call in public_calls():
        print(f"{call:24}" + "".join(f"{row['stack'][call]:>15}" for row in table.values()))
    print(f"minimal_c: {len(table)} cores")


if __name__ == "__main__":
    main()

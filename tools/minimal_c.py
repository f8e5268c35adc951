#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds examples/minimal_c for three Cortex-M and runs each in QEMU: size, and stack of each public call.

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
           "-DTAILOR_ALLOC_HEADER=\"examples/minimal_c/minimal_alloc.h\"", "-DTAILOR_ERROR_TEXTS=0"]
OPTIONS += [f"-DTAILOR_SUIT_{name}=0" for name in ("SEQUENCES", "CONDITIONS", "CHECK_CONTENT", "WRITE", "COPY", "SWAP", "CUSTOM", "DEPENDENCIES",
                                                   "UPDATE_MANAGEMENT", "ENCRYPTION", "RECORDS")]
OPTIONS += [f"-DTAILOR_COSE_{name}=0" for name in ("SIGN", "MAC", "ENCRYPT", "ED25519", "HSS_LMS")]
FLAGS = ["-mthumb", "-Os", "-DNDEBUG", "-ffreestanding", "-ffunction-sections", "-fdata-sections", f"-I{ROOT}", f"-I{ROOT}/include",
         "-DMBEDTLS_CONFIG_FILE=\"mbedtls_config_device.h\""]
CXX = ["-std=c++20", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics", "-fno-unwind-tables", "-fno-asynchronous-unwind-tables",
       "-Wno-psabi", "-Wall", "-Wextra", "-Werror"]
C = ["-std=c11", "-pedantic", "-Wall", "-Wextra", "-Werror"]


def sources(mbedtls):
    for folder in ("core/base", "core/cbor", "core/cose", "core/suit", "core/processor", "device/capi", "crypto_backends/small"):
        for path in sorted((ROOT / folder).glob("*.cpp")):
            if not re.search(r"\.(test|compile)\.cpp$", path.name):
                yield path, ["arm-none-eabi-g++", *CXX]
    for name in ("minimal.c", "minimal_alloc.c", "minimal_envelope.c", "target_main.c"):
        yield EXAMPLE / name, ["arm-none-eabi-gcc", *C]
    for name in ("library/sha256.c", "library/platform_util.c", "library/constant_time.c", "3rdparty/p256-m/p256-m/p256-m.c"):
        yield mbedtls / name, ["arm-none-eabi-gcc", "-std=gnu11", f"-I{mbedtls}/library", f"-I{mbedtls}/3rdparty/p256-m/p256-m"]


def build_and_run(core, mbedtls, headers, folder, pool):
    machine, flash, ram = CORES[core]
    launcher = ["ccache"] if shutil.which("ccache") else []
    common = [f"-mcpu={core}", *FLAGS, *OPTIONS, f"-I{headers}"]

    def compile_one(item):
        source, compiler = item
        target = folder / f"{core}-{source.parent.name}-{source.name}.o"
        subprocess.run([*launcher, *compiler, *common, "-c", source, "-o", target], check=True)
        return target

    objects = list(pool.map(compile_one, sources(mbedtls)))
    program = folder / f"{core}.elf"
    subprocess.run(["arm-none-eabi-g++", f"-mcpu={core}", "-mthumb", "-Os", "-nostartfiles", "--specs=nano.specs", f"-T{EXAMPLE}/target.ld",
                    f"-Wl,--defsym=flash_at={flash},--defsym=ram_at={ram},--gc-sections,--no-warn-rwx-segments", *objects, "-o", program],
                   check=True)
    size = subprocess.run(["arm-none-eabi-size", program], check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()[1].split()
    result = subprocess.run(["qemu-system-arm", "-M", machine, "-display", "none", "-monitor", "none", "-serial", "none", "-kernel", program,
                             "-semihosting-config", "enable=on,target=native"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            timeout=60)
    if result.returncode != 0 or "minimal: installed" not in result.stdout:
        sys.exit(f"{core} on {machine} ended with {result.returncode}:\n{result.stdout}")
    stack = {name: int(value) for name, value in re.findall(r"^stack (\S+) (\d+)$", result.stdout, re.M)}
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
    print(f"{'core':14} {'flash':>7} {'RAM':>6}   stack of tailor_envelope_open, _feed, _finish, _close")
    for core, row in table.items():
        print(f"{core:14} {row['flash']:>7} {row['ram']:>6}   {', '.join(str(value) for value in row['stack'].values())}")
    print(f"minimal_c: {len(table)} cores")


if __name__ == "__main__":
    main()

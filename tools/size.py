#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Flash and RAM of the device library's parts for Cortex-M3 (-Os), beside the committed budgets.

Flash is code, constants and initial values; RAM is initialised and zeroed data. A part is one static library, counted
whole: what a linker would drop is in the figure. suit-required and suit-full are what tools/size/recipient.cpp links of them, without the
crypto backend, with every option off and with everything on, and the same with -flto, as a firmware may be built; boot-... is what
tools/size/boot_program.cpp links of the boot module by install mode, without processor and crypto; verifying-boot has the processor, and
lacks only crypto and a start-up. `--json` prints {part: {flash, ram, budget_flash, budget_ram}};
`--check` fails when a part is over its budget or has none; `--update` lowers or raises budgets to 2 % above what is
reached, or to the goal where that is met and smaller.
"""
import json
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUDGETS = ROOT / "tools/size_budgets.json"

# part -> libraries that make it up
PARTS = {
    "suit": ["tailor_cbor", "tailor_cose", "tailor_suit", "tailor_processor"],
    "hss": ["tailor_hss"],
    "coap": ["tailor_coap"],
    "trust": ["tailor_trust"],
    "update": ["tailor_update"],
    "report": ["tailor_report"],
    "storage": ["tailor_device_storage"],
    "boot": ["tailor_device_boot"],
    "agent": ["tailor_device_agent", "tailor_est"],
    "recovery": ["tailor_device_recovery", "tailor_serial"],
    "capi": ["tailor_device_capi"],
    "base": ["tailor_base"],
}


def library(name):
    found = sorted((ROOT / "build/cortex-m3").rglob(f"lib{name}.a"))
    return found[0] if found else None


def measure(path):
    flash = ram = 0
    output = subprocess.run(["arm-none-eabi-size", "-A", str(path)], check=True, stdout=subprocess.PIPE, text=True).stdout
    for line in output.splitlines():
        match = re.match(r"^(\.\S+)\s+(\d+)\s+\d+", line)
        if not match:
            continue
        section, size = match.group(1), int(match.group(2))
        if section.startswith((".text", ".rodata", ".data", ".init_array", ".ARM.ex")):
            flash += size
        if section.startswith((".data", ".bss")):
            ram += size
    return flash, ram


# What a recipient links of SUIT, CBOR and COSE, by options: what the manifest draft requires, and everything.
SETS = {
    "suit-required": ["-DTAILOR_SUIT_SEQUENCES=0", "-DTAILOR_SUIT_CONDITIONS=0", "-DTAILOR_SUIT_CHECK_CONTENT=0", "-DTAILOR_SUIT_WRITE=0",
                      "-DTAILOR_SUIT_COPY=0", "-DTAILOR_SUIT_SWAP=0", "-DTAILOR_SUIT_CUSTOM=0", "-DTAILOR_SUIT_DEPENDENCIES=0",
                      "-DTAILOR_SUIT_UPDATE_MANAGEMENT=0", "-DTAILOR_SUIT_ENCRYPTION=0", "-DTAILOR_SUIT_RECORDS=0", "-DTAILOR_COSE_SIGN=0",
                      "-DTAILOR_COSE_MAC=0", "-DTAILOR_COSE_ENCRYPT=0", "-DTAILOR_COSE_ED25519=0", "-DTAILOR_COSE_HSS_LMS=0"],
    "suit-full": [],
}
SETS |= {f"{part}-lto": [*defines, "-flto=1"] for part, defines in SETS.items()}
# What a boot program links of journal, decision, moves and the manifest's area, by install mode.
MODES = {
    "boot-in-place": ["-DTAILOR_BOOT_OVERWRITE=0", "-DTAILOR_BOOT_SWAP=0"],
    "boot-overwrite": ["-DTAILOR_BOOT_SWAP=0"],
    "boot-swap": ["-DTAILOR_BOOT_OVERWRITE=0"],
    "boot-all": [],
}
# A boot program over the processor, but for crypto: slots executed in place, ESP256, what the manifest draft requires of a bootloader.
VERIFYING_BOOT = [*SETS["suit-required"], *MODES["boot-in-place"], "-DTAILOR_BOOT_PAIR=0"]
FIRMWARE = ["arm-none-eabi-g++", "-mcpu=cortex-m3", "-mthumb", "-Os", "-DNDEBUG", "-std=c++20", "-ffreestanding", "-fno-exceptions", "-fno-rtti",
            "-fno-threadsafe-statics", "-Wno-psabi", "-ffunction-sections", "-fdata-sections", "-fno-unwind-tables", "-fno-asynchronous-unwind-tables",
            f"-I{ROOT}", f"-I{ROOT / 'include'}"]


ENTRIES = {"recipient": "suit_recipient", "boot_program": "boot_program", "verifying_boot": "verifying_boot", "processor_boot": "processor_boot"}
# Whole programs of the board in QEMU, as preset mps2-an385 links them; absent when that is not built. Their RAM is static, without the stack.
PROGRAMS = {"mps2-boot": "boot", "mps2-boot-hss": "boot-hss"}


def measure_linked(defines, folders, entry):
    sources = [path for folder in folders for path in sorted((ROOT / folder).glob("*.cpp"))
               if not re.search(r"\.(test|compile)\.cpp$", path.name)] + [ROOT / f"tools/size/{entry}.cpp"]
    with tempfile.TemporaryDirectory() as folder:
        def compile_one(source):
            target = f"{folder}/{source.parent.name}-{source.stem}.o"
            subprocess.run([*FIRMWARE, *defines, "-c", str(source), "-o", target], check=True)
            return target
        with ThreadPoolExecutor(2) as pool:
            objects = list(pool.map(compile_one, sources))
        linked = f"{folder}/recipient.elf"
        subprocess.run([*FIRMWARE, *defines, "-nostdlib", f"-Wl,--gc-sections,--unresolved-symbols=ignore-all,-e,{ENTRIES[entry]}", *objects, "-o", linked],
                       check=True)
        return measure(linked)


def main():
    budgets = json.loads(BUDGETS.read_text()) if BUDGETS.exists() else {}
    table, problems, measured = {}, [], {}
    for part, names in PARTS.items():
        paths = [library(name) for name in names]
        if not any(paths):
            continue
        flash = ram = 0
        for path in filter(None, paths):
            part_flash, part_ram = measure(path)
            flash, ram = flash + part_flash, ram + part_ram
        measured[part] = (flash, ram)
    if library("tailor_processor"):
        for part, defines in SETS.items():
            measured[part] = measure_linked(defines, ["core/cbor", "core/cose", "core/suit", "core/processor"], "recipient")
    if library("tailor_device_boot"):
        for part, defines in MODES.items():
            measured[part] = measure_linked(defines, ["device/boot", "device/storage"], "boot_program")
    if library("tailor_device_boot") and library("tailor_processor"):
        measured["processor-boot"] = measure_linked(
            VERIFYING_BOOT, ["device/boot", "device/storage", "core/cbor", "core/cose", "core/suit", "core/processor"], "processor_boot")
        measured["verifying-boot"] = measure_linked(
            [*MODES["boot-in-place"], "-flto=1"], ["device/boot", "device/boot/mapped", "device/storage"], "verifying_boot")
    for part, name in PROGRAMS.items():
        path = ROOT / f"build/mps2-an385/firmware/{name}.elf"
        if path.exists():
            measured[part] = measure(path)
    for part, (flash, ram) in measured.items():
        budget = budgets.get(part, {})
        row = {"flash": flash, "ram": ram, "budget_flash": budget.get("budget_flash"), "budget_ram": budget.get("budget_ram")}
        table[part] = row
        for kind in ("flash", "ram"):
            if row[f"budget_{kind}"] is None:
                problems.append(f"{part}: no {kind} budget in tools/size_budgets.json")
            elif row[kind] > row[f"budget_{kind}"]:
                problems.append(f"{part}: {kind} {row[kind]} is over its budget of {row[f'budget_{kind}']} bytes")
    if "--update" in sys.argv:
        for part, row in table.items():
            goal = budgets.get(part, {}).get("goal_flash")
            reached = -(-row["flash"] * 102 // 100)
            budgets[part] = {**budgets.get(part, {}), "budget_flash": min(goal, reached) if goal and row["flash"] <= goal else reached,
                             "budget_ram": -(-row["ram"] * 102 // 100)}
        BUDGETS.write_text(json.dumps(budgets, indent=2) + "\n")
        return 0
    if "--json" in sys.argv:
        print(json.dumps(table, indent=2))
    else:
        print(f"{'part':14} {'flash':>8} {'budget':>8} {'goal':>8} {'RAM':>7} {'budget':>7}   Cortex-M3, -Os, bytes, static data only")
        for part, row in table.items():
            goal = budgets.get(part, {}).get("goal_flash") or "-"
            print(f"{part:14} {row['flash']:>8} {row['budget_flash'] or '-':>8} {goal:>8} {row['ram']:>7} "
                  f"{row['budget_ram'] if row['budget_ram'] is not None else '-':>7}")
    if "--check" in sys.argv:
        for problem in problems:
            print(problem)
        if not table:
            print("no part was measured: build preset cortex-m3 first")
        return 1 if problems or not table else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())

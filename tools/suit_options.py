#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds the manifest processor with one option of core/processor/options.hpp off, as a firmware would: freestanding, warnings
as errors. Fails when it does not compile, or when something that is left refers to what was left out.

usage: suit_options.py [--cxx COMPILER] OPTION | --list
"""
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "core/processor"
FLAGS = ["-std=c++20", "-O1", "-ffreestanding", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics", "-Wall", "-Wextra",
         "-Wconversion", "-Wshadow", "-Werror", f"-I{ROOT}", f"-I{ROOT / 'include'}"]


def options():
    return re.findall(r"^#ifndef (TAILOR_SUIT_\w+)$", (FOLDER / "options.hpp").read_text(), re.M)


def symbols(nm_flag, objects):
    output = subprocess.run(["nm", "-C", nm_flag, *map(str, objects)], check=True, stdout=subprocess.PIPE, text=True).stdout
    names = (line.split(maxsplit=2 if nm_flag == "--defined-only" else 1)[-1] for line in output.splitlines() if " " in line)
    return {name for name in names if name.startswith("tailor::processor::")}


def build(option, compiler):
    sources = sorted(path for path in FOLDER.glob("*.cpp") if not re.search(r"\.(test|compile)\.cpp$", path.name))
    with tempfile.TemporaryDirectory() as folder:
        def compile_one(source):
            target = Path(folder) / (source.stem + ".o")
            run = subprocess.run([compiler, *FLAGS, f"-D{option}=0", "-c", str(source), "-o", str(target)], stderr=subprocess.PIPE, text=True)
            return target, run.returncode, run.stderr
        with ThreadPoolExecutor(2) as pool:
            results = list(pool.map(compile_one, sources))
        for _, code, errors in results:
            if code != 0:
                print(errors)
                return 1
        objects = [target for target, _, _ in results]
        missing = symbols("--undefined-only", objects) - symbols("--defined-only", objects)
        for name in sorted(missing):
            print(f"{option}=0 leaves a reference to {name}")
        return 1 if missing else 0


def main():
    arguments = sys.argv[1:]
    compiler = "g++"
    if arguments[:1] == ["--cxx"]:
        compiler, arguments = arguments[1], arguments[2:]
    if arguments == ["--list"]:
        print("\n".join(options()))
        return 0
    if len(arguments) != 1 or arguments[0] not in options():
        print(__doc__)
        return 2
    return build(arguments[0], compiler)


if __name__ == "__main__":
    sys.exit(main())

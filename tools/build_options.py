#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds a part of the device library with one option of its options.hpp off, as a firmware would: freestanding, warnings
as errors. Fails when it does not compile, or when something that is left refers to what was left out.

usage: build_options.py [--cxx COMPILER] FOLDER OPTION | FOLDER --list
"""
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLAGS = ["-std=c++20", "-O1", "-ffreestanding", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics", "-Wall", "-Wextra",
         "-Wconversion", "-Wshadow", "-Werror", f"-I{ROOT}", f"-I{ROOT / 'include'}"]


def options(folder):
    return re.findall(r"^#ifndef (TAILOR_\w+)$", (ROOT / folder / "options.hpp").read_text(), re.M)


def symbols(nm_flag, objects, namespace):
    output = subprocess.run(["nm", "-C", nm_flag, *map(str, objects)], check=True, stdout=subprocess.PIPE, text=True).stdout
    names = (line.split(maxsplit=2 if nm_flag == "--defined-only" else 1)[-1] for line in output.splitlines() if " " in line)
    return {name for name in names if name.startswith(namespace)}


def build(folder_name, option, compiler):
    namespace = f"tailor::{Path(folder_name).name}::"
    sources = sorted(path for path in (ROOT / folder_name).glob("*.cpp") if not re.search(r"\.(test|compile)\.cpp$", path.name))
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
        missing = symbols("--undefined-only", objects, namespace) - symbols("--defined-only", objects, namespace)
        for name in sorted(missing):
            print(f"{option}=0 leaves a reference to {name}")
        return 1 if missing else 0


def main():
    arguments = sys.argv[1:]
    compiler = "g++"
    if arguments[:1] == ["--cxx"]:
        compiler, arguments = arguments[1], arguments[2:]
    if len(arguments) != 2 or not (ROOT / arguments[0] / "options.hpp").exists():
        print(__doc__)
        return 2
    folder, option = arguments
    if option == "--list":
        print("\n".join(options(folder)))
        return 0
    if option not in options(folder):
        print(f"{folder}/options.hpp has no option {option}")
        return 2
    return build(folder, option, compiler)


if __name__ == "__main__":
    sys.exit(main())

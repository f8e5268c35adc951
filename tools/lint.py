#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Layers, formatting and names. `--format` only checks what is quick; without it clang-tidy reads every source as well."""
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def tracked(*suffixes):
    output = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    return [name for name in output.splitlines() if name.endswith(suffixes) and (ROOT / name).exists()]


def check_format():
    result = subprocess.run(["clang-format", "--dry-run", "--Werror", *tracked(".hpp", ".cpp", ".h", ".c")], cwd=ROOT,
                            stderr=subprocess.PIPE, text=True)
    if result.returncode:
        wrong = sorted({line.split(":")[0] for line in result.stderr.splitlines() if "error:" in line})
        print("not formatted (clang-format -i mends it):\n  " + "\n  ".join(wrong))
    return result.returncode == 0


def tidy(source):
    result = subprocess.run(["clang-tidy", "--quiet", "-p", "build/tidy", source], cwd=ROOT, stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, text=True)
    return source, result.returncode, result.stdout


def check_tidy():
    # A compile database of clang, so that GCC's own flags do not confuse the tool.
    subprocess.run(["cmake", "--preset", "dev", "-B", "build/tidy", "-DCMAKE_CXX_COMPILER=clang++", "-DCMAKE_C_COMPILER=clang"],
                   cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    known = {os.path.relpath(entry["file"], ROOT) for entry in json.loads((ROOT / "build/tidy/compile_commands.json").read_text())}
    good = True
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for source, code, output in pool.map(tidy, [name for name in tracked(".cpp") if name in known]):
            if code or "warning:" in output:
                good = False
                print(f"{source}:\n{output}")
    return good


def main():
    good = subprocess.run([sys.executable, "tools/check_layers.py"], cwd=ROOT).returncode == 0
    good = check_format() and good
    if "--format" not in sys.argv[1:]:
        good = check_tidy() and good
    print("lint: " + ("clean" if good else "see above"))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())

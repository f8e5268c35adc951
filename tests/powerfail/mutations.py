#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Breaks the boot code in each way that mutations.toml lists, one at a time, and expects the tests to notice.

The working tree is not touched: the changed file is compiled by itself and linked before the library that holds the
original, in a build folder of its own. Prints a line for each mutation with the first test that failed; ends with 1 if one
survived, and with 2 before it breaks anything when one does not apply any more or the tests fail by themselves. `--list` only
checks that every `old` stands exactly once in its file; words as arguments take the mutations whose names hold them all;
`--table FILE` writes the result as a table too.
"""
import argparse
import json
import re
import shlex
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / "build/mutations"
SECONDS = 900  # for one program; none takes a tenth of it on an idle machine
PROGRAMS = {"powerfail_test": "tests/powerfail/powerfail_test", "boot_test": "device/boot/boot_test"}


def mutations():
    listed = tomllib.loads((Path(__file__).parent / "mutations.toml").read_text())["mutation"]
    stale = [f"{mutation['name']}: its text stands {count} times in {mutation['file']}" for mutation in listed
             if (count := (ROOT / mutation["file"]).read_text().count(mutation["old"])) != 1]
    if stale:
        print("\n".join(stale), file=sys.stderr)
        sys.exit(2)
    return listed


def build():
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / "build.log").open("w") as log:
        for command in (["cmake", "--preset", "release", "-B", BUILD], ["cmake", "--build", BUILD, "-j2", "--target", *PROGRAMS]):
            if subprocess.run(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT).returncode != 0:
                print(f"mutations: {BUILD}/build.log says why the tests could not be built", file=sys.stderr)
                sys.exit(2)


def link_command(target):
    commands = subprocess.run(["ninja", "-t", "commands", "-s", PROGRAMS[target]], cwd=BUILD, check=True, stdout=subprocess.PIPE,
                              text=True).stdout
    command = re.search(r":\s*&&\s*(.*?)\s*&&\s*(?::|cd )", commands, re.S) or re.search(r":\s*&&\s*(.*)", commands)
    return shlex.split(command.group(1))


def compile_mutant(mutation, folder):
    source = ROOT / mutation["file"]
    mutant = Path(folder) / source.name
    mutant.write_text(source.read_text().replace(mutation["old"], mutation["new"]))
    entry = next(row for row in json.loads((BUILD / "compile_commands.json").read_text()) if row["file"] == str(source))
    words = [word for word in shlex.split(entry["command"]) if word not in ("-Werror", "ccache") and not word.endswith("/ccache")]
    words[words.index("-o") + 1] = f"{folder}/mutant.o"
    words[words.index("-c") + 1] = str(mutant)
    subprocess.run([*words, "-w"], cwd=BUILD, check=True)
    return f"{folder}/mutant.o"


def first_failure(target, link, mutant, folder):
    """The first test that fails with the mutant linked in; None when all pass. Without a mutant: the tests as they are."""
    program = f"{folder}/{target}"
    words = list(link)
    words[words.index("-o") + 1] = program
    objects = next(i for i, word in enumerate(words) if word.endswith(".o"))
    subprocess.run([*words[:objects], *([mutant] if mutant else []), *words[objects:]], cwd=BUILD, check=True)
    output = Path(folder) / "output"
    with output.open("w") as file:
        try:
            code = subprocess.run([program, "--gtest_fail_fast"], stdout=file, stderr=subprocess.STDOUT, timeout=SECONDS).returncode
        except subprocess.TimeoutExpired:
            code = None
    if code == 0:
        return None
    text = output.read_text(errors="replace")
    failed = re.search(r"^\[  FAILED  \] (\S+?),? ", text, re.M)
    if failed:
        return failed.group(1)
    started = re.findall(r"^\[ RUN      \] (\S+)", text, re.M)
    return (started[-1] if started else target) + (" (does not end)" if code is None else " (aborts)")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--table", type=Path, metavar="FILE")
    parser.add_argument("words", nargs="*")
    given = parser.parse_args()
    listed = mutations()
    if given.list:
        print(f"{len(listed)} mutations")
        return 0
    chosen = [mutation for mutation in listed if all(word in mutation["name"] for word in given.words)]
    build()
    links = {target: link_command(target) for target in PROGRAMS}
    for target, link in links.items():
        with tempfile.TemporaryDirectory() as folder:
            if failure := first_failure(target, link, None, folder):
                print(f"mutations: {failure} fails with nothing broken", file=sys.stderr)
                return 2
    survivors, rows = 0, []
    for mutation in chosen:
        with tempfile.TemporaryDirectory() as folder:
            mutant = compile_mutant(mutation, folder)
            caught = next(filter(None, (first_failure(target, link, mutant, folder) for target, link in links.items())), None)
        survivors += 0 if caught else 1
        rows.append(f"| {mutation['name']} | {Path(mutation['file']).name} | {f'`{caught}`' if caught else '**none**'} |")
        print(f"{'caught  ' if caught else 'SURVIVED'}  {mutation['name']}: {caught or mutation['file']}", flush=True)
    if given.table:
        given.table.write_text("\n".join(["| mutation | of | caught by |", "| --- | --- | --- |", *rows, ""]))
    print(f"{len(chosen)} mutations, {len(chosen) - survivors} caught, {survivors} survived")
    return 1 if survivors or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())

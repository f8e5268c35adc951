#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Breaks the boot code in each way that mutations.toml lists, one at a time, and expects the tests to notice.

The working tree is not touched: the changed file is compiled by itself and linked before the library that holds the
original. Prints a line for each mutation with the first test that failed; ends with 1 if one survived. `--list` only checks
that every `old` stands exactly once in its file; a word as argument takes the mutations whose name holds it.
"""
import json
import re
import shlex
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / "build/dev"
PROGRAMS = {"powerfail_test": "tests/powerfail/powerfail_test", "boot_test": "device/boot/boot_test"}


def mutations():
    listed = tomllib.loads((Path(__file__).parent / "mutations.toml").read_text())["mutation"]
    for mutation in listed:
        count = (ROOT / mutation["file"]).read_text().count(mutation["old"])
        if count != 1:
            sys.exit(f"{mutation['name']}: its text stands {count} times in {mutation['file']}")
    return listed


def build():
    subprocess.run(["cmake", "--preset", "dev"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--build", "--preset", "dev", "-j2", "--target", *PROGRAMS], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


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
    program = f"{folder}/{target}"
    words = list(link)
    words[words.index("-o") + 1] = program
    objects = next(i for i, word in enumerate(words) if word.endswith(".o"))
    subprocess.run([*words[:objects], mutant, *words[objects:]], cwd=BUILD, check=True)
    try:
        result = subprocess.run([program, "--gtest_fail_fast"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300,
                                errors="replace")
    except subprocess.TimeoutExpired:
        return "does not end"
    if result.returncode == 0:
        return None
    failed = re.search(r"^\[  FAILED  \] (\S+?),? ", result.stdout, re.M)
    return failed.group(1) if failed else f"ends with {result.returncode}"


def main():
    listed = mutations()
    if "--list" in sys.argv:
        print(f"{len(listed)} mutations")
        return 0
    wanted = [word for word in sys.argv[1:] if not word.startswith("-")]
    chosen = [mutation for mutation in listed if all(word in mutation["name"] for word in wanted)]
    build()
    links = {target: link_command(target) for target in PROGRAMS}
    survivors = 0
    for mutation in chosen:
        with tempfile.TemporaryDirectory() as folder:
            mutant = compile_mutant(mutation, folder)
            caught = None
            for target, link in links.items():
                caught = first_failure(target, link, mutant, folder)
                if caught:
                    break
        survivors += 0 if caught else 1
        print(f"{'caught  ' if caught else 'SURVIVED'}  {mutation['name']}: {caught or mutation['file']}", flush=True)
    print(f"{len(chosen)} mutations, {len(chosen) - survivors} caught, {survivors} survived")
    return 1 if survivors or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())

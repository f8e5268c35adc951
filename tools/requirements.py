#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes docs/requirements.md from docs/requirements.tsv and checks that every requirement is linked to tests that exist.

A row is: id, source, requirement, owner folder, tests, note. `tests` is a list, divided by blanks, of names as ctest prints
them ("suit_test:Envelope.RefusesUnsigned"; a "*" stands for any text). A row without tests must say in its note that it is
open and why; it is printed as open, never as met. `--check` fails on an unlinked row, on a name that no test has, and on a
docs/requirements.md that is not current; without it the document is written.
"""
import fnmatch
import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "docs/requirements.tsv"
DOCUMENT = ROOT / "docs/requirements.md"


def rows():
    for number, line in enumerate(TABLE.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = line.split("\t")
        if len(cells) != 6:
            sys.exit(f"docs/requirements.tsv:{number}: {len(cells)} cells, 6 are needed")
        yield number, cells


def test_names():
    output = subprocess.run(["ctest", "--test-dir", str(ROOT / "build/dev"), "--show-only=json-v1"], stdout=subprocess.PIPE, text=True)
    return [test["name"] for test in json.loads(output.stdout)["tests"]] if output.returncode == 0 else []


def render():
    lines = ["# Requirements and their tests", "", "Made by `tools/requirements.py` from `requirements.tsv`; the test run checks that every named test exists.",
             "\"Open\" means that it is not met yet.", ""]
    source = None
    for _, (identity, origin, text, owner, tests, note) in rows():
        if origin != source:
            lines += ["", f"## {origin}", "", "| requirement | in one line | owner | tests |", "| --- | --- | --- | --- |"]
            source = origin
        shown = "<br>".join(f"`{test}`" for test in tests.split()) if tests != "-" else "**open**"
        if note != "-":
            shown += f" ({note})"
        lines.append(f"| {identity} | {text} | `{owner}` | {shown} |")
    return "\n".join(lines) + "\n"


def main():
    problems, names = [], test_names() if "--check" in sys.argv[1:] else None
    for number, (identity, _, _, _, tests, note) in rows():
        if tests == "-" and not note.startswith("open: "):
            problems.append(f"docs/requirements.tsv:{number}: {identity} has neither a test nor a note that says why it is open")
        for pattern in tests.split() if names is not None and tests != "-" else []:
            if not fnmatch.filter(names, pattern):
                problems.append(f"docs/requirements.tsv:{number}: {identity}: no test is named {pattern}")
    if names is None:
        DOCUMENT.write_text(render())
    elif not DOCUMENT.exists() or DOCUMENT.read_text() != render():
        problems.append("docs/requirements.md is not current: run tools/requirements.py")
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

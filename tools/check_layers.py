#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks every #include against tools/layers.txt: dependencies point one way, and each file says its licence.

Unit tests (*.test.cpp) may use testing/ and the crypto backends besides what their folder may. `--self-test` proves that
a wrong include, an unlisted folder and a cycle in the table are found.
"""
import re
import sys
import tempfile
from pathlib import Path

SOURCES = (".h", ".hpp", ".c", ".cpp", ".def")
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')
TEST_EXTRAS = ["testing", "crypto_backends/*", "hosted"]


def read_table(path):
    table = {}
    for line in path.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            name, *allowed = line.split()
            table[name] = [] if allowed == ["-"] else allowed
    return table


def folder_of(path, table):
    """The longest listed folder that holds `path` (relative, with slashes)."""
    parts = path.split("/")[:-1]
    for length in range(len(parts), 0, -1):
        candidate = "/".join(parts[:length])
        if candidate in table:
            return candidate
    return None


def allows(allowed, folder):
    return any(rule == "*" or rule == folder or (rule.endswith("/*") and folder.startswith(rule[:-1])) for rule in allowed)


def find_cycle(table):
    expanded = {name: [other for other in table if other != name and allows(rules, other)] for name, rules in table.items()}
    done, path = set(), []

    def visit(name):
        if name in path:
            return path[path.index(name):] + [name]
        if name in done:
            return None
        path.append(name)
        for other in expanded[name]:
            cycle = visit(other)
            if cycle:
                return cycle
        path.pop()
        done.add(name)
        return None

    for name in table:
        if "*" in table[name]:
            continue  # tests, bench, fuzz see everything and nobody sees them
        cycle = visit(name)
        if cycle:
            return cycle
    return None


def check(root, table):
    problems = []
    cycle = find_cycle(table)
    if cycle:
        problems.append(f"tools/layers.txt: cycle {' -> '.join(cycle)}")
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root).as_posix()
        if path.suffix not in SOURCES or relative.startswith(("build/", ".")):
            continue
        folder = folder_of(relative, table)
        text = path.read_text(errors="replace")
        if folder is None:
            problems.append(f"{relative}: folder is not in tools/layers.txt")
            continue
        if "SPDX-License-Identifier: Apache-2.0" not in "\n".join(text.splitlines()[:5]):
            problems.append(f"{relative}: no SPDX line at the top")
        allowed = table[folder] + [folder] + (TEST_EXTRAS if ".test." in path.name else [])
        for number, line in enumerate(text.splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            target = match.group(1)
            target = "include/" + target if target.startswith("tailor/") else target
            target_folder = folder_of(target, table)
            if target_folder is None:
                problems.append(f'{relative}:{number}: "{match.group(1)}" is not named from the project\'s root')
            elif not allows(allowed, target_folder):
                problems.append(f"{relative}:{number}: {folder} may not include {target_folder} (tools/layers.txt)")
    return problems


def self_test():
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        (root / "low").mkdir()
        (root / "high").mkdir()
        (root / "stray").mkdir()
        spdx = "// SPDX-License-Identifier: Apache-2.0\n"
        (root / "low/a.cpp").write_text(spdx + '#include "high/b.hpp"\n')
        (root / "high/b.hpp").write_text(spdx + '#include "low/a.hpp"\n')
        (root / "stray/c.cpp").write_text(spdx)
        (root / "high/d.cpp").write_text("int x;\n")
        found = "\n".join(check(root, {"low": [], "high": ["low"]}))
        expected = ["low/a.cpp:2: low may not include high", "stray/c.cpp: folder is not in", "high/d.cpp: no SPDX"]
        missing = [text for text in expected if text not in found]
        if "high/b.hpp" in found:
            missing.append("an allowed include was refused")
        if not find_cycle({"a": ["b"], "b": ["a"]}) or find_cycle({"a": ["b"], "b": []}):
            missing.append("cycle")
        for text in missing:
            print(f"self-test: not found: {text}")
        return 1 if missing else 0


def main():
    if "--self-test" in sys.argv[1:]:
        return self_test()
    root = Path(__file__).resolve().parent.parent
    problems = check(root, read_table(root / "tools/layers.txt"))
    for problem in problems:
        print(problem)
    return 1 if problems or self_test() else 0


if __name__ == "__main__":
    sys.exit(main())

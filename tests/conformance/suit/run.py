#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Drives a recipient of SUIT manifests through the cases of a vector folder and compares what it says with what is expected.

usage: run.py --program PROGRAM [--without FEATURE,...] [--only TEXT] [--errors] [--json FILE] VECTORS

PROGRAM is called as `PROGRAM ENVELOPE CASE.json`, or, with --batch, once as `PROGRAM -` with a line "ENVELOPE CASE.json" for each case.
README.md is the contract. Cases that need a feature named with --without are not run, and are counted. --errors compares the names of errors too,
which are this implementation's. The feature "trace" stands for traces: without it no case compares them. Exit code: 0 all cases as expected; 1 not; 2 the program could not be run.
"""
import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path


class Program:
    def __init__(self, command, batch):
        self.command = command
        self.process = subprocess.Popen([command, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) if batch else None

    def run(self, envelope, state):
        if self.process:
            self.process.stdin.write(f"{envelope} {state}\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
            if not line:
                self.process = Program(self.command, True).process
                return None, "the program ended"
            return json.loads(line), None
        done = subprocess.run([self.command, envelope, state], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
        if done.returncode != 0:
            return None, f"exit code {done.returncode}: {done.stderr.strip()}"
        return json.loads(done.stdout), None


def readable(step):
    where = f"{step['manifest']} " if step["manifest"] else ""
    return f"{where}section {step['section']} offset {step['offset']} component {step['component']} command {step['command']} {'held' if step['held'] else 'failed'}"


def differences(expected, result, errors, traces):
    found = []
    if result["verdict"] != expected["verdict"]:
        found.append(f"verdict {result['verdict']} ({result.get('error', '')}), expected {expected['verdict']}")
    reasons = expected["reason"] if isinstance(expected["reason"], list) else [expected["reason"]]
    if result["reason"] not in reasons:
        found.append(f"reason {result['reason']} ({result.get('error', '')}), expected {expected['reason']}")
    if errors and "error" in expected and result.get("error") != expected["error"]:
        found.append(f"error {result.get('error')}, expected {expected['error']}")
    contents = {tuple(component["id"]): component for component in result["components"]}
    for component in expected["components"]:
        have = contents.get(tuple(component["id"]))
        if have is None:
            found.append(f"component {component['id']} is not told")
        elif component["content"] is not None and have["content"] != component["content"]:
            found.append(f"component {component['id']} holds {have['content'][:80]}, expected {component['content'][:80]}")
        elif "references" in component and have.get("references") != component["references"]:
            found.append(f"component {component['id']} has {have.get('references')} references, expected {component['references']}")
    if result.get("invoked", []) != expected["invoked"]:
        found.append(f"invoked {result.get('invoked')}, expected {expected['invoked']}")
    if traces and "trace" in expected:
        keep = [{key: step[key] for key in ("manifest", "section", "offset", "component", "command", "held")}
                for step in result["trace"] if step["section"] != 0]
        if keep != expected["trace"]:
            found.append("trace:\n      " + "\n      ".join(map(readable, keep)) + "\n    expected:\n      " + "\n      ".join(map(readable, expected["trace"])))
    return found


def cases(vectors, scratch):
    """Gives (name, needs, envelope file, case file, expected)."""
    for folder in sorted(path.parent for path in vectors.glob("*/case.json")):
        case = json.loads((folder / "case.json").read_text())
        yield folder.name, case["needs"], folder / "envelope.suit", folder / "case.json", case["expected"]
    table = vectors / "malformed.json"
    if table.exists():
        document = json.loads(table.read_text())
        state = scratch / "malformed.case.json"
        state.write_text(json.dumps({"device": document["device"]}))
        for row in document["rows"]:
            envelope = scratch / "malformed.suit"
            envelope.write_bytes(bytes.fromhex(row["envelope"]))
            after = [{"id": component["id"], "content": None if row.get("changes") else component["content"]} for component in document["device"]["components"]]
            expected = {"verdict": "refused", "reason": row["reason"], "components": after, "invoked": []}
            if "error" in row:
                expected["error"] = row["error"]
            yield "malformed: " + row["structure"] + ": " + row["name"], row.get("needs", []), envelope, state, expected


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--without", default="", help="optional features that the program lacks, divided by commas")
    parser.add_argument("--only", default="", help="cases whose name contains this")
    parser.add_argument("--errors", action="store_true")
    parser.add_argument("--batch", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("vectors", type=Path)
    arguments = parser.parse_args()
    without = set(filter(None, arguments.without.split(",")))
    program, results, skipped = Program(arguments.program, arguments.batch), {}, []
    with tempfile.TemporaryDirectory() as scratch:
        for name, needs, envelope, state, expected in cases(arguments.vectors, Path(scratch)):
            if arguments.only not in name:
                continue
            if without & set(needs):
                skipped.append(name)
                continue
            result, problem = program.run(envelope, state)
            results[name] = [problem] if problem else differences(expected, result, arguments.errors, "trace" not in without)
    failed = {name: found for name, found in results.items() if found}
    for name, found in failed.items():
        print(f"{name}:\n    " + "\n    ".join(found))
    print(f"{len(results) - len(failed)} as expected, {len(failed)} not, {len(skipped)} not run")
    if arguments.json:
        arguments.json.write_text(json.dumps({"failed": failed, "skipped": skipped, "passed": len(results) - len(failed)}, indent=1))
    return 1 if failed or not results else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, subprocess.TimeoutExpired) as error:
        print(error, file=sys.stderr)
        sys.exit(2)

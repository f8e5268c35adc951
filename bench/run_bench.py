#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds and runs the benches (release preset) one after the other and keeps their figures as JSON in build/bench/.

`run_bench.py [NAME ...]` runs those named, or all. A bench is a program that prints a table and takes `--json FILE`;
it fails when what it measured was wrong, never because it was slow.
"""
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# name -> targets to build; the first is run, or NAME.py where there is one
BENCHES = {
    "coap_load": ["coap_load", "coap_bench_server", "bare_responder"],
    "dtls_handshake": ["dtls_handshake"],
    "manifest_verify": ["manifest_verify"],
    "suit_bench": ["suit_process"],
}


def main():
    names = sys.argv[1:] or list(BENCHES)
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        print(f"no bench {', '.join(unknown)}; there are: {', '.join(BENCHES)}", file=sys.stderr)
        return 2
    results = ROOT / "build/bench"
    results.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cmake", "--preset", "release"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    failed = []
    for name in names:
        targets = BENCHES[name]
        subprocess.run(["cmake", "--build", "--preset", "release", "--target", *targets], cwd=ROOT, check=True,
                       stdout=subprocess.DEVNULL)
        print(f"== {name}", flush=True)
        script = ROOT / f"bench/{name}.py"
        command = [sys.executable, script] if script.exists() else [ROOT / "build/release/bench" / targets[0]]
        if subprocess.run([*command, "--json", results / f"{name}.json"]).returncode:
            failed.append(name)
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

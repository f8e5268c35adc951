#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs every libFuzzer harness of preset fuzz for SECONDS each; a finding is kept as fuzz/corpus/NAME/crash-*."""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main():
    seconds = sys.argv[1] if len(sys.argv) > 1 else "60"
    failed = 0
    harnesses = sorted((ROOT / "build/fuzz/fuzz").glob("*_fuzz"))
    for harness in harnesses:
        name = harness.name.removesuffix("_fuzz")
        corpus = ROOT / "fuzz/corpus" / name
        work = ROOT / "build/fuzz/corpus" / name
        work.mkdir(parents=True, exist_ok=True)
        corpora = [str(work)] + ([str(corpus)] if corpus.is_dir() else [])
        result = subprocess.run([str(harness), f"-max_total_time={seconds}", "-print_final_stats=1", "-max_len=8192",
                                 f"-artifact_prefix={corpus}/", *corpora], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        runs = re.search(r"stat::number_of_executed_units:\s*(\d+)", result.stdout)
        print(f"{name:24} {'ok' if result.returncode == 0 else 'FOUND SOMETHING':16} {runs.group(1) if runs else '?':>12} executions", flush=True)
        if result.returncode != 0:
            failed += 1
            print("\n".join(result.stdout.splitlines()[-40:]))
    if not harnesses:
        print("no harness was built")
        return 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

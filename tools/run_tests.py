#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Builds every preset that matters, runs all tests and counts them.

Steps: dev (everything: unit, store, interoperation, scenarios), the freestanding builds, the tests of what devices and the
edge of servers parse under the sanitizers (--full: all tests, and the thread sanitizer), size budgets, layer rules, requirements. A skip that tests/allowed_skips.txt does not name counts as a failure. The last
line is "N passed, N failed, N skipped".
"""
import argparse
import os
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
JOBS = str(os.cpu_count() or 2)
# Programs whose code runs on several threads at once: what the thread sanitizer is for.
THREADED = ["net_udp_test", "net_coaps_test", "http_test", "http_server_test", "store_test", "ca_https_test", "ca_coaps_test",
            "update_server_http_test", "update_server_coap_test", "update_service_test"]


class Tally:
    def __init__(self, allowed):
        self.passed, self.failed, self.skipped = 0, [], []
        self.allowed = allowed

    def add(self, name, outcome, detail=""):
        if outcome == "passed":
            self.passed += 1
        elif outcome == "skipped" and any(rule.search(name) for rule, _ in self.allowed):
            self.skipped.append(name)
        elif outcome == "skipped":
            self.failed.append((name, "skipped, and tests/allowed_skips.txt does not allow it"))
        else:
            self.failed.append((name, detail))


def allowed_skips():
    rules = []
    for line in (ROOT / "tests/allowed_skips.txt").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            pattern, reason = line.split(None, 1)
            rules.append((re.compile(pattern), reason))
    return rules


def run(title, command, tally, env=None):
    """Runs one step that is itself a check; its output is shown only when it fails."""
    start = time.monotonic()
    result = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    print(f"-- {title}: {'ok' if result.returncode == 0 else 'FAILED'} ({time.monotonic() - start:.0f} s)", flush=True)
    if result.returncode != 0:
        lines = result.stdout.splitlines()
        errors = [line for line in lines if re.search(r"error|FAILED|undefined reference", line)]
        print("\n".join(errors[:30] + ["..."] + lines[-40:]), flush=True)
    tally.add(title, "passed" if result.returncode == 0 else "failed", "see above")
    return result.returncode == 0


def build(preset, tally, *targets):
    log = ROOT / f"build/{preset}.configure.log"
    log.parent.mkdir(exist_ok=True)
    return run(f"configure {preset}", ["cmake", "--preset", preset], tally) and run(
        f"build {preset}", ["cmake", "--build", "--preset", preset, "-j", JOBS, "--target", *(targets or ["all"])], tally)


def ctest(preset, tally, extra=()):
    """Runs ctest and counts its cases one by one."""
    start = time.monotonic()
    report = ROOT / f"build/{preset}.junit.xml"
    report.unlink(missing_ok=True)
    log = ROOT / f"build/{preset}.ctest.log"
    subprocess.run(["ctest", "--test-dir", f"build/{preset}", "-j", JOBS, "--timeout", "600", "--output-on-failure", "-Q",
                    "-O", str(log), "--output-junit", str(report), *extra], cwd=ROOT)
    if not report.exists():
        tally.add(f"ctest {preset}", "failed", "ctest wrote no report")
        return
    count = 0
    for case in ET.parse(report).getroot().iter("testcase"):
        count += 1
        name = f"{preset}:{case.get('name')}"
        if case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
            tally.add(name, "skipped")
        elif case.get("status") == "run":
            tally.add(name, "passed")
        else:
            output = case.findtext("system-out") or ""
            tally.add(name, "failed", "\n".join(output.splitlines()[-25:]))
    if count == 0:
        tally.add(f"ctest {preset}", "failed", "no test ran")
    print(f"-- tests of {preset}: {count} ({time.monotonic() - start:.0f} s)", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--quick", action="store_true", help="preset dev only")
    length.add_argument("--full", action="store_true", help="all tests under the sanitizers, of threads too")
    arguments = parser.parse_args()
    os.environ.setdefault("TAILOR_VECTORS", str(ROOT.parent / "shared/vectors"))
    tally = Tally(allowed_skips())

    run("layers", [sys.executable, "tools/check_layers.py"], tally)
    build("mps2-an385", tally, "firmware")  # for scenarios of dev
    build("mps2-an385-nrf52", tally, "firmware-plain")
    if build("dev", tally):
        ctest("dev", tally)
        run("requirements", [sys.executable, "tools/requirements.py", "--check"], tally)
    if not arguments.quick:
        for preset in ("freestanding-host", "cortex-m3"):
            build(preset, tally)
        run("size budgets", [sys.executable, "tools/size.py", "--check"], tally)
        if not arguments.full and build("asan-ubsan", tally, "sanitized"):
            ctest("asan-ubsan", tally, ["-L", "sanitized"])
    if arguments.full:
        if build("asan-ubsan", tally):
            ctest("asan-ubsan", tally)
        if build("tsan", tally, *THREADED):
            ctest("tsan", tally, ["-R", "^(" + "|".join(THREADED) + "):", "-E", ":postgres$"])

    for name, detail in tally.failed:
        print(f"\nFAILED {name}\n{detail}")
    if tally.skipped:
        print("\nskipped, as tests/allowed_skips.txt allows:")
        for name in tally.skipped:
            print(f"  {name}")
    print(f"{tally.passed} passed, {len(tally.failed)} failed, {len(tally.skipped)} skipped")
    return 1 if tally.failed or tally.passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())

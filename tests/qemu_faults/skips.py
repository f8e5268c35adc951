#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Skips instructions of the boot program in QEMU, on boards whose image must not run, and expects that it does not.

Every address that the boot program executes on such a board is taken, at its first and at its last execution, and 2, 4, 6, 8
and 10 bytes are skipped there; one of these is the instruction alone. An outcome is the image refused, a fault (which
resets), a hang, or QEMU ended by the program; a bad image that starts is the failure that this looks for. What is
covered and what was seen: docs/instruction-skips.md.
"""
import argparse
import collections
import concurrent.futures
import contextlib
import json
import os
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/scenarios"))

from board_file import KINDS, Factory, Regions  # noqa: E402
from boards import board_name  # noqa: E402
from fleet import Fleet  # noqa: E402
from gdb import GdbLost  # noqa: E402
from program import Program  # noqa: E402
from subject import XPSR, Subject, Trace  # noqa: E402

CRYPTO = re.compile(r"(u32|u64|u256|m256|point|scalar|p256|ecdsa)_")
LENGTHS = (2, 4, 6, 8, 10)
# In all kinds but the last, slot B is empty: a wild jump that ends there runs nothing.
BAD = {kind: ("started A", "strays into A", "started B") for kind in KINDS} | {"candidate": ("started B", "strays into B")}


def advance_it(xpsr, count):
    """ITSTATE after `count` more instructions of its block (ARMv7-M A7.3.3)."""
    state = (xpsr >> 25 & 3) | (xpsr >> 8 & 0xFC)
    for _ in range(count):
        state = state & 0xE0 | (state << 1) & 0x1F if state & 7 else 0
    return xpsr & ~0x0600FC00 | (state & 3) << 25 | (state & 0xFC) << 8


class Campaign:
    """One worker: every n-th moment of one kind of board."""

    def __init__(self, folder, worker, workers, elf, flash, kind, regions, options):
        self.program = Program(elf)
        self.worker, self.workers, self.kind, self.options = worker, workers, kind, options
        self.subject = Subject(folder, f"{kind}-{worker}", self.program, elf, flash, regions, options.crypto)
        self.found = []  # (address, which, length, outcome)
        self.missed = 0

    def moments(self, trace):
        """[(time, address, "first" or "last")], in the order of time."""
        every = []
        for address, times in trace.times.items():
            if address not in self.program.sizes:
                continue
            every.append((times[0], address, "first" if len(times) > 1 else "only"))
            if len(times) > 1:
                every.append((times[-1], address, "last"))
        every.sort()
        if self.options.only:
            every = [moment for moment in every if any(name in self.program.function_at(moment[1]) for name in self.options.only)]
        return every[self.options.first::self.options.every]

    def go_to(self, trace, now, then):
        """From the snapshot "here" of moment `now` to moment `then`; takes a new snapshot there. False: not reached."""
        subject, gdb = self.subject, self.subject.gdb
        subject.emulator.load("here")
        for time_ in trace.waypoints(now, then):
            address = trace.addresses[time_]
            hits = trace.hits(address, now, time_)
            standing = address in subject.standing
            for _ in range(hits):
                here = gdb.register(15)
                if here == address or here in subject.standing:
                    outcome = subject.serve_stop(None) if here in subject.standing else None
                    if outcome:
                        return False
                    if gdb.register(15) == here:
                        gdb.step()
                if gdb.register(15) == address:
                    continue
                if not standing:
                    gdb.insert(address)
                outcome = subject.go_on(stop=address, limit=10)
                if not standing and outcome != "ended":
                    gdb.remove(address)
                if outcome != "there":
                    return False
            now = time_
        subject.keep()
        return True

    def arrives(self, trace, now, then):
        with contextlib.suppress(GdbLost):
            if self.go_to(trace, now, then):
                return True
        self.subject.power_on()
        return False

    def outcome_of(self, address, length):
        """What comes of a skip at the moment that was kept."""
        subject, outcome = self.subject, "ended"
        with contextlib.suppress(GdbLost):
            subject.go_back()
            outcome = self.skip_here(address, length)
            if outcome in BAD[self.kind]:  # on a board that no other run has touched, too?
                subject.go_back(whole=True)
                outcome = self.skip_here(address, length)
        subject.changed = subject.changed or outcome != "refused"
        if outcome == "ended":
            subject.power_on()
        return outcome

    def skip_here(self, address, length):
        gdb = self.subject.gdb
        xpsr = gdb.register(XPSR)
        if xpsr & 0x0600FC00:
            gdb.set_register(XPSR, advance_it(xpsr, self.program.instructions_in(address, length)))
        gdb.set_register(15, address + length)
        return self.subject.go_on(stopped=True)

    def run_crypto(self, deadline):
        """Skips inside of the verification of the image's signature: p256-m, at each address' first and a later execution."""
        subject = self.subject
        addresses = [address for address in self.program.sizes if CRYPTO.match(self.program.function_at(address))]
        mine = addresses[self.worker::self.options.jobs * self.options.every]
        for _ in range(2):  # the trust store's signature, then the manifest's
            subject.gdb.insert(subject.verify)
            if subject.go_on(stop=subject.verify, limit=5) != "there":
                raise RuntimeError("the boot program does not verify two signatures")
            subject.gdb.remove(subject.verify)
            subject.gdb.step()
        subject.emulator.save("call")
        done = 0
        for address in mine:
            if time.monotonic() > deadline:
                break
            for which, hits in (("first", 1), ("later", 30)):
                with contextlib.suppress(GdbLost):
                    subject.emulator.load("call")
                    for hit in range(hits):
                        subject.gdb.insert(address)
                        outcome = subject.go_on(stop=address, limit=1)
                        subject.gdb.remove(address)
                        if outcome != "there":
                            break
                        if hit < hits - 1:
                            subject.gdb.step()
                    else:
                        subject.keep()
                        self.found += [(address, which, length, self.outcome_of(address, length)) for length in LENGTHS]
                        done += 1
                        continue
                if outcome == "ended":
                    subject.power_on()
        subject.emulator.end()
        return {"kind": self.kind, "instructions": 0, "addresses": len(addresses), "moments": 2 * len(addresses), "done": done, "missed": 0,
                "found": self.found}

    def run(self, deadline):
        subject = self.subject
        subject.emulator.save("reset")
        addresses, outcome = subject.trace()
        if outcome in BAD[self.kind]:
            raise RuntimeError(f"{self.kind}: a bad image starts without any skip")
        trace = Trace(addresses)
        every = self.moments(trace)
        mine = every[self.worker::self.workers]
        subject.power_on()
        subject.emulator.load("reset")
        subject.keep()
        now, done = -1, 0
        self.start = addresses[0]
        for moment in mine:
            if time.monotonic() > deadline:
                break
            then, address, which = moment
            if then > now and then > 0 and not self.arrives(trace, now, then):
                self.missed += 1
                continue
            now = max(now, then)
            for length in LENGTHS:
                self.found.append((address, which, length, self.outcome_of(address, length)))
            done += 1
        subject.emulator.end()
        return {"kind": self.kind, "instructions": len(addresses), "addresses": len(trace.times), "moments": len(every), "mine": len(mine),
                "done": done, "missed": self.missed, "outcome": outcome, "found": self.found}


def work(arguments):
    folder, worker, options, elf, flash, kind, regions, deadline = arguments
    os.nice(5)
    campaign = Campaign(folder, worker, options.jobs, elf, flash, kind, regions, options)
    return campaign.run_crypto(deadline) if options.crypto else campaign.run(deadline)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=Path, default=ROOT / "build", help="folder of tailor and mps2-provision")
    parser.add_argument("--firmware", type=Path, default=ROOT / "build/mps2-an385/firmware", help="folder of boot.elf")
    parser.add_argument("--kind", action="append", choices=KINDS, help="kinds of bad boards (default: all)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="take one moment in N")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="with --every: the first moment that is taken, so that runs add up")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="only functions whose name has this in it")
    parser.add_argument("--seconds", type=float, default=1e9, help="stop each kind after so long")
    parser.add_argument("--crypto", action="store_true", help="instead of all else: skips inside of the image signature's verification")
    parser.add_argument("--report", type=Path, help="write each skip and its outcome as JSON lines")
    options = parser.parse_args()
    firmware = options.firmware.resolve()
    elf = firmware / "boot.elf"
    for reason, holds in (("qemu-system-arm is not installed", shutil.which("qemu-system-arm")),
                          ("arm-none-eabi-objdump is not installed", shutil.which("arm-none-eabi-objdump")),
                          ("the firmware is not built (cmake --preset mps2-an385)", elf.exists())):
        if not holds:
            print(f"skipped: {reason}")
            return 77
    regions = Regions(ROOT / "ports/mps2_an385/board.h", board_name(firmware))
    program = Program(elf)
    failures = 0
    with tempfile.TemporaryDirectory(prefix="tailor-skips-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as name:
        folder = Path(name)
        with Fleet(options.programs, folder) as fleet:
            factory = Factory(fleet, firmware, regions)
            flashes = {kind: factory.bad(kind) for kind in options.kind or KINDS}
        for kind, flash in flashes.items():
            begin = time.monotonic()
            deadline = begin + options.seconds
            with concurrent.futures.ProcessPoolExecutor(options.jobs) as pool:  # which notices a worker that dies
                parts = list(pool.map(work, [(folder, worker, options, elf, flash, kind, regions, deadline) for worker in range(options.jobs)]))
            outcomes = collections.Counter(outcome for part in parts for _, _, _, outcome in part["found"])
            bad = [(address, which, length, outcome) for part in parts for address, which, length, outcome in part["found"]
                   if outcome in BAD[kind]]
            failures += len(bad)
            tried = sum(part["done"] for part in parts)
            print(f"{kind}: {parts[0]['instructions']} instructions at {parts[0]['addresses']} addresses; moments {tried} of {parts[0]['moments']}, "
                  f"not reached {sum(part['missed'] for part in parts)}; skips {sum(outcomes.values())}: "
                  f"{', '.join(f'{name} {count}' for name, count in sorted(outcomes.items()))}; bad image started {len(bad)} "
                  f"({time.monotonic() - begin:.0f} s)", flush=True)
            for address, which, length, outcome in sorted(bad):
                print(f"  {address:08x} {which:5} skip {length:2}  {program.function_at(address)[:90]}: {program.texts.get(address, '?')}", flush=True)
            if options.report:
                with open(options.report, "a") as report:
                    for part in parts:
                        for address, which, length, outcome in part["found"]:
                            report.write(json.dumps([kind, address, which, length, outcome]) + "\n")
    print(f"skips: {failures} started a bad image")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

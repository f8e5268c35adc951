# SPDX-License-Identifier: Apache-2.0
"""The boot program on a board whose image must not run, under the debugger: its trace, any moment of it, and what comes of
going on from there. The verification of an ECDSA signature, 15 ms of each 20, is done once for each input and remembered
together with what it leaves on the stack; runs that skip inside of it do it for real."""
import re
import time
from array import array
from bisect import bisect_right

from emulator import Emulator
from gdb import GdbLost

HANDLE = 3
FAULT_STATUS = 0xE000ED28
CPU_SECONDS = 0.12         # a run that is not over by then hangs: more than ten times what a whole one takes
STOPS = 300                # at calls of the host; a whole run has twenty
PIECE = 1792               # of RAM in one request
STACK_BYTES = 1536         # below the stack pointer, kept as the verification leaves it
OPEN, CLOSE, WRITE0, WRITE, READ, SEEK, COMMAND_LINE, EXIT_OLD, EXIT = 0x01, 0x02, 0x04, 0x05, 0x06, 0x0A, 0x15, 0x18, 0x20
XPSR = 25                  # its number in QEMU's stub


class Subject:
    """One QEMU process, started again whenever a run has ended it."""

    def __init__(self, folder, name, program, elf, flash, regions, real_crypto=False):
        self.folder, self.name, self.program, self.elf, self.flash, self.regions = folder, name, program, elf, flash, regions
        self.real_crypto = real_crypto
        self.verify = program.extent("p256_ecdsa_verify")[0]
        self.tick = program.extent("tailor::mps2::(anonymous namespace)::on_tick")
        self.reset = program.extent("tailor_reset")[0]
        self.faults = [program.extent(f"tailor::mps2::(anonymous namespace)::{name}")[0] for name in ("on_fault", "on_watchdog")]
        self.slots = {name: (regions.device_at + at, regions.device_at + at + regions.slot_bytes)
                      for name, at in (("A", regions.slot_a_at), ("B", regions.slot_b_at))}
        self.flash_bytes = flash.read_bytes()
        self.answers = {}
        self.emulator = None
        self.power_on()

    def power_on(self):
        if self.emulator:
            self.emulator.end()
        self.changed = True
        self.emulator = Emulator(self.folder, self.name, self.elf, self.flash)
        self.gdb = self.emulator.gdb
        self.standing = [*self.program.semihosting, *self.faults, *(begin + 64 for begin, _ in self.slots.values())]
        if not self.real_crypto:
            self.standing.append(self.verify)
        for address in self.standing:
            self.gdb.insert(address)

    # --- one moment, again and again --------------------------------------------------------------------------------------

    def keep(self):
        """Remembers this moment: a snapshot, and beside it what a run that ends regularly has changed."""
        self.emulator.save("here")
        self.kept_registers = self.gdb.ask("g")
        self.kept_memory = [(at, self.gdb.read(at, PIECE))
                            for at in range(self.regions.ram_at, self.regions.ram_at + self.regions.boot_ram_bytes, PIECE)]
        self.changed = False

    def go_back(self, whole=False):
        """Takes the board back to the moment that was kept. After a run that was refused and wrote no flash, registers and RAM are
        all; the snapshot makes QEMU translate the whole program again, which takes longer than the run."""
        if whole or self.changed:
            self.emulator.load("here")
        else:
            for at, data in self.kept_memory:
                self.gdb.write(at, data)
            self.gdb.ask("G" + self.kept_registers)
        self.changed = False

    # --- running --------------------------------------------------------------------------------------------------------

    def wait(self, limit):
        """Waits for the processor to stop; False when it has run for `limit` seconds."""
        begin, deadline = self.emulator.cpu_seconds(), time.monotonic() + limit * 20 + 2
        while True:
            answer = self.gdb.answer(timeout=0.03)
            if answer is not None:
                if answer[0] in "WX":
                    raise GdbLost
                return True
            if self.emulator.cpu_seconds() - begin > limit or time.monotonic() > deadline:  # it may sleep, too
                self.gdb.interrupt()
                if self.gdb.answer(timeout=5) is None:
                    raise GdbLost
                return False

    def pass_over(self, next_address):
        """Executes the one instruction under a breakpoint."""
        here = self.gdb.register(15)
        self.gdb.remove(here)
        if next_address not in self.standing:
            self.gdb.insert(next_address)
        self.gdb.go()
        self.wait(5)
        if next_address not in self.standing:
            self.gdb.remove(next_address)
        self.gdb.insert(here)

    def serve_stop(self, stop):
        """Does what a standing breakpoint is for; an outcome, or None to go on."""
        registers = self.gdb.registers()
        pc, sp = registers[15], registers[13]
        if pc == stop:
            return "there"
        for name, (begin, _) in self.slots.items():
            if pc == begin + 64:
                return f"started {name}"
        if pc in self.faults:
            return self.faulted(sp)
        if pc == self.verify:
            self.answer_verification(registers)
        elif pc in self.program.semihosting:
            return self.serve_semihosting(pc, registers)
        return None

    def serve_semihosting(self, pc, registers):
        """Plays the host: one file, the flash, which no run changes. Any other call does nothing, whatever a skip made of it."""
        operation, block = registers[0], registers[1]
        if operation in (EXIT, EXIT_OLD):
            return "refused"
        if operation == COMMAND_LINE:
            self.pass_over(pc + 2)
            return None
        self.changed = self.changed or operation == WRITE
        result = 0 if operation in (CLOSE, WRITE0, WRITE, SEEK) else -1
        if operation == OPEN:
            path = self.gdb.read(self.word(block), len(str(self.flash)) + 1)
            result = HANDLE if path == str(self.flash).encode() + b"\0" else -1
        elif operation == READ and self.word(block) == HANDLE:
            result = self.read_flash(self.word(block + 4), self.word(block + 8))
        self.gdb.set_register(0, result)
        self.gdb.set_register(15, pc + 2)
        return None

    def word(self, address):
        return int.from_bytes(self.gdb.read(address, 4) or b"", "little")

    def read_flash(self, address, length):
        """Puts the flash file there, from its beginning; how many bytes are missing."""
        data = self.flash_bytes[:length]
        for at in range(0, len(data), 1024):
            self.gdb.write(address + at, data[at:at + 1024])
        return length - len(data)

    def faulted(self, sp):
        """A fault is a reset, unless an image was running by then. What may not execute has not (CFSR.IACCVIOL)."""
        if self.word(FAULT_STATUS) & 1:
            return "crashed"
        frame = self.gdb.read(sp, 32)
        at = int.from_bytes(frame[24:28], "little") if frame else 0
        return self.place(at) or "crashed"

    def place(self, pc):
        for name, (begin, end) in self.slots.items():
            if begin <= pc < end:
                return f"strays into {name}"
        return None

    def answer_verification(self, registers):
        """Returns from p256_ecdsa_verify as it returned the first time with this input at this place."""
        sp, back = registers[13], registers[14] & ~1
        inputs = (self.gdb.read(registers[0], 64), self.gdb.read(registers[1], 64), self.gdb.read(registers[2], 32), registers[3], sp, back)
        if inputs not in self.answers:
            self.gdb.remove(self.verify)
            self.gdb.insert(back)
            self.gdb.go()
            ended = self.wait(2)
            self.gdb.insert(self.verify)
            self.gdb.remove(back)
            if back in self.standing:
                self.gdb.insert(back)
            after = self.gdb.registers()
            if ended and after[15] == back:
                self.answers[inputs] = (after[:4] + [after[12]], self.gdb.read(sp - STACK_BYTES, STACK_BYTES))
            return
        values, stack = self.answers[inputs]
        for number, value in zip((0, 1, 2, 3, 12), values):
            self.gdb.set_register(number, value)
        self.gdb.write(sp - STACK_BYTES, stack)
        self.gdb.set_register(15, back)

    def go_on(self, stop=None, limit=None, stopped=False):
        """Runs to an end, or to `stop`: refused, crashed, hangs, ended, started or strays into a slot, there. With `stopped`, the
        processor may stand at one of the breakpoints that are always there."""
        limit = limit or (CPU_SECONDS * 5 if self.real_crypto else CPU_SECONDS)
        try:
            outcome = self.serve_stop(stop) if stopped else None
            if outcome:
                return outcome
            for _ in range(STOPS):
                self.gdb.go()
                if not self.wait(limit):
                    break
                outcome = self.serve_stop(stop)
                if outcome:
                    return outcome
            return self.place(self.gdb.register(15)) or "hangs"
        except GdbLost:
            return "ended"

    # --- the trace -------------------------------------------------------------------------------------------------------

    def trace(self):
        """Address of every instruction from reset to the end, signature verifications and the clock's tick left out."""
        log = self.folder / f"{self.name}.trace"
        log.unlink(missing_ok=True)
        self.gdb.monitor(f"logfile {log}")
        self.gdb.monitor("singlestep on")
        self.gdb.monitor("log exec,nochain")
        outcome = None
        try:
            while outcome is None:
                self.gdb.go()
                self.wait(120)
                if self.gdb.register(15) == self.verify:
                    self.gdb.monitor("log none")
                    self.answer_verification(self.gdb.registers())
                    self.gdb.monitor("log exec,nochain")
                else:
                    outcome = self.serve_stop(None)
        finally:
            self.gdb.monitor("log none")
            self.gdb.monitor("singlestep off")
        found = array("L")
        low, high = self.tick
        pattern = re.compile(r"/([0-9a-f]{8})/")
        with open(log) as lines:
            for line in lines:
                if line.startswith("Trace"):
                    pc = int(pattern.search(line)[1], 16)
                    if not low <= pc < high:
                        found.append(pc)
                elif line.startswith("Stopped") and found:
                    found.pop()  # it was about to be executed, and an interrupt came first
        log.unlink()
        return found, outcome


class Trace:
    """Which address was executed when."""

    def __init__(self, addresses, left_out=(0, 0)):
        self.addresses = addresses
        self.times = {}
        for time, address in enumerate(addresses):
            if not left_out[0] <= address < left_out[1]:
                self.times.setdefault(address, array("L")).append(time)

    def hits(self, address, after, until):
        """How often `address` was executed behind `after`, up to and with `until`."""
        times = self.times[address]
        return bisect_right(times, until) - bisect_right(times, after)

    def waypoints(self, now, then, most=60):
        """Moments between, so that each is reached from the one before by few stops at its address."""
        address = self.addresses[then]
        if self.hits(address, now, then) <= most:
            return [then]
        times = self.times[address]
        low = times[bisect_right(times, then) - most]
        best = min(((self.hits(self.addresses[time], now, time), -time) for time in range(max(now + 1, low - 20000), then)
                    if self.addresses[time] in self.times and self.hits(address, time, then) <= most), default=None)
        if best is None or best[0] >= self.hits(address, now, then):
            return [then]
        middle = -best[1]
        if best[0] <= most:
            return [middle, then]
        return self.waypoints(now, middle, most) + [then]

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`./run demo --mcu`: a microcontroller is updated, end to end. The firmware runs on a bare Cortex-M3 in QEMU.

The emulated board enrols at the CA with EST-coaps, registers, and is updated from version 1 to 2 by pull, and another one
by push; images execute in place, so that each version exists once for each slot and the manifest chooses. Everything the
board talks to runs on this machine; QEMU's user networking needs no root. The exit code is 0 only if the board says so
and its boot program has started the other slot.
"""
import argparse
import contextlib
import shutil
import socket
import subprocess
import sys
from pathlib import Path

from fleet import ROOT, Fleet, Story, expect, sha256_of, wait_for

VENDOR, CLASS = "example.com", "sensor-node"
SKIPPED = 77
HOST_OF_BOARD = "[fec0::2]"  # the host, as QEMU's user networking shows it


class Board:
    """An emulated board: its flash file and, when it has power, QEMU."""

    def __init__(self, fleet, name, identity, firmware, flash, jumpers):
        self.fleet, self.name, self.id, self.firmware, self.flash, self.jumpers = fleet, name, identity, firmware, flash, jumpers
        self.process = None

    def power_on(self):
        arguments = ",".join(f"arg={word}" for word in ("tailor", f"flash={self.flash}", *self.jumpers))
        self.process = self.fleet.start(f"board-{self.name}", "qemu-system-arm", "-M", "mps2-an385", "-display", "none", "-monitor", "none",
                                        "-serial", "none", "-nic", "user", "-kernel", self.firmware / "boot.elf",
                                        "-semihosting-config", f"enable=on,target=native,{arguments}")

    def loses_power(self):
        self.process.kill()

    def log(self):
        return self.process.log_path.read_text(errors="replace")

    def says(self, what):
        return what in self.log()


def has_ipv6():
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
        probe.bind(("::1", 0))
        return True
    return False


def describe(fleet, name, images, sequence, version):
    """Signs an envelope with one image for each slot; returns its name."""
    slots = "".join(f'[[components.slots]]\nslot = {slot}\nimage = "{image}"\n' for slot, image in enumerate(images))
    fleet.path(f"{name}.toml").write_text(
        f'vendor = "{VENDOR}"\nclass = "{CLASS}"\nsequence = {sequence}\ninvoke = "app"\n[[components]]\n{slots}[text]\nversion = "{version}"\n')
    fleet.tailor("manifest", "create", f"{name}.toml", "--key", "author.pem", "-o", f"{name}.suit")
    return f"{name}.suit"


def add_board(fleet, name, firmware, flavour, jumpers):
    images = [firmware / f"device-{flavour}-1.0.0-{slot}.bin" for slot in "AB"]
    first = describe(fleet, f"{name}-1", images, 1, "1.0.0")
    identity = fleet.make_bundle(name, VENDOR, CLASS)
    flash = fleet.path(f"{name}.flash")
    subprocess.run([fleet.programs / "mps2-provision", flash, fleet.path(f"{name}.bundle"), images[0], fleet.path(first)], check=True)
    board = Board(fleet, name, identity, firmware, flash, jumpers)
    board.power_on()
    return board


def installed(fleet, board):
    profile = fleet.profiles().get(board.id)
    return profile["components"][0]["digest"] if profile else None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=Path, default=ROOT / "build", help="folder of tailor and mps2-provision")
    parser.add_argument("--firmware", type=Path, default=ROOT / "build/mps2-an385/firmware", help="folder of the firmware images")
    arguments = parser.parse_args()
    firmware = arguments.firmware.resolve()
    for reason, holds in (("qemu-system-arm is not installed", shutil.which("qemu-system-arm")),
                          ("this machine has no IPv6 on loopback", has_ipv6()),
                          ("the firmware is not built (cmake --preset mps2-an385)", (firmware / "boot.elf").exists())):
        if not holds:
            print(f"skipped: {reason}")
            sys.exit(SKIPPED)
    story = Story()
    with Fleet(arguments.programs) as fleet:
        fleet.coaps_bind, fleet.coaps_seen = "[::1]", HOST_OF_BOARD
        story.heading("the authorities, a server and the factory")
        fleet.found()
        server = fleet.add_server("server-a")
        fleet.add_operator("alice")
        fleet.make_trust()
        story.step("-", "CA, update server", f"run; the boards see them as {HOST_OF_BOARD}")
        boards = {}
        for mode in ("pull", "push"):
            boards[mode] = add_board(fleet, mode, firmware, "dtls",
                                     ("poll-ms=1000", "retry-min-ms=200", "retry-max-ms=2000", "trial-timeout-ms=30000", f"mode={mode}"))
            story.step("-", "factory", f"made board {mode}: Cortex-M3, QEMU process {boards[mode].process.pid}")

        story.heading("from factory to registered")
        first = sha256_of(firmware / "device-dtls-1.0.0-A.bin")
        for mode, board in boards.items():
            wait_for(f"board {mode} to register", lambda board=board: installed(fleet, board) == first, seconds=60)
            story.step(0, f"board {mode}", "enrolled at the CA by EST-coaps (psk)")
            story.step(1, f"board {mode}", f"registered at {server.name}: version 1.0.0 in slot A")

        story.heading("version 2.0.0")
        images = [firmware / f"device-dtls-2.0.0-{slot}.bin" for slot in "AB"]
        for image in images:
            fleet.operator("images", "upload", image)
        envelope = describe(fleet, "2.0.0", images, 2, "2.0.0")
        manifest = fleet.operator("manifests", "upload", envelope, as_json=True)["digest"]
        story.step(5, "operator", f"uploaded {envelope}, with one image for each slot")
        second = sha256_of(images[1])
        for mode, board in boards.items():
            fleet.operator("deploy", "create", "--manifest", manifest, "--device", board.id, "--mode", mode)
            story.step(5, "operator", f"deployed it to board {mode}, mode {mode}")
        for mode, board in boards.items():
            wait_for(f"board {mode} to report version 2", lambda board=board: installed(fleet, board) == second, seconds=90)
            expect(board.says("boot.trial slot=B"), f"board {mode} was not started from slot B on trial")
            wait_for(f"board {mode} to confirm", lambda board=board: fleet.last_report(board, "confirmed"))
            story.step(9, f"board {mode}", "verified, installed into slot B, rebooted through the boot program, confirmed")
            story.step(11, f"board {mode}", f"registered again: image {second[:16]}…")
        memory = [line for line in boards["pull"].log().splitlines() if "device.memory" in line]
        print("\n" + memory[-1])
        print("demo: 2 boards updated")


if __name__ == "__main__":
    main()

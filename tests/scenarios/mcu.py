#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`./run demo --mcu`: a microcontroller is updated, end to end. The firmware runs on a bare Cortex-M3 in QEMU.
`./run demo` has a part of it, with one board.

The emulated board enrols at the CA with EST-coaps, registers, and is updated from version 1 to 2 by pull, and another one
by push; a third one has the small firmware, which speaks plain CoAP with a server of libcoap. Images execute in place, so
that each version exists once for each slot and the manifest chooses. Everything the boards talk to runs on this machine;
QEMU's user networking needs no root. The exit code is 0 only if the servers have it from the boards that version 2 is
confirmed, and the boot programs have started the other slot.
"""
import argparse
import re
import shutil
import subprocess
from pathlib import Path

from boards import HOST_OF_BOARD, PlainServer, add_board, describe, installed, skip_unless_boards_run
from fleet import ROOT, Fleet, Story, expect, sha256_of, wait_for

BOARDS = ("pull", "push", "plain")  # two with DTLS, named for how they are updated, and one without


def port_test(fleet, firmware, sample):
    """The port's own test of its drivers, on the emulated board (docs/porting.md)."""
    flash = fleet.path("port-test.flash")
    shutil.copy(sample, flash)
    result = subprocess.run(["qemu-system-arm", "-M", "mps2-an385", "-display", "none", "-monitor", "none", "-serial", "none", "-nic", "none",
                             "-kernel", firmware / "port-test.elf", "-semihosting-config", f"enable=on,target=native,arg=tailor,arg=flash={flash}"],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
    expect(result.returncode == 0 and "result=passed" in result.stdout, f"the port test says: {result.stdout}")


def plain_update(fleet, story, firmware):
    """The small firmware's whole life: asks, verifies, installs, tries, confirms, reports."""
    server = PlainServer(fleet)
    board = add_board(fleet, "plain", firmware, "plain",
                      (f"server={HOST_OF_BOARD[1:-1]}", f"server-port={server.port}", "poll-ms=500", "retry-min-ms=500", "trial-timeout-ms=30000"))
    story.step("-", "factory", f"made board plain: no DTLS, no enrolment; its server is libcoap's, QEMU process {board.process.pid}")
    wait_for("board plain to start", lambda: board.says("device.plain version=1.0.0"))
    images = [firmware / f"device-plain-2.0.0-{slot}.bin" for slot in "AB"]
    for image in images:
        server.put_image(image)
    server.put("/update", fleet.path(describe(fleet, "plain-2", images, 2, "2.0.0")))
    story.step(5, "operator", "put envelope and images on the server, with coap-client")
    wait_for("board plain to confirm", lambda: board.says("update state=confirmed"), seconds=90)
    expect(board.says("boot.trial slot=B") and board.says("device.plain version=2.0.0"), "board plain was not started from slot B")
    wait_for("the report of board plain", lambda: server.has_confirmation_of(board))
    story.step(9, "board plain", "verified, installed into slot B, rebooted through the boot program, confirmed, reported")
    return board


def secured_updates(fleet, server, story, firmware, modes):
    """The boards with DTLS: enrolled at a CA, registered, updated by the update server. Returns them by their mode."""
    boards = {}
    for mode in modes:
        boards[mode] = add_board(fleet, mode, firmware, "dtls",
                                 ("poll-ms=1000", "retry-min-ms=200", "retry-max-ms=2000", "trial-timeout-ms=30000", f"mode={mode}"))
        story.step("-", "factory", f"made board {mode}: Cortex-M3, QEMU process {boards[mode].process.pid}")
    port_test(fleet, firmware, boards[modes[0]].flash)
    story.step("-", "factory", "tested flash driver and clock of the board against their contracts")

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
    return boards


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=Path, default=ROOT / "build", help="folder of tailor and mps2-provision")
    parser.add_argument("--firmware", type=Path, default=ROOT / "build/mps2-an385/firmware", help="folder of the firmware images")
    parser.add_argument("--boards", nargs="+", choices=BOARDS, default=BOARDS, help="which boards (default: all)")
    arguments = parser.parse_args()
    firmware = arguments.firmware.resolve()
    skip_unless_boards_run(firmware, "plain" in arguments.boards)
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
        if modes := [name for name in arguments.boards if name != "plain"]:
            boards.update(secured_updates(fleet, server, story, firmware, modes))
        if "plain" in arguments.boards:
            story.heading("the small firmware")
            boards["plain"] = plain_update(fleet, story, firmware)
        print()
        for board in boards.values():
            used = re.findall(r"device\.memory stack=(\d+) stack-size=(\d+) crypto-heap=(\d+)", board.log())
            stack, room, heap = (max(map(int, column)) for column in zip(*used))
            boot = max(int(stack) for stack in re.findall(r"boot\.\w+ .*stack=(\d+)", board.log()))
            print(f"board {board.name}: stack={stack} stack-size={room} crypto-heap={heap} bytes at most; boot program stack={boot}")
        print(f"demo: {len(boards)} board{'s' if len(boards) != 1 else ''} updated")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A board in QEMU that has lost both its images is brought back over its serial line, with `tailor recover`.

The boot program finds nothing valid and starts the recovery program. What a wrong key signed, what is for another class
and what is older than the board has had is refused, with the reason on the operator's terminal; a line that loses,
repeats and flips bytes is survived, and so is a power cut in the middle. The exit code is 0 only if the board starts the
recovered image and registers at its server.
"""
import argparse
import random
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from boards import CLASS, HOST_OF_BOARD, SKIPPED, VENDOR, add_board, has_ipv6
from fleet import ROOT, Fleet, Story, expect, sha256_of, wait_for


def describe(fleet, name, images, sequence, class_name=CLASS, key="author.pem"):
    """Signs an envelope that carries one image for each slot."""
    slots = "".join(f'[[components.slots]]\nslot = {slot}\nimage = "{image}"\nintegrated = true\n' for slot, image in enumerate(images))
    fleet.path(f"{name}.toml").write_text(
        f'vendor = "{VENDOR}"\nclass = "{class_name}"\nsequence = {sequence}\ninvoke = "app"\n[[components]]\n{slots}[text]\nversion = "{name}"\n')
    fleet.tailor("manifest", "create", f"{name}.toml", "--key", key, "-o", f"{name}.suit")
    return fleet.path(f"{name}.suit")


class NoisyLine(threading.Thread):
    """A line between operator and board that loses, repeats and flips bytes; always the same ones."""

    def __init__(self, to, at, every=8000):
        super().__init__(daemon=True)
        self.random, self.every, self.spoiled = random.Random(1), every, 0
        self.board = socket.socket(socket.AF_UNIX)
        self.board.connect(str(to))
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(at))
        self.listener.listen(1)

    def spoil(self, data):
        out = bytearray()
        for byte in data:
            if self.random.randrange(self.every):
                out.append(byte)
                continue
            self.spoiled += 1
            out += self.random.choice((b"", bytes((byte, byte)), bytes((byte ^ 0x40,))))
        return bytes(out)

    def carry(self, source, target):
        try:
            while data := source.recv(4096):
                target.sendall(self.spoil(data))
        except OSError:
            pass

    def run(self):
        operator, _ = self.listener.accept()
        back = threading.Thread(target=self.carry, args=(self.board, operator), daemon=True)
        back.start()
        self.carry(operator, self.board)
        self.board.close()


def lose_images(board, first_image):
    """Erases all of both slots: they lie behind everything else, from the first image's beginning on."""
    content = bytearray(board.flash.read_bytes())
    at = content.find(Path(first_image).read_bytes()[:256])
    expect(at > 0, "the first image is not in the flash file")
    content[at:] = b"\xff" * (len(content) - at)
    board.flash.write_bytes(content)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=Path, default=ROOT / "build", help="folder of tailor and mps2-provision")
    parser.add_argument("--firmware", type=Path, default=ROOT / "build/mps2-an385/firmware", help="folder of the firmware images")
    arguments = parser.parse_args()
    firmware = arguments.firmware.resolve()
    for reason, holds in (("qemu-system-arm is not installed", shutil.which("qemu-system-arm")),
                          ("this machine has no IPv6 on loopback", has_ipv6()),
                          ("the firmware is not built (cmake --preset mps2-an385)", (firmware / "recovery.elf").exists())):
        if not holds:
            print(f"skipped: {reason}")
            sys.exit(SKIPPED)
    story = Story()
    with Fleet(arguments.programs) as fleet:
        fleet.coaps_bind, fleet.coaps_seen = "[::1]", HOST_OF_BOARD
        story.heading("a board that has lost its images")
        fleet.found()
        fleet.add_server("server-a")
        fleet.add_operator("alice")
        fleet.make_trust()
        fleet.tailor("trust", "keygen", "-o", "stranger.pem")
        images = {version: [firmware / f"device-dtls-{version}-{slot}.bin" for slot in "AB"] for version in ("1.0.0", "2.0.0")}
        board = add_board(fleet, "lost", firmware, "dtls", ("poll-ms=1000", "retry-min-ms=200", "retry-max-ms=2000", "trial-timeout-ms=30000"))

        def installed():
            profile = fleet.profiles().get(board.id)
            return profile["components"][0]["digest"] if profile else None

        wait_for("the board to register", lambda: installed() == sha256_of(images["1.0.0"][0]), seconds=60)
        board.loses_power()
        lose_images(board, images["1.0.0"][0])
        board.serial = fleet.path("uart")
        board.power_on()
        wait_for("the recovery program", lambda: board.says("recovery.start"))
        expect(board.says("boot.recovery"), "the boot program does not say that it starts recovery")
        story.step("-", "board", "erased both slots; the boot program has started the recovery program")

        def recover(envelope, *options, line=None, expect_failure=False):
            return fleet.tailor("recover", "--serial", line or board.serial, envelope, *options, expect_failure=expect_failure)

        story.heading("what does not get in")
        before = board.flash.read_bytes()
        for what, envelope, reason in (
                ("another signer", describe(fleet, "stranger", images["2.0.0"], 2, key="stranger.pem"), "Signer|Signature"),
                ("another class", describe(fleet, "class", images["2.0.0"], 2, class_name="other-node"), "ClassMismatch"),
                ("an older number", describe(fleet, "old", images["2.0.0"], 0), "SequenceNumberTooLow")):
            answer = recover(envelope, expect_failure=True)
            expect(any(word in answer for word in reason.split("|")), f"{what}: the CLI says {answer!r}")
            story.step("-", "operator", f"{what}: {answer.strip().splitlines()[-1]}")
        bare = fleet.path("bare.suit")
        fleet.path("bare.toml").write_text(fleet.path("old.toml").read_text().replace("integrated = true\n", ""))
        fleet.tailor("manifest", "create", "bare.toml", "--key", "author.pem", "-o", bare)
        for what, answer, reason in (
                ("no image inside", recover(bare, expect_failure=True), "PayloadUnavailable"),
                ("no such line", recover(bare.with_name("old.suit"), line=fleet.path("nowhere"), expect_failure=True), "FileFailed"),
                ("no such rate", recover(bare.with_name("old.suit"), "--baud", 1234, expect_failure=True), "ValueOutOfRange")):
            expect(reason in answer, f"{what}: the CLI says {answer!r}")
        expect(board.flash.read_bytes() == before, "a refused envelope has changed the flash")

        story.heading("back to life")
        envelope = describe(fleet, "2.0.0", images["2.0.0"], 2)
        sender = subprocess.Popen([str(fleet.programs / "tailor"), "recover", "--serial", str(board.serial), str(envelope)],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for("the image to arrive in part", lambda: board.flash.read_bytes() != before, every=0.01)
        board.loses_power()
        sender.wait(timeout=60)
        expect(sender.returncode != 0, "the sender does not notice that the board has lost power")
        story.step("-", "board", "lost power in the middle")
        board.power_on()
        wait_for("the recovery program", lambda: board.log().count("recovery.start") >= 2)
        noisy = NoisyLine(board.serial, fleet.path("noisy"))
        noisy.start()
        began = time.monotonic()
        answer = recover(envelope, "--timeout-ms", 200, line=fleet.path("noisy"))
        expect("restarts to try it" in answer, f"the CLI says {answer!r}")
        story.step("-", "operator", f"recovered it in {time.monotonic() - began:.1f} s, over a line that spoiled {noisy.spoiled} bytes")
        wait_for("the board to register version 2", lambda: installed() in [sha256_of(image) for image in images["2.0.0"]], seconds=90)
        expect(board.says("boot.trial"), "the recovered image was not on trial")
        wait_for("the board to confirm", lambda: board.says("trial.confirmed") or board.says("state=confirmed"), seconds=60)
        story.step(11, "board", "started version 2.0.0 on trial, registered, confirmed")

        story.heading("on request")
        board.loses_power()
        board.jumpers = (*board.jumpers, "recover=1")
        board.power_on()
        wait_for("the recovery program", lambda: board.says("recovery.start reason=0"))
        answer = fleet.tailor("recover", "--serial", board.serial, "--status")
        expect("requested" in answer and board.id in answer, f"the status says {answer!r}")
        story.step("-", "board", "has recovery started by its jumper, with a valid image")
        stack = re.search(r"recovery.installed stack=(\d+)", board.log())
        print(f"\nrecovery program: stack={stack[1]} bytes at most\nrecovery: the board was brought back")


if __name__ == "__main__":
    main()

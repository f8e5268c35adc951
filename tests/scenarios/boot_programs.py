#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The emulated board's two boot programs, each with the keys that it verifies: ESP256, and HSS/LMS alone for a program that can
never be changed. Each starts a good image, twice looked at, and starts nothing when image, manifest, signature or trust store is not
what it should be."""
import argparse
import re
import subprocess
from pathlib import Path

from boards import CLASS, VENDOR, describe, skip_unless_boards_run
from fleet import ROOT, Fleet, Story, expect

KEYS = {"boot": (), "boot-hss": ("--type", "hss", "--parameters", "H5/W8/192")}


def run(firmware, program, flash):
    """What the boot program says at one start; the image that it starts is not waited for."""
    command = ["qemu-system-arm", "-M", "mps2-an385", "-display", "none", "-monitor", "none", "-serial", "none", "-nic", "none", "-kernel",
               firmware / f"{program}.elf", "-semihosting-config", f"enable=on,target=native,arg=tailor,arg=flash={flash}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace") as process:
        try:
            lines = []
            for line in process.stdout:
                lines.append(line)
                if " boot." in line or " device." in line:
                    following = process.stdout.readline() if "boot.start" in line else ""
                    return "".join(lines) + following
            return "".join(lines)
        finally:
            process.kill()


def provision(fleet, firmware, program):
    """A board with keys of the program's kind. Returns its flash file and what is in it."""
    fleet.coaps_seen, fleet.ca_coaps = "[::1]", 5684
    for name in ("authority", "author"):
        fleet.tailor("key", "generate", "-o", f"{program}-{name}.key", *KEYS[program])
    fleet.path("trust.toml").write_text(f'version = 1\n[[signers]]\nkey = "{program}-author.pub"\ncomponents = ["*"]\n')
    fleet.tailor("trust", "create", "trust.toml", "--key", f"{program}-authority.key", "-o", f"{program}.trust")
    fleet.tailor("factory", "create", "--vendor", VENDOR, "--class", CLASS, "--ca-uri", "coaps://[::1]", "--trust", f"{program}.trust",
                 "--anchor", f"{program}-authority.pub", "-o", f"{program}.bundle")
    images = [firmware / f"device-plain-1.0.0-{slot}.bin" for slot in "AB"]
    envelope = fleet.path(describe(fleet, program, images, 1, "1.0.0", key=f"{program}-author.key"))
    flash = fleet.path(f"{program}.flash")
    subprocess.run([fleet.programs / "mps2-provision", flash, fleet.path(f"{program}.bundle"), images[0], envelope], check=True)
    return flash, {"the image": images[0].read_bytes(), "the trust store": fleet.path(f"{program}.trust").read_bytes(),
                   "the manifest": envelope.read_bytes()[4:]}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=Path, default=ROOT / "build", help="folder of tailor and mps2-provision")
    parser.add_argument("--firmware", type=Path, default=ROOT / "build/mps2-an385/firmware", help="folder of the firmware images")
    arguments = parser.parse_args()
    firmware = arguments.firmware.resolve()
    skip_unless_boards_run(firmware, plain=False)
    story = Story()
    with Fleet(arguments.programs) as fleet:
        for program in KEYS:
            flash, parts = provision(fleet, firmware, program)
            said = run(firmware, program, flash)
            expect(re.search(r"boot\.start slot=A sequence=1 ", said), f"{program} did not start a good image: {said}")
            expect("device.plain" in said or " device." in said, f"{program} said that it started the image, which said nothing: {said}")
            stack = re.search(r'stack=(\d+)', said)[1]
            story.step("-", program, f"starts a good image, with {stack} bytes of stack")
            other = run(firmware, next(name for name in KEYS if name != program), flash)
            expect("boot.refused" in other, f"the other boot program started what it cannot verify: {other}")
            good = flash.read_bytes()
            for name, content in parts.items():
                for place in (len(content) // 3, len(content) - 40):
                    piece = content[place:place + 16]
                    at = good.find(piece)
                    expect(at >= 0, f"{name} is not in the flash")
                    bad = bytearray(good)
                    while at >= 0:  # the trust store is there twice: in the bundle as well
                        bad[at] ^= 0x04
                        at = good.find(piece, at + 1)
                    broken = fleet.path("broken.flash")
                    broken.write_bytes(bad)
                    said = run(firmware, program, broken)
                    expect("boot.refused" in said and "boot.start" not in said, f"{program} started with {name} changed: {said}")
                story.step("-", program, f"starts nothing when {name} was changed")
    print("boot programs: 2")


if __name__ == "__main__":
    main()

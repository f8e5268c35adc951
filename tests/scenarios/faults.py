#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Faults that only whole programs can have: a server's full disk, a server and a device that lose power during an update,
an image that hangs.

Runs in a mount namespace of its own, so that the update server's folder can be a small file system. Exit code 77: this
machine lets nobody do that.
"""
import argparse
import errno
import os
import subprocess
import sys
from pathlib import Path

from fleet import ROOT, Fleet, Story, expect, sha256_of, wait_for

INSIDE = "TAILOR_OWN_MOUNTS"
SKIPPED = 77
DISK_BYTES = 24 << 20


def enter_own_mounts():
    """Starts this program again where it may mount; comes back only inside."""
    if os.environ.get(INSIDE):
        return
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    command = ["unshare", *user, "--mount", "--"]
    if subprocess.run([*command, "true"], stderr=subprocess.DEVNULL).returncode != 0:
        print("skipped: no mount namespace to be had")
        sys.exit(SKIPPED)
    os.environ[INSIDE] = "1"
    os.execvp(command[0], [*command, sys.executable, __file__, *sys.argv[1:]])


def fill(folder):
    """Takes all space that is left and returns the file that holds it."""
    filler = folder / "filler"
    with open(filler, "wb", buffering=0) as out:
        try:
            while out.write(b"\0" * 4096):
                pass
        except OSError as error:
            expect(error.errno == errno.ENOSPC, f"the disk was to be filled: {error}")
    return filler


def full_disk(fleet, story, device, image):
    story.heading("the update server's disk is full")
    filler = fill(fleet.path("server"))
    answer = fleet.operator("images", "upload", image, expect_failure=True)
    expect("DiskFull" in answer, f"the refusal names no full disk: {answer}")
    story.step(5, "operator", f"upload refused: {answer.strip()}")
    expect(device.id in fleet.profiles(), "what the server had must still be told")
    expect(device.running_digest() == device.installed, "the device must run what it had")
    filler.unlink()
    fleet.operator("images", "upload", image)
    story.step(5, "operator", "with space again, the same upload is accepted")


def power_cuts(fleet, story, server, device, image):
    story.heading("server and device lose power during an update")
    envelope = fleet.envelope("two.suit", image, device.vendor, device.class_name, 2, "2.0.0")
    uploaded = fleet.operator("manifests", "upload", envelope, as_json=True)
    fleet.operator("deploy", "create", "--manifest", uploaded["digest"], "--device", device.id, "--mode", "pull")
    log = device.process.log_path
    wait_for("the device to fetch", lambda: "fetching" in log.read_text(errors="replace"))
    server.process.kill()
    device.loses_power()
    story.step(7, "server, device", "killed while the image was on its way")
    fleet.start_server(server)
    device.power_on()
    wait_for("the update to be completed", lambda: device.running_digest() == sha256_of(image), seconds=60)
    wait_for("the server to hear of it", lambda: fleet.last_report(device, "confirmed"))
    device.installed = sha256_of(image)
    story.step(9, device.name, "went on after the restart; it runs 2.0.0")


def hanging_image(fleet, story, device, image):
    story.heading("an image that hangs")
    fleet.operator("images", "upload", image)
    envelope = fleet.envelope("hang.suit", image, device.vendor, device.class_name, 3, "3.0.0")
    uploaded = fleet.operator("manifests", "upload", envelope, as_json=True)
    fleet.operator("deploy", "create", "--manifest", uploaded["digest"], "--device", device.id, "--mode", "pull")
    report = wait_for("the revert to reach the server", lambda: fleet.last_report(device, "reverted"), seconds=90)
    expect(report["reason"] == "TrialNotConfirmed", f"reason is {report['reason']}")
    expect(device.running_digest() == device.installed, "the device must run what it had")
    story.step(9, device.name, f"its boot program ended the trial and went back: {report['reason']}, {report['meaning']}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=Path, default=ROOT / "build")
    arguments = parser.parse_args()
    enter_own_mounts()
    images = (arguments.programs / "images").resolve()
    story = Story()
    with Fleet(arguments.programs) as fleet:
        fleet.path("server").mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", fleet.path("server")], check=True)
        try:
            fleet.found()
            server = fleet.add_server("server")
            fleet.add_operator("alice")
            fleet.make_trust()
            device = fleet.add_device("pump", "example.com", "pump", images / "tailor-device-1.0.0", trial_ms=4000)
            device.installed = sha256_of(images / "tailor-device-1.0.0")
            wait_for("the device to be registered", lambda: device.id in fleet.profiles())
            full_disk(fleet, story, device, images / "tailor-device-2.0.0")
            power_cuts(fleet, story, server, device, images / "tailor-device-2.0.0")
            hanging_image(fleet, story, device, images / "image-hangs")
        finally:
            for process in reversed(fleet.processes):
                process.stop()
            subprocess.run(["umount", fleet.path("server")], check=False)
    print("\nfaults: nothing was lost")


if __name__ == "__main__":
    main()

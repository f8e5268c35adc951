#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An operator orders an update that waits, sees what it waits for, triggers it, and sees it confirmed; and reads from the
SUIT_Report of a refused update which command failed.
"""
import argparse
from pathlib import Path

from fleet import ROOT, Fleet, Story, expect, sha256_of, wait_for


def upload(fleet, name, image, device, class_name, sequence, version):
    envelope = fleet.envelope(name, image, device.vendor, class_name, sequence, version)
    return fleet.operator("manifests", "upload", envelope, as_json=True)["digest"]


def waits(fleet, device):
    return fleet.profiles()[device.id]["update_state"] == "awaiting-trigger"


def held(fleet, story, device, image, mode, sequence, version):
    story.heading(f"an update that waits for its trigger, mode {mode}")
    before = device.running_digest()
    manifest = upload(fleet, f"{mode}.suit", image, device, device.class_name, sequence, version)
    order = fleet.operator("deploy", "create", "--manifest", manifest, "--device", device.id, "--mode", mode, "--hold", as_json=True)
    wait_for("the device to wait", lambda: waits(fleet, device))
    listed = fleet.operator("devices", "list")
    expect("awaiting-trigger (an operator's trigger)" in listed, f"the list does not say what it waits for:\n{listed}")
    shown = fleet.operator("deploy", "show", order["id"])
    expect("until its trigger" in shown, f"the deployment does not say that it holds:\n{shown}")
    expect(device.running_digest() == before, "nothing may be installed before the trigger")
    story.step(9, device.name, "has staged the update and waits for an operator's trigger")
    fleet.operator("deploy", "trigger", order["id"])
    story.step(9, "operator", "tailor deploy trigger")

    def confirmed():
        report = fleet.last_report(device, "confirmed")  # the newest, which may be of the update before
        return report if report and report.get("manifest") == manifest else None

    report = wait_for("the update to be confirmed", confirmed, seconds=60)
    expect(device.running_digest() == sha256_of(image), "the device does not run the new image")
    expect(report["suit_report"]["verified"] and report["suit_report"]["success"], f"SUIT_Report: {report['suit_report']}")
    story.step(9, device.name, f"runs {version}; its SUIT_Report is signed with its key and says so")


def cancelled(fleet, story, device, image, sequence, version):
    story.heading("a held update whose deployment is cancelled")
    before = device.running_digest()
    manifest = upload(fleet, "cancelled.suit", image, device, device.class_name, sequence, version)
    order = fleet.operator("deploy", "create", "--manifest", manifest, "--device", device.id, "--mode", "pull", "--hold", as_json=True)
    wait_for("the device to wait", lambda: waits(fleet, device))
    fleet.operator("deploy", "cancel", order["id"])
    story.step(9, "operator", "tailor deploy cancel")
    wait_for("the device to give it up", lambda: fleet.profiles()[device.id]["update_state"] == "idle")
    expect(device.running_digest() == before, "something was installed")
    story.step(9, device.name, "has given up what it had staged")


def refused(fleet, story, device, image):
    story.heading("the place where an update failed")
    manifest = upload(fleet, "valve.suit", image, device, "valve", 9, "9.0.0")
    foreseen = fleet.operator("deploy", "create", "--manifest", manifest, "--device", device.id, "--mode", "pull", expect_failure=True)
    expect("ClassMismatch" in foreseen and device.id in foreseen and "class-identifier" in foreseen and "SUIT manifest 8.4.9" in foreseen,
           f"the server's dry run names device, command and rule: {foreseen}")
    story.step(6, "update server", f"dry run: {foreseen.strip()}")
    fleet.operator("deploy", "create", "--manifest", manifest, "--device", device.id, "--mode", "pull", "--skip-precheck")
    report = wait_for("the refusal to reach the server", lambda: fleet.last_report(device, "refused"))
    told = report["suit_report"]
    expect(told["verified"], f"the seal does not hold: {told}")
    expect(told["manifest"] == manifest, "the SUIT_Report names another manifest")
    expect(told["failure"]["error"] == "ClassMismatch" == report["reason"], f"failure: {told['failure']}")
    record = told["failure"]["record"]
    expect(record["section"] == "shared" and record["offset"] > 0, f"record: {record}")
    words = f"condition failed: shared, byte {record['offset']}, component 0"
    listed = fleet.operator("reports", device.id)
    expect(words in listed, f"`tailor reports` does not say '{words}':\n{listed}")
    story.step(9, device.name, f"refused; {words}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=Path, default=ROOT / "build")
    arguments = parser.parse_args()
    images = (arguments.programs / "images").resolve()
    story = Story()
    with Fleet(arguments.programs) as fleet:
        fleet.found()
        fleet.add_server("server")
        fleet.add_operator("alice")
        fleet.make_trust()
        device = fleet.add_device("pump", "example.com", "pump", images / "tailor-device-1.0.0")
        wait_for("the device to be registered", lambda: device.id in fleet.profiles())
        for version in ("1.0.0", "2.0.0"):
            fleet.operator("images", "upload", images / f"tailor-device-{version}")
        held(fleet, story, device, images / "tailor-device-2.0.0", "pull", 2, "2.0.0")
        held(fleet, story, device, images / "tailor-device-1.0.0", "push", 3, "1.0.0")
        cancelled(fleet, story, device, images / "tailor-device-2.0.0", 4, "2.0.0")
        refused(fleet, story, device, images / "tailor-device-2.0.0")
    print("\nhold: the update waited, and the report said where it failed")


if __name__ == "__main__":
    main()

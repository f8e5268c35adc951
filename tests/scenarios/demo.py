#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`./run demo`: an update, end to end, with the real programs on loopback.

A CA, two update servers and three devices of two vendors and two classes run as processes. The numbered steps of an update
are printed as they happen: one device is updated by pull, one by push, one hybrid; then an update with a re-enrolment, one
refusal and one revert, and how they look to the operator. The exit code is 0 only if what runs is what the manifests say.
"""
import argparse
from pathlib import Path

from fleet import ROOT, Fleet, Story, expect, sha256_of, wait_for

VENDORS = {"lamp": ("example.com", "bulb"), "valve": ("example.org", "valve"), "sensor": ("example.com", "bulb")}
MODES = {"lamp": "pull", "valve": "push", "sensor": "hybrid"}
BOOTSTRAP = {"lamp": "psk", "valve": "idevid", "sensor": "psk"}


def show_devices(fleet, caption):
    print(f"\n{caption}")
    print(f"  {'device':8} {'class':8} {'version':9} {'sequence':>8}  {'installed digest':18} {'state':12} running executable")
    profiles = fleet.profiles()
    for device in fleet.devices.values():
        profile = profiles[device.id]
        component = profile["components"][0]
        running = device.running_digest() or "-"
        print(f"  {device.name:8} {device.class_name:8} {component.get('version', '-'):9} {component['sequence_number']:>8}  "
              f"{component['digest'][:16]:18} {profile['update_state']:12} {running[:16]}")
    print(flush=True)


def installed(fleet, device, digest):
    component = fleet.profiles()[device.id]["components"][0]
    return component["digest"] == digest and device.running_digest() == digest


def deploy(fleet, story, devices, image, sequence, version):
    """Steps 3 to 11 for some devices; returns the number of those that run the new image."""
    digest = sha256_of(image)
    by_class = {}
    for device in devices:
        by_class.setdefault((device.vendor, device.class_name), []).append(device)
    fleet.operator("images", "upload", image)
    for (vendor, class_name), members in by_class.items():
        name = f"{class_name}-{version}.suit"
        fleet.envelope(name, image, vendor, class_name, sequence, version)
        story.step(3, "author", f"made and signed {name}: sequence number {sequence}, image {digest[:16]}…")
        uploaded = fleet.operator("manifests", "upload", name, as_json=True)
        story.step(5, "operator", f"uploaded {name} and its image")
        for device in members:
            fleet.operator("deploy", "create", "--manifest", uploaded["digest"], "--device", device.id, "--mode", MODES[device.name])
            story.step(5, "operator", f"deployed {name} to {device.name}, mode {MODES[device.name]}")
    for device in devices:
        wait_for(f"{device.name} to run {version}", lambda device=device: installed(fleet, device, digest), seconds=60)
        story.step(7, "update server A", f"manifest and image reached {device.name}: a deployment of mode {MODES[device.name]}")
        story.step(9, device.name, f"verified, installed, rebooted: /proc/PID/exe is {device.running_digest()[:16]}…")
        for server in fleet.servers.values():
            wait_for(f"{device.name}'s profile at {server.name}",
                     lambda device=device, server=server: fleet.profiles(server)[device.id]["components"][0]["digest"] == digest)
        story.step(11, device.name, f"re-registered at {' and '.join(fleet.servers)}: its profiles are true")
    return len(devices)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=Path, default=ROOT / "build", help="folder of tailor, tailor-boot and tailor-device")
    parser.add_argument("--images", type=Path, help="folder of the device images (default: images/ beside the programs)")
    arguments = parser.parse_args()
    images = (arguments.images or arguments.programs / "images").resolve()
    story = Story()
    with Fleet(arguments.programs) as fleet:
        story.heading("the authorities, the servers and the factory")
        fleet.found()
        story.step("-", "CA", f"runs: EST over HTTPS at port {fleet.ca_port}, EST-coaps at port {fleet.ca_coaps}")
        server_a, server_b = fleet.add_server("server-a"), fleet.add_server("server-b")
        for server in (server_a, server_b):
            story.step("-", server.name, f"enrolled with a one-time code and runs: HTTPS {server.https}, coaps {server.coaps}")
        fleet.add_operator("alice")
        story.step("-", "operator alice", "enrolled with a one-time code")
        fleet.make_trust()
        story.step("-", "trust authority", "signed trust store version 1")
        for name, (vendor, class_name) in VENDORS.items():
            fleet.add_device(name, vendor, class_name, images / "tailor-device-1.0.0", BOOTSTRAP[name], 2 if name == "lamp" else 1)
            story.step("-", "factory", f"made {name}: class {class_name} of {vendor}, bootstrap {BOOTSTRAP[name]}")

        story.heading("from factory to registered")
        for device in fleet.devices.values():
            for server in (server_a, server_b):
                wait_for(f"{device.name} at {server.name}", lambda device=device, server=server: device.id in fleet.profiles(server))
            story.step(0, device.name, f"enrolled at the CA by EST-coaps ({device.mode})")
            if device.mode == "psk":
                wait_for(f"the CA to see {device.name}'s certificate in use", lambda device=device: fleet.certificates(device, used=True) > 0)
            story.step(1, device.name, "registered at both update servers")
        story.step(2, "operator alice", f"queried the fleet: {len(fleet.profiles())} devices")
        show_devices(fleet, "before")

        story.heading("version 2.0.0: one device by pull, one by push, one hybrid")
        lamp, valve, sensor = (fleet.devices[name] for name in ("lamp", "valve", "sensor"))
        updated = deploy(fleet, story, [lamp, valve, sensor], images / "tailor-device-2.0.0", 2, "2.0.0")
        show_devices(fleet, "after")

        story.heading("version 3.0.0 breaks the certificate: the device enrols again")
        before = fleet.certificates(lamp)
        deploy(fleet, story, [lamp], images / "tailor-device-3.0.0", 3, "3.0.0")
        wait_for("a certificate of the next generation", lambda: fleet.certificates(lamp) > before)
        story.step(10, "lamp", f"re-enrolled with the next pre-shared key: {fleet.certificates(lamp)} certificates issued to it so far")

        story.heading("a refusal: an update for the wrong class")
        fleet.envelope("wrong.suit", images / "tailor-device-2.0.0", "example.com", "heater", 9, "9.0.0")
        answer = fleet.operator("push-manifest", "--device", f"coaps://127.0.0.1:{sensor.port}", "wrong.suit", expect_failure=True)
        story.step(9, "sensor", f"refused: {answer.strip()}")
        able = fleet.operator("device-capabilities", "--device", f"coaps://127.0.0.1:{sensor.port}")
        expect("class-identifier" in able and "fetch" in able and "ESP256" in able, f"capabilities: {able}")
        report = wait_for("the refusal to reach the server", lambda: fleet.last_report(sensor, "refused"))
        expect(report["reason"] == "ClassMismatch", f"reason is {report['reason']}")
        story.step(2, "operator alice", f"sees: {sensor.name} {report['state']} ({report['reason']}: {report['meaning']})")
        expect(sensor.running_digest() == sha256_of(images / "tailor-device-2.0.0"), "the sensor must run what it had")

        story.heading("a revert: an image that crashes")
        crashing = images / "image-crashes"
        fleet.operator("images", "upload", crashing)
        fleet.envelope("crash.suit", crashing, *VENDORS["valve"], 4, "4.0.0")
        uploaded = fleet.operator("manifests", "upload", "crash.suit", as_json=True)
        fleet.operator("deploy", "create", "--manifest", uploaded["digest"], "--device", valve.id, "--mode", "pull")
        report = wait_for("the revert to reach the server", lambda: fleet.last_report(valve, "reverted"), seconds=60)
        story.step(9, "valve", "the new image ended during its trial; the boot program went back")
        story.step(2, "operator alice", f"sees: {valve.name} {report['state']} ({report['reason']}: {report['meaning']})")
        expect(report["reason"] == "TrialCrashed", f"reason is {report['reason']}")
        expect(valve.running_digest() == sha256_of(images / "tailor-device-2.0.0"), "the valve must run what it had")

        show_devices(fleet, "at the end")
        expect(updated == 3, f"{updated} of 3 devices were updated")
        print(f"demo: {updated} devices updated")


if __name__ == "__main__":
    main()

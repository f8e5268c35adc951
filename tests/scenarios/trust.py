#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A signing key is replaced on running programs: trust stores are made and compared offline, deployed like any update, and
the next update under the old key is refused.

First the old key is left what it has installed and a new key is added; then, with an image of the new key running, the old
key goes altogether. One trust store comes by pull, the other by push.
"""
import argparse
from pathlib import Path

from fleet import ROOT, Fleet, expect, sha256_of, wait_for


def deploy(fleet, device, file, mode):
    digest = fleet.operator("manifests", "upload", file, as_json=True)["digest"]
    fleet.operator("deploy", "create", "--manifest", digest, "--device", device.id, "--mode", mode)
    return digest


def bring_trust(fleet, device, version, mode):
    """Deploys trust-VERSION.cbor and waits until the server has it from the device that it is in force."""
    fleet.tailor("trust", "update", f"trust-{version}.cbor", "--key", "authority.pem", "-o", f"trust-{version}.suit")
    deploy(fleet, device, f"trust-{version}.suit", mode)
    wait_for(f"trust store {version} in force", lambda: fleet.profiles()[device.id].get("trust_store_version") == version)


def refused(fleet, device, image, key, sequence, reason):
    name = f"refused-{sequence}.suit"
    fleet.envelope(name, image, device.vendor, device.class_name, sequence, "9.9.9", key)
    digest = deploy(fleet, device, name, "pull")

    def found():
        report = fleet.last_report(device, "refused")
        return report if report and report["manifest"] == digest else None
    report = wait_for(f"{name} to be refused", found)
    expect(report["reason"] == reason, f"reason is {report['reason']}, not {reason}")
    print(f"refused: {name} under {key}: {report['reason']}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=Path, default=ROOT / "build", help="folder of tailor, tailor-boot and tailor-device")
    parser.add_argument("--images", type=Path, help="folder of the device images (default: images/ beside the programs)")
    arguments = parser.parse_args()
    images = (arguments.images or arguments.programs / "images").resolve()
    old, new, first = images / "tailor-device-1.0.0", images / "tailor-device-2.0.0", "author.pem"
    with Fleet(arguments.programs) as fleet:
        fleet.found()
        fleet.add_server("server")
        fleet.add_operator("alice")
        fleet.make_trust()
        fleet.make_trust(1, out="trust-1.cbor")
        fleet.tailor("key", "generate", "-o", "successor.pem")
        lamp = fleet.add_device("lamp", "example.com", "bulb", old)
        wait_for("the lamp at the server", lambda: lamp.id in fleet.profiles())
        fleet.operator("images", "upload", new)
        fleet.operator("images", "upload", old)

        fleet.make_trust(2, signers=("successor.pem",), installed_only=(first,), out="trust-2.cbor")
        changes = fleet.tailor("trust", "diff", "trust-1.cbor", "trust-2.cbor", expect_failure=True, as_json=False)
        expect(changes == "", f"a difference is no error: {changes}")
        fleet.tailor("trust", "diff", "trust-1.cbor", "trust-1.cbor")
        bring_trust(fleet, lamp, 2, "pull")
        print("trust store 2: the successor signs, the old key keeps what it installed", flush=True)
        expect(lamp.running_digest() == sha256_of(old), "a trust store must not restart the lamp")
        refused(fleet, lamp, new, first, 5, "SignerNotPermitted")

        lamp.loses_power()
        lamp.power_on()
        wait_for("the lamp to start what the old key signed", lambda: lamp.running_digest() == sha256_of(old))
        fleet.envelope("good.suit", new, lamp.vendor, lamp.class_name, 6, "2.0.0", "successor.pem")
        deploy(fleet, lamp, "good.suit", "pull")
        wait_for("the successor's image", lambda: lamp.running_digest() == sha256_of(new), seconds=60)
        wait_for("its confirmation", lambda: fleet.last_report(lamp, "confirmed"))
        print("installed: an image under the successor's key", flush=True)

        fleet.make_trust(3, signers=("successor.pem",), out="trust-3.cbor")
        bring_trust(fleet, lamp, 3, "push")
        print("trust store 3: the old key is gone", flush=True)
        refused(fleet, lamp, old, first, 7, "SignatureInvalid")
        expect(lamp.running_digest() == sha256_of(new), "the lamp must run what it had")
    print("trust: a signing key was replaced")


if __name__ == "__main__":
    main()

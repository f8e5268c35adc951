#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An author encrypts an image for one device; a distributor encrypts another under a manifest of its own over the author's. The
device decrypts both on the way into the slot, and boots them. What is meant for somebody else, or was changed on its way, is refused with
a report that says so, and the running image stays.
"""
import argparse
import base64
import hashlib
from pathlib import Path

from fleet import ROOT, Fleet, Story, expect, sha256_of, wait_for

TRUST = """version = 1
[[signers]]
key = "author.pem"
components = ["app", "staging"]
[[signers]]
key = "distributor.pem"
role = "distributor"
[[signers.rights]]
components = ["dependency"]
[[signers.rights]]
components = ["app", "staging"]
commands = ["vendor-identifier", "class-identifier"]
parameters = ["vendor-identifier", "class-identifier", "encryption-info", "uri"]
[[servers]]
id = "{server}"
uris = ["coaps://127.0.0.1:{coaps}"]
[[operators]]
id = "{operator}"
[[authorities]]
certificate = "ca/ca.pem"
"""


def make_trust(fleet, server):
    fleet.tailor("key", "generate", "-o", "distributor.pem")
    fleet.path("trust.toml").write_text(TRUST.format(server=server.id, coaps=server.coaps, operator=fleet.operator_id))
    fleet.tailor("trust", "create", "trust.toml", "--key", "authority.pem", "-o", "trust.cbor")


def image_uri(path):
    return "/img/" + base64.urlsafe_b64encode(hashlib.sha256(Path(path).read_bytes()).digest()).rstrip(b"=").decode()


def encrypt(fleet, name, image, recipient, *options):
    """Files NAME.enc and NAME.info."""
    fleet.tailor("manifest", "encrypt", "--image", image, "--recipient", recipient, "-o", f"{name}.enc", "--info", f"{name}.info", *options)


def describe(fleet, name, sequence, components, key):
    """A signed envelope from a description."""
    head = f'vendor = "example.com"\nclass = "pump"\nsequence = {sequence}\n'
    fleet.path(f"{name}.toml").write_text(head + components)
    fleet.tailor("manifest", "create", f"{name}.toml", "--key", key, "-o", f"{name}.suit")
    return fleet.path(f"{name}.suit")


def deploy(fleet, device, envelope, *uploads):
    for file in uploads:
        fleet.operator("images", "upload", file)
    manifest = fleet.operator("manifests", "upload", envelope, as_json=True)["digest"]
    fleet.operator("deploy", "create", "--manifest", manifest, "--device", device.id, "--mode", "pull")

    def ended():
        for state in ("confirmed", "refused", "reverted"):
            report = fleet.last_report(device, state)
            if report and report.get("manifest") == manifest:
                return report
        return None

    return wait_for(f"the end of {envelope.name}", ended, seconds=60)


def runs(device, image, report):
    expect(report["state"] == "confirmed", f"the report says {report['state']}, {report.get('reason')}")
    expect(report["suit_report"]["verified"] and report["suit_report"]["success"], f"SUIT_Report: {report['suit_report']}")
    expect(device.running_digest() == sha256_of(image), "the device does not run the image that was encrypted")


def refuses(device, running, report, error):
    expect(report["state"] == "refused" and report["reason"] == error, f"the report says {report['state']}, {report.get('reason')}")
    failure = report["suit_report"]["failure"]
    expect(failure["error"] == error and failure["record"]["section"] == "install", f"SUIT_Report: {failure}")
    expect(device.running_digest() == sha256_of(running), "the running image is another")


def one_layer(fleet, story, device, image, before):
    story.heading("an image that the author encrypts for the device")
    listed = fleet.tailor("ca", "certificates", "--dir", "ca", "--id", device.id, as_json=True)["items"]
    fleet.tailor("ca", "certificate", "--dir", "ca", listed[-1]["serial"], "-o", "pump.pem")
    story.step(1, "author", "has the device's certificate from the CA")
    component = '[[components]]\nid = "app"\nimage = "{image}"\nstaging = "staging"\nciphertext = "{name}.enc"\nencryption_info = "{name}.info"\n'

    encrypt(fleet, "stranger", image, "distributor.pem", "--key-id")
    envelope = describe(fleet, "stranger", 2, component.format(image=image, name="stranger"), "author.pem")
    refuses(device, before, deploy(fleet, device, envelope, fleet.path("stranger.enc")), "DecryptionKeyMissing")
    story.step(9, device.name, "has no key for what was encrypted for another: refused, and reported")

    encrypt(fleet, "meant", image, "pump.pem")
    ciphertext = fleet.path("meant.enc").read_bytes()
    expect(Path(image).read_bytes()[:64] not in ciphertext, "the ciphertext has the image in it")
    envelope = describe(fleet, "meant", 2, component.format(image=image, name="meant"), "author.pem")
    fleet.tailor("manifest", "verify", "--key", "author.pem", envelope)
    runs(device, image, deploy(fleet, device, envelope, fleet.path("meant.enc")))
    story.step(9, device.name, f"runs what only it can read: {len(ciphertext)} bytes of ciphertext, decrypted into the slot")


def two_layers(fleet, story, device, image, before):
    story.heading("a distributor's manifest over the author's")
    author = describe(fleet, "author", 7, f'[[components]]\nid = "app"\nimage = "{image}"\nstaging = "staging"\noverridable = true\n',
                      "author.pem")
    story.step(1, "author", "signs the image's digest, and says nothing of keys and places")
    encrypt(fleet, "group", image, "pump.pem")
    changed = bytearray(fleet.path("group.enc").read_bytes())
    changed[len(changed) // 2] ^= 0x20
    fleet.path("changed.enc").write_bytes(changed)

    def root(name, sequence, ciphertext, integrated):
        where = "integrated = true" if integrated else f'uri = "{image_uri(author)}"'
        return describe(fleet, name, sequence,
                        f'[[components]]\nid = "app"\nby_dependency = true\nencryption_info = "group.info"\n'
                        f'[[components]]\nid = "staging"\nby_dependency = true\nuri = "{image_uri(ciphertext)}"\n'
                        f'[[dependencies]]\nid = "dependency"\nenvelope = "author.suit"\n{where}\n', "distributor.pem")

    envelope = root("changed", 3, fleet.path("changed.enc"), False)
    refuses(device, before, deploy(fleet, device, envelope, fleet.path("changed.enc"), author), "DecryptionFailed")
    story.step(9, device.name, "a ciphertext with one bit changed: refused, and reported; the running image is untouched")

    envelope = root("root", 4, fleet.path("group.enc"), True)
    runs(device, image, deploy(fleet, device, envelope, fleet.path("group.enc")))
    story.step(9, device.name, "runs the author's image, encrypted and ordered by the distributor")

    own = describe(fleet, "own", 5, f'invoke = "app"\n[[components]]\nid = "app"\nimage = "{before}"\n', "distributor.pem")
    report = deploy(fleet, device, own, before)
    expect(report["state"] == "refused" and report["reason"] == "SignerNotPermitted", f"the report says {report}")
    story.step(9, device.name, "takes no image that the distributor alone has signed")

    device.loses_power()
    device.power_on()
    wait_for("the device to run again", lambda: device.running_digest() == sha256_of(image))
    story.step(10, device.name, "boots it again after a power cut: both manifests are verified each time")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=Path, default=ROOT / "build")
    arguments = parser.parse_args()
    images = (arguments.programs / "images").resolve()
    first, second = images / "tailor-device-1.0.0", images / "tailor-device-2.0.0"
    story = Story()
    with Fleet(arguments.programs) as fleet:
        fleet.found()
        server = fleet.add_server("server")
        fleet.add_operator("alice")
        make_trust(fleet, server)
        device = fleet.add_device("pump", "example.com", "pump", first)
        wait_for("the device to be registered", lambda: device.id in fleet.profiles())
        one_layer(fleet, story, device, second, first)
        two_layers(fleet, story, device, first, second)
    print("\nencrypted: both images ran, and what was not meant for the device or changed on its way was refused")


if __name__ == "__main__":
    main()

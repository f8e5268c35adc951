#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the whole recipient over every published vector and asserts the outcome that its MANIFEST.tsv states.

usage: official.py ADAPTER [--without-encryption]     TAILOR_VECTORS names the folder (default ../shared/vectors beside the tree); exit code 77 when it is absent.

Each file of the table is in exactly one list below: an envelope with what becomes of it, data that an envelope of ours carries, or material of another kind.
"""
import hashlib
import json
import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(os.environ.get("TAILOR_SOURCE_DIR", Path(__file__).resolve().parents[2]))
sys.path[:0] = [str(ROOT / "tests/vectors"), str(ROOT / "tests/conformance/suit")]
from run import Program, differences  # noqa: E402
from suitgen import keys as own_keys, suit  # noqa: E402
from suitgen.cbor import encode, whole  # noqa: E402

A = "00112233445566778899aabbccddeeff0123456789abcdeffedcba9876543210"  # invented image digests of examples 0 to 5
B = "0123456789abcdeffedcba987654321000112233445566778899aabbccddeeff"
SIZE_A, SIZE_B = 34768, 76834
PLAINTEXT = b"This is a real firmware image."
TEEP_TA = b"Hello, Secure World!"
TEEP_CONFIG = b'{"name":"FOO Bar","secret":"0123456789abfcdef0123456789abcd"}'
EXAMPLE = {"vendor": "fa6b4a53-d5ad-5fdf-be9d-e663e4d41ffe", "class": "1492af14-2569-5e48-bf42-9b2d51f2ab45", "device": "00000000-0000-0000-0000-000000000000"}
TEEP = {"vendor": "c0ddd5f1-5243-5660-87db-4f5b0aa26c2f", "class": "db42f709-3d8c-55ba-a8c5-265fc5820f4e", "device": "00000000-0000-0000-0000-000000000000"}
FILLS = {"http://example.com/file.bin": (SIZE_A, 0xA1), "http://example.com/very/long/path/to/file/file.bin": (SIZE_A, 0xA2),
         "http://example.com/file1.bin": (SIZE_A, 0xF1), "http://example.com/file2.bin": (SIZE_B, 0xF2)}
UNTAGGED, LEGACY = "untagged-envelope", "legacy-algorithms"
INTEGRITY, BEYOND = "missing-dependency-integrity", "index-beyond-components"


def fill(uri):
    size, octet = FILLS[uri]
    return bytes([octet]) * size


def part(text):
    return text.encode().hex() if isinstance(text, str) else text.hex()


def component(*parts, content=b"", **more):
    return {"id": [part(one) for one in parts], "content": content.hex(), **more}


def stub(number, digest=A, size=None, **more):
    """A component that claims an invented digest."""
    return component(bytes([number]), claimed_digests=[digest], **({} if size is None else {"claimed_size": size}), **more)


class Table:
    def __init__(self, folder):
        self.folder, self.rows = folder, []
        self.signer = self.public("keys/suit-wg-p256-public.cbor")
        self.delegated = self.public("keys/libcsuit-delegated-p256.cbor")
        self.hmac = self.public("keys/fwenc-hmac256.cbor")

    def read(self, name):
        return (self.folder / name).read_bytes()

    def public(self, name):
        """A COSE_Key without its private part, key operations and key id."""
        return encode({label: value for label, value in whole(self.read(name)) if label in (1, -1, -2, -3) and not (label == -3 and value is None)})

    def add(self, name, verdict="done", reason=0, error=None, procedure="update", components=None, after=None, trust=None, lenient=(LEGACY,), invoked=None, who=EXAMPLE,
            payloads=None, envelope=None, decryption=()):
        components = [stub(0)] if components is None else components
        device = {**who, "procedure": procedure, "trusted": [{"key": key.hex()} for key in (trust or [self.signer])], "components": components,
                  "payloads": {uri: content.hex() for uri, content in (payloads or {}).items()}, "leniency": list(lenient),
                  "decryption": [encode({label: value for label, value in whole(self.read(key)) if label != 2}).hex() for key in decryption]}
        expected = {"verdict": verdict, "reason": reason, "components": [], "invoked": invoked or []}
        if error:
            expected["error"] = error
        for number, content in (after or {}).items():
            expected["components"].append({"id": components[number]["id"], "content": content.hex()})
        if verdict == "refused" and after is None:
            expected["components"] = [{"id": one["id"], "content": one["content"]} for one in components]
        self.rows.append((name, envelope or self.read(name), device, expected))

    def invoke(self, name, number, components, arguments="", **more):
        self.add(name, procedure="invoke", components=components, invoked=[{"id": components[number]["id"], "arguments": arguments}], **more)


def manifest_37(table):
    uris = {uri: fill(uri) for uri in FILLS}
    first, second = fill("http://example.com/file1.bin"), fill("http://example.com/file2.bin")
    for n in range(6):
        name = f"manifest-37/example{n}-signed.suit"
        table.add(name, "refused", 3, "AlgorithmUnsupported", lenient=(), components=[stub(i) for i in range(3)])
        table.add(name, "refused", 4, trust=[table.delegated], components=[stub(i) for i in range(3)])
        if n != 2:
            table.add(f"manifest-37/example{n}-unsigned.suit", "refused", 4, "AuthenticationMissing", components=[stub(i) for i in range(3)])
    table.add("manifest-37/example2-unsigned-severed.suit", "refused", 4, "AuthenticationMissing")
    table.invoke("manifest-37/example0-signed.suit", 0, [stub(0, size=SIZE_A)])
    table.add("manifest-37/example0-signed.suit", "refused", 10, "ImageDigestMismatch", procedure="invoke", components=[stub(0, B, SIZE_A)])
    table.add("manifest-37/example1-signed.suit", payloads=uris, after={0: fill("http://example.com/file.bin")})
    table.add("manifest-37/example2-signed.suit", payloads=uris, after={0: fill("http://example.com/very/long/path/to/file/file.bin")})
    table.invoke("manifest-37/example2-signed.suit", 0, [stub(0, size=SIZE_A)])
    table.add("manifest-37/example2-signed-severed.suit", "refused", 9, "MemberMissing", payloads=uris)
    table.invoke("manifest-37/example2-signed-severed.suit", 0, [stub(0, size=SIZE_A)])
    table.add("manifest-37/example3-signed.suit", payloads=uris, after={0: first})
    table.add("manifest-37/example3-signed.suit", payloads=uris, components=[stub(0, B, slot=1)], after={0: second})
    table.add("manifest-37/example3-signed.suit", "refused", 10, "TryEachExhausted", payloads=uris, components=[stub(0, slot=2)])
    three = [stub(0), stub(1), stub(2)]
    table.add("manifest-37/example4-signed.suit", payloads=uris, components=three, after={0: fill("http://example.com/file.bin"), 2: fill("http://example.com/file.bin")})
    # The load of this example unpacks: its result is larger than its source. Here the source has that size already.
    table.invoke("manifest-37/example4-signed.suit", 1, [stub(0, A, SIZE_A, content=bytes(SIZE_B)), stub(1, B), stub(2)])
    table.add("manifest-37/example5-signed.suit", payloads=uris, components=[stub(0), stub(1, B)], after={0: first, 1: second})
    table.invoke("manifest-37/example5-signed.suit", 0, [stub(0, A, SIZE_A), stub(1, B, SIZE_B)])


def old_drafts(table):
    table.invoke("old-drafts/suit_manifest_exp0.cbor", 0, [stub(0, size=SIZE_A)])
    for name in "1 2A 2B 3 4 5 E I R U".split():
        table.add(f"old-drafts/suit_manifest_exp{name}.cbor", "refused", 1, "UnknownKey", components=[stub(i) for i in range(3)])
    table.add("old-drafts/suit_manifest_expID.cbor", "refused", [1, 4], trust=[table.signer, table.delegated], components=[stub(i) for i in range(3)])


def firmware_encryption(table):
    hmac = {"trust": [table.hmac], "lenient": ()}
    wrapped, agreed = ("keys/fwenc-a128kw.cbor",), ("keys/fwenc-esdh-recipient.cbor",)
    two = [component(b"\x00"), component(b"\x01")]
    gcm = table.read("fwenc-24/encrypted-payload-aes-kw-aes-gcm.bin")
    uri = "coaps://example.com/encrypted-firmware"
    table.add("fwenc-24/suit-manifest-aes-kw-content.suit", components=[component("plaintext-firmware")], decryption=wrapped, after={0: PLAINTEXT}, **hmac)
    for name, components in (("aes-kw-slot", two), ("aes-kw", [component("plaintext-firmware"), component("encrypted-firmware")])):
        table.add(f"fwenc-24/suit-manifest-{name}.suit", components=components, decryption=wrapped, payloads={uri: gcm}, after={0: PLAINTEXT, 1: gcm}, **hmac)
    table.add("fwenc-24/suit-manifest-es-ecdh-content.suit", components=[component("decrypted-firmware")], decryption=agreed, lenient=(), after={0: PLAINTEXT})
    table.add("fwenc-24/suit-manifest-es-ecdh-dependency.suit", components=[component("decrypted-firmware"), component("dependency-manifest.suit")], decryption=agreed,
              lenient=(BEYOND,), trust=[table.signer, table.delegated], after={0: PLAINTEXT})
    # Encryption infos without a manifest: one of ours writes the payload that belongs to each.
    for name in ("aes-kw-aes-ctr", "aes-kw-aes-gcm", "es-ecdh-aes-ctr", "es-ecdh-aes-gcm"):
        info = table.read(f"fwenc-24/suit-encryption-info-{name}.cbor")
        payload = table.read(f"fwenc-24/encrypted-payload-{name}.bin")
        install = [suit.override(content=payload, encryption=info, digest=suit.digest(PLAINTEXT), size=len(PLAINTEXT)), suit.do("write"), suit.do("image-match")]
        envelope = suit.Envelope(members={"install": install, "validate": [suit.override(digest=suit.digest(PLAINTEXT)), suit.do("image-match")]}).bytes
        more = {"trust": [encode(own_keys.AUTHOR.public())], "envelope": envelope, "components": [component(b"\x00")], "lenient": ()}
        key = wrapped if name.startswith("aes-kw") else agreed
        for file in (f"fwenc-24/suit-encryption-info-{name}.cbor", f"fwenc-24/encrypted-payload-{name}.bin"):
            table.add(file, decryption=key, after={0: PLAINTEXT}, **more)
        table.add(f"fwenc-24/suit-encryption-info-{name}.cbor", "refused", [3, 4, 10, 11], decryption=agreed if key is wrapped else wrapped, after={}, **more)


def teep(table):
    ta = [b"TEEP-Device", b"SecureFS", bytes.fromhex("8d82573a926d4754935332dc29997f74"), b"ta"]
    manifest = ta[:3] + [b"suit"]
    tagged = {"https://example.org/8d82573a-926d-4754-9353-32dc29997f74.suit": b"\xd8\x6b" + table.read("teep-21/suit_uri.cbor")}
    uris = {"https://example.org/8d82573a-926d-4754-9353-32dc29997f74.ta": TEEP_TA, **tagged}
    assert table.read("teep-21/8d82573a-926d-4754-9353-32dc29997f74.ta") == TEEP_TA
    for name in ("suit_integrated", "suit_uri"):
        table.add(f"teep-21/{name}.cbor", "refused", 1, "EnvelopeUntagged", lenient=(), who=TEEP, components=[component(*ta)], payloads=uris)
        table.add(f"teep-21/{name}.cbor", lenient=(UNTAGGED,), who=TEEP, components=[component(*ta)], payloads=uris, after={0: TEEP_TA})
    everything = [component(*ta), component(*manifest), component(b"TEEP-Device", b"SecureFS", b"config.json")]
    table.add("teep-21/suit_personalization.cbor", lenient=(UNTAGGED, INTEGRITY, BEYOND), who=TEEP, components=everything, payloads=uris,
              decryption=("keys/fwenc-esdh-recipient.cbor",), after={0: TEEP_TA, 2: TEEP_CONFIG})
    table.add("teep-21/suit_personalization.cbor", "refused", [1, 6, 10], lenient=(UNTAGGED, BEYOND), who=TEEP, components=everything, payloads=uris,
              decryption=("keys/fwenc-esdh-recipient.cbor",), after={2: b""})
    table.add("teep-21/8d82573a-926d-4754-9353-32dc29997f74.ta", lenient=(UNTAGGED,), who=TEEP, components=[component(*ta)], payloads=uris, after={0: TEEP_TA},
              envelope=table.read("teep-21/suit_uri.cbor"))


def trust_domains(table):
    dependent = table.read("trust-domains-11/example0_dependent.suit")
    devices = [component("00"), component("10"), component("dependent.suit")]
    uris = {"http://example.com/dependent.suit": dependent}
    table.add("trust-domains-11/example0_dependent.suit", lenient=(), components=devices, after={0: b"hello world"})
    both = {0: b"hello world", 1: b" in multiple trust domains"}
    table.add("trust-domains-11/example1_process.suit", lenient=(BEYOND,), components=devices, payloads=uris, after=both)
    table.add("trust-domains-11/example1_process.suit", "refused", 6, lenient=(), components=devices, payloads=uris)
    table.add("trust-domains-11/example2_integrated.suit", lenient=(BEYOND, INTEGRITY), components=devices, after=both)
    table.add("trust-domains-11/example2_integrated.suit", "refused", [6, 10], lenient=(BEYOND,), components=devices, after={0: b"", 1: b""})


# What is no envelope and belongs to none here, and the test that reads it.
OTHERS = {"cose-hss-lms/": "core/hss and core/cose", ".diag": "companions for people", ".json": "authoring", "keys/": "read by the rows above"}


def main():
    folder = Path(os.environ.get("TAILOR_VECTORS", ROOT / "../shared/vectors")) / "suit"
    if not folder.is_dir():
        print("no vectors")
        return 77
    table = Table(folder)
    stated = [line.split("\t") for line in (folder / "MANIFEST.tsv").read_text().splitlines()]
    stated = {cells[0]: cells for cells in stated if len(cells) >= 7 and cells[0] != "file"}
    problems = []
    for name, cells in stated.items():
        content = table.read(name)
        if str(len(content)) != cells[1] or hashlib.sha256(content).hexdigest()[:16] != cells[2]:
            problems.append(f"{name}: is not the file of MANIFEST.tsv")
    for add in (manifest_37, old_drafts, firmware_encryption, teep, trust_domains):
        add(table)
    without_encryption = "--without-encryption" in sys.argv
    program = Program(sys.argv[1], True)
    with tempfile.TemporaryDirectory() as scratch:
        for name, envelope, device, expected in table.rows:
            if without_encryption and device["decryption"]:
                continue
            (Path(scratch) / "envelope").write_bytes(envelope)
            (Path(scratch) / "case").write_text(json.dumps({"device": device}))
            result, problem = program.run(Path(scratch) / "envelope", Path(scratch) / "case")
            where = f"{name} ({device['procedure']}, {' '.join(device['leniency']) or 'strict'})"
            problems += [f"{where}: {text}" for text in ([problem] if problem else differences(expected, result, True, False))]
    run = {name for name, *_ in table.rows}
    for name, cells in stated.items():
        if name not in run and not any(name.startswith(kind) or name.endswith(kind) for kind in OTHERS):
            problems.append(f"{name}: no row says what becomes of it")
        if "MUST be refused" in cells[6] or "expected: refuse" in cells[6]:
            if any(row[0] == name and row[3]["verdict"] != "refused" for row in table.rows):
                problems.append(f"{name}: accepted, but MANIFEST.tsv says that it is refused")
    print("\n".join(problems))
    print(f"{len(table.rows)} runs over {len(run & set(stated))} files, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Instructions and microseconds of one manifest, from the envelope's octets to the verdict, with its signature, without it, and without digests\neither.

The published examples 0 to 5 where they are (TAILOR_VECTORS), otherwise our own equivalents of tests/vectors/suit. Instructions are counted by
callgrind on the release build: they do not move with other load. Payloads and components cost nothing, so that only the manifest is measured.
"""
import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
A, B = "00112233445566778899aabbccddeeff0123456789abcdeffedcba9876543210", "0123456789abcdeffedcba987654321000112233445566778899aabbccddeeff"
SIZE_A, SIZE_B = "34768", "76834"
EXAMPLE = ["fa6b4a53d5ad5fdfbe9de663e4d41ffe", "1492af1425695e48bf429b2d51f2ab45"]
URIS = [item for uri, size in (("http://example.com/file.bin", SIZE_A), ("http://example.com/very/long/path/to/file/file.bin", SIZE_A),
                               ("http://example.com/file1.bin", SIZE_A), ("http://example.com/file2.bin", SIZE_B)) for item in ("=" + uri, size)]


def published(folder):
    key = folder / "keys/suit-wg-p256-public.cbor"

    def row(n, procedure, *components):
        stated = [item for number, (size, digest) in enumerate(components) for item in (f"@8141{number:02x}", size, digest)]
        return f"example {n}, {procedure}", [str(folder / f"manifest-37/example{n}-signed.suit"), procedure, str(key), *EXAMPLE], [*stated, *URIS]

    first, second = (SIZE_A, A), (SIZE_B, B)
    yield row(0, "invoke", first)
    yield row(1, "update", first)
    yield row(2, "update", first)
    yield row(2, "invoke", first)
    yield row(3, "update", first)
    yield row(4, "update", first, first, first)
    yield row(5, "update", first, second)
    yield row(5, "invoke", first, second)


def own(scratch):
    """Equivalents: the cases with the same commands."""
    for n, name in enumerate(("secure-boot", "fetch", "severed-install", "component-slot-0", "fetch-in-payload-fetch", "index-true")):
        folder = ROOT / "tests/vectors/suit" / name
        case = json.loads((folder / "case.json").read_text())
        device = case["device"]
        key = Path(scratch) / f"{name}.key"
        key.write_bytes(bytes.fromhex(device["trusted"][0]["key"]))
        stated = []
        for component in case["expected"]["components"]:
            content = bytes.fromhex(component["content"])
            stated += ["@8141" + component["id"][0], str(len(content)), hashlib.sha256(content).hexdigest()]
        uris = [item for uri, content in device["payloads"].items() for item in ("=" + uri, str(len(content) // 2))]
        yield f"own {name} (as example {n}), {device['procedure']}", [
            str(folder / "envelope.suit"), device["procedure"], str(key), device["vendor"].replace("-", ""), device["class"].replace("-", "")], [*stated, *uris]


def instructions(program, head, tail, toggles):
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "callgrind.out"
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "--collect-atstart=no", "--zero-before=suit_bench_measured", *[f"--toggle-collect={name}" for name in toggles],
                   program, *head, "0", *tail]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            sys.exit(f"suit_bench: {done.stderr[-800:]}")
        return int(re.search(r"^(?:summary|totals): (\d+)", out.read_text(), re.M).group(1))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--program", default=str(ROOT / "build/release/bench/suit_process"))
    arguments = parser.parse_args()
    vectors = Path(os.environ.get("TAILOR_VECTORS", ROOT / "../shared/vectors")) / "suit"
    figures = {}
    print(f"{'manifest':44} {'all':>10} {'no signature':>13} {'no digest':>10} {'us':>8}   instructions; microseconds with the signature")
    with tempfile.TemporaryDirectory() as scratch:
        for name, head, tail in published(vectors) if vectors.is_dir() else own(scratch):
            everything = instructions(arguments.program, head, tail, ["suit_bench_measured"])
            unsigned = instructions(arguments.program, head, tail, ["suit_bench_measured", "*verify_p256*"])
            structure = instructions(arguments.program, head, tail, ["suit_bench_measured", "*verify_p256*", "tailor::crypto::Hash::*"])
            micro = float(subprocess.run([arguments.program, *head, "0.5", *tail], check=True, stdout=subprocess.PIPE, text=True).stdout)
            figures[name] = {"instructions": everything, "without_signature": unsigned, "without_cryptography": structure, "microseconds": micro}
            print(f"{name:44} {everything:10,} {unsigned:13,} {structure:10,} {micro:8.1f}", flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

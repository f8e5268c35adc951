#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes minimal_envelope.c anew: an update that is signed with a fresh key, and the key's public half as trust anchor.

usage: make_envelope.py TAILOR   (the program of ./run build)
"""
import subprocess
import sys
import tempfile
from pathlib import Path

IMAGE = b"Hello from version 7 of the app."
HERE = Path(__file__).resolve().parent


def rows(data):
    lines = [", ".join(f"0x{byte:02x}" for byte in data[at:at + 16]) for at in range(0, len(data), 16)]
    return ",\n    ".join(lines)


def main():
    tailor = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "app.bin").write_bytes(IMAGE)

        def run(*arguments):
            return subprocess.run([tailor, *arguments], cwd=folder, check=True, stdout=subprocess.PIPE).stdout

        run("key", "generate", "-o", "author.pem")
        run("manifest", "create", "--image", "app.bin", "--integrated", "--no-invoke", "--vendor", "example.com", "--class", "minimal",
            "--sequence", "7", "--key", "author.pem", "-o", "envelope.suit")
        envelope = (folder / "envelope.suit").read_bytes()
        public = subprocess.run(["openssl", "pkey", "-in", folder / "author.pem", "-pubout", "-outform", "DER"], check=True,
                                stdout=subprocess.PIPE).stdout[-64:]
    (HERE / "minimal_envelope.c").write_text(f"""/* SPDX-License-Identifier: Apache-2.0 */
/* Made by make_envelope.py, with a key that was thrown away: version 7 of ["app"], inside the envelope. */
#include "examples/minimal_c/minimal.h"

static const tailor_key_t author = {{
    TAILOR_KEY_P256,
    64,
    {{{rows(public)}}}}};
const tailor_anchors_t minimal_anchors = {{&author, 1}};

const uint8_t minimal_envelope[] = {{
    {rows(envelope)}}};
const size_t minimal_envelope_size = sizeof minimal_envelope;
""")
    subprocess.run(["clang-format", "-i", HERE / "minimal_envelope.c"], check=True)


if __name__ == "__main__":
    main()

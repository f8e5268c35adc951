# SPDX-License-Identifier: Apache-2.0
"""The file that an emulated board has as its flash, taken apart: regions as board.h has them, stored envelopes, journal
records (docs/formats/flash.md). Makes boards whose image must not run, each in one way."""
import re
import struct
import subprocess
import zlib

from boards import provisioner

KINDS = {
    "payload": "one bit of the image flipped",
    "signature": "one bit of the manifest's signature flipped",
    "rights": "the signer may sign another component only",
    "rollback": "the sequence number is below the counter",
    "candidate": "an image to be tried has one bit flipped; the active one is good",
}


class Regions:
    """Numbers of board.h, by name."""

    def __init__(self, board_h, board):
        names = re.findall(r"#define (TAILOR_\w+_(?:AT|BYTES)) ", board_h.read_text())
        text = f'#include "{board_h}"\n' + "".join(f"@{name} {name}@\n".replace(f"@{name} ", f"@{name[7:].lower()}_ ") for name in names)
        result = subprocess.run(["gcc", "-E", "-P", "-x", "c", f"-DTAILOR_BOARD=TAILOR_BOARD_{board}", "-"], input=text, check=True, stdout=subprocess.PIPE, text=True)
        for name, value in re.findall(r"@(\w+)_ ([^@]+)@", result.stdout):
            setattr(self, name, eval(value, {"__builtins__": {}}))  # sums and products of our own header


class BoardFile:
    def __init__(self, path, regions):
        self.path, self.regions = path, regions
        self.bytes = bytearray(path.read_bytes())

    def save_as(self, path):
        path.write_bytes(self.bytes)
        return path

    def slot(self, name):
        at = self.regions.slot_a_at if name == "A" else self.regions.slot_b_at
        return slice(at, at + self.regions.slot_bytes)

    def manifest(self, name):
        at = self.regions.manifests_at + (self.regions.manifest_area_bytes if name == "B" else 0)
        return slice(at, at + self.regions.manifest_area_bytes)

    def records(self):
        return slice(self.regions.records_at, self.regions.records_at + self.regions.records_bytes)

    def flip_payload_bit(self, name, offset):
        self.bytes[self.slot(name).start + offset] ^= 0x10

    def flip_signature_bit(self, name):
        """Flips the last bit of the stored envelope's signature, and makes the checksums good again."""
        area = self.manifest(name)
        header = bytearray(self.bytes[area.start:area.start + 28])
        assert header[:4] == b"TLBM"
        length = struct.unpack_from("<I", header, 16)[0]
        envelope = self.bytes[area.start + 28:area.start + 28 + length]
        at = envelope.index(b"\x58\x40") + 2 + 63  # the one byte string of 64 bytes
        envelope[at] ^= 1
        self.bytes[area.start + 28:area.start + 28 + length] = envelope
        struct.pack_into("<I", header, 20, zlib.crc32(envelope))
        struct.pack_into("<I", header, 24, zlib.crc32(header[:24]))
        self.bytes[area.start:area.start + 28] = header

    def ask_for_trial(self, image_bytes, sequence):
        """Appends the state with which an application asks for the trial of what slot B holds."""
        journal = self.bytes[:self.regions.journal_bytes]
        size = 200 + 4 if journal.find(b"TLBJ", 4) == -1 else journal.find(b"TLBJ", journal.find(b"TLBJ") + 4) - journal.find(b"TLBJ")
        newest, at = max((struct.unpack_from("<Q", journal, found.start() + 8)[0], found.start()) for found in re.finditer(b"TLBJ", journal))
        state = bytearray(journal[at:at + size])
        state[6] = 0x71
        struct.pack_into("<QQI", state, 8, newest + 1, newest + 1, image_bytes)
        struct.pack_into("<8sQ", state, 32, state[72:80], sequence)
        struct.pack_into("<I", state, 68, image_bytes)
        struct.pack_into("<I", state, size - 4, zlib.crc32(state[:size - 4]))
        for copy in (1, 2):
            place = at + copy * size
            assert all(byte == 0xFF for byte in self.bytes[place:place + size])
            self.bytes[place:place + size] = state


def tiny_image(at, size=256, does="nothing"):
    """An image of a vector table and a few instructions, linked for `at`. "nothing": it stays where it was entered, wherever that
    is, interrupts and faults included. "hangs": the same, with handlers that are valid. "resets": it asks for a reset (AIRCR.SYSRESETREQ)."""
    entry = (at + 64) | 1
    code = b"\xfe\xe7" * ((size - 64) // 2)
    if does == "resets":  # ldr r0, [pc, #8]; ldr r1, [pc, #12]; str r1, [r0]; dsb; b .; then the two words
        code = bytes.fromhex("02480349" "0160bff3" "4f8ffee7" "0ced00e0" "0400fa05") + code[20:]
    table = struct.pack("<II", 0x20003000, entry) + (b"\xfe\xe7" * 28 if does == "nothing" else struct.pack("<I", entry) * 14)
    return table + code


class Factory:
    """Makes boards with tiny images. `fleet` is a folder with keys and trust stores and the programs; nothing runs in it."""

    def __init__(self, fleet, firmware, regions):
        self.fleet, self.regions, self.provisioner = fleet, regions, provisioner(firmware)
        fleet.tailor("trust", "keygen", "-o", "authority.pem")
        for name in ("author.pem", "other.pem"):
            fleet.tailor("key", "generate", "-o", name)
        fleet.tailor("ca", "init", "--dir", "ca")
        self.images = {}
        for name, at in (("A", regions.slot_a_at), ("B", regions.slot_b_at)):
            self.images[name] = tiny_image(regions.device_at + at)
            fleet.path(f"{name}.bin").write_bytes(self.images[name])

    def board(self, name, sequence=1, signer="author.pem", trusted=(("author.pem", "*"),)):
        """A board as it leaves the factory."""
        fleet = self.fleet
        lines = ["version = 1"]
        for key, component in trusted:
            lines += ["[[signers]]", f'key = "{key}"', f'components = ["{component}"]']
        lines += ["[[servers]]", 'id = "00000000-0000-4000-8000-000000000001"', 'uris = ["coaps://[fec0::2]:5684"]',
                  "[[operators]]", 'id = "00000000-0000-4000-8000-000000000002"', "[[authorities]]", 'certificate = "ca/ca.pem"']
        fleet.path("trust.toml").write_text("\n".join(lines) + "\n")
        fleet.tailor("trust", "create", "trust.toml", "--key", "authority.pem", "-o", "trust.cbor")
        fleet.tailor("factory", "create", "--vendor", "example.com", "--class", "sensor-node", "--ca-uri", "coaps://[fec0::2]:5685", "--trust",
                     "trust.cbor", "--anchor", "authority.pem", "--mode", "psk", "-o", f"{name}.bundle")
        slots = "".join(f'[[components.slots]]\nslot = {nth}\nimage = "{slot}.bin"\n' for nth, slot in enumerate("AB"))
        fleet.path(f"{name}.toml").write_text(f'vendor = "example.com"\nclass = "sensor-node"\nsequence = {sequence}\ninvoke = "app"\n'
                                              f'[[components]]\n{slots}[text]\nversion = "{sequence}"\n')
        fleet.tailor("manifest", "create", f"{name}.toml", "--key", signer, "-o", f"{name}.suit")
        flash = fleet.path(f"{name}.flash")
        subprocess.run([fleet.programs / self.provisioner, flash, fleet.path(f"{name}.bundle"), fleet.path("A.bin"), fleet.path(f"{name}.suit")],
                       check=True)
        return BoardFile(flash, self.regions)

    def bad(self, kind):
        """The flash file of a board of one of KINDS."""
        board = self.board(f"{kind}-0", sequence=5)
        if kind == "payload":
            board.flip_payload_bit("A", 200)
        elif kind == "signature":
            board.flip_signature_bit("A")
        elif kind == "rights":
            other = self.board(f"{kind}-1", trusted=(("other.pem", "*"), ("author.pem", "elsewhere")), signer="other.pem")
            board.bytes[board.records()] = other.bytes[other.records()]
        elif kind == "rollback":
            older = self.board(f"{kind}-1", sequence=3)
            board.bytes[board.manifest("A")] = older.bytes[older.manifest("A")]
        elif kind == "candidate":
            newer = self.board(f"{kind}-1", sequence=6)
            board.bytes[board.manifest("B")] = newer.bytes[newer.manifest("A")]
            image = self.images["B"]
            start = board.slot("B").start
            board.bytes[start:start + len(image)] = image
            board.flip_payload_bit("B", 200)
            board.ask_for_trial(len(image), 6)
        return board.save_as(self.fleet.path(f"{kind}.flash"))

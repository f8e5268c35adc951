# SPDX-License-Identifier: Apache-2.0
"""Emulated boards as scenarios see them: a Cortex-M3 in QEMU, its flash in a file, its firmware in both flavours, and the
server of libcoap with which the small flavour lives. What they share, whoever cuts their power."""
import base64
import contextlib
import shutil
import socket
import subprocess
import sys

from fleet import free_port, sha256_of, wait_for

VENDOR, CLASS = "example.com", "sensor-node"
SKIPPED = 77
HOST_OF_BOARD = "[fec0::2]"  # the host, as QEMU's user networking shows it


class Board:
    """An emulated board: its flash file and, when it has power, QEMU."""

    def __init__(self, fleet, name, identity, firmware, flash, jumpers):
        self.fleet, self.name, self.id, self.firmware, self.flash, self.jumpers = fleet, name, identity, firmware, flash, jumpers
        self.process = None
        self.serial = None  # path of a socket: the board has its UART there, and its recovery program

    def power_on(self):
        line = ["-serial", "none"]
        if self.serial:
            self.serial.unlink(missing_ok=True)
            line = ["-serial", f"unix:{self.serial},server=on,wait=off", "-device", f"loader,file={self.firmware / 'recovery.elf'}"]
        arguments = ",".join(f"arg={word}" for word in ("tailor", f"flash={self.flash}", *self.jumpers))
        self.process = self.fleet.start(f"board-{self.name}", "qemu-system-arm", "-M", "mps2-an385", "-display", "none", "-monitor", "none",
                                        *line, "-nic", "user", "-kernel", self.firmware / "boot.elf",
                                        "-semihosting-config", f"enable=on,target=native,{arguments}")

    def loses_power(self):
        self.process.kill()

    def log(self):
        return self.process.log_path.read_text(errors="replace")

    def says(self, what):
        return what in self.log()


def has_ipv6():
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
        probe.bind(("::1", 0))
        return True
    return False


def describe(fleet, name, images, sequence, version, key="author.pem"):
    """Signs an envelope with one image for each slot; returns its name."""
    slots = "".join(f'[[components.slots]]\nslot = {slot}\nimage = "{image}"\n' for slot, image in enumerate(images))
    fleet.path(f"{name}.toml").write_text(
        f'vendor = "{VENDOR}"\nclass = "{CLASS}"\nsequence = {sequence}\ninvoke = "app"\n[[components]]\n{slots}[text]\nversion = "{version}"\n')
    fleet.tailor("manifest", "create", f"{name}.toml", "--key", key, "-o", f"{name}.suit")
    return f"{name}.suit"


def board_name(firmware):
    """Which board of board.h this firmware was built for."""
    return (firmware / "board").read_text().strip()


def provisioner(firmware):
    """The program that makes flash files for this firmware's board."""
    return {"CC2538": "mps2-provision", "NRF52": "mps2-provision-nrf52"}[board_name(firmware)]


def add_board(fleet, name, firmware, flavour, jumpers):
    images = [firmware / f"device-{flavour}-1.0.0-{slot}.bin" for slot in "AB"]
    first = describe(fleet, f"{name}-1", images, 1, "1.0.0")
    identity = fleet.make_bundle(name, VENDOR, CLASS)
    flash = fleet.path(f"{name}.flash")
    subprocess.run([fleet.programs / provisioner(firmware), flash, fleet.path(f"{name}.bundle"), images[0], fleet.path(first)], check=True)
    board = Board(fleet, name, identity, firmware, flash, jumpers)
    board.power_on()
    return board


class PlainServer:
    """A CoAP server of libcoap: keeps what is PUT, answers GET. Knows nothing of updates."""

    def __init__(self, fleet):
        self.fleet, self.port = fleet, free_port(socket.SOCK_DGRAM)
        fleet.start("plain-server", "coap-server-notls", "-A", "::1", "-p", self.port, "-d", 50)
        wait_for("the plain server to answer", lambda: self.client("-m", "get", "-B", "1", self.uri("/.well-known/core")))

    def uri(self, path):
        return f"coap://[::1]:{self.port}{path}"

    def client(self, *arguments):
        return subprocess.run(["coap-client-notls", *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60).stdout

    def put(self, path, file):
        self.client("-m", "put", "-b", "1024", "-t", "42", "-f", file, self.uri(path))

    def put_image(self, image, digest=None):
        """Puts an image where manifests look for the one with this digest (default: its own)."""
        name = base64.urlsafe_b64encode(bytes.fromhex(digest or sha256_of(image))).decode().rstrip("=")
        self.put(f"/img/{name}", image)

    def has_confirmation_of(self, board):
        """Whether the board's newest report says confirmed: key 4, sequence number 2; key 5, state 8 (docs/formats/report.md)."""
        return b"\x04\x02\x05\x08" in self.client("-m", "get", "-B", "2", self.uri(f"/report/{board.id}"))


def installed(fleet, board):
    """Digest of the image that the update server has for a board; nothing before it registers."""
    profile = fleet.profiles().get(board.id)
    return profile["components"][0]["digest"] if profile else None


def skip_unless_boards_run(firmware, plain=True):
    """Ends the program as skipped where boards cannot run."""
    for reason, holds in (("qemu-system-arm is not installed", shutil.which("qemu-system-arm")),
                          ("libcoap's programs are not installed", not plain or shutil.which("coap-server-notls")),
                          ("this machine has no IPv6 on loopback", has_ipv6()),
                          ("the firmware is not built (cmake --preset mps2-an385)", (firmware / "boot.elf").exists())):
        if not holds:
            print(f"skipped: {reason}")
            sys.exit(SKIPPED)

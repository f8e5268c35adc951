# SPDX-License-Identifier: Apache-2.0
"""A client of QEMU's GDB stub, as small as the skips need it: registers, memory, breakpoints, continue, and QEMU's own
monitor through it. One request, one answer; nothing here knows what is debugged."""
import select
import socket
import time

PATIENCE_SECONDS = 20


class GdbLost(Exception):
    """The stub is gone: QEMU has ended, or does not answer."""


class Gdb:
    def __init__(self, path, seconds=10):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        deadline = time.monotonic() + seconds
        while True:
            try:
                self.socket.connect(str(path))
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.005)
        self.received = b""
        self.acknowledges = True
        self.ask("QStartNoAckMode")
        self.acknowledges = False
        self.ask("?")
        self.ask("qXfer:features:read:target.xml:0,10")  # without it the stub refuses to speak of single registers

    def close(self):
        self.socket.close()

    def _send(self, text):
        data = text.encode("latin-1")
        try:
            self.socket.sendall(b"$" + data + b"#%02x" % (sum(data) & 0xFF))
        except OSError as error:
            raise GdbLost from error

    def _fill(self, timeout=None):
        """Takes what has come; False when nothing comes in `timeout` seconds."""
        if timeout is not None and not select.select([self.socket], [], [], timeout)[0]:
            return False
        try:
            data = self.socket.recv(1 << 16)
        except OSError as error:
            raise GdbLost from error
        if not data:
            raise GdbLost
        self.received += data
        return True

    def answer(self, timeout=None):
        """The next packet; None when none comes in `timeout` seconds."""
        while True:
            begin = self.received.find(b"$")
            end = self.received.find(b"#", begin) if begin >= 0 else -1
            if end >= 0 and len(self.received) >= end + 3:
                packet = self.received[begin + 1:end]
                self.received = self.received[end + 3:]
                if self.acknowledges:
                    self.socket.sendall(b"+")
                return packet.decode("latin-1")
            if not self._fill(timeout):
                return None

    def ask(self, text):
        self._send(text)
        answer = self.answer(timeout=PATIENCE_SECONDS)
        if answer is None:
            raise GdbLost
        return answer

    # --- registers and memory --------------------------------------------------------------------------------------------

    def registers(self):
        """r0 to r15."""
        text = self.ask("g")
        return [int.from_bytes(bytes.fromhex(text[8 * nth:8 * nth + 8]), "little") for nth in range(16)]

    def register(self, number):
        return int.from_bytes(bytes.fromhex(self.ask(f"p{number:x}")), "little")

    def set_register(self, number, value):
        assert self.ask(f"P{number:x}={(value & 0xFFFFFFFF).to_bytes(4, 'little').hex()}") == "OK"

    def read(self, address, length):
        """Memory; None where there is none."""
        text = self.ask(f"m{address & 0xFFFFFFFF:x},{length:x}")
        return None if text.startswith("E") else bytes.fromhex(text)

    def write(self, address, data):
        """Writes memory; what is no memory takes nothing."""
        self.ask(f"M{address & 0xFFFFFFFF:x},{len(data):x}:{data.hex()}")

    # --- running ---------------------------------------------------------------------------------------------------------

    def insert(self, address):
        assert self.ask(f"Z0,{address:x},2") == "OK"

    def remove(self, address):
        answer = self.ask(f"z0,{address:x},2")
        assert answer == "OK", (hex(address), answer)

    def go(self):
        self._send("c")

    def interrupt(self):
        self.socket.sendall(b"\x03")

    def step(self):
        return self.ask("s")

    def monitor(self, command):
        """Runs a command of QEMU's monitor and returns what it prints."""
        self._send("qRcmd," + command.encode().hex())
        text = ""
        while True:
            packet = self.answer(timeout=PATIENCE_SECONDS)
            if packet is None:
                raise GdbLost
            if packet == "OK":
                return text
            if packet.startswith("O"):
                text += bytes.fromhex(packet[1:]).decode(errors="replace")
            elif packet.startswith("E") or packet == "":
                raise RuntimeError(f"monitor: {command}: {packet}")

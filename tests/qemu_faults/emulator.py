# SPDX-License-Identifier: Apache-2.0
"""QEMU's mps2-an385 under a debugger, with snapshots: one process that is taken back to a moment as often as wanted."""
import os
import struct
import subprocess

from gdb import Gdb

CLUSTER = 1 << 16


def make_snapshot_disk(path):
    """An empty qcow2 image (version 2): QEMU keeps snapshots in it, no guest sees it."""
    header = struct.pack(">4sIQIIQIIQQIIQ", b"QFI\xfb", 2, 0, 0, 16, 1 << 20, 0, 1, 3 * CLUSTER, CLUSTER, 1, 0, 0)
    data = bytearray(4 * CLUSTER)
    data[:len(header)] = header
    data[CLUSTER:CLUSTER + 8] = struct.pack(">Q", 2 * CLUSTER)            # table of reference counts
    data[2 * CLUSTER:2 * CLUSTER + 8] = struct.pack(">4H", 1, 1, 1, 1)    # the four clusters here
    path.write_bytes(data)


class Emulator:
    def __init__(self, folder, name, elf, flash, *options):
        self.socket = folder / f"{name}.gdb"
        self.disk = folder / f"{name}.qcow2"
        self.socket.unlink(missing_ok=True)
        if not self.disk.exists():
            make_snapshot_disk(self.disk)
        self.log = open(folder / f"{name}.log", "ab")
        self.process = subprocess.Popen(
            ["qemu-system-arm", "-M", "mps2-an385", "-display", "none", "-monitor", "none", "-serial", "none", "-nic", "none", "-kernel", str(elf),
             "-semihosting-config", f"enable=on,target=native,arg=tailor,arg=flash={flash}",
             "-drive", f"if=none,format=qcow2,file={self.disk}", "-gdb", f"unix:{self.socket},server=on,wait=off", "-S", *options],
            stdout=self.log, stderr=self.log, cwd=folder)
        self.gdb = Gdb(self.socket)

    def cpu_seconds(self):
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def save(self, name):
        self.gdb.monitor(f"savevm {name}")

    def load(self, name):
        self.gdb.monitor(f"loadvm {name}")

    def end(self):
        self.process.kill()
        self.process.wait()
        self.gdb.close()
        self.log.close()

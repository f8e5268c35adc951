# SPDX-License-Identifier: Apache-2.0
"""A small fleet of real programs on loopback, as a language for scenarios: a CA, update servers, an operator, devices.

Every program is started from the build folder, keeps its files in one temporary folder, and is ended at the end by the
process id that was started here. Nothing here decides whether a scenario holds; scenarios assert.
"""
import contextlib
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


class ScenarioError(AssertionError):
    """What a scenario expected did not happen; the text says what was seen."""


def expect(condition, message):
    if not condition:
        raise ScenarioError(message)


def sha256_of(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """One running program with its log file."""

    def __init__(self, name, command, folder):
        self.name = name
        self.log_path = folder / f"{name}.log"
        self.log = open(self.log_path, "ab")
        self.process = subprocess.Popen([str(part) for part in command], stdout=self.log, stderr=subprocess.STDOUT, cwd=folder,
                                        start_new_session=True)

    @property
    def pid(self):
        return self.process.pid

    def alive(self):
        return self.process.poll() is None

    def kill(self):
        """Ends it as a power cut would, children included: they live in the session that was started here."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.alive():
            self.process.terminate()
            try:
                self.process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                pass
        self.kill()
        self.log.close()

    def tail(self, lines=25):
        return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-lines:])


def children_of(pid):
    """Process ids of the children of `pid`."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [int(child) for child in task.read_text().split()]
    return found


def wait_for(what, condition, seconds=30, every=0.05):
    """Returns the first true answer of `condition`; fails, naming `what`, when there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise ScenarioError(f"waited {seconds} s in vain for: {what}")
        time.sleep(every)


class Fleet:
    """CA, update servers, an operator and devices in one folder. `tailor`, `tailor-boot` and images come from `programs`."""

    def __init__(self, programs, folder=None, narrate=lambda *_: None):
        self.programs = Path(programs)
        self.temporary = None if folder else tempfile.TemporaryDirectory(prefix="tailor-")
        self.folder = Path(folder or self.temporary.name)
        self.narrate = narrate
        self.processes = []
        self.devices = {}
        self.servers = {}

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        for process in reversed(self.processes):
            process.stop()
        if kind is not None:
            for process in self.processes:
                print(f"--- end of {process.log_path.name}\n{process.tail()}", file=sys.stderr)
        if self.temporary and not os.environ.get("TAILOR_KEEP"):
            self.temporary.cleanup()

    def path(self, name):
        return self.folder / name

    def start(self, name, *command):
        process = Process(name, command, self.folder)
        self.processes.append(process)
        return process

    def tailor(self, *arguments, expect_failure=False, as_json=False):
        """Runs the operator's tool; fails the scenario when its exit code is not the expected one."""
        command = [str(self.programs / "tailor"), *map(str, arguments)] + (["--json"] if as_json else [])
        result = subprocess.run(command, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)
        if (result.returncode != 0) != expect_failure:
            raise ScenarioError(f"`{' '.join(command)}` ended with {result.returncode}\n{result.stdout}{result.stderr}")
        if expect_failure:
            return result.stderr
        return json.loads(result.stdout) if as_json else result.stdout

    # --- who is who ----------------------------------------------------------------------------------------------------

    def found(self, vendor_domain="example.com"):
        """Makes what exists before any device: the trust provisioning authority, an author's key and a CA with its first
        certificates handed out against one-time codes."""
        self.vendor_domain = vendor_domain
        self.tailor("trust", "keygen", "-o", "authority.pem")
        self.tailor("key", "generate", "-o", "author.pem")
        self.tailor("ca", "init", "--dir", "ca")
        self.ca_https, self.ca_coaps = free_port(), free_port(socket.SOCK_DGRAM)
        self.path("ca.toml").write_text(
            f'directory = "ca"\nhttps = "127.0.0.1:{self.ca_https}"\ncoaps = "127.0.0.1:{self.ca_coaps}"\n')
        self.ca = self.start("ca", self.programs / "tailor", "ca", "serve", "--config", "ca.toml")

    def enrol(self, role, name):
        """Gets a certificate for a person or a server: a one-time code from the CA, then EST. Returns its UUID."""
        code = self.tailor("ca", "code", "--dir", "ca", "--role", role, as_json=True)["code"]
        answer = self.tailor("enrol", "--ca", f"https://127.0.0.1:{self.ca_https}", "--ca-cert", "ca/ca.pem", "--code", code, "--role", role,
                             "--name", name, "--out", name, as_json=True)
        return answer["id"]

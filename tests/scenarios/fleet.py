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


class Story:
    """Tells what happens as it happens: the numbers are the steps of an update."""

    def __init__(self):
        self.start = time.monotonic()

    def step(self, number, who, what):
        print(f"{time.monotonic() - self.start:6.1f} s  [{number:>2}] {who:22} {what}", flush=True)

    def heading(self, text):
        print(f"\n--- {text}", flush=True)


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
        self.programs = Path(programs).resolve()
        self.temporary = None if folder else tempfile.TemporaryDirectory(prefix="tailor-")
        self.folder = Path(folder or self.temporary.name)
        self.narrate = narrate
        self.coaps_bind = "127.0.0.1"  # where services listen for devices, and where devices find them
        self.coaps_seen = "127.0.0.1"
        self.processes = []
        self.devices = {}
        self.servers = {}

    def __enter__(self):
        # Whoever ends a scenario before its time ends its programs too: SystemExit comes by __exit__.
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda number, _: sys.exit(128 + number))
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

    def found(self):
        """Makes what exists before any device: the trust provisioning authority, an author, and a CA that runs."""
        self.tailor("trust", "keygen", "-o", "authority.pem")
        self.tailor("key", "generate", "-o", "author.pem")
        self.tailor("ca", "init", "--dir", "ca")
        self.ca_port, self.ca_coaps = free_port(), free_port(socket.SOCK_DGRAM)
        self.ca = self.start("ca", self.programs / "tailor", "ca", "serve", "--dir", "ca", "--https", f"127.0.0.1:{self.ca_port}",
                             "--coaps", f"{self.coaps_bind}:{self.ca_coaps}")
        self.ca_url = f"https://127.0.0.1:{self.ca_port}"
        wait_for("the CA to listen", lambda: listens(self.ca_port))

    def enrol(self, role, name):
        """Gets a certificate for a server or a person: a one-time code from the CA, then EST. Returns the new UUID."""
        code = self.tailor("ca", "code", "--dir", "ca", "--role", role, as_json=True)["code"]
        return self.tailor("enrol", "--ca", self.ca_url, "--ca-cert", "ca/ca.pem", "--code", code, "--role", role, "--name", name,
                           "--out", name, as_json=True)["id"]

    def add_server(self, name):
        """An update server with its own certificate, store and ports."""
        server = Server(name, self.enrol("update-server", name), free_port(), free_port(socket.SOCK_DGRAM))
        self.servers[name] = server
        self.start_server(server)
        return server

    def start_server(self, server):
        server.process = self.start(server.name + "-server", self.programs / "tailor", "update-server", "serve", "--dir", server.name,
                                    "--https", f"127.0.0.1:{server.https}", "--coaps", f"{self.coaps_bind}:{server.coaps}")
        wait_for(f"{server.name} to listen", lambda: listens(server.https))

    def add_operator(self, name):
        """An operator with a certificate, and a profile for each server; without a word the first one is meant."""
        self.operator_id = self.enrol("operator", name)
        for server in self.servers.values():
            self.path(f"{server.name}.toml").write_text(
                f'server_url = "{server.url}"\nca_url = "{self.ca_url}"\ncertificate = "{name}/cert.pem"\n'
                f'key = "{name}/key.pem"\nauthorities = "{name}/ca.pem"\n')

    def operator(self, *arguments, server=None, **keywords):
        server = server or next(iter(self.servers.values()))
        return self.tailor("--config", f"{server.name}.toml", *arguments, **keywords)

    def make_trust(self, version=1, signers=("author.pem",), installed_only=(), out="trust.cbor"):
        """Signs a trust store; keys in `installed_only` keep what they have signed running, and install nothing."""
        lines = [f"version = {version}"]
        for signer in (*signers, *installed_only):
            lines += ["[[signers]]", f'key = "{signer}"', 'components = ["*"]']
            lines += ["installed-only = true"] if signer in installed_only else []
        for server in self.servers.values():
            lines += ["[[servers]]", f'id = "{server.id}"', f'uris = ["coaps://{self.coaps_seen}:{server.coaps}"]']
        lines += ["[[operators]]", f'id = "{self.operator_id}"', "[[authorities]]", 'certificate = "ca/ca.pem"']
        self.path("trust.toml").write_text("\n".join(lines) + "\n")
        self.tailor("trust", "create", "trust.toml", "--key", "authority.pem", "-o", out)

    # --- images and manifests ------------------------------------------------------------------------------------------

    def envelope(self, out, image, vendor, class_name, sequence, version, key="author.pem", *extra):
        self.tailor("manifest", "create", "--image", image, "--vendor", vendor, "--class", class_name, "--sequence", sequence,
                    "--version", version, "--key", key, "-o", out, *extra)
        return self.path(out)

    # --- devices -------------------------------------------------------------------------------------------------------

    def make_bundle(self, name, vendor, class_name, mode="psk", keys=1):
        """Factory work: the bundle, and its record at the CA. Returns the device's UUID."""
        made = self.tailor("factory", "create", "--vendor", vendor, "--class", class_name, "--ca-uri", f"coaps://{self.coaps_seen}:{self.ca_coaps}",
                           "--trust", "trust.cbor", "--anchor", "authority.pem", "--mode", mode, "--keys", keys,
                           *(["--factory-ca", "ca/factory.pem", "--factory-ca-key", "ca/factory.key"] if mode == "idevid" else []),
                           "-o", f"{name}.bundle", as_json=True)
        self.tailor("ca", "devices", "add", "--dir", "ca", f"{name}.bundle.json")
        return made["device"]

    def add_device(self, name, vendor, class_name, image, mode="psk", keys=1, options=(), trial_ms=20000):
        """Factory work: bundle, record at the CA, first image in flash; then power on."""
        first = self.envelope(f"{name}-1.suit", image, vendor, class_name, 1, "1.0.0")
        made = self.make_bundle(name, vendor, class_name, mode, keys)
        flash = self.path(f"{name}.flash")
        subprocess.run([self.programs / "tailor-device", "provision", "--flash", flash, "--bundle", self.path(f"{name}.bundle"),
                        "--image", image, "--envelope", first], check=True, cwd=self.folder, stdout=subprocess.DEVNULL)
        device = Device(self, name, made, vendor, class_name, mode, flash, free_port(socket.SOCK_DGRAM), options, trial_ms)
        self.devices[name] = device
        device.power_on()
        return device

    def profiles(self, server=None):
        """An update server's view: device id -> profile."""
        return {entry["id"]: entry for entry in self.operator("devices", "list", server=server, as_json=True)["items"]}

    def last_report(self, device, state):
        """The newest report of a device when it has this state, else nothing."""
        reports = self.operator("reports", device.id, as_json=True)["items"]
        matching = [report for report in reports if report["state"] == state]
        return matching[0] if matching else None

    def certificates(self, device, used=False):
        """How many certificates the CA has issued to a device; with `used`, those that it has seen in use."""
        listed = self.tailor("ca", "certificates", "--dir", "ca", as_json=True)["items"]
        return sum(1 for certificate in listed if certificate["id"] == device.id and (not used or certificate["used_at"]))


def listens(port):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Server:
    def __init__(self, name, identity, https, coaps):
        self.name, self.id, self.https, self.coaps = name, identity, https, coaps
        self.url = f"https://127.0.0.1:{https}"
        self.process = None


class Device:
    """A device is its flash file and, when it has power, the boot program with the image it executes."""

    def __init__(self, fleet, name, identity, vendor, class_name, mode, flash, port, options, trial_ms):
        self.fleet, self.name, self.id, self.vendor, self.class_name = fleet, name, identity, vendor, class_name
        self.mode, self.flash, self.port, self.options, self.trial_ms = mode, flash, port, options, trial_ms
        self.process = None

    def power_on(self):
        self.process = self.fleet.start(f"device-{self.name}", self.fleet.programs / "tailor-boot", "run", "--flash", self.flash,
                                        "--restart-delay-ms", 200, "--trial-ms", self.trial_ms, "--", "run", "--address", "127.0.0.1",
                                        "--listen", self.port, "--poll-ms", 1000, "--retry-min-ms", 200, "--retry-max-ms", 2000,
                                        "--trial-timeout-ms", 15000, "--block", 1024, *self.options)

    def loses_power(self):
        self.process.kill()

    def running_digest(self):
        """SHA-256 of what the device executes: the boot program's child, read through the kernel."""
        for child in children_of(self.process.pid):
            with contextlib.suppress(OSError):
                return sha256_of(f"/proc/{child}/exe")
        return None

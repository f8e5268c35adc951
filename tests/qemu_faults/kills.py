#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Power cuts that are real: QEMU is killed at random moments of updates, and started again to each update's end.

One board of each flavour lives through one update after the other: good ones, ones whose image resets at once, and (plain
flavour) ones whose payload is not what the manifest says. Each kill is aimed at a phase and falls somewhere in it. After each, what
starts is the old or the new image, verified; each update ends as it must, and the server knows. The seed makes the same
choices again, not the same moments: time is the machine's.
"""
import argparse
import collections
import random
import re
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/scenarios"))

from board_file import Regions, tiny_image  # noqa: E402
from boards import HOST_OF_BOARD, PlainServer, add_board, board_name, describe, installed, skip_unless_boards_run  # noqa: E402
from fleet import Fleet, ScenarioError, expect, sha256_of, wait_for  # noqa: E402

# What a kill is aimed at: the line of the board's log behind which it falls, and how many seconds at most behind it.
PHASES = {
    "boot": (None, 0.12),  # no line is waited for
    "start": (r"boot\.(start|trial)", 0.06),
    "download": (r"state=fetching|trial=0", 0.3),
    "install": (r"state=(staged|installing)", 0.01),
    "trial": (r"boot\.trial|trial=1", 0.15),
    "report": (r"state=(confirmed|reverted|refused)", 0.1),
}
TIMES_AT_MOST = 2  # a good image has three starts to confirm itself; kills of these are not its fault
ENDS = {"good": "confirmed", "resets": "reverted", "hangs": "reverted", "lies": "refused"}
NUMBER_OF_STATE = {"confirmed": 8, "reverted": 9, "refused": 10}


def where_it_fell(lines):
    """Which phase a board was in when its log ended so; `lines` are those since the power came."""
    text = "\n".join(lines)
    if not re.search(r"boot\.(start|trial)", text):
        return "boot"
    states = re.findall(r"update state=(\w+)", text)
    if re.search(r"boot\.trial", text) and "confirmed" not in states:
        return "trial"
    if not states:
        return "start" if "agent.start" not in text else "idle or resuming"
    return {"offered": "download", "authorized": "download", "fetching": "download", "staged": "install", "installing": "install",
            "trial": "trial"}.get(states[-1], "report")


class Life:
    """One board and its updates."""

    def __init__(self, name, rng, board, images, first):
        self.name, self.rng, self.board, self.images, self.running = name, rng, board, images, first
        self.sequence, self.mark, self.began, self.kills = 1, 0, 0, collections.Counter()
        self.flash_bytes = board.flash.stat().st_size

    def lines(self, since):
        # A kill can cut a line short; it is a line of the run that ended.
        return self.board.log()[since:].splitlines()

    def has(self, pattern, since):
        return re.search(pattern, self.board.log()[since:])

    def power_on(self):
        self.began = len(self.board.log())
        self.board.power_on()

    def cut_power(self):
        self.board.loses_power()
        self.kills[where_it_fell(self.lines(self.began))] += 1
        expect(self.board.flash.stat().st_size == self.flash_bytes, "the flash file has another size")

    def aim(self, phase, ended):
        """Waits for the phase, then a moment; False when the update ended before."""
        pattern, spread = PHASES[phase]
        if pattern:
            wait_for(f"board {self.name} to reach {phase}", lambda: self.has(pattern, self.began) or self.has(ended, self.mark), every=0.003)
            if not self.has(pattern, self.began):
                return False
        time.sleep(self.rng.uniform(0, spread))
        return True

    def update(self, kind, kills):
        """One update with up to `kills` kills of it; how many there were."""
        self.sequence += 1
        self.mark = len(self.board.log())
        before = sum(self.kills.values())
        new = self.publish(kind)
        ended = f"update state={ENDS[kind]}"
        cut_trials = 0
        for _ in range(kills):
            phase = self.rng.choice(list(PHASES))
            if not self.aim(phase, ended):
                break
            tried = kind == "good" and self.has(r"state=installing", self.mark) and not self.has(ended, self.mark)
            if tried and cut_trials == TIMES_AT_MOST:
                break
            cut_trials += 1 if tried else 0
            self.cut_power()
            self.power_on()
            self.check(kind, new)
        wait_for(f"board {self.name}: update {self.sequence} ({kind}) to be {ENDS[kind]}", lambda: self.has(ended, self.mark), seconds=60, every=0.01)
        self.check(kind, new)
        if kind == "good":
            self.running = new
        wait_for(f"the server to know that update {self.sequence} was {ENDS[kind]}", lambda: self.server_knows(ENDS[kind]), every=0.02)
        return sum(self.kills.values()) - before

    def check(self, kind, new):
        """Whatever was started since the update began is the old or the new image; nothing was refused, nothing faulted."""
        log = self.board.log()[self.mark:]
        for line in log.splitlines():
            if started := re.search(r"boot\.(start|trial) .*digest=(\w{16})", line):
                known = {self.running[:16]} | ({new[:16]} if kind != "lies" else set())
                expect(started[2] in known, f"something else was started: {line}")
                expect(kind not in ("resets", "hangs") or started[1] == "trial" or started[2] != new[:16], f"a bad image was started for good: {line}")
            expect(not re.search(r"boot\.(refused|flash)|system\.(fault|watchdog)|device\.refused", line), f"board {self.name}: {line}")

    def manifest(self, images, version):
        return describe(self.board.fleet, f"{self.name}-{self.sequence}", images, self.sequence, version)

    def next_images(self, kind):
        """Good updates go from one version to the other and back."""
        if kind in ("resets", "hangs"):
            return self.images[kind], "9.0.0"
        old = {sha256_of(image) for image in self.images["1.0.0"]}
        version = "2.0.0" if self.running in old else "1.0.0"
        return self.images[version], version

    def slot_that_is_free(self):
        good = self.images["1.0.0"] + self.images["2.0.0"]
        return 1 - next(nth for nth, image in enumerate(good) if sha256_of(image) == self.running) % 2


class PlainLife(Life):
    def __init__(self, *arguments, server):
        super().__init__(*arguments)
        self.server = server

    def publish(self, kind):
        images, version = self.next_images(kind)
        fleet = self.board.fleet
        if kind == "lies":  # a manifest for images that are not those on the server
            images = [fleet.path(f"lies-{self.sequence}-{slot}.bin") for slot in "AB"]
            for image in images:
                image.write_bytes(self.images["2.0.0"][0].read_bytes()[:8000] + bytes([self.sequence & 0xFF]))
        envelope = fleet.path(self.manifest(images, version))
        digests = [sha256_of(image) for image in images]
        for image, digest in zip(images, digests):
            if kind == "lies":
                image.write_bytes(image.read_bytes()[:-2] + b"\0\0")
            self.server.put_image(image, digest)
        self.server.put("/update", envelope)
        return digests[self.slot_that_is_free()]

    def server_knows(self, state):
        number = bytes([self.sequence]) if self.sequence < 24 else bytes([0x18, self.sequence])
        report = self.server.client("-m", "get", "-B", "2", self.server.uri(f"/report/{self.board.id}"))
        return b"\x04" + number + b"\x05" + bytes([NUMBER_OF_STATE[state]]) in report


class SecuredLife(Life):
    def publish(self, kind):
        images, version = self.next_images(kind)
        self.digest = self.board.fleet.operator("manifests", "upload", self.manifest(images, version), as_json=True)["digest"]
        self.board.fleet.operator("deploy", "create", "--manifest", self.digest, "--device", self.board.id, "--mode", "pull")
        return sha256_of(images[self.slot_that_is_free()])

    def server_knows(self, state):
        report = self.board.fleet.last_report(self.board, state)
        if not report or report["manifest"] != self.digest:
            return False
        return state != "confirmed" or installed(self.board.fleet, self.board) == self.running


def images_of(firmware, flavour, fleet, regions):
    images = {f"{version}.0.0": [firmware / f"device-{flavour}-{version}.0.0-{slot}.bin" for slot in "AB"] for version in (1, 2)}
    for kind in ("resets", "hangs"):
        images[kind] = [fleet.path(f"{kind}-{slot}.bin") for slot in "AB"]
        for image, at in zip(images[kind], (regions.slot_a_at, regions.slot_b_at)):
            image.write_bytes(tiny_image(regions.device_at + at, does=kind))
    return images


def plain_life(fleet, firmware, rng, regions, *jumpers):
    server = PlainServer(fleet)
    board = add_board(fleet, "plain", firmware, "plain",
                      (f"server={HOST_OF_BOARD[1:-1]}", f"server-port={server.port}", "poll-ms=100", "retry-min-ms=100", "trial-timeout-ms=30000", *jumpers))
    images = images_of(firmware, "plain", fleet, regions)
    for image in (image for pair in images.values() for image in pair):
        server.put_image(image)
    return PlainLife("plain", rng, board, images, sha256_of(images["1.0.0"][0]), server=server)


def secured_life(fleet, firmware, rng, regions, kills):
    """A board with DTLS; the first kills fall while it enrols and registers."""
    board = add_board(fleet, "dtls", firmware, "dtls",
                      ("poll-ms=100", "retry-min-ms=100", "retry-max-ms=400", "trial-timeout-ms=30000", "mode=pull"))
    images = images_of(firmware, "dtls", fleet, regions)
    for image in images["1.0.0"] + images["2.0.0"] + images["resets"]:
        fleet.operator("images", "upload", image)
    life = SecuredLife("dtls", rng, board, images, sha256_of(images["1.0.0"][0]))
    for _ in range(min(kills // 10, 10)):
        time.sleep(rng.uniform(0.02, 0.25))
        registered = life.has("life state=registered", 0)
        board.loses_power()
        life.kills["idle or resuming" if registered else "enrolment"] += 1
        life.power_on()
    wait_for("board dtls to register", lambda: installed(fleet, board) == life.running, seconds=60)
    return life


def live(life, kills):
    """Updates until there were so many kills; returns the updates by kind and end."""
    kinds = ["good", "good", "good", "resets", "lies" if life.name == "plain" else "good"]
    updates = collections.Counter()
    while sum(life.kills.values()) < kills:
        kind = kinds[sum(updates.values()) % len(kinds)]
        life.update(kind, min(life.rng.randint(2, 6), kills - sum(life.kills.values())))
        updates[f"{kind}: {ENDS[kind]}"] += 1
    return updates


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=Path, default=ROOT / "build", help="folder of tailor and mps2-provision")
    parser.add_argument("--firmware", type=Path, default=ROOT / "build/mps2-an385/firmware", help="folder of the firmware images")
    parser.add_argument("--kills", type=int, default=200, help="how many, of both flavours together (default 200)")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--flavour", choices=("plain", "dtls", "both"), default="both")
    options = parser.parse_args()
    firmware = options.firmware.resolve()
    skip_unless_boards_run(firmware)
    regions = Regions(ROOT / "ports/mps2_an385/board.h", board_name(firmware))
    print(f"seed {options.seed}", flush=True)
    begin = time.monotonic()
    total, updates = collections.Counter(), collections.Counter()
    plain = {"plain": options.kills, "dtls": 0, "both": options.kills * 3 // 5}[options.flavour]
    with Fleet(options.programs) as fleet:
        fleet.coaps_bind, fleet.coaps_seen = "[::1]", HOST_OF_BOARD
        fleet.found()
        fleet.add_server("server-a")
        fleet.add_operator("alice")
        fleet.make_trust()
        for flavour, kills in (("plain", plain), ("dtls", options.kills - plain)):
            if kills == 0:
                continue
            rng = random.Random(f"{options.seed}/{flavour}")
            try:
                life = plain_life(fleet, firmware, rng, regions) if flavour == "plain" else secured_life(fleet, firmware, rng, regions, kills)
                ended = live(life, kills)
            except ScenarioError:
                print(f"seed {options.seed}", file=sys.stderr)
                raise
            total += life.kills
            updates += ended
            print(f"{flavour}: {sum(life.kills.values())} kills in {sum(ended.values())} updates ({', '.join(f'{name} {count}' for name, count in sorted(ended.items()))})",
                  flush=True)
    print(f"kills: {sum(total.values())} ({', '.join(f'{phase} {count}' for phase, count in sorted(total.items()))}) in {sum(updates.values())} updates, "
          f"0 failures, {time.monotonic() - begin:.0f} s")


if __name__ == "__main__":
    main()

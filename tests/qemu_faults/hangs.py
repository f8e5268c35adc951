#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""An image that hangs at once, on the emulated board: it is the watchdog, which the boot program has started for the trial, that
brings the old image back; the server learns of it, the image is not tried again, and the next update works."""
import argparse
import random
import time
from pathlib import Path

from kills import ROOT, Regions, plain_life, skip_unless_boards_run  # it also makes what scenarios share importable
from boards import HOST_OF_BOARD, board_name
from fleet import Fleet, expect

TRIALS = 3


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=Path, default=ROOT / "build", help="folder of tailor and mps2-provision")
    parser.add_argument("--firmware", type=Path, default=ROOT / "build/mps2-an385/firmware", help="folder of the firmware images")
    options = parser.parse_args()
    firmware = options.firmware.resolve()
    skip_unless_boards_run(firmware)
    with Fleet(options.programs) as fleet:
        fleet.coaps_bind, fleet.coaps_seen = "[::1]", HOST_OF_BOARD
        fleet.found()
        fleet.add_server("server-a")
        fleet.add_operator("alice")
        fleet.make_trust()
        life = plain_life(fleet, firmware, random.Random(0), Regions(ROOT / "ports/mps2_an385/board.h", board_name(firmware)), "watchdog-ms=4000")
        life.update("hangs", 0)
        time.sleep(1)  # ten polls: the server still offers it
        log = life.board.log()
        starts = [line for line in log.splitlines() if "boot.trial slot=B" in line]
        expect(len(starts) == TRIALS, f"the image was started {len(starts)} times")
        expect(log.count("boot.start slot=A") == 2, "the old image did not come back")
        life.update("good", 0)
        expect("boot.trial slot=B sequence=3" in life.board.log(), "the next update was not tried")
        print(f"hangs: reverted after {TRIALS} starts, each ended by the watchdog; the next update is confirmed")


if __name__ == "__main__":
    main()

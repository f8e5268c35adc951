#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The README's first session, as written: the commands are taken from the page and run by bash beside the programs."""
import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from fleet import ROOT, expect


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=Path, required=True)
    programs = parser.parse_args().programs.resolve()
    commands = re.search(r"<!-- first session.*?-->\n```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL).group(1)
    expect(len(commands.splitlines()) == 10, "the README promises ten commands")
    folder = programs / "first"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    log = folder / "session.log"  # a pipe would stay open as long as the programs that the session leaves running
    with open(log, "w") as out:
        shell = subprocess.Popen(["bash", "-e", "-c", commands], cwd=folder, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            shell.wait(timeout=90)
        finally:
            os.killpg(shell.pid, signal.SIGTERM)
    output = log.read_text()
    print(output)
    expect(shell.returncode == 0, f"a command failed with {shell.returncode}")
    last = output.splitlines()[-1]
    expect("2.0.0" in last and "confirmed" in last, f"the list ends with: {last}")


if __name__ == "__main__":
    sys.exit(main())

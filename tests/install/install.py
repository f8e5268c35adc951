#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Installs the device library of a build and uses it from a project outside the tree, through find_package(tailor)."""
import argparse
import shutil
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tailor-install-") as name:
        folder = Path(name)
        prefix, outside = folder / "prefix", folder / "outside"

        def run(*command):
            subprocess.run([str(part) for part in command], check=True)

        run("cmake", "--install", arguments.build, "--component", "device", "--prefix", prefix)
        shutil.copytree(ROOT / "tests/install/outside", outside)
        shutil.copytree(ROOT / "examples", outside / "examples")
        run("cmake", "-S", outside, "-B", folder / "build", "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={prefix}")
        run("cmake", "--build", folder / "build")
        run(folder / "build/outside")


if __name__ == "__main__":
    main()

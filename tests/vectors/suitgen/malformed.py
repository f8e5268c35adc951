# SPDX-License-Identifier: Apache-2.0
"""Structures that are not as the format says, each inside an envelope that is right otherwise, digests and signatures included."""
import json

from . import cases  # noqa: F401
from .case import FW, URI, component, trusted, VENDOR, CLASS, DEVICE
from . import keys

ROWS = []


def text():
    device = {"vendor": str(VENDOR), "class": str(CLASS), "device": str(DEVICE), "procedure": "update", "trusted": [trusted(keys.AUTHOR)],
              "components": [component(0, b"old"), component(1, b"old")], "payloads": {URI: FW.hex()}}
    rows = ",\n".join(" " + json.dumps(row, ensure_ascii=False) for row in ROWS)
    return '{"device": ' + json.dumps(device) + ',\n"rows": [\n' + rows + "\n]}\n"

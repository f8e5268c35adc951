# SPDX-License-Identifier: Apache-2.0
"""What a case is: an envelope, the state of a device, and what a conforming recipient does. The form is tests/conformance/suit/README.md's."""
import uuid

from . import keys
from .cbor import encode
from .suit import COMMANDS, SECTIONS, digest, do, override

VENDOR = uuid.uuid5(uuid.NAMESPACE_DNS, "tailor.example")
CLASS = uuid.uuid5(VENDOR, "bulb")
DEVICE = uuid.UUID("6a1d2f6e-3f3c-4b0e-9d57-2f1c8a5b7e90")
OLD = b"firmware of the bulb, version 1. "
FW = b"firmware of the bulb, version 2: it can be dimmed now, and it no longer flickers below ten percent. "
CONFIG = b"settings of the bulb, version 2"
URI = "http://updates.tailor.example/bulb.bin"
URI_2 = "http://updates.tailor.example/settings"

CASES = []


def ids(parts):
    return [part.hex() for part in parts]


def component(number, content=b"", **more):
    return {"id": ["%02x" % number] if isinstance(number, int) else ids(number), "content": content.hex(), **more}


def trusted(key, *prefixes, **more):
    entry = {"key": encode(key.public()).hex(), **more}
    if prefixes:
        entry["components"] = [ids(prefix) for prefix in prefixes]
    return entry


def shared(**values):
    """The usual shared sequence for one component."""
    return [override(vendor=VENDOR.bytes, cls=CLASS.bytes, **values), do("vendor"), do("class")]


def usual(content=FW, uri=URI, **values):
    """Members of the usual update of one component."""
    return {"install": [override(uri=uri, **values), do("fetch"), do("image-match")], "validate": [do("image-match")]}


def about(content=FW, algorithm=-16):
    """Parameters that say what the content is."""
    return {"digest": digest(content, algorithm), "size": len(content)}


def step(text, tree):
    """Reads "[1] install image-match 0 #1 failed": where the second image-match of the install section failed for component 0."""
    words = text.split()
    path = []
    if words[0].startswith("["):
        path = [int(number) for number in words.pop(0)[1:-1].split(",")]
    failed = words[-1] == "failed"
    nth = next((int(word[1:]) for word in words if word.startswith("#")), 0)
    section, label = SECTIONS[words[0]], COMMANDS[words[1]]
    offset = tree[tuple(path)].offset(section, label, nth)
    return {"manifest": path, "section": section, "offset": offset, "component": int(words[2]), "command": label, "held": not failed}


def case(name, title, clause, envelope, *, components=None, trust=None, payloads=None, procedure="update", verdict="done", reason=0,
         error=None, trace=None, after=None, invoked=(), needs=(), tree=None, leniency=(), decryption=(), **device):
    """Adds a case.

    trace       steps as step() reads them; None: not compared
    after       contents that change: {index of the device's component: bytes, or None for "anything"}
    needs       optional features, by the names of README.md
    """
    components = [component(0, OLD, sequence_number=1)] if components is None else components
    state = {"vendor": str(VENDOR), "class": str(CLASS), "device": str(DEVICE), "procedure": procedure,
             "trusted": [trusted(keys.AUTHOR)] if trust is None else trust, "components": components}
    payloads = {URI: FW} if payloads is None else payloads
    state["payloads"] = {uri: content.hex() for uri, content in payloads.items()}
    if leniency:
        state["leniency"] = list(leniency)
    if decryption:
        state["decryption"] = [encode(key.public()).hex() for key in decryption]
    state.update(device)
    expected = {"verdict": verdict, "reason": reason}
    if error:
        expected["error"] = error
    if trace is not None:
        found = {(): envelope, **(tree or {})}
        expected["trace"] = [step(text, found) for text in trace]
    contents = []
    for number, before in enumerate(components):
        if after and number in after:
            content = after[number]
            contents.append({"id": before["id"], "content": None if content is None else content.hex()})
        else:
            contents.append({"id": before["id"], "content": before["content"]})
    expected["components"] = contents
    expected["invoked"] = list(invoked)
    assert all(other["name"] != name for other in CASES), name
    CASES.append({"name": name, "title": title, "clause": clause, "needs": sorted(needs), "envelope": envelope, "device": state, "expected": expected})


def refused(name, title, clause, envelope, reason, error=None, **more):
    """A case that is refused, with nothing changed unless `after` says so."""
    case(name, title, clause, envelope, verdict="refused", reason=reason, error=error, **more)

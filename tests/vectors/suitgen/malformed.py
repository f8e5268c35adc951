# SPDX-License-Identifier: Apache-2.0
"""Structures that are not as the format says, each inside an envelope that is right otherwise, digests and signatures included."""
import json

from . import cases, keys, suit  # noqa: F401
from .case import CLASS, DEVICE, FW, OLD, URI, VENDOR, about, component, shared, trusted, usual
from .cbor import Pairs, Raw, Tag, encode, head
from .suit import Envelope, digest, do, override, sequence

ROWS = []


def row(structure, name, clause, envelope, reason=1, needs=(), changes=False):
    """changes: components may have changed before it is seen, as in a section that comes late."""
    entry = {"structure": structure, "name": name, "clause": clause, "reason": reason, "envelope": envelope.hex()}
    if needs:
        entry["needs"] = sorted(needs)
    if changes:
        entry["changes"] = True
    assert all((other["structure"], other["name"]) != (structure, name) for other in ROWS), (structure, name)
    ROWS.append(entry)


def wider(item):
    """The item with a head that is longer than needed."""
    low = item[0] & 31
    number, size = (low, 1) if low < 24 else (int.from_bytes(item[1:1 + (1 << low - 24)], "big"), 1 + (1 << low - 24))
    width = {1: 1, 2: 2, 3: 4, 5: 8}[size]
    return head(item[0] >> 5, number, width) + item[size:]


def generic(structure, clause, item, embed, filled=True, **more):
    """The malformations that every item has. filled: the item fills a byte string, so that it can end early or late."""
    row(structure, "head longer than needed", "RFC 8949 4.2.1", embed(wider(item)), **more)
    row(structure, "reserved additional information", "RFC 8949 3", embed(bytes([item[0] | 28])), **more)
    if item[0] >> 5 in (2, 3):
        kind = bytes([item[0] & 0xE0 | 31])
        row(structure, "indefinite length", "RFC 8949 4.2.1", embed(kind + item + b"\xff"), **more)
    if item[0] >> 5 in (4, 5) and item[0] & 31 < 24:
        row(structure, "indefinite length", "RFC 8949 4.2.1", embed(bytes([item[0] | 31]) + item[1:] + b"\xff"), **more)
    for name, other in (("an integer", 0), ("null", None), ("a text", "x"), ("an empty map", {}), ("an empty array", []), ("a tagged item", Tag(9, 0))):
        if encode(other)[0] >> 5 != item[0] >> 5 or (item[0] >> 5 in (4, 5) and item != encode(other)):
            row(structure, f"{name} in its place", clause, embed(encode(other)), **more)
    if filled:
        row(structure, "ends early", clause, embed(item[:-1]), **more)
        row(structure, "empty", clause, embed(b""), **more)
        row(structure, "followed by a byte", clause, embed(item + b"\x00"), **more)


GOOD = Envelope(shared=shared(**about()), members=usual())


def envelope_of(pairs, tag=107):
    return encode(Tag(tag, Pairs(pairs)))


def signed(**more):
    return Envelope(**{"shared": shared(**about()), "members": usual(), **more}).bytes


# --- envelope (manifest 8.2)
WRAPPER, MANIFEST = GOOD.pairs
row("envelope", "empty file", "manifest 8.2", b"")
row("envelope", "another tag", "manifest 8.2", encode(Tag(1070, GOOD.pairs)))
row("envelope", "tag in a longer form", "RFC 8949 4.2.1", wider(GOOD.bytes))
row("envelope", "tagged twice", "manifest 8.2", encode(Tag(107, Tag(107, GOOD.pairs))))
row("envelope", "an array", "manifest 8.2", encode(Tag(107, [[2, WRAPPER[1]], [3, MANIFEST[1]]])))
row("envelope", "a map of indefinite length", "RFC 8949 4.2.1", head(6, 107) + b"\xbf" + encode(GOOD.pairs)[1:] + b"\xff")
row("envelope", "a map in a longer form", "RFC 8949 4.2.1", head(6, 107) + wider(encode(GOOD.pairs)))
row("envelope", "no members", "manifest 8.2", envelope_of([]))
row("envelope", "only the wrapper", "manifest 8.2", envelope_of([WRAPPER]))
row("envelope", "only the manifest", "manifest 8.2", envelope_of([MANIFEST]))
row("envelope", "the manifest before the wrapper", "manifest 8.2", envelope_of([MANIFEST, WRAPPER]))
row("envelope", "two wrappers", "RFC 8949 5.6", envelope_of([WRAPPER, WRAPPER, MANIFEST]))
row("envelope", "two manifests", "RFC 8949 5.6", envelope_of([WRAPPER, MANIFEST, MANIFEST]), changes=True)
row("envelope", "reserved key 1", "manifest 8.2", envelope_of([(1, b""), WRAPPER, MANIFEST]))
row("envelope", "a member between wrapper and manifest", "manifest 8.2", envelope_of([WRAPPER, ("#a", b"x"), MANIFEST]))
row("envelope", "a key of 64 bits", "manifest 8.2", envelope_of([WRAPPER, MANIFEST, (2 ** 64 - 1, b"")]), changes=True)
row("envelope", "a negative key", "manifest 8.2", envelope_of([WRAPPER, MANIFEST, (-1, b"")]), changes=True)
row("envelope", "a byte string as key", "manifest 8.2", envelope_of([WRAPPER, MANIFEST, (b"a", b"")]), changes=True)
row("envelope", "a payload that is no byte string", "manifest 7.5", envelope_of([WRAPPER, MANIFEST, ("#a", "text")]), changes=True)
row("envelope", "a payload twice", "RFC 8949 5.6", envelope_of([WRAPPER, MANIFEST, ("#a", b"1"), ("#a", b"1")]), changes=True)
row("envelope", "payloads out of order", "RFC 8949 4.2.1", envelope_of([WRAPPER, MANIFEST, ("#b", b"1"), ("#a", b"1")]), changes=True)
row("envelope", "a payload's name that is no UTF-8", "RFC 8949 3.1", envelope_of([WRAPPER, MANIFEST, (Raw(b"\x62\xc3\x28"), b"1")]), changes=True)
row("envelope", "a payload longer than what follows", "RFC 8949 3", envelope_of([WRAPPER, MANIFEST, ("#a", Raw(b"\x5b" + b"\xff" * 8))]), changes=True)
row("envelope", "a wrapper of 4 GiB", "RFC 8949 3", envelope_of([(2, Raw(b"\x5a\xff\xff\xff\xff")), MANIFEST]))
row("envelope", "a wrapper of 2^64 - 1 bytes", "RFC 8949 3", envelope_of([(2, Raw(b"\x5b" + b"\xff" * 8)), MANIFEST]))
row("envelope", "2^32 - 1 members", "RFC 8949 3", head(6, 107) + b"\xba\xff\xff\xff\xff" + encode(GOOD.pairs)[1:], changes=True)
row("envelope", "a member in place of a head: break", "RFC 8949 3.2.1", head(6, 107) + b"\xa2" + encode(2) + encode(WRAPPER[1]) + b"\xff")
for number, pair in (("wrapper", WRAPPER), ("manifest", MANIFEST)):
    def put(item, pair=pair):
        return envelope_of([(key, Raw(item)) if key == pair[0] else (key, value) for key, value in (WRAPPER, MANIFEST)])
    generic(f"envelope's {number}", "manifest 8.2", encode(pair[1]), put, filled=False)

# --- authentication wrapper and digest (manifest 8.3, 10)


def wrapped(wrapper):
    return envelope_of([(2, wrapper), MANIFEST])


BLOCK = suit.sign1(keys.AUTHOR, GOOD.digest)
generic("wrapper", "manifest 8.3", encode([GOOD.digest, BLOCK]), wrapped)
row("wrapper", "no digest", "manifest 8.3", wrapped(encode([BLOCK])))
row("wrapper", "the digest behind the block", "manifest 8.3", wrapped(encode([BLOCK, GOOD.digest])))
row("wrapper", "the digest not in a byte string", "manifest 8.3", wrapped(encode([Raw(GOOD.digest), BLOCK])))
row("wrapper", "a block not in a byte string", "manifest 8.3", wrapped(encode([GOOD.digest, Raw(BLOCK)])))
row("wrapper", "a block that is a text", "manifest 8.3", wrapped(encode([GOOD.digest, "x"])))
row("wrapper", "more blocks than anybody needs", "manifest 8.3", wrapped(encode([GOOD.digest] + [suit.sign1(keys.STRANGER, GOOD.digest)] * 20)), reason=[1, 2, 4])


def digested(item):
    return Envelope(shared=shared(**about()), members=usual(), wrapper=lambda d, b: encode([item, suit.sign1(keys.AUTHOR, item)])).bytes


SHA = GOOD.digest[4:]
generic("digest", "manifest 10", GOOD.digest, digested)
row("digest", "unknown algorithm", "manifest 10", digested(encode([-99, SHA])), reason=3)
row("digest", "algorithm as text", "manifest 10", digested(encode(["SHA-256", SHA])))
row("digest", "31 bytes", "manifest 10", digested(encode([-16, SHA[:31]])))
row("digest", "33 bytes", "manifest 10", digested(encode([-16, SHA + b"\x00"])))
row("digest", "no bytes", "manifest 10", digested(encode([-16, b""])))
row("digest", "bytes as text", "manifest 10", digested(encode([-16, "x" * 32])))
row("digest", "one element", "manifest 10", digested(encode([-16])))
row("digest", "an extension", "manifest 10", digested(encode([-16, SHA, 0])))

# --- COSE blocks (RFC 9052)


def blocked(block):
    return wrapped(encode([GOOD.digest, block]))


PROTECTED = encode({1: -9})
SIGNATURE = keys.AUTHOR.sign(encode(["Signature1", PROTECTED, b"", GOOD.digest]))
REFUSED = [1, 2, 3, 4]
generic("COSE block", "RFC 9052 2", BLOCK, blocked, reason=REFUSED)
for name, value in (("untagged", Raw(encode([PROTECTED, {}, None, SIGNATURE]))), ("with another tag", Tag(19, [PROTECTED, {}, None, SIGNATURE])),
                    ("three elements", Tag(18, [PROTECTED, {}, None])), ("five elements", Tag(18, [PROTECTED, {}, None, SIGNATURE, 0])),
                    ("protected header not in a byte string", Tag(18, [{1: -9}, {}, None, SIGNATURE])),
                    ("protected header that is an array", Tag(18, [encode([1, -9]), {}, None, SIGNATURE])),
                    ("protected header cut", Tag(18, [PROTECTED[:-1], {}, None, SIGNATURE])),
                    ("protected header followed by a byte", Tag(18, [PROTECTED + b"\x00", {}, None, SIGNATURE])),
                    ("unprotected header that is an array", Tag(18, [PROTECTED, [], None, SIGNATURE])),
                    ("algorithm twice", Tag(18, [PROTECTED, {1: -9}, None, SIGNATURE])),
                    ("algorithm twice in one header", Tag(18, [encode(Pairs([(1, -9), (1, -9)])), {}, None, SIGNATURE])),
                    ("headers out of order", Tag(18, [PROTECTED, Pairs([(4, b"x"), (3, 0)]), None, SIGNATURE])),
                    ("algorithm as bytes", Tag(18, [encode({1: b"x"}), {}, None, SIGNATURE])),
                    ("no algorithm", Tag(18, [b"", {}, None, SIGNATURE])),
                    ("key id as text", Tag(18, [PROTECTED, {4: "x"}, None, SIGNATURE])),
                    ("payload false", Tag(18, [PROTECTED, {}, False, SIGNATURE])), ("signature as text", Tag(18, [PROTECTED, {}, None, "x"])),
                    ("no signature", Tag(18, [PROTECTED, {}, None, None])), ("empty signature", Tag(18, [PROTECTED, {}, None, b""])),
                    ("critical header that is empty", Tag(18, [encode({1: -9, 2: []}), {}, None, SIGNATURE]))):
    row("COSE_Sign1", name, "RFC 9052 3, 4.2", blocked(encode(value)), reason=REFUSED)
ENTRY = [PROTECTED, {}, keys.AUTHOR.sign(encode(["Signature", b"", PROTECTED, b"", GOOD.digest]))]
for name, value in (("no signatures", Tag(98, [b"", {}, None, []])), ("signatures not in an array", Tag(98, [b"", {}, None, {}])),
                    ("a signature of two elements", Tag(98, [b"", {}, None, [ENTRY[:2]]])), ("a signature that is null", Tag(98, [b"", {}, None, [None]])),
                    ("three elements", Tag(98, [b"", {}, None])), ("a signature outside of the array", Tag(98, [b"", {}, None, *ENTRY])),
                    ("more signatures than anybody needs", Tag(98, [b"", {}, None, [[PROTECTED, {}, bytes(64)]] * 20]))):
    row("COSE_Sign", name, "RFC 9052 4.1", blocked(encode(value)), reason=REFUSED)
MAC = encode({1: 5})
for name, value in (("three elements", Tag(17, [MAC, {}, None])), ("tag as text", Tag(17, [MAC, {}, None, "x"])), ("no tag", Tag(17, [MAC, {}, None, b""])),
                    ("tag of 31 bytes", Tag(17, [MAC, {}, None, bytes(31)]))):
    row("COSE_Mac0", name, "RFC 9052 6.2", blocked(encode(value)), reason=REFUSED)
for name, value in (("no recipients", Tag(97, [MAC, {}, None, bytes(32), []])), ("four elements", Tag(97, [MAC, {}, None, bytes(32)])),
                    ("a recipient of two elements", Tag(97, [MAC, {}, None, bytes(32), [[b"", {1: -3}]]])),
                    ("a recipient that is null", Tag(97, [MAC, {}, None, bytes(32), [None]]))):
    row("COSE_Mac", name, "RFC 9052 6.1", blocked(encode(value)), reason=REFUSED)

# --- manifest (manifest 8.4)
COMMON = encode({2: [[b"\x00"]], 4: sequence(shared(**about()))})
INSTALL, VALIDATE = GOOD.sections[20], GOOD.sections[7]
PARTS = [(1, 1), (2, 1), (3, COMMON), (7, VALIDATE), (20, INSTALL)]


def manifest(content):
    return Envelope(manifest=content).bytes


def with_part(key, item, more=()):
    return manifest(encode({**dict(PARTS), key: Raw(item), **dict(more)}))


generic("manifest", "manifest 8.4", encode(Pairs(PARTS)), manifest)
for key, name in ((1, "version"), (2, "sequence number"), (3, "common")):
    row("manifest", f"without {name}", "manifest 8.4", manifest(encode(Pairs(part for part in PARTS if part[0] != key))))
row("manifest", "keys out of order", "RFC 8949 4.2.1", manifest(encode(Pairs(reversed(PARTS)))))
row("manifest", "a key twice", "RFC 8949 5.6", manifest(encode(Pairs(PARTS + [PARTS[-1]]))))
row("manifest", "a text as key", "manifest 8.4", manifest(encode(Pairs(PARTS + [("x", 0)]))))
row("manifest", "a negative key", "manifest 8.4", manifest(encode(Pairs(PARTS + [(-1, 0)]))))
row("manifest", "version 0", "manifest 8.4.1", with_part(1, encode(0)))
row("manifest", "version of 64 bits", "manifest 8.4.1", with_part(1, encode(2 ** 32 + 1)))
generic("manifest version", "manifest 8.4.1", encode(1), lambda item: with_part(1, item), filled=False)
generic("sequence number", "manifest 8.4.2", encode(300), lambda item: with_part(2, item), filled=False)
row("sequence number", "negative", "manifest 8.4.2", with_part(2, encode(-1)))
row("sequence number", "a bignum", "manifest 8.4.2", with_part(2, encode(Tag(2, b"\x01" + bytes(8)))))
generic("reference URI", "manifest 8.4.3", encode("http://a.example"), lambda item: with_part(4, item), filled=False)
row("reference URI", "no UTF-8", "RFC 8949 3.1", with_part(4, b"\x62\xc3\x28"))
for key, name in ((7, "validate"), (8, "load"), (9, "invoke"), (16, "payload fetch"), (20, "install")):
    generic(f"manifest member {name}", "manifest 8.4", encode(b"\x80"), lambda item, key=key: with_part(key, item), filled=False)
for key, name, item in ((5, "manifest component id", [b"m"]), (6, "set version", encode([1, 0])), (15, "dependency resolution", b"\x80"),
                        (18, "candidate verification", b"\x80"), (24, "uninstall", b"\x80")):
    generic(f"manifest member {name}", "trust-domains, update-management", encode(item), lambda item, key=key: with_part(key, item), filled=False)
generic("severed member", "manifest 5.4", suit.suit_digest(b"\x41\x80"), lambda item: with_part(16, item), filled=False, reason=[1, 9])
for key, name in ((8, "load"), (9, "invoke")):
    row("severed member", f"{name} cannot be severed", "manifest 8.4.12", with_part(key, suit.suit_digest(b"\x41\x80")))

# --- common (manifest 8.4.5)


def common(content):
    return with_part(3, encode(content))


SHARED = sequence(shared(**about()))
generic("common", "manifest 8.4.5", COMMON, common)
row("common", "an unknown key", "manifest 8.4.5", common(encode({2: [[b"\x00"]], 3: 0, 4: SHARED})))
row("common", "keys out of order", "RFC 8949 4.2.1", common(encode(Pairs([(4, SHARED), (2, [[b"\x00"]])]))))
row("common", "a key twice", "RFC 8949 5.6", common(encode(Pairs([(2, [[b"\x00"]]), (2, [[b"\x00"]]), (4, SHARED)]))))
row("common", "more components than a device has", "manifest 8.4.5.1", common(encode({2: [[bytes([i])] for i in range(200)], 4: SHARED})), reason=[1, 6])


def listed(item):
    return common(encode({2: Raw(item), 4: SHARED}))


generic("components", "manifest 8.4.5.1", encode([[b"\x00"]]), listed, filled=False, reason=[1, 6])
generic("component identifier", "manifest 8.4.5.1", encode([b"\x00"]), lambda item: listed(b"\x81" + item), filled=False, reason=[1, 6])
generic("component identifier's part", "manifest 8.4.5.1", encode(b"\x00"), lambda item: listed(b"\x81\x81" + item), filled=False, reason=[1, 6])
row("component identifier", "too many parts", "manifest 8.4.5.1", listed(encode([[b"\x00"] * 100])), reason=[1, 6])
row("component identifier", "too long", "manifest 8.4.5.1", listed(encode([[bytes(1000)]])), reason=[1, 6])


def depending(item):
    return common(encode({1: Raw(item), 2: [[b"\x00"]], 4: SHARED}))


DEPENDENCY = {"reason": [1, 6, 10]}
generic("dependencies", "trust-domains 5.3", encode({0: {1: [b"x"]}}), depending, filled=False, **DEPENDENCY)
for name, item in (("an index that is a text", {"x": {}}), ("a negative index", {-1: {}}), ("metadata that is an array", {0: []}), ("metadata with an unknown key", {0: {9: 0}}),
                   ("a prefix that is a text", {0: {1: "x"}}), ("a prefix with a text", {0: {1: ["x"]}}),
                   ("an index twice", Pairs([(0, {}), (0, {})])), ("indices out of order", Pairs([(1, {}), (0, {})]))):
    row("dependencies", name, "trust-domains 5.3", depending(encode(item)), **DEPENDENCY)

# --- command sequences (manifest 8.4.5.2, 8.4.7)


def installed(content):
    return with_part(20, encode(content))


LAZY = {"reason": [1, 5, 6, 8, 10], "changes": True}
generic("command sequence", "manifest 8.4.7", INSTALL, installed, reason=[1, 5, 10], changes=True)
generic("shared sequence", "manifest 8.4.5.2", SHARED, lambda item: common(encode({2: [[b"\x00"]], 4: item})), reason=[1, 5, 10], changes=True)
row("command sequence", "an odd number of items", "manifest 8.4.7", installed(encode([3])), reason=[1, 5])
row("command sequence", "a text as command", "manifest 8.4.7", installed(encode(["fetch", 15])), reason=[1, 5])
row("command sequence", "a command of 64 bits", "manifest 8.4.7", installed(encode([2 ** 32 + 3, 15])), reason=[1, 5])
row("command sequence", "a command of -2^64", "manifest 8.4.7", installed(encode([-2 ** 64, 15])), reason=[1, 5])
for name, policy in (("16", 16), ("a text", "x"), ("negative", -1), ("null", None), ("an array", [])):
    row("reporting policy", name, "manifest 8.4.7", installed(sequence([(3, policy)])))
for name, argument in (("false", False), ("negative", -1), ("a text", "x"), ("an empty list", []), ("a list with a text", ["x"]), ("a list with true", [True]),
                       ("null", None), ("a map", {}), ("of 64 bits", 2 ** 32)):
    row("set-component-index", name, "manifest 8.4.10.1", installed(sequence([(12, argument), do("image-match")])), reason=[1, 6])
for name, argument in (("not an array", {}), ("empty", []), ("a branch that is no byte string", [[], None]), ("a branch that is no sequence", [b"\x00", None]),
                       ("nil first", [None, sequence([do("image-match")])]), ("two nils", [None, None]), ("a branch with an odd number of items", [encode([3]), None]),
                       ("a branch with bytes behind", [b"\x80\x00", None])):
    row("try-each", name, "manifest 8.4.10.2", installed(sequence([(15, argument), *[(3, 15)]])), reason=[1, 5, 10])
for name, argument in (("not a byte string", []), ("not a sequence", b"\x00"), ("empty", b""), ("an odd number of items", encode([3])), ("null", None)):
    row("run-sequence", name, "manifest 8.4.10.10", installed(sequence([(32, argument)])), reason=[1, 5, 10])
for label, name in ((20, "override-parameters"), (19, "set-parameters")):
    needs = ["trust-domains"] if label == 19 else []
    for what, argument in (("not a map", []), ("a text as key", {"x": 0}), ("a parameter twice", Pairs([(14, 1), (14, 1)])), ("out of order", Pairs([(21, URI), (14, 1)])),
                           ("a byte string as key", {b"x": 0}), ("null", None)):
        row(name, what, "manifest 8.4.10.3", installed(sequence([(label, argument), *[(3, 15)]])), reason=[1, 8], needs=needs)

# --- each parameter (manifest 8.4.8), set and then used
TYPES = {"an integer": 0, "a negative integer": -1, "a text": "x", "a byte string": b"x", "true": True, "null": None, "an array": [], "a map": {}}


def set_and_used(values, *commands):
    return installed(sequence([(20, values), *commands]))


def wrong(name, label, clause, good, bad, commands, reason=(1, 8, 10), more=None, using=set_and_used, **kept):
    """Each type but those of `good`, then the values of `bad`."""
    for what, value in TYPES.items():
        if what not in good:
            row(f"parameter {name}", what, clause, using({**(more or {}), label: value}, *commands), reason=list(reason), **kept)
    for what, value in bad:
        row(f"parameter {name}", what, clause, using({**(more or {}), label: value}, *commands), reason=list(reason), **kept)


for label, name, command in ((1, "vendor identifier", "vendor"), (2, "class identifier", "class"), (24, "device identifier", "device")):
    wrong(name, label, "manifest 8.4.8.2", (), [(f"{size} bytes", bytes(size)) for size in (0, 15, 17)] + [("with another tag", Tag(37, bytes(16)))], [do(command)])
wrong("image digest", 3, "manifest 8.4.8.9", (), [
    ("not in a byte string", Raw(digest(FW))), ("of 31 bytes", encode([-16, bytes(31)])), ("of 33 bytes", encode([-16, bytes(33)])), ("SHA-384 of 32 bytes", encode([-43, bytes(32)])),
    ("without bytes", encode([-16])), ("cut", digest(FW)[:-1]), ("followed by a byte", digest(FW) + b"\x00"), ("empty", b"")], [do("image-match")])
wrong("image digest", 3, "manifest 8.4.8.9", TYPES, [("unknown algorithm", encode([-99, bytes(32)]))], [do("image-match")], reason=(3,))
wrong("component slot", 5, "manifest 8.4.8.8", ("an integer",), [], [do("slot")])
wrong("strict order", 12, "manifest 8.4.8.11", ("true",), [], [do("image-match")])
wrong("soft failure", 13, "manifest 8.4.8.12", ("true",), [], [do("image-match")],
      using=lambda values, *commands: installed(sequence([suit.run((20, values), *commands)])))
wrong("image size", 14, "manifest 8.4.8.10", ("an integer",), [], [override(uri=URI), do("fetch"), do("image-match")], changes=True)
wrong("content", 18, "manifest 8.4.8.13", ("a byte string",), [], [do("write"), do("image-match")], changes=True)
wrong("encryption info", 19, "firmware-encryption 6", (), [("cut", encode(Tag(96, [b"", {}, None, []]))[:-1])], [override(content=b"x"), do("write"), do("image-match")],
      reason=(1, 2, 3, 8, 10), changes=True)
wrong("URI", 21, "manifest 8.4.8.7", ("a text",), [("no UTF-8", Raw(b"\x62\xc3\x28")), ("longer than any device keeps", "h" * 1500)], [do("fetch"), do("image-match")],
      reason=(1, 8, 10, 11), changes=True)
wrong("source component", 22, "manifest 8.4.8.6", ("an integer",), [("beyond the components", 1), ("of 64 bits", 2 ** 32)], [do("copy"), do("image-match")], reason=(1, 6, 8, 10), changes=True)
wrong("fetch arguments", 25, "manifest 8.4.8.14", ("a byte string",), [], [override(uri=URI), do("fetch"), do("image-match")], changes=True)
MANAGED = {"needs": ["update-management"], "reason": (1, 8, 10)}
wrong("use before", 4, "update-management 5.1", ("an integer",), [], [do("use-before")], **MANAGED)
wrong("minimum battery", 26, "update-management 5.2", ("an integer",), [], [do("minimum-battery")], **MANAGED)
wrong("update priority", 27, "update-management 5.3", ("an integer", "a negative integer"), [], [do("update-authorized")], **MANAGED)
wrong("version", 28, "update-management 5.4", (), [("not in a byte string", [3, [1]]), ("comparison 0", encode([0, [1]])), ("comparison 6", encode([6, [1]])), ("no numbers", encode([3, []])),
      ("numbers not in an array", encode([3, 1])), ("a text as number", encode([3, ["1"]])), ("three elements", encode([3, [1], 0])), ("followed by a byte", encode([3, [1]]) + b"\x00")],
      [do("version")], **MANAGED)
wrong("wait info", 29, "update-management 5.5", (), [("not in a byte string", {5: 0}), ("an unknown event", encode({99: 0})), ("an event as text", encode({"x": 0})),
      ("a time that is a text", encode({5: "x"})), ("an hour of 99", encode({6: 99 * 3600})), ("a ninth day", encode({7: 9})), ("followed by a byte", encode({5: 0}) + b"\x00")],
      [do("wait")], **MANAGED)

# --- encryption info (firmware-encryption 6, RFC 9052 5)
CONTENT = suit.encrypt(FW, 1, [keys.KEK_128])[1]
RECIPIENT = keys.KEK_128.recipient(keys.secret("content key 1", 16))
HEADER, IV = encode({1: 1}), keys.secret("iv", 12)


def encrypted(info):
    return set_and_used({18: CONTENT, 19: info}, do("write"), do("image-match"))


ENCRYPTION = {"reason": [1, 2, 3, 4, 8, 10, 11], "needs": ["encryption"], "changes": True}
generic("encryption info", "firmware-encryption 6", encode(Tag(96, [HEADER, {5: IV}, None, [RECIPIENT]])), encrypted, **ENCRYPTION)
for name, value in (("untagged", [HEADER, {5: IV}, None, [RECIPIENT]]), ("COSE_Encrypt0", Tag(16, [HEADER, {5: IV}, None])), ("three elements", Tag(96, [HEADER, {5: IV}, None])),
                    ("no recipients", Tag(96, [HEADER, {5: IV}, None, []])), ("recipients in a map", Tag(96, [HEADER, {5: IV}, None, {}])),
                    ("attached ciphertext", Tag(96, [HEADER, {5: IV}, b"x", [RECIPIENT]])), ("no initialization vector", Tag(96, [HEADER, {}, None, [RECIPIENT]])),
                    ("initialization vector of 11 bytes", Tag(96, [HEADER, {5: IV[:11]}, None, [RECIPIENT]])),
                    ("initialization vector of 16 bytes with GCM", Tag(96, [HEADER, {5: bytes(16)}, None, [RECIPIENT]])),
                    ("initialization vector as text", Tag(96, [HEADER, {5: "x" * 12}, None, [RECIPIENT]])), ("no cipher", Tag(96, [b"", {5: IV}, None, [RECIPIENT]])),
                    ("AEAD cipher not protected", Tag(96, [b"", {1: 1, 5: IV}, None, [RECIPIENT]])),
                    ("AES-CTR in a protected header", Tag(96, [encode({1: -65534}), {5: bytes(16)}, None, [RECIPIENT]])),
                    ("a recipient of two elements", Tag(96, [HEADER, {5: IV}, None, [RECIPIENT[:2]]])), ("a recipient that is null", Tag(96, [HEADER, {5: IV}, None, [None]])),
                    ("a recipient without algorithm", Tag(96, [HEADER, {5: IV}, None, [[b"", {4: b"kek 128"}, RECIPIENT[2]]]])),
                    ("a wrapped key as text", Tag(96, [HEADER, {5: IV}, None, [[b"", RECIPIENT[1], "x"]]])),
                    ("a wrapped key of 192 bits for a cipher of 128", Tag(96, [HEADER, {5: IV}, None, [keys.KEK_128.recipient(bytes(24))]])),
                    ("direct encryption", Tag(96, [HEADER, {5: IV}, None, [[b"", {1: -6, 4: b"kek 128"}, b""]]]))):
    row("encryption info", name, "firmware-encryption 6", encrypted(encode(value)), **ENCRYPTION)
EPHEMERAL = keys.RECIPIENT.recipient(keys.secret("content key 1", 16))
for name, key in (("a point that is not on the curve", {1: 2, -1: 1, -2: bytes(31) + b"\x05", -3: bytes(31) + b"\x01"}), ("no point", {1: 2, -1: 1}), ("another curve", {1: 2, -1: 2, -2: bytes(48), -3: bytes(48)}),
                  ("no COSE_Key", 0), ("the point at infinity", {1: 2, -1: 1, -2: bytes(32), -3: bytes(32)})):
    row("encryption info", f"ephemeral key: {name}", "firmware-encryption 6", encrypted(encode(Tag(96, [HEADER, {5: IV}, None, [[EPHEMERAL[0], {-1: key, 4: keys.RECIPIENT.key_id}, EPHEMERAL[2]]]]))), **ENCRYPTION)


def text():
    device = {"vendor": str(VENDOR), "class": str(CLASS), "device": str(DEVICE), "procedure": "update", "trusted": [trusted(keys.AUTHOR)],
              "decryption": [encode(key.public()).hex() for key in (keys.KEK_128, keys.RECIPIENT)],
              "components": [component(0, OLD)], "payloads": {URI: FW.hex()}, "time": 1700000000, "time_offset": 0, "battery_mwh": 1000, "authorization": "yes"}
    device["components"][0]["version"] = [1, 0]
    rows = ",\n".join(" " + json.dumps(entry, ensure_ascii=False) for entry in ROWS)
    return '{"device": ' + json.dumps(device) + ',\n"rows": [\n' + rows + "\n]}\n"

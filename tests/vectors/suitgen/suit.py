# SPDX-License-Identifier: Apache-2.0
"""Writes SUIT envelopes (manifest draft-37 and its companions) out of commands, and finds commands in them again."""
import hashlib
import hmac

from . import ciphers, keys
from .cbor import Pairs, Raw, Tag, decode, encode, head

COMMANDS = {"vendor": 1, "class": 2, "image-match": 3, "use-before": 4, "slot": 5, "check-content": 6, "dependency-integrity": 7,
            "is-dependency": 8, "process-dependency": 11, "set-component-index": 12, "abort": 14, "try-each": 15, "write": 18,
            "set-parameters": 19, "override-parameters": 20, "fetch": 21, "copy": 22, "invoke": 23, "device": 24, "image-not-match": 25,
            "minimum-battery": 26, "update-authorized": 27, "version": 28, "wait": 29, "swap": 31, "run-sequence": 32, "unlink": 33,
            "override-multiple": 34, "copy-params": 35}
PARAMETERS = {"vendor": 1, "class": 2, "cls": 2, "digest": 3, "use_before": 4, "slot": 5, "strict_order": 12, "soft_failure": 13, "size": 14,
              "content": 18, "encryption": 19, "uri": 21, "source": 22, "invoke_args": 23, "device": 24, "fetch_args": 25,
              "battery": 26, "priority": 27, "version": 28, "wait": 29, "metadata": 30}
SECTIONS = {"validate": 7, "load": 8, "invoke": 9, "dependency-resolution": 15, "payload-fetch": 16, "candidate-verification": 18,
            "install": 20, "uninstall": 24}
HASHES = {-16: lambda b: hashlib.sha256(b).digest(), -18: lambda b: hashlib.shake_128(b).digest(32), -43: lambda b: hashlib.sha384(b).digest(),
          -44: lambda b: hashlib.sha512(b).digest(), -45: lambda b: hashlib.shake_256(b).digest(64)}


def suit_digest(content, algorithm=-16):
    return encode([algorithm, HASHES[algorithm](content)])


def digest(content, algorithm=-16):
    """Value of parameter image-digest."""
    return suit_digest(content, algorithm)


# --- commands: (label, argument) ---------------------------------------------------------------------------------------------


def do(name, policy=15):
    return COMMANDS[name], policy


def parameters(**values):
    return {PARAMETERS[key] if isinstance(key, str) and key in PARAMETERS else int(key): value for key, value in values.items()}


def override(**values):
    return 20, parameters(**values)


def set_unset(**values):
    return 19, parameters(**values)


def index(which):
    return 12, which


def sequence(commands):
    return encode([item for command in commands for item in command])


def try_each(*branches):
    """A branch that is None is nil."""
    return 15, [None if branch is None else sequence(branch) for branch in branches]


def run(*commands):
    return 32, sequence(commands)


def walk(content, base=0):
    """Gives (label, offset) of each command in a sequence and in those inside it, in the order in which they stand."""
    major, low = content[0] >> 5, content[0] & 31
    at = 1 if low < 24 else 2 if low == 24 else 3
    count = low if low < 24 else int.from_bytes(content[1:at], "big")
    assert major == 4
    for _ in range(count // 2):
        start = at
        label, at = decode(content, at)
        argument, end = decode(content, at)
        yield label, base + start
        inner = [argument] if label == 32 else argument if label == 15 else []
        found = at
        for part in inner:
            if part is None:
                continue
            found = content.index(part, found)
            yield from walk(part, base + found)
            found += len(part)
        at = end


# --- authentication ----------------------------------------------------------------------------------------------------------


def sign1(key, payload, kid=None, protected=None):
    protected = encode({1: key.algorithm}) if protected is None else protected
    unprotected = {} if kid is None else {4: kid}
    return encode(Tag(18, [protected, unprotected, None, key.sign(encode(["Signature1", protected, b"", payload]))]))


def sign(signers, payload):
    entries = []
    for key in signers:
        protected = encode({1: key.algorithm})
        entries.append([protected, {}, key.sign(encode(["Signature", b"", protected, b"", payload]))])
    return encode(Tag(98, [b"", {}, None, entries]))


def mac0(key, payload):
    protected = encode({1: key.algorithm})
    return encode(Tag(17, [protected, {}, None, key.mac(encode(["MAC0", protected, b"", payload]))]))


def mac(key_encryption_keys, payload):
    """COSE_Mac with HMAC 256; the MAC key is wrapped for each recipient."""
    protected, content_key = encode({1: 5}), keys.secret("mac content key")
    tag = hmac.digest(content_key, encode(["MAC", protected, b"", payload]), "sha256")
    return encode(Tag(97, [protected, {}, None, tag, [kek.recipient(content_key) for kek in key_encryption_keys]]))


def block(key, payload):
    return mac0(key, payload) if isinstance(key, keys.Hmac) else sign1(key, payload)


# --- encryption (firmware-encryption-26) -------------------------------------------------------------------------------------
CIPHERS = {-65534: 16, -65533: 24, -65532: 32, 1: 16, 2: 24, 3: 32, 24: 32}


def encrypt(plaintext, algorithm, recipients):
    """Gives (encryption info, ciphertext). AEAD tags are appended; AES-CTR has an empty protected header and no additional data."""
    content_key = keys.secret(f"content key {algorithm}", CIPHERS[algorithm])
    listed = [recipient.recipient(content_key) for recipient in recipients]
    if algorithm < 0:
        iv = keys.secret("iv", 16)
        info = [b"", {1: algorithm, 5: iv}, None, listed]
        return encode(Tag(96, info)), ciphers.ctr(content_key, iv, plaintext)
    iv, protected = keys.secret("iv", 12), encode({1: algorithm})
    aead = ciphers.chacha20_poly1305 if algorithm == 24 else ciphers.gcm
    ciphertext = aead(content_key, iv, plaintext, encode(["Encrypt", protected, b""]))
    return encode(Tag(96, [protected, {5: iv}, None, listed])), ciphertext


# --- envelope ----------------------------------------------------------------------------------------------------------------


class Envelope:
    """An envelope and what it was made of. `sections` holds each command sequence by its key."""

    def __init__(self, components=((b"\x00",),), shared=None, sequence_number=1, members=None, severed=(), dependencies=None, extra=None,
                 signers=(keys.AUTHOR,), payloads=None, digest_algorithm=-16, blocks=None, version=1, left_out=(), envelope_extra=None,
                 common=None, common_dependencies=None, manifest=None, tagged=True, wrapper=None):
        self.sections = {SECTIONS[name]: sequence(commands) for name, commands in (members or {}).items()}
        self.shared = None if shared is None else sequence(shared)
        keep = {key: content for key, content in self.sections.items()}
        other = dict(extra or {})
        taken = {SECTIONS.get(name, name) for name in severed}
        carried = {}
        for key in taken:
            content = keep.pop(key) if key in keep else other.pop(key)
            carried[key] = content
            keep[key] = Raw(suit_digest(head(2, len(content)) + content))
        if common is None:
            common = {2: [list(parts) for parts in components]}
            if dependencies:
                common[1] = {number: {} if prefix is None else {1: list(prefix)} for number, prefix in dependencies.items()}
            if common_dependencies:
                common[1] = common_dependencies
            if self.shared is not None:
                common[4] = self.shared
        if manifest is None:
            manifest = encode({1: version, 2: sequence_number, 3: encode(common), **other, **keep})
        self.manifest = manifest
        item = head(2, len(manifest)) + manifest
        self.digest = suit_digest(item, digest_algorithm)
        made = [make(self.digest) for make in blocks] if blocks is not None else [block(key, self.digest) for key in signers]
        self.wrapper = encode([self.digest, *made]) if wrapper is None else wrapper(self.digest, made)
        pairs = Pairs([(2, self.wrapper), (3, manifest)])
        behind = {key: content for key, content in carried.items() if key not in left_out}
        behind.update(envelope_extra or {})
        behind.update(payloads or {})
        pairs += sorted(behind.items(), key=lambda pair: encode(pair[0]))
        self.pairs = pairs
        self.bytes = encode(Tag(107, pairs) if tagged else pairs)

    def offset(self, section, label, nth):
        found = [at for command, at in walk(self.sections[section]) if command == label]
        return found[nth]

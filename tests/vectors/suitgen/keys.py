# SPDX-License-Identifier: Apache-2.0
"""The test keys. Each secret is the SHA-256 of its name: public by construction, never to be used for anything else."""
import functools
import hashlib
import hmac

from . import ciphers, curves, lms
from .cbor import encode


def secret(name, size=32):
    return hashlib.sha256(b"tailor test key " + name.encode()).digest()[:size]


class P256:
    algorithm = -9  # ESP256

    def __init__(self, name, algorithm=-9):
        self.private, self.algorithm = secret(name), algorithm

    @functools.cached_property
    def point(self):
        return curves.p256_public(self.private)

    def public(self):
        return {1: 2, -1: 1, -2: self.point[0], -3: self.point[1]}

    def sign(self, message):
        return curves.p256_sign(self.private, message)


class Ed25519:
    algorithm = -19

    def __init__(self, name):
        self.seed = secret(name)

    def public(self):
        return {1: 1, -1: 6, -2: curves.ed25519_public(self.seed)}

    def sign(self, message):
        return curves.ed25519_sign(self.seed, message)


class HssLms:
    algorithm = -46

    def __init__(self, name, levels=1, lms_type=5, ots_type=4):
        self.name, self.levels, self.types = name, levels, (lms_type, ots_type)

    @functools.cached_property
    def key(self):
        trees = [lms.Tree(secret(f"{self.name} seed {i}", lms.LMS[self.types[0]][0]), secret(f"{self.name} id {i}", 16), *self.types)
                 for i in range(self.levels)]
        return lms.Hss(trees)

    def public(self):
        return {1: 5, -1: self.key.public()}

    def sign(self, message):
        return self.key.sign(message)


class Hmac:
    algorithm = 5  # HMAC 256/256

    def __init__(self, name):
        self.secret = secret(name)

    def public(self):
        return {1: 4, -1: self.secret}

    def mac(self, message):
        return hmac.digest(self.secret, message, "sha256")


class KeyWrap:
    """A key-encryption key, for COSE_Mac and encryption."""

    def __init__(self, name, size=16):
        self.secret, self.algorithm = secret(name, size), {16: -3, 24: -4, 32: -5}[size]
        self.key_id = name.encode()

    def public(self):
        return {1: 4, 2: self.key_id, 3: self.algorithm, -1: self.secret}

    def recipient(self, content_key):
        return [b"", {1: self.algorithm, 4: self.key_id}, ciphers.wrap(self.secret, content_key)]


class Agreement:
    """A P-256 key that receives content keys by ECDH-ES + A128KW (-29), as SUIT firmware encryption lays it out."""

    def __init__(self, name):
        self.private, self.key_id, self.name = secret(name), name.encode(), name
        self.point = curves.p256_public(self.private)

    def public(self):
        return {1: 2, 2: self.key_id, -1: 1, -2: self.point[0], -3: self.point[1], -4: self.private}

    def recipient(self, content_key):
        ephemeral = secret(self.name + " ephemeral")
        x, y = curves.p256_public(ephemeral)
        protected = encode({1: -29})
        context = encode([-3, [None] * 3, [None] * 3, [128, protected, b"SUIT Payload Encryption"]])
        wrapping = ciphers.hkdf_sha256(curves.p256_shared(ephemeral, self.point), context, 16)
        return [protected, {-1: {1: 2, -1: 1, -2: x, -3: y}, 4: self.key_id}, ciphers.wrap(wrapping, content_key)]


class MontgomeryAgreement:
    """An X25519 key that receives content keys by ECDH-ES + A128KW (-29)."""

    def __init__(self, name):
        self.private, self.key_id, self.name = secret(name), name.encode(), name

    def public(self):
        return {1: 1, 2: self.key_id, -1: 4, -2: curves.x25519(self.private), -4: self.private}

    def recipient(self, content_key):
        ephemeral = secret(self.name + " ephemeral")
        protected = encode({1: -29})
        context = encode([-3, [None] * 3, [None] * 3, [128, protected, b"SUIT Payload Encryption"]])
        wrapping = ciphers.hkdf_sha256(curves.x25519(ephemeral, curves.x25519(self.private)), context, 16)
        return [protected, {-1: {1: 1, -1: 4, -2: curves.x25519(ephemeral)}, 4: self.key_id}, ciphers.wrap(wrapping, content_key)]


def small_order_recipient(key, content_key):
    """The content key for `key`, as somebody who knows nothing of it can wrap it: the shared secret is zero."""
    protected = encode({1: -29})
    context = encode([-3, [None] * 3, [None] * 3, [128, protected, b"SUIT Payload Encryption"]])
    wrapping = ciphers.hkdf_sha256(bytes(32), context, 16)
    return [protected, {-1: {1: 1, -1: 4, -2: bytes(32)}, 4: key.key_id}, ciphers.wrap(wrapping, content_key)]


AUTHOR = P256("author")
OPERATOR = P256("operator")
STRANGER = P256("stranger")
DISTRIBUTOR = P256("distributor")
ED25519_AUTHOR = Ed25519("ed25519 author")
HSS_AUTHOR = HssLms("hss author")
HSS_TWO_LEVELS = HssLms("hss two levels", levels=2)
HSS_SHORT = HssLms("hss short", lms_type=10, ots_type=8)
HMAC_AUTHOR = Hmac("hmac author")
MAC_KEK = KeyWrap("mac kek")
KEK_128 = KeyWrap("kek 128")
KEK_256 = KeyWrap("kek 256", 32)
OTHER_KEK = KeyWrap("other kek")
RECIPIENT = Agreement("recipient")
X25519_RECIPIENT = MontgomeryAgreement("x25519 recipient")
X25519_IMPOSTOR = MontgomeryAgreement("x25519 impostor")
X25519_IMPOSTOR.key_id = X25519_RECIPIENT.key_id

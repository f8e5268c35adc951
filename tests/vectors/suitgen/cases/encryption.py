# SPDX-License-Identifier: Apache-2.0
"""Encrypted payloads (firmware-encryption-26): each cipher and key distribution of the profiles, several recipients, and what is altered."""
from .. import keys, suit
from ..case import FW, OLD, URI, about, case, component, refused, shared
from ..cbor import Tag, encode, whole
from ..suit import Envelope, do, index, override

NEEDS = ["encryption"]


def written(info, content, **values):
    return Envelope(shared=shared(**(values or about())), members={"install": [override(content=content, encryption=info), do("write"), do("image-match")],
                                                                   "validate": [do("image-match")]})


def copied(info, **values):
    return Envelope(components=[[b"\x00"], [b"\x01"]], shared=[index(0), *shared(**(values or about()))],
                    members={"payload-fetch": [index(1), override(uri=URI), do("fetch")],
                             "install": [index(0), override(source=1, encryption=info), do("copy"), do("image-match")], "validate": [index(0), do("image-match")]})


WRITTEN = ["install write 0", "install image-match 0", "validate image-match 0"]
COPIED = ["payload-fetch fetch 1", "install copy 0", "install image-match 0", "validate image-match 0"]

for name, algorithm, recipient, needs in (
        ("a128kw-a128ctr", -65534, keys.KEK_128, []), ("ecdh-a128ctr", -65534, keys.RECIPIENT, []), ("ecdh-a128gcm", 1, keys.RECIPIENT, []),
        ("ecdh-chacha20", 24, keys.RECIPIENT, ["chacha20"]), ("a256kw-a256ctr", -65532, keys.KEK_256, []), ("a256kw-a256gcm", 3, keys.KEK_256, []),
        ("x25519-a128ctr", -65534, keys.X25519_RECIPIENT, ["x25519"]), ("x25519-a128gcm", 1, keys.X25519_RECIPIENT, ["x25519"]),
        ("x25519-chacha20", 24, keys.X25519_RECIPIENT, ["chacha20", "x25519"])):
    info, ciphertext = suit.encrypt(FW, algorithm, [recipient])
    case(f"encrypted-write-{name}", f"content of the manifest, encrypted: {name}", "firmware-encryption 6, mti 3", written(info, ciphertext), payloads={},
         decryption=[recipient], needs=NEEDS + needs, trace=WRITTEN, after={0: FW})
    case(f"encrypted-copy-{name}", f"a payload that is decrypted on its way into the slot: {name}", "firmware-encryption 6, mti 3", copied(info),
         components=[component(0, OLD), component(1)], payloads={URI: ciphertext}, decryption=[recipient], needs=NEEDS + needs, trace=COPIED,
         after={0: FW, 1: ciphertext})

INFO, CIPHERTEXT = suit.encrypt(FW, -65534, [keys.OTHER_KEK, keys.RECIPIENT, keys.KEK_128])
case("encrypted-several-recipients", "the device is the last of three recipients", "firmware-encryption 6", written(INFO, CIPHERTEXT), payloads={}, decryption=[keys.KEK_128],
     needs=NEEDS, trace=WRITTEN, after={0: FW})
case("encrypted-second-recipient", "the device is the second of three recipients, of another kind", "firmware-encryption 6", written(INFO, CIPHERTEXT), payloads={},
     decryption=[keys.RECIPIENT], needs=NEEDS, trace=WRITTEN, after={0: FW})
MIXED_INFO, MIXED_TEXT = suit.encrypt(FW, 1, [keys.RECIPIENT, keys.X25519_RECIPIENT])
for name, key in (("p256", keys.RECIPIENT), ("x25519", keys.X25519_RECIPIENT)):
    case(f"encrypted-mixed-curves-{name}", f"recipients on two curves: the device's key is on {name.upper()}", "firmware-encryption 6, RFC 9053 6.3.1", written(MIXED_INFO, MIXED_TEXT),
         payloads={}, decryption=[key], needs=NEEDS + (["x25519"] if name == "x25519" else []), trace=WRITTEN, after={0: FW})
refused("encrypted-x25519-wrapped-for-another", "the key id is the device's, the X25519 key is not", "firmware-encryption 6",
        written(*suit.encrypt(FW, 1, [keys.X25519_IMPOSTOR])), [4, 11], payloads={}, decryption=[keys.X25519_RECIPIENT], needs=NEEDS + ["x25519"],
        trace=["install write 0 failed"], after={0: None})
refused("encrypted-x25519-of-small-order", "an ephemeral X25519 key of small order, with which every secret is the same", "RFC 7748 6.1, RFC 9053 6.3.1",
        written(encode(Tag(96, [encode({1: 1}), {5: bytes(12)}, None, [keys.small_order_recipient(keys.X25519_RECIPIENT, bytes(16))]])), suit.encrypt(FW, 1, [keys.KEK_128])[1]), [3, 4, 11],
        payloads={}, decryption=[keys.X25519_RECIPIENT], needs=NEEDS + ["x25519"], trace=["install write 0 failed"], after={0: None})
refused("encrypted-for-others", "the device is no recipient", "firmware-encryption 6", written(INFO, CIPHERTEXT), [3, 4, 11], payloads={}, decryption=[keys.KEK_256],
        needs=NEEDS, trace=["install write 0 failed"], after={0: None})
refused("encrypted-without-keys", "a device without decryption keys", "firmware-encryption 6", written(INFO, CIPHERTEXT), [3, 4, 8, 11], payloads={}, needs=NEEDS,
        trace=["install write 0 failed"], after={0: None})
GCM_INFO, GCM_TEXT = suit.encrypt(FW, 1, [keys.KEK_128])
CHA_INFO, CHA_TEXT = suit.encrypt(FW, 24, [keys.RECIPIENT])
for name, info, text, key, needs in (("gcm", GCM_INFO, GCM_TEXT, keys.KEK_128, []), ("chacha20", CHA_INFO, CHA_TEXT, keys.RECIPIENT, ["chacha20"])):
    for place, position in (("tag", -1), ("first-byte", 0)):
        bad = bytearray(text)
        bad[position] ^= 1
        refused(f"encrypted-{name}-{place}-altered", f"{name}: one bit of the {place} is changed", "firmware-encryption 6", written(info, bytes(bad)), [4, 10, 11],
                payloads={}, decryption=[key], needs=NEEDS + needs, trace=["install write 0 failed"], after={0: None})
    refused(f"encrypted-{name}-cut", f"{name}: shorter than a tag", "firmware-encryption 6", written(info, text[:7]), [1, 4, 10, 11], payloads={}, decryption=[key],
            needs=NEEDS + needs, trace=["install write 0 failed"], after={0: None})
CTR_INFO, CTR_TEXT = suit.encrypt(FW, -65534, [keys.KEK_128])
refused("encrypted-ctr-altered", "AES-CTR: one bit is changed, which the image digest shows", "firmware-encryption 6", written(CTR_INFO, CTR_TEXT[:-1] + bytes([CTR_TEXT[-1] ^ 1])),
        10, "ImageDigestMismatch", payloads={}, decryption=[keys.KEK_128], needs=NEEDS, trace=["install write 0", "install image-match 0 failed"], after={0: None})


def with_wrapped(change):
    tag = whole(GCM_INFO)
    protected, unprotected, payload, recipients = tag.value
    return encode(Tag(96, [protected, dict(unprotected), payload, [[r[0], dict(r[1]), change(r[2])] for r in recipients]]))


refused("encrypted-wrapped-key-altered", "one bit of the wrapped key is changed", "RFC 3394 2.2.3", written(with_wrapped(lambda k: bytes([k[0] ^ 1]) + k[1:]), GCM_TEXT), [4, 11],
        payloads={}, decryption=[keys.KEK_128], needs=NEEDS, trace=["install write 0 failed"], after={0: None})
refused("encrypted-wrapped-key-cut", "a wrapped key that ends early", "RFC 3394 2.2.3", written(with_wrapped(lambda k: k[:-8]), GCM_TEXT), [1, 2, 3, 4, 11],
        payloads={}, decryption=[keys.KEK_128], needs=NEEDS, trace=["install write 0 failed"], after={0: None})
refused("encrypted-unknown-cipher", "a cipher that nobody has", "RFC 9053 4", written(encode(Tag(96, [encode({1: -70000}), {5: bytes(12)}, None,
        [keys.KEK_128.recipient(bytes(16))]])), GCM_TEXT), [3, 11], payloads={}, decryption=[keys.KEK_128], needs=NEEDS, trace=["install write 0 failed"], after={0: None})

# SPDX-License-Identifier: Apache-2.0
"""Who signed: each algorithm and COSE structure, several blocks, altered and missing signatures, rights of signers."""
from .. import keys, suit
from ..case import CONFIG, FW, OLD, URI, about, case, component, refused, shared, trusted, usual
from ..cbor import Tag, encode
from ..suit import Envelope, do, index, override

FETCHED = ["install fetch 0", "install image-match 0", "validate image-match 0"]


def signed(**more):
    return Envelope(shared=shared(**about()), members=usual(), **more)


def holds(name, title, clause, trust, needs=(), **more):
    case(name, title, clause, signed(**more), trust=trust, needs=needs, trace=FETCHED, after={0: FW})


def fails(name, title, clause, reason, error=None, trust=None, needs=(), **more):
    refused(name, title, clause, signed(**more), reason, error, trust=trust, needs=needs, trace=[])


AUTHOR, OPERATOR = trusted(keys.AUTHOR), trusted(keys.OPERATOR)
ED, HSS = trusted(keys.ED25519_AUTHOR), trusted(keys.HSS_AUTHOR)
HMAC, KEK = trusted(keys.HMAC_AUTHOR), {"key": encode({1: 4, 2: keys.MAC_KEK.key_id, 3: -3, -1: keys.MAC_KEK.secret}).hex()}

holds("ed25519", "a signature with Ed25519 (-19)", "mti 3, RFC 9864", [ED], ["ed25519"], signers=[keys.ED25519_AUTHOR])
holds("hss-lms", "a signature with HSS/LMS: one level, SHA-256 M32 H5, N32 W8", "mti 3, RFC 8778", [HSS], ["hss-lms"], signers=[keys.HSS_AUTHOR])
holds("hss-lms-two-levels", "a signature with HSS/LMS: two levels", "RFC 8554 6", [trusted(keys.HSS_TWO_LEVELS)], ["hss-lms"], signers=[keys.HSS_TWO_LEVELS])
holds("hss-lms-24", "a signature with HSS/LMS: SHA-256/192 M24 H5, N24 W8", "SP 800-208", [trusted(keys.HSS_SHORT)], ["hss-lms"], signers=[keys.HSS_SHORT])
holds("hmac", "a COSE_Mac0 with HMAC 256/256", "mti 3", [HMAC], ["mac0"], signers=[keys.HMAC_AUTHOR])
holds("cose-mac", "a COSE_Mac whose key is wrapped for the recipient (A128KW)", "RFC 9052 6.1", [KEK], ["mac"], blocks=[lambda p: suit.mac([keys.MAC_KEK], p)])
holds("cose-mac-two-recipients", "a COSE_Mac for two recipients", "RFC 9052 6.1", [KEK], ["mac"], blocks=[lambda p: suit.mac([keys.OTHER_KEK, keys.MAC_KEK], p)])
holds("cose-sign", "a COSE_Sign with one signature", "RFC 9052 4.1", [AUTHOR], ["sign"], blocks=[lambda p: suit.sign([keys.AUTHOR], p)])
holds("cose-sign-two", "a COSE_Sign by two, one of whom is known", "RFC 9052 4.1", [AUTHOR], ["sign"], blocks=[lambda p: suit.sign([keys.STRANGER, keys.AUTHOR], p)])
holds("two-blocks", "two COSE_Sign1, both by known signers", "manifest 8.3", [AUTHOR, OPERATOR], signers=[keys.AUTHOR, keys.OPERATOR])
holds("two-blocks-one-known", "two COSE_Sign1, the second by a known signer", "manifest 8.3", [AUTHOR], signers=[keys.STRANGER, keys.AUTHOR])
holds("blocks-of-two-algorithms", "a change of algorithm: ESP256 beside HSS/LMS, the device knows one", "manifest 8.3", [AUTHOR], signers=[keys.HSS_AUTHOR, keys.AUTHOR])
holds("blocks-of-two-algorithms-other", "a change of algorithm: ESP256 beside HSS/LMS, the device knows the other", "manifest 8.3", [HSS], ["hss-lms"],
      signers=[keys.AUTHOR, keys.HSS_AUTHOR])
holds("block-of-unknown-algorithm", "a block with an algorithm that nobody has, beside one that holds", "manifest 8.3", [AUTHOR],
      blocks=[lambda p: suit.sign1(keys.STRANGER, p, protected=encode({1: -70000})), lambda p: suit.sign1(keys.AUTHOR, p)])
fails("unsigned", "no authentication block", "manifest 8.3", 4, "AuthenticationMissing", signers=[])
fails("signed-by-a-stranger", "a good signature of somebody unknown", "manifest 8.3", 4, signers=[keys.STRANGER])
fails("two-strangers", "two good signatures of people unknown", "manifest 8.3", 4, signers=[keys.STRANGER, keys.OPERATOR])


def altered(position):
    def make(payload):
        made = bytearray(suit.sign1(keys.AUTHOR, payload))
        made[position] ^= 1
        return bytes(made)
    return make


fails("signature-altered", "one bit of the signature is changed", "manifest 8.3", 4, "SignatureInvalid", blocks=[altered(-1)])
fails("signature-r-altered", "one bit of the signature's first half is changed", "manifest 8.3", 4, "SignatureInvalid", blocks=[altered(-64)])
for name, octets in (("zero", bytes(64)), ("r-zero", bytes(32) + b"\x01" * 32), ("s-zero", b"\x01" * 32 + bytes(32)), ("all-ones", b"\xff" * 64),
                     ("order", suit.keys.curves.N.to_bytes(32, "big") * 2)):
    fails(f"ecdsa-{name}", f"an ECDSA signature out of range: {name}", "FIPS 186-5 6.4.2", 4, "SignatureInvalid",
          blocks=[lambda p, octets=octets: encode(Tag(18, [encode({1: -9}), {}, None, octets]))])
for size in (0, 63, 65, 128):
    fails(f"ecdsa-{size}-bytes", f"an ECDSA signature of {size} bytes", "RFC 9053 2.1", [1, 2, 4],
          blocks=[lambda p, size=size: encode(Tag(18, [encode({1: -9}), {}, None, bytes(range(1, 200))[:size]]))])
fails("signature-of-another-manifest", "a signature over another digest", "manifest 8.3", 4, "SignatureInvalid",
      blocks=[lambda p: suit.sign1(keys.AUTHOR, p[:-1] + bytes([p[-1] ^ 1]))])
fails("digest-of-another-manifest", "a signed digest that is not the manifest's", "manifest 8.3", 4, "ManifestDigestMismatch",
      wrapper=lambda digest, blocks: (lambda other: encode([other, suit.sign1(keys.AUTHOR, other)]))(digest[:-1] + bytes([digest[-1] ^ 1])))
fails("algorithm-es256", "the old number of ECDSA (-7) without the switch for it", "RFC 9864", 3, "AlgorithmUnsupported", signers=[keys.P256("author", -7)])
case("algorithm-es256-lenient", "the old number of ECDSA (-7) with the switch for it", "RFC 9864", signed(signers=[keys.P256("author", -7)]),
     leniency=["legacy-algorithms"], trace=FETCHED, after={0: FW})
fails("algorithm-unprotected", "an algorithm in the unprotected header", "RFC 9052 3.1", [2, 3, 4], blocks=[lambda p: encode(
    Tag(18, [b"", {1: -9}, None, keys.AUTHOR.sign(encode(["Signature1", b"", b"", p]))]))])
fails("algorithm-of-another-key", "an ECDSA signature that says Ed25519", "RFC 9053 2", [3, 4], blocks=[lambda p: suit.sign1(keys.AUTHOR, p, protected=encode({1: -19}))])
fails("critical-header", "a critical header that nobody defined", "RFC 9052 3.1", [2, 4],
      blocks=[lambda p: suit.sign1(keys.AUTHOR, p, protected=encode({1: -9, 2: [-70000], -70000: 0}))])
fails("attached-payload", "the payload in the block is not detached", "manifest 8.3", [1, 2, 4], blocks=[lambda p: encode(
    Tag(18, [encode({1: -9}), {}, p, keys.AUTHOR.sign(encode(["Signature1", encode({1: -9}), b"", p]))]))])
fails("signature-as-sign", "a COSE_Sign1 signature inside a COSE_Sign", "RFC 9052 4.4", 4, needs=["sign"], blocks=[lambda p: encode(
    Tag(98, [b"", {}, None, [[encode({1: -9}), {}, keys.AUTHOR.sign(encode(["Signature1", encode({1: -9}), b"", p]))]]]))])
fails("hmac-altered", "one bit of the tag is changed", "RFC 9052 6.3", 4, "SignatureInvalid", [HMAC], ["mac0"],
      blocks=[lambda p: suit.mac0(keys.HMAC_AUTHOR, p)[:-1] + b"\x00"])
fails("hmac-truncated", "a tag that was cut", "RFC 9053 3.1", [1, 2, 4], None, [HMAC], ["mac0"],
      blocks=[lambda p: encode(Tag(17, [encode({1: 5}), {}, None, keys.HMAC_AUTHOR.mac(encode(["MAC0", encode({1: 5}), b"", p]))[:8]]))])
fails("public-key-as-hmac-secret", "a tag whose secret is the public key of the author", "RFC 8725 3.1", [3, 4], None, [AUTHOR], ["mac0"], blocks=[lambda p: encode(
    Tag(17, [encode({1: 5}), {}, None, suit.hmac.digest(keys.AUTHOR.point[0], encode(["MAC0", encode({1: 5}), b"", p]), "sha256")]))])
fails("cose-mac-for-others", "a COSE_Mac for other recipients", "RFC 9052 6.1", 4, None, [KEK], ["mac"], blocks=[lambda p: suit.mac([keys.OTHER_KEK], p)])


def changed(key, position):
    def make(payload):
        made = bytearray(suit.sign1(key, payload))
        made[position] ^= 1
        return bytes(made)
    return make


fails("ed25519-altered", "one bit of an Ed25519 signature is changed", "RFC 8032 5.1.7", 4, None, [ED], ["ed25519"], blocks=[changed(keys.ED25519_AUTHOR, -64)])


def unreduced(payload):
    made = suit.sign1(keys.ED25519_AUTHOR, payload)
    return made[:-32] + (int.from_bytes(made[-32:], "little") + suit.keys.curves.L).to_bytes(32, "little")


fails("ed25519-s-not-reduced", "an Ed25519 signature with S + L", "RFC 8032 5.1.7", 4, None, [ED], ["ed25519"], blocks=[unreduced])
for name, position in (("path", -1), ("type", -5 * 32 - 1), ("chain", -700), ("leaf-number", 22)):
    fails(f"hss-lms-{name}-altered", f"an HSS/LMS signature with its {name} changed", "RFC 8554 5.4.2", [1, 3, 4], None, [HSS], ["hss-lms"], blocks=[changed(keys.HSS_AUTHOR, position)])
fails("hss-lms-cut", "an HSS/LMS signature that ends early", "RFC 8554 5.4.2", [1, 4], None, [HSS], ["hss-lms"],
      blocks=[lambda p: encode(Tag(18, [encode({1: -46}), {}, None, keys.HSS_AUTHOR.sign(encode(["Signature1", encode({1: -46}), b"", p]))[:-1]]))])

# --- rights
PAIR = [[b"app"], [b"config"]]
TWO = Envelope(components=PAIR, shared=[index(0), *shared(**about()), index(1), *shared(**about(CONFIG))],
               members={"install": [index(0), override(uri=URI), do("fetch"), do("image-match"), index(1), override(content=CONFIG), do("write"), do("image-match")],
                        "validate": [index(True), do("image-match")]})
STATE = [component((b"app",), OLD), component((b"config",))]
case("rights-over-both", "a signer writes what it has rights over", "manifest 9", TWO, components=STATE,
     trust=[trusted(keys.AUTHOR, (b"app",), (b"config",))], after={0: FW, 1: CONFIG})
refused("rights-over-one", "a signer without a right over the second component", "manifest 9", TWO, 7, "SignerNotPermitted", components=STATE,
        trust=[trusted(keys.AUTHOR, (b"app",))], after={0: None})
refused("rights-over-none", "a signer without any right", "manifest 9", TWO, 7, "SignerNotPermitted", components=STATE, trust=[trusted(keys.AUTHOR, (b"other",))])
refused("rights-over-a-longer-prefix", "a right over a part of the component is none over it", "manifest 9", TWO, 7, "SignerNotPermitted", components=STATE,
        trust=[trusted(keys.AUTHOR, (b"app", b"plugin"), (b"config",))])
refused("rights-need-their-signature", "the right of one who did not sign", "manifest 9", TWO, 7, "SignerNotPermitted", components=STATE,
        trust=[trusted(keys.AUTHOR, (b"config",)), trusted(keys.OPERATOR, (b"app",))])
case("rights-over-commands", "a signer who may run what the manifest runs", "manifest 9", signed(), trust=[{**AUTHOR, "commands": [1, 2, 3, 21]}], trace=FETCHED, after={0: FW})
refused("rights-without-fetch", "a signer who may not fetch", "manifest 9", signed(), 7, "SignerNotPermitted", trust=[{**AUTHOR, "commands": [1, 2, 3]}], after={0: None})
refused("rights-without-digest", "a signer who may not set the digest", "manifest 9, RFC 9124 4.2.13", signed(), 7, "SignerNotPermitted", trust=[{**AUTHOR, "parameters": [1, 2, 14, 21]}])
refused("rights-without-uri", "a signer who may not say where to fetch from", "manifest 9, RFC 9124 4.2.13", signed(), 7, "SignerNotPermitted", trust=[{**AUTHOR, "parameters": [1, 2, 3, 14]}],
        after={0: None})

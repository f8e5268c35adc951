# SPDX-License-Identifier: Apache-2.0
"""HSS/LMS signatures (RFC 8554) with SHA-256/32 or SHA-256/24 (SP 800-208), keys from a seed as in RFC 8554 appendix A. For test keys only:
each message is signed with the leaf that is named, and nobody keeps count."""
import hashlib
import struct

# LMOTS type -> (n, w, p, ls); LMS type -> (m, h)
LMOTS = {3: (32, 4, 67, 4), 4: (32, 8, 34, 0), 7: (24, 4, 51, 4), 8: (24, 8, 26, 0)}
LMS = {5: (32, 5), 6: (32, 10), 10: (24, 5), 11: (24, 10)}


def _hash(size, *parts):
    return hashlib.sha256(b"".join(parts)).digest()[:size]


def _digits(digest, w, p, ls):
    values = [digest[i * w // 8] >> (8 - w - i * w % 8) & ((1 << w) - 1) for i in range(8 * len(digest) // w)]
    checksum = sum((1 << w) - 1 - value for value in values) << ls
    tail = struct.pack(">H", checksum)
    values += [tail[i * w // 8] >> (8 - w - i * w % 8) & ((1 << w) - 1) for i in range(p - len(values))]
    return values


class Tree:
    """One LMS tree."""

    def __init__(self, seed, identifier, lms_type=5, ots_type=4):
        self.seed, self.identifier, self.lms_type, self.ots_type = seed, identifier, lms_type, ots_type
        self.m, self.h = LMS[lms_type]
        self.n, self.w, self.p, self.ls = LMOTS[ots_type]
        self.nodes = {(1 << self.h) + q: self._leaf(q) for q in range(1 << self.h)}
        for r in range((1 << self.h) - 1, 0, -1):
            self.nodes[r] = _hash(self.m, identifier, struct.pack(">IH", r, 0x8383), self.nodes[2 * r], self.nodes[2 * r + 1])

    def _secret(self, q, i):
        return _hash(self.n, self.identifier, struct.pack(">IHB", q, i, 0xFF), self.seed)

    def _chain(self, q, i, value, start, end):
        for j in range(start, end):
            value = _hash(self.n, self.identifier, struct.pack(">IHB", q, i, j), value)
        return value

    def _leaf(self, q):
        ends = [self._chain(q, i, self._secret(q, i), 0, (1 << self.w) - 1) for i in range(self.p)]
        key = _hash(self.n, self.identifier, struct.pack(">IH", q, 0x8080), *ends)
        return _hash(self.m, self.identifier, struct.pack(">IH", (1 << self.h) + q, 0x8282), key)

    def public(self):
        return struct.pack(">II", self.lms_type, self.ots_type) + self.identifier + self.nodes[1]

    def sign(self, message, q):
        randomizer = _hash(self.n, self.identifier, struct.pack(">IHB", q, 0xFFFD, 0xFF), self.seed)
        digest = _hash(self.n, self.identifier, struct.pack(">IH", q, 0x8181), randomizer, message)
        digits = _digits(digest, self.w, self.p, self.ls)
        out = struct.pack(">II", q, self.ots_type) + randomizer
        out += b"".join(self._chain(q, i, self._secret(q, i), 0, digit) for i, digit in enumerate(digits))
        out += struct.pack(">I", self.lms_type)
        node = (1 << self.h) + q
        while node > 1:
            out, node = out + self.nodes[node ^ 1], node >> 1
        return out


class Hss:
    def __init__(self, trees):
        self.trees = trees

    def public(self):
        return struct.pack(">I", len(self.trees)) + self.trees[0].public()

    def sign(self, message, q=0):
        out = struct.pack(">I", len(self.trees) - 1)
        for upper, lower in zip(self.trees, self.trees[1:]):
            out += upper.sign(lower.public(), 0) + lower.public()
        return out + self.trees[-1].sign(message, q)

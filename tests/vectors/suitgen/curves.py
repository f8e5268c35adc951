# SPDX-License-Identifier: Apache-2.0
"""P-256 with deterministic ECDSA (RFC 6979), Ed25519 (RFC 8032), X25519 (RFC 7748). For test keys only: nothing here takes constant time."""
import hashlib
import hmac

# --- P-256 (FIPS 186-5), affine coordinates with None as the point at infinity
P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296, 0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)


def _double(p):
    x, y, z = p
    if not y:
        return 0, 0, 0
    s, m = 4 * x * y * y % P, 3 * (x - z * z) * (x + z * z) % P
    x2 = (m * m - 2 * s) % P
    return x2, (m * (s - x2) - 8 * y ** 4) % P, 2 * y * z % P


def _add(p, q):
    if not p[2]:
        return q
    if not q[2]:
        return p
    z1, z2 = p[2] * p[2] % P, q[2] * q[2] % P
    u1, u2, s1, s2 = p[0] * z2 % P, q[0] * z1 % P, p[1] * z2 * q[2] % P, q[1] * z1 * p[2] % P
    if u1 == u2:
        return _double(p) if s1 == s2 else (0, 0, 0)
    h, r = (u2 - u1) % P, (s2 - s1) % P
    h2 = h * h % P
    x = (r * r - h * h2 - 2 * u1 * h2) % P
    return x, (r * (u1 * h2 - x) - s1 * h * h2) % P, h * p[2] * q[2] % P


def multiply(scalar, point=G):
    result, addend = (0, 0, 0), (*point, 1)
    while scalar:
        if scalar & 1:
            result = _add(result, addend)
        addend, scalar = _double(addend), scalar >> 1
    inverse = pow(result[2], -1, P)
    return result[0] * inverse * inverse % P, result[1] * inverse ** 3 % P


def p256_public(private):
    x, y = multiply(int.from_bytes(private, "big"))
    return x.to_bytes(32, "big"), y.to_bytes(32, "big")


def p256_shared(private, public):
    x, y = (int.from_bytes(part, "big") for part in public)
    return multiply(int.from_bytes(private, "big"), (x, y))[0].to_bytes(32, "big")


def p256_sign(private, message):
    """ECDSA with SHA-256; the nonce of RFC 6979 3.2."""
    digest = hashlib.sha256(message).digest()
    k, v = bytes(32), b"\x01" * 32
    e = int.from_bytes(digest, "big")
    seed = private + (e % N).to_bytes(32, "big")
    for octet in (b"\x00", b"\x01"):
        k = hmac.digest(k, v + octet + seed, "sha256")
        v = hmac.digest(k, v, "sha256")
    while True:
        v = hmac.digest(k, v, "sha256")
        nonce = int.from_bytes(v, "big")
        if 0 < nonce < N:
            r = multiply(nonce)[0] % N
            s = pow(nonce, -1, N) * (e + r * int.from_bytes(private, "big")) % N
            if r and s:
                return r.to_bytes(32, "big") + s.to_bytes(32, "big")
        k = hmac.digest(k, v + b"\x00", "sha256")
        v = hmac.digest(k, v, "sha256")


# --- Curve25519
Q = 2 ** 255 - 19
L = 2 ** 252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, Q) % Q
BY = 4 * pow(5, -1, Q) % Q


def _x_of(y, sign):
    square = (y * y - 1) * pow(D * y * y + 1, -1, Q) % Q
    x = pow(square, (Q + 3) // 8, Q)
    if (x * x - square) % Q:
        x = x * pow(2, (Q - 1) // 4, Q) % Q
    return Q - x if x & 1 != sign else x


BASE = (_x_of(BY, 0), BY, 1, _x_of(BY, 0) * BY % Q)


def _ed_add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % Q, (p[1] + p[0]) * (q[1] + q[0]) % Q
    c, d = 2 * p[3] * q[3] * D % Q, 2 * p[2] * q[2] % Q
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % Q, g * h % Q, f * g % Q, e * h % Q


def _ed_multiply(scalar):
    result, addend = (0, 1, 1, 0), BASE
    while scalar:
        if scalar & 1:
            result = _ed_add(result, addend)
        addend, scalar = _ed_add(addend, addend), scalar >> 1
    inverse = pow(result[2], -1, Q)
    x, y = result[0] * inverse % Q, result[1] * inverse % Q
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _ed_expand(seed):
    digest = hashlib.sha512(seed).digest()
    scalar = int.from_bytes(digest[:32], "little") & ((1 << 254) - 8) | 1 << 254
    return scalar, digest[32:]


def ed25519_public(seed):
    return _ed_multiply(_ed_expand(seed)[0])


def ed25519_sign(seed, message):
    scalar, prefix = _ed_expand(seed)
    public = _ed_multiply(scalar)
    r = int.from_bytes(hashlib.sha512(prefix + message).digest(), "little") % L
    point = _ed_multiply(r)
    k = int.from_bytes(hashlib.sha512(point + public + message).digest(), "little") % L
    return point + ((r + k * scalar) % L).to_bytes(32, "little")


def x25519(private, point=(9).to_bytes(32, "little")):
    k = int.from_bytes(private, "little") & ((1 << 254) - 8) | 1 << 254
    u = int.from_bytes(point, "little") & ((1 << 255) - 1)
    x2, z2, x3, z3, swap = 1, 0, u, 1, 0
    for t in range(254, -1, -1):
        bit = k >> t & 1
        if swap ^ bit:
            x2, z2, x3, z3 = x3, z3, x2, z2
        swap = bit
        a, b, c, d = (x2 + z2) % Q, (x2 - z2) % Q, (x3 + z3) % Q, (x3 - z3) % Q
        da, cb, aa, bb = d * a % Q, c * b % Q, a * a % Q, b * b % Q
        e = (aa - bb) % Q
        x3, z3 = (da + cb) ** 2 % Q, u * (da - cb) ** 2 % Q
        x2, z2 = aa * bb % Q, e * (aa + 121665 * e) % Q
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, -1, Q) % Q).to_bytes(32, "little")

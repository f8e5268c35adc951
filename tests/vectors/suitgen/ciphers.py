# SPDX-License-Identifier: Apache-2.0
"""AES with CTR, GCM and key wrap (FIPS 197, SP 800-38A/D, RFC 3394), ChaCha20/Poly1305 (RFC 8439), HKDF (RFC 5869). For test keys only."""
import hmac
import struct


def _times(a, b):
    product = 0
    while b:
        if b & 1:
            product ^= a
        a = a << 1 ^ (0x11B if a & 0x80 else 0)
        b >>= 1
    return product


def _sbox():
    table = []
    for value in range(256):
        inverse = next((x for x in range(256) if _times(value, x) == 1), 0)
        out = 0x63
        for shift in range(5):
            out ^= (inverse << shift | inverse >> (8 - shift)) & 0xFF
        table.append(out)
    return table


SBOX = _sbox()


class Aes:
    def __init__(self, key):
        words, constant = [list(key[i:i + 4]) for i in range(0, len(key), 4)], 1
        size = len(words)
        for i in range(size, 4 * (size + 7)):
            word = list(words[-1])
            if i % size == 0:
                word = [SBOX[b] for b in word[1:] + word[:1]]
                word[0] ^= constant
                constant = _times(constant, 2)
            elif size > 6 and i % size == 4:
                word = [SBOX[b] for b in word]
            words.append([a ^ b for a, b in zip(words[i - size], word)])
        self.keys = [sum(words[i:i + 4], []) for i in range(0, len(words), 4)]

    def encrypt(self, block):
        state = [a ^ b for a, b in zip(block, self.keys[0])]
        for number, key in enumerate(self.keys[1:], 2):
            state = [SBOX[state[(i + 4 * (i % 4)) % 16]] for i in range(16)]
            if number < len(self.keys):
                state = self._mix(state, (2, 3, 1, 1))
            state = [a ^ b for a, b in zip(state, key)]
        return bytes(state)

    @staticmethod
    def _mix(state, row):
        out = []
        for column in range(0, 16, 4):
            for i in range(4):
                value = 0
                for j in range(4):
                    value ^= _times(state[column + j], row[(j - i) % 4])
                out.append(value)
        return out


def _xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))


def ctr(key, counter, data):
    """`counter` is the whole first block, 16 bytes, counted as one number."""
    aes, number, out = Aes(key), int.from_bytes(counter, "big"), b""
    for at in range(0, len(data), 16):
        out += _xor(data[at:at + 16], aes.encrypt((number % (1 << 128)).to_bytes(16, "big")))
        number += 1
    return out


def gcm(key, nonce, data, additional):
    """Ciphertext with the tag appended; a nonce of 12 bytes."""
    aes = Aes(key)
    hash_key = int.from_bytes(aes.encrypt(bytes(16)), "big")
    first = nonce + b"\x00\x00\x00\x01"
    ciphertext = ctr(key, nonce + b"\x00\x00\x00\x02", data)
    padded = b"".join(part + bytes(-len(part) % 16) for part in (additional, ciphertext))
    padded += struct.pack(">QQ", 8 * len(additional), 8 * len(ciphertext))
    state = 0
    for at in range(0, len(padded), 16):
        x, v, product = state ^ int.from_bytes(padded[at:at + 16], "big"), hash_key, 0
        for bit in range(127, -1, -1):
            if x >> bit & 1:
                product ^= v
            v = v >> 1 ^ (0xE1 << 120 if v & 1 else 0)
        state = product
    return ciphertext + _xor(state.to_bytes(16, "big"), aes.encrypt(first))


def wrap(key, content):
    """AES key wrap, RFC 3394 2.2.1."""
    aes, a, blocks = Aes(key), b"\xa6" * 8, [content[i:i + 8] for i in range(0, len(content), 8)]
    for j in range(6):
        for i, block in enumerate(blocks, 1):
            out = aes.encrypt(a + block)
            a = _xor(out[:8], (len(blocks) * j + i).to_bytes(8, "big"))
            blocks[i - 1] = out[8:]
    return a + b"".join(blocks)


def _chacha_block(key, counter, nonce):
    start = list(struct.unpack("<16I", b"expand 32-byte k" + key + struct.pack("<I", counter) + nonce))
    state = list(start)

    def quarter(a, b, c, d):
        for x, y, z, shift in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            state[x] = (state[x] + state[y]) & 0xFFFFFFFF
            mixed = state[z] ^ state[x]
            state[z] = (mixed << shift | mixed >> (32 - shift)) & 0xFFFFFFFF

    for _ in range(10):
        for quad in ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15), (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)):
            quarter(*quad)
    return struct.pack("<16I", *((a + b) & 0xFFFFFFFF for a, b in zip(state, start)))


def chacha20_poly1305(key, nonce, data, additional):
    """Ciphertext with the tag appended."""
    stream = b"".join(_chacha_block(key, 1 + i, nonce) for i in range((len(data) + 63) // 64))
    ciphertext, one_time = _xor(data, stream), _chacha_block(key, 0, nonce)
    r = int.from_bytes(one_time[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    padded = b"".join(part + bytes(-len(part) % 16) for part in (additional, ciphertext))
    padded += struct.pack("<QQ", len(additional), len(ciphertext))
    total = 0
    for at in range(0, len(padded), 16):
        total = (total + int.from_bytes(padded[at:at + 16] + b"\x01", "little")) * r % ((1 << 130) - 5)
    tag = (total + int.from_bytes(one_time[16:32], "little")) % (1 << 128)
    return ciphertext + tag.to_bytes(16, "little")


def hkdf_sha256(secret, info, size):
    """Without salt."""
    pseudo, out, block = hmac.digest(bytes(32), secret, "sha256"), b"", b""
    while len(out) < size:
        block = hmac.digest(pseudo, block + info + bytes([len(out) // 32 + 1]), "sha256")
        out += block
    return out[:size]

# SPDX-License-Identifier: Apache-2.0
"""CBOR in deterministic encoding (RFC 8949 4.2.1), and diagnostic notation (section 8). Knows nothing of SUIT."""


class Tag:
    def __init__(self, number, value):
        self.number, self.value = number, value


class Raw(bytes):
    """Bytes that are CBOR already."""


class Pairs(list):
    """A map as (key, value) pairs in the order given: for maps that are deliberately out of order."""


class Indefinite:
    """An item of indefinite length, which deterministic encoding forbids."""

    def __init__(self, value):
        self.value = value


def head(major, number, width=None):
    """The head of an item; `width` forces an argument of so many bytes, which is not deterministic."""
    major <<= 5
    if width is None:
        if number < 24:
            return bytes([major | number])
        width = next(w for w in (1, 2, 4, 8) if number < 1 << (8 * w))
    return bytes([major | {1: 24, 2: 25, 4: 26, 8: 27}[width]]) + number.to_bytes(width, "big")


def encode(value):
    if isinstance(value, Raw):
        return bytes(value)
    if value is None:
        return b"\xf6"
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, (bytes, bytearray)):
        return head(2, len(value)) + bytes(value)
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, Tag):
        return head(6, value.number) + encode(value.value)
    if isinstance(value, Pairs):
        return head(5, len(value)) + b"".join(encode(k) + encode(v) for k, v in value)
    if isinstance(value, dict):
        pairs = sorted((encode(k), encode(v)) for k, v in value.items())
        return head(5, len(pairs)) + b"".join(k + v for k, v in pairs)
    if isinstance(value, (list, tuple)):
        return head(4, len(value)) + b"".join(encode(item) for item in value)
    if isinstance(value, Indefinite):
        inner = value.value
        if isinstance(inner, (bytes, bytearray)):
            return b"\x5f" + encode(bytes(inner)) + b"\xff"
        if isinstance(inner, str):
            return b"\x7f" + encode(inner) + b"\xff"
        if isinstance(inner, dict):
            return b"\xbf" + b"".join(encode(k) + encode(v) for k, v in inner.items()) + b"\xff"
        return b"\x9f" + b"".join(encode(item) for item in inner) + b"\xff"
    raise TypeError(type(value))


def decode(data, at=0):
    """Gives (value, end). Maps come as Pairs, so that any key is possible. Only what encode() makes is understood."""
    major, low = data[at] >> 5, data[at] & 31
    at += 1
    if major == 7:
        return {20: False, 21: True, 22: None}[low], at
    if low < 24:
        number = low
    else:
        width = {24: 1, 25: 2, 26: 4, 27: 8}[low]
        number, at = int.from_bytes(data[at:at + width], "big"), at + width
    if major == 0:
        return number, at
    if major == 1:
        return -1 - number, at
    if major in (2, 3):
        if at + number > len(data):
            raise ValueError("truncated")
        content = data[at:at + number]
        return (bytes(content) if major == 2 else content.decode()), at + number
    if major == 6:
        value, at = decode(data, at)
        return Tag(number, value), at
    items = []
    for _ in range(number * (2 if major == 5 else 1)):
        item, at = decode(data, at)
        items.append(item)
    return (Pairs(zip(items[::2], items[1::2])) if major == 5 else items), at


def whole(data):
    value, end = decode(data)
    if end != len(data):
        raise ValueError("trailing bytes")
    return value


def diagnostic(value, indent="", embedded=True):
    """Diagnostic notation; byte strings that hold CBOR arrays or maps are shown as << >> (RFC 8610 G.3)."""
    deeper = indent + "  "
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, Tag):
        return f"{value.number}({diagnostic(value.value, indent)})"
    if isinstance(value, (bytes, bytearray)):
        if embedded and value and value[0] >> 5 in (4, 5, 6) and len(value) > 1:
            try:
                return f"<< {diagnostic(whole(value), indent)} >>"
            except (ValueError, KeyError, IndexError, UnicodeDecodeError):
                pass
        return f"h'{bytes(value).hex()}'" if len(value) <= 128 else f"h'{bytes(value[:32]).hex()}' / ... {len(value)} bytes /"
    if isinstance(value, Pairs):
        if not value:
            return "{}"
        return "{\n" + ",\n".join(f"{deeper}{diagnostic(k)}: {diagnostic(v, deeper)}" for k, v in value) + f"\n{indent}}}"
    plain = [diagnostic(item, deeper) for item in value]
    if sum(map(len, plain)) < 90 and not any("\n" in item for item in plain):
        return "[" + ", ".join(plain) + "]"
    return "[\n" + ",\n".join(deeper + item for item in plain) + f"\n{indent}]"

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/vectors/suit: one folder a case, and the table of README.md. Everything is deterministic, signatures too.

`generate.py` writes; `generate.py --check` fails when what is committed is not what would be written.
"""
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from suitgen import malformed  # noqa: E402
from suitgen.case import CASES  # noqa: E402
from suitgen.cbor import Tag, diagnostic, whole  # noqa: E402

ROOT = Path(__file__).resolve().parent / "suit"
BEGIN = "<!-- generated -->\n"


def text_of(case):
    document = {key: case[key] for key in ("title", "clause", "needs", "device", "expected")}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def diagnostic_of(envelope):
    try:
        return diagnostic(whole(envelope)) + "\n"
    except (ValueError, KeyError, IndexError):
        return diagnostic(Tag(107, envelope.pairs)) + "\n" if hasattr(envelope, "pairs") else "/ not well-formed /\n"


def table():
    lines = ["| case | what | clause | verdict | needs |", "| --- | --- | --- | --- | --- |"]
    for case in CASES:
        expected = case["expected"]
        verdict = expected["verdict"] if expected["verdict"] != "refused" else f"refused, reason {expected['reason']}".replace("[", "").replace("]", "")
        lines.append(f"| {case['name']} | {case['title']} | {case['clause']} | {verdict} | {', '.join(case['needs']) or '-'} |")
    lines += ["", f"{len(CASES)} cases. `malformed.json` has {len(malformed.ROWS)} more: structures that are not as the format says, each with the reasons for which it may be refused."]
    return "\n".join(lines) + "\n"


def files():
    for case in CASES:
        folder = ROOT / case["name"]
        yield folder / "envelope.suit", case["envelope"].bytes
        yield folder / "envelope.diag", diagnostic_of(case["envelope"].bytes).encode()
        yield folder / "case.json", text_of(case).encode()
    yield ROOT / "malformed.json", malformed.text().encode()
    readme = ROOT / "README.md"
    head = readme.read_text().split(BEGIN)[0] if readme.exists() else ""
    yield readme, (head + BEGIN + table()).encode()


def main():
    check = sys.argv[1:] == ["--check"]
    wrong, names = [], set()
    for path, content in files():
        names.add(path)
        if path.exists() and path.read_bytes() == content:
            continue
        if check:
            wrong.append(path)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    for path in list(ROOT.rglob("*")):
        if path.is_file() and path not in names:
            if check:
                wrong.append(path)
            else:
                path.unlink()
                if not any(path.parent.iterdir()):
                    path.parent.rmdir()
    for path in wrong:
        print(f"{path.relative_to(ROOT)}: not what the generator makes", file=sys.stderr)
    print(f"{len(CASES)} cases, {len(malformed.ROWS)} malformed structures")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
